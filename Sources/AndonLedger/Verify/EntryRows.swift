import GRDB
import GRDBSQLite

/// The rows of the ledger one after the other, read where SQLite has them: no copies, no dictionaries.
final class EntryRows {
    private let rows: RawRows

    /// One row, valid until the next one is asked for. Columns have whatever type they have now: an altered database may
    /// hold anything anywhere.
    struct Row {
        fileprivate let raw: OpaquePointer

        /// Nil when the column does not hold a whole number.
        var index: Int64? { sqlite3_column_type(raw, 0) == SQLITE_INTEGER ? sqlite3_column_int64(raw, 0) : nil }
        var kind: UnsafeRawBufferPointer? { bytes(1, SQLITE_TEXT) }
        var subject: UnsafeRawBufferPointer? { bytes(2, SQLITE_TEXT) }
        var entry: UnsafeRawBufferPointer? { bytes(3, SQLITE_TEXT) }
        var leaf: UnsafeRawBufferPointer? { bytes(4, SQLITE_BLOB) }
        var nodes: UnsafeRawBufferPointer? { bytes(5, SQLITE_BLOB) }

        private func bytes(_ column: Int32, _ type: Int32) -> UnsafeRawBufferPointer? {
            guard sqlite3_column_type(raw, column) == type else { return nil }
            let start = sqlite3_column_blob(raw, column)
            return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column)))
        }
    }

    /// The entries from `range.lowerBound` on and before `range.upperBound`.
    init(_ db: Database, _ range: Range<Int64>) throws {
        rows = try RawRows(
            db, "SELECT idx, kind, subject, entry, leaf, nodes FROM ledger WHERE idx >= ? AND idx < ? ORDER BY idx",
            [range.lowerBound, range.upperBound], of: "the ledger")
    }

    /// Nil behind the last row.
    func next() throws -> Row? { try rows.next().map(Row.init) }
}
