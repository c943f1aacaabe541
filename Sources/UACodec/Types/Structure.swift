/// A structure that is known when the program is built.
public protocol Structure: BinaryCodable, Hashable, Sendable {
    /// The number of the data type's node in its namespace.
    static var dataTypeId: UInt32 { get }
    /// The number of the node of its encoding "Default Binary", which stands before it on the wire.
    static var binaryEncodingId: UInt32 { get }
    /// The namespace of both; the index that it has is the connection's.
    static var namespaceUri: String { get }
}

extension Structure {
    public static var namespaceUri: String { "http://opcfoundation.org/UA/" }
}

/// The question of a service (Part 4, 5).
public protocol ServiceRequest: Structure {
    associatedtype Response: ServiceResponse

    var requestHeader: RequestHeader { get set }
}

/// The answer of a service; ``ServiceFault`` is the answer of any.
public protocol ServiceResponse: Structure {
    var responseHeader: ResponseHeader { get set }
}

/// Named numbers, Int32 on the wire (Part 6, 5.2.4).
public protocol Enumeration: RawRepresentable, BinaryCodable, Hashable, Sendable where RawValue == Int32 {
    static var dataTypeId: UInt32 { get }

    init(rawValue: Int32)
}

extension Enumeration {
    public static var smallestByteCount: Int { 4 }

    public init(from reader: inout BinaryReader) throws(CodecError) { self.init(rawValue: try reader.integer()) }

    public func encode(to writer: inout BinaryWriter) { writer.integer(rawValue) }
}
