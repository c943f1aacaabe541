import UACodec

/// A field of an event type: a path of browse names below the type, and an attribute of what is there.
public struct EventField: Sendable, Hashable {
    public var type: ExpandedNodeId
    public var path: [BrowseName]
    public var attribute: UInt32

    /// The value of a property or variable, by default of BaseEventType.
    public init(_ path: BrowseName..., of type: some NodeNaming = NodeId(2041)) {
        self.init(path, of: type)
    }

    public init(_ path: [BrowseName], of type: some NodeNaming, attribute: AttributeId = .value) {
        self.path = path
        self.type = type.expanded
        self.attribute = attribute.rawValue
    }

    /// The node of the condition instance itself (Part 9, 5.5.2).
    public static let conditionId = EventField([], of: NodeId(2782), attribute: .nodeId)

    /// By which the field is found in a notification: the path with `/`, `ConditionId` for the condition.
    public var name: String {
        path.isEmpty ? "ConditionId" : path.map(\.name).joined(separator: "/")
    }
}

/// What a where clause compares.
public enum EventOperand: Sendable, Hashable {
    case field(EventField)
    case literal(Variant)
}

/// A condition of a where clause (Part 4, 7.7.3).
public indirect enum EventCondition: Sendable, Hashable {
    case hasType(ExpandedNodeId)
    case isNull(EventOperand)
    case equals(EventOperand, EventOperand)
    case greater(EventOperand, EventOperand)
    case less(EventOperand, EventOperand)
    case greaterOrEqual(EventOperand, EventOperand)
    case lessOrEqual(EventOperand, EventOperand)
    /// With `%`, `_`, `[a-z]` and `[^…]` (Part 4, 7.7.3).
    case like(EventOperand, String)
    case between(EventOperand, EventOperand, EventOperand)
    case inList(EventOperand, [EventOperand])
    case bitwiseAnd(EventOperand, EventOperand)
    case not(EventCondition)
    case and(EventCondition, EventCondition)
    case or(EventCondition, EventCondition)

    public static func ofType(_ type: some NodeNaming) -> EventCondition { .hasType(type.expanded) }
}

/// Which events, and which of their fields. Names hold for good; indices are found for each session.
public struct EventQuery: Sendable, Hashable {
    /// The fields that every event has (Part 5, 6.4.2).
    public static let baseFields: [EventField] = [
        EventField("EventId"), EventField("EventType"), EventField("SourceNode"), EventField("SourceName"),
        EventField("Time"), EventField("ReceiveTime"), EventField("Message"), EventField("Severity"),
    ]

    public var fields: [EventField]
    public var condition: EventCondition?

    public init(_ fields: [EventField] = baseFields, where condition: EventCondition? = nil) {
        self.fields = fields
        self.condition = condition
    }

    /// Elements of a where clause; what is longer is refused before a server has to.
    static let elementsMax = 64

    func filter(_ namespaces: NamespaceTable) throws(ClientError) -> EventFilter {
        guard !fields.isEmpty, fields.count <= 512 else {
            throw .configuration("An event query selects 1 to 512 fields.")
        }
        var clauses: [SimpleAttributeOperand] = []
        for field in fields { clauses.append(try field.operand(namespaces)) }
        var builder = ContentFilterBuilder(namespaces: namespaces)
        if let condition { try builder.add(condition) }
        return EventFilter(selectClauses: clauses, whereClause: ContentFilter(elements: builder.elements))
    }
}

extension EventField {
    func operand(_ namespaces: NamespaceTable) throws(ClientError) -> SimpleAttributeOperand {
        var names: [QualifiedName] = []
        for name in path { names.append(try namespaces.qualifiedName(name)) }
        return SimpleAttributeOperand(
            typeDefinitionId: try namespaces.nodeId(type), browsePath: names, attributeId: attribute)
    }
}

/// Lays a tree of conditions out as a list, in which an element refers only to later ones, so that there is no circle.
private struct ContentFilterBuilder {
    let namespaces: NamespaceTable
    var elements: [ContentFilterElement] = []

    @discardableResult
    mutating func add(_ condition: EventCondition) throws(ClientError) -> UInt32 {
        guard elements.count < EventQuery.elementsMax else {
            throw .configuration("A where clause has at most \(EventQuery.elementsMax) conditions.")
        }
        let place = elements.count
        // Its place is taken before those of what it refers to.
        elements.append(ContentFilterElement())
        elements[place] = try element(condition)
        return UInt32(place)
    }

    private mutating func element(_ condition: EventCondition) throws(ClientError) -> ContentFilterElement {
        switch condition {
        case .hasType(let type):
            make(.ofType, [ExtensionObject(LiteralOperand(value: Variant(try namespaces.nodeId(type))))])
        case .isNull(let one): try make(.isNull, one)
        case .equals(let one, let other): try make(.equals, one, other)
        case .greater(let one, let other): try make(.greaterThan, one, other)
        case .less(let one, let other): try make(.lessThan, one, other)
        case .greaterOrEqual(let one, let other): try make(.greaterThanOrEqual, one, other)
        case .lessOrEqual(let one, let other): try make(.lessThanOrEqual, one, other)
        case .like(let one, let pattern): try make(.like, one, .literal(Variant(pattern)))
        case .between(let one, let low, let high): try make(.between, one, low, high)
        case .inList(let one, let list): try make(.inList, [one] + list)
        case .bitwiseAnd(let one, let other): try make(.bitwiseAnd, one, other)
        case .not(let inner): make(.not, [try reference(inner)])
        case .and(let one, let other): make(.and, [try reference(one), try reference(other)])
        case .or(let one, let other): make(.or, [try reference(one), try reference(other)])
        }
    }

    private mutating func reference(_ condition: EventCondition) throws(ClientError) -> ExtensionObject {
        ExtensionObject(ElementOperand(index: try add(condition)))
    }

    private func make(_ kind: FilterOperator, _ operands: EventOperand...) throws(ClientError) -> ContentFilterElement {
        try make(kind, operands)
    }

    private func make(_ kind: FilterOperator, _ operands: [EventOperand]) throws(ClientError) -> ContentFilterElement {
        var objects: [ExtensionObject] = []
        for operand in operands {
            switch operand {
            case .field(let field): objects.append(ExtensionObject(try field.operand(namespaces)))
            case .literal(let value): objects.append(ExtensionObject(LiteralOperand(value: value)))
            }
        }
        return make(kind, objects)
    }

    private func make(_ kind: FilterOperator, _ operands: [ExtensionObject]) -> ContentFilterElement {
        ContentFilterElement(filterOperator: kind, filterOperands: operands)
    }
}
