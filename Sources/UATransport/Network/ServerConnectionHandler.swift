import NIOCore
import UACodec
import UASecurity

/// One connection of a server: drives the state machine with what the socket brings, and keeps its times and bounds.
final class ServerConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Never
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let listener: ServerListener
    var machine: SecureConnection
    var peer = ChannelPeer()
    private(set) var startedAt: Int64 = 0
    private(set) var isTrusted = false
    private(set) var isOver = false
    private(set) var isOpen = false
    var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?
    private var readIsWaiting = false
    /// Between bytes that come and the end of what came: what is written then goes out together.
    private var isReading = false
    /// Messages that were written and not sent.
    private var unsent = 0
    /// So many go out together. With all of them, the client would have nothing to do while they are made.
    private static let unsentMax = 4
    /// Chunks that were made while an opening is being signed, and have to go after it.
    private var held: [[UInt8]]?
    private var lastTokenId: UInt32 = 0

    init(_ listener: ServerListener) {
        self.listener = listener
        machine = SecureConnection(.server, limits: listener.configuration.limits)
        machine.incoming = (
            listener.configuration.strangerMessageBytes, listener.configuration.strangerChunkCount
        )
    }

    var pendingBytes: Int { machine.pendingBytes }

    // MARK: The socket

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) { begin(context) }

    private func begin(_ context: ChannelHandlerContext) {
        guard startedAt == 0 else { return }
        startedAt = max(1, listener.now)
        peer.address = context.remoteAddress?.ipAddress ?? ""
        if let reason = listener.admit(self) {
            listener.say("\(peer.address): refused, as there are too many connections")
            return close(reason)
        }
        expect(within: listener.configuration.handshakeSeconds, "a Hello")
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func end() {
        deadline?.cancel()
        context = nil
        isOver = true
        listener.remove(self)
        if isOpen {
            isOpen = false
            listener.delegate?.closed(self)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        isReading = true
        machine.receive(unwrapInboundIn(data).readableBytesView)
        work()
        if machine.pendingBytes > 0 { listener.boundPending() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush(context)
    }

    private func flush(_ context: ChannelHandlerContext) {
        unsent = 0
        context.flush()
    }

    /// Who does not read its answers is not read from either.
    func read(context: ChannelHandlerContext) {
        if isOver || (machine.wantsBytes && context.channel.isWritable) {
            context.read()
        } else {
            readIsWaiting = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { resume() }

    func resume() {
        work()
        guard let context else { return }
        flush(context)
        guard readIsWaiting, machine.wantsBytes, context.channel.isWritable else { return }
        readIsWaiting = false
        context.read()
    }

    /// Works through what has come in, as far as the client reads what goes out.
    private func work() {
        do throws(TransportError) {
            while let context, !isOver, context.channel.isWritable, let event = try machine.next(now: listener.now) {
                try handle(event)
            }
        } catch { fail(error) }
    }

    private func handle(_ event: SecureConnection.Event) throws(TransportError) {
        switch event {
        case .hello(let hello, let answer):
            peer.endpointUrl = hello.endpointUrl
            expect(within: listener.configuration.handshakeSeconds, "a secure channel")
            write(answer.bytes)
        case .opening(let opening): try begin(opening)
        case .message(let id, let body): listener.delegate?.received(body, requestId: id, from: self)
        case .aborted: break
        case .closed, .failed, .acknowledged: context?.close(promise: nil)
        }
    }

    // MARK: Time

    private func expect(within seconds: Int64, _ what: String) {
        deadline?.cancel()
        let bound = NIOLoopBound(self, eventLoop: listener.loop)
        deadline = listener.loop.scheduleTask(in: .seconds(seconds)) {
            bound.value.fail(TransportError(.badTimeout, "\(what) did not come within \(seconds) s"))
        }
    }

    // MARK: Out

    /// Sends at once, or after the opening that is being signed.
    private func write(_ bytes: [UInt8]) {
        guard let context, !isOver else { return }
        guard held == nil else {
            held?.append(bytes)
            return
        }
        context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
        unsent += 1
        if !isReading || unsent >= Self.unsentMax { flush(context) }
    }

    func hold() { held = held ?? [] }

    /// Sends the opening, and what was held for it.
    func release(_ opening: [UInt8]) {
        let waiting = held ?? []
        held = nil
        write(opening)
        for chunk in waiting { write(chunk) }
    }

    func fail(_ error: TransportError) {
        guard !isOver else { return }
        listener.say("\(peer.address): \(error)")
        end(with: error.answer)
    }

    /// Says why, then closes so that the client can still read it: its own side first.
    private func end(with message: ErrorMessage) {
        guard let context, !isOver else { return }
        isOver = true
        deadline?.cancel()
        let frame = try? message.frame()
        let bytes = context.channel.allocator.buffer(bytes: frame?.bytes ?? [])
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
        }
        context.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
        if readIsWaiting { context.read() }
    }

    /// The channel has its first token.
    func open() {
        guard !isOpen else { return }
        isOpen = true
        expect(within: listener.configuration.sessionSeconds, "a session")
        listener.delegate?.opened(self)
    }

    func nextTokenId() -> UInt32 {
        lastTokenId &+= 1
        return lastTokenId
    }

    /// Looks at the client's certificate again, as the trust list has changed.
    func checkTrust() {
        guard let certificate = peer.certificate else { return }
        let (trust, loop) = (listener.configuration.trust, listener.loop)
        let bound = NIOLoopBound(self, eventLoop: loop)
        let chain = certificate.chain.flatMap(\.der)
        let fail = { @Sendable (fault: TransportError) in loop.execute { bound.value.fail(fault) } }
        Task.detached {
            if let fault = await ServerConnectionHandler.fault(of: chain, trust) { fail(fault) }
        }
    }

    private static func fault(of chain: [UInt8], _ trust: TrustList) async -> TransportError? {
        do throws(CertificateFault) {
            _ = try await trust.check(chain: chain, CertificateExpectation(role: .client))
            return nil
        } catch { return TransportError(error) }
    }
}

extension ServerConnectionHandler: ServerConnection {
    var channelId: UInt32 { machine.channelId }

    var waitingBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func send(_ response: some ServiceResponse, requestId: UInt32) {
        guard !isOver else { return }
        do throws(TransportError) {
            let body: [UInt8]
            do throws(CodecError) {
                body = try ServiceMessage.bytes(of: response)
            } catch { throw TransportError(.badResponseTooLarge, "\(error)") }
            for chunk in try machine.messageChunks(body, requestId: requestId) { write(chunk) }
        } catch {
            guard error.status == .badResponseTooLarge, !(response is ServiceFault) else { return fail(error) }
            let header = ResponseHeader(
                timestamp: response.responseHeader.timestamp, requestHandle: response.responseHeader.requestHandle,
                serviceResult: .badResponseTooLarge)
            send(ServiceFault(responseHeader: header), requestId: requestId)
        }
    }

    func trust() {
        isTrusted = true
        deadline?.cancel()
        machine.incoming = (listener.configuration.limits.messageBytes, listener.configuration.limits.chunkCount)
    }

    func close(_ reason: StatusCode?) {
        if let reason { end(with: ErrorMessage(reason, reason: reason.name)) } else { context?.close(promise: nil) }
    }
}
