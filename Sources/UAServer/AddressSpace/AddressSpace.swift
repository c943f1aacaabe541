import UACodec

/// The nodes of a server and their references (Part 3), with the standard's own in namespace 0.
///
/// It belongs to one isolation, that of the server; nothing in it may be touched from anywhere else.
public final class AddressSpace {
    /// Namespace URIs; a namespace's index is its place. 0 is the standard's, 1 the server's own (Part 5, 6.3.1).
    public private(set) var namespaces: [String]
    private var nodes: [NodeId: Node] = [:]
    /// Told when a variable with watchers gets a value.
    public var onChange: ((_ node: Node, _ value: DataValue) -> Void)?
    /// Whether somebody may do something with a node; everybody may do everything where it is not set.
    public var permits: (_ permission: Permission, _ node: Node, _ caller: Caller) -> Bool = { _, _, _ in true }
    /// The time of day, for the server time of what is read.
    public let time: () -> DateTime
    /// Supertypes of each type that was asked for.
    var supertypes: [NodeId: [NodeId]] = [:]

    /// What cannot be put into an address space: an error of the program that uses it.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case exists(NodeId)
        case unknown(NodeId)
        case noType(NodeId)
        case namespaces

        public var description: String {
            switch self {
            case .exists(let id): "there is a node \(id) already: choose another id"
            case .unknown(let id): "there is no node \(id): add it first"
            case .noType(let id): "\(id) is not a type of the kind that is needed here"
            case .namespaces: "there are too many namespaces"
            }
        }
    }

    /// - Parameters:
    ///   - applicationUri: the server's own, namespace 1.
    ///   - time: the time of day.
    public init(applicationUri: String, time: @escaping () -> DateTime) {
        namespaces = ["http://opcfoundation.org/UA/", applicationUri]
        self.time = time
        nodes.reserveCapacity(2048)
        Namespace0.load(into: self)
    }

    /// The index of a namespace, which is added where it is new.
    public func addNamespace(_ uri: String) throws(Failure) -> UInt16 {
        if let index = namespaces.firstIndex(of: uri) { return UInt16(index) }
        guard let index = UInt16(exactly: namespaces.count) else { throw .namespaces }
        namespaces.append(uri)
        setStandardValue(Variant(namespaces), of: 2255)
        return index
    }

    public subscript(id: NodeId) -> Node? { nodes[id] }

    public var count: Int { nodes.count }

    public func contains(_ id: NodeId) -> Bool { nodes[id] != nil }

    /// All ids, in no order.
    public var ids: Dictionary<NodeId, Node>.Keys { nodes.keys }

    // MARK: Nodes

    /// - Throws: where there is a node with the id.
    func insert(_ node: Node) throws(Failure) {
        guard nodes[node.id] == nil else { throw .exists(node.id) }
        nodes[node.id] = node
    }

    /// Adds a reference from one node to another, and the way back. A reference that is there is not added again.
    public func addReference(from source: NodeId, _ type: NodeId, to target: NodeId) throws(Failure) {
        guard let one = nodes[source] else { throw .unknown(source) }
        guard let other = nodes[target] else { throw .unknown(target) }
        let reference = Reference(type, target)
        guard !one.references.contains(reference) else { return }
        one.references.append(reference)
        other.references.append(Reference(type, isForward: false, source))
        if type == ReferenceType.hasSubtype { supertypes = [:] }
    }

    /// Adds references whose ends are known to be there and new, as the standard's own are.
    func link(_ source: Node, _ type: NodeId, _ target: Node) {
        source.references.append(Reference(type, target.id))
        target.references.append(Reference(type, isForward: false, source.id))
    }

    /// Removes a node with everything that is below it alone, by HasComponent, HasProperty and Organizes.
    public func remove(_ id: NodeId) {
        var waiting = [id]
        while let next = waiting.popLast() {
            guard let node = nodes.removeValue(forKey: next) else { continue }
            for reference in node.references {
                guard let other = nodes[reference.target] else { continue }
                let back = Reference(reference.type, isForward: !reference.isForward, next)
                other.references.removeAll { $0 == back }
                let isChild = reference.isForward && ReferenceType.owning.contains(reference.type)
                let hasParent = other.references.contains { !$0.isForward && ReferenceType.owning.contains($0.type) }
                if isChild, !hasParent { waiting.append(reference.target) }
            }
        }
        supertypes = [:]
    }

    // MARK: Values

    /// Gives a variable another value, and tells who watches it.
    public func setValue(_ value: DataValue, of id: NodeId) {
        guard let node = nodes[id], let variable = node.variable else { return }
        set(value, node, variable)
    }

    /// Gives several variables their values with one source time.
    public func setValues(_ values: some Sequence<(NodeId, Variant)>, at time: DateTime) {
        for (id, value) in values { setValue(DataValue(value, sourceTimestamp: time), of: id) }
    }

    func set(_ value: DataValue, _ node: Node, _ variable: Variable) {
        variable.value = value
        if variable.watchers > 0 { onChange?(node, value) }
    }

    /// Computes a variable's value whenever it is read; monitored items sample it.
    public func compute(_ id: NodeId, _ compute: @escaping () -> DataValue) throws(Failure) {
        guard let variable = nodes[id]?.variable else { throw .unknown(id) }
        variable.compute = compute
    }

    func setStandardValue(_ value: Variant, of number: UInt32) {
        setValue(DataValue(value, sourceTimestamp: time()), of: NodeId(number))
    }

    // MARK: Types

    /// The type and the types that it is derived from, itself first.
    func supertypes(of type: NodeId) -> [NodeId] {
        if let known = supertypes[type] { return known }
        var chain: [NodeId] = []
        var next: NodeId? = type
        // Each type is followed once, so that a loop ends too.
        while let current = next, let node = nodes[current], !chain.contains(current) {
            chain.append(current)
            next = node.references.first { !$0.isForward && $0.type == ReferenceType.hasSubtype }?.target
        }
        // Clients name types too: only those that there are may take up space.
        if !chain.isEmpty { supertypes[type] = chain }
        return chain
    }

    /// Whether the first is the second or derived from it.
    public func isType(_ type: NodeId, derivedFrom base: NodeId) -> Bool {
        type == base ? nodes[type] != nil : supertypes(of: type).contains(base)
    }

    /// Whether the node is BaseEventType or derived from it.
    public func isEventType(_ type: NodeId) -> Bool { isType(type, derivedFrom: NodeId(2041)) }

    /// The built-in type that values of a data type are on the wire; nil for abstract numbers and BaseDataType.
    public func builtInType(of dataType: NodeId) -> BuiltInType? {
        for type in supertypes(of: dataType) {
            guard let number = type.standardNumber else { continue }
            if number == 29 { return .int32 }
            if (1...25).contains(number), let known = BuiltInType(rawValue: UInt8(number)), known != .variant {
                return known
            }
        }
        return nil
    }

    /// The type definition of an object or variable.
    public func typeDefinition(of node: Node) -> NodeId? {
        node.references.first { $0.isForward && $0.type == ReferenceType.hasTypeDefinition }?.target
    }

    /// The child with that browse name, by any hierarchical reference.
    public func child(_ name: QualifiedName, of node: Node) -> Node? {
        for reference in node.references where reference.isForward {
            guard let other = nodes[reference.target], other.browseName == name,
                isType(reference.type, derivedFrom: ReferenceType.hierarchical)
            else { continue }
            return other
        }
        return nil
    }
}

/// Numbers of the reference types in use (Part 3, 7).
public enum ReferenceType {
    public static let references = NodeId(31)
    public static let hierarchical = NodeId(33)
    public static let organizes = NodeId(35)
    public static let hasEventSource = NodeId(36)
    public static let hasModellingRule = NodeId(37)
    public static let hasEncoding = NodeId(38)
    public static let hasTypeDefinition = NodeId(40)
    public static let generatesEvent = NodeId(41)
    public static let aggregates = NodeId(44)
    public static let hasSubtype = NodeId(45)
    public static let hasProperty = NodeId(46)
    public static let hasComponent = NodeId(47)
    public static let hasNotifier = NodeId(48)
    public static let hasCondition = NodeId(9006)

    static let owning: Set<NodeId> = [organizes, hasProperty, hasComponent]
}
