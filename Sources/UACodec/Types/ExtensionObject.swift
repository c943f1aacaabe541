/// A structure on the wire with the id of its encoding before it (Part 6, 5.2.2.15).
///
/// A body whose id the reader's ``TypeRegistry`` knows is read, and must end where its length says. Any other is kept
/// as bytes and written again as it was.
public struct ExtensionObject: Hashable, Sendable {
    public enum Body: Hashable, Sendable {
        case none
        /// The bytes of a structure that is not known.
        case binary(ByteString)
        case xml(XmlElement)
        case structure(StructureValue)
    }

    /// The id of the encoding, not of the data type.
    public var typeId: NodeId
    public var body: Body

    public init(typeId: NodeId, body: Body) {
        self.typeId = typeId
        self.body = body
    }

    /// A structure of namespace 0.
    public init<Known: Structure>(_ structure: Known) {
        self.init(typeId: NodeId(Known.binaryEncodingId), body: .structure(.known(structure)))
    }

    /// A structure of another namespace, with the index that the namespace has on this connection.
    public init<Known: Structure>(_ structure: Known, namespace: UInt16) {
        let id = NodeId(Known.binaryEncodingId, namespace: namespace)
        self.init(typeId: id, body: .structure(.known(structure)))
    }

    public init(_ structure: DynamicStructure) {
        self.init(typeId: structure.typeId, body: .structure(.dynamic(structure)))
    }

    public static let null = ExtensionObject(typeId: .null, body: .none)

    public var isNull: Bool { typeId.isNull && body == .none }

    /// The body where it is of that type.
    public func value<Known: Structure>(as type: Known.Type = Known.self) -> Known? {
        guard case .structure(.known(let structure)) = body else { return nil }
        return structure as? Known
    }

    /// The body where it was read by a definition that the server gave.
    public var dynamic: DynamicStructure? {
        if case .structure(.dynamic(let structure)) = body { structure } else { nil }
    }
}

extension ExtensionObject: BinaryCodable {
    public static var smallestByteCount: Int { 3 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        typeId = try reader.read()
        switch try reader.integer(UInt8.self) {
        case 0: body = .none
        case 1: body = try Self.binaryBody(typeId, from: &reader)
        case 2: body = .xml(try XmlElement.decode(from: &reader) ?? XmlElement(""))
        case let other: throw reader.malformed("an ExtensionObject has the encoding \(other)")
        }
    }

    private static func binaryBody(_ id: NodeId, from reader: inout BinaryReader) throws(CodecError) -> Body {
        let found = try reader.length("body bytes", allowed: reader.limits.byteStringBytes, smallest: 1)
        let count = found ?? 0
        if let type = reader.types.structure(encoding: id) {
            let value = try reader.body(count) { reader throws(CodecError) in
                try reader.nested { reader throws(CodecError) in try StructureValue(type, from: &reader) }
            }
            return .structure(value)
        }
        if let schema = reader.types.schema(encoding: id),
            let value = try DynamicStructure.body(schema, bytes: count, from: &reader)
        {
            return .structure(.dynamic(value))
        }
        return .binary(ByteString(try reader.take(count)))
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(typeId)
        switch body {
        case .none: writer.integer(UInt8(0))
        case .binary(let bytes):
            writer.integer(UInt8(1))
            bytes.encodeContent(to: &writer)
        case .xml(let element):
            writer.integer(UInt8(2))
            element.encodeContent(to: &writer)
        case .structure(.known(let structure)):
            writer.integer(UInt8(1))
            writer.nested { writer in writer.body { structure.encode(to: &$0) } }
        case .structure(.dynamic(let structure)):
            // A described structure counts its own level.
            writer.integer(UInt8(1))
            writer.body { structure.encode(to: &$0) }
        }
    }
}

/// A structure of a type that the program knows, or that a server described.
public enum StructureValue: Hashable, Sendable, BinaryEncodable {
    case known(any Structure)
    indirect case dynamic(DynamicStructure)

    init(_ type: any Structure.Type, from reader: inout BinaryReader) throws(CodecError) {
        self = try Self.known(type, from: &reader)
    }

    private static func known<Known: Structure>(
        _ type: Known.Type, from reader: inout BinaryReader
    ) throws(CodecError) -> StructureValue {
        try reader.charge(1, of: Known.self)
        return .known(try Known(from: &reader))
    }

    public func encode(to writer: inout BinaryWriter) {
        switch self {
        case .known(let structure): structure.encode(to: &writer)
        case .dynamic(let structure): structure.encode(to: &writer)
        }
    }

    public static func == (left: StructureValue, right: StructureValue) -> Bool {
        switch (left, right) {
        case (.known(let one), .known(let other)): AnyHashable(one) == AnyHashable(other)
        case (.dynamic(let one), .dynamic(let other)): one == other
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .known(let structure): hasher.combine(AnyHashable(structure))
        case .dynamic(let structure): structure.hash(into: &hasher)
        }
    }
}
