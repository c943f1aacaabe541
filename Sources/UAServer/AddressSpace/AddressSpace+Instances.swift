import UACodec

// Objects with what their types ask for (Part 3, 6.4).
extension AddressSpace {
    /// Types that have themselves as a part would go on for ever.
    private static let depthMax = 8

    /// Adds an object with all that its type and the types above it make mandatory, level by level.
    ///
    /// The parts have ids made of the object's and their names; values are those of the type's own nodes. A method that
    /// does something in the type is the object's too; others are copied, for ``handle(_:_:)``.
    @discardableResult
    public func addInstance(
        _ id: NodeId, _ name: QualifiedName, of type: NodeId, under parent: NodeId,
        by reference: NodeId = ReferenceType.hasComponent, displayName: LocalizedText? = nil, eventNotifier: UInt8 = 0
    ) throws(Failure) -> Node {
        let node = try addObject(
            id, name, under: parent, by: reference, type: type, displayName: displayName, eventNotifier: eventNotifier)
        var waiting = [(owner: node, declared: supertypes(of: type), depth: 0)]
        while let next = waiting.popLast() {
            for source in next.declared {
                for (kind, part) in mandatoryParts(of: source) where child(part.browseName, of: next.owner) == nil {
                    guard next.depth < Self.depthMax else { throw .noType(type) }
                    guard let copy = try add(part, to: next.owner, by: kind) else { continue }
                    let definition = typeDefinition(of: part).map { supertypes(of: $0) } ?? []
                    waiting.append((copy, [part.id] + definition, next.depth + 1))
                }
            }
        }
        return node
    }

    /// What a type, or a part of one, makes mandatory.
    private func mandatoryParts(of id: NodeId) -> [(kind: NodeId, part: Node)] {
        (self[id]?.references ?? []).compactMap { reference in
            guard reference.isForward, isType(reference.type, derivedFrom: ReferenceType.aggregates),
                let part = self[reference.target],
                part.references.contains(Reference(ReferenceType.hasModellingRule, NodeId(78)))
            else { return nil }
            return (reference.type, part)
        }
    }

    /// - Returns: the copy, or nil for a method that is shared.
    private func add(_ part: Node, to owner: Node, by kind: NodeId) throws(Failure) -> Node? {
        if part.method?.handler != nil {
            link(owner, kind, part)
            return nil
        }
        let node = Node(
            owner.id.child(part.browseName.name ?? ""), part.browseName, displayName: part.displayName,
            text: part.text, part.content.copy)
        return try add(node, under: owner.id, by: kind, type: typeDefinition(of: part))
    }
}

extension Node.Content {
    /// The same for another node.
    fileprivate var copy: Node.Content {
        switch self {
        case .variable(let variable):
            .variable(
                Variable(
                    dataType: variable.dataType, valueRank: variable.valueRank,
                    arrayDimensions: variable.arrayDimensions, value: variable.value,
                    minimumSamplingInterval: variable.minimumSamplingInterval))
        case .method(let method): .method(Method(inputs: method.inputs, outputs: method.outputs, handler: nil))
        default: self
        }
    }
}
