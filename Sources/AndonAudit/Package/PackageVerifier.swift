import AndonLedger
import AndonModel
import AndonTransparency

/// Checks a package with nothing but the file and the ledger's public key.
public struct PackageVerifier {
    /// What holds.
    public struct Result: Sendable, Equatable {
        public var files = 0
        public var records = 0
        public var complete = 0
        public var entries = 0
        public var origin = ""
        public var size: Int64 = 0
    }

    private let keys: [VerifierKey]
    private var found: [PackageFile] = []
    private var special: [String: [UInt8]] = [:]
    private var proofs: [(name: String, bytes: [UInt8])] = []

    public init(keys: [VerifierKey]) { self.keys = keys }

    /// - Parameter progress: with each file: how many were read.
    /// - Throws: ``PackageFault``: the first thing that is not as it was made.
    public static func verify(
        _ path: String, keys: [VerifierKey], progress: (Int) -> Void = { _ in }
    ) throws -> Result {
        var verifier = PackageVerifier(keys: keys)
        let reader = try PackageReader(path: path)
        while let file = try reader.next() {
            verifier.note(file.name, file.bytes)
            progress(verifier.found.count)
        }
        return try verifier.result()
    }

    private static let manifestName = "manifest.json"
    private static let signatureName = "manifest.sig"
    private static let checkpointName = "checkpoint"

    private mutating func note(_ name: String, _ bytes: [UInt8]) {
        found.append(PackageFile(name: name, bytes: bytes.count, sha256: Hex.sha256(bytes)))
        if [Self.manifestName, Self.signatureName, Self.checkpointName].contains(name) { special[name] = bytes }
        if name.hasPrefix("proofs/") { proofs.append((name, bytes)) }
    }

    private func special(_ name: String) throws -> [UInt8] {
        guard let bytes = special[name] else { throw PackageFault(file: name, reason: "it is missing") }
        return bytes
    }

    private func result() throws -> Result {
        let manifest = try manifest()
        try checkFiles(manifest)
        let checkpoint = try checkpoint(manifest)
        var result = Result()
        for proof in proofs { result.entries += try check(proof.name, proof.bytes, checkpoint) }
        result.files = found.count
        result.records = manifest["records"]?.integer ?? 0
        result.complete = manifest["complete"]?.integer ?? 0
        (result.origin, result.size) = (checkpoint.origin, checkpoint.size)
        return result
    }

    private func note(_ name: String) throws -> SignedNote {
        do {
            let text = String(decoding: try special(name), as: UTF8.self)
            let note = try SignedNote(parsing: text)
            guard note.description == text else { throw TransparencyError.malformed("note", "not in its one form") }
            for signature in note.signatures where !keys.contains(where: { signature.isBy($0) }) {
                throw TransparencyError.untrue("a signature by \(signature.name), whose key was not given")
            }
            return note
        } catch let error as TransparencyError {
            throw PackageFault(file: name, reason: "\(error)")
        }
    }

    private func manifest() throws -> JSON {
        let bytes = try special(Self.manifestName)
        let signed = try note(Self.signatureName)
        do {
            guard try !signed.verified(by: keys).isEmpty else {
                throw TransparencyError.untrue("it is signed by no key that was given")
            }
        } catch let error as TransparencyError {
            throw PackageFault(file: Self.signatureName, reason: "\(error)")
        }
        guard signed.text == Exporter.signedText(bytes) else {
            throw PackageFault(file: Self.manifestName, reason: "it is not the one that manifest.sig signs")
        }
        do {
            return try JSON(parsing: bytes, limits: JSONLimits(bytesMax: 1 << 30))
        } catch {
            throw PackageFault(file: Self.manifestName, reason: "\(error)")
        }
    }

    /// Every file but the manifest and its signature is named in it, and as it is.
    private func checkFiles(_ manifest: JSON) throws {
        var said: [String: JSON] = [:]
        for line in manifest["files"]?.array ?? [] { said[line["name"]?.string ?? ""] = line }
        for file in found.dropLast(2) {
            guard said[file.name] == file.json else {
                throw PackageFault(file: file.name, reason: "it is not what the manifest says")
            }
        }
        guard said.count == found.count - 2 else {
            let names = Set(said.keys).subtracting(found.map(\.name)).sorted().prefix(3)
            throw PackageFault(
                file: Self.manifestName, reason: "it names files that are missing: \(names.joined(separator: ", "))")
        }
    }

    private func checkpoint(_ manifest: JSON) throws -> Checkpoint {
        let note = try note(Self.checkpointName)
        do {
            let checkpoint = try note.checkpoint(by: keys).checkpoint
            let ledger = manifest["ledger"]
            guard ledger?["origin"]?.string == checkpoint.origin, ledger?["size"] == .integer(checkpoint.size),
                ledger?["root"]?.string == Base64.text(checkpoint.root)
            else { throw TransparencyError.untrue("it is not the one of the manifest") }
            return checkpoint
        } catch let error as TransparencyError {
            throw PackageFault(file: Self.checkpointName, reason: "\(error)")
        }
    }

    /// - Returns: how many entries were found in the ledger.
    private func check(_ name: String, _ bytes: [UInt8], _ checkpoint: Checkpoint) throws -> Int {
        guard let entries = (try? JSON(parsing: bytes, limits: JSONLimits(bytesMax: 1 << 30)))?["entries"]?.array else {
            throw PackageFault(file: name, reason: "it is no list of proofs")
        }
        for entry in entries {
            guard let index = entry["index"]?.integer, let text = entry["entry"]?.string,
                let path = entry["path"]?.array?.map({ $0.string.flatMap(Base64.bytes) ?? [] })
            else { throw PackageFault(file: name, reason: "a proof in it has no index, entry or path") }
            do {
                try MerkleVerifier.checkInclusion(
                    of: MerkleHash.leaf(text.utf8), at: Int64(index), size: checkpoint.size, root: checkpoint.root,
                    proof: path)
            } catch {
                throw PackageFault(
                    file: name, reason: "entry \(index) is not in the ledger of the checkpoint: \(error)")
            }
        }
        return entries.count
    }
}
