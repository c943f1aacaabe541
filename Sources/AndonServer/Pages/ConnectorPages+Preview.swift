import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb

/// What would be sent for an order, or for a detection.
extension ConnectorPages {
    private static let subjectMax = 200

    /// What a person chose to see the request of.
    private enum Subject {
        case order(WorkOrder)
        /// A detection of an order.
        case detection(of: WorkOrder)
        /// The order that a detection would raise by the rules in force.
        case wouldRaise(WorkOrder)
        /// A detection that raises no order, and why.
        case nothing(reason: String)
        case unknown

        var order: WorkOrder? {
            switch self {
            case .order(let order), .detection(of: let order), .wouldRaise(let order): order
            case .nothing, .unknown: nil
            }
        }
    }

    /// - Parameters:
    ///   - asked: what was typed: an order's reference or a detection's id; nil when nobody asked.
    ///   - newest: the order that is shown then.
    func preview(
        _ built: BuiltConnector, _ asked: String?, newest: String?, _ scope: SiteScope, _ words: ConnectorWords
    ) async throws -> [String: Any] {
        let typed = (asked ?? "").trimmed
        let name = typed.isEmpty ? newest ?? "" : typed
        var values: [String: Any] = ["reference": name.cut(to: Self.subjectMax), "isAsked": asked != nil]
        let subject = try await subject(name, scope)
        switch subject {
        case .unknown: values["isNone"] = true
        case .nothing(let reason): values["verdict"] = reason
        case .order: break
        case .detection(of: let order): values["detectionOf"] = order.reference.text
        case .wouldRaise(let order):
            values["wouldRaise"] = words.texts.text("connectors", "would-raise", ["reference": order.reference.text])
        }
        guard let order = subject.order else { return values }
        let preview = await RequestPreview(order, for: built.entry, mapping: built.connector.mapping)
        values["fields"] = preview.fields.map { field -> [String: Any] in
            var row: [String: Any] = [
                "field": field.mapped.field, "source": field.mapped.source, "form": field.mapped.form,
            ]
            row["value"] = field.value.map { $0.cut(to: 2000) }
            return row
        }
        values["hasFields"] = !preview.fields.isEmpty
        values["request"] = preview.request
        values["body"] = preview.body
        values["before"] = preview.before.map { words.texts.text("connectors", "before", ["request": $0]) }
        return values
    }

    /// - Parameter name: an order's reference or a detection's id; who sees neither is told that there is none.
    private func subject(_ name: String, _ scope: SiteScope) async throws -> Subject {
        let (current, now) = (tools.inForce(), tools.store.time.now())
        return try await tools.store.read { reader -> Subject in
            if let reference = Reference(name.uppercased()) {
                guard let order = try reader.order(reference), scope.sees(asset: order.asset) else { return .unknown }
                return .order(order.document)
            }
            guard name.utf8.count <= Self.subjectMax, let found = try reader.detection(named: name),
                scope.sees(asset: found.detection.asset)
            else { return .unknown }
            if let order = try found.detection.reference.flatMap({ try reader.order($0) }) {
                return .detection(of: order.document)
            }
            switch try SecondLook(at: found.inspection, found.detection, current, reader, now: now) {
            case .raises(let order): return .wouldRaise(order)
            case .joins(let reference):
                return try reader.order(reference).map { Subject.detection(of: $0.document) } ?? .unknown
            case .nothing(let reason): return .nothing(reason: reason)
            }
        }
    }
}
