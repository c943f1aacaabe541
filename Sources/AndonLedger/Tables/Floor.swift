import AndonModel
import AndonSQL

/// A detection with where it was seen, for those who watch the plant.
public struct SeenDetection: Sendable, Equatable {
    /// The report's place in the order of receipt, and the detection's in its report.
    public var report: Int64
    public var ordinal: Int
    public var inspectionID: String
    public var asset: String
    public var defectClass: String
    public var confidence: Double?
    public var severity: Double?
    public var detectedAt: Timestamp
    public var camera: String
    /// As the report names it; nil where it names none.
    public var zone: String?
    public var lot: String?
    /// The picture's digest.
    public var picture: String?
    public var outcome: Outcome
    public var reference: Reference?
    public var priority: Int

    public var id: String { "\(inspectionID)#\(ordinal)" }
}

/// An order in the few words that fit a line.
public struct OrderLine: Sendable, Equatable {
    public var reference: Reference
    public var seq: Int64
    public var connector: String
    public var asset: String
    public var defectClass: String
    public var kind: OrderKind
    /// 1 is the most urgent.
    public var priority: Int
    public var delivery: Delivery
    public var state: OrderState
    public var raisedAt: Timestamp
    public var inspectionID: String
    public var remoteNumber: String?
    public var assignee: String?
    public var occurrences: Int
    public var worstSeverity: Double?

    /// Whether a trend foretold it: nothing is broken yet.
    public var isForetold: Bool { inspectionID.hasPrefix("trend:") }
    /// What people call it: the CMMS's number, or ours until there is one.
    public var name: String { remoteNumber ?? reference.text }
}

/// How many detections of a class an asset had within two windows that end now, and when the oldest of each was made: what
/// the count loses next.
public struct DetectionCount: Sendable, Equatable {
    public var asset: String
    public var defectClass: String
    public var day: Window
    public var month: Window
    /// The rowid of the newest one by receipt.
    public var newest: Int64

    public init(asset: String, defectClass: String, day: Window, month: Window, newest: Int64) {
        self.asset = asset
        self.defectClass = defectClass
        self.day = day
        self.month = month
        self.newest = newest
    }

    public struct Window: Sendable, Equatable {
        public var count: Int
        public var oldest: Timestamp?

        public init(count: Int = 0, oldest: Timestamp? = nil) {
            self.count = count
            self.oldest = oldest
        }
    }
}

/// The newest judged point of a stream.
public struct StreamPoint: Sendable {
    public var chart: String
    public var stratum: String
    /// The asset that all its units come from, where it is one.
    public var asset: String?
    public var point: ChartPointRecord
}

/// An entry of the ledger without its body: that something changed, and what.
public struct LedgerMark: Sendable, Equatable {
    public var index: Int64
    public var at: Timestamp
    public var kind: String
    public var subject: String
}

/// What waits for a CMMS.
public struct Backlog: Sendable, Equatable {
    public var waiting: Int
    public var dead: Int
    public var oldest: Timestamp?
    public var lastError: String?
}

extension Reader {
    // MARK: Detections

    private static let seen = """
        SELECT d.rowid AS row, d.*, i.id, i.camera, i.lot, i.picture, json_extract(i.body, '$.zone') AS zone
        FROM detection d JOIN inspection i ON i.seq = d.inspection_seq
        """

    /// Detections behind the row `after`, in the order of receipt, with the last one's row.
    public func seenDetections(after row: Int64, limit: Int) throws -> (detections: [SeenDetection], row: Int64) {
        let rows = try rows("\(Self.seen) WHERE d.rowid > ? ORDER BY d.rowid LIMIT ?", [row, limit])
        return (try rows.map(Self.seenDetection), rows.last?["row"] ?? row)
    }

    public func seenDetection(row: Int64) throws -> SeenDetection? {
        try self.row("\(Self.seen) WHERE d.rowid = ?", [row]).map(Self.seenDetection)
    }

    public func lastDetectionRow() throws -> Int64 {
        Int64(try count("SELECT COALESCE(MAX(rowid), 0) FROM detection"))
    }

    private static func seenDetection(_ row: Row) throws -> SeenDetection {
        guard let outcome = Outcome(rawValue: row["outcome"]) else {
            throw StoreError.inconsistent("a detection has the outcome \(row["outcome"] as String)")
        }
        return SeenDetection(
            report: row["inspection_seq"], ordinal: row["ordinal"], inspectionID: row["id"], asset: row["asset"],
            defectClass: row["class"], confidence: row["confidence"], severity: row["severity"],
            detectedAt: Timestamp(row, "detected_at"), camera: row["camera"], zone: row["zone"], lot: row["lot"],
            picture: row["picture"], outcome: outcome,
            reference: (row["reference"] as String?).flatMap(Reference.init), priority: row["priority"])
    }

    /// Counts of every asset and class, in one pass over their index: once, at a start.
    public func detectionCounts(day: Timestamp, month: Timestamp) throws -> [DetectionCount] {
        try rows(
            """
            SELECT asset, class, MAX(rowid), SUM(detected_at > ?1), MIN(CASE WHEN detected_at > ?1 THEN detected_at END),
                SUM(detected_at > ?2), MIN(CASE WHEN detected_at > ?2 THEN detected_at END)
            FROM detection GROUP BY asset, class
            """, [day.microseconds, month.microseconds]
        ).map { row in
            DetectionCount(
                asset: row[0], defectClass: row[1],
                day: .init(count: row[3], oldest: (row[4] as Int64?).map { Timestamp(microseconds: $0) }),
                month: .init(count: row[5], oldest: (row[6] as Int64?).map { Timestamp(microseconds: $0) }),
                newest: row[2])
        }
    }

    /// Detections of the class on the asset that were made after `time`.
    public func detectionWindow(asset: String, defectClass: String, after time: Timestamp) throws
        -> DetectionCount.Window
    {
        let row = try row(
            "SELECT COUNT(*), MIN(detected_at) FROM detection WHERE asset = ? AND class = ? AND detected_at > ?",
            [asset, defectClass, time.microseconds])
        return .init(count: row?[0] ?? 0, oldest: (row?[1] as Int64?).map { Timestamp(microseconds: $0) })
    }

    // MARK: Orders

    private static let line = """
        SELECT reference, seq, connector, asset, class, kind, priority, delivery, state, raised_at, inspection_id,
            remote_number, assignee, occurrences, worst_severity FROM work_order
        """

    /// Orders under which work is still to be done, oldest first.
    public func openOrderLines() throws -> [OrderLine] {
        try rows("\(Self.line) WHERE state IN ('open', 'inProgress') ORDER BY seq").map(Self.orderLine)
    }

    public func orderLine(_ reference: Reference) throws -> OrderLine? {
        try row("\(Self.line) WHERE reference = ?", [reference.text]).map(Self.orderLine)
    }

    /// References of the orders that are waiting, or dead.
    public func references(delivery: Delivery) throws -> Set<String> {
        Set(
            try rows("SELECT reference FROM work_order WHERE delivery = ?", [delivery.rawValue]).map { $0[0] as String }
        )
    }

    private static func orderLine(_ row: Row) throws -> OrderLine {
        guard let reference = Reference(row["reference"]), let kind = OrderKind(rawValue: row["kind"]),
            let delivery = Delivery(rawValue: row["delivery"]), let state = OrderState(rawValue: row["state"])
        else { throw StoreError.inconsistent("the order \(row["reference"] as String) has an unknown state") }
        return OrderLine(
            reference: reference, seq: row["seq"], connector: row["connector"], asset: row["asset"],
            defectClass: row["class"], kind: kind, priority: row["priority"], delivery: delivery, state: state,
            raisedAt: Timestamp(row, "raised_at"), inspectionID: row["inspection_id"],
            remoteNumber: row["remote_number"], assignee: row["assignee"], occurrences: row["occurrences"],
            worstSeverity: row["worst_severity"])
    }

    // MARK: Charts

    /// The newest point of every stream that was not late.
    public func newestStreamPoints() throws -> [StreamPoint] {
        try rows(
            """
            SELECT s.asset AS stream_asset, p.* FROM chart_stream s JOIN chart_point p ON p.chart = s.chart
                AND p.stratum = s.stratum AND p.number = (SELECT number FROM chart_point q WHERE q.chart = s.chart
                    AND q.stratum = s.stratum AND q.late = 0 ORDER BY q.number DESC LIMIT 1)
            ORDER BY s.chart, s.stratum
            """
        ).map(Self.streamPoint)
    }

    /// Points that were made behind the row `after`, with the last one's row.
    public func streamPoints(after row: Int64, limit: Int) throws -> (points: [StreamPoint], row: Int64) {
        let rows = try rows(
            """
            SELECT p.rowid AS row, s.asset AS stream_asset, p.* FROM chart_point p
            JOIN chart_stream s ON s.chart = p.chart AND s.stratum = p.stratum
            WHERE p.rowid > ? ORDER BY p.rowid LIMIT ?
            """, [row, limit])
        return (rows.map(Self.streamPoint), rows.last?["row"] ?? row)
    }

    public func lastPointRow() throws -> Int64 {
        Int64(try count("SELECT COALESCE(MAX(rowid), 0) FROM chart_point"))
    }

    /// A stream's points that were made from `from` on and before `to`, oldest first; newest first when `isBackwards`, and
    /// then after `from` and up to `to`. The first `skipped` of them are left out.
    public func chartPoints(
        _ chart: String, _ stratum: String, from: Timestamp?, to: Timestamp?, isBackwards: Bool, skipped: Int,
        limit: Int
    ) throws -> [ChartPointRecord] {
        try rows(
            """
            SELECT * FROM chart_point WHERE chart = ? AND stratum = ? AND at \(isBackwards ? ">" : ">=") ?
                AND at \(isBackwards ? "<=" : "<") ?
            ORDER BY at \(isBackwards ? "DESC" : "ASC"), number \(isBackwards ? "DESC" : "ASC") LIMIT ? OFFSET ?
            """,
            [chart, stratum, from?.microseconds ?? .min, to?.microseconds ?? .max, limit, skipped]
        ).map(Self.chartPoint)
    }

    private static func streamPoint(_ row: Row) -> StreamPoint {
        StreamPoint(chart: row["chart"], stratum: row["stratum"], asset: row["stream_asset"], point: chartPoint(row))
    }

    // MARK: What changed, and what waits

    /// Entries from `index` on, without their bodies.
    public func ledgerMarks(from index: Int64, limit: Int) throws -> [LedgerMark] {
        try rows(
            """
            SELECT idx, json_extract(entry, '$.at'), kind, subject FROM ledger WHERE idx >= ? ORDER BY idx LIMIT ?
            """, [index, limit]
        ).map { row in
            guard let at = Timestamp(row[1] as String) else {
                throw StoreError.inconsistent("the ledger's entry \(row[0] as Int64) has no time")
            }
            return LedgerMark(index: row[0], at: at, kind: row[2], subject: row[3])
        }
    }

    /// What a connector still has to do. The index that has its rows in turn answers, whatever their number.
    public func backlog(connector: String) throws -> Backlog {
        let open = "connector = ? AND state NOT IN ('done', 'dead')"
        let row = try row("SELECT COUNT(*), MIN(id) FROM outbox WHERE \(open)", [connector])
        let first = try (row?[1] as Int64?).flatMap {
            try self.row("SELECT created_at, last_error FROM outbox WHERE id = ?", [$0])
        }
        let dead = try count("SELECT COUNT(*) FROM outbox WHERE connector = ? AND state = 'dead'", [connector])
        return Backlog(
            waiting: row?[0] ?? 0, dead: dead, oldest: first.map { Timestamp($0, "created_at") },
            lastError: first?["last_error"])
    }

    /// Reports, detections by their outcomes, and orders: a pass over the detections, once at a start.
    public func flowTotals() throws -> (inspections: Int, outcomes: [Outcome: Int], orders: Int) {
        var outcomes: [Outcome: Int] = [:]
        for row in try rows("SELECT outcome, COUNT(*) FROM detection GROUP BY outcome") {
            if let outcome = Outcome(rawValue: row[0]) { outcomes[outcome] = row[1] }
        }
        return (
            try count("SELECT COUNT(*) FROM inspection"), outcomes, try count("SELECT COUNT(*) FROM work_order")
        )
    }

    /// Reports behind `seq`, and the last one's.
    public func reports(after seq: Int64) throws -> (count: Int, last: Int64) {
        let row = try row("SELECT COUNT(*), MAX(seq) FROM inspection WHERE seq > ?", [seq])
        return (row?[0] ?? 0, row?[1] ?? seq)
    }
}
