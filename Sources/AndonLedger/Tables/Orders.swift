import AndonModel
import AndonSQL
import Foundation

/// Whether the CMMS has an order.
public enum Delivery: String, Sendable, CaseIterable {
    case waiting
    case acknowledged
    /// The CMMS refused it: a person must mend the cause and send it again.
    case dead
}

/// An order as it stands.
public struct OrderRecord: Sendable {
    public var reference: Reference
    public var seq: Int64
    public var connector: String
    public var asset: String
    public var defectClass: String
    public var kind: OrderKind
    public var priority: Int
    public var delivery: Delivery
    public var state: OrderState
    public var raisedAt: Timestamp
    public var inspectionID: String
    public var acknowledgedAt: Timestamp?
    /// When the CMMS had the order and all its pictures.
    public var completedAt: Timestamp?
    public var remoteID: String?
    public var remoteNumber: String?
    public var remoteLink: String?
    /// The priority in force in the CMMS, by its own scale; ours is `priority`.
    public var remotePriority: String?
    public var vendorState: String?
    public var assignee: String?
    /// The order of the CMMS that goes on with the work.
    public var mergedInto: String?
    public var occurrences: Int
    /// Occurrences that the CMMS has been told of.
    public var noted: Int
    public var lastSeenAt: Timestamp
    public var worstSeverity: Double?
    public var newestPriority: Int
    public var endedAt: Timestamp?
    public var closure: Closure?
    public var document: WorkOrder
}

/// How a connector's queue is kept.
public struct QueuePolicy: Sendable {
    /// Whether all orders of an asset are worked on in turn, or only the effects of one order.
    public var ordersByAsset: Bool
    public var takesOccurrences: Bool
    /// Whether an order's planned date can be moved there, and an order be cancelled.
    public var reschedules: Bool
    public var cancels: Bool
    /// At most one note about further occurrences in this time.
    public var noteEvery: Duration

    public init(
        ordersByAsset: Bool = true, takesOccurrences: Bool = true, reschedules: Bool = true, cancels: Bool = true,
        noteEvery: Duration = .seconds(60)
    ) {
        self.ordersByAsset = ordersByAsset
        self.takesOccurrences = takesOccurrences
        self.reschedules = reschedules
        self.cancels = cancels
        self.noteEvery = noteEvery
    }

    public func orderingKey(asset: String, reference: Reference) -> String {
        ordersByAsset ? "asset:\(asset)" : "order:\(reference)"
    }
}

extension Transaction {
    /// Keeps a new order and puts its creation into the outbox.
    public func raise(_ order: WorkOrder, policy: QueuePolicy) throws {
        try post(
            """
            INSERT INTO work_order (reference, seq, connector, asset, class, kind, priority, delivery, state, raised_at,
                detected_at, inspection_id, occurrences, noted, last_seen_at, worst_severity, newest_priority, document)
            VALUES (?, (SELECT COALESCE(MAX(w.seq), 0) + 1 FROM work_order w), ?, ?, ?, ?, ?, 'waiting', 'open', ?, ?, ?, 1, 1,
                ?, ?, ?, ?)
            """,
            [
                order.reference.text, order.place.connector, order.place.asset, order.defectClass,
                order.kind.rawValue, order.priority, order.raisedAt.microseconds, order.detectedAt.microseconds,
                order.inspectionID, order.detectedAt.microseconds, order.severity, order.priority,
                try order.keptText(),
            ])
        let (reference, connector) = (order.reference, order.place.connector)
        let key = policy.orderingKey(asset: order.place.asset, reference: reference)
        guard policy.ordersByAsset else {
            return try enqueueFirst(.create, of: reference, connector: connector, orderingKey: key)
        }
        try enqueue(.create, of: reference, connector: connector, orderingKey: key, payload: .null)
    }

    /// Counts a further occurrence of an open order, and has it noted in the CMMS. Occurrences that come while a
    /// note waits go with that note.
    public func group(
        _ detection: Detection, decision: Decision, into reference: Reference, policy: QueuePolicy
    ) throws {
        try post(
            """
            UPDATE work_order SET occurrences = occurrences + 1, last_seen_at = MAX(last_seen_at, ?),
                worst_severity = CASE WHEN worst_severity IS NULL OR worst_severity < ? THEN ? ELSE worst_severity END,
                newest_priority = ? WHERE reference = ?
            """,
            [
                detection.detectedAt.microseconds, decision.severity, decision.severity, decision.priority,
                reference.text,
            ])
        try enqueueNoteIfDue(reference, policy: policy)
    }

    /// Puts a note into the outbox when the CMMS has the order and has not been told of all occurrences.
    public func enqueueNoteIfDue(_ reference: Reference, policy: QueuePolicy) throws {
        let question = NoteSQL.standing(of: reference)
        if let order = try reader.row(question.sql, question.arguments) {
            try enqueueNoteIfDue(reference, order, policy: policy)
        }
    }

    /// - Parameter order: the answer to ``NoteSQL/standing(of:)``.
    func enqueueNoteIfDue(_ reference: Reference, _ order: Row, policy: QueuePolicy) throws {
        guard policy.takesOccurrences,
            order["delivery"] == Delivery.acknowledged.rawValue, order["occurrences"] as Int > order["noted"] as Int,
            OrderState(rawValue: order["state"])?.takesOccurrences == true,
            try !reader.hasOpenRow(reference, effect: .append),
            try order["occurrences"] > reader.occurrencesOfDeadNotes(reference)
        else { return }
        try enqueue(
            .append, of: reference, connector: order["connector"],
            orderingKey: policy.orderingKey(asset: order["asset"], reference: reference), payload: .null,
            after: order["noted"] as Int > 1 ? policy.noteEvery : .zero)
    }

    /// Moves the planned date of an order, or takes the order back, here and in the CMMS: a note with the reason, and the
    /// change itself where the system takes it. Where it does not, a person is asked to do it.
    public func apply(_ change: DateChange, to order: OrderRecord, policy: QueuePolicy) throws {
        let subject = order.reference.text
        if let date = change.to {
            var document = order.document
            document.scheduledAt = date
            try run("UPDATE work_order SET document = ? WHERE reference = ?", [try document.keptText(), subject])
        }
        try record(change.to == nil ? "order.taken-back" : "order.rescheduled", of: subject, change.json)
        // What the CMMS does not have yet is created with the date as it is then.
        if order.delivery != .acknowledged, change.to != nil { return }
        let key = policy.orderingKey(asset: order.asset, reference: order.reference)
        func enqueue(_ effect: Effect.Kind) throws {
            try self.enqueue(
                effect, of: order.reference, connector: order.connector, orderingKey: key, payload: change.json)
        }
        if policy.takesOccurrences { try enqueue(.append) }
        let isTaken = change.to == nil ? policy.cancels : policy.reschedules
        if isTaken { return try enqueue(change.to == nil ? .withdraw : .reschedule) }
        try alarm(
            "planned-date", subject: subject,
            change.to == nil
                ? "\(subject) is not needed any more, and \(order.connector) cancels nothing; close it there by hand."
                    + " \(change.reason)"
                : "The planned date of \(subject) moved, and \(order.connector) moves no dates; set it there by hand."
                    + " \(change.reason)")
    }
}

extension Reader {
    public func order(_ reference: Reference) throws -> OrderRecord? {
        try row("SELECT * FROM work_order WHERE reference = ?", [reference.text]).map(Self.order)
    }

    /// An order, and a picture by its digest.
    public func order(
        _ reference: Reference, withPicture sha256: String?
    ) throws -> (order: OrderRecord?, picture: Picture?) {
        guard let sha256 else { return (try order(reference), nil) }
        let found = try db.rows(of: [
            DatabaseQuestion("SELECT * FROM work_order WHERE reference = ?", [reference.text]),
            DatabaseQuestion("SELECT * FROM picture WHERE sha256 = ?", [sha256]),
        ])
        return (try found[0].first.map(Self.order), try found[1].first.map(Pictures.picture))
    }

    public func order(connector: String, remoteID: String) throws -> OrderRecord? {
        try row("SELECT * FROM work_order WHERE connector = ? AND remote_id = ?", [connector, remoteID]).map(Self.order)
    }

    /// Newest first; `before` is the `seq` of the last one of the page before.
    public func orders(
        delivery: Delivery? = nil, connector: String? = nil, before: Int64? = nil, limit: Int = 100
    ) throws -> [OrderRecord] {
        // What is not asked for is no condition: with one that is always true no index could be chosen.
        var conditions = ["seq < ?"]
        var values: [(any DatabaseValueConvertible)?] = [before ?? .max]
        if let delivery {
            conditions.append("delivery = ?")
            values.append(delivery.rawValue)
        }
        if let connector {
            conditions.append("connector = ?")
            values.append(connector)
        }
        values.append(limit)
        return try rows(
            "SELECT * FROM work_order WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq DESC LIMIT ?",
            StatementArguments(values)
        ).map(Self.order)
    }

    /// When the order was raised that waits for its CMMS for longest; nil when none waits.
    public func oldestWaiting() throws -> Timestamp? {
        try row(OldestOrders.waiting).map { Timestamp($0, "raised_at") }
    }

    /// Of one class on one asset, raised after `time`; oldest first.
    public func orders(
        asset: String, defectClass: String, after time: Timestamp, limit: Int
    ) throws -> [OrderRecord] {
        try rows(
            "SELECT * FROM work_order WHERE asset = ? AND class = ? AND raised_at > ? ORDER BY seq LIMIT ?",
            [asset, defectClass, time.microseconds, limit]
        ).map(Self.order)
    }

    /// Seconds from acceptance to the CMMS's acknowledgement of the newest acknowledged orders, in no order.
    public func secondsToOrder(last count: Int) throws -> [Double] {
        try rows(
            """
            SELECT acknowledged_at - raised_at AS elapsed FROM work_order WHERE acknowledged_at IS NOT NULL
            ORDER BY seq DESC LIMIT ?
            """, [count]
        ).map { Double($0["elapsed"] as Int64) / 1e6 }
    }

    static func order(_ row: Row) throws -> OrderRecord {
        guard let reference = Reference(row["reference"]), let kind = OrderKind(rawValue: row["kind"]),
            let delivery = Delivery(rawValue: row["delivery"]), let state = OrderState(rawValue: row["state"])
        else { throw StoreError.inconsistent("the order \(row["reference"] as String) has an unknown state") }
        let closure = try (row["closure"] as String?).map { try Closure(kept: $0) }
        return OrderRecord(
            reference: reference, seq: row["seq"], connector: row["connector"], asset: row["asset"],
            defectClass: row["class"], kind: kind, priority: row["priority"], delivery: delivery, state: state,
            raisedAt: Timestamp(row, "raised_at"), inspectionID: row["inspection_id"],
            acknowledgedAt: Timestamp(optional: row, "acknowledged_at"),
            completedAt: Timestamp(optional: row, "completed_at"), remoteID: row["remote_id"],
            remoteNumber: row["remote_number"], remoteLink: row["remote_link"], remotePriority: row["remote_priority"],
            vendorState: row["vendor_state"], assignee: row["assignee"], mergedInto: row["merged_into"],
            occurrences: row["occurrences"],
            noted: row["noted"], lastSeenAt: Timestamp(row, "last_seen_at"), worstSeverity: row["worst_severity"],
            newestPriority: row["newest_priority"], endedAt: Timestamp(optional: row, "ended_at"), closure: closure,
            document: try WorkOrder(kept: row["document"]))
    }
}

enum OldestOrders {
    static let waiting = "SELECT raised_at FROM work_order WHERE delivery = 'waiting' ORDER BY seq LIMIT 1"
}
