import AndonModel
import UAClient
import UACodec
import UAModels

/// The steps as calls of a client.
struct OPCUAWork {
    let session: OPCUASession
    let client: UAClient
    let limit: Duration

    func result(of step: OPCUAStep) async throws(OPCUAFailure) -> JSON {
        switch step {
        case .read(let nodes): return ["values": .array(try await read(nodes))]
        case .write(let items): return try await write(items)
        case .call(let call): return try await self.call(call)
        case .wait(let wait): return try await self.wait(wait)
        }
    }

    private func attempt<Value>(
        _ body: () async throws(ClientError) -> Value
    ) async throws(OPCUAFailure) -> Value {
        do throws(ClientError) { return try await body() } catch { throw OPCUAFailure(error) }
    }

    /// What converts in this session, after `dataTypes` were asked for.
    private func converter(_ dataTypes: [NodeId] = []) async throws(OPCUAFailure) -> OPCUAValue {
        let unknown = dataTypes
        if !unknown.isEmpty {
            _ = try await attempt { () throws(ClientError) in try await client.loadTypes(unknown) }
        }
        var types = await client.types
        let namespaces = await client.namespaces
        for model in Model.all {
            if let index = namespaces.index(of: model.uri) { model.add(to: &types, namespace: index) }
        }
        return OPCUAValue(
            types: types, namespaces: namespaces.uris, byteStringMax: Int(await client.operationLimits.byteStringBytes))
    }

    // MARK: Nodes

    private func nodeId(_ node: OPCUANode) async throws(OPCUAFailure) -> NodeId {
        if let known = await session.known.nodes[node] { return known }
        let found: NodeId
        if node.path.isEmpty {
            found = try await attempt { () throws(ClientError) in try await client.nodeId(node.start) }
        } else {
            found = try await attempt { () throws(ClientError) in
                try await client.translate(node.path, from: node.start)
            }
        }
        await session.remember { $0.nodes[node] = found }
        return found
    }

    // MARK: Reading

    private func read(_ nodes: [OPCUANode]) async throws(OPCUAFailure) -> [JSON] {
        var ids: [NodeId] = []
        for node in nodes { ids.append(try await nodeId(node)) }
        let items = ids.map { ReadItem($0) }
        let values = try await attempt { () throws(ClientError) in try await client.read(items) }
        let converter = try await converter()
        return values.map { value in
            .object(present: [
                "status": .string(value.effectiveStatus.name),
                "value": converter.json(converter.whole(value.value)),
                "time": (value.sourceTimestamp ?? value.serverTimestamp)?.unixMicroseconds.map {
                    .time(Timestamp(microseconds: $0))
                },
            ])
        }
    }

    private func wait(_ wait: OPCUAStep.Waiting) async throws(OPCUAFailure) -> JSON {
        let clock = ContinuousClock()
        let end = clock.now + min(wait.limit, limit)
        while true {
            let value = try await read([wait.node])[0]
            let isReached = value["value"] == wait.value
            guard !isReached, clock.now < end, !Task.isCancelled else {
                return .object(present: ["isReached": .bool(isReached), "value": value["value"]])
            }
            try? await Task.sleep(for: wait.interval)
        }
    }

    // MARK: Writing

    private func write(_ items: [OPCUAStep.Writing]) async throws(OPCUAFailure) -> JSON {
        var ids: [NodeId] = []
        for item in items { ids.append(try await nodeId(item.node)) }
        let types = try await variables(ids, items)
        let converter = try await converter(types.map(\.dataType))
        var writes: [WriteItem] = []
        for (place, item) in items.enumerated() {
            let value = try fitting { () throws(OPCUAValue.Mismatch) in
                try converter.variant(
                    item.value, types[place].dataType, rank: types[place].rank, named: "\(item.node)")
            }
            writes.append(WriteItem(ids[place], DataValue(value)))
        }
        let all = writes
        let statuses = try await attempt { () throws(ClientError) in try await client.write(all) }
        guard let place = statuses.firstIndex(where: \.isBad) else {
            return ["statuses": .array(statuses.map { .string($0.name) })]
        }
        let status = statuses[place]
        throw .answered(
            status: OPCUAFailure.meaning(of: status), name: status.name,
            "writing \(items[place].node) was refused: \(status.name)")
    }

    /// The declared type and rank of each variable.
    private func variables(
        _ ids: [NodeId], _ items: [OPCUAStep.Writing]
    ) async throws(OPCUAFailure) -> [(dataType: NodeId, rank: Int32)] {
        let known = await session.known.variables
        let unknown = ids.filter { known[$0] == nil }
        guard !unknown.isEmpty else { return ids.compactMap { known[$0] } }
        let reads = unknown.flatMap { [ReadItem($0, .dataType), ReadItem($0, .valueRank)] }
        let values = try await attempt { () throws(ClientError) in try await client.read(reads) }
        for (place, id) in unknown.enumerated() {
            guard let dataType = values[2 * place].value?.value(as: NodeId.self) else {
                let status = values[2 * place].effectiveStatus
                let item = ids.firstIndex(of: id).map { "\(items[$0].node)" } ?? "\(id)"
                throw .answered(
                    status: status.isBad ? OPCUAFailure.meaning(of: status) : 404, name: status.name,
                    "\(item) is no variable there (\(status.name))")
            }
            let rank = values[2 * place + 1].value?.value(as: Int32.self) ?? -1
            await session.remember { $0.variables[id] = (dataType, rank) }
        }
        let all = await session.known.variables
        return ids.compactMap { all[$0] }
    }

    private func fitting<Value>(_ body: () throws(OPCUAValue.Mismatch) -> Value) throws(OPCUAFailure) -> Value {
        do throws(OPCUAValue.Mismatch) { return try body() } catch {
            throw .answered(
                status: error.isTooLarge ? 413 : 400, name: error.isTooLarge ? "BadRequestTooLarge" : "BadTypeMismatch",
                error.words)
        }
    }

    // MARK: Calling

    private func call(_ call: OPCUAStep.Calling) async throws(OPCUAFailure) -> JSON {
        let signature = try await signature(call)
        let inputs = try await inputs(call, signature)
        let answer = try await attempt { () throws(ClientError) in
            try await client.call(signature.method, on: signature.object, inputs, timeout: limit)
        }
        // It is done: what cannot be read of its answer is left out.
        let converter = (try? await converter()) ?? OPCUAValue(types: .standard, namespaces: [])
        var outputs: [String: JSON] = [:]
        for (place, value) in answer.outputs.enumerated() {
            let name = place < signature.outputs.count ? signature.outputs[place].name : nil
            outputs[name ?? "\(place)"] = converter.json(converter.whole(value))
        }
        return ["status": .string(answer.status.name), "outputs": .object(outputs)]
    }

    private func signature(_ call: OPCUAStep.Calling) async throws(OPCUAFailure) -> MethodSignature {
        let object = try await nodeId(call.object)
        let method: NodeId
        switch call.method {
        case .node(let node): method = try await nodeId(node)
        case .named(let name):
            var way = call.object
            way.path.append(name)
            method = try await nodeId(way)
        }
        if let known = await session.known.methods[[object, method]] { return known }
        let signature = try await attempt { () throws(ClientError) in try await client.signature(of: method, on: object)
        }
        await session.remember { $0.methods[[object, method]] = signature }
        return signature
    }

    /// The arguments in their order, each converted to its declared type.
    private func inputs(
        _ call: OPCUAStep.Calling, _ signature: MethodSignature
    ) async throws(OPCUAFailure) -> [Variant] {
        let names = signature.inputs.map { $0.name ?? "" }
        if let unknown = call.arguments.keys.sorted().first(where: { !names.contains($0) }) {
            throw .answered(
                status: 400, name: "BadTooManyArguments",
                "the method has no argument \(unknown); it takes \(names.joined(separator: ", "))")
        }
        if let missing = names.first(where: { call.arguments[$0] == nil }) {
            throw .answered(
                status: 400, name: "BadArgumentsMissing",
                "the method needs the argument \(missing); it takes \(names.joined(separator: ", "))")
        }
        let converter = try await converter(signature.inputs.map(\.dataType))
        var inputs: [Variant] = []
        for (name, input) in zip(names, signature.inputs) {
            inputs.append(
                try fitting { () throws(OPCUAValue.Mismatch) in
                    try converter.variant(
                        call.arguments[name] ?? .null, input.dataType, rank: input.valueRank, named: name)
                })
        }
        return inputs
    }
}

extension OPCUAValue {
    /// The value with its structures read by the models, where the server did not describe them.
    func whole(_ value: Variant?) -> Variant? {
        guard let value, value.holdsUnread, let bytes = try? value.binary(limits: Self.limits),
            let again = try? Variant(binary: bytes, limits: Self.limits, types: types)
        else { return value }
        return again
    }

    private static let limits = CodecLimits(
        messageBytes: 64 << 20, byteStringBytes: 64 << 20, decodedBytes: 256 << 20)
}

extension Variant {
    /// Whether bodies of structures stayed bytes.
    fileprivate var holdsUnread: Bool {
        func isUnread(_ object: ExtensionObject) -> Bool {
            if case .binary = object.body { true } else { false }
        }
        return switch self {
        case .scalar(.extensionObject(let object)): isUnread(object)
        case .array(.extensionObject(let objects)): objects.contains(where: isUnread)
        default: false
        }
    }
}
