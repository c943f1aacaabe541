import UACodec

/// The kinds of messages by the first three bytes of their header (Part 6, 7.1.2.2 and 6.7.2.2).
public enum MessageType: String, Hashable, Sendable, CaseIterable {
    case hello = "HEL"
    case acknowledge = "ACK"
    case error = "ERR"
    case reverseHello = "RHE"
    case message = "MSG"
    case openChannel = "OPN"
    case closeChannel = "CLO"

    /// The type that a frame's first three bytes say.
    init?(letters: ArraySlice<UInt8>) {
        guard let found = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(letters) }) else { return nil }
        self = found
    }
}

/// The fourth byte: only messages of services come in more than one chunk.
public enum ChunkKind: UInt8, Hashable, Sendable {
    case final = 0x46
    case intermediate = 0x43
    case abort = 0x41
}

/// A message of the connection protocol, or a chunk of a message of the secure channel, as it lies on the wire.
public struct Frame: Hashable, Sendable {
    public static let headerBytes = 8

    public var type: MessageType
    public var kind: ChunkKind
    /// All of it, with its header.
    public var bytes: [UInt8]

    /// What follows the header.
    public var body: [UInt8] { Array(bytes.dropFirst(Self.headerBytes)) }

    /// A message of the connection protocol.
    init(_ type: MessageType, _ value: some BinaryEncodable) throws(CodecError) {
        self.type = type
        self.kind = .final
        let body = try value.binary()
        bytes = Self.header(type, .final, size: UInt32(Self.headerBytes + body.count)) + body
    }

    init(type: MessageType, kind: ChunkKind, bytes: [UInt8]) {
        self.type = type
        self.kind = kind
        self.bytes = bytes
    }

    static func header(_ type: MessageType, _ kind: ChunkKind, size: UInt32 = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SymmetricHeader.byteCount)
        bytes.append(contentsOf: type.rawValue.utf8)
        bytes.append(kind.rawValue)
        bytes.append(littleEndian: size)
        return bytes
    }
}

extension UInt32 {
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

extension [UInt8] {
    mutating func append(littleEndian value: UInt32) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

/// Cuts what arrives into frames. It holds no more than one frame that is not whole, and looks at a header as soon as
/// that is there, so that a size beyond the limit is refused before anything of it is kept.
public struct FrameReader: Sendable {
    /// The size of the largest frame that is taken: the receive buffer that was agreed.
    public var frameBytesMax: Int
    private var buffer: [UInt8] = []
    private var start = 0

    public init(frameBytesMax: Int) { self.frameBytesMax = frameBytesMax }

    /// Bytes that are no frame yet.
    public var bufferedBytes: Int { buffer.count - start }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0, start == buffer.count || start > 65_536 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next frame, once it is whole.
    ///
    /// - Throws: Bad_TcpMessageTypeInvalid, Bad_TcpMessageTooLarge.
    public mutating func next() throws(TransportError) -> Frame? {
        guard bufferedBytes >= Frame.headerBytes else { return nil }
        let header = buffer[start..<start + Frame.headerBytes]
        guard let type = MessageType(letters: header.prefix(3)), let kind = ChunkKind(rawValue: header[start + 3]),
            kind == .final || type == .message
        else { throw TransportError(.badTcpMessageTypeInvalid, "a frame begins with \(ByteString(header.prefix(4)))") }
        let size = (0..<4).reduce(0) { $0 | Int(header[start + 4 + $1]) << (8 * $1) }
        guard size >= Frame.headerBytes else {
            throw TransportError(.badTcpMessageTypeInvalid, "a frame of \(size) bytes")
        }
        guard size <= min(frameBytesMax, Self.limit(type)) else {
            throw TransportError(.badTcpMessageTooLarge, "a frame \(type.rawValue) of \(size) bytes")
        }
        guard bufferedBytes >= size else { return nil }
        let frame = Frame(type: type, kind: kind, bytes: Array(buffer[start..<start + size]))
        start += size
        return frame
    }

    /// The messages of the connection protocol are short: an address or a reason of at most 4096 bytes.
    private static func limit(_ type: MessageType) -> Int {
        switch type {
        case .hello: 8 + 20 + 4 + Hello.urlBytesMax + 1024
        case .acknowledge: 8 + 20
        case .error, .reverseHello: 8 + 8 + 2 * 4096
        case .message, .openChannel, .closeChannel: Int.max
        }
    }
}
