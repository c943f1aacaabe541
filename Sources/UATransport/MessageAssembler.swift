import UACodec

/// Puts the chunks of one direction together to messages, within bounds.
///
/// The chunks of two messages may not be mixed. What a message has so far is never more than `messageBytes` and
/// `chunkCount`, which a server may raise once it knows its client.
public struct MessageAssembler: Sendable {
    public enum Result: Hashable, Sendable {
        case partial
        case message(requestId: UInt32, body: [UInt8])
        /// The sender gave up; the connection goes on.
        case aborted(requestId: UInt32, ErrorMessage)
    }

    public var messageBytes: Int
    public var chunkCount: Int
    private var requestId: UInt32?
    private var body: [UInt8] = []
    private var chunks = 0

    public init(messageBytes: Int, chunkCount: Int) {
        self.messageBytes = messageBytes
        self.chunkCount = chunkCount
    }

    /// Bytes of a message that is not whole, for a limit on all connections together.
    public var pendingBytes: Int { body.count }

    /// Takes the body of the next chunk.
    ///
    /// - Throws: Bad_TcpMessageTooLarge, Bad_TcpMessageTypeInvalid for chunks out of place.
    public mutating func add(
        _ kind: ChunkKind, requestId id: UInt32, _ part: ArraySlice<UInt8>
    ) throws(TransportError) -> Result {
        guard requestId == nil || requestId == id else {
            throw TransportError(.badTcpMessageTypeInvalid, "a chunk of request \(id) among those of another")
        }
        if kind == .abort {
            reset()
            return .aborted(requestId: id, try Self.reason(part))
        }
        guard chunks < chunkCount, part.count <= messageBytes - body.count else {
            throw TransportError(
                .badTcpMessageTooLarge, "a message of over \(messageBytes) bytes or \(chunkCount) chunks")
        }
        guard kind == .final else {
            // A chunk without a body is no progress: the limit on chunks ends it.
            requestId = id
            chunks += 1
            body += part
            return .partial
        }
        let whole = body.isEmpty ? Array(part) : body + part
        reset()
        return .message(requestId: id, body: whole)
    }

    private mutating func reset() {
        requestId = nil
        chunks = 0
        body = []
    }

    private static func reason(_ part: ArraySlice<UInt8>) throws(TransportError) -> ErrorMessage {
        do throws(CodecError) {
            return try ErrorMessage(binary: Array(part), limits: CodecLimits(stringBytes: ErrorMessage.reasonBytesMax))
        } catch {
            throw TransportError(error)
        }
    }
}
