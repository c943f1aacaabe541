/// What the bodies of ExtensionObjects and the fields of described structures are read as.
///
/// A value: each connection adds the types of its server to the standard ones, as the indices of namespaces are the
/// connection's own.
public struct TypeRegistry: Sendable {
    /// What a data type is on the wire.
    public enum Kind: Sendable {
        /// A built-in type, or a subtype of one, such as Duration.
        case builtIn(BuiltInType)
        /// Int32 on the wire.
        case enumeration
        case structure(any Structure.Type)
        case schema(StructureSchema)

        /// What a value of the type is in a Variant.
        public var builtIn: BuiltInType {
            switch self {
            case .builtIn(let type): type
            case .enumeration: .int32
            case .structure, .schema: .extensionObject
            }
        }
    }

    private var kinds: [NodeId: Kind] = [:]
    private var structures: [NodeId: any Structure.Type] = [:]
    private var schemas: [NodeId: StructureSchema] = [:]

    private init() {}

    /// The built-in types, their subtypes and the enumerations of namespace 0; the bodies of ExtensionObjects stay bytes.
    public static let builtIns: TypeRegistry = {
        var registry = TypeRegistry()
        for type in BuiltInType.allCases { registry.kinds[type.nodeId] = .builtIn(type) }
        for (type, numbers) in subtypes {
            for number in numbers { registry.kinds[NodeId(number)] = .builtIn(type) }
        }
        for type in Known.enumerations { registry.kinds[NodeId(type.dataTypeId)] = .enumeration }
        registry.kinds[NodeId(29)] = .enumeration
        return registry
    }()

    /// ``builtIns``, and the structures of namespace 0 that this library has.
    public static let standard: TypeRegistry = {
        var registry = builtIns
        for type in Known.structures { registry.add(type) }
        return registry
    }()

    /// Data types of namespace 0 that are another on the wire. Abstract numbers travel as Variants (Part 6, 5.1.7).
    private static let subtypes: [(BuiltInType, [UInt32])] = [
        (.variant, [26, 27, 28]), (.double, [290]), (.uint32, [288, 289, 94, 347, 15406, 20998, 31917]),
        (.byte, [15031]), (.uint16, [95]), (.dateTime, [293, 294]),
        (.string, [291, 295, 12877, 12878, 12879, 12880, 12881, 23751, 24263, 31918]),
        (.byteString, [30, 311, 521, 16307, 2000, 2001, 2002, 2003]), (.nodeId, [388]),
    ]

    /// Adds a structure that the program knows, with the index that its namespace has on this connection.
    public mutating func add(_ type: any Structure.Type, namespace: UInt16 = 0) {
        kinds[NodeId(type.dataTypeId, namespace: namespace)] = .structure(type)
        structures[NodeId(type.binaryEncodingId, namespace: namespace)] = type
    }

    /// Adds a structure as a server describes it. A type that the program knows stays as it is.
    public mutating func add(_ schema: StructureSchema) {
        if case .structure = kinds[schema.dataType] { return }
        kinds[schema.dataType] = .schema(schema)
        schemas[schema.encodingId] = schema
    }

    /// Adds an enumeration of a server.
    public mutating func add(enumeration dataType: NodeId) { kinds[dataType] = .enumeration }

    /// Adds a data type that is the same on the wire as another, which must be there: a subtype of String, say.
    ///
    /// - Returns: whether the other was there.
    @discardableResult
    public mutating func add(_ dataType: NodeId, like other: NodeId) -> Bool {
        guard let kind = kinds[other] else { return false }
        kinds[dataType] = kind
        return true
    }

    public func kind(of dataType: NodeId) -> Kind? { kinds[dataType] }

    /// The data type whose encoding has that id.
    public func dataType(encoding id: NodeId) -> NodeId? {
        structures[id].map { NodeId($0.dataTypeId, namespace: id.namespace) } ?? schemas[id]?.dataType
    }

    func structure(encoding id: NodeId) -> (any Structure.Type)? { structures[id] }

    func schema(encoding id: NodeId) -> StructureSchema? { schemas[id] }
}
