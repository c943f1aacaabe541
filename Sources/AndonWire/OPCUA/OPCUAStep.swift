import AndonModel
import UAClient
import UACodec

/// One thing to do at a server.
enum OPCUAStep: Sendable {
    case read([OPCUANode])
    case write([Writing])
    case call(Calling)
    case wait(Waiting)

    struct Writing: Sendable {
        var node: OPCUANode
        var value: JSON
    }

    struct Calling: Sendable {
        var object: OPCUANode
        var method: Method
        var arguments: [String: JSON]
    }

    enum Method: Sendable {
        case node(OPCUANode)
        /// By its browse name below the object.
        case named(BrowseName)
    }

    struct Waiting: Sendable {
        var node: OPCUANode
        var value: JSON
        var limit: Duration
        var interval: Duration
    }

    /// Whether it can have changed something at the server, when it was sent.
    var changes: Bool {
        switch self {
        case .read, .wait: false
        case .write, .call: true
        }
    }

    init(_ json: JSON) throws(WireError) {
        if let nodes = json["read"]?.array {
            self = .read(try nodes.mapped(OPCUANode.init))
        } else if let items = json["write"]?.array {
            self = .write(
                try items.mapped { item throws(WireError) in
                    Writing(node: try OPCUANode(item["node"]), value: item["value"] ?? .null)
                })
        } else if let call = json["call"] {
            self = .call(
                Calling(
                    object: try OPCUANode(call["object"]), method: try Method(call["method"]),
                    arguments: call["arguments"]?.object ?? [:]))
        } else if let wait = json["wait"] {
            self = .wait(
                Waiting(
                    node: try OPCUANode(wait["node"]), value: wait["equals"] ?? .null,
                    limit: .milliseconds(wait["within"]?.integer ?? 5_000),
                    interval: .milliseconds(max(1, wait["every"]?.integer ?? 50))))
        } else {
            throw .notSent("a step reads, writes, calls or waits")
        }
    }
}

extension OPCUAStep.Method {
    init(_ json: JSON?) throws(WireError) {
        if let name = json?.array {
            self = .named(try BrowseName(name))
        } else {
            self = .node(try OPCUANode(json))
        }
    }
}

extension BrowseName {
    /// `[URI, NAME]`; an empty URI is namespace 0.
    init(_ pair: [JSON]) throws(WireError) {
        guard pair.count == 2, let uri = pair[0].string, let name = pair[1].string else {
            throw .notSent("a browse name is a namespace's URI and a name")
        }
        self = uri.isEmpty ? BrowseName(name) : BrowseName(name, in: uri)
    }
}

/// A node by its id, or by the way to it from another.
struct OPCUANode: Sendable, Hashable, CustomStringConvertible {
    var start: ExpandedNodeId
    var path: [BrowseName]

    /// The folder Objects, from which paths begin.
    static let objects = ExpandedNodeId(NodeId(85))

    init(_ json: JSON?) throws(WireError) {
        switch json {
        case .string(let text)?:
            start = try Self.id(text)
            path = []
        case .object(let members)?:
            start = try members["from"]?.string.map { text throws(WireError) in try Self.id(text) } ?? Self.objects
            path = try (members["path"]?.array ?? []).mapped { step throws(WireError) in
                try BrowseName(step.array ?? [])
            }
        default: throw .notSent("a node is a text like nsu=urn:line;s=Lot, or a path")
        }
    }

    private static func id(_ text: String) throws(WireError) -> ExpandedNodeId {
        guard let id = ExpandedNodeId(parsing: text) else {
            throw .notSent("\(text) is not a node: write it like nsu=urn:line;s=Lot or i=2258")
        }
        return id
    }

    var description: String {
        let way = path.map(\.name).joined(separator: "/")
        guard start != Self.objects || path.isEmpty else { return "/\(way)" }
        return way.isEmpty ? "\(start)" : "\(start)/\(way)"
    }
}

extension Array {
    /// `map` that keeps the type of the error.
    func mapped<Value, Failure: Error>(
        _ body: (Element) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        var all: [Value] = []
        all.reserveCapacity(count)
        for element in self { all.append(try body(element)) }
        return all
    }
}
