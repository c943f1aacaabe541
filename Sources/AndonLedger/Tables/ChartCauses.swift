import AndonModel
import AndonSQL

/// Why points of a stream are as they are, as a person found out. Never deleted: what was wrong is withdrawn, with a reason.
public struct AssignableCause: Sendable, Equatable {
    /// From 1, in the order in which they came.
    public var number: Int64
    public var chart: String
    /// The stream; empty where the chart has one.
    public var stratum: String
    /// Numbers of the first and the last point that it is about, from 1; the same for a single one.
    public var first: Int
    public var last: Int
    public var cause: String
    /// Of the plant's own list.
    public var code: String?
    public var at: Timestamp
    /// Who said so; a name that was erased is withheld.
    public var by: String
    /// Nil while it holds.
    public var withdrawal: Withdrawal?

    public struct Withdrawal: Sendable, Equatable {
        public var at: Timestamp
        public var by: String
        public var reason: String
    }

    public func covers(_ point: Int) -> Bool { first <= point && point <= last }
}

/// A cause as it is stated, before it has a number.
public struct StatedCause: Sendable, Equatable {
    public var chart: String
    public var stratum: String
    public var first: Int
    public var last: Int
    public var cause: String
    public var code: String?
    public var by: String

    public init(
        chart: String, stratum: String, first: Int, last: Int, cause: String, code: String? = nil, by person: String
    ) {
        self.chart = chart
        self.stratum = stratum
        self.first = first
        self.last = last
        self.cause = cause
        self.code = code
        by = person
    }
}

enum ChartCauses {
    static let schema = """
        CREATE TABLE chart_cause (
            id INTEGER PRIMARY KEY, chart TEXT NOT NULL, stratum TEXT NOT NULL, first_point INTEGER NOT NULL,
            last_point INTEGER NOT NULL, cause TEXT NOT NULL, code TEXT, at INTEGER NOT NULL, stated_by TEXT NOT NULL,
            withdrawn_at INTEGER, withdrawn_by TEXT, withdrawal_reason TEXT);
        CREATE INDEX chart_cause_stream ON chart_cause (chart, stratum, id);
        """

    static func cause(_ row: Row) -> AssignableCause {
        let withdrawal = Timestamp(optional: row, "withdrawn_at").map {
            AssignableCause.Withdrawal(at: $0, by: row["withdrawn_by"] ?? "", reason: row["withdrawal_reason"] ?? "")
        }
        return AssignableCause(
            number: row["id"], chart: row["chart"], stratum: row["stratum"], first: row["first_point"],
            last: row["last_point"], cause: row["cause"], code: row["code"], at: Timestamp(row, "at"),
            by: row["stated_by"], withdrawal: withdrawal)
    }

    /// The stream as the ledger calls it.
    static func subject(_ chart: String, _ stratum: String) -> String {
        stratum.isEmpty ? chart : "\(chart) (\(stratum))"
    }
}

extension Transaction {
    /// Keeps a cause with its entry, as it is given: that the stream has the points was looked at before.
    public func keepCause(_ stated: StatedCause) throws -> AssignableCause {
        let number = try runInsert(
            """
            INSERT INTO chart_cause (chart, stratum, first_point, last_point, cause, code, at, stated_by)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                stated.chart, stated.stratum, stated.first, stated.last, stated.cause, stated.code, now.microseconds,
                stated.by,
            ])
        try record(
            "chart.cause", of: ChartCauses.subject(stated.chart, stated.stratum),
            .object(present: [
                "number": .integer(number), "from": .integer(stated.first), "to": .integer(stated.last),
                "cause": .string(stated.cause), "code": stated.code.map(JSON.string), "by": .string(stated.by),
            ]), names: ["/by"])
        return AssignableCause(
            number: number, chart: stated.chart, stratum: stated.stratum, first: stated.first, last: stated.last,
            cause: stated.cause, code: stated.code, at: now, by: stated.by)
    }

    /// Says that a cause was none, with the entry. What it was stays in the row.
    ///
    /// - Returns: the cause; nil when there is none with this number that holds.
    public func withdraw(cause number: Int64, by person: String, reason: String) throws -> AssignableCause? {
        let changed = try run(
            """
            UPDATE chart_cause SET withdrawn_at = ?, withdrawn_by = ?, withdrawal_reason = ?
            WHERE id = ? AND withdrawn_at IS NULL
            """, [now.microseconds, person, reason, number])
        guard changed == 1, let cause = try reader.chartCause(number) else { return nil }
        try record(
            "chart.cause-withdrawn", of: ChartCauses.subject(cause.chart, cause.stratum),
            ["number": .integer(number), "by": .string(person), "reason": .string(reason)], names: ["/by"])
        return cause
    }
}

extension Reader {
    public func chartCause(_ number: Int64) throws -> AssignableCause? {
        try row("SELECT * FROM chart_cause WHERE id = ?", [number]).map(ChartCauses.cause)
    }

    /// The newest causes of a stream, oldest first, those that were withdrawn among them.
    public func chartCauses(_ chart: String, _ stratum: String, limit: Int = 1000) throws -> [AssignableCause] {
        try rows(
            "SELECT * FROM chart_cause WHERE chart = ? AND stratum = ? ORDER BY id DESC LIMIT ?",
            [chart, stratum, limit]
        ).reversed().map(ChartCauses.cause)
    }
}
