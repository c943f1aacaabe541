import UACodec

/// One side of a connection and its secure channel, as a state machine over bytes (Part 6, 6.7 and 7.1): bytes in,
/// events out; calls in, bytes out. It knows no socket and no clock, so any transport can drive it.
///
/// After an error has been thrown the connection is over: a server sends ``TransportError/answer`` and closes it.
public struct SecureConnection: Sendable {
    public enum Role: Hashable, Sendable { case client, server }

    public enum Event: Sendable {
        /// To a server: the client's first message. The frame is to be sent.
        case hello(Hello, answer: Frame)
        /// To a client: its Hello was taken.
        case acknowledged(AgreedLimits)
        /// A chunk that opens or renews the channel. It waits for ``accept(content:)``, and what is behind it too.
        case opening(Opening)
        case message(requestId: UInt32, body: [UInt8])
        case aborted(requestId: UInt32, ErrorMessage)
        /// The other side closes the channel.
        case closed
        /// The other side ends the connection for a fault.
        case failed(ErrorMessage)
    }

    private enum Phase { case greeting, open, closed }

    public let role: Role
    public let limits: TransportLimits
    public private(set) var agreed: AgreedLimits
    public private(set) var channelId: UInt32 = 0
    private var phase = Phase.greeting
    private var frames: FrameReader
    private var assembler: MessageAssembler
    private var tokens = ChannelTokens()
    private var sent = SequenceNumbers()
    private var received = SequenceNumbers()
    private var isOpening = false

    public init(_ role: Role, limits: TransportLimits = TransportLimits()) {
        self.role = role
        self.limits = limits
        agreed = AgreedLimits(
            receiveChunkBytes: limits.receiveBufferBytes, sendChunkBytes: limits.sendBufferBytes,
            sendMessageBytes: Int.max, sendChunkCount: Int.max)
        frames = FrameReader(frameBytesMax: limits.receiveBufferBytes)
        assembler = MessageAssembler(messageBytes: limits.messageBytes, chunkCount: limits.chunkCount)
    }

    /// Bounds of what comes in. A server begins with less and raises them when a session is activated.
    public var incoming: (messageBytes: Int, chunkCount: Int) {
        get { (assembler.messageBytes, assembler.chunkCount) }
        set {
            assembler.messageBytes = newValue.messageBytes
            assembler.chunkCount = newValue.chunkCount
        }
    }

    /// Bytes that are kept for messages that are not whole.
    public var pendingBytes: Int { frames.bufferedBytes + assembler.pendingBytes }

    /// Whether more may be read from the socket; false while a chunk that opens the channel is being worked on.
    public var wantsBytes: Bool { !isOpening && phase != .closed }

    // MARK: In

    public mutating func receive(_ bytes: some Collection<UInt8>) { frames.append(bytes) }

    /// What came in, one event after the other; nil when more bytes are needed.
    ///
    /// - Parameter now: milliseconds on the clock of the tokens.
    public mutating func next(now: Int64) throws(TransportError) -> Event? {
        while !isOpening, phase != .closed, let frame = try frames.next() {
            if let event = try event(frame, now: now) { return event }
        }
        return nil
    }

    private mutating func event(_ frame: Frame, now: Int64) throws(TransportError) -> Event? {
        switch (frame.type, role, phase) {
        case (.hello, .server, .greeting): return try greet(try value(frame))
        case (.acknowledge, .client, .greeting):
            try agree(try limits.agree(try value(frame)))
            return .acknowledged(agreed)
        case (.error, .client, _):
            phase = .closed
            return .failed(try value(frame))
        case (.openChannel, _, .open): return try opening(frame)
        case (.message, _, .open), (.closeChannel, _, .open): return try chunk(frame, now: now)
        default: throw TransportError(.badTcpMessageTypeInvalid, "\(frame.type.rawValue) is out of place")
        }
    }

    private func value<Value: BinaryDecodable>(_ frame: Frame) throws(TransportError) -> Value {
        do throws(CodecError) { return try Value(binary: frame.body) } catch { throw TransportError(error) }
    }

    private mutating func greet(_ hello: Hello) throws(TransportError) -> Event {
        let (answer, limits) = try limits.answer(hello)
        try agree(limits)
        do throws(CodecError) { return .hello(hello, answer: try answer.frame()) } catch { throw TransportError(error) }
    }

    private mutating func agree(_ limits: AgreedLimits) throws(TransportError) {
        agreed = limits
        frames.frameBytesMax = limits.receiveChunkBytes
        phase = .open
    }

    private mutating func opening(_ frame: Frame) throws(TransportError) -> Event {
        let (header, length) = try AsymmetricHeader.parse(frame)
        // A client's first OPN has no channel yet, and the server's answer to it brings one.
        guard header.channelId == channelId || (role == .client && channelId == 0) else {
            throw TransportError(.badTcpSecureChannelUnknown, "channel \(header.channelId)")
        }
        isOpening = true
        return .opening(Opening(header: header, chunk: frame.bytes, headerLength: length))
    }

    /// Takes the content of the chunk of ``Event/opening(_:)``, which was opened elsewhere.
    ///
    /// - Returns: the request's id and the body, an OpenSecureChannel request or response.
    /// - Throws: Bad_SequenceNumberInvalid.
    public mutating func accept(content: [UInt8]) throws(TransportError) -> (requestId: UInt32, body: [UInt8]) {
        guard isOpening else { throw TransportError(.badTcpInternalError, "no opening is waiting") }
        let (header, body) = try sequenced(content)
        isOpening = false
        return (header.requestId, Array(body))
    }

    /// Opens the chunk of ``Event/opening(_:)`` with the security that the caller found for its header.
    ///
    /// - Throws: Bad_SecurityChecksFailed, Bad_SequenceNumberInvalid.
    public mutating func accept(
        _ opening: Opening, security: any ChunkSecurity
    ) throws(TransportError) -> (requestId: UInt32, body: [UInt8]) {
        try accept(content: try opening.content(security))
    }

    private mutating func sequenced(
        _ content: [UInt8]
    ) throws(TransportError) -> (SequenceHeader, ArraySlice<UInt8>) {
        let (header, body) = try SequenceHeader.parse(content)
        try received.accept(header.sequenceNumber)
        return (header, body)
    }

    private mutating func opened(
        _ chunk: [UInt8], headerLength: Int, _ security: any ChunkSecurity
    ) throws(TransportError) -> (SequenceHeader, ArraySlice<UInt8>) {
        let content: [UInt8]
        do {
            content = try security.open(chunk, headerLength: headerLength)
        } catch {
            throw TransportError(.badSecurityChecksFailed, "\(error)")
        }
        return try sequenced(content)
    }

    private mutating func chunk(_ frame: Frame, now: Int64) throws(TransportError) -> Event? {
        let header = try SymmetricHeader.parse(frame)
        guard !tokens.isEmpty, header.channelId == channelId else {
            throw TransportError(.badTcpSecureChannelUnknown, "channel \(header.channelId)")
        }
        let token = try tokens.receiving(header.tokenId, now: now)
        let (sequence, body) = try opened(frame.bytes, headerLength: SymmetricHeader.byteCount, token.receiving)
        tokens.confirm(token.id)
        guard frame.type == .message else {
            phase = .closed
            return .closed
        }
        switch try assembler.add(frame.kind, requestId: sequence.requestId, body) {
        case .partial: return nil
        case .message(let id, let body): return .message(requestId: id, body: body)
        case .aborted(let id, let reason): return .aborted(requestId: id, reason)
        }
    }

    // MARK: Out

    /// Gives the channel its id and its first token, or the token of a renewal. A server calls it before it sends the
    /// response, a client when it has read the response.
    public mutating func install(_ token: ChannelToken, channelId: UInt32) {
        self.channelId = channelId
        tokens.install(token, isServer: role == .server)
    }

    /// The chunk that opens or renews the channel, to be secured elsewhere and sent before anything else.
    public mutating func beginOpening(
        _ body: [UInt8], requestId: UInt32, header: AsymmetricHeader
    ) throws(TransportError) -> OutgoingOpening {
        let bytes: [UInt8]
        do throws(CodecError) { bytes = try header.bytes() } catch { throw TransportError(error) }
        let sequence = SequenceHeader(sequenceNumber: sent.next(), requestId: requestId)
        return OutgoingOpening(
            header: bytes, content: sequence.bytes(before: body), chunkBytesMax: agreed.sendChunkBytes)
    }

    /// The chunk that opens or renews the channel, ready for the wire.
    ///
    /// - Throws: Bad_TcpMessageTooLarge where the chunk is longer than the other side's buffer.
    public mutating func openChunk(
        _ body: [UInt8], requestId: UInt32, header: AsymmetricHeader, security: any ChunkSecurity
    ) throws(TransportError) -> [UInt8] {
        try beginOpening(body, requestId: requestId, header: header).chunk(security)
    }

    /// The chunks of a request or a response, for the wire in this order and with nothing between them.
    ///
    /// - Throws: Bad_RequestTooLarge from a client, Bad_ResponseTooLarge from a server, over the other side's limits;
    ///   nothing has been sent, and the connection goes on.
    public mutating func messageChunks(_ body: [UInt8], requestId: UInt32) throws(TransportError) -> [[UInt8]] {
        try chunker().chunks(
            .message, body, requestId: requestId, numbers: &sent,
            tooLarge: role == .client ? .badRequestTooLarge : .badResponseTooLarge)
    }

    /// The chunk that takes back a message of which some chunks have gone, or stands for one.
    public mutating func abortChunk(_ reason: ErrorMessage, requestId: UInt32) throws(TransportError) -> [UInt8] {
        let body: [UInt8]
        do throws(CodecError) { body = try reason.binary() } catch { throw TransportError(error) }
        return try chunker().chunk(.message, .abort, body[...], requestId: requestId, numbers: &sent)
    }

    /// The chunk with which a client closes the channel; there is no answer.
    public mutating func closeChunk(_ body: [UInt8], requestId: UInt32) throws(TransportError) -> [UInt8] {
        try chunker().chunk(.closeChannel, .final, body[...], requestId: requestId, numbers: &sent)
    }

    private func chunker() throws(TransportError) -> MessageChunker {
        guard let token = tokens.sending else {
            throw TransportError(.badSecureChannelClosed, "there is no channel yet")
        }
        let header = SymmetricHeader(channelId: channelId, tokenId: token.id)
        return MessageChunker(limits: agreed, header: header, security: token.sending)
    }
}
