import UACodec

/// The client's first message (Part 6, 7.1.2.3).
public struct Hello: Hashable, Sendable {
    public static let urlBytesMax = 4096

    public var protocolVersion: UInt32
    /// The largest chunk that the client takes.
    public var receiveBufferSize: UInt32
    /// The largest chunk that the client sends.
    public var sendBufferSize: UInt32
    /// The longest response, 0 for no limit.
    public var maxMessageSize: UInt32
    /// The chunks of a response, 0 for no limit.
    public var maxChunkCount: UInt32
    public var endpointUrl: String?

    public init(
        protocolVersion: UInt32 = 0, receiveBufferSize: UInt32, sendBufferSize: UInt32, maxMessageSize: UInt32,
        maxChunkCount: UInt32, endpointUrl: String?
    ) {
        self.protocolVersion = protocolVersion
        self.receiveBufferSize = receiveBufferSize
        self.sendBufferSize = sendBufferSize
        self.maxMessageSize = maxMessageSize
        self.maxChunkCount = maxChunkCount
        self.endpointUrl = endpointUrl
    }
}

extension Hello: BinaryCodable {
    public static var smallestByteCount: Int { 24 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        self.init(
            protocolVersion: try reader.read(), receiveBufferSize: try reader.read(),
            sendBufferSize: try reader.read(), maxMessageSize: try reader.read(), maxChunkCount: try reader.read(),
            endpointUrl: try reader.read())
    }

    public func encode(to writer: inout BinaryWriter) {
        for number in [protocolVersion, receiveBufferSize, sendBufferSize, maxMessageSize, maxChunkCount] {
            writer.write(number)
        }
        writer.write(endpointUrl)
    }

    /// The frame for the wire.
    public func frame() throws(CodecError) -> Frame { try Frame(.hello, self) }
}

/// The server's answer to ``Hello``, seen from the server (Part 6, 7.1.2.4).
public struct Acknowledge: Hashable, Sendable {
    public var protocolVersion: UInt32
    public var receiveBufferSize: UInt32
    public var sendBufferSize: UInt32
    /// The longest request, 0 for no limit.
    public var maxMessageSize: UInt32
    /// The chunks of a request, 0 for no limit.
    public var maxChunkCount: UInt32

    public init(
        protocolVersion: UInt32 = 0, receiveBufferSize: UInt32, sendBufferSize: UInt32, maxMessageSize: UInt32,
        maxChunkCount: UInt32
    ) {
        self.protocolVersion = protocolVersion
        self.receiveBufferSize = receiveBufferSize
        self.sendBufferSize = sendBufferSize
        self.maxMessageSize = maxMessageSize
        self.maxChunkCount = maxChunkCount
    }
}

extension Acknowledge: BinaryCodable {
    public static var smallestByteCount: Int { 20 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        self.init(
            protocolVersion: try reader.read(), receiveBufferSize: try reader.read(),
            sendBufferSize: try reader.read(), maxMessageSize: try reader.read(), maxChunkCount: try reader.read())
    }

    public func encode(to writer: inout BinaryWriter) {
        for number in [protocolVersion, receiveBufferSize, sendBufferSize, maxMessageSize, maxChunkCount] {
            writer.write(number)
        }
    }

    /// The frame for the wire.
    public func frame() throws(CodecError) -> Frame { try Frame(.acknowledge, self) }
}

/// What is said before a connection is closed for a fault (Part 6, 7.1.2.5).
public struct ErrorMessage: Hashable, Sendable {
    public static let reasonBytesMax = 4096

    public var status: StatusCode
    public var reason: String?

    public init(_ status: StatusCode, reason: String?) {
        self.status = status
        self.reason = reason
    }
}

extension ErrorMessage: BinaryCodable {
    public static var smallestByteCount: Int { 8 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        self.init(try reader.read(), reason: try reader.read())
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(status)
        writer.write(reason)
    }

    /// The frame for the wire.
    public func frame() throws(CodecError) -> Frame { try Frame(.error, self) }
}
