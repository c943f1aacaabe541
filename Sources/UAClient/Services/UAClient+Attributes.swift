import UACodec

/// An attribute of a node to be read.
public struct ReadItem: Sendable, Hashable {
    public var node: ExpandedNodeId
    public var attribute: UInt32
    /// A part of an array, a String or a ByteString (Part 4, 7.27): `3`, `0:9`, `1:2,0:5`.
    public var indexRange: String?

    public init(_ node: some NodeNaming, _ attribute: AttributeId = .value, indexRange: String? = nil) {
        self.node = node.expanded
        self.attribute = attribute.rawValue
        self.indexRange = indexRange
    }
}

/// An attribute of a node to be written.
public struct WriteItem: Sendable, Hashable {
    public var node: ExpandedNodeId
    public var attribute: UInt32
    public var indexRange: String?
    /// Many servers refuse a status or times that a client sets.
    public var value: DataValue

    public init(
        _ node: some NodeNaming, _ value: DataValue, attribute: AttributeId = .value, indexRange: String? = nil
    ) {
        self.node = node.expanded
        self.value = value
        self.attribute = attribute.rawValue
        self.indexRange = indexRange
    }
}

extension UAClient {
    /// Reads attributes; in as many requests as the server's limits want. A node that cannot be read has a bad status
    /// in its place.
    ///
    /// - Parameter maxAge: how old a value may be that the server has in store; zero asks the device.
    public func read(_ items: [ReadItem], maxAge: Duration = .zero) async throws(ClientError) -> [DataValue] {
        let connection = try ready()
        var values = try await read(items, maxAge: maxAge.milliseconds, on: connection)
        try await readUnknownBodies(in: &values, on: connection)
        return values
    }

    /// The value of a variable, with its status and times.
    public func readValue(_ node: some NodeNaming) async throws(ClientError) -> DataValue {
        try await read([ReadItem(node)])[0]
    }

    /// An attribute of a node.
    ///
    /// - Throws: ``ClientError/refused(_:_:)`` where it has a bad status.
    public func readAttribute(
        _ attribute: AttributeId, of node: some NodeNaming
    ) async throws(ClientError) -> Variant {
        let value = try await read([ReadItem(node, attribute)])[0]
        guard !value.effectiveStatus.isBad else {
            throw .refused(value.effectiveStatus, "\(attribute) of \(printable("\(node.expanded)"))")
        }
        return value.value ?? .null
    }

    func read(
        _ items: [ReadItem], maxAge: Double, on connection: Connection, timeout: Duration? = nil
    ) async throws(ClientError) -> [DataValue] {
        try await batched(
            items, limit: operationLimits.nodesPerRead, changes: false, on: connection
        ) { batch throws(ClientError) in
            var nodes: [ReadValueId] = []
            nodes.reserveCapacity(batch.count)
            for item in batch {
                nodes.append(
                    ReadValueId(
                        nodeId: try namespaces.nodeId(item.node), attributeId: item.attribute,
                        indexRange: item.indexRange))
            }
            let request = ReadRequest(maxAge: maxAge, timestampsToReturn: .both, nodesToRead: nodes)
            return try await exchange(request, on: connection, timeout: timeout).results
        }
    }

    /// Writes attributes, in as many requests as the server's limits want, and gives the status of each.
    ///
    /// - Throws: ``ClientError/partly(done:of:cause:)`` where some requests were answered and then one was not.
    public func write(_ items: [WriteItem]) async throws(ClientError) -> [StatusCode] {
        let connection = try ready()
        var values: [WriteValue] = []
        for item in items {
            values.append(
                WriteValue(
                    nodeId: try namespaces.nodeId(item.node), attributeId: item.attribute, indexRange: item.indexRange,
                    value: item.value))
        }
        return try await batched(
            values, limit: operationLimits.nodesPerWrite, changes: true, on: connection
        ) { batch throws(ClientError) in
            try await exchange(WriteRequest(nodesToWrite: Array(batch)), on: connection).results
        }
    }

    /// Writes the value of a variable.
    ///
    /// - Throws: ``ClientError/refused(_:_:)`` where the server does not take it.
    public func write(_ value: Variant, to node: some NodeNaming) async throws(ClientError) {
        let status = try await write([WriteItem(node, DataValue(value))])[0]
        guard !status.isBad else { throw .refused(status, "writing \(printable("\(node.expanded)"))") }
    }
}
