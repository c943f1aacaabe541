import AndonLedger
import AndonModel
import AndonSQL

/// Which orders a package is about.
public struct PackageQuery: Sendable, Equatable {
    /// Orders raised from here on, and before `to`.
    public var from: Timestamp
    public var to: Timestamp
    public var asset: String?
    public var lot: String?
    public var defectClass: String?
    /// A camera that sent nothing for longer was silent.
    public var gap: Duration

    public static let gapDefault = Duration.seconds(3600)

    public init(
        from: Timestamp, to: Timestamp, asset: String? = nil, lot: String? = nil, defectClass: String? = nil,
        gap: Duration = gapDefault
    ) throws {
        guard from < to else {
            throw Problem(
                status: 400, type: "invalid-query", title: "The query has a fault",
                detail: "from (\(from)) should be before to (\(to)).")
        }
        (self.from, self.to, self.asset, self.lot, self.defectClass) = (from, to, asset, lot, defectClass)
        self.gap = gap
    }

    var json: JSON {
        .object(present: [
            "from": .time(from), "to": .time(to), "asset": asset.map { .string($0) }, "lot": lot.map { .string($0) },
            "class": defectClass.map { .string($0) }, "gapMinutes": .number(gap.seconds / 60),
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
    /// References of the orders that a query names, oldest first. An order is of a lot when a detection in it is.
    public func references(of query: PackageQuery) throws -> [Reference] {
        try rows(
            """
            SELECT reference FROM work_order
            WHERE raised_at >= ? AND raised_at < ? AND (? IS NULL OR asset = ?) AND (? IS NULL OR class = ?)
                AND (? IS NULL OR reference IN (
                    SELECT d.reference FROM inspection i JOIN detection d ON d.inspection_seq = i.seq WHERE i.lot = ?))
            ORDER BY seq
            """,
            [
                query.from.microseconds, query.to.microseconds, query.asset, query.asset, query.defectClass,
                query.defectClass, query.lot, query.lot,
            ]
        ).compactMap { Reference($0["reference"] as String) }
    }
}
