import AndonModel
import AndonSQL

/// How a connector's queue stands. Counts end at a bound, so that they cost the same with any backlog.
public struct QueueStanding: Sendable {
    /// Effects that wait or are under way; `countMax` for that many and more.
    public var waiting: Int
    /// Effects that need a person; `deadMax` for that many and more.
    public var dead: Int
    /// Since when the oldest waits; with `countMax` and more among those that were looked at.
    public var oldestAt: Timestamp?
    /// What the oldest of those that wait last failed of.
    public var lastError: String?

    public static let countMax = 10_000
    public static let deadMax = 1000
}

/// An attempt with the order that it was for.
public struct RecentAttempt: Sendable {
    public var connector: String
    public var reference: String
    public var asset: String
    public var effect: String
    /// `send` or `search`.
    public var action: String
    public var number: Int
    public var startedAt: Timestamp
    /// Nil while the answer is awaited.
    public var outcome: String?
    public var status: Int?
    public var latency: Duration?
    public var detail: String?
}

/// An effect that needs a person.
public struct DeadLetter: Sendable {
    public var reference: String
    public var asset: String
    public var defectClass: String
    public var effect: String
    public var attempts: Int
    public var createdAt: Timestamp
    public var reason: String?
}

extension Reader {
    /// - Parameter hidden: assets whose orders are not counted.
    public func queueStanding(connector: String, hiding hidden: Set<String> = []) throws -> QueueStanding {
        let seen = Self.unless(
            hidden, "(SELECT w.asset FROM work_order w WHERE w.reference = o.reference)")
        func arguments(_ limit: Int) -> StatementArguments {
            Self.arguments([connector], hiding: hidden, limit)
        }
        let waiting = """
            SELECT o.id, o.created_at, o.last_error FROM outbox o
            WHERE o.connector = ? AND o.state NOT IN ('done', 'dead')\(seen) LIMIT ?
            """
        let sums = try row(
            "SELECT COUNT(*) AS n, MIN(created_at) AS oldest FROM (\(waiting))", arguments(QueueStanding.countMax))
        let failed = try row(
            "SELECT last_error FROM (\(waiting)) WHERE last_error IS NOT NULL ORDER BY id LIMIT 1",
            arguments(QueueStanding.countMax))
        let dead = try count(
            "SELECT COUNT(*) FROM (SELECT 1 FROM outbox o WHERE o.state = 'dead' AND o.connector = ?\(seen) LIMIT ?)",
            arguments(QueueStanding.deadMax))
        return QueueStanding(
            waiting: sums.map { $0["n"] as Int } ?? 0, dead: dead,
            oldestAt: sums.flatMap { Timestamp(optional: $0, "oldest") }, lastError: failed?["last_error"])
    }

    /// With the limit behind the names of what is hidden.
    private static func arguments(
        _ first: [(any DatabaseValueConvertible)?], hiding hidden: Set<String>, _ limit: Int
    ) -> StatementArguments {
        var values = first
        values += names(hidden)
        values.append(limit)
        return StatementArguments(values)
    }

    /// The newest attempts, the newest first.
    ///
    /// - Parameters:
    ///   - connector: nil for those of all.
    ///   - among: of all connectors' attempts the newest so many are looked at.
    ///   - hidden: assets whose orders are left out.
    public func recentAttempts(
        connector: String? = nil, limit: Int, among: Int = 5000, hiding hidden: Set<String> = []
    ) throws -> [RecentAttempt] {
        try rows(
            """
            SELECT a.action, a.number, a.started_at, a.outcome, a.status, a.latency_us, a.detail, o.connector, o.reference,
                o.effect, w.asset
            FROM (SELECT id, outbox_id, action, number, started_at, outcome, status, latency_us, detail FROM attempt
                ORDER BY id DESC LIMIT ?) a
            CROSS JOIN outbox o ON o.id = a.outbox_id CROSS JOIN work_order w ON w.reference = o.reference
            WHERE (? IS NULL OR o.connector = ?)\(Self.unless(hidden, "w.asset")) ORDER BY a.id DESC LIMIT ?
            """, Self.arguments([among, connector, connector], hiding: hidden, limit)
        ).map { row in
            RecentAttempt(
                connector: row["connector"], reference: row["reference"], asset: row["asset"], effect: row["effect"],
                action: row["action"], number: row["number"], startedAt: Timestamp(row, "started_at"),
                outcome: row["outcome"], status: row["status"],
                latency: (row["latency_us"] as Int64?).map { .microseconds($0) }, detail: row["detail"])
        }
    }

    /// A connector's dead letters, oldest first.
    ///
    /// - Parameter hidden: assets whose orders are left out.
    public func deadLetters(connector: String, limit: Int, hiding hidden: Set<String> = []) throws -> [DeadLetter] {
        try rows(
            """
            SELECT o.reference, o.effect, o.attempts, o.created_at, o.last_error, w.asset, w.class
            FROM outbox o CROSS JOIN work_order w ON w.reference = o.reference
            WHERE o.state = 'dead' AND o.connector = ?\(Self.unless(hidden, "w.asset")) ORDER BY o.id LIMIT ?
            """, Self.arguments([connector], hiding: hidden, limit)
        ).map { row in
            DeadLetter(
                reference: row["reference"], asset: row["asset"], defectClass: row["class"], effect: row["effect"],
                attempts: row["attempts"], createdAt: Timestamp(row, "created_at"), reason: row["last_error"])
        }
    }

    /// A connector's registry as it was last read; nil when it never was.
    ///
    /// - Parameter limit: assets at most, in the order of their names.
    public func registry(connector: String, limit: Int) throws -> AssetRegistry? {
        guard let head = try row("SELECT read_at FROM registry WHERE connector = ?", [connector]) else { return nil }
        let assets = try registryAssets(
            "SELECT document FROM registry_asset WHERE connector = ? ORDER BY asset LIMIT ?", [connector, limit])
        return AssetRegistry(connector: connector, readAt: Timestamp(head, "read_at"), assets: assets)
    }
}
