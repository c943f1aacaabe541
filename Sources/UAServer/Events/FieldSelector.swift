import UACodec

/// A select clause, or an operand that names a field: what it yields for an event is one value, null where there is
/// none (Part 4, 7.22.3).
struct FieldSelector: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        case field(EventPath)
        /// The NodeId attribute of the condition itself (Part 9, 5.5.2).
        case conditionId
    }

    /// Only events of this type, or derived from it, have the field.
    let type: NodeId
    let source: Source
    let range: IndexRange?

    static let pathLength = 16

    /// - Throws: the status of the clause.
    init(_ operand: SimpleAttributeOperand, types: any EventTypes) throws(StatusError) {
        type = operand.typeDefinitionId.isNull ? EventType.base : operand.typeDefinitionId
        guard types.isEventType(type) else { throw StatusError(.badTypeDefinitionInvalid) }
        guard operand.browsePath.count <= Self.pathLength, operand.browsePath.allSatisfy({ $0.name?.isEmpty == false })
        else { throw StatusError(.badBrowseNameInvalid) }
        switch (AttributeId(rawValue: operand.attributeId), operand.browsePath.isEmpty) {
        case (.value, false): source = .field(EventPath(operand.browsePath))
        case (.nodeId, true): source = .conditionId
        default: throw StatusError(.badAttributeIdInvalid)
        }
        range = try operand.indexRange.flatMap { text throws(StatusError) in
            guard !text.isEmpty else { return nil }
            guard let range = IndexRange(text) else { throw StatusError(.badIndexRangeInvalid) }
            return range
        }
    }

    func value(of event: EventRecord, types: any EventTypes) -> Variant {
        guard type == EventType.base || types.isType(event.type, derivedFrom: type) else { return .null }
        switch source {
        case .conditionId: return event.conditionId.map { Variant($0) } ?? .null
        case .field(let path):
            let value = event.fields[path] ?? .null
            guard let range else { return value }
            return range.select(from: value) ?? .null
        }
    }
}
