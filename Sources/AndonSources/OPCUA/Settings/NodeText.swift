import AndonModel
import UACodec

/// A node in a configuration: `nsu=urn:line;s=Counter`, or a standard one like `i=2253`. An index of a namespace (`ns=2;`)
/// is taken too, but holds only until the server numbers its namespaces anew.
struct NodeText: Sendable, Hashable {
    var namespaceUri: String?
    var node: NodeId

    /// Part 6, 5.3.1.11.
    init?(_ text: String) {
        var rest = Substring(text)
        if rest.hasPrefix("nsu=") {
            guard let end = rest.firstIndex(of: ";") else { return nil }
            let uri = String(rest[..<end].dropFirst(4))
            guard !uri.isEmpty else { return nil }
            namespaceUri = uri.replacing("%3B", with: ";").replacing("%25", with: "%")
            rest = rest[rest.index(after: end)...]
        }
        guard let node = NodeId(rest), namespaceUri == nil || node.namespace == 0 else { return nil }
        self.node = node
    }

    var expanded: ExpandedNodeId { ExpandedNodeId(node, namespaceUri: namespaceUri) }

    static func fault(_ node: Settings) -> String {
        "should be a node like nsu=urn:vision;s=Counter or i=2253, found \(node.kindName)"
    }
}
