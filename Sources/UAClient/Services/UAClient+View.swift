import UACodec

/// Which references a browse follows.
public struct BrowseQuery: Sendable, Hashable {
    public var direction: BrowseDirection
    /// By default all hierarchical ones.
    public var referenceType: ExpandedNodeId
    public var includeSubtypes: Bool
    /// The classes of target nodes as bits of NodeClass; 0 for all.
    public var nodeClasses: UInt32

    public init(
        _ direction: BrowseDirection = .forward, referenceType: some NodeNaming = NodeId(33),
        includeSubtypes: Bool = true, nodeClasses: UInt32 = 0
    ) {
        self.direction = direction
        self.referenceType = referenceType.expanded
        self.includeSubtypes = includeSubtypes
        self.nodeClasses = nodeClasses
    }
}

extension UAClient {
    /// All references of a node that the query asks for, however many answers they come in.
    ///
    /// - Throws: ``ClientError/limit(_:allowed:)`` over `ClientLimits.references`.
    public func browse(
        _ node: some NodeNaming, _ query: BrowseQuery = BrowseQuery()
    ) async throws(ClientError) -> [ReferenceDescription] {
        let connection = try ready()
        let results = try await browse([try namespaces.nodeId(node)], query, on: connection)
        switch results[0] {
        case .success(let references): return references
        case .failure(let status): throw .refused(status, "browsing \(printable("\(node.expanded)"))")
        }
    }

    enum Browsed: Sendable {
        case success([ReferenceDescription])
        case failure(StatusCode)
    }

    func browse(
        _ nodes: [NodeId], _ query: BrowseQuery, on connection: Connection
    ) async throws(ClientError) -> [Browsed] {
        let referenceType = try namespaces.nodeId(query.referenceType)
        let first = try await batched(
            nodes, limit: operationLimits.nodesPerBrowse, changes: false, on: connection
        ) { batch throws(ClientError) in
            let descriptions = batch.map {
                BrowseDescription(
                    nodeId: $0, browseDirection: query.direction, referenceTypeId: referenceType,
                    includeSubtypes: query.includeSubtypes, nodeClassMask: query.nodeClasses, resultMask: 63)
            }
            return try await exchange(BrowseRequest(nodesToBrowse: descriptions), on: connection).results
        }
        var all: [Browsed] = []
        for result in first { all.append(try await rest(of: result, on: connection)) }
        return all
    }

    /// Follows continuation points to their end.
    private func rest(of first: BrowseResult, on connection: Connection) async throws(ClientError) -> Browsed {
        guard !first.statusCode.isBad else { return .failure(first.statusCode) }
        var references = first.references
        var point = first.continuationPoint
        var rounds = 0
        while let next = point, !next.bytes.isEmpty {
            rounds += 1
            guard references.count <= configuration.limits.references, rounds < configuration.limits.continuations
            else {
                let release = BrowseNextRequest(releaseContinuationPoints: true, continuationPoints: [next])
                _ = try? await exchange(release, on: connection)
                throw .limit("references of one node", allowed: configuration.limits.references)
            }
            let results = try await exchange(BrowseNextRequest(continuationPoints: [next]), on: connection).results
            guard results.count == 1 else { throw violation("\(results.count) results for one point", on: connection) }
            guard !results[0].statusCode.isBad else { return .failure(results[0].statusCode) }
            references += results[0].references
            point = results[0].continuationPoint
        }
        guard references.count <= configuration.limits.references else {
            throw .limit("references of one node", allowed: configuration.limits.references)
        }
        return .success(references)
    }

    /// Follows a path of browse names along hierarchical references (Part 4, 5.9.4).
    ///
    /// - Throws: ``ClientError/missing(_:)`` where the path leads nowhere.
    public func translate(_ path: [BrowseName], from start: some NodeNaming) async throws(ClientError) -> NodeId {
        let connection = try ready()
        let found = try await translate([path], from: try namespaces.nodeId(start), on: connection)[0]
        guard let found else {
            throw .missing(
                "There is no \(path.map(\.name).joined(separator: "/")) below \(printable("\(start.expanded)"))")
        }
        return found
    }

    /// One node for each path, nil where a path leads nowhere.
    func translate(
        _ paths: [[BrowseName]], from start: NodeId, on connection: Connection, referenceType: NodeId = NodeId(33)
    ) async throws(ClientError) -> [NodeId?] {
        var all: [BrowsePath] = []
        for path in paths {
            var elements: [RelativePathElement] = []
            for name in path {
                elements.append(
                    RelativePathElement(
                        referenceTypeId: referenceType, includeSubtypes: true,
                        targetName: try namespaces.qualifiedName(name)))
            }
            all.append(BrowsePath(startingNode: start, relativePath: RelativePath(elements: elements)))
        }
        let results = try await batched(
            all, limit: operationLimits.pathsPerTranslation, changes: false, on: connection
        ) { batch throws(ClientError) in
            let request = TranslateBrowsePathsToNodeIdsRequest(browsePaths: Array(batch))
            return try await exchange(request, on: connection).results
        }
        return results.map { result in
            guard !result.statusCode.isBad else { return nil }
            let whole = result.targets.first { $0.remainingPathIndex == UInt32.max }
            return whole.flatMap { try? namespaces.nodeId($0.targetId) }
        }
    }

    /// Registers nodes that are used often (Part 4, 5.9.5). The ids that come back hold for this session only.
    public func register(_ nodes: [any NodeNaming]) async throws(ClientError) -> [NodeId] {
        let connection = try ready()
        return try await batched(
            try ids(of: nodes), limit: operationLimits.nodesPerRegistration, changes: false, on: connection
        ) { batch throws(ClientError) in
            try await exchange(RegisterNodesRequest(nodesToRegister: Array(batch)), on: connection).registeredNodeIds
        }
    }

    public func unregister(_ nodes: [any NodeNaming]) async throws(ClientError) {
        let connection = try ready()
        _ = try await batched(
            try ids(of: nodes), limit: operationLimits.nodesPerRegistration, changes: false, on: connection
        ) { batch throws(ClientError) in
            _ = try await exchange(UnregisterNodesRequest(nodesToUnregister: Array(batch)), on: connection)
            return Array(batch)
        }
    }

    private func ids(of nodes: [any NodeNaming]) throws(ClientError) -> [NodeId] {
        var ids: [NodeId] = []
        for node in nodes { ids.append(try namespaces.nodeId(node.expanded)) }
        return ids
    }

    /// The node in this session, for what takes a ``NodeId``.
    public func nodeId(_ name: some NodeNaming) throws(ClientError) -> NodeId {
        _ = try ready()
        return try namespaces.nodeId(name)
    }
}
