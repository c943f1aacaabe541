import AndonModel
import AndonTransparency
import Crypto
import Foundation
import GRDB

/// One verification under way.
final class LedgerVerifier {
    private let reader: Reader
    private let request: VerificationRequest
    private let from: Int64
    private var tree: FastTree
    private var keys: KeyChain
    private var counts: VerificationPosition.Counts
    private var missing: Set<ValuePlace>
    private let values: ValueRows
    private let checkpoints: RowCursor
    private var nextCheckpoint: (size: Int64, note: String?)?
    private var savedAt: Int64

    /// Entries between two positions at least.
    private static let saveEvery: Int64 = 50_000

    init(_ reader: Reader, _ request: VerificationRequest) throws {
        self.reader = reader
        self.request = request
        let position = try request.position.flatMap { try Self.stillHolds($0, reader) ? $0 : nil }
        from = position?.size ?? 0
        tree = FastTree(position?.tree ?? MerkleFrontier())
        keys = position?.keys ?? KeyChain()
        counts = position?.counts ?? VerificationPosition.Counts()
        missing = position?.missing ?? []
        savedAt = from
        values = try ValueRows(reader.db, from: from)
        checkpoints = try Row.fetchCursor(
            reader.db,
            sql: "SELECT size, note FROM ledger_checkpoint WHERE size > ? OR typeof(size) != 'integer' ORDER BY size",
            arguments: [from - (from == 0 ? 1 : 0)])
        try readCheckpoint()
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
        let total = (try? reader.ledgerSize()) ?? 0
        if let fault = try checkCheckpoints(onPosition) { return failed(fault) }
        let rows = try EntryRows(reader.db, from: from)
        while let row = try rows.next() {
            if let fault = try check(row) { return failed(fault) }
            if let fault = try checkCheckpoints(onPosition) { return failed(fault) }
            if tree.size % 8192 == 0 { progress(tree.size, max(total, tree.size)) }
        }
        progress(tree.size, max(total, tree.size))
        if let fault = try checkEnd() { return failed(fault) }
        return result(Verification(entries: tree.size, root: tree.frontier.map { Hex.text($0.root) }))
    }

    private func result(_ plain: Verification) -> Verification {
        var verification = plain
        (verification.checkpoints, verification.cosignatures) = (counts.checkpoints, counts.cosignatures)
        (verification.withheld, verification.keys, verification.from) = (counts.withheld, keys, from)
        return verification
    }

    private func failed(_ fault: Verification.Fault) -> Verification {
        result(Verification(entries: tree.size, fault: fault))
    }

    // MARK: Entries

    private func check(_ row: EntryRows.Row) throws -> Verification.Fault? {
        let index = tree.size
        guard row.index == index else { return .init(index: index, reason: "the entry is missing") }
        guard let entry = row.entry, let leaf = row.leaf, let nodes = row.nodes, let kind = row.kind,
            let subject = row.subject
        else { return .init(index: index, reason: "the entry's columns are not of the written types") }
        switch tree.append(entry: entry, leaf: leaf, nodes: nodes) {
        case .leaf: return .init(index: index, reason: "the entry does not have the hash that was written")
        case .nodes:
            let first = index & 1 == 1 ? index - 1 : index
            return .init(
                index: first,
                reason: "entry \(first == index ? "" : "\(first) or ")\(index) was altered together with its own hash")
        case nil: break
        }
        guard EntryEnd.matches(entry, index: index, kind: kind, subject: subject) else {
            return .init(index: index, reason: "the entry's index, kind or subject was altered")
        }
        return try checkContent(entry, index, kind)
    }

    /// What only few entries have: keys, commitments, erasures.
    private func checkContent(
        _ entry: UnsafeRawBufferPointer, _ index: Int64, _ kind: UnsafeRawBufferPointer
    ) throws -> Verification.Fault? {
        let beside = try values.take(index)
        let commits = EntryEnd.holdsCommitment(entry)
        let kind = String(decoding: kind, as: UTF8.self)
        guard commits || !beside.isEmpty || kind.hasPrefix("ledger.") || kind == "names.erased" else { return nil }
        guard let body = try? JSON(parsing: Array(entry))["body"] else {
            return .init(index: index, reason: "the entry is not JSON")
        }
        if KeyChain.Kind.all.contains(kind), let fault = keys.follow(index, kind: kind, body: body) {
            return .init(index: index, reason: fault)
        }
        if kind == "names.erased" {
            for place in body["values"]?.array ?? [] {
                guard let entry = place["entry"]?.integer, let member = place["member"]?.string else { continue }
                missing.remove(ValuePlace(index: Int64(entry), member: member))
            }
        }
        return checkValues(beside, of: body, index)
    }

    private func checkValues(_ beside: [Commitment.Value], of body: JSON, _ index: Int64) -> Verification.Fault? {
        var left = beside
        for (member, digest) in Commitment.all(in: body) {
            guard let place = left.firstIndex(where: { $0.member == member }) else {
                missing.insert(ValuePlace(index: index, member: member))
                counts.withheld += 1
                continue
            }
            guard Hex.text(left.remove(at: place).digest) == digest else {
                return .init(
                    index: index,
                    reason: "the value that is kept for \(member) is not the one that the entry commits to")
            }
        }
        return left.first.map {
            .init(index: index, reason: "a value is kept for \($0.member), to which the entry does not commit")
        }
    }

    // MARK: Checkpoints

    private func readCheckpoint() throws {
        nextCheckpoint = try checkpoints.next().map { row in
            (Int64.fromDatabaseValue(row[0]) ?? -1, String.fromDatabaseValue(row[1]))
        }
    }

    private func checkCheckpoints(_ onPosition: (VerificationPosition) -> Void) throws -> Verification.Fault? {
        while let (size, note) = nextCheckpoint, size <= tree.size {
            guard size == tree.size, let frontier = tree.frontier else {
                return fault(ofCheckpoint: size, "is at a size that no checkpoint has")
            }
            if let words = try wrong(note, size, frontier) { return fault(ofCheckpoint: size, words) }
            counts.checkpoints += 1
            if size >= savedAt + Self.saveEvery, let note {
                savedAt = size
                onPosition(
                    VerificationPosition(note: note, tree: frontier, keys: keys, missing: missing, counts: counts))
            }
            try readCheckpoint()
        }
        return nil
    }

    private func wrong(_ note: String?, _ size: Int64, _ frontier: MerkleFrontier) throws -> String? {
        guard let note, let parsed = try? SignedNote(parsing: note) else { return "cannot be read" }
        guard parsed.description == note else { return "is not written as it was" }
        guard let key = keys.key(forSize: size) else { return "is signed before the ledger had a key" }
        do {
            let (checkpoint, _) = try parsed.checkpoint(by: [key])
            guard checkpoint.size == size, checkpoint.root == frontier.root else {
                return "is signed for other entries than those that are there"
            }
            guard parsed.signatures.count == 1 else { return "has signatures that the ledger did not write" }
        } catch {
            return "does not hold: \(error)"
        }
        return try wrongWitness(size, parsed)
    }

    private func wrongWitness(_ size: Int64, _ note: SignedNote) throws -> String? {
        let found = try reader.rows("SELECT vkey, line FROM ledger_cosignature WHERE size = ?", [size])
        for row in found {
            guard let vkey = String.fromDatabaseValue(row[0]), let key = try? VerifierKey(parsing: vkey),
                let text = String.fromDatabaseValue(row[1]), let line = try? NoteSignature(parsing: text),
                let cosigned = try? SignedNote(text: note.text, signatures: [line]),
                let verified = try? cosigned.verified(by: [key]), !verified.isEmpty
            else { return "has a cosignature that does not hold" }
            counts.cosignatures += 1
        }
        return nil
    }

    private func fault(ofCheckpoint size: Int64, _ words: String) -> Verification.Fault {
        .init(index: max(0, size - 1), reason: "the signed checkpoint of \(size) entries \(words)")
    }

    // MARK: The end

    private func checkEnd() throws -> Verification.Fault? {
        if let place = missing.min() {
            return .init(
                index: place.index,
                reason: "the value for \(place.member) is gone, and no entry says that it was erased")
        }
        if let index = try values.rest() {
            return .init(index: index, reason: "a value is kept for an entry that does not commit to it")
        }
        if let (size, _) = nextCheckpoint {
            return .init(
                index: tree.size, reason: "a checkpoint of \(size) entries was signed, and there are \(tree.size)")
        }
        if let trusted = request.trusted {
            guard let place = keys.links.firstIndex(where: { $0.key == trusted }) else {
                return .init(index: 0, reason: "the key \(trusted) is none of this ledger's")
            }
            if let link = keys.links[(place + 1)...].first(where: { !$0.isVouchedFor }) { return Self.broken(link) }
        } else if let link = keys.links.first(where: { !$0.isVouchedFor }) {
            return Self.broken(link)
        }
        return try checkKeysAndHead()
    }

    private static func broken(_ link: KeyChain.Link) -> Verification.Fault {
        .init(
            index: link.index,
            reason:
                "from here on the key \(link.key) signs, for which the one before did not vouch; if it is known to be "
                + "right, verify with --key")
    }

    private func checkKeysAndHead() throws -> Verification.Fault? {
        let stored = try reader.rows("SELECT idx, vkey FROM ledger_key ORDER BY idx").map { row in
            (Int64.fromDatabaseValue(row[0]), String.fromDatabaseValue(row[1]))
        }
        guard stored.map({ $0.0 ?? -1 }) == keys.links.map(\.index), stored.map(\.1) == keys.links.map({ "\($0.key)" })
        else {
            return .init(
                index: keys.links.last?.index ?? 0, reason: "the table of keys is not what the entries say")
        }
        let stray = try reader.count(
            "SELECT COUNT(*) FROM ledger_cosignature WHERE size NOT IN (SELECT size FROM ledger_checkpoint)")
        guard stray == 0 else {
            return .init(index: tree.size, reason: "a cosignature is of a checkpoint that is not there")
        }
        return try checkStamps() ?? checkHead()
    }

    private func checkStamps() throws -> Verification.Fault? {
        for row in try reader.rows("SELECT size, request, reply FROM ledger_stamp") {
            let size = Int64.fromDatabaseValue(row[0]) ?? -1
            guard let note = try? reader.checkpoint(size: size)?.note, let request = Data.fromDatabaseValue(row[1]),
                let reply = Data.fromDatabaseValue(row[2]),
                LedgerStamp(size: size, request: Array(request), reply: Array(reply)).isOf(note)
            else {
                return .init(
                    index: max(0, size - 1), reason: "the time stamp of the checkpoint of \(size) entries is not of it")
            }
        }
        return nil
    }

    private func checkHead() throws -> Verification.Fault? {
        let head = try reader.row("SELECT size, root FROM ledger_head WHERE one = 1")
        let size = head.flatMap { Int64.fromDatabaseValue($0[0]) } ?? 0
        guard size == tree.size else {
            return .init(
                index: min(size, tree.size),
                reason: "the ledger has \(tree.size) entries, but \(size) were written: entries are missing or added")
        }
        let root = head.flatMap { Data.fromDatabaseValue($0[1]) }.map { Array($0) } ?? MerkleHash.empty
        guard root == tree.frontier?.root else {
            return .init(index: max(0, size - 1), reason: "the stored root is not the root of the entries")
        }
        return nil
    }
}
