import AndonModel
import Crypto
import Foundation
import GRDB

/// One entry of the ledger.
public struct LedgerEntry: Sendable {
    public var index: Int64
    public var kind: String
    public var subject: String
    public var at: Timestamp
    public var body: JSON
}

extension Transaction {
    /// Bytes of one entry at most (the tlog-tiles format counts them in 16 bits).
    public static var entryBytesMax: Int { 65_535 }

    /// Appends an entry about `subject`, in the same transaction as the fact itself.
    ///
    /// The hashed bytes are the canonical JSON (RFC 8785) of `{"at","body","index","kind","subject"}`. A body that
    /// would make the entry too long is replaced by its digest: the fact itself stays in its own table.
    @discardableResult
    public func record(_ kind: String, of subject: String, _ body: JSON) throws -> Int64 {
        let index = tree.size
        var entry = Self.entry(index: index, at: now, kind: kind, subject: subject, body: body)
        if entry.count > Self.entryBytesMax {
            let digest: JSON = ["bodySha256": .string(Hex.sha256(body.canonicalBytes))]
            entry = Self.entry(index: index, at: now, kind: kind, subject: subject, body: digest)
        }
        let leaf = MerkleHash.leaf(entry)
        let nodes = tree.append(leaf)
        try run(
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
        try run(
            """
            INSERT INTO ledger_head (one, size, root, at) VALUES (1, ?, ?, ?)
            ON CONFLICT (one) DO UPDATE SET size = excluded.size, root = excluded.root, at = excluded.at
            """, [tree.size, Data(tree.root), now.microseconds])
    }
}

enum LedgerTable {
    /// The right edge of the stored tree: the hash of the complete subtree of 2^level leaves that ends before
    /// index n stands in the row n - 1, at place level - 1 of its nodes (or is its leaf, for level 0).
    static func frontier(_ db: Database) throws -> MerkleFrontier {
        let size = try Int64.fetchOne(db, sql: "SELECT COALESCE(MAX(idx) + 1, 0) FROM ledger") ?? 0
        var peaks: [[UInt8]] = []
        var end: Int64 = 0
        for level in stride(from: 62, through: 0, by: -1) where size & (1 << Int64(level)) != 0 {
            end += 1 << Int64(level)
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT leaf, nodes FROM ledger WHERE idx = ?", arguments: [end - 1])
            else { throw StoreError.inconsistent("the ledger's entry \(end - 1) is missing") }
            let nodes: Data = row["nodes"]
            let start = (level - 1) * 32
            guard level == 0 || nodes.count >= start + 32 else {
                throw StoreError.inconsistent("the ledger's entry \(end - 1) lacks its hashes")
            }
            peaks.append(level == 0 ? Array(row["leaf"] as Data) : Array(nodes[start..<start + 32]))
        }
        guard let frontier = MerkleFrontier(size: size, peaks: peaks) else {
            throw StoreError.inconsistent("the ledger's hashes do not fit its size")
        }
        return frontier
    }
}
