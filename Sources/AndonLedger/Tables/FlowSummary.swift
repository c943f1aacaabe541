import AndonModel
import AndonSQL

/// How the flow stands in the last hour, in figures that cost little whatever the store holds.
public struct FlowSummary: Sendable, Equatable {
    /// Counts end here; what is as many may be more.
    public static let countMax = 10_000
    /// Alarms that are read, the newest.
    public static let alarmsMax = 50

    /// Detections that were received, and orders that were raised, since then.
    public var seen: Int
    public var raised: Int
    /// From report to acknowledgement, of the orders raised since then that have one; nil when none has.
    public var medianSeconds: Double?
    /// Orders that the CMMS does not have yet.
    public var waiting: Int
    /// Effects that need a person.
    public var dead: Int
    public var alarms: [ShownAlarm]
}

/// An alarm that is up.
public struct ShownAlarm: Sendable, Equatable {
    public var at: Timestamp
    public var kind: String
    public var subject: String
    public var detail: String

    /// The order that it is about, where it is about one.
    public var reference: Reference? { Reference(subject) }
}

extension Reader {
    /// - Parameters:
    ///   - since: counts begin here.
    ///   - hidden: assets of which nothing is counted or shown.
    public func flowSummary(since: Timestamp, hiding hidden: Set<String> = []) throws -> FlowSummary {
        FlowSummary(
            seen: try countOfSeen(since: since, hidden), raised: try countOfRaised(since: since, hidden),
            medianSeconds: try medianSecondsToOrder(since: since, hidden),
            waiting: try countOfWaiting(hidden), dead: try countOfDead(hidden), alarms: try shownAlarms(hiding: hidden))
    }

    /// A further condition on a column of assets, with the parameter ``names(_:)`` where something is hidden.
    static func unless(_ hidden: Set<String>, _ column: String) -> String {
        hidden.isEmpty ? "" : " AND \(column) NOT IN (SELECT value FROM json_each(?))"
    }

    static func names(_ hidden: Set<String>) -> [(any DatabaseValueConvertible)?] {
        hidden.isEmpty ? [] : [JSON.names(hidden)]
    }

    /// Counts no further than the limit.
    private func countUpTo(_ rows: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> Int {
        try count(
            "SELECT COUNT(*) FROM (\(rows) LIMIT \(FlowSummary.countMax))", StatementArguments(arguments))
    }

    private func countOfSeen(since: Timestamp, _ hidden: Set<String>) throws -> Int {
        let first: [(any DatabaseValueConvertible)?] = [try firstDetectionRow(since: since)]
        return try countUpTo(
            "SELECT 1 FROM detection WHERE rowid >= ?\(Self.unless(hidden, "+asset"))", first + Self.names(hidden))
    }

    private func countOfRaised(since: Timestamp, _ hidden: Set<String>) throws -> Int {
        let first: [(any DatabaseValueConvertible)?] = [since.microseconds]
        return try countUpTo(
            "SELECT 1 FROM work_order WHERE raised_at >= ?\(Self.unless(hidden, "+asset"))", first + Self.names(hidden))
    }

    private func medianSecondsToOrder(since: Timestamp, _ hidden: Set<String>) throws -> Double? {
        var arguments: [(any DatabaseValueConvertible)?] = [since.microseconds]
        arguments += Self.names(hidden)
        let spans = try rows(
            """
            SELECT acknowledged_at - raised_at AS span FROM work_order
            WHERE raised_at >= ? AND acknowledged_at IS NOT NULL\(Self.unless(hidden, "+asset"))
            ORDER BY raised_at DESC LIMIT 1000
            """, StatementArguments(arguments)
        ).map { Double($0["span"] as Int64) / 1e6 }.sorted()
        guard !spans.isEmpty else { return nil }
        return (spans[(spans.count - 1) / 2] + spans[spans.count / 2]) / 2
    }

    private func countOfWaiting(_ hidden: Set<String>) throws -> Int {
        try countUpTo(
            "SELECT 1 FROM work_order WHERE delivery = 'waiting'\(Self.unless(hidden, "+asset"))", Self.names(hidden))
    }

    private func countOfDead(_ hidden: Set<String>) throws -> Int {
        guard !hidden.isEmpty else { return try countUpTo("SELECT 1 FROM outbox WHERE state = 'dead'", []) }
        return try countUpTo(
            """
            SELECT 1 FROM outbox x CROSS JOIN work_order o ON o.reference = x.reference
            WHERE x.state = 'dead'\(Self.unless(hidden, "+o.asset"))
            """, Self.names(hidden))
    }

    /// The alarms that are up, the newest first.
    ///
    /// - Parameter hidden: assets of whose orders and charts no alarm is shown; a chart's stream of several assets is then
    ///   of others as well.
    public func shownAlarms(
        hiding hidden: Set<String>, limit: Int = FlowSummary.alarmsMax
    ) throws -> [ShownAlarm] {
        let order = hidden.isEmpty ? "" : "LEFT JOIN work_order w ON w.reference = a.subject"
        let seen = Self.unless(hidden, "COALESCE(w.asset, '')")
        let alarms = try rows(
            """
            SELECT a.at, a.kind, a.subject, a.detail FROM alarm a INDEXED BY alarm_up \(order)
            WHERE a.cleared_at IS NULL\(seen) ORDER BY a.id DESC LIMIT ?
            """, StatementArguments(Self.names(hidden) + [limit])
        ).map {
            ShownAlarm(at: Timestamp($0, "at"), kind: $0["kind"], subject: $0["subject"], detail: $0["detail"])
        }
        guard !hidden.isEmpty else { return alarms }
        return try alarms.filter { try !isOfStreamElsewhere($0.subject, hidden) }
    }

    /// Whether a name like `scratches (asset=PRESS-07)` is that of a chart's stream which is not of a seen asset alone.
    private func isOfStreamElsewhere(_ name: String, _ hidden: Set<String>) throws -> Bool {
        var names = [(chart: name, stratum: "")]
        for mark in name.ranges(of: " (") where name.hasSuffix(")") {
            let stratum = String(name[mark.upperBound...].dropLast())
            names.append((chart: String(name[..<mark.lowerBound]), stratum: stratum))
        }
        for (chart, stratum) in names {
            guard
                let found = try row(
                    "SELECT asset FROM chart_stream WHERE chart = ? AND stratum = ?", [chart, stratum])
            else { continue }
            let asset: String? = found["asset"]
            return asset.map { hidden.contains($0) } ?? true
        }
        return false
    }
}
