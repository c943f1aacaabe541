import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

extension Reader {
    /// The entries about a subject, oldest first.
    public func ledgerEntries(of subject: String, limit: Int = 1000) throws -> [LedgerEntry] {
        try shown(
            rows(
                "SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? ORDER BY idx LIMIT ?", [subject, limit])
        )
    }

    /// All entries of some kinds about a subject, oldest first: for subjects that may have many others.
    public func ledgerEntries(of subject: String, kinds: [String]) throws -> [LedgerEntry] {
        let places = kinds.map { _ in "?" }.joined(separator: ", ")
        return try shown(
            rows(
                "SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? AND kind IN (\(places)) ORDER BY idx",
                StatementArguments([subject] + kinds)))
    }

    /// The entries from `index` on, at most `limit`.
    public func ledgerEntries(from index: Int64, limit: Int) throws -> [LedgerEntry] {
        try shown(
            rows("SELECT idx, kind, subject, entry FROM ledger WHERE idx >= ? ORDER BY idx LIMIT ?", [index, limit]))
    }

    /// Where entries about a subject stand, oldest first.
    public func ledgerIndices(of subject: String) throws -> [Int64] {
        try rows("SELECT idx FROM ledger WHERE subject = ? ORDER BY idx", [subject]).map { $0["idx"] }
    }

    /// The bytes that the tree has the hash of: without the values that it only commits to.
    public func ledgerBytes(of index: Int64) throws -> [UInt8]? {
        try row("SELECT entry FROM ledger WHERE idx = ?", [index]).map { Array(($0["entry"] as String).utf8) }
    }

    /// Entries with the values in their places that are still kept beside them.
    func shown(_ rows: [Row]) throws -> [LedgerEntry] {
        var entries = try rows.map(Self.plainEntry)
        guard let first = entries.map(\.index).min(), let last = entries.map(\.index).max() else { return [] }
        let values = try ledgerValues(among: Set(entries.map(\.index)), first...last)
        for place in entries.indices {
            entries[place].body = Commitment.shown(entries[place].body, values[entries[place].index] ?? [])
        }
        return entries
    }

    /// Entries about one subject may lie far apart: then each is asked for by itself.
    private func ledgerValues(
        among indices: Set<Int64>, _ range: ClosedRange<Int64>
    ) throws -> [Int64: [Commitment.Value]] {
        guard range.count > 4 * indices.count else { return try ledgerValues(range) }
        var values: [Int64: [Commitment.Value]] = [:]
        for index in indices { values.merge(try ledgerValues(index...index)) { $1 } }
        return values
    }

    /// An entry as it is hashed, commitments in the places of the values.
    static func plainEntry(_ row: Row) throws -> LedgerEntry {
        let value = try JSON(parsing: row["entry"] as String)
        guard let at = value["at"]?.string.flatMap(Timestamp.init) else {
            throw StoreError.inconsistent("the ledger's entry \(row["idx"] as Int64) has no time")
        }
        return LedgerEntry(
            index: row["idx"], kind: row["kind"], subject: row["subject"], at: at, body: value["body"] ?? .null)
    }

    /// Size and root (hexadecimal) as they were last written, and when; no time for a store that nothing was written to.
    public func ledgerHead() throws -> (size: Int64, root: String, at: Timestamp?) {
        guard let head = try row("SELECT size, root, at FROM ledger_head WHERE one = 1") else {
            return (0, Hex.text(MerkleHash.empty), nil)
        }
        return (head["size"], Hex.text(head["root"] as Data), Timestamp(head, "at"))
    }
}
