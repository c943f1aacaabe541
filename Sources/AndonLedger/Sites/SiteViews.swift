import AndonModel
import AndonSQL

/// What came of a site's detections, counted over what it forwarded of the history in force.
public struct SiteSums: Sendable {
    public var reports: Int
    public var defects: Int
    public var outcomes: [Outcome: Int]
    public var orders: [Delivery: Int]
    /// Orders of a ledger that the site does not go on with.
    public var former: Int
    public var framesInspected: Int
    public var pictures: [String: Int]

    public var decided: Int { outcomes.values.reduce(0, +) }
    public var raised: Int { outcomes[.raised] ?? 0 }
    public var held: Int { orders.values.reduce(0, +) }
    /// received = recorded + grouped + raised, and each raised one has its order.
    public var holds: Bool { defects == decided && raised == held }

    public var json: JSON {
        [
            "reports": .integer(reports), "detections": .integer(defects),
            "recorded": .integer(outcomes[.recorded] ?? 0), "grouped": .integer(outcomes[.grouped] ?? 0),
            "raised": .integer(raised), "acknowledged": .integer(orders[.acknowledged] ?? 0),
            "waiting": .integer(orders[.waiting] ?? 0), "dead": .integer(orders[.dead] ?? 0),
            "former": .integer(former), "framesInspected": .integer(framesInspected),
            "pictures": .object(pictures.mapValues { .integer($0) }), "holds": .bool(holds),
        ]
    }
}

/// An order of a site, or one of this server's own, in the list of all.
public struct JointOrder: Sendable {
    /// Nil for one of this server's own.
    public var site: String?
    public var reference: String
    public var asset: String
    public var defectClass: String
    public var kind: String
    public var priority: Int
    public var delivery: String
    public var state: String
    public var raisedAt: Timestamp
    public var number: String?
    public var endedAt: Timestamp?
    /// Whether the site goes on with another ledger than the one that this came of.
    public var isFormer: Bool

    public var json: JSON {
        .object(present: [
            "site": site.map { .string($0) }, "reference": .string(reference), "asset": .string(asset),
            "class": .string(defectClass), "kind": .string(kind), "priority": .integer(priority),
            "delivery": .string(delivery), "state": .string(state), "raisedAt": .time(raisedAt),
            "number": number.map { .string($0) }, "endedAt": endedAt.map { .time($0) },
            "former": isFormer ? true : nil,
        ])
    }
}

/// Which orders of all sites are asked for.
public struct JointQuery: Sendable {
    public var site: String?
    public var asset: String?
    public var defectClass: String?
    public var state: String?
    /// A reference, or the number that the CMMS gave.
    public var number: String?
    /// Raised before this, or then with a smaller reference.
    public var before: (at: Timestamp, reference: String)?
    /// Sites that may be seen; nil for all.
    public var sites: Set<String>?
    /// Whether this server's own orders are asked for, and the assets of theirs that may not be seen.
    public var withOwn = true
    public var hidden: [String] = []

    public init() {}

    fileprivate func conditions(_ number: String) -> (sql: String, arguments: [(any DatabaseValueConvertible)?]) {
        var (sql, arguments): (String, [(any DatabaseValueConvertible)?]) = ("1 = 1", [])
        for (column, value) in [("asset", asset), ("class", defectClass), ("state", state)] {
            guard let value else { continue }
            sql += " AND o.\(column) = ?"
            arguments.append(value)
        }
        if let wanted = self.number {
            sql += " AND (o.reference = ? OR o.\(number) = ?)"
            arguments += [wanted, wanted]
        }
        if let before {
            sql += " AND (o.raised_at, o.reference) < (?, ?)"
            arguments += [before.at.microseconds, before.reference]
        }
        return (sql, arguments)
    }
}

extension Reader {
    public func sums(ofSite site: SiteRecord) throws -> SiteSums {
        let key: StatementArguments = [site.name, site.history]
        func counts(_ sql: String) throws -> [String: Int] {
            let rows = try rows(sql, key)
            return Dictionary(rows.map { ($0["name"], $0["times"]) }, uniquingKeysWith: +)
        }
        let reports = try row(
            """
            SELECT COUNT(*) AS times, COALESCE(SUM(defects), 0) AS defects FROM site_report
            WHERE site = ? AND history = ?
            """, key)
        let outcomes = try counts(
            "SELECT outcome AS name, COUNT(*) AS times FROM site_detection WHERE site = ? AND history = ? GROUP BY outcome"
        )
        let orders = try counts(
            "SELECT delivery AS name, COUNT(*) AS times FROM site_order WHERE site = ? AND history = ? GROUP BY delivery"
        )
        let pictures = try rows(
            "SELECT state AS name, COUNT(*) AS times FROM site_picture WHERE site = ? GROUP BY state", [site.name])
        return SiteSums(
            reports: reports?["times"] ?? 0, defects: reports?["defects"] ?? 0,
            outcomes: Dictionary(
                outcomes.compactMap { name, times in Outcome(rawValue: name).map { ($0, times) } },
                uniquingKeysWith: +),
            orders: Dictionary(
                orders.compactMap { name, times in Delivery(rawValue: name).map { ($0, times) } },
                uniquingKeysWith: +),
            former: try count("SELECT COUNT(*) FROM site_order WHERE site = ? AND history < ?", key),
            framesInspected: try count(
                "SELECT COALESCE(SUM(inspected), 0) FROM site_frames WHERE site = ? AND history = ?", key),
            pictures: Dictionary(pictures.map { ($0["name"], $0["times"]) }, uniquingKeysWith: +))
    }

    /// Orders of sites and of this server together, the newest first.
    public func jointOrders(_ query: JointQuery, limit: Int) throws -> [JointOrder] {
        var found = try siteOrders(query, limit)
        if query.withOwn { found += try ownOrders(query, limit) }
        found.sort { ($0.raisedAt, $0.reference) > ($1.raisedAt, $1.reference) }
        return Array(found.prefix(limit))
    }

    private func siteOrders(_ query: JointQuery, _ limit: Int) throws -> [JointOrder] {
        var (sql, arguments) = query.conditions("remote_number")
        if let site = query.site {
            sql += " AND o.site = ?"
            arguments.append(site)
        }
        if let sites = query.sites?.sorted() {
            guard !sites.isEmpty else { return [] }
            sql += " AND o.site IN (\(sites.map { _ in "?" }.joined(separator: ", ")))"
            arguments += sites.map { $0 as (any DatabaseValueConvertible)? }
        }
        return try rows(
            """
            SELECT o.*, s.history AS current FROM site_order o JOIN site s ON s.name = o.site WHERE \(sql)
            ORDER BY o.raised_at DESC, o.reference DESC LIMIT ?
            """, StatementArguments(arguments + [limit])
        ).map { Self.joint($0, site: $0["site"], isFormer: $0["history"] as Int64 != $0["current"] as Int64) }
    }

    private func ownOrders(_ query: JointQuery, _ limit: Int) throws -> [JointOrder] {
        var (sql, arguments) = query.conditions("remote_number")
        if !query.hidden.isEmpty {
            sql += " AND o.asset NOT IN (\(query.hidden.map { _ in "?" }.joined(separator: ", ")))"
            arguments += query.hidden.map { $0 as (any DatabaseValueConvertible)? }
        }
        return try rows(
            "SELECT o.* FROM work_order o WHERE \(sql) ORDER BY o.raised_at DESC, o.reference DESC LIMIT ?",
            StatementArguments(arguments + [limit])
        ).map { Self.joint($0, site: nil, isFormer: false) }
    }

    private static func joint(_ row: Row, site: String?, isFormer: Bool) -> JointOrder {
        JointOrder(
            site: site, reference: row["reference"], asset: row["asset"], defectClass: row["class"], kind: row["kind"],
            priority: row["priority"], delivery: row["delivery"], state: row["state"],
            raisedAt: Timestamp(row, "raised_at"), number: row["remote_number"],
            endedAt: Timestamp(optional: row, "ended_at"), isFormer: isFormer)
    }

    /// An order of a site with its detections and the report that raised it; nil where there is none.
    public func siteOrder(_ reference: String, site: String) throws -> JSON? {
        guard
            let row = try row(
                """
                SELECT o.*, s.history AS current FROM site_order o JOIN site s ON s.name = o.site
                WHERE o.site = ? AND o.reference = ?
                """, [site, reference])
        else { return nil }
        let order = Self.joint(row, site: site, isFormer: row["history"] as Int64 != row["current"] as Int64)
        let detections = try rows(
            """
            SELECT d.*, r.detected_at, r.picture, r.camera, r.lot FROM site_detection d
            JOIN site_report r ON r.site = d.site AND r.id = d.report WHERE d.site = ? AND d.reference = ?
            ORDER BY r.number, d.ordinal LIMIT 200
            """, [site, reference])
        var members: [String: JSON] = ["order": order.json]
        members["further"] = try JSON(parsing: row["document"] as String)
        members["connector"] = .string(row["connector"])
        members["number"] = .integer(row["number"] as Int64)
        members["detections"] = .array(detections.map(Self.shown))
        members["report"] = try siteReport(row["report"], site: site)
        return .object(members)
    }

    private static func shown(_ detection: Row) -> JSON {
        func text(_ column: String) -> JSON? { (detection[column] as String?).map { JSON.string($0) } }
        return .object(present: [
            "report": text("report"), "ordinal": .integer(detection["ordinal"] as Int64), "class": text("class"),
            "outcome": text("outcome"), "reason": text("reason"),
            "detectedAt": .time(Timestamp(detection, "detected_at")), "camera": text("camera"), "lot": text("lot"),
            "picture": text("picture"),
        ])
    }

    /// The item of a report as it came; nil where there is none.
    public func siteReport(_ id: String, site: String) throws -> JSON? {
        guard
            let row = try row(
                """
                SELECT r.number, b.document FROM site_report r JOIN site_batch b ON b.id = r.batch
                WHERE r.site = ? AND r.id = ?
                """, [site, id])
        else { return nil }
        let batch = try JSON(parsing: row["document"] as String, limits: SiteBatch.json)
        return batch["items"]?.array?.first { $0["n"]?.integer == row["number"] as Int }
    }
}
