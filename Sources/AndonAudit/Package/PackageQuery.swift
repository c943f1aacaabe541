import AndonLedger
import AndonModel
import GRDB

/// Which orders a package is about.
public struct PackageQuery: Sendable, Equatable {
    /// Orders raised from here on, and before `to`.
    public var from: Timestamp
    public var to: Timestamp
    public var asset: String?
    public var lot: String?
    public var defectClass: String?

    public init(
        from: Timestamp, to: Timestamp, asset: String? = nil, lot: String? = nil, defectClass: String? = nil
    ) throws {
        guard from < to else {
            throw Problem(
                status: 400, type: "invalid-query", title: "The query has a fault",
                detail: "from (\(from)) should be before to (\(to)).")
        }
        (self.from, self.to, self.asset, self.lot, self.defectClass) = (from, to, asset, lot, defectClass)
    }

    var json: JSON {
        .object(present: [
            "from": .time(from), "to": .time(to), "asset": asset.map { .string($0) }, "lot": lot.map { .string($0) },
            "class": defectClass.map { .string($0) },
        ])
    }

    /// In words, for a title page.
    var words: [String] {
        ["Orders raised from \(from) to \(to)"]
            + [asset.map { "Asset \($0)" }, lot.map { "Lot \($0)" }, defectClass.map { "Class \($0)" }].compactMap {
                $0
            }
    }
}

extension Reader {
    /// References of the orders that a query names, oldest first, and how many bytes their pictures have.
    public func references(of query: PackageQuery) throws -> (orders: [Reference], pictureBytes: Int) {
        let found = try rows(
            """
            SELECT w.reference, p.bytes FROM work_order w
            LEFT JOIN inspection i ON i.id = w.inspection_id LEFT JOIN picture p ON p.sha256 = i.picture
            WHERE w.raised_at >= ? AND w.raised_at < ? AND (? IS NULL OR w.asset = ?) AND (? IS NULL OR w.class = ?)
                AND (? IS NULL OR i.lot = ?)
            ORDER BY w.seq
            """,
            [
                query.from.microseconds, query.to.microseconds, query.asset, query.asset, query.defectClass,
                query.defectClass, query.lot, query.lot,
            ])
        return (
            found.compactMap { Reference($0["reference"] as String) },
            found.reduce(0) { $0 + ($1["bytes"] as Int? ?? 0) }
        )
    }
}
