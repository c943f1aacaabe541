import AndonModel
import AndonSQL

extension Transaction {
    /// Brings an order up to what the CMMS says of it. Returns whether anything was new.
    ///
    /// The ledger gets one entry for each real change, with the state before and after.
    @discardableResult
    public func apply(_ remote: RemoteOrder, to order: OrderRecord) throws -> Bool {
        let closure = try remote.closure.map { try $0.keptText() }
        let before = try order.closure.map { try $0.keptText() }
        guard
            remote.state != order.state || remote.vendorState != order.vendorState || closure != before
                || remote.assignee != order.assignee || remote.priority != order.remotePriority
        else { return false }
        let ended = remote.state.isEnded ? (order.endedAt ?? remote.closure?.closedAt ?? now) : nil
        try run(
            """
            UPDATE work_order SET state = ?, vendor_state = ?, remote_priority = ?, assignee = ?, merged_into = ?,
                closure = ?, ended_at = ?, assigned_at = COALESCE(assigned_at, ?),
                started_at = COALESCE(?, started_at, ?), closed_at = CASE WHEN ? = 1 THEN COALESCE(closed_at, ?) END
            WHERE reference = ?
            """,
            [
                remote.state.rawValue, remote.vendorState, remote.priority, remote.assignee, remote.mergedInto, closure,
                ended?.microseconds, remote.assignee == nil ? nil : now.microseconds,
                remote.closure?.startedAt?.microseconds,
                remote.state == .inProgress ? now.microseconds : nil, remote.state == .closed,
                (remote.closure?.closedAt ?? now).microseconds, order.reference.text,
            ])
        if order.state.takesOccurrences, [.done, .closed].contains(remote.state),
            remote.closure?.verdict != .falseAlarm
        {
            try noteRepair(of: order, at: ended ?? now)
        }
        try record(
            Self.entryKind(from: order.state, to: remote.state), of: order.reference.text,
            .object(present: [
                "from": .string(order.state.rawValue), "to": .string(remote.state.rawValue),
                "vendorState": .string(remote.vendorState), "assignee": remote.assignee.map { .string($0) },
                "priorityThere": remote.priority.map { .string($0) },
                "mergedInto": remote.mergedInto.map { .string($0) },
                "closure": try closure.map { try JSON(parsing: $0) },
            ]), names: ["/assignee", "/closure/technician"])
        return true
    }

    /// Sends an order whose record the CMMS does not have any more once again, as a new record under the same
    /// reference, with all its occurrences to be told of anew, and its files to be sent anew. Notes and files for the record that is
    /// gone end, whether they wait, are under way or were dead letters: one of them before the new record would wait for a name
    /// in the CMMS that the order does not have any more, and the new record for its turn.
    public func raiseAgain(_ order: OrderRecord, policy: QueuePolicy) throws {
        // One that is to be taken back is gone as it should be.
        guard try !reader.hasOpenRow(order.reference, effect: .create),
            try !reader.hasOpenRow(order.reference, effect: .withdraw)
        else { return }
        try endEffects(of: order.reference)
        try run(
            """
            UPDATE work_order SET delivery = 'waiting', state = 'open', ended_at = NULL, remote_id = NULL,
                remote_number = NULL, remote_link = NULL, vendor_state = NULL, completed_at = NULL,
                assigned_at = NULL, started_at = NULL, closed_at = NULL, noted = 1
            WHERE reference = ?
            """, [order.reference.text])
        try enqueue(
            .create, of: order.reference, connector: order.connector,
            orderingKey: policy.orderingKey(asset: order.asset, reference: order.reference), payload: .null)
        try record(
            "order.raised-again", of: order.reference.text,
            .object(present: ["was": order.remoteID.map { .string($0) }, "reason": "missing in the CMMS"]))
    }

    private func endEffects(of reference: Reference) throws {
        let effects = try reader.rows(
            """
            SELECT id, connector, ordering_key, is_head FROM outbox
            WHERE reference = ? AND effect IN ('append', 'attach') AND state <> 'done'
            """, [reference.text])
        for row in effects {
            try post("UPDATE outbox SET state = 'done', is_head = 0 WHERE id = ?", [row["id"] as Int64])
        }
        for row in effects where row["is_head"] == true {
            try handTurn(connector: row["connector"], orderingKey: row["ordering_key"])
        }
        let dead = try reader.count(
            "SELECT COUNT(*) FROM outbox WHERE reference = ? AND state = 'dead'", [reference.text])
        if dead == 0 { try clearAlarm("dead-letter", subject: reference.text) }
    }

    /// We have cancelled an order in the CMMS. Some systems delete it then: it is not missing.
    public func withdrawn(_ reference: Reference, in connector: String) throws {
        try run(
            """
            UPDATE work_order SET state = 'cancelled', vendor_state = 'withdrawn', ended_at = ?
            WHERE reference = ? AND state = 'open'
            """, [now.microseconds, reference.text])
        try record(
            Self.entryKind(from: .open, to: .cancelled), of: reference.text,
            ["from": "open", "to": "cancelled", "vendorState": "withdrawn", "connector": .string(connector)])
    }

    private static func entryKind(from: OrderState, to: OrderState) -> String {
        if from == to { return "order.changed" }
        if from.isEnded, to.takesOccurrences { return "order.reopened" }
        switch to {
        case .open: return "order.changed"
        case .inProgress: return "order.started"
        case .done: return "order.done"
        case .closed: return "order.closed"
        case .cancelled: return "order.cancelled"
        case .merged: return "order.merged"
        case .missing: return "order.missing"
        }
    }

    public func keepCursor(_ cursor: String?, connector: String) throws {
        try run(
            """
            INSERT INTO poll (connector, cursor, polled_at) VALUES (?, ?, ?)
            ON CONFLICT (connector) DO UPDATE SET cursor = excluded.cursor, polled_at = excluded.polled_at
            """, [connector, cursor, now.microseconds])
    }
}

extension Reader {
    public func cursor(connector: String) throws -> String? {
        try row("SELECT cursor FROM poll WHERE connector = ?", [connector])?["cursor"]
    }

    public func lastPoll(connector: String) throws -> Timestamp? {
        try row("SELECT polled_at FROM poll WHERE connector = ?", [connector]).map { Timestamp($0, "polled_at") }
    }

    /// How many detections of an order were seen after that time.
    public func occurrences(of reference: Reference, after time: Timestamp) throws -> Int {
        try count(
            "SELECT COUNT(*) FROM detection WHERE reference = ? AND detected_at > ?",
            [reference.text, time.microseconds])
    }

    /// Acknowledged orders that the CMMS may still change, oldest first: a reconciliation asks for each.
    public func followedOrders(connector: String, after seq: Int64, limit: Int) throws -> [OrderRecord] {
        try rows(FollowedOrders.page, [connector, seq, limit]).map(Self.order)
    }
}

/// The orders that are looked at in the CMMS, few among all that there ever were.
enum FollowedOrders {
    static let schema = """
        CREATE INDEX work_order_followed ON work_order (connector, seq)
            WHERE delivery = 'acknowledged' AND state IN ('open', 'inProgress', 'done');
        """

    static let page = """
        SELECT * FROM work_order WHERE connector = ? AND delivery = 'acknowledged'
            AND state IN ('open', 'inProgress', 'done') AND seq > ? ORDER BY seq LIMIT ?
        """
}
