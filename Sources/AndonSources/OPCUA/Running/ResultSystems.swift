import UAClient
import UACodec

/// Looks for vision systems in a server.
enum ResultSystems {
    /// A system that manages results.
    struct Found: Sendable, Hashable {
        var name: String
        /// ResultManagement.
        var node: ExpandedNodeId
    }

    private static let nodesMax = 5_000
    private static let depthMax = 8

    /// All ResultManagement objects below `start`, by their type; of a vision system it is a component.
    static func find(
        _ model: ResultModel, below start: ExpandedNodeId, in client: UAClient
    ) async throws(ClientError) -> [Found] {
        let namespaces = await client.namespaces
        guard namespaces.index(of: model.namespace) != nil else {
            throw .missing(
                "the server does not know \(model.namespace); set form: event or form: variables, or ask the system's "
                    + "maker for its companion specification")
        }
        let managements = try await subtypes(of: model.managementType, in: client, namespaces)
        var found: [Found] = []
        var seen: Set<NodeId> = []
        var level = [(node: try namespaces.nodeId(start), name: "")]
        for _ in 0..<depthMax {
            var next: [(node: NodeId, name: String)] = []
            for (node, owner) in level {
                // Only objects: variables hold no vision system.
                let references: [ReferenceDescription]
                do throws(ClientError) { references = try await client.browse(node, BrowseQuery(nodeClasses: 1)) } catch
                {
                    guard error.isRefusal else { throw error }
                    continue
                }
                for reference in references {
                    guard let id = try? namespaces.nodeId(reference.nodeId), seen.insert(id).inserted else { continue }
                    guard seen.count <= nodesMax else {
                        throw .limit("objects that are searched for vision systems", allowed: nodesMax)
                    }
                    if let type = try? namespaces.nodeId(reference.typeDefinition), managements.contains(type) {
                        found.append(Found(name: owner, node: namespaces.portable(id)))
                    } else if id != NodeId(2253) {
                        next.append((id, reference.displayName.text ?? reference.browseName.name ?? "\(id)"))
                    }
                }
            }
            level = next
        }
        return found
    }

    /// A type and all below it.
    private static func subtypes(
        of type: ExpandedNodeId, in client: UAClient, _ namespaces: NamespaceTable
    ) async throws(ClientError) -> Set<NodeId> {
        let root = try namespaces.nodeId(type)
        var all: Set<NodeId> = [root]
        var level = [root]
        while !level.isEmpty, all.count < 1_000 {
            var next: [NodeId] = []
            for node in level {
                let query = BrowseQuery(.forward, referenceType: NodeId(45))
                for reference in (try? await client.browse(node, query)) ?? [] {
                    if let id = try? namespaces.nodeId(reference.nodeId), all.insert(id).inserted { next.append(id) }
                }
            }
            level = next
        }
        return all
    }

    /// An event type by its node or its browse name.
    static func eventType(_ form: EventForm, in client: UAClient) async throws(ClientError) -> ExpandedNodeId {
        if let node = NodeText(form.type) { return node.expanded }
        let namespaces = await client.namespaces
        var level = [NodeId(2041)]
        var seen: Set<NodeId> = [NodeId(2041)]
        while !level.isEmpty {
            var next: [NodeId] = []
            for node in level {
                let query = BrowseQuery(.forward, referenceType: NodeId(45))
                for reference in try await client.browse(node, query) {
                    guard let id = try? namespaces.nodeId(reference.nodeId), seen.insert(id).inserted else { continue }
                    let isHere =
                        form.namespace.map { namespaces.index(of: $0) == reference.browseName.namespace } ?? true
                    if reference.browseName.name == form.type, isHere { return namespaces.portable(id) }
                    next.append(id)
                }
                guard seen.count <= nodesMax else { throw .limit("event types", allowed: nodesMax) }
            }
            level = next
        }
        throw .missing("the server has no event type \(form.type)\(form.namespace.map { " in \($0)" } ?? "")")
    }
}
