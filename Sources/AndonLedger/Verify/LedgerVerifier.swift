import AndonModel
import AndonSQL
import AndonTransparency

/// One verification under way: puts together what was found in the chunks, one after the other, in the order of the entries.
final class LedgerVerifier {
    let reader: Reader
    let request: VerificationRequest
    private let from: Int64
    /// Entries that are stored, as of the reader's snapshot.
    private let stored: Int64
    /// Of whole chunks alone, and of the entries since.
    private(set) var whole: MerkleFrontier
    private var rest: [[UInt8]]
    private(set) var size: Int64
    private(set) var keys: KeyChain
    private var counts: VerificationPosition.Counts
    private(set) var missing: Set<ValuePlace>
    private var savedAt: Int64

    /// Entries between two positions at least.
    private static let saveEvery: Int64 = 50_000

    init(_ reader: Reader, _ request: VerificationRequest) throws {
        self.reader = reader
        self.request = request
        let position = try request.position.flatMap { try Self.stillHolds($0, reader) ? $0 : nil }
        from = position?.size ?? 0
        stored = try reader.db.value("SELECT MAX(idx) + 1 FROM ledger") ?? 0
        let tree = position?.tree ?? MerkleFrontier()
        let chunk = from & ((1 << Int64(request.level)) - 1)
        let peaks = tree.peaks.count - chunk.nonzeroBitCount
        guard let whole = MerkleFrontier(size: from - chunk, peaks: Array(tree.peaks[..<peaks])) else {
            throw StoreError.inconsistent("a position's hashes do not fit its size")
        }
        (self.whole, rest, size) = (whole, Array(tree.peaks[peaks...]), from)
        keys = position?.keys ?? KeyChain()
        counts = position?.counts ?? VerificationPosition.Counts()
        missing = position?.missing ?? []
        savedAt = from
    }

    /// The position's checkpoint is stored as it was, and the tree of the stored hashes has its root.
    private static func stillHolds(_ position: VerificationPosition, _ reader: Reader) throws -> Bool {
        let note: String? = try reader.row(
            "SELECT note FROM ledger_checkpoint WHERE size = ?", [position.size])?["note"]
        guard note == position.note else { return false }
        return (try? reader.ledgerRoot(size: position.size)) == position.tree.root
    }

    func run(
        progress: (Int64, Int64) -> Void, onPosition: (VerificationPosition) -> Void
    ) throws -> Verification {
        if from == 0, let fault = try checkBeginning() { return failed(fault) }
        let plan = ChunkPlan(level: request.level, range: from..<max(from, stored), before: rest)
        if let fault = try readChunks(plan, progress, onPosition) { return failed(fault) }
        progress(size, size)
        if let fault = try checkEnd() { return failed(fault) }
        return result(Verification(entries: size, root: frontier.map { Hex.text($0.root) }))
    }

    /// The tree as far as it was found right; nil only if the code is wrong: the peaks always fit the size.
    var frontier: MerkleFrontier? { MerkleFrontier(size: size, peaks: whole.peaks + rest) }

    private func result(_ plain: Verification) -> Verification {
        var verification = plain
        (verification.checkpoints, verification.cosignatures) = (counts.checkpoints, counts.cosignatures)
        (verification.withheld, verification.keys, verification.from) = (counts.withheld, keys, from)
        return verification
    }

    private func failed(_ fault: Verification.Fault) -> Verification {
        result(Verification(entries: size, fault: fault))
    }

    // MARK: Chunks

    private func readChunks(
        _ plan: ChunkPlan, _ progress: (Int64, Int64) -> Void, _ onPosition: (VerificationPosition) -> Void
    ) throws -> Verification.Fault? {
        guard let readers = try readers(plan) else {
            let chunks = try ChunkReader(reader, level: plan.level)
            for chunk in 0..<plan.count {
                let found = try chunks.read(plan[chunk], before: rest)
                if let fault = try follow(found, onPosition) { return fault }
                progress(size, stored)
            }
            return nil
        }
        let workers = ChunkWorkers(readers, plan, workers: request.workers)
        defer { workers.stop() }
        for chunk in 0..<plan.count {
            if let fault = try follow(workers.findings(chunk), onPosition) { return fault }
            progress(size, stored)
        }
        return nil
    }

    /// Nil where connections of their own are not worth while, or would not see what this one does.
    private func readers(_ plan: ChunkPlan) throws -> (any DatabaseReaders)? {
        request.workers > 1 && plan.count > 1 ? try reader.db.readers() : nil
    }

    private func follow(
        _ found: ChunkFindings, _ onPosition: (VerificationPosition) -> Void
    ) throws -> Verification.Fault? {
        for event in found.events {
            if let fault = try follow(event, onPosition) {
                size = found.end
                return fault
            }
        }
        size = found.end
        rest = found.peaks
        guard size & ((1 << Int64(request.level)) - 1) == 0, let hash = found.peaks.first else { return nil }
        return close(hash, above: found.above)
    }

    /// A chunk is whole: its hash joins those of the chunks before it.
    private func close(_ hash: [UInt8], above: [UInt8]) -> Verification.Fault? {
        rest = []
        var (peaks, hash, place) = (whole.peaks, hash, 0)
        while place < above.count {
            guard let left = peaks.popLast() else { return .alteredWithHash(size - 1) }
            hash = MerkleHash.node(left, hash)
            guard hash.elementsEqual(above[place..<place + 32]) else { return .alteredWithHash(size - 1) }
            place += 32
        }
        guard let next = MerkleFrontier(size: size, peaks: peaks + [hash]) else { return .alteredWithHash(size - 1) }
        whole = next
        return nil
    }

    // MARK: Events

    private func follow(
        _ event: ChunkFindings.Event, _ onPosition: (VerificationPosition) -> Void
    ) throws -> Verification.Fault? {
        switch event {
        case .key(let index, let kind, let body):
            return keys.follow(index, kind: kind, body: body).map { .init(index: index, reason: $0) }
        case .erased(let places):
            missing.subtract(places)
            return nil
        case .withheld(let place, let digest): return try look(for: place, digest)
        case .checkpoint(let checkpoint): return follow(checkpoint, onPosition)
        case .fault(let fault): return fault
        }
    }

    /// A worker may have seen a later state, in which the value was erased.
    private func look(for place: ValuePlace, _ digest: String) throws -> Verification.Fault? {
        guard
            let value = try reader.ledgerValues(place.index...place.index)[place.index]?.first(where: {
                $0.member == place.member
            })
        else {
            missing.insert(place)
            counts.withheld += 1
            return nil
        }
        return Hex.text(value.digest) == digest ? nil : .otherValue(place.index, place.member)
    }

    private func follow(
        _ found: CheckpointFindings, _ onPosition: (VerificationPosition) -> Void
    ) -> Verification.Fault? {
        let chunk = ((found.size - 1) >> Int64(request.level)) << Int64(request.level)
        var tree = whole
        if found.size - chunk == 1 << Int64(request.level), let hash = found.peaks.first {
            // The last of a chunk: the larger subtrees that it completes are not in the whole ones yet.
            tree = Self.joined(whole, hash, size: found.size)
        } else if let joined = MerkleFrontier(size: found.size, peaks: whole.peaks + found.peaks) {
            tree = joined
        }
        if let words = wrong(found, tree) { return .ofCheckpoint(found.size, words) }
        counts.checkpoints += 1
        counts.cosignatures += found.cosignatures ?? 0
        if found.size >= savedAt + Self.saveEvery, let note = found.note {
            savedAt = found.size
            onPosition(VerificationPosition(note: note, tree: tree, keys: keys, missing: missing, counts: counts))
        }
        return nil
    }

    /// The tree with one more whole chunk; itself if the peaks would not fit the size, which then differs.
    private static func joined(_ whole: MerkleFrontier, _ hash: [UInt8], size: Int64) -> MerkleFrontier {
        var (peaks, hash) = (whole.peaks, hash)
        while peaks.count >= size.nonzeroBitCount, let left = peaks.popLast() { hash = MerkleHash.node(left, hash) }
        return MerkleFrontier(size: size, peaks: peaks + [hash]) ?? whole
    }

    private func wrong(_ found: CheckpointFindings, _ tree: MerkleFrontier) -> String? {
        guard let note = found.note, let parsed = found.parsed else { return "cannot be read" }
        guard parsed.description == note else { return "is not written as it was" }
        guard let key = keys.key(forSize: found.size) else { return "is signed before the ledger had a key" }
        do {
            let checkpoint =
                if let signed = found.signed, signed.key == key { signed.checkpoint } else {
                    try parsed.checkpoint(by: [key]).0
                }
            guard checkpoint.size == found.size, tree.size == found.size, checkpoint.root == tree.root else {
                return "is signed for other entries than those that are there"
            }
            guard parsed.signatures.count == 1 else { return "has signatures that the ledger did not write" }
        } catch {
            return "does not hold: \(error)"
        }
        return found.cosignatures == nil ? "has a cosignature that does not hold" : nil
    }
}

extension Verification.Fault {
    static func ofCheckpoint(_ size: Int64, _ words: String) -> Self {
        .init(index: max(0, size - 1), reason: "the signed checkpoint of \(size) entries \(words)")
    }
}
