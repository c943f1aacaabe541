import UACodec

/// What is left of a browse whose answer was full.
struct BrowseRest: Sendable {
    var description: BrowseDescription
    /// Those that were not looked at yet.
    var references: ArraySlice<Reference>
    var perAnswer: Int
}

// Browse and TranslateBrowsePathsToNodeIds (Part 4, 5.9). Continuation points belong to sessions, which keep what is left.
extension AddressSpace {
    /// Browses one node.
    ///
    /// - Parameter most: references that the answer may have.
    /// - Returns: the answer without a continuation point, and what is left of it.
    func browse(
        _ description: BrowseDescription, most: Int, by caller: Caller
    ) -> (result: BrowseResult, rest: BrowseRest?) {
        guard let node = self[description.nodeId], permits(.browse, node, caller) else {
            return (BrowseResult(statusCode: .badNodeIdUnknown), nil)
        }
        guard (0...2).contains(description.browseDirection.rawValue) else {
            return (BrowseResult(statusCode: .badBrowseDirectionInvalid), nil)
        }
        let wanted = description.referenceTypeId
        if !wanted.isNull {
            guard case .referenceType? = self[wanted]?.content else {
                return (BrowseResult(statusCode: .badReferenceTypeIdInvalid), nil)
            }
        }
        return page(
            BrowseRest(description: description, references: node.references[...], perAnswer: most), by: caller)
    }

    /// The next part of a browse.
    func page(_ rest: BrowseRest, by caller: Caller) -> (result: BrowseResult, rest: BrowseRest?) {
        var result = BrowseResult(statusCode: .good)
        for (index, reference) in zip(rest.references.indices, rest.references) {
            // Nodes may have gone since the first part.
            guard fits(reference, rest.description, caller) else { continue }
            guard result.references.count < rest.perAnswer else {
                var left = rest
                left.references = rest.references[index...]
                return (result, left)
            }
            if let found = description(of: reference, mask: rest.description.resultMask) {
                result.references.append(found)
            }
        }
        return (result, nil)
    }

    private func fits(_ reference: Reference, _ description: BrowseDescription, _ caller: Caller) -> Bool {
        switch description.browseDirection {
        case .forward where !reference.isForward, .inverse where reference.isForward: return false
        default: break
        }
        let wanted = description.referenceTypeId
        let isWanted =
            wanted.isNull || reference.type == wanted
            || (description.includeSubtypes && isType(reference.type, derivedFrom: wanted))
        guard isWanted, let target = self[reference.target] else { return false }
        let mask = description.nodeClassMask
        return (mask == 0 || mask & UInt32(target.nodeClass.rawValue) != 0) && permits(.browse, target, caller)
    }

    private func description(of reference: Reference, mask: UInt32) -> ReferenceDescription? {
        guard let target = self[reference.target] else { return nil }
        var description = ReferenceDescription(nodeId: ExpandedNodeId(target.id))
        if mask & 1 != 0 { description.referenceTypeId = reference.type }
        if mask & 2 != 0 { description.isForward = reference.isForward }
        if mask & 4 != 0 { description.nodeClass = target.nodeClass }
        if mask & 8 != 0 { description.browseName = target.browseName }
        if mask & 16 != 0 { description.displayName = target.displayName }
        if mask & 32 != 0, let type = typeDefinition(of: target) { description.typeDefinition = ExpandedNodeId(type) }
        return description
    }

    /// Follows a path of browse names. Step by step over sets of nodes, so that neither its length nor loops among the
    /// nodes can make it run away.
    ///
    /// - Parameter budget: references that may still be looked at.
    func translate(
        _ path: BrowsePath, by caller: Caller, limits: ServiceLimits, budget: inout Int
    ) -> BrowsePathResult {
        guard let start = self[path.startingNode], permits(.browse, start, caller) else {
            return BrowsePathResult(statusCode: .badNodeIdUnknown)
        }
        let steps = path.relativePath.elements
        guard !steps.isEmpty, steps.count <= limits.pathLength else {
            return BrowsePathResult(statusCode: steps.isEmpty ? .badNothingToDo : .badTooManyOperations)
        }
        var found = [start]
        for step in steps {
            guard let name = step.targetName.name, !name.isEmpty else {
                return BrowsePathResult(statusCode: .badBrowseNameInvalid)
            }
            if !step.referenceTypeId.isNull {
                guard case .referenceType? = self[step.referenceTypeId]?.content else {
                    return BrowsePathResult(statusCode: .badReferenceTypeIdInvalid)
                }
            }
            var next: [Node] = []
            var seen: Set<NodeId> = []
            for node in found {
                budget -= node.references.count
                guard budget >= 0 else { return BrowsePathResult(statusCode: .badTooManyOperations) }
                for reference in node.references where fits(reference, step) {
                    guard let target = self[reference.target], target.browseName == step.targetName,
                        permits(.browse, target, caller), seen.insert(target.id).inserted
                    else { continue }
                    next.append(target)
                    guard next.count <= limits.pathTargets else {
                        return BrowsePathResult(statusCode: .badTooManyMatches)
                    }
                }
            }
            guard !next.isEmpty else { return BrowsePathResult(statusCode: .badNoMatch) }
            found = next
        }
        let targets = found.map { BrowsePathTarget(targetId: ExpandedNodeId($0.id), remainingPathIndex: UInt32.max) }
        return BrowsePathResult(statusCode: .good, targets: targets)
    }

    private func fits(_ reference: Reference, _ step: RelativePathElement) -> Bool {
        guard reference.isForward != step.isInverse else { return false }
        if step.referenceTypeId.isNull { return true }
        return reference.type == step.referenceTypeId
            || (step.includeSubtypes && isType(reference.type, derivedFrom: step.referenceTypeId))
    }
}
