import UACodec

/// A call that was checked, or what is wrong with it.
enum PreparedCall {
    case ready(MethodHandler, MethodCall)
    case refused(CallMethodResult)
}

// Call (Part 4, 5.12): the checks, before anything is done.
extension AddressSpace {
    func prepare(_ request: CallMethodRequest, by caller: Caller) -> PreparedCall {
        func refused(_ status: StatusCode, _ results: [StatusCode] = []) -> PreparedCall {
            .refused(CallMethodResult(statusCode: status, inputArgumentResults: results))
        }
        guard let object = self[request.objectId], permits(.browse, object, caller) else {
            return refused(.badNodeIdUnknown)
        }
        guard let node = method(request.methodId, of: object), permits(.browse, node, caller), let method = node.method
        else { return refused(.badMethodInvalid) }
        guard let handler = method.handler else { return refused(.badNotExecutable) }
        guard permits(.call, node, caller) else { return refused(.badUserAccessDenied) }
        guard request.inputArguments.count >= method.inputs.count else { return refused(.badArgumentsMissing) }
        guard request.inputArguments.count == method.inputs.count else { return refused(.badTooManyArguments) }
        var inputs: [Variant] = []
        var results: [StatusCode] = []
        for (argument, value) in zip(method.inputs, request.inputArguments) {
            let fitting = fit(value, dataType: argument.dataType, valueRank: argument.valueRank)
            inputs.append(fitting ?? .null)
            results.append(fitting == nil ? .badTypeMismatch : .good)
        }
        guard !results.contains(where: \.isBad) else { return refused(.badInvalidArgument, results) }
        return .ready(
            handler,
            MethodCall(objectId: request.objectId, methodId: request.methodId, inputs: inputs, caller: caller))
    }

    /// The method of an object that an id names: its own, one of its type, or its own of the same name as the named one
    /// of its type (Part 4, 5.12.2).
    private func method(_ id: NodeId, of object: Node) -> Node? {
        if isMember(id, of: object) { return self[id] }
        let types = typeDefinition(of: object).map { supertypes(of: $0) } ?? supertypes(of: object.id)
        for type in types {
            guard let owner = self[type], isMember(id, of: owner), let named = self[id] else { continue }
            return child(named.browseName, of: object) ?? named
        }
        return nil
    }

    private func isMember(_ id: NodeId, of owner: Node) -> Bool {
        owner.references.contains {
            $0.isForward && $0.target == id && isType($0.type, derivedFrom: ReferenceType.hierarchical)
        }
    }
}
