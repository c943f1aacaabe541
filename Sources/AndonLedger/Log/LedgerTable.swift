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

extension Transaction {
    /// Bytes of one entry at most (the tlog-tiles format counts them in 16 bits).
    public static var entryBytesMax: Int { 65_535 }

    /// Appends an entry about `subject`, in the same transaction as the fact itself.
    ///
    /// The hashed bytes are the canonical JSON (RFC 8785) of `{"at","body","index","kind","subject"}`. A body that
    /// would make the entry too long is replaced by its digest: the fact itself stays in its own table. What is recorded
    /// stands in its table already: the entry gets the digest of the row (`FactTable`).
    ///
    /// - Parameter names: JSON Pointers to members of the body that name persons. The entry keeps a commitment to each
    ///   (`Commitment`); the value lies beside it and can be erased.
    @discardableResult
    public func record(_ kind: String, of subject: String, _ body: JSON, names: [String] = []) throws -> Int64 {
        let index = tree.size
        let digests = try factDigests(kind, of: subject, body)
        let (hidden, values) = Commitment.hide(names, of: body.adding(digests), random: random)
        var entry = Self.entry(index: index, at: now, kind: kind, subject: subject, body: hidden)
        if entry.count <= Self.entryBytesMax {
            try keep(values, of: index)
        } else {
            let digest: JSON = ["bodySha256": .string(Hex.sha256(hidden.canonicalBytes))]
            entry = Self.entry(index: index, at: now, kind: kind, subject: subject, body: digest.adding(digests))
        }
        let leaf = MerkleHash.leaf(entry)
        let nodes = tree.append(leaf)
        try post(
            "INSERT INTO ledger (idx, kind, subject, entry, leaf, nodes) VALUES (?, ?, ?, ?, ?, ?)",
            [index, kind, subject, String(decoding: entry, as: UTF8.self), Data(leaf), Data(nodes.joined())])
        return index
    }

    private static func entry(index: Int64, at: Timestamp, kind: String, subject: String, body: JSON) -> [UInt8] {
        let value: JSON = [
            "at": .time(at), "body": body, "index": .integer(index), "kind": .string(kind), "subject": .string(subject),
        ]
        return value.canonicalBytes
    }

    func writeHead() throws {
        try post(
            """
            INSERT INTO ledger_head (one, size, root, at) VALUES (1, ?, ?, ?)
            ON CONFLICT (one) DO UPDATE SET size = excluded.size, root = excluded.root, at = excluded.at
            """, [tree.size, Data(tree.root), now.microseconds])
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
