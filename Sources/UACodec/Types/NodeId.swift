/// The name of a node: a namespace's index, which holds for one connection only, and an identifier (Part 3, 8.2).
public struct NodeId: Hashable, Sendable, CustomStringConvertible {
    public enum Identifier: Hashable, Sendable {
        case numeric(UInt32)
        case string(String)
        case guid(Guid)
        case opaque(ByteString)
    }

    public var namespace: UInt16
    public var identifier: Identifier

    public init(namespace: UInt16 = 0, _ identifier: Identifier) {
        self.namespace = namespace
        self.identifier = identifier
    }

    /// A number in namespace 0, or another.
    public init(_ number: UInt32, namespace: UInt16 = 0) { self.init(namespace: namespace, .numeric(number)) }

    public init(_ text: String, namespace: UInt16) { self.init(namespace: namespace, .string(text)) }

    public static let null = NodeId(0)

    public var isNull: Bool { self == .null }

    /// The number where the identifier is one in namespace 0.
    public var standardNumber: UInt32? {
        if namespace == 0, case .numeric(let number) = identifier { number } else { nil }
    }

    /// Reads the text form of Part 6, 5.3.1.10: `i=2258`, `ns=2;s=Line 1`, `ns=1;g=…` with a GUID, `ns=1;b=` with
    /// base 64; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        var namespace: UInt16 = 0
        if rest.hasPrefix("ns=") {
            guard let end = rest.firstIndex(of: ";"), let index = UInt16(rest[..<end].dropFirst(3)) else { return nil }
            namespace = index
            rest = rest[rest.index(after: end)...]
        }
        let value = rest.dropFirst(2)
        switch rest.prefix(2) {
        case "i=":
            guard let number = UInt32(value) else { return nil }
            self.init(number, namespace: namespace)
        case "s=": self.init(String(value), namespace: namespace)
        case "g=":
            guard let guid = Guid(value) else { return nil }
            self.init(namespace: namespace, .guid(guid))
        case "b=":
            guard let bytes = Base64.bytes(value) else { return nil }
            self.init(namespace: namespace, .opaque(ByteString(bytes)))
        default: return nil
        }
    }

    /// The text form that ``init(_:)`` reads.
    public var description: String {
        let value =
            switch identifier {
            case .numeric(let number): "i=\(number)"
            case .string(let text): "s=\(text)"
            case .guid(let guid): "g=\(guid)"
            case .opaque(let bytes): "b=\(Base64.text(bytes.bytes))"
            }
        return namespace == 0 ? value : "ns=\(namespace);\(value)"
    }
}

extension NodeId: BinaryCodable {
    public static var smallestByteCount: Int { 2 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        let form = try reader.integer(UInt8.self)
        self = try Self(form: form, from: &reader)
    }

    /// Any of the six forms of Part 6, 5.2.2.9, whether or not a shorter one would do.
    init(form: UInt8, from reader: inout BinaryReader) throws(CodecError) {
        switch form {
        case 0: self.init(UInt32(try reader.integer(UInt8.self)))
        case 1:
            let namespace = UInt16(try reader.integer(UInt8.self))
            self.init(UInt32(try reader.integer(UInt16.self)), namespace: namespace)
        case 2...5:
            let namespace = try reader.integer(UInt16.self)
            self.init(namespace: namespace, try Self.identifier(form: form, from: &reader))
        default: throw reader.malformed("a node id has the form \(form)")
        }
    }

    private static func identifier(
        form: UInt8, from reader: inout BinaryReader
    ) throws(CodecError) -> Identifier {
        switch form {
        case 2: .numeric(try reader.integer())
        case 3: .string(try reader.text() ?? "")
        case 4: .guid(try reader.read())
        default: .opaque(try ByteString.decode(from: &reader) ?? [])
        }
    }

    public func encode(to writer: inout BinaryWriter) { encode(flags: 0, to: &writer) }

    /// The shortest form, with the flags of an ExpandedNodeId in its first byte.
    func encode(flags: UInt8, to writer: inout BinaryWriter) {
        switch identifier {
        case .numeric(let number): encode(number, flags: flags, to: &writer)
        case .string(let text):
            encode(form: 3 | flags, to: &writer)
            text.encodeContent(to: &writer)
        case .guid(let guid):
            encode(form: 4 | flags, to: &writer)
            guid.encode(to: &writer)
        case .opaque(let bytes):
            encode(form: 5 | flags, to: &writer)
            bytes.encodeContent(to: &writer)
        }
    }

    private func encode(form: UInt8, to writer: inout BinaryWriter) {
        writer.integer(form)
        writer.integer(namespace)
    }

    private func encode(_ number: UInt32, flags: UInt8, to writer: inout BinaryWriter) {
        if namespace == 0, let byte = UInt8(exactly: number) {
            writer.integer(flags)
            writer.integer(byte)
        } else if let index = UInt8(exactly: namespace), let short = UInt16(exactly: number) {
            writer.integer(1 | flags)
            writer.integer(index)
            writer.integer(short)
        } else {
            encode(form: 2 | flags, to: &writer)
            writer.integer(number)
        }
    }
}

/// A node id that holds beyond one server: with the namespace's URI in place of its index, and the index of a server
/// (Part 6, 5.2.2.10).
public struct ExpandedNodeId: Hashable, Sendable, CustomStringConvertible {
    public var nodeId: NodeId
    /// Takes the place of the namespace's index, which is then 0.
    public var namespaceUri: String?
    /// Into the ServerArray; 0 is the server itself.
    public var serverIndex: UInt32

    public init(_ nodeId: NodeId, namespaceUri: String? = nil, serverIndex: UInt32 = 0) {
        self.nodeId = nodeId
        self.namespaceUri = namespaceUri
        self.serverIndex = serverIndex
    }

    public static let null = ExpandedNodeId(.null)

    public var description: String {
        let uri = namespaceUri.map { "nsu=\($0);" } ?? ""
        return (serverIndex == 0 ? "" : "svr=\(serverIndex);") + uri + "\(nodeId)"
    }
}

extension ExpandedNodeId: BinaryCodable {
    public static var smallestByteCount: Int { 2 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        let first = try reader.integer(UInt8.self)
        self.init(try NodeId(form: first & 0x3F, from: &reader))
        if first & 0x80 != 0 { namespaceUri = try reader.text() }
        if first & 0x40 != 0 { serverIndex = try reader.integer() }
    }

    public func encode(to writer: inout BinaryWriter) {
        nodeId.encode(flags: (namespaceUri == nil ? 0 : 0x80) | (serverIndex == 0 ? 0 : 0x40), to: &writer)
        namespaceUri?.encodeContent(to: &writer)
        if serverIndex != 0 { writer.integer(serverIndex) }
    }
}
