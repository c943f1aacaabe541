import UACodec

/// The answer of a method that was not refused.
public struct CallAnswer: Sendable, Hashable {
    /// Good or uncertain.
    public var status: StatusCode
    public var outputs: [Variant]
}

/// A method with the arguments that its server describes.
public struct MethodSignature: Sendable, Hashable {
    public var object: NodeId
    public var method: NodeId
    public var inputs: [Argument]
    public var outputs: [Argument]
}

extension UAClient {
    /// Calls a method (Part 4, 5.12.2). It is sent once, whatever happens.
    ///
    /// - Throws: ``ClientError/argumentsRefused(_:_:)`` or ``ClientError/refused(_:_:)`` where the server does not do it,
    ///   ``ClientError/unanswered(_:_:)`` where it may have.
    public func call(
        _ method: some NodeNaming, on object: some NodeNaming, _ arguments: [Variant] = [], timeout: Duration? = nil
    ) async throws(ClientError) -> CallAnswer {
        let connection = try ready()
        let request = CallMethodRequest(
            objectId: try namespaces.nodeId(object), methodId: try namespaces.nodeId(method), inputArguments: arguments)
        return try await call(request, on: connection, timeout: timeout)
    }

    func call(
        _ request: CallMethodRequest, on connection: Connection, timeout: Duration? = nil
    ) async throws(ClientError) -> CallAnswer {
        let response = try await exchange(CallRequest(methodsToCall: [request]), on: connection, timeout: timeout)
        guard let result = response.results.first, response.results.count == 1 else {
            throw violation("\(response.results.count) results for one call", on: connection)
        }
        guard !result.statusCode.isBad else {
            let bad = result.inputArgumentResults.contains { !$0.isGood }
            guard bad else { throw .refused(result.statusCode, "calling \(printable("\(request.methodId)"))") }
            throw .argumentsRefused(result.statusCode, result.inputArgumentResults)
        }
        var outputs = result.outputArguments
        // What was done is done: outputs that cannot be read stay bytes.
        try? await readUnknownBodies(in: &outputs, on: connection)
        return CallAnswer(status: result.statusCode, outputs: outputs)
    }

    /// Finds a method below an object, and reads what it takes and gives.
    public func method(_ name: BrowseName, of object: some NodeNaming) async throws(ClientError) -> MethodSignature {
        let connection = try ready()
        let objectId = try namespaces.nodeId(object)
        guard let method = try await translate([[name]], from: objectId, on: connection)[0] else {
            throw .missing("\(printable("\(object.expanded)")) has no method \(name.name)")
        }
        return try await signature(objectId, method, on: connection)
    }

    /// Reads what a method takes and gives. A method without arguments has no such property.
    public func signature(
        of method: some NodeNaming, on object: some NodeNaming
    ) async throws(ClientError) -> MethodSignature {
        let connection = try ready()
        return try await signature(
            try namespaces.nodeId(object), try namespaces.nodeId(method), on: connection)
    }

    private func signature(
        _ object: NodeId, _ method: NodeId, on connection: Connection
    ) async throws(ClientError) -> MethodSignature {
        let properties = try await translate(
            [["InputArguments"], ["OutputArguments"]], from: method, on: connection, referenceType: NodeId(46))
        var arguments: [[Argument]] = [[], []]
        for (place, property) in properties.enumerated() {
            guard let property else { continue }
            let value = try await read([ReadItem(property)], maxAge: 0, on: connection)[0]
            let objects = value.value?.values(of: ExtensionObject.self) ?? []
            arguments[place] = objects.compactMap { $0.value(as: Argument.self) }
            guard !value.effectiveStatus.isBad, arguments[place].count == objects.count else {
                throw .refused(value.effectiveStatus, "reading the arguments of \(printable("\(method)"))")
            }
        }
        return MethodSignature(object: object, method: method, inputs: arguments[0], outputs: arguments[1])
    }

    /// Calls a method with arguments by name, converted to the types that it takes. Nothing is sent where a name, the
    /// number or a type does not fit.
    ///
    /// - Returns: the outputs by name; those without a name by their place, from `0`.
    public func call(
        _ signature: MethodSignature, _ arguments: [String: Variant], timeout: Duration? = nil
    ) async throws(ClientError) -> (status: StatusCode, outputs: [String: Variant]) {
        let connection = try ready()
        let inputs = try await convert(arguments, for: signature, on: connection)
        let request = CallMethodRequest(
            objectId: signature.object, methodId: signature.method, inputArguments: inputs)
        let answer = try await call(request, on: connection, timeout: timeout)
        var outputs: [String: Variant] = [:]
        for (place, value) in answer.outputs.enumerated() {
            let name = place < signature.outputs.count ? signature.outputs[place].name : nil
            outputs[name ?? "\(place)"] = value
        }
        return (answer.status, outputs)
    }

    private func convert(
        _ arguments: [String: Variant], for signature: MethodSignature, on connection: Connection
    ) async throws(ClientError) -> [Variant] {
        let names = signature.inputs.map { $0.name ?? "" }
        let takes = printable(names.joined(separator: ", "))
        if let unknown = arguments.keys.sorted().first(where: { !names.contains($0) }) {
            throw .missing("The method has no argument \(unknown); it takes \(takes)")
        }
        try await loadTypes(signature.inputs.map(\.dataType), on: connection)
        var converted: [Variant] = []
        for (name, input) in zip(names, signature.inputs) {
            guard let value = arguments[name] else {
                throw .configuration("The method needs a value for \(printable(name)); it takes \(takes)")
            }
            guard let kind = types.kind(of: input.dataType) else {
                throw .missing("The type \(input.dataType) of \(printable(name)) is not known")
            }
            guard let fitting = value.converted(to: kind.builtIn, rank: input.valueRank) else {
                throw .configuration(
                    "\(printable(name)) wants \(kind.builtIn)\(input.valueRank > 0 ? " in an array" : ""), and "
                        + "\(value.type.map { "\($0)" } ?? "no value") was given that does not convert")
            }
            converted.append(fitting)
        }
        return converted
    }
}
