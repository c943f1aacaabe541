import AndonLedger
import AndonModel
import AndonTransparency

/// Entries of the ledger as they were hashed, their ways to a checkpoint's root, and what opens the names in them
/// (`andon.proofs/1`).
struct EntryProofs {
    struct Proof {
        var index: Int64
        /// The hashed bytes.
        var entry: String
        var path: [[UInt8]]
    }

    var proofs: [Proof]
    var openings: [NameOpening]
    /// Entries that came after the checkpoint.
    var later: Int

    static let schema = "andon.proofs/1"

    init(of indexes: [Int64], in size: Int64, from reader: Reader) throws {
        let covered = indexes.filter { $0 < size }
        proofs = try covered.map { index in
            let proof = try reader.inclusion(of: index, in: size)
            return Proof(index: index, entry: String(decoding: proof.entry, as: UTF8.self), path: proof.path)
        }
        openings = try reader.ledgerValues(of: covered).map(NameOpening.init)
        later = indexes.count - covered.count
    }

    var json: JSON {
        [
            "schema": .string(Self.schema), "later": .integer(later), "openings": .array(openings.map(\.json)),
            "entries": .array(
                proofs.map { proof in
                    [
                        "index": .integer(proof.index), "entry": .string(proof.entry),
                        "path": .array(proof.path.map { .string(Base64.text($0)) }),
                    ]
                }),
        ]
    }

    // MARK: Checking

    /// - Throws: ``PackageFault`` for what is no list of proofs.
    init(parsing bytes: [UInt8], file: String) throws {
        func fault(_ reason: String) -> PackageFault { PackageFault(file: file, reason: reason) }
        let json = try? JSON(parsing: bytes, limits: .package)
        guard let json, let entries = json["entries"]?.array, let opened = json["openings"]?.array,
            let later = json["later"]?.integer
        else { throw fault("it is no list of proofs") }
        proofs = try entries.map { entry in
            guard let index = entry["index"]?.integer, let text = entry["entry"]?.string,
                let path = entry["path"]?.array?.map({ $0.string.flatMap(Base64.bytes) ?? [] })
            else { throw fault("a proof in it has no index, entry or path") }
            return Proof(index: Int64(index), entry: text, path: path)
        }
        openings = try opened.map { value in
            guard let opening = NameOpening(value) else {
                throw fault("an opening in it has no entry, member, salt or value")
            }
            return opening
        }
        self.later = later
    }

    /// That each entry is in the checkpoint's ledger, and each name is the one that its entry commits to.
    ///
    /// - Returns: the entries as a record shows them, by index.
    /// - Throws: ``PackageFault``.
    func check(_ checkpoint: Checkpoint, file: String) throws -> [Int64: JSON] {
        var shown: [Int64: JSON] = [:]
        for proof in proofs {
            do {
                try MerkleVerifier.checkInclusion(
                    of: MerkleHash.leaf(proof.entry.utf8), at: proof.index, size: checkpoint.size,
                    root: checkpoint.root, proof: proof.path)
            } catch {
                throw PackageFault(
                    file: file, reason: "entry \(proof.index) is not in the ledger of the checkpoint: \(error)")
            }
            guard let entry = try? JSON(parsing: proof.entry) else {
                throw PackageFault(file: file, reason: "entry \(proof.index) is no JSON")
            }
            shown[proof.index] = entry
        }
        for opening in openings {
            guard let body = shown[opening.index]?["body"], opening.value.opens(body) else {
                throw PackageFault(
                    file: file,
                    reason:
                        "the value shown at \(opening.value.member) of entry \(opening.index) is not the one that the entry "
                        + "commits to")
            }
        }
        let values = Dictionary(grouping: openings, by: \.index)
        for (index, entry) in shown {
            guard case .object(var members) = entry else { continue }
            members["body"] = members["body"].map { Commitment.shown($0, (values[index] ?? []).map(\.value)) }
            shown[index] = .object(members)
        }
        return shown
    }

    /// That a record's trail says what the entries say, no more and no less.
    ///
    /// - Parameter shown: what ``check(_:file:)`` returned.
    /// - Throws: ``PackageFault`` about the record's file.
    func check(record: JSON, _ shown: [Int64: JSON], size: Int64, file: String) throws {
        let trail = record["trail"]?.array ?? []
        var count = 0
        for entry in trail {
            guard let index = entry["index"]?.integer.map({ Int64($0) }) else {
                throw PackageFault(file: file, reason: "its trail has an entry without an index")
            }
            guard index < size else { continue }
            guard shown[index] == entry else {
                throw PackageFault(file: file, reason: "its trail says other than entry \(index) of the ledger")
            }
            count += 1
        }
        guard count == proofs.count, trail.count == count + later else {
            throw PackageFault(
                file: file,
                reason: "its trail has \(trail.count) entries, and its proofs \(proofs.count) and \(later) later")
        }
    }
}

extension JSONLimits {
    /// Of what is in a package: a manifest has a line for each of its files, and an exchange with a CMMS is one text.
    static let package = JSONLimits(bytesMax: 1 << 30, depthMax: 64, valuesMax: .max, stringBytesMax: 1 << 28)
}
