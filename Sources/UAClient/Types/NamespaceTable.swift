import UACodec

/// A server's namespaces. The index of a URI holds for one session: after a restart of the server it may be another, so
/// keep names with URIs, and let each call find the index.
public struct NamespaceTable: Sendable, Hashable {
    public let uris: [String]
    private let indices: [String: UInt16]

    public init(_ uris: [String] = ["http://opcfoundation.org/UA/"]) {
        self.uris = uris
        indices = [String: UInt16](
            uris.enumerated().compactMap { place, uri in UInt16(exactly: place).map { (uri, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    public func index(of uri: String) -> UInt16? { indices[uri] }

    public func uri(of index: UInt16) -> String? { Int(index) < uris.count ? uris[Int(index)] : nil }

    /// - Throws: ``ClientError/missing(_:)`` for a namespace that the server does not have, and for a node elsewhere.
    public func nodeId(_ name: some NodeNaming) throws(ClientError) -> NodeId {
        let name = name.expanded
        guard name.serverIndex == 0 else { throw .missing("\(printable("\(name)")) is a node of another server") }
        guard let uri = name.namespaceUri else { return name.nodeId }
        return NodeId(namespace: try need(uri), name.nodeId.identifier)
    }

    public func qualifiedName(_ name: BrowseName) throws(ClientError) -> QualifiedName {
        guard let uri = name.namespaceUri else { return QualifiedName(name.name, namespace: name.namespace) }
        return QualifiedName(name.name, namespace: try need(uri))
    }

    /// The name with its namespace's URI, to be kept beyond this session.
    public func portable(_ id: NodeId) -> ExpandedNodeId {
        guard id.namespace != 0, let uri = uri(of: id.namespace) else { return ExpandedNodeId(id) }
        return ExpandedNodeId(NodeId(namespace: 0, id.identifier), namespaceUri: uri)
    }

    private func need(_ uri: String) throws(ClientError) -> UInt16 {
        guard let index = index(of: uri) else {
            throw .missing("The server has no namespace \(uri); it has \(printable(uris.joined(separator: ", ")))")
        }
        return index
    }
}

/// A node's name: ``NodeId`` with an index that holds for one session, or ``ExpandedNodeId`` with a URI that holds for
/// good.
public protocol NodeNaming: Sendable {
    var expanded: ExpandedNodeId { get }
}

extension NodeId: NodeNaming {
    public var expanded: ExpandedNodeId { ExpandedNodeId(self) }
}

extension ExpandedNodeId: NodeNaming {
    public var expanded: ExpandedNodeId { self }

    /// A node in the namespace with that URI.
    public init(_ identifier: NodeId.Identifier, in namespaceUri: String) {
        self.init(NodeId(namespace: 0, identifier), namespaceUri: namespaceUri)
    }

    /// Reads the text form of Part 6, 5.3.1.11: `nsu=urn:line;s=Class`, `svr=1;i=85`, and all that ``NodeId`` reads; nil
    /// for anything else.
    public init?(parsing text: some StringProtocol) {
        var rest = Substring(text)
        var server: UInt32 = 0
        var uri: String?
        if rest.hasPrefix("svr=") {
            guard let end = rest.firstIndex(of: ";"), let index = UInt32(rest[..<end].dropFirst(4)) else { return nil }
            server = index
            rest = rest[rest.index(after: end)...]
        }
        if rest.hasPrefix("nsu=") {
            guard let end = rest.firstIndex(of: ";") else { return nil }
            uri = String(rest[..<end].dropFirst(4)).replacing("%3B", with: ";").replacing("%25", with: "%")
            rest = rest[rest.index(after: end)...]
        }
        guard let node = NodeId(rest), uri == nil || node.namespace == 0 else { return nil }
        self.init(node, namespaceUri: uri, serverIndex: server)
    }
}

/// A browse name with its namespace as a URI, or as an index that holds for one session.
public struct BrowseName: Sendable, Hashable, ExpressibleByStringLiteral {
    public var name: String
    public var namespaceUri: String?
    public var namespace: UInt16

    public init(_ name: String, in namespaceUri: String) {
        self.name = name
        self.namespaceUri = namespaceUri
        namespace = 0
    }

    public init(_ name: String, namespace: UInt16 = 0) {
        self.name = name
        self.namespace = namespace
    }

    public init(stringLiteral name: String) { self.init(name) }
}
