import AndonModel
import Foundation

/// A work order of MP2's with its labour, parts, cause and comments, read into our words.
struct MP2Record {
    let order: JSON
    var labour: [JSON] = []
    var parts: [JSON] = []
    var equipment: JSON?
    var comments: [JSON] = []
    let configuration: MP2Configuration

    static let endLine = "-- end of the AI vision detection --"

    static func text(_ value: JSON?) -> String? {
        guard let text = value?.string?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
            return nil
        }
        return text
    }

    static func number(_ value: JSON?) -> Double? {
        text(value).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    var number: String? { Self.text(order["WONUM"]) }

    /// What a poll compares.
    var fingerprint: String {
        ["STATUS", "CLOSEDATE", "COMPLETIONDATE", "ASSIGNEDTO"].map { Self.text(order[$0]) ?? "" }.joined(
            separator: "|")
    }

    /// The key stands in the first line of the comments.
    var reference: Reference? {
        comments.lazy.compactMap { MP2Order.reference(in: $0["TEXTS"]?.string) }.first
    }

    private var isClosed: Bool { Self.text(order["CLOSEDATE"]).map { !$0.hasPrefix("1900-01-01") } ?? false }

    var remote: RemoteOrder? { number.map { remote(id: $0) } }

    /// As an order that is known to us by `id`.
    func remote(id: String) -> RemoteOrder {
        let status = Self.text(order["STATUS"]) ?? ""
        var state = configuration.states[status.uppercased()] ?? .inProgress
        if isClosed { state = state == .cancelled ? .cancelled : .closed }
        // There is no "in progress": booked labour is the evidence.
        if state == .open, !labour.isEmpty { state = .inProgress }
        return RemoteOrder(
            remoteID: id, reference: reference, state: state,
            vendorState: isClosed ? "\(status), closed" : status, priority: Self.text(order["PRIORITY"]),
            assignee: Self.text(order["ASSIGNEDTO"]), closure: closure(state))
    }

    private func closure(_ state: OrderState) -> Closure? {
        let hours = labour.reduce(0.0) { $0 + (Self.number($1["REGHRS"]) ?? 0) + (Self.number($1["OTHRS"]) ?? 0) }
        let parts = usedParts
        let notes = notes
        guard state.isEnded || !labour.isEmpty || !parts.isEmpty || notes != nil else { return nil }
        return Closure(
            technician: technician, closedAt: state.isEnded ? completedAt : nil,
            labourHours: labour.isEmpty ? nil : hours,
            parts: parts, causeCode: Self.text(equipment?["RFOCODE"]), remedyCode: Self.text(equipment?["SOLUTION"]),
            notes: notes)
    }

    private var technician: String? {
        for row in labour {
            let name = [Self.text(row["FIRSTNAME"]), Self.text(row["LASTNAME"])].compactMap { $0 }.joined(
                separator: " ")
            if let known = name.isEmpty ? Self.text(row["EMPCODE"]) : name { return known }
        }
        return Self.text(order["ASSIGNEDTO"])
    }

    /// By item; rows that only plan have no quantity used.
    private var usedParts: [Closure.Part] {
        var sum = PartSum()
        for row in parts {
            guard let item = Self.text(row["ITEMNUM"]), let used = Self.number(row["QTYUSED"]) else { continue }
            sum.add(used, of: item)
        }
        return sum.parts
    }

    /// What people added after our own text.
    private var notes: String? {
        let texts = comments.compactMap { Self.added(to: $0["TEXTS"]?.string) }
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    /// What stands behind our end line, or a text that was never ours; nil when nothing does.
    static func added(to text: String?) -> String? {
        guard let text else { return nil }
        let own = text.firstRange(of: endLine).map { String(text[$0.upperBound...]) }
        let added = own ?? (text.hasPrefix(MP2Order.mark) ? "" : text)
        let plain = added.trimmingCharacters(in: .whitespacesAndNewlines)
        return plain.isEmpty ? nil : plain
    }

    /// The date, and the time of day that stands on 1900-01-01.
    private var completedAt: Timestamp? {
        let date = Self.text(order["COMPLETIONDATE"]) ?? (isClosed ? Self.text(order["CLOSEDATE"]) : nil)
        let time = Self.text(order["COMPLETIONTIME"]).map { String($0.dropFirst(11).prefix(8)) }
        return date.flatMap { Self.moment($0, time, configuration.clock) }
    }

    static func moment(_ date: String, _ time: String?, _ clock: LocalTime) -> Timestamp? {
        clock.time("\(date.prefix(10))T\(time.flatMap { $0.count == 8 ? $0 : nil } ?? "00:00:00")")
    }
}
