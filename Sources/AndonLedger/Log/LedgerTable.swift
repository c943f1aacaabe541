import AndonModel
import AndonSQL
import AndonTransparency
import Crypto
import Foundation

/// One entry of the ledger.
public struct LedgerEntry: Sendable {
    public var index: Int64
    public var kind: String
    public var subject: String
    public var at: Timestamp
    public var body: JSON
}

extension LedgerEntry {
    /// Entries by which a CMMS says how an order stands, and whose it is.
    public static let orderStateKinds: Set<String> = [
        "order.changed", "order.started", "order.done", "order.closed", "order.cancelled", "order.merged",
        "order.missing", "order.reopened",
    ]

    /// As the API and records show it.
    public var json: JSON {
        [
            "index": .integer(index), "at": .time(at), "kind": .string(kind), "subject": .string(subject), "body": body,
        ]
    }
}

/// An entry on its way into the ledger.
struct WaitingEntry {
    var kind: String
    var subject: String
    var body: JSON
    var names: [String]
    /// What its digests are of.
    var facts: [FactTable.Member: DigestQuestion]

    /// Kinds that wait until their transaction asks for the digests of several at once. Nothing that writes them changes their rows,
    /// or reads the ledger, before it is done.
    static let kinds: Set<String> = [
        "inspection.accepted", "detection.decided", "order.raised", "order.acknowledged", "attempt.sent",
        "attempt.answered",
    ]
}

extension Transaction {
    /// Bytes of one entry at most (the tlog-tiles format counts them in 16 bits).
    public static var entryBytesMax: Int { 65_535 }

    /// Appends an entry about `subject`, in the same transaction as the fact itself.
    ///
    /// The hashed bytes are the canonical JSON (RFC 8785) of `{"at","body","index","kind","subject"}`. A body that
    /// would make the entry too long is replaced by its digest: the fact itself stays in its own table. What is recorded
    /// stands in its table already: the entry gets the digest of the row (`FactTable`), as it is when the entry is written. That may
    /// be at the end of the transaction; its place is its own from now on.
    ///
    /// - Parameter names: JSON Pointers to members of the body that name persons. The entry keeps a commitment to each
    ///   (`Commitment`); the value lies beside it and can be erased.
    /// - Returns: its index.
    @discardableResult
    public func record(_ kind: String, of subject: String, _ body: JSON, names: [String] = []) throws -> Int64 {
        let index = tree.size + Int64(waiting.count)
        waiting.append(
            WaitingEntry(
                kind: kind, subject: subject, body: body, names: names,
                facts: try factQuestions(kind, of: subject, body)))
        if !WaitingEntry.kinds.contains(kind) { try settleEntries() }
        return index
    }

    /// Writes the entries that wait, with the digests of their rows as they are now: one question asks for all of them.
    func settleEntries() throws {
        let entries = waiting
        waiting = []
        // Also where nobody asks: what was posted is answered for before entries follow it.
        let digests = try db.digests(entries.map(\.facts))
        for (entry, digests) in zip(entries, digests) { try append(entry, digests) }
    }

    private func append(_ entry: WaitingEntry, _ digests: [FactTable.Member: String]) throws {
        let index = tree.size
        let (hidden, values) = Commitment.hide(entry.names, of: entry.body.adding(digests), random: random)
        var bytes = Self.bytes(of: entry, index: index, at: now, body: hidden)
        if bytes.count <= Self.entryBytesMax {
            try keep(values, of: index)
        } else {
            let digest: JSON = ["bodySha256": .string(Hex.sha256(hidden.canonicalBytes))]
            bytes = Self.bytes(of: entry, index: index, at: now, body: digest.adding(digests))
        }
        let leaf = MerkleHash.leaf(bytes)
        let nodes = tree.append(leaf)
        try post(
            "INSERT INTO ledger (idx, kind, subject, entry, leaf, nodes) VALUES (?, ?, ?, ?, ?, ?)",
            [
                index, entry.kind, entry.subject, String(decoding: bytes, as: UTF8.self), Data(leaf),
                Data(nodes.joined()),
            ])
    }

    private static func bytes(of entry: WaitingEntry, index: Int64, at: Timestamp, body: JSON) -> [UInt8] {
        let value: JSON = [
            "at": .time(at), "body": body, "index": .integer(index), "kind": .string(entry.kind),
            "subject": .string(entry.subject),
        ]
        return value.canonicalBytes
    }

    func writeHead() throws {
        try post(
            """
            INSERT INTO ledger_head (one, size, root, peaks, at) VALUES (1, ?, ?, ?, ?)
            ON CONFLICT (one) DO UPDATE
            SET size = excluded.size, root = excluded.root, peaks = excluded.peaks, at = excluded.at
            """, [tree.size, Data(tree.root), Data(tree.peaks.joined()), now.microseconds])
    }
}

extension JSON {
    /// An object with further members; anything else as it is.
    fileprivate func adding(_ further: [FactTable.Member: String]) -> JSON {
        guard case .object(var members) = self else { return self }
        for (member, digest) in further { members[member.name] = .string(digest) }
        return .object(members)
    }
}
