import AndonModel
import AndonSQL

/// How many orders of an asset are open, by the zone that they were raised for and their priority.
public struct OpenOrderCount: Sendable, Equatable {
    public var asset: String
    /// As the order says where its defect is; nil where it names no zone.
    public var zone: String?
    /// 1 is the most urgent.
    public var priority: Int
    public var orders: Int
    /// Those among them that no CMMS has, because a person must act.
    public var dead: Int
    /// When the oldest of them was raised.
    public var oldest: Timestamp

    public init(asset: String, zone: String?, priority: Int, orders: Int, dead: Int, oldest: Timestamp) {
        self.asset = asset
        self.zone = zone
        self.priority = priority
        self.orders = orders
        self.dead = dead
        self.oldest = oldest
    }
}

/// How a stream of one asset stands: its newest point that was not late.
public struct StreamStanding: Sendable, Equatable {
    public var chart: String
    public var stratum: String
    public var asset: String
    /// Nil while there is no point.
    public var at: Timestamp?
    /// Whether the point was judged against limits, and by the process that runs now: not before a repair.
    public var isJudged: Bool
    /// The rules that the point breaks.
    public var signals: [String]

    public init(
        chart: String, stratum: String, asset: String, at: Timestamp?, isJudged: Bool, signals: [String]
    ) {
        self.chart = chart
        self.stratum = stratum
        self.asset = asset
        self.at = at
        self.isJudged = isJudged
        self.signals = signals
    }
}

/// An open order in the words that fit a line, with the zone that it was raised for.
public struct PlacedOrder: Sendable, Equatable {
    public var reference: Reference
    /// What people call it: the CMMS's number, or ours until there is one.
    public var name: String
    public var asset: String
    public var zone: String?
    public var defectClass: String
    public var priority: Int
    public var delivery: Delivery
    public var state: OrderState
    public var raisedAt: Timestamp
}

extension Reader {
    /// Open orders, the most urgent first and then the oldest; at most `limit`.
    public func placedOrders(limit: Int) throws -> [PlacedOrder] {
        try rows(
            """
            SELECT reference, remote_number, asset, json_extract(document, '$.place.zone') AS zone, class, priority,
                delivery, state, raised_at
            FROM work_order WHERE state IN ('open', 'inProgress') ORDER BY priority, +seq LIMIT ?
            """, [limit]
        ).map { row in
            guard let reference = Reference(row["reference"]), let delivery = Delivery(rawValue: row["delivery"]),
                let state = OrderState(rawValue: row["state"])
            else { throw StoreError.inconsistent("the order \(row["reference"] as String) has an unknown state") }
            return PlacedOrder(
                reference: reference, name: (row["remote_number"] as String?) ?? reference.text, asset: row["asset"],
                zone: row["zone"], defectClass: row["class"], priority: row["priority"], delivery: delivery,
                state: state, raisedAt: Timestamp(row, "raised_at"))
        }
    }

    /// All open orders, counted. They are few among all, and the index that has them alone is the only one that is read:
    /// without the plus SQLite would go through every order by its asset.
    public func openOrderCounts() throws -> [OpenOrderCount] {
        try rows(
            """
            SELECT +asset AS asset, json_extract(document, '$.place.zone') AS zone, priority, COUNT(*) AS orders,
                SUM(delivery = 'dead') AS dead, MIN(raised_at) AS oldest
            FROM work_order WHERE state IN ('open', 'inProgress') GROUP BY 1, 2, 3
            ORDER BY asset, zone NULLS FIRST, priority
            """
        ).map { row in
            OpenOrderCount(
                asset: row["asset"], zone: row["zone"], priority: row["priority"], orders: row["orders"],
                dead: row["dead"], oldest: Timestamp(row, "oldest"))
        }
    }

    /// The streams of these charts that watch one asset each; in one question, a look at an index for each stream.
    ///
    /// - Parameter charts: their names; a chart with a stream for each lot has no place here: those are history.
    public func streamStandings(of charts: [String]) throws -> [StreamStanding] {
        let names = JSON.array(charts.map { .string($0) }).canonicalText
        return try rows(
            """
            SELECT s.chart, s.stratum, s.asset, p.at, p.signals,
                p.plotted IS NOT NULL AND p.number > s.begun_at AND s.repair IS NULL AS judged
            FROM chart_stream s LEFT JOIN chart_point p ON p.chart = s.chart AND p.stratum = s.stratum
                AND p.number = (SELECT q.number FROM chart_point q WHERE q.chart = s.chart AND q.stratum = s.stratum
                    AND q.late = 0 ORDER BY q.number DESC LIMIT 1)
            WHERE s.chart IN (SELECT value FROM json_each(?)) AND s.asset IS NOT NULL ORDER BY s.chart, s.stratum
            """, [names]
        ).map { row in
            StreamStanding(
                chart: row["chart"], stratum: row["stratum"], asset: row["asset"],
                at: (row["at"] as Int64?).map { Timestamp(microseconds: $0) }, isJudged: row["judged"],
                signals: ((row["signals"] as String?) ?? "").split(separator: ",").map(String.init))
        }
    }
}
