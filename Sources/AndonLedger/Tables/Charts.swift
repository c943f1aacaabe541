import AndonModel
import AndonSQL

/// One stream of a control chart as it is kept. What is in the state is the chart's own.
public struct ChartStreamRecord: Sendable {
    public var chart: String
    /// What tells the stream from the chart's others; empty where there is one.
    public var stratum: String
    /// Digest of the chart's definition: a stream of another definition begins anew.
    public var definition: String
    public var points: Int
    /// As of the last point, and what came since.
    public var state: String
    public var filling: String
    /// The asset that all its units come from, where it is one.
    public var asset: String?
    /// Number of the last point before the process that runs now.
    public var begunAt: Int
    /// The order whose repair the stream has not seen yet: `reference`, `class`, `at`.
    public var repair: JSON?
    /// The predictive order that its trend made.
    public var planned: JSON?
    /// Limits that wait for a person.
    public var proposal: JSON?

    public init(
        chart: String, stratum: String, definition: String, points: Int, state: String, filling: String,
        asset: String?, begunAt: Int = 0
    ) {
        self.chart = chart
        self.stratum = stratum
        self.definition = definition
        self.points = points
        self.state = state
        self.filling = filling
        self.asset = asset
        self.begunAt = begunAt
    }

    /// "press-scratches (asset=PRESS-07)".
    public var name: String { stratum.isEmpty ? chart : "\(chart) (\(stratum))" }
}

/// A repair that a stream began anew behind, and what it did to the level.
public struct ChartRepairRecord: Sendable {
    /// Number of the last point before it.
    public var point: Int
    public var reference: String
    public var at: Timestamp
    /// Medians of the points before and after it, in plotted units; nil until there are enough.
    public var before: Double?
    public var after: Double?

    public init(point: Int, reference: String, at: Timestamp, before: Double?, after: Double? = nil) {
        self.point = point
        self.reference = reference
        self.at = at
        self.before = before
        self.after = after
    }
}

/// A point of a stream as it was judged, never judged again.
public struct ChartPointRecord: Sendable {
    public var number: Int
    public var at: Timestamp
    public var value: Double
    public var size: Double
    /// Range or standard deviation of the subgroup, where the chart has it.
    public var spread: Double?
    public var judged: Judged?
    public var signals: [String]
    /// Numbers of the points that make the first signal.
    public var madeOf: [Int]
    public var standing: String?
    public var limitsVersion: Int?
    public var isLate: Bool

    /// Against its limits; nil in phase I.
    public struct Judged: Sendable {
        public var plotted: Double
        public var centre: Double
        public var lower: Double
        public var upper: Double
        public var sigmas: Double

        public init(plotted: Double, centre: Double, lower: Double, upper: Double, sigmas: Double) {
            self.plotted = plotted
            self.centre = centre
            self.lower = lower
            self.upper = upper
            self.sigmas = sigmas
        }
    }

    public init(
        number: Int, at: Timestamp, value: Double, size: Double, spread: Double?, judged: Judged?, signals: [String],
        madeOf: [Int], standing: String?, limitsVersion: Int?, isLate: Bool
    ) {
        self.number = number
        self.at = at
        self.value = value
        self.size = size
        self.spread = spread
        self.judged = judged
        self.signals = signals
        self.madeOf = madeOf
        self.standing = standing
        self.limitsVersion = limitsVersion
        self.isLate = isLate
    }
}

/// Limits that were put in force, by whom and why.
public struct ChartLimitsRecord: Sendable {
    public var version: Int
    public var madeAt: Timestamp
    public var madeBy: String
    public var reason: String
    public var document: JSON
}

extension Transaction {
    public func put(_ stream: ChartStreamRecord) throws {
        try run(
            """
            INSERT INTO chart_stream (chart, stratum, definition, points, state, filling, asset, begun_at, repair,
                planned, proposal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (chart, stratum) DO UPDATE SET definition = excluded.definition, points = excluded.points,
                state = excluded.state, filling = excluded.filling, asset = excluded.asset,
                begun_at = excluded.begun_at, repair = excluded.repair, planned = excluded.planned,
                proposal = excluded.proposal
            """,
            [
                stream.chart, stream.stratum, stream.definition, stream.points, stream.state, stream.filling,
                stream.asset, stream.begunAt, stream.repair?.canonicalText, stream.planned?.canonicalText,
                stream.proposal?.canonicalText,
            ])
    }

    /// Keeps what came since the last point, where nothing else changed.
    public func putFilling(_ filling: String, chart: String, stratum: String) throws {
        try run(
            "UPDATE chart_stream SET filling = ? WHERE chart = ? AND stratum = ?", [filling, chart, stratum])
    }

    public func putPlan(_ plan: JSON, chart: String, stratum: String) throws {
        try run(
            "UPDATE chart_stream SET planned = ? WHERE chart = ? AND stratum = ?",
            [plan.canonicalText, chart, stratum])
    }

    /// Tells the streams of an asset that it was repaired; they begin anew with their next unit.
    func noteRepair(of order: OrderRecord, at time: Timestamp) throws {
        let repair: JSON = [
            "reference": .string(order.reference.text), "class": .string(order.defectClass), "at": .time(time),
        ]
        try run("UPDATE chart_stream SET repair = ? WHERE asset = ?", [repair.canonicalText, order.asset])
    }

    public func put(_ repair: ChartRepairRecord, chart: String, stratum: String) throws {
        try run(
            """
            INSERT INTO chart_repair (chart, stratum, point, reference, at, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (chart, stratum, point) DO UPDATE SET reference = excluded.reference, at = excluded.at,
                after = excluded.after
            """,
            [
                chart, stratum, repair.point, repair.reference, repair.at.microseconds, repair.before, repair.after,
            ])
    }

    public func insert(_ point: ChartPointRecord, chart: String, stratum: String) throws {
        let judged = point.judged
        try run(
            """
            INSERT INTO chart_point (chart, stratum, number, at, value, size, plotted, centre, lower, upper, sigmas,
                signals, made_of, standing, limits_version, late, spread)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                chart, stratum, point.number, point.at.microseconds, point.value, point.size, judged?.plotted,
                judged?.centre, judged?.lower, judged?.upper, judged?.sigmas, point.signals.joined(separator: ","),
                point.madeOf.map(String.init).joined(separator: ","), point.standing, point.limitsVersion, point.isLate,
                point.spread,
            ])
    }

    /// Keeps limits that came into force, and says so in the ledger.
    public func insertLimits(
        chart: String, stratum: String, version: Int, by: String, reason: String, document: JSON
    ) throws {
        try run(
            """
            INSERT INTO chart_limits (chart, stratum, version, made_at, made_by, reason, document)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, [chart, stratum, version, now.microseconds, by, reason, document.canonicalText])
        try record(
            "chart.limits", of: stratum.isEmpty ? chart : "\(chart) (\(stratum))",
            [
                "version": .integer(version), "by": .string(by), "reason": .string(reason), "limits": document,
            ], names: ["/by"])
    }
}

extension Reader {
    public func chartStream(_ chart: String, _ stratum: String) throws -> ChartStreamRecord? {
        try row("SELECT * FROM chart_stream WHERE chart = ? AND stratum = ?", [chart, stratum]).map(Self.stream)
    }

    /// Streams of one chart, or of all, by name; behind `after`, at most `limit`.
    public func chartStreams(of chart: String? = nil, after: String = "", limit: Int = 1000) throws
        -> [ChartStreamRecord]
    {
        try rows(
            """
            SELECT * FROM chart_stream WHERE (? IS NULL OR chart = ?) AND chart || '|' || stratum > ?
            ORDER BY chart, stratum LIMIT ?
            """, [chart, chart, after, limit]
        ).map(Self.stream)
    }

    public func chartStreamCount(_ chart: String) throws -> Int {
        try count("SELECT COUNT(*) FROM chart_stream WHERE chart = ?", [chart])
    }

    private static func stream(_ row: Row) throws -> ChartStreamRecord {
        func json(_ column: String) throws -> JSON? { try (row[column] as String?).map { try JSON(parsing: $0) } }
        var record = ChartStreamRecord(
            chart: row["chart"], stratum: row["stratum"], definition: row["definition"], points: row["points"],
            state: row["state"], filling: row["filling"], asset: row["asset"], begunAt: row["begun_at"])
        record.repair = try json("repair")
        record.planned = try json("planned")
        record.proposal = try json("proposal")
        return record
    }

    /// The newest points of a stream behind the point `after`, up to the point `through`; oldest first.
    public func chartPoints(
        _ chart: String, _ stratum: String, last: Int, after: Int = 0, through: Int = .max
    ) throws -> [ChartPointRecord] {
        try rows(
            """
            SELECT * FROM chart_point WHERE chart = ? AND stratum = ? AND number > ? AND number <= ?
            ORDER BY number DESC LIMIT ?
            """, [chart, stratum, after, through, last]
        ).reversed().map(Self.chartPoint)
    }

    static func chartPoint(_ row: Row) -> ChartPointRecord {
        func numbers(_ text: String) -> [Int] { text.split(separator: ",").compactMap { Int($0) } }
        return ChartPointRecord(
            number: row["number"], at: Timestamp(row, "at"), value: row["value"], size: row["size"],
            spread: row["spread"],
            judged: (row["plotted"] as Double?).map {
                .init(
                    plotted: $0, centre: row["centre"], lower: row["lower"], upper: row["upper"], sigmas: row["sigmas"])
            },
            signals: (row["signals"] as String).split(separator: ",").map(String.init),
            madeOf: numbers(row["made_of"]), standing: row["standing"],
            limitsVersion: row["limits_version"], isLate: row["late"])
    }

    /// Oldest first.
    public func chartRepairs(_ chart: String, _ stratum: String) throws -> [ChartRepairRecord] {
        try rows("SELECT * FROM chart_repair WHERE chart = ? AND stratum = ? ORDER BY point", [chart, stratum]).map {
            ChartRepairRecord(
                point: $0["point"], reference: $0["reference"], at: Timestamp($0, "at"), before: $0["before"],
                after: $0["after"])
        }
    }

    public func chartLimits(_ chart: String, _ stratum: String) throws -> [ChartLimitsRecord] {
        try rows("SELECT * FROM chart_limits WHERE chart = ? AND stratum = ? ORDER BY version", [chart, stratum]).map {
            ChartLimitsRecord(
                version: $0["version"], madeAt: Timestamp($0, "made_at"), madeBy: $0["made_by"],
                reason: $0["reason"], document: try JSON(parsing: $0["document"] as String))
        }
    }

    public func chartLimitsVersion(_ chart: String, _ stratum: String) throws -> Int {
        try count(
            "SELECT COALESCE(MAX(version), 0) FROM chart_limits WHERE chart = ? AND stratum = ?", [chart, stratum])
    }

    /// The digest of the newest picture that shows a defect of the classes (all, when empty) on the asset.
    public func newestPicture(asset: String, classes: Set<String>) throws -> String? {
        let marks = classes.isEmpty ? "" : " AND d.class IN (\(classes.map { _ in "?" }.joined(separator: ", ")))"
        return try row(
            """
            SELECT i.picture FROM detection d JOIN inspection i ON i.seq = d.inspection_seq
            JOIN picture p ON p.sha256 = i.picture
            WHERE d.asset = ?\(marks) AND p.removed_at IS NULL ORDER BY d.inspection_seq DESC LIMIT 1
            """, StatementArguments([asset] + classes.sorted()))?["picture"]
    }
}
