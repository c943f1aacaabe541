import NIOCore
import NIOPosix
import UACodec
import UASecurity

/// A secure channel of a client: requests go out, their answers come back to whom they belong, and the token is renewed
/// before it runs out. When it is over it is over; who wants another makes another.
///
/// It runs on the event loop of its connection, so that an answer needs no lock and no other thread.
public actor ClientChannel {
    public nonisolated let target: ClientTarget
    nonisolated let loop: any EventLoop
    private nonisolated let tasks: LoopTaskExecutor

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// What bodies of the server's own types are read as.
    public var types = TypeRegistry.standard

    var machine: SecureConnection
    private(set) var channel: (any Channel)?
    private var answers: [UInt32: Answer] = [:]
    private var lastRequestId: UInt32 = 0
    var opening: ClientOpening?
    /// Chunks that were made while a renewal is being signed, and have to go after it.
    private var held: [[UInt8]]?
    /// Whether what is written goes out once all that wants to write by then has written.
    private var isFlushPlanned = false
    private(set) var end: TransportError?
    private var endWaiters: [CheckedContinuation<TransportError?, Never>] = []
    private var wasClosed = false
    var renewal: Scheduled<Void>?
    /// One look at the times of all requests, at the first of them or before.
    private var look: (at: NIODeadline, task: Scheduled<Void>)?

    private struct Answer {
        var deliver: (Result<[UInt8], TransportError>) -> Void
        var timeout: Duration
        var dueAt: NIODeadline
    }

    private init(_ target: ClientTarget, loop: any EventLoop) {
        self.target = target
        self.loop = loop
        tasks = LoopTaskExecutor(loop)
        machine = SecureConnection(.client, limits: target.limits)
    }

    /// Connects and opens the channel.
    ///
    /// - Throws: Bad_ConnectionRejected where nobody listens, the server's own status where it refuses, Bad_Timeout.
    public static func open(
        _ target: ClientTarget, group: any EventLoopGroup
    ) async throws(TransportError) -> ClientChannel {
        let channel = ClientChannel(target, loop: group.next())
        do throws(TransportError) {
            try await channel.connect()
            return channel
        } catch {
            await channel.finish(error)
            throw error
        }
    }

    private func connect() async throws(TransportError) {
        let milliseconds = Int64(target.connectTimeout.milliseconds)
        let handler = ClientHandler(self)
        do {
            channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.milliseconds(milliseconds))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { $0.pipeline.addHandler(handler) }
                .connect(host: target.address ?? target.host, port: target.port).get()
        } catch {
            throw TransportError(.badConnectionRejected, "\(target.host):\(target.port) does not answer: \(error)")
        }
        try await openFirst(within: target.connectTimeout)
    }

    // MARK: Requests

    /// Asks the server.
    ///
    /// The header's handle, time and timeout hint are filled in. A fault, or an answer whose result is bad, is thrown
    /// with its status and the reach `refused`; whatever happens after the request has left has the reach `sent`.
    public func send<Request: ServiceRequest>(
        _ request: Request, timeout: Duration
    ) async throws(TransportError) -> Request.Response {
        let id = takeRequestId()
        var request = request
        request.requestHeader.requestHandle = id
        request.requestHeader.timestamp = target.now()
        request.requestHeader.timeoutHint = UInt32(clamping: timeout.milliseconds)
        let chunks = try chunks(of: request, id: id)
        let result: Result<[UInt8], TransportError> = await withTaskExecutorPreference(tasks) {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    submit(chunks, id: id, timeout: timeout) { continuation.resume(returning: $0) }
                }
            } onCancel: {
                Task { await self.resolve(id, .failure(Self.cancelled)) }
            }
        }
        return try answer(try result.get())
    }

    private static let cancelled = TransportError(
        .badRequestCancelledByClient, "the caller does not wait any more", reach: .sent)

    private func chunks(of request: some ServiceRequest, id: UInt32) throws(TransportError) -> [[UInt8]] {
        if let end { throw end.reaching(.notSent) }
        let body: [UInt8]
        do throws(CodecError) {
            body = try ServiceMessage.bytes(of: request, limits: target.codec)
        } catch { throw TransportError(.badEncodingLimitsExceeded, "\(error)") }
        return try machine.messageChunks(body, requestId: id)
    }

    func takeRequestId() -> UInt32 {
        lastRequestId = lastRequestId == UInt32.max ? 1 : lastRequestId + 1
        return lastRequestId
    }

    private func submit(
        _ chunks: [[UInt8]], id: UInt32, timeout: Duration, deliver: @escaping (Result<[UInt8], TransportError>) -> Void
    ) {
        let dueAt = loop.now + .milliseconds(timeout.milliseconds)
        answers[id] = Answer(deliver: deliver, timeout: timeout, dueAt: dueAt)
        plan(by: dueAt)
        for chunk in chunks { write(chunk) }
    }

    private func resolve(_ id: UInt32, _ result: Result<[UInt8], TransportError>) {
        answers.removeValue(forKey: id)?.deliver(result)
    }

    /// Looks at the times by then. Nearly all requests are answered long before, so none has a timer of its own.
    private func plan(by time: NIODeadline) {
        if let look, look.at <= time { return }
        look?.task.cancel()
        look = (time, loop.scheduleTask(deadline: time) { self.assumeIsolated { $0.giveUpDue() } })
    }

    private func giveUpDue() {
        look = nil
        let now = loop.now
        for (id, answer) in answers where answer.dueAt <= now {
            let error = TransportError(.badTimeout, "no answer within \(answer.timeout)", reach: .sent)
            resolve(id, .failure(error))
        }
        if let next = answers.values.lazy.map(\.dueAt).min() { plan(by: next) }
    }

    private func answer<Response: ServiceResponse>(_ body: [UInt8]) throws(TransportError) -> Response {
        let answer: ServiceMessage.Answer<Response>
        do throws(CodecError) {
            answer = try ServiceMessage.answer(in: body, limits: target.codec, types: types)
        } catch { throw TransportError(error).reaching(.sent) }
        switch answer {
        case .response(let response) where !response.responseHeader.serviceResult.isBad: return response
        case .response(let response): throw Self.refusal(of: Response.self, response.responseHeader)
        case .fault(let fault): throw Self.refusal(of: Response.self, fault.responseHeader)
        case .other(let id):
            throw TransportError(.badUnknownResponse, "the answer is a message of the encoding \(id)", reach: .sent)
        }
    }

    private static func refusal(of response: any ServiceResponse.Type, _ header: ResponseHeader) -> TransportError {
        TransportError(header.serviceResult, "the server refuses \(response)", reach: .refused)
    }

    // MARK: The connection

    func received(_ buffer: ByteBuffer) {
        machine.receive(buffer.readableBytesView)
        work()
    }

    func work() {
        do throws(TransportError) {
            while end == nil, let event = try machine.next(now: now) { try handle(event) }
        } catch { finish(error) }
    }

    private func handle(_ event: SecureConnection.Event) throws(TransportError) {
        switch event {
        case .acknowledged: try requestOpening(.issue)
        case .opening(let opening): try received(opening)
        case .message(let id, let body):
            // An answer to nobody comes after its request was given up; one to a request that never was is a fault.
            guard id != 0, id <= lastRequestId else {
                throw TransportError(.badUnknownResponse, "an answer to request \(id)")
            }
            resolve(id, .success(body))
        case .aborted(let id, let reason):
            resolve(id, .failure(TransportError(reason.status, reason.reason ?? "", reach: .sent)))
        case .failed(let reason): throw TransportError(reason.status, reason.reason ?? "the server ends the connection")
        case .closed, .hello: throw TransportError(.badSecureChannelClosed, "the server closes the channel")
        }
    }

    var now: Int64 { Int64(loop.now.uptimeNanoseconds / 1_000_000) }

    func write(_ bytes: [UInt8]) {
        guard held == nil else {
            held?.append(bytes)
            return
        }
        guard let channel else { return }
        channel.write(channel.allocator.buffer(bytes: bytes), promise: nil)
        guard !isFlushPlanned else { return }
        isFlushPlanned = true
        loop.execute { self.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        isFlushPlanned = false
        channel?.flush()
    }

    func hold() { held = held ?? [] }

    func release(_ chunk: [UInt8]) {
        let waiting = held ?? []
        held = nil
        write(chunk)
        for chunk in waiting { write(chunk) }
    }

    func connectionFailed(_ words: String) { finish(TransportError(.badCommunicationError, words)) }

    func connectionEnded() { finish(TransportError(.badConnectionClosed, "the connection is gone")) }

    /// The end: everybody who waits for an answer is told that there will be none.
    func finish(_ error: TransportError) {
        guard end == nil else { return }
        end = error
        renewal?.cancel()
        look?.task.cancel()
        let waiting = answers
        answers = [:]
        for answer in waiting.values { answer.deliver(.failure(error.reaching(.sent))) }
        finishOpening(error)
        channel?.close(promise: nil)
        let told = wasClosed ? nil : error
        for waiter in endWaiters { waiter.resume(returning: told) }
        endWaiters = []
    }

    /// Closes the channel as the standard wants it (CloseSecureChannel has no answer).
    public func close() async {
        guard end == nil, let channel else { return }
        wasClosed = true
        let request = CloseSecureChannelRequest(
            requestHeader: RequestHeader(timestamp: target.now(), requestHandle: lastRequestId))
        if let body = try? ServiceMessage.bytes(of: request),
            let chunk = try? machine.closeChunk(body, requestId: takeRequestId())
        {
            try? await channel.writeAndFlush(channel.allocator.buffer(bytes: chunk)).get()
        }
        finish(TransportError(.badSecureChannelClosed, "closed by this side"))
        try? await channel.closeFuture.get()
    }

    /// Returns when the channel is over: with the reason, or nil where this side closed it.
    public func waitUntilClosed() async -> TransportError? {
        if let end { return wasClosed ? nil : end }
        return await withCheckedContinuation { endWaiters.append($0) }
    }

    public func setTypes(_ types: TypeRegistry) { self.types = types }

    /// What was agreed with the server, for who wants to know how long messages may be.
    public var agreed: AgreedLimits { machine.agreed }
}

extension Duration {
    /// Rounded up.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1000).partialValue + (attoseconds + 999_999_999_999_999)
            / 1_000_000_000_000_000
    }
}
