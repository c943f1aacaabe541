/// A predictive order's planned date moves, or the order is taken back, because the estimate that it rests on changed.
public struct DateChange: Hashable, Sendable {
    public var reference: Reference
    /// Counts the changes of the order, from 1.
    public var number: Int
    /// Nil where the order had no date.
    public var from: Timestamp?
    /// Nil when the order is taken back.
    public var to: Timestamp?
    /// One readable sentence.
    public var reason: String

    public init(reference: Reference, number: Int, from: Timestamp?, to: Timestamp?, reason: String) {
        self.reference = reference
        self.number = number
        self.from = from
        self.to = to
        self.reason = reason
    }

    /// As the outbox keeps it.
    public var json: JSON {
        .object(present: [
            "change": .integer(number), "from": from.map { .time($0) }, "to": to.map { .time($0) },
            "reason": .string(reason),
        ])
    }

    /// Nil for a payload of another kind.
    public init?(_ payload: JSON, of reference: Reference) {
        guard let number = payload["change"]?.integer, let reason = payload["reason"]?.string else { return nil }
        self.init(
            reference: reference, number: number, from: payload["from"]?.string.flatMap(Timestamp.init),
            to: payload["to"]?.string.flatMap(Timestamp.init), reason: reason)
    }

    /// What people read in the CMMS.
    public var note: Note {
        let key = "\(reference)/date-\(number)"
        let what = to == nil ? "Taken back" : "Planned date moved"
        var lines = [reason]
        if let from { lines.append("Planned before: \(from.toTheSecond)") }
        if let to { lines.append("Planned now: \(to.toTheSecond)") }
        lines.append("Note: \(key)")
        return Note(
            reference: reference, key: key, title: "\(what) [\(key)]", shortTitle: "\(what) [\(key)]",
            text: lines.joined(separator: "\n"), count: number, added: 0)
    }
}
