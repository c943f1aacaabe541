import UACodec

/// What one side of a connection offers and takes.
public struct TransportLimits: Hashable, Sendable {
    /// Part 6, 7.1.2.3: nobody may ask for smaller chunks.
    public static let bufferBytesMin = 8192

    public var receiveBufferBytes: Int
    public var sendBufferBytes: Int
    /// Bytes of a message that comes in, all chunks together, without what security adds.
    public var messageBytes: Int
    public var chunkCount: Int

    public init(
        receiveBufferBytes: Int = 65_536, sendBufferBytes: Int = 65_536, messageBytes: Int = 4 << 20,
        chunkCount: Int = 64
    ) {
        self.receiveBufferBytes = receiveBufferBytes
        self.sendBufferBytes = sendBufferBytes
        self.messageBytes = messageBytes
        self.chunkCount = chunkCount
    }

    /// What a client says first.
    public func hello(endpointUrl: String) -> Hello {
        Hello(
            receiveBufferSize: UInt32(clamping: receiveBufferBytes), sendBufferSize: UInt32(clamping: sendBufferBytes),
            maxMessageSize: UInt32(clamping: messageBytes), maxChunkCount: UInt32(clamping: chunkCount),
            endpointUrl: endpointUrl)
    }

    /// The server's side of the handshake: its answer, and what holds from then on.
    ///
    /// A higher version of the protocol is taken and answered with this one.
    ///
    /// - Throws: Bad_TcpEndpointUrlInvalid, or Bad_ConnectionRejected for buffers under 8192 bytes.
    public func answer(_ hello: Hello) throws(TransportError) -> (Acknowledge, AgreedLimits) {
        guard (hello.endpointUrl ?? "").utf8.count <= Hello.urlBytesMax else {
            throw TransportError(.badTcpEndpointUrlInvalid, "an endpoint URL of over \(Hello.urlBytesMax) bytes")
        }
        let smallest = min(hello.receiveBufferSize, hello.sendBufferSize)
        guard smallest >= Self.bufferBytesMin else {
            throw TransportError(.badConnectionRejected, "the client has a buffer of \(smallest) bytes")
        }
        let agreed = AgreedLimits(
            receiveChunkBytes: min(receiveBufferBytes, Int(hello.sendBufferSize)),
            sendChunkBytes: min(sendBufferBytes, Int(hello.receiveBufferSize)),
            sendMessageBytes: Self.limit(hello.maxMessageSize), sendChunkCount: Self.limit(hello.maxChunkCount))
        let answer = Acknowledge(
            receiveBufferSize: UInt32(clamping: agreed.receiveChunkBytes),
            sendBufferSize: UInt32(clamping: agreed.sendChunkBytes), maxMessageSize: UInt32(clamping: messageBytes),
            maxChunkCount: UInt32(clamping: chunkCount))
        return (answer, agreed)
    }

    /// The client's side: what holds after the server's answer.
    ///
    /// - Throws: Bad_ConnectionRejected where the server takes more than it was offered, or under 8192 bytes.
    public func agree(_ answer: Acknowledge) throws(TransportError) -> AgreedLimits {
        let receive = Int(answer.sendBufferSize)
        let send = Int(answer.receiveBufferSize)
        guard receive <= receiveBufferBytes, send <= sendBufferBytes, min(receive, send) >= Self.bufferBytesMin else {
            throw TransportError(.badConnectionRejected, "the server answers with buffers of \(send) and \(receive)")
        }
        return AgreedLimits(
            receiveChunkBytes: receive, sendChunkBytes: send, sendMessageBytes: Self.limit(answer.maxMessageSize),
            sendChunkCount: Self.limit(answer.maxChunkCount))
    }

    private static func limit(_ number: UInt32) -> Int { number == 0 ? Int.max : Int(number) }
}

/// What both sides of a connection hold to. The other side's limits bind what is sent.
public struct AgreedLimits: Hashable, Sendable {
    public var receiveChunkBytes: Int
    public var sendChunkBytes: Int
    public var sendMessageBytes: Int
    public var sendChunkCount: Int
}
