import AndonModel
import AndonSQL

/// A detection that an order was raised for or that joined it, with its picture.
public struct OrderOccurrence: Sendable {
    public var detection: DetectionRecord
    public var picture: String?
    /// Whether the picture's bytes are still there.
    public var isPictureKept: Bool
    public var lot: String?
    /// Where it stands among the order's, for the page after it.
    public var place: Int64
}

/// A part of what is to be done for an order in a CMMS that needs a person.
public struct OrderDeadLetter: Sendable {
    public var effect: Effect.Kind
    public var attempts: Int
    public var lastError: String?
    public var createdAt: Timestamp
}

extension Reader {
    /// Newest first.
    ///
    /// - Parameter before: the `place` of the last one of the page before.
    public func occurrences(of reference: Reference, before: Int64? = nil, limit: Int) throws -> [OrderOccurrence] {
        // Rows that share a reference lie in the index in the order of their coming.
        try rows(
            """
            SELECT d.*, d.rowid AS place, i.id AS inspection_id, i.picture AS picture, i.lot AS lot,
                p.sha256 IS NOT NULL AND p.removed_at IS NULL AS is_kept
            FROM detection d JOIN inspection i ON i.seq = d.inspection_seq LEFT JOIN picture p ON p.sha256 = i.picture
            WHERE d.reference = ? AND d.rowid < ? ORDER BY d.rowid DESC LIMIT ?
            """, [reference.text, before ?? .max, limit]
        ).map { row in
            OrderOccurrence(
                detection: try Self.detection(row, inspectionID: row["inspection_id"]), picture: row["picture"],
                isPictureKept: row["is_kept"], lot: row["lot"], place: row["place"])
        }
    }

    /// Of one class on one asset, newest first, without one of them.
    public func relatedOrders(to order: OrderRecord, limit: Int) throws -> [OrderRecord] {
        try rows(
            """
            SELECT * FROM work_order WHERE seq IN (
                SELECT seq FROM work_order INDEXED BY work_order_stream WHERE asset = ? AND class = ? AND seq <> ?
                ORDER BY seq DESC LIMIT ?)
            ORDER BY seq DESC
            """, [order.asset, order.defectClass, order.seq, limit]
        ).map(Self.order)
    }

    /// What of an order is dead, in the order in which it was to be done.
    public func deadLetters(of reference: Reference) throws -> [OrderDeadLetter] {
        try rows("SELECT * FROM outbox WHERE reference = ? AND state = 'dead' ORDER BY id", [reference.text])
            .map(Self.outboxRow).map {
                OrderDeadLetter(
                    effect: $0.effect, attempts: $0.attempts, lastError: $0.lastError, createdAt: $0.createdAt)
            }
    }

    /// Detections by a condition on `d` and the report `i`, with what follows it.
    func detections(
        _ condition: String, _ arguments: StatementArguments
    ) throws -> [DetectionRecord] {
        try rows(
            """
            SELECT d.*, i.id AS inspection_id FROM detection d JOIN inspection i ON i.seq = d.inspection_seq
            WHERE \(condition)
            """, arguments
        ).map { try Self.detection($0, inspectionID: $0["inspection_id"]) }
    }
}
