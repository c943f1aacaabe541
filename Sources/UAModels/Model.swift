import UACodec

/// The structures of a companion specification, for servers that do not describe their types, and for clients that
/// write them before they have read any.
///
/// Numbers are those of the nodes in the model's namespace; the index that the namespace has is the connection's own.
public struct Model: Sendable {
    public let uri: String
    /// By the number of the data type.
    public let structures: [UInt32: ModelStructure]
    public let enumerations: [UInt32: String]
    /// Types that are another on the wire, such as a text without blanks at its ends.
    public let simpleTypes: [UInt32: ModelType]

    /// The models that this library has.
    public static let all = [standard, jobControl, machineVision, machineryResult]

    /// - Parameter table: a line for each type, as scripts/opcua/models writes it:
    ///   `plain|optional|union|subtyped NAME DATATYPE ENCODING: FIELD TYPE[]?; …`, `enum NAME NUMBER`,
    ///   `type NAME NUMBER TYPE`; `:` before a number is the model's own namespace, `+` goes on with the line before.
    init(uri: String, table: String) {
        self.uri = uri
        var structures: [UInt32: ModelStructure] = [:]
        var enumerations: [UInt32: String] = [:]
        var simpleTypes: [UInt32: ModelType] = [:]
        for line in table.replacing("\n+ ", with: "; ").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2, let number = UInt32(String(words[2]).filter { $0 != ":" }) else { continue }
            switch words[0] {
            case "enum": enumerations[number] = String(words[1])
            case "type": simpleTypes[number] = words.count > 3 ? ModelType(words[3]) : nil
            default: structures[number] = ModelStructure(line)
            }
        }
        self.structures = structures
        self.enumerations = enumerations
        self.simpleTypes = simpleTypes
    }

    /// The structure of that name.
    public func structure(_ name: String) -> ModelStructure? { structures.values.first { $0.name == name } }

    /// Adds the types that a registry does not have: what a server itself described stays as it is. A structure that it
    /// names and does not describe counts as one that it does not have.
    ///
    /// - Parameter namespace: the index that ``uri`` has on the connection.
    public func add(to registry: inout TypeRegistry, namespace: UInt16) {
        func isNew(_ number: UInt32) -> Bool {
            switch registry.kind(of: NodeId(number, namespace: namespace)) {
            case nil, .builtIn(.extensionObject)?: true
            default: false
            }
        }
        for number in enumerations.keys where isNew(number) {
            registry.add(enumeration: NodeId(number, namespace: namespace))
        }
        for (number, type) in simpleTypes where isNew(number) {
            registry.add(NodeId(number, namespace: namespace), like: type.nodeId(namespace))
        }
        for number in structures.keys where isNew(number) {
            guard let schema = schema(of: number, namespace: namespace) else { continue }
            registry.add(schema)
        }
    }

    /// A structure as a server would describe it.
    public func schema(of dataType: UInt32, namespace: UInt16) -> StructureSchema? {
        structures[dataType]?.schema(dataType, namespace: namespace)
    }
}

/// A data type: a number in namespace 0, or in the model's own.
public struct ModelType: Sendable, Hashable {
    public var number: UInt32
    public var isOwn: Bool

    init?(_ text: some StringProtocol) {
        guard let number = UInt32(String(text).filter(\.isNumber)) else { return nil }
        self.number = number
        isOwn = text.hasPrefix(":")
    }

    func nodeId(_ namespace: UInt16) -> NodeId { NodeId(number, namespace: isOwn ? namespace : 0) }
}

/// A structure of a model.
public struct ModelStructure: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        public var name: String
        public var type: ModelType
        public var isArray: Bool
        /// With subtyped values it means that the field may be of a subtype.
        public var isOptional: Bool
    }

    public var name: String
    public var encoding: UInt32
    public var layout: StructureType
    public var fields: [Field]

    private static let layouts: [Substring: StructureType] = [
        "plain": .structure, "optional": .structureWithOptionalFields, "union": .union,
        "subtyped": .structureWithSubtypedValues,
    ]

    init?(_ line: some StringProtocol) {
        let halves = line.split(separator: ":", maxSplits: 1)
        let words = Substring(halves[0]).split(separator: " ")
        guard words.count == 4, let layout = Self.layouts[words[0]], let encoding = UInt32(words[3]) else { return nil }
        name = String(words[1])
        self.encoding = encoding
        self.layout = layout
        fields = halves.count < 2 ? [] : Substring(halves[1]).split(separator: ";").compactMap { Self.field($0) }
    }

    private static func field(_ text: Substring) -> Field? {
        let words = text.split(separator: " ")
        guard words.count == 2, let type = ModelType(words[1]) else { return nil }
        return Field(
            name: String(words[0]), type: type, isArray: words[1].contains("[]"), isOptional: words[1].hasSuffix("?"))
    }

    func schema(_ dataType: UInt32, namespace: UInt16) -> StructureSchema {
        let fields = fields.map {
            StructureField(
                name: $0.name, dataType: $0.type.nodeId(namespace), valueRank: $0.isArray ? 1 : -1,
                isOptional: $0.isOptional)
        }
        return StructureSchema(
            dataType: NodeId(dataType, namespace: namespace), name: name,
            definition: StructureDefinition(
                defaultEncodingId: NodeId(encoding, namespace: namespace), baseDataType: NodeId(22),
                structureType: layout, fields: fields))
    }
}
