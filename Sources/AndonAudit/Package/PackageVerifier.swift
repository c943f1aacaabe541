import AndonLedger
import AndonModel
import AndonTransparency

/// Checks a package with nothing but the file and the public keys of the ledger and, where they are known, its witnesses.
public struct PackageVerifier {
    /// What holds.
    public struct Result: Sendable, Equatable {
        public var files = 0
        public var records = 0
        public var complete = 0
        public var entries = 0
        /// Names and other values that were shown to be those that entries commit to.
        public var openings = 0
        /// Electronic signatures of people that hold.
        public var signatures = 0
        public var origin = ""
        public var size: Int64 = 0
        /// Names of the witnesses whose signatures of a checkpoint in the package hold.
        public var witnesses: [String] = []
        /// Who signed as well, with a key that was not given: not checked.
        public var unchecked: [String] = []
    }

    private let keys: [VerifierKey]
    private let witnesses: [VerifierKey]
    private var result = Result()
    private var found: [PackageFile] = []
    private var special: [String: [UInt8]] = [:]
    private var checkpoint: Checkpoint?
    private var record: (name: String, bytes: [UInt8])?
    /// The keys of the people who signed the package.
    private var signers: [VerifierKey] = []
    /// The entries of people's signatures.
    private var signed: Set<Int64> = []

    private init(keys: [VerifierKey], witnesses: [VerifierKey]) { (self.keys, self.witnesses) = (keys, witnesses) }

    /// - Parameter progress: with each file: how many were read.
    /// - Throws: ``PackageFault``: the first thing that is not as it was made.
    public static func verify(
        _ path: String, keys: [VerifierKey], witnesses: [VerifierKey] = [], progress: (Int) -> Void = { _ in }
    ) throws -> Result {
        var verifier = PackageVerifier(keys: keys, witnesses: witnesses)
        let reader = try PackageReader(path: path)
        while let file = try reader.next() {
            try verifier.note(file.name, file.bytes)
            progress(verifier.found.count)
        }
        return try verifier.end()
    }

    private static let manifestName = "manifest.json"
    private static let signatureName = "manifest.sig"
    private static let checkpointName = "checkpoint"
    private static let ledgerName = "system/ledger.json"

    private mutating func note(_ name: String, _ bytes: [UInt8]) throws {
        found.append(PackageFile(name: name, bytes: bytes.count, sha256: Hex.sha256(bytes)))
        switch name {
        case Self.manifestName, Self.signatureName: special[name] = bytes
        case Self.checkpointName: checkpoint = try signedCheckpoint(bytes, file: name)
        case Self.ledgerName: try checkEarlier(bytes)
        case _ where name.hasPrefix("records/") && name.hasSuffix(".json"): record = (name, bytes)
        case _ where name.hasPrefix("proofs/"): try checkProofs(name, bytes)
        default: break
        }
    }

    private mutating func end() throws -> Result {
        let manifest = try manifest()
        try checkFiles(manifest)
        let ledger = manifest["ledger"]
        let checkpoint = try known()
        guard ledger?["origin"]?.string == checkpoint.origin, ledger?["size"] == .integer(checkpoint.size),
            ledger?["root"]?.string == Base64.text(checkpoint.root)
        else { throw PackageFault(file: Self.checkpointName, reason: "it is not the one of the manifest") }
        result.files = found.count
        result.signatures = signed.count
        result.records = manifest["records"]?.integer ?? 0
        result.complete = manifest["complete"]?.integer ?? 0
        (result.origin, result.size) = (checkpoint.origin, checkpoint.size)
        return result
    }

    // MARK: Checkpoints

    private func known() throws -> Checkpoint {
        guard let checkpoint else {
            throw PackageFault(file: Self.checkpointName, reason: "it is missing, or comes too late")
        }
        return checkpoint
    }

    private mutating func signedCheckpoint(_ bytes: [UInt8], file: String) throws -> Checkpoint {
        let note = try signedNote(bytes, file)
        do {
            let checkpoint = try note.checkpoint(by: keys, witnesses: witnesses)
            noteSigners(checkpoint.signatures, of: note)
            return checkpoint.checkpoint
        } catch {
            throw PackageFault(file: file, reason: "\(error)")
        }
    }

    private mutating func noteSigners(_ verified: [VerifiedSignature], of note: SignedNote) {
        for name in verified.filter({ $0.key.algorithm == .cosignature }).map(\.key.name)
        where !result.witnesses.contains(name) { result.witnesses.append(name) }
        for signature in note.signatures
        where !(keys + witnesses).contains(where: { signature.isBy($0) }) && !result.unchecked.contains(signature.name)
        {
            result.unchecked.append(signature.name)
        }
    }

    /// That the ledger goes on from each checkpoint that others signed or stamped before.
    private mutating func checkEarlier(_ bytes: [UInt8]) throws {
        let checkpoint = try known()
        let file = Self.ledgerName
        guard let json = try? JSON(parsing: bytes, limits: .package),
            let earlier = json["earlier"]?.array
        else { throw PackageFault(file: file, reason: "it is no evidence of a ledger") }
        for old in earlier {
            let note = try signedNote(Array((old["note"]?.string ?? "").utf8), file)
            do {
                let before = try Checkpoint(parsing: note.text)
                noteSigners(try note.verified(by: keys + witnesses), of: note)
                let proof = old["consistency"]?.array?.map { $0.string.flatMap(Base64.bytes) ?? [] } ?? []
                try MerkleVerifier.checkConsistency(
                    from: before.size, oldRoot: before.root, to: checkpoint.size, root: checkpoint.root, proof: proof)
            } catch {
                throw PackageFault(file: file, reason: "the checkpoint does not continue an earlier one: \(error)")
            }
        }
    }

    private func signedNote(_ bytes: [UInt8], _ file: String) throws -> SignedNote {
        do {
            let text = String(decoding: bytes, as: UTF8.self)
            let note = try SignedNote(parsing: text)
            guard note.description == text, Array(text.utf8) == bytes else {
                throw TransparencyError.malformed("note", "not in its one form")
            }
            return note
        } catch let error as TransparencyError {
            throw PackageFault(file: file, reason: "\(error)")
        }
    }

    // MARK: The manifest

    private func special(_ name: String) throws -> [UInt8] {
        guard let bytes = special[name] else { throw PackageFault(file: name, reason: "it is missing") }
        return bytes
    }

    private func manifest() throws -> JSON {
        let bytes = try special(Self.manifestName)
        let signed = try signedNote(special(Self.signatureName), Self.signatureName)
        do {
            // No digest covers this file: a line that is by nobody known could hold anything.
            for signature in signed.signatures where !(keys + signers).contains(where: { signature.isBy($0) }) {
                throw TransparencyError.untrue("a signature by \(signature.name), whose key was not given")
            }
            let verified = Set(try signed.verified(by: keys + signers).map(\.key))
            guard !verified.isDisjoint(with: keys) else { throw TransparencyError.untrue("it is not by the ledger") }
            if let missing = signers.first(where: { !verified.contains($0) }) {
                throw TransparencyError.untrue("the line of \(missing.name), who signed this package, is missing")
            }
        } catch let error as TransparencyError {
            throw PackageFault(file: Self.signatureName, reason: "\(error)")
        }
        guard signed.text == Exporter.signedText(Hex.sha256(bytes)) else {
            throw PackageFault(file: Self.manifestName, reason: "it is not the one that manifest.sig signs")
        }
        do {
            return try JSON(parsing: bytes, limits: .package)
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

    // MARK: Entries

    /// Of a record, which is the file before, or of the system.
    private mutating func checkProofs(_ name: String, _ bytes: [UInt8]) throws {
        let checkpoint = try known()
        let proofs = try EntryProofs(parsing: bytes, file: name)
        let shown = try proofs.check(checkpoint, file: name)
        result.entries += proofs.proofs.count
        result.openings += proofs.openings.count
        let signatures = PackageSignatures(proofs.proofs)
        // The same one may stand in several files: a version of the rules is behind many records.
        signed.formUnion(try signatures.check(file: name))
        guard name != "proofs/system.json" else {
            signers += signatures.packageSigners
            return
        }
        let file = "records/" + name.dropFirst("proofs/".count)
        guard let record, record.name == file,
            let json = try? JSON(parsing: record.bytes, limits: .package)
        else { throw PackageFault(file: file, reason: "it does not come before its proofs, or is no JSON") }
        try proofs.check(record: json, shown, size: checkpoint.size, file: file)
    }
}
