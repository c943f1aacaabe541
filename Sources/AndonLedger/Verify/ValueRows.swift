import AndonSQL
import Foundation

/// The values beside the entries of a range, in the entries' order.
final class ValueRows {
    private let cursor: RowCursor
    private var ahead: (index: Int64, value: Commitment.Value)?

    init(_ db: Database, _ range: Range<Int64>) throws {
        cursor = try db.cursor(
            "SELECT idx, member, salt, value FROM ledger_value WHERE idx >= ? AND idx < ? ORDER BY idx",
            [range.lowerBound, range.upperBound])
        try read()
    }

    /// Those of the next entry.
    func take(_ index: Int64) throws -> [Commitment.Value] {
        var found: [Commitment.Value] = []
        while let (place, value) = ahead, place <= index {
            found.append(value)
            try read()
        }
        return found
    }

    private func read() throws {
        ahead = try cursor.next().map { row in
            let value = Commitment.Value(
                member: String.fromDatabaseValue(row[1]) ?? "", salt: Array(Data.fromDatabaseValue(row[2]) ?? Data()),
                text: String.fromDatabaseValue(row[3]) ?? "")
            return (Int64.fromDatabaseValue(row[0]) ?? -1, value)
        }
    }
}
