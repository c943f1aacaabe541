import NIOCore
import UACodec
import UASecurity
import UATransport

/// An OPC UA client that keeps its session: after a loss it connects again, takes up its old session or makes a new one,
/// and goes on with its subscriptions.
///
/// A call fails at once while there is no connection, and no call is ever repeated by the client itself: the error says
/// whether the server may have acted (``ClientError/mayHaveHappened``).
///
/// It runs on the event loop of its connection. Whoever asks thousands of times a second asks from an actor that has this
/// one's `unownedExecutor`: then no call changes threads.
public actor UAClient {
    public nonisolated let configuration: ClientConfiguration
    /// What happens to the connection, for a log; the newest 64 are kept for a slow reader.
    public nonisolated let events: AsyncStream<ConnectionEvent>
    nonisolated let loop: any EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    enum Phase { case idle, connecting, connected, reconnecting, closed }

    let opener: any LinkOpener
    let time: ClientTime
    let eventSink: AsyncStream<ConnectionEvent>.Continuation

    var phase = Phase.idle
    var connection: Connection?
    /// Numbers the connections, so that what belongs to an earlier one is known.
    var generation = 0
    /// What the next attempt starts from; nil where discovery has to be asked again.
    var choice: EndpointChoice?
    var session: ServerSession?
    var lastFailure: ClientError?
    var lastHeard: Duration = .zero
    var tasks: [Task<Void, Never>] = []

    /// The server's namespaces in this session.
    public internal(set) var namespaces = NamespaceTable()
    public internal(set) var operationLimits = OperationLimits()
    /// What the bodies of ExtensionObjects are read as: the standard's types, and the server's as they were met.
    public internal(set) var types = TypeRegistry.standard
    var typeLoading = TypeLoadingState()
    var isLoadingTypes = false
    var typeWaiters: [CheckedContinuation<Void, Never>] = []
    /// Types that the application knows, by the URI of their namespace.
    let knownTypes: [any Structure.Type]

    var publishing = PublishingState()
    var records: [Int: SubscriptionRecord] = [:]

    /// A session on a channel. What was found out on one is never used on another.
    struct Connection: Sendable {
        var link: any ClientLink
        var session: ServerSession
        var generation: Int
    }

    /// - Parameter knownTypes: structures of other namespaces that the application was built with.
    public init(
        _ configuration: ClientConfiguration, group: any EventLoopGroup, knownTypes: [any Structure.Type] = []
    ) {
        let loop = group.next()
        self.init(
            configuration, loop: loop, opener: NIOLinkOpener(group: loop, resolve: configuration.resolve),
            time: .real, knownTypes: knownTypes)
    }

    init(
        _ configuration: ClientConfiguration, loop: any EventLoop, opener: any LinkOpener, time: ClientTime,
        knownTypes: [any Structure.Type] = []
    ) {
        self.configuration = configuration
        self.loop = loop
        self.opener = opener
        self.time = time
        self.knownTypes = knownTypes
        (events, eventSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
        publishing.target = min(max(configuration.publishRequests, 1), 10)
    }

    public var isConnected: Bool { phase == .connected }

    /// The endpoint that was chosen; nil before the first connection.
    public var endpoint: EndpointDescription? { choice?.endpoint }

    // MARK: Requests

    /// The connection, for the calls that an application makes.
    func ready() throws(ClientError) -> Connection {
        guard phase != .closed else { throw .closed }
        guard phase == .connected, let connection else {
            throw .notConnected(lastFailure.map { "\($0)" } ?? "connect() has not been called")
        }
        return connection
    }

    /// Sends a request of the session. A fault that ends the session, and an answer that breaks the protocol, end the
    /// connection too.
    func exchange<Request: ServiceRequest>(
        _ request: Request, on connection: Connection, timeout: Duration? = nil
    ) async throws(ClientError) -> Request.Response {
        var request = request
        request.requestHeader.authenticationToken = connection.session.token
        do throws(TransportError) {
            let response = try await connection.link.send(request, timeout: timeout ?? configuration.requestTimeout)
            lastHeard = time.now()
            return response
        } catch {
            if error.reach == .refused { lastHeard = time.now() }
            let failure = ClientError(error)
            if error.isViolation || error.endsSession { drop(connection.generation, failure) }
            throw failure
        }
    }

    /// Ends a connection whose server broke the protocol.
    func violation(_ words: String, on connection: Connection) -> ClientError {
        let error = ClientError.violation(words)
        drop(connection.generation, error)
        return error
    }

    /// Sends operations in requests of at most `limit`, one after the other.
    ///
    /// - Parameter changes: whether earlier requests may have changed something, so that an error has to say so.
    func batched<Item: Sendable, Answer: Sendable>(
        _ items: [Item], limit: UInt32, changes: Bool, on connection: Connection,
        _ send: (ArraySlice<Item>) async throws(ClientError) -> [Answer]
    ) async throws(ClientError) -> [Answer] {
        let own = configuration.limits.operations
        let size = max(1, limit == 0 ? own : min(own, Int(limit)))
        var answers: [Answer] = []
        answers.reserveCapacity(items.count)
        while answers.count < items.count {
            let batch = items[answers.count..<min(items.count, answers.count + size)]
            let some: [Answer]
            do throws(ClientError) { some = try await send(batch) } catch {
                guard changes, !answers.isEmpty else { throw error }
                throw .partly(done: answers.count, of: items.count, cause: error)
            }
            guard some.count == batch.count else {
                throw violation("\(some.count) results for \(batch.count) operations", on: connection)
            }
            answers += some
        }
        return answers
    }
}

extension TransportError {
    /// Whether the server says that it does not know the session, or the channel, any more.
    var endsSession: Bool {
        reach == .refused
            && [
                .badSessionIdInvalid, .badSessionClosed, .badSessionNotActivated, .badSecureChannelIdInvalid,
                .badSecureChannelClosed, .badTcpSecureChannelUnknown,
            ].contains(status.code)
    }
}

/// What happens to a client's connection.
public enum ConnectionEvent: Sendable, CustomStringConvertible {
    public enum Continuity: String, Sendable {
        /// The first session of this client.
        case first
        /// The old session, taken up on a new channel.
        case resumed
        /// A new session: the server had dropped the old one, or was started anew.
        case renewed
    }

    case connected(Continuity)
    case lost(ClientError)
    /// The next attempt comes after the wait.
    case waiting(ClientError, Duration)
    case warning(String)
    case closed

    public var description: String {
        switch self {
        case .connected(.first): "connected"
        case .connected(.resumed): "connected again, in the old session"
        case .connected(.renewed): "connected again, in a new session"
        case .lost(let error): "connection lost: \(error)"
        case .waiting(let error, let delay): "no connection, next attempt in \(delay): \(error)"
        case .warning(let words): words
        case .closed: "closed"
        }
    }
}
