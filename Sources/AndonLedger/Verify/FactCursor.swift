import AndonModel
import AndonSQL

/// The rows of a table of facts in the order in which they were written, with their digests.
final class FactCursor {
    let table: FactTable
    private let db: Database
    private let rows: RawRows
    private var digest = RowDigest()
    private(set) var isAtEnd = false

    /// Columns before those that the digest covers: what SQLite finds the row by, then `table.further`.
    private var leading: Int32 { Int32(1 + table.further.count) }
    private var raw: RawRows { rows }

    init(_ db: Database, _ table: FactTable) throws {
        self.db = db
        self.table = table
        let further = table.further.map { "\($0), " }.joined()
        rows = try db.rawRows(
            "SELECT rowid, \(further)\(table.columns) FROM \(table.name) ORDER BY \(table.order)",
            of: "the table \(table.name)", isShared: false)
        try advance()
    }

    func advance() throws { isAtEnd = try rows.next() == nil }

    /// Of the row that it stands at, as text.
    var rowDigest: String {
        digest.removeAll()
        digest.add(raw, from: leading)
        return digest.text ?? ""
    }

    /// Adds the row to a digest of several.
    func add(to digest: inout RowDigest) { digest.add(raw, from: leading) }

    /// One of `table.further`.
    func value(_ place: Int32) -> DatabaseValue { raw.value(1 + place) }

    func text(_ place: Int32) -> String? { String.fromDatabaseValue(value(place)) }

    func integer(_ place: Int32) -> Int64? { Int64.fromDatabaseValue(value(place)) }

    /// What SQLite finds the row by.
    var place: Int64 { raw.integer(0) }

    /// As people name the row, and as its entry does: asked for where something is wrong, or has no digest.
    func names() throws -> (row: String, key: String?) {
        let row = try db.row("SELECT \(table.row), \(table.key) FROM \(table.name) WHERE rowid = ?", [place])
        return (row.map { Self.words($0[0]) } ?? "?", row.flatMap { $0[1].isNull ? nil : Self.words($0[1]) })
    }

    /// The row with this key, wherever it stands, and as people name it.
    func row(_ key: String) throws -> (place: Int64, name: String, digest: String)? {
        var found: (Int64, String, String)?
        try db.eachRaw(
            """
            SELECT rowid, \(table.row), \(table.columns) FROM \(table.name) WHERE CAST(\(table.key) AS TEXT) = ? LIMIT 1
            """, [key]
        ) { raw in
            var digest = RowDigest()
            digest.add(raw, from: 2)
            let name = Self.words(raw.value(1))
            found = (raw.integer(0), name, digest.text ?? "")
        }
        return found
    }

    /// Whether an entry behind this one is about the row with the key.
    func hasEntry(_ key: String, after index: Int64) throws -> Bool {
        let kinds = table.kinds.map { "'\($0)'" }.joined(separator: ", ")
        return try db.value(
            """
            SELECT EXISTS (SELECT 1 FROM ledger WHERE idx > ? AND kind IN (\(kinds))
                AND CAST(\(table.entryKey) AS TEXT) = ?)
            """, [index, key]) ?? false
    }

    static func words(_ value: DatabaseValue) -> String {
        switch value {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob: "a blob"
        }
    }
}

/// An entry as a check of the facts reads it: parsed only where that is asked for.
struct FactEntry {
    var index: Int64
    var kind: String
    var subject: String
    private let bytes: UnsafeRawBufferPointer

    /// - Parameter raw: stands at a row of `idx, kind, subject, entry`, and stays there while this is used.
    init?(_ raw: RawRows) {
        func text(_ column: Int32) -> UnsafeRawBufferPointer? {
            raw.type(column) == .text ? raw.bytes(column) : nil
        }
        guard let kind = text(1), let subject = text(2), let bytes = text(3) else { return nil }
        index = raw.integer(0)
        self.kind = String(decoding: kind, as: UTF8.self)
        self.subject = String(decoding: subject, as: UTF8.self)
        self.bytes = bytes
    }

    private static let digits = 64

    /// The digest that the entry holds under this name; nil for none, as in entries of earlier versions.
    func digest(_ member: FactTable.Member) -> String? {
        // The 2 of Sha256 is rarer than a quote is, and stands six bytes before the digits.
        let mark = member.mark
        guard let place = ByteSearch.place(of: mark, in: bytes, pivot: mark.count - 6),
            bytes.count >= place + mark.count + Self.digits
        else { return nil }
        let start = place + mark.count
        return String(decoding: bytes[start..<start + Self.digits], as: UTF8.self)
    }

    func parsed() throws -> (at: Timestamp, body: JSON) {
        guard let value = try? JSON(parsing: Array(bytes)), let at = value["at"]?.string.flatMap(Timestamp.init),
            let body = value["body"]
        else { throw StoreError.inconsistent("the entry \(index) of the ledger is not JSON with a time and a body") }
        return (at, body)
    }
}
