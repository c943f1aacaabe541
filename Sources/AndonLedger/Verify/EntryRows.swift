import AndonSQL

/// The rows of the ledger one after the other, read where the engine has them: no copies, no dictionaries.
final class EntryRows {
    private let rows: RawRows

    /// One row, valid until the next one is asked for. Columns have whatever type they have now: an altered database may
    /// hold anything anywhere.
    struct Row {
        fileprivate let raw: RawRows

        /// Nil when the column does not hold a whole number.
        var index: Int64? { raw.type(0) == .integer ? raw.integer(0) : nil }
        var kind: UnsafeRawBufferPointer? { bytes(1, .text) }
        var subject: UnsafeRawBufferPointer? { bytes(2, .text) }
        var entry: UnsafeRawBufferPointer? { bytes(3, .text) }
        var leaf: UnsafeRawBufferPointer? { bytes(4, .blob) }
        var nodes: UnsafeRawBufferPointer? { bytes(5, .blob) }

        private func bytes(_ column: Int32, _ type: DatabaseType) -> UnsafeRawBufferPointer? {
            raw.type(column) == type ? raw.bytes(column) : nil
        }
    }

    /// The entries from `range.lowerBound` on and before `range.upperBound`.
    init(_ db: Database, _ range: Range<Int64>) throws {
        rows = try db.rawRows(
            "SELECT idx, kind, subject, entry, leaf, nodes FROM ledger WHERE idx >= ? AND idx < ? ORDER BY idx",
            [range.lowerBound, range.upperBound], of: "the ledger")
    }

    /// Nil behind the last row.
    func next() throws -> Row? { try rows.next().map(Row.init) }
}
