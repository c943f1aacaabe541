import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// What a technician or planner does with an order. Each step is checked against the order's state, and stands in
/// the ledger with who did it.
///
/// A step that comes with a key (``DeskStep``) is done once, however often it comes.
public struct Desk: Sendable {
    let store: Store

    public init(store: Store) {
        self.store = store
    }

    public static let noteCharactersMax = 4000

    public func order(_ reference: Reference) async throws -> DeskOrder? {
        try await store.read { try Self.order(reference, $0) }
    }

    static func order(_ reference: Reference, _ reader: Reader) throws -> DeskOrder? {
        try reader.row("SELECT * FROM desk_order WHERE reference = ?", [reference.text]).map { try DeskOrder($0) }
    }

    // MARK: Steps

    /// - Parameter by: who assigns; the ledger keeps both, and who had it before.
    @discardableResult
    public func assign(
        _ reference: Reference, to person: String, by assigner: String, step: DeskStep? = nil
    ) async throws -> StepAnswer {
        try await change(reference, .assign, by: assigner, step) { $0.assignee = person }
    }

    @discardableResult
    public func start(_ reference: Reference, by person: String, step: DeskStep? = nil) async throws -> StepAnswer {
        try await change(reference, .start, by: person, step) { order in
            order.state = .inProgress
            order.assignee = order.assignee ?? person
        }
    }

    /// - Parameter sign: called behind the step, in its transaction: a signature is there with the closure, or neither
    ///   is.
    @discardableResult
    public func close(
        _ reference: Reference, _ closure: Closure, step: DeskStep? = nil,
        sign: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) async throws -> StepAnswer {
        try await change(
            reference, .close, by: closure.technician ?? "unnamed", step,
            { order in
                order.state = .closed
                order.closure = closure
            }, then: sign)
    }

    @discardableResult
    public func cancel(
        _ reference: Reference, reason: String, by person: String, step: DeskStep? = nil
    ) async throws -> StepAnswer {
        try await change(reference, .cancel, by: person, step) { order in
            order.state = .cancelled
            order.closure = Closure(technician: person, notes: reason)
        }
    }

    @discardableResult
    public func reopen(_ reference: Reference, by person: String, step: DeskStep? = nil) async throws -> StepAnswer {
        try await change(reference, .reopen, by: person, step) { $0.state = .open }
    }

    /// A line on the order, whatever its state: what was found out later belongs to it as well.
    @discardableResult
    public func note(
        _ reference: Reference, _ text: String, by person: String, step: DeskStep? = nil
    ) async throws -> StepAnswer {
        let key = "note-" + (step?.key ?? Hex.text(store.random.bytes(16)))
        return try await add(to: reference, .note, step) { order, transaction in
            try transaction.run(
                "INSERT INTO desk_note (number, key, at, text, written_by) VALUES (?, ?, ?, ?, ?)",
                [order.number, key, transaction.now.microseconds, text, person])
            try transaction.record(
                "desk.noted", of: reference.text, ["by": .string(person), "text": .string(text)], names: ["/by"])
        }
    }

    /// Photos of the machine, whatever the order's state: one that comes late must not be lost.
    ///
    /// - Parameter pictures: their bytes lie in the folder of pictures already.
    @discardableResult
    public func photograph(
        _ reference: Reference, _ pictures: [Picture], by person: String, step: DeskStep? = nil
    ) async throws -> StepAnswer {
        try await add(to: reference, .photos, step) { _, transaction in
            for picture in pictures { try transaction.keepPhoto(picture, of: reference, by: person) }
        }
    }

    /// The answer to a step that was done before; nil for a new one, and for one without a key.
    func answer(to step: DeskStep?, _ action: DeskAction, of reference: Reference) async throws -> StepAnswer? {
        guard let step else { return nil }
        return try await store.read { try $0.answer(to: step, action.rawValue, of: reference) }
    }

    // MARK: Andon's own steps

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

    // MARK: How a step is done

    private static func found(_ reference: Reference, _ reader: Reader) throws -> DeskOrder {
        guard let order = try order(reference, reader) else { throw none(reference) }
        return order
    }

    static func none(_ reference: Reference) -> Problem {
        Problem(status: 404, type: "not-found", title: "Not found", detail: "The desk has no order \(reference).")
    }

    /// A step that leaves the order's state as it is.
    private func add(
        to reference: Reference, _ action: DeskAction, _ step: DeskStep?,
        _ body: @escaping @Sendable (DeskOrder, Transaction) throws -> Void
    ) async throws -> StepAnswer {
        try await store.write { transaction in
            if let step, let answer = try transaction.reader.answer(to: step, action.rawValue, of: reference) {
                return answer
            }
            let order = try Self.found(reference, transaction.reader)
            try body(order, transaction)
            let answer = StepAnswer(reference: reference, state: order.state, at: transaction.now)
            try transaction.keep(answer, to: step, action.rawValue)
            return answer
        }
    }

    private func change(
        _ reference: Reference, _ action: DeskAction, by person: String, _ step: DeskStep?,
        _ apply: @escaping @Sendable (inout DeskOrder) -> Void,
        then sign: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) async throws -> StepAnswer {
        try await store.write { transaction in
            if let step, let answer = try transaction.reader.answer(to: step, action.rawValue, of: reference) {
                return answer
            }
            var order = try Self.found(reference, transaction.reader)
            guard action.states.contains(order.state) else { throw Self.conflict(order, action) }
            let before = order.assignee
            apply(&order)
            Self.complete(&order, at: transaction.now)
            try Self.keep(order, transaction)
            try Self.record(order, action, by: person, before: before, transaction)
            try sign(transaction)
            let answer = StepAnswer(reference: reference, state: order.state, at: transaction.now)
            try transaction.keep(answer, to: step, action.rawValue)
            return answer
        }
    }

    /// Somebody else was first, mostly: who, and when.
    private static func conflict(_ order: DeskOrder, _ action: DeskAction) -> Problem {
        let allowed = action.states.map(\.rawValue).joined(separator: " or ")
        let by = order.closure?.technician.map { " by \($0)" } ?? ""
        let at = order.closure?.closedAt.map { " It ended \($0)\(by)." } ?? ""
        return Problem(
            status: 409, type: "wrong-state", title: "The order's state does not allow this",
            detail: "The order is \(order.state.rawValue); this needs it to be \(allowed)."
                + (order.state.isEnded ? at : ""))
    }

    private static func complete(_ order: inout DeskOrder, at now: Timestamp) {
        if order.state == .inProgress, order.startedAt == nil { order.startedAt = now }
        guard order.state.isEnded, var closure = order.closure else { return }
        closure.closedAt = closure.closedAt ?? now
        closure.startedAt = closure.startedAt ?? order.startedAt
        order.closure = closure
    }

    private static func record(
        _ order: DeskOrder, _ action: DeskAction, by person: String, before: String?, _ transaction: Transaction
    ) throws {
        let isReassigned = order.assignee != before
        var body: [String: JSON] = ["by": .string(person), "state": .string(order.state.rawValue)]
        if isReassigned { body["assignee"] = order.assignee.map { .string($0) } }
        if isReassigned { body["assigneeBefore"] = before.map { .string($0) } }
        // What is signed is what stands here.
        if order.state.isEnded, let closure = order.closure {
            body["closure"] = try JSON(of: closure)
        }
        try transaction.record(
            action.kind, of: order.order.reference.text, .object(body),
            names: ["/by", "/assignee", "/assigneeBefore", "/closure/technician"])
    }

    private static func keep(_ order: DeskOrder, _ transaction: Transaction) throws {
        let closure = try order.closure.map { try $0.keptText() }
        try transaction.run(
            "UPDATE desk_order SET state = ?, assignee = ?, started_at = ?, closure = ?, changed = ? WHERE number = ?",
            [
                order.state.rawValue, order.assignee, order.startedAt?.microseconds, closure,
                try DeskOrder.nextChange(transaction), order.number,
            ])
    }
}
