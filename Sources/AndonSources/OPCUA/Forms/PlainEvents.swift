import AndonModel
import UAClient
import UACodec

/// Events of a type that the configuration names.
extension EventForm {
    func query(type: ExpandedNodeId) -> EventQuery {
        EventQuery(EventQuery.baseFields + fields.map(field), where: .ofType(type))
    }

    private func field(_ path: String) -> EventField {
        let names = path.split(separator: "/").map { name in
            namespace.map { BrowseName(String(name), in: $0) } ?? BrowseName(String(name))
        }
        return EventField(names, of: NodeId(2041))
    }

    /// The event's fields by their names: those of every event, and the selected ones; a path's steps are levels.
    static func fields(of event: EventNotification) -> FieldValue {
        var root = FieldValue.object([:])
        for (name, value) in zip(event.names, event.fields) {
            let value = FieldValue(value)
            guard value != .null else { continue }
            root = root.inserting(value, at: name.split(separator: "/").map(String.init)[...])
        }
        return root
    }
}

extension FieldValue {
    /// With a value below the given names; a value that stands in the way gives way.
    fileprivate func inserting(_ value: FieldValue, at path: ArraySlice<String>) -> FieldValue {
        guard let name = path.first else { return value }
        var members: [String: FieldValue] = [:]
        if case .object(let own) = self { members = own }
        members[name] = (members[name] ?? .object([:])).inserting(value, at: path.dropFirst())
        return .object(members)
    }
}
