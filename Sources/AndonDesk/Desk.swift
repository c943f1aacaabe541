import AndonLedger
import AndonModel
import Foundation
import GRDB

/// An order on the desk.
public struct DeskOrder: Sendable {
    public var number: Int64
    public var order: WorkOrder
    public var state: OrderState
    public var assignee: String?
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var closure: Closure?
    /// Position in the desk's order of changes.
    var changed: Int64

    init(_ row: Row) throws {
        let decoder = JSONDecoder()
        number = row["number"]
        order = try decoder.decode(WorkOrder.self, from: Data((row["document"] as String).utf8))
        guard let state = OrderState(rawValue: row["state"]) else {
            throw StoreError.inconsistent("the desk's order \(number) has an unknown state")
        }
        self.state = state
        assignee = row["assignee"]
        createdAt = Timestamp(microseconds: row["created_at"])
        startedAt = (row["started_at"] as Int64?).map { Timestamp(microseconds: $0) }
        closure = try (row["closure"] as String?).map { try decoder.decode(Closure.self, from: Data($0.utf8)) }
        changed = row["changed"]
    }

    var remote: RemoteOrder {
        RemoteOrder(
            remoteID: "\(number)", reference: order.reference, state: state, vendorState: state.rawValue,
            priority: "\(order.priority)", assignee: assignee, closure: closure)
    }

    /// As the desk keeps it.
    static func document(of order: WorkOrder) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(order), as: UTF8.self)
    }

    static func nextChange(_ transaction: Transaction) throws -> Int64 {
        Int64(try transaction.reader.count("SELECT COALESCE(MAX(changed), 0) + 1 FROM desk_order"))
    }
}

/// What a technician or planner does with an order. Each step is checked against the order's state, and stands in
/// the ledger with who did it.
public struct Desk: Sendable {
    let store: Store

    public init(store: Store) {
        self.store = store
    }

    /// Open orders first, the most urgent of them first, then the newest.
    public func list(limit: Int = 200) async throws -> [DeskOrder] {
        try await store.read { reader in
            try reader.rows(
                """
                SELECT * FROM desk_order ORDER BY CASE state WHEN 'inProgress' THEN 0 WHEN 'open' THEN 0 ELSE 1 END,
                    CAST(json_extract(document, '$.priority') AS INTEGER), number DESC LIMIT ?
                """, [limit]
            ).map { try DeskOrder($0) }
        }
    }

    public func order(_ reference: Reference) async throws -> DeskOrder? {
        try await store.read { try Self.order(reference, $0) }
    }

    /// The names of the order's files, and its notes, oldest first.
    public func papers(_ number: Int64) async throws -> (files: [String], notes: [String]) {
        try await store.read { reader in
            (
                try reader.rows("SELECT name FROM desk_file WHERE number = ?", [number]).map { $0["name"] },
                try reader.rows("SELECT text FROM desk_note WHERE number = ? ORDER BY at", [number]).map { $0["text"] }
            )
        }
    }

    /// What became of the picture's bytes; nil while they are here.
    public func removal(ofPicture sha256: String) async throws -> PictureRemoval? {
        try await store.read { try $0.removal(ofPicture: sha256) }
    }

    private static func order(_ reference: Reference, _ reader: Reader) throws -> DeskOrder? {
        try reader.row("SELECT * FROM desk_order WHERE reference = ?", [reference.text]).map { try DeskOrder($0) }
    }

    /// - Parameter by: who assigns; the ledger keeps both, and who had it before.
    public func assign(_ reference: Reference, to person: String, by assigner: String) async throws {
        try await change(reference, "desk.assigned", from: [.open, .inProgress], by: assigner) { $0.assignee = person }
    }

    public func start(_ reference: Reference, by person: String) async throws {
        try await change(reference, "desk.started", from: [.open], by: person) { order in
            order.state = .inProgress
            order.assignee = order.assignee ?? person
        }
    }

    public func close(_ reference: Reference, _ closure: Closure) async throws {
        try await change(
            reference, "desk.closed", from: [.open, .inProgress], by: closure.technician ?? "unnamed"
        ) { order in
            order.state = .closed
            order.closure = closure
        }
    }

    public func cancel(_ reference: Reference, reason: String, by person: String) async throws {
        try await change(reference, "desk.cancelled", from: [.open, .inProgress], by: person) { order in
            order.state = .cancelled
            order.closure = Closure(technician: person, notes: reason)
        }
    }

    public func reopen(_ reference: Reference, by person: String) async throws {
        try await change(reference, "desk.reopened", from: [.closed, .cancelled], by: person) { $0.state = .open }
    }

    /// Nobody at the desk: the estimate behind a predictive order changed. The key of the note counts the moves.
    static func plan(_ order: DeskOrder, for date: Timestamp, _ transaction: Transaction) throws {
        guard order.order.scheduledAt != date else { return }
        var document = order.order
        document.scheduledAt = date
        try transaction.run(
            "UPDATE desk_order SET document = ? WHERE number = ?", [try DeskOrder.document(of: document), order.number])
        let text = OrderText(document)
        let before = order.order.scheduledAt.map { " (before: \(text.bothTimes($0)))" } ?? ""
        let moves = try transaction.reader.count(
            "SELECT COUNT(*) FROM desk_note WHERE number = ? AND key LIKE '%/planned-%'", [order.number])
        try transaction.run(
            "INSERT INTO desk_note (number, key, at, text) VALUES (?, ?, ?, ?)",
            [
                order.number, "\(document.reference)/planned-\(moves + 1)", transaction.now.microseconds,
                "Planned for \(text.bothTimes(date))\(before)",
            ])
    }

    /// Taken back by Andon itself, before anybody began.
    static func withdraw(_ order: DeskOrder, reason: String, _ transaction: Transaction) throws {
        var order = order
        order.state = .cancelled
        order.closure = Closure(closedAt: transaction.now, notes: reason)
        try keep(order, transaction)
        try transaction.record(
            "desk.cancelled", of: order.order.reference.text,
            ["by": "Andon", "state": .string(order.state.rawValue)])
    }

    private func change(
        _ reference: Reference, _ kind: String, from states: [OrderState], by person: String,
        _ apply: @escaping @Sendable (inout DeskOrder) -> Void
    ) async throws {
        try await store.write { transaction in
            guard var order = try Self.order(reference, transaction.reader) else {
                throw Problem(
                    status: 404, type: "not-found", title: "Not found", detail: "The desk has no order \(reference).")
            }
            guard states.contains(order.state) else {
                let allowed = states.map(\.rawValue).joined(separator: " or ")
                throw Problem(
                    status: 409, type: "wrong-state", title: "The order's state does not allow this",
                    detail: "The order is \(order.state.rawValue); this needs it to be \(allowed).")
            }
            let before = order.assignee
            apply(&order)
            if order.state == .inProgress, order.startedAt == nil { order.startedAt = transaction.now }
            if order.state.isEnded, var closure = order.closure {
                closure.closedAt = closure.closedAt ?? transaction.now
                closure.startedAt = closure.startedAt ?? order.startedAt
                order.closure = closure
            }
            try Self.keep(order, transaction)
            let isReassigned = order.assignee != before
            try transaction.record(
                kind, of: reference.text,
                .object(present: [
                    "by": .string(person), "state": .string(order.state.rawValue),
                    "assignee": isReassigned ? order.assignee.map { .string($0) } : nil,
                    "assigneeBefore": isReassigned ? before.map { .string($0) } : nil,
                ]), names: ["/by", "/assignee", "/assigneeBefore"])
        }
    }

    private static func keep(_ order: DeskOrder, _ transaction: Transaction) throws {
        let closure = try order.closure.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try transaction.run(
            "UPDATE desk_order SET state = ?, assignee = ?, started_at = ?, closure = ?, changed = ? WHERE number = ?",
            [
                order.state.rawValue, order.assignee, order.startedAt?.microseconds, closure,
                try DeskOrder.nextChange(transaction), order.number,
            ])
    }
}
