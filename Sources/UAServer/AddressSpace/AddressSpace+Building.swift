import UACodec

// What an application adds: nodes under a parent, with ids and namespaces of its own.
extension AddressSpace {
    @discardableResult
    public func addObject(
        _ id: NodeId, _ name: QualifiedName, under parent: NodeId, by reference: NodeId = ReferenceType.hasComponent,
        type: NodeId = NodeId(58), displayName: LocalizedText? = nil, text: LocalizedText? = nil,
        eventNotifier: UInt8 = 0
    ) throws(Failure) -> Node {
        guard case .objectType? = self[type]?.content else { throw .noType(type) }
        let node = Node(id, name, displayName: displayName, text: text, .object(eventNotifier: eventNotifier))
        return try add(node, under: parent, by: reference, type: type)
    }

    /// A folder (Part 5, 6.6), which organises what is in it.
    @discardableResult
    public func addFolder(
        _ id: NodeId, _ name: QualifiedName, under parent: NodeId, displayName: LocalizedText? = nil
    ) throws(Failure) -> Node {
        try addObject(
            id, name, under: parent, by: ReferenceType.organizes, type: NodeId(61), displayName: displayName)
    }

    /// A variable, readable by everybody.
    ///
    /// - Parameters:
    ///   - value: nil for a value that is not known yet.
    ///   - valueRank: -1 for one value, 1 for an array.
    @discardableResult
    public func addVariable(
        _ id: NodeId, _ name: QualifiedName, under parent: NodeId, by reference: NodeId = ReferenceType.hasComponent,
        type: NodeId = NodeId(63), dataType: NodeId, valueRank: Int32 = -1, value: Variant? = nil,
        displayName: LocalizedText? = nil, text: LocalizedText? = nil
    ) throws(Failure) -> Node {
        guard case .variableType? = self[type]?.content else { throw .noType(type) }
        guard case .dataType? = self[dataType]?.content else { throw .noType(dataType) }
        let first = value.map { DataValue($0, sourceTimestamp: time()) }
        let variable = Variable(
            dataType: dataType, valueRank: valueRank,
            arrayDimensions: valueRank > 0 ? Array(repeating: 0, count: Int(valueRank)) : [],
            value: first ?? DataValue(status: .badWaitingForInitialData))
        let node = Node(id, name, displayName: displayName, text: text, .variable(variable))
        return try add(node, under: parent, by: reference, type: type)
    }

    /// A property (Part 3, 4.4.2).
    @discardableResult
    public func addProperty(
        _ id: NodeId, _ name: QualifiedName, of parent: NodeId, dataType: NodeId, valueRank: Int32 = -1,
        value: Variant
    ) throws(Failure) -> Node {
        try addVariable(
            id, name, under: parent, by: ReferenceType.hasProperty, type: NodeId(68), dataType: dataType,
            valueRank: valueRank, value: value)
    }

    /// A number with its range and unit (AnalogUnitType, or AnalogItemType where a range is given: Part 8, 5.3.2).
    @discardableResult
    public func addAnalog(
        _ id: NodeId, _ name: QualifiedName, under parent: NodeId, dataType: NodeId = NodeId(11),
        value: Variant? = nil, range: ValueRange? = nil, unit: EUInformation? = nil
    ) throws(Failure) -> Node {
        let type = range != nil ? NodeId(2368) : unit != nil ? NodeId(17497) : NodeId(2365)
        let node = try addVariable(id, name, under: parent, type: type, dataType: dataType, value: value)
        if let range {
            try addProperty(
                id.child("EURange"), "EURange", of: id, dataType: NodeId(884), value: Variant(ExtensionObject(range)))
        }
        if let unit {
            try addProperty(
                id.child("EngineeringUnits"), "EngineeringUnits", of: id, dataType: NodeId(887),
                value: Variant(ExtensionObject(unit)))
        }
        return node
    }

    /// Lets clients write a variable, as far as the hook allows it.
    public func allowWriting(_ id: NodeId, _ hook: @escaping WriteHook) throws(Failure) {
        guard let variable = self[id]?.variable else { throw .unknown(id) }
        variable.write = hook
        variable.accessLevel |= Variable.Access.write | Variable.Access.timestampWrite
    }

    /// Gives a variable a past.
    public func addHistory(_ id: NodeId, _ source: @escaping HistorySource) throws(Failure) {
        guard let variable = self[id]?.variable else { throw .unknown(id) }
        variable.history = source
        variable.accessLevel |= Variable.Access.historyRead
    }

    @discardableResult
    public func addMethod(
        _ id: NodeId, _ name: QualifiedName, under parent: NodeId, inputs: [Argument] = [], outputs: [Argument] = [],
        _ handler: MethodHandler
    ) throws(Failure) -> Node {
        let method = Method(inputs: inputs, outputs: outputs, handler: handler)
        let node = Node(id, name, .method(method))
        try add(node, under: parent, by: ReferenceType.hasComponent, type: nil)
        for (name, list) in [("InputArguments", inputs), ("OutputArguments", outputs)] where !list.isEmpty {
            let property = Node(id.child(name), QualifiedName(name), .variable(.arguments(list)))
            try add(property, under: id, by: ReferenceType.hasProperty, type: NodeId(68))
        }
        return node
    }

    /// Gives a method what it does, one of an object that was made from its type for instance.
    public func handle(_ id: NodeId, _ handler: MethodHandler) throws(Failure) {
        guard let method = self[id]?.method else { throw .unknown(id) }
        method.handler = handler
    }

    /// Gives a method of the standard's address space what it does.
    func setHandler(_ number: UInt32, _ handler: MethodHandler) { self[NodeId(number)]?.method?.handler = handler }

    // MARK: Types

    @discardableResult
    public func addObjectType(
        _ id: NodeId, _ name: QualifiedName, derivedFrom base: NodeId = NodeId(58), isAbstract: Bool = false
    ) throws(Failure) -> Node {
        guard case .objectType? = self[base]?.content else { throw .noType(base) }
        return try add(
            Node(id, name, .objectType(isAbstract: isAbstract)), under: base, by: ReferenceType.hasSubtype, type: nil)
    }

    /// A type of events with fields of its own.
    ///
    /// - Parameter fields: names and data types, properties of the type.
    @discardableResult
    public func addEventType(
        _ id: NodeId, _ name: QualifiedName, derivedFrom base: NodeId = NodeId(2041),
        fields: [(name: QualifiedName, dataType: NodeId)]
    ) throws(Failure) -> Node {
        guard isEventType(base) else { throw .noType(base) }
        let node = try addObjectType(id, name, derivedFrom: base)
        for field in fields {
            let property = try addVariable(
                id.child(field.name.name ?? ""), field.name, under: id, by: ReferenceType.hasProperty, type: NodeId(68),
                dataType: field.dataType)
            try addReference(from: property.id, ReferenceType.hasModellingRule, to: NodeId(78))
        }
        return node
    }

    /// A structure or an enumeration, described so that clients can read its values.
    @discardableResult
    public func addDataType(
        _ id: NodeId, _ name: QualifiedName, derivedFrom base: NodeId, definition: ExtensionObject?,
        encodingId: NodeId? = nil
    ) throws(Failure) -> Node {
        guard case .dataType? = self[base]?.content else { throw .noType(base) }
        let node = Node(id, name, .dataType(isAbstract: false, definition: definition))
        try add(node, under: base, by: ReferenceType.hasSubtype, type: nil)
        if let encodingId {
            let encoding = Node(encodingId, "Default Binary", .object(eventNotifier: 0))
            try insert(encoding)
            try addReference(from: encodingId, ReferenceType.hasTypeDefinition, to: NodeId(76))
            try addReference(from: id, ReferenceType.hasEncoding, to: encodingId)
        }
        return node
    }

    @discardableResult
    func add(_ node: Node, under parent: NodeId, by reference: NodeId, type: NodeId?) throws(Failure) -> Node {
        guard let owner = self[parent] else { throw .unknown(parent) }
        guard case .referenceType? = self[reference]?.content else { throw .noType(reference) }
        var definition: Node?
        if let type {
            definition = self[type]
            guard definition != nil else { throw .unknown(type) }
        }
        try insert(node)
        link(owner, reference, node)
        if let definition { link(node, ReferenceType.hasTypeDefinition, definition) }
        return node
    }
}

extension NodeId {
    /// An id for what belongs to a node: its own text with the name behind it.
    public func child(_ name: String) -> NodeId {
        switch identifier {
        case .string(let text): NodeId("\(text).\(name)", namespace: namespace)
        default: NodeId("\(self).\(name)", namespace: namespace)
        }
    }
}
