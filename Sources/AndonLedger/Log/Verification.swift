import AndonModel
import Foundation
import GRDB

/// The result of recomputing the ledger from its first byte.
public struct Verification: Sendable {
    public var entries: Int64
    /// Hexadecimal; nil when a fault was found before the end.
    public var root: String?
    /// The first entry that is not what was written, and what is wrong with it.
    public var fault: Fault?

    public struct Fault: Sendable, Equatable {
        public var index: Int64
        public var reason: String
    }

    public var isWhole: Bool { fault == nil }
}

extension Reader {
    /// Recomputes every leaf, every node and the root, and checks each entry's index, kind and subject against
    /// the columns beside it. Stops at the first fault. Memory does not grow with the ledger.
    ///
    /// It finds any change to a stored entry or hash. Someone who rewrites all of the ledger consistently is
    /// found only by a root that was kept elsewhere: compare `root` with the one that `andon ledger verify`
    /// printed before.
    public func verifyLedger(progress: (Int64) -> Void = { _ in }) throws -> Verification {
        var tree = MerkleFrontier()
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT idx, kind, subject, entry, leaf, nodes FROM ledger ORDER BY idx")
        while let row = try cursor.next() {
            if let reason = Self.fault(in: row, tree: &tree) {
                return Verification(entries: tree.size, root: nil, fault: reason)
            }
            if tree.size % 10_000 == 0 { progress(tree.size) }
        }
        return try checkHead(tree)
    }

    private func checkHead(_ tree: MerkleFrontier) throws -> Verification {
        let head = try row("SELECT size, root FROM ledger_head WHERE one = 1")
        let size: Int64 = head?["size"] ?? 0
        func failed(_ reason: String) -> Verification {
            let index = min(size, tree.size)
            return Verification(entries: tree.size, root: nil, fault: .init(index: index, reason: reason))
        }
        guard size == tree.size else {
            return failed("the ledger has \(tree.size) entries, but \(size) were written: entries are missing or added")
        }
        let root: Data = head?["root"] ?? Data(MerkleHash.empty)
        guard Array(root) == tree.root else { return failed("the stored root is not the root of the entries") }
        return Verification(entries: tree.size, root: Hex.text(tree.root), fault: nil)
    }

    private static func fault(in row: Row, tree: inout MerkleFrontier) -> Verification.Fault? {
        let expected = tree.size
        guard let index = row["idx"] as? Int64 ?? nil, index == expected else {
            return .init(index: expected, reason: "the entry is missing")
        }
        // Columns are read as whatever type they have now: an altered database may hold anything anywhere.
        guard let entry = String.fromDatabaseValue(row["entry"]),
            let leaf = Data.fromDatabaseValue(row["leaf"]), let nodes = Data.fromDatabaseValue(row["nodes"]),
            let kind = String.fromDatabaseValue(row["kind"]), let subject = String.fromDatabaseValue(row["subject"])
        else { return .init(index: index, reason: "the entry's columns are not of the written types") }
        let hash = MerkleHash.leaf(entry.utf8)
        guard Array(leaf) == hash else {
            return .init(index: index, reason: "the entry does not have the hash that was written")
        }
        guard Array(nodes) == Array(tree.append(hash).joined()) else {
            let first = index & 1 == 1 ? index - 1 : index
            return .init(
                index: first,
                reason: "entry \(first == index ? "" : "\(first) or ")\(index) was altered together with its own hash")
        }
        guard let value = try? JSON(parsing: entry), value["index"]?.integer == Int(index),
            value["kind"]?.string == kind, value["subject"]?.string == subject
        else { return .init(index: index, reason: "the entry's index, kind or subject was altered") }
        return nil
    }

    /// The entries about a subject, oldest first.
    public func ledgerEntries(of subject: String, limit: Int = 1000) throws -> [LedgerEntry] {
        try rows(
            "SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? ORDER BY idx LIMIT ?", [subject, limit]
        )
        .map(Self.entry)
    }

    /// The entries from `index` on, at most `limit`.
    public func ledgerEntries(from index: Int64, limit: Int) throws -> [LedgerEntry] {
        try rows("SELECT idx, kind, subject, entry FROM ledger WHERE idx >= ? ORDER BY idx LIMIT ?", [index, limit])
            .map(Self.entry)
    }

    private static func entry(_ row: Row) throws -> LedgerEntry {
        let value = try JSON(parsing: row["entry"] as String)
        guard let at = value["at"]?.string.flatMap(Timestamp.init) else {
            throw StoreError.inconsistent("the ledger's entry \(row["idx"] as Int64) has no time")
        }
        return LedgerEntry(
            index: row["idx"], kind: row["kind"], subject: row["subject"], at: at, body: value["body"] ?? .null)
    }

    /// Size and root (hexadecimal) as they were last written.
    public func ledgerHead() throws -> (size: Int64, root: String) {
        guard let head = try row("SELECT size, root FROM ledger_head WHERE one = 1") else {
            return (0, Hex.text(MerkleHash.empty))
        }
        return (head["size"], Hex.text(head["root"] as Data))
    }
}
