import AndonModel
import AndonSQL

/// A detection with its picture and its order, for those who watch what comes in.
public struct ShownDetection: Sendable, Equatable {
    /// Its place in the order of receipt.
    public var row: Int64
    public var inspectionID: String
    public var ordinal: Int
    public var asset: String
    public var defectClass: String
    public var confidence: Double?
    /// 0...1; nil where nobody stated it.
    public var severity: Double?
    public var detectedAt: Timestamp
    public var receivedAt: Timestamp
    public var camera: String
    public var outcome: Outcome
    public var reason: String
    /// The picture's digest.
    public var picture: String?
    /// Whether the picture's bytes are still kept.
    public var isPictureKept: Bool
    /// The order that it raised or joined.
    public var order: ShownOrder?

    public var id: String { "\(inspectionID)#\(ordinal)" }
}

/// Where an order stands on its way to the CMMS.
public struct ShownOrder: Sendable, Equatable {
    public var reference: Reference
    public var asset: String
    public var defectClass: String
    public var connector: String
    public var delivery: Delivery
    public var state: OrderState
    public var raisedAt: Timestamp
    public var acknowledgedAt: Timestamp?
    /// The CMMS's number.
    public var number: String?

    /// Seconds from the accepted report to the CMMS's acknowledgement; nil while it waits.
    public var secondsToOrder: Double? { acknowledgedAt.map { ($0 - raisedAt).seconds } }
    /// What people call it: the CMMS's number, or ours until there is one.
    public var name: String { number ?? reference.text }
}

/// Which detections are shown. Everything that is given must hold.
public struct DetectionFilter: Sendable, Equatable {
    public var asset: String?
    public var defectClass: String?
    public var outcome: Outcome?
    /// 0...1. A severity that nobody stated is below every one.
    public var severityMin: Double?
    /// Whether only those with an order are.
    public var hasOrder = false
    /// Assets that are out of reach.
    public var hidden: Set<String> = []

    public init() {}

    public func takes(_ detection: ShownDetection) -> Bool {
        guard asset.map({ $0 == detection.asset }) ?? true, !hidden.contains(detection.asset),
            defectClass.map({ $0 == detection.defectClass }) ?? true,
            outcome.map({ $0 == detection.outcome }) ?? true
        else { return false }
        if let severityMin, detection.severity.map({ $0 < severityMin }) ?? true { return false }
        return !hasOrder || detection.order != nil
    }

    /// Whether cards of the order may be on show. An order's detections are of its asset and class.
    public func takes(_ order: ShownOrder) -> Bool {
        !hidden.contains(order.asset) && (asset.map { $0 == order.asset } ?? true)
            && (defectClass.map { $0 == order.defectClass } ?? true)
    }

    fileprivate var conditions: (sql: [String], arguments: [(any DatabaseValueConvertible)?]) {
        var sql: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        // With a plus sign no index is taken: the rows are walked from the newest on, and that has an end.
        func ask(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            sql.append(condition)
            arguments.append(value)
        }
        if let asset { ask("+d.asset = ?", asset) }
        if let defectClass { ask("+d.class = ?", defectClass) }
        if let outcome { ask("+d.outcome = ?", outcome.rawValue) }
        if let severityMin { ask("d.severity >= ?", severityMin) }
        if hasOrder { sql.append("+d.reference IS NOT NULL") }
        if !hidden.isEmpty { ask("+d.asset NOT IN (SELECT value FROM json_each(?))", JSON.names(hidden)) }
        return (sql, arguments)
    }
}

extension JSON {
    /// A list of names for a statement's `json_each`.
    static func names(_ names: Set<String>) -> String {
        JSON.array(names.sorted().map { .string($0) }).canonicalText
    }
}

/// A page of detections, newest first.
public struct DetectionPage: Sendable, Equatable {
    public var detections: [ShownDetection]
    /// Where the next page goes on; nil when there is nothing before.
    public var before: Int64?
}

extension Reader {
    /// One walk looks at so many rows at most: a filter that nothing fits must not walk through all there ever was.
    static let detectionWalkMax: Int64 = 20_000

    // `CROSS JOIN` keeps the order of the tables as it is written: detections first.
    private static let shown = """
        SELECT d.rowid AS row, d.*, i.id, i.camera, i.picture, p.removed_at AS picture_removed_at, o.asset AS order_asset,
            o.class AS order_class, o.connector, o.delivery, o.state, o.raised_at, o.acknowledged_at, o.remote_number
        FROM detection d CROSS JOIN inspection i ON i.seq = d.inspection_seq
        LEFT JOIN picture p ON p.sha256 = i.picture LEFT JOIN work_order o ON o.reference = d.reference
        """

    /// Newest first by receipt.
    ///
    /// - Parameters:
    ///   - before: the ``DetectionPage/before`` of the page before; nil for the newest.
    ///   - since: received at this time or later.
    ///   - limit: 1 or more.
    public func shownDetections(
        _ filter: DetectionFilter, before: Int64? = nil, since: Timestamp? = nil, limit: Int
    ) throws -> DetectionPage {
        let end = try lastDetectionRow() + 1
        let top = min(max(before ?? end, 1), end)
        let oldest = try since.map { try firstDetectionRow(since: $0) } ?? 1
        let floor = max(oldest, top - Self.detectionWalkMax)
        let (conditions, arguments) = filter.conditions
        let whole = (["d.rowid < ?", "d.rowid >= ?"] + conditions).joined(separator: " AND ")
        var values: [(any DatabaseValueConvertible)?] = [top, floor]
        values += arguments
        values.append(limit)
        let found = try rows(
            "\(Self.shown) WHERE \(whole) ORDER BY d.rowid DESC LIMIT ?", StatementArguments(values)
        ).map(Self.shownDetection)
        let next = found.count == limit ? found.last?.row ?? floor : floor
        return DetectionPage(detections: found, before: next > oldest ? next : nil)
    }

    /// Behind the row `after` and up to `through`, in the order of receipt.
    public func shownDetections(after: Int64, through: Int64, limit: Int) throws -> [ShownDetection] {
        try rows(
            "\(Self.shown) WHERE d.rowid > ? AND d.rowid <= ? ORDER BY d.rowid LIMIT ?", [after, through, limit]
        ).map(Self.shownDetection)
    }

    public func shownOrder(_ reference: Reference) throws -> ShownOrder? {
        try row(
            """
            SELECT asset AS order_asset, class AS order_class, connector, delivery, state, raised_at, acknowledged_at,
                remote_number FROM work_order WHERE reference = ?
            """, [reference.text]
        ).map { try Self.shownOrder($0, reference) }
    }

    private static func shownDetection(_ row: Row) throws -> ShownDetection {
        guard let outcome = Outcome(rawValue: row["outcome"]) else {
            throw StoreError.inconsistent("a detection has the outcome \(row["outcome"] as String)")
        }
        let picture: String? = row["picture"]
        let removedAt: Int64? = row["picture_removed_at"]
        let reference = (row["reference"] as String?).flatMap(Reference.init)
        let hasOrder = (row["delivery"] as String?) != nil
        return ShownDetection(
            row: row["row"], inspectionID: row["id"], ordinal: row["ordinal"], asset: row["asset"],
            defectClass: row["class"], confidence: row["confidence"], severity: row["severity"],
            detectedAt: Timestamp(row, "detected_at"), receivedAt: Timestamp(row, "received_at"),
            camera: row["camera"], outcome: outcome, reason: row["reason"], picture: picture,
            isPictureKept: picture != nil && removedAt == nil,
            order: try hasOrder ? reference.map { try Self.shownOrder(row, $0) } : nil)
    }

    private static func shownOrder(_ row: Row, _ reference: Reference) throws -> ShownOrder {
        guard let delivery = Delivery(rawValue: row["delivery"]), let state = OrderState(rawValue: row["state"]) else {
            throw StoreError.inconsistent("the order \(reference) has an unknown state")
        }
        return ShownOrder(
            reference: reference, asset: row["order_asset"], defectClass: row["order_class"],
            connector: row["connector"], delivery: delivery, state: state, raisedAt: Timestamp(row, "raised_at"),
            acknowledgedAt: Timestamp(optional: row, "acknowledged_at"), number: row["remote_number"])
    }

    /// The first row that was received at `time` or later; the one behind the last when there is none. Rows are in the
    /// order of receipt, so a few looks find it.
    func firstDetectionRow(since time: Timestamp) throws -> Int64 {
        var (low, high) = (Int64(1), try lastDetectionRow() + 1)
        while low < high {
            let middle = low + (high - low) / 2
            let found = try row(
                "SELECT received_at FROM detection WHERE rowid >= ? ORDER BY rowid LIMIT 1", [middle])
            let receivedAt = found.map { $0["received_at"] as Int64 } ?? .max
            if receivedAt < time.microseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
