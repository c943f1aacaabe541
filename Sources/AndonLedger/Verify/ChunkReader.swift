import AndonModel
import AndonSQL
import AndonTransparency

/// Reads one chunk after the other, each by itself, on one connection: hashes, ends, commitments and signatures.
///
/// Entries are never changed and values only ever erased, so the connection may see a newer state than the one that is
/// verified: a value that it does not find is looked for in that one.
final class ChunkReader {
    private let reader: Reader
    private let level: Int
    private let tree: ChunkTree
    /// As the table has them, which is held against the entries in the end.
    private let keys: [(index: Int64, key: VerifierKey)]
    private var findings = ChunkFindings(end: 0)

    init(_ reader: Reader, level: Int) throws {
        self.reader = reader
        self.level = level
        tree = ChunkTree(level: level)
        keys = try reader.rows("SELECT idx, vkey FROM ledger_key ORDER BY idx").compactMap { row in
            guard let index = Int64.fromDatabaseValue(row[0]), let text = String.fromDatabaseValue(row[1]),
                let key = try? VerifierKey(parsing: text)
            else { return nil }
            return (index, key)
        }
    }

    /// - Parameters:
    ///   - range: within one chunk.
    ///   - before: the peaks of the chunk's entries before the range.
    func read(_ range: Range<Int64>, before: [[UInt8]]) throws -> ChunkFindings {
        findings = ChunkFindings(end: range.lowerBound)
        tree.begin(size: range.lowerBound & ((1 << Int64(level)) - 1), peaks: before)
        let values = try ValueRows(reader.db, range)
        let checkpoints = try CheckpointRows(reader, range)
        let rows = try EntryRows(reader.db, range)
        while findings.end < range.upperBound {
            if let fault = try check(rows.next(), values) {
                findings.events.append(.fault(fault))
                return findings
            }
            findings.end += 1
            while let (size, note) = checkpoints.next, size <= findings.end {
                findings.events.append(.checkpoint(try checkpoint(size, note)))
                try checkpoints.advance()
            }
        }
        (findings.peaks, findings.above) = (tree.frontier, tree.above)
        return findings
    }

    private func check(_ row: EntryRows.Row?, _ values: ValueRows) throws -> Verification.Fault? {
        let index = findings.end
        guard let row, row.index == index else { return .init(index: index, reason: "the entry is missing") }
        guard let entry = row.entry, let leaf = row.leaf, let nodes = row.nodes, let kind = row.kind,
            let subject = row.subject
        else { return .init(index: index, reason: "the entry's columns are not of the written types") }
        switch tree.append(index, entry: entry, leaf: leaf, nodes: nodes) {
        case .leaf: return .init(index: index, reason: "the entry does not have the hash that was written")
        case .nodes: return .alteredWithHash(index)
        case nil: break
        }
        guard EntryEnd.matches(entry, index: index, kind: kind, subject: subject) else {
            return .init(index: index, reason: "the entry's index, kind or subject was altered")
        }
        return try checkContent(entry, index, kind, values)
    }

    /// What only few entries have: keys, commitments, erasures.
    private func checkContent(
        _ entry: UnsafeRawBufferPointer, _ index: Int64, _ kind: UnsafeRawBufferPointer, _ values: ValueRows
    ) throws -> Verification.Fault? {
        let beside = try values.take(index)
        let isErasure = kind.equals("names.erased")
        guard
            EntryEnd.holdsCommitment(entry) || !beside.isEmpty || isErasure || kind.begins(with: "ledger.")
        else { return nil }
        guard let body = try? JSON(parsing: Array(entry))["body"] else {
            return .init(index: index, reason: "the entry is not JSON")
        }
        let word = String(decoding: kind, as: UTF8.self)
        if KeyChain.Kind.all.contains(word) { findings.events.append(.key(index: index, kind: word, body: body)) }
        if isErasure {
            findings.events.append(
                .erased(
                    (body["values"]?.array ?? []).compactMap { place in
                        guard let entry = place["entry"]?.integer, let member = place["member"]?.string else {
                            return nil
                        }
                        return ValuePlace(index: Int64(entry), member: member)
                    }))
        }
        return checkValues(beside, of: body, index)
    }

    private func checkValues(_ beside: [Commitment.Value], of body: JSON, _ index: Int64) -> Verification.Fault? {
        var left = beside
        for (member, digest) in Commitment.all(in: body) {
            guard let place = left.firstIndex(where: { $0.member == member }) else {
                findings.events.append(.withheld(ValuePlace(index: index, member: member), digest: digest))
                continue
            }
            guard Hex.text(left.remove(at: place).digest) == digest else { return .otherValue(index, member) }
        }
        return left.first.map {
            .init(index: index, reason: "a value is kept for \($0.member), to which the entry does not commit")
        }
    }

    private func checkpoint(_ size: Int64, _ note: String?) throws -> CheckpointFindings {
        var found = CheckpointFindings(size: size, note: note, peaks: tree.frontier)
        found.parsed = note.flatMap { try? SignedNote(parsing: $0) }
        guard let parsed = found.parsed else { return found }
        if let key = keys.last(where: { $0.index < size })?.key, let signed = try? parsed.checkpoint(by: [key]) {
            found.signed = (key, signed.0)
        }
        found.cosignatures = try cosignatures(size, parsed)
        return found
    }

    private func cosignatures(_ size: Int64, _ note: SignedNote) throws -> Int? {
        let found = try reader.rows("SELECT vkey, line FROM ledger_cosignature WHERE size = ?", [size])
        for row in found {
            guard let vkey = String.fromDatabaseValue(row[0]), let key = try? VerifierKey(parsing: vkey),
                let text = String.fromDatabaseValue(row[1]), let line = try? NoteSignature(parsing: text),
                let cosigned = try? SignedNote(text: note.text, signatures: [line]),
                let verified = try? cosigned.verified(by: [key]), !verified.isEmpty
            else { return nil }
        }
        return found.count
    }
}

/// The checkpoints of a range of entries, one ahead.
private final class CheckpointRows {
    private let cursor: RowCursor
    private(set) var next: (size: Int64, note: String?)?

    init(_ reader: Reader, _ range: Range<Int64>) throws {
        cursor = try reader.db.cursor(
            "SELECT size, note FROM ledger_checkpoint WHERE size > ? AND size <= ? ORDER BY size",
            [range.lowerBound, range.upperBound])
        try advance()
    }

    func advance() throws {
        next = try cursor.next().map { row in
            (Int64.fromDatabaseValue(row[0]) ?? -1, String.fromDatabaseValue(row[1]))
        }
    }
}

extension Verification.Fault {
    static func alteredWithHash(_ index: Int64) -> Self {
        let first = index & 1 == 1 ? index - 1 : index
        return .init(
            index: first,
            reason: "entry \(first == index ? "" : "\(first) or ")\(index) was altered together with its own hash")
    }

    static func otherValue(_ index: Int64, _ member: String) -> Self {
        .init(index: index, reason: "the value that is kept for \(member) is not the one that the entry commits to")
    }
}
