import UACodec

/// What was tried in this session, so that nothing is asked twice.
struct TypeLoadingState: Sendable {
    /// Data types that were looked up, whether or not that helped.
    var dataTypes: Set<NodeId> = []
    var encodings: Set<NodeId> = []
    /// Whether all structures of the server were looked through.
    var hasWalked = false
}

extension UAClient {
    /// Loads data types of the server, with all that they are made of, so that values of them can be read and written.
    ///
    /// - Returns: what each is on the wire, nil for a type that the server does not describe.
    @discardableResult
    public func loadTypes(_ dataTypes: [any NodeNaming]) async throws(ClientError) -> [TypeRegistry.Kind?] {
        let connection = try ready()
        var ids: [NodeId] = []
        for type in dataTypes { ids.append(try namespaces.nodeId(type.expanded)) }
        try await loadTypes(ids, on: connection)
        return ids.map { types.kind(of: $0) }
    }

    /// Loads types for one caller at a time: whoever comes meanwhile waits, as what is being loaded may be what it needs.
    private func inTurn(_ load: () async throws(ClientError) -> Void) async throws(ClientError) {
        while isLoadingTypes { await withCheckedContinuation { typeWaiters.append($0) } }
        isLoadingTypes = true
        defer {
            isLoadingTypes = false
            let waiting = typeWaiters
            typeWaiters = []
            for waiter in waiting { waiter.resume() }
        }
        try await load()
    }

    func loadTypes(_ dataTypes: [NodeId], on connection: Connection) async throws(ClientError) {
        try await inTurn { () throws(ClientError) in try await load(dataTypes, on: connection) }
    }

    private func load(_ dataTypes: [NodeId], on connection: Connection) async throws(ClientError) {
        let unknown = dataTypes.filter { types.kind(of: $0) == nil && !typeLoading.dataTypes.contains($0) }
        guard !unknown.isEmpty else { return }
        var described = try await describe(unknown, on: connection)
        guard connection.generation == generation else { return }
        typeLoading.dataTypes.formUnion(described.keys)
        described.register(in: &types)
        for id in unknown where types.kind(of: id) == nil { typeLoading.dataTypes.insert(id) }
        if !described.isEmpty { await connection.link.setTypes(types) }
    }

    /// Asks for definitions, supertypes and encodings, in rounds: each round asks for what the one before named.
    private func describe(
        _ first: [NodeId], on connection: Connection
    ) async throws(ClientError) -> DescribedTypes {
        var described = DescribedTypes()
        var round = Array(Set(first))
        var rounds = 0
        while !round.isEmpty {
            rounds += 1
            let total = typeLoading.dataTypes.count + described.count + round.count
            guard total <= configuration.limits.dataTypes, rounds <= configuration.limits.typeDepth else {
                throw .limit("data types", allowed: configuration.limits.dataTypes)
            }
            let found = try await describeRound(round, on: connection)
            for type in found { described.add(type) }
            round = described.named.filter {
                types.kind(of: $0) == nil && !described.contains($0) && !typeLoading.dataTypes.contains($0)
            }
        }
        return described
    }

    private func describeRound(
        _ ids: [NodeId], on connection: Connection
    ) async throws(ClientError) -> [DescribedTypes.Entry] {
        let items = ids.flatMap { [ReadItem($0, .dataTypeDefinition), ReadItem($0, .browseName)] }
        let values = try await read(items, maxAge: 0, on: connection)
        let parents = try await browse(ids, BrowseQuery(.inverse, referenceType: NodeId(45)), on: connection)
        let encodings = try await browse(ids, BrowseQuery(.forward, referenceType: NodeId(38)), on: connection)
        return ids.enumerated().map { place, id in
            let definition = values[2 * place].value?.value(as: ExtensionObject.self)
            return DescribedTypes.Entry(
                id: id, name: values[2 * place + 1].value?.value(as: QualifiedName.self)?.name ?? "\(id)",
                structure: definition?.value(as: StructureDefinition.self),
                isEnumeration: definition?.value(as: EnumDefinition.self) != nil,
                base: target(of: parents[place]) { _ in true },
                encoding: target(of: encodings[place]) { $0.browseName.name == "Default Binary" })
        }
    }

    private func target(of result: Browsed, _ fits: (ReferenceDescription) -> Bool) -> NodeId? {
        guard case .success(let references) = result, let found = references.first(where: fits) else { return nil }
        return try? namespaces.nodeId(found.nodeId)
    }

    // MARK: Bodies

    /// Reads the bodies that came as bytes, having loaded their types. What the server does not describe stays bytes.
    func readUnknownBodies<Value: HoldsBodies>(
        in values: inout [Value], on connection: Connection
    ) async throws(ClientError) {
        let limits = configuration.limits.codec
        // Structures may hold others of types that are met only when the outer ones are read.
        for _ in 0..<4 {
            // A type may have been loaded since the value came.
            for index in values.indices { values[index].readBodies(types, limits) }
            var unknown: Set<NodeId> = []
            for value in values { value.collectUnknown(&unknown) }
            guard !unknown.subtracting(typeLoading.encodings).isEmpty else { return }
            let wanted = unknown
            do throws(ClientError) {
                try await inTurn { () throws(ClientError) in
                    let left = wanted.subtracting(typeLoading.encodings)
                    if !left.isEmpty { try await load(encodedAs: Array(left), on: connection) }
                }
            } catch {
                // A value is worth having without its types, and what failed once is not tried at every value.
                guard error.leavesConnection, connection.generation == generation else { throw error }
                typeLoading.encodings.formUnion(unknown)
                eventSink.yield(.warning("Types of the server could not be loaded: \(error)"))
                return
            }
            guard connection.generation == generation else { return }
        }
        for index in values.indices { values[index].readBodies(types, limits) }
    }

    /// Encodings belong to data types by inverse HasEncoding references.
    private func load(encodedAs encodings: [NodeId], on connection: Connection) async throws(ClientError) {
        guard typeLoading.encodings.count + encodings.count <= configuration.limits.dataTypes else { return }
        let owners = try await browse(encodings, BrowseQuery(.inverse, referenceType: NodeId(38)), on: connection)
        let dataTypes = owners.compactMap { target(of: $0) { _ in true } }
        try await load(dataTypes, on: connection)
        // Some servers have no node for the encoding, and name it in the definition of the data type only.
        if dataTypes.count < encodings.count, !typeLoading.hasWalked { try await loadAllStructures(on: connection) }
        guard connection.generation == generation else { return }
        typeLoading.encodings.formUnion(encodings)
    }

    /// Loads the structures of all namespaces but the standard's, down from Structure; once in a session.
    private func loadAllStructures(on connection: Connection) async throws(ClientError) {
        var found: [NodeId] = []
        var seen: Set<NodeId> = [NodeId(22)]
        var round = [NodeId(22)]
        for _ in 0..<configuration.limits.typeDepth where !round.isEmpty {
            let results = try await browse(round, BrowseQuery(.forward, referenceType: NodeId(45)), on: connection)
            round = []
            for case .success(let references) in results {
                for reference in references where seen.count < configuration.limits.dataTypes {
                    guard let id = try? namespaces.nodeId(reference.nodeId), seen.insert(id).inserted else { continue }
                    round.append(id)
                    if id.namespace != 0 { found.append(id) }
                }
            }
        }
        try await load(found, on: connection)
        if connection.generation == generation { typeLoading.hasWalked = true }
    }
}
