import AndonModel

/// An order's row, with what its details brought, read by the mapping's paths.
struct RESTRecord {
    let row: JSON
    let configuration: RESTConfiguration

    private var paths: RESTMapping.Record { configuration.mapping.record }

    func text(_ path: RESTPath?) -> String? { path?.text(in: row) }

    /// The first of the places that has a text.
    func text(of places: [RESTPath]) -> String? { places.lazy.compactMap { $0.text(in: row) }.first }

    var id: String? { text(paths.id) }

    var remote: RemoteOrder? {
        guard let id else { return nil }
        let state = state
        return RemoteOrder(
            remoteID: id, reference: reference, state: state, vendorState: text(paths.state) ?? "",
            priority: text(paths.priority), assignee: text(paths.assignee), closure: closure(state),
            changedAt: time(paths.changedAt))
    }

    /// The text behind the prefix, or what stands in square brackets in a longer one.
    private var reference: Reference? {
        guard let text = text(paths.reference), text.hasPrefix(paths.referencePrefix) else { return nil }
        if let reference = Reference(text.dropFirst(paths.referencePrefix.count).uppercased()) { return reference }
        return text.matches(of: /\[([A-Z0-9]{10})\]/).lazy.compactMap { Reference(String($0.1)) }.last
    }

    /// The first rule that holds, else the table of words; a word of neither leaves the order open.
    private var state: OrderState {
        for rule in paths.stateRules where rule.tests.allSatisfy({ $0.holds(status: 200, json: row, text: "") }) {
            return rule.state
        }
        return text(paths.state).flatMap { paths.states[$0.uppercased()] } ?? .open
    }

    private func closure(_ state: OrderState) -> Closure? {
        let hours = labourHours
        let parts = parts
        let notes = notes
        guard state.isEnded || hours != nil || !parts.isEmpty || notes != nil else { return nil }
        return Closure(
            technician: text(paths.technician) ?? text(paths.assignee), startedAt: time(paths.startedAt),
            closedAt: state.isEnded ? time(paths.closedAt) ?? time(paths.changedAt) : nil, labourHours: hours,
            parts: parts,
            problemCode: text(paths.problem), causeCode: text(paths.cause), remedyCode: text(paths.remedy), notes: notes
        )
    }

    /// The sum of all values at the path; nothing booked is not zero hours.
    private var labourHours: Double? {
        let values = (paths.labour?.nodes(in: row) ?? []).compactMap { Self.number($0) }.filter { $0 != 0 }
        guard !values.isEmpty else { return nil }
        return (values.reduce(0, +) / paths.labourUnit.perHour * 10_000).rounded() / 10_000
    }

    private static func number(_ value: JSON) -> Double? {
        value.number ?? value.string.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    private var parts: [Closure.Part] {
        let nodes = paths.parts?.nodes(in: row) ?? []
        let rows = nodes.count == 1 ? nodes[0].array ?? nodes : nodes
        return rows.compactMap { row in
            guard let code = paths.partCode?.text(in: row) else { return nil }
            let quantity = paths.partQuantity.map { $0.first(in: row).flatMap(Self.number) ?? 0 } ?? 1
            guard quantity > 0 else { return nil }
            return Closure.Part(code: code, name: paths.partName?.text(in: row), quantity: quantity)
        }
    }

    private var notes: String? {
        // A note of ours names itself, as "[A7K2M9QX3F/3]".
        let marks = [paths.ownNotes, reference.map { "[\($0)/" } ?? ""].filter { !$0.isEmpty }
        let texts = (paths.notes?.nodes(in: row) ?? []).compactMap { RESTPath.text(of: $0) }.map(PlainText.of(html:))
            .filter { text in !text.isEmpty && !marks.contains { text.contains($0) } }
        return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
    }

    /// An ISO time, a date and time without zone in the configured one, or seconds or milliseconds since 1970.
    func time(_ path: RESTPath?) -> Timestamp? {
        guard let value = path?.first(in: row) else { return nil }
        if let number = value.number, number > 0, number < 1e15 {
            return Timestamp(microseconds: Int64(number < 1e11 ? number * 1e6 : number * 1000))
        }
        return RESTPath.text(of: value).flatMap { Timestamp($0) ?? configuration.clock.time($0) }
    }
}
