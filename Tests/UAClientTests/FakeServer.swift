import NIOPosix
import Synchronization
import UACodec
import UASecurity
import UATransport

@testable import UAClient

/// A server that lives in the test: it answers as the script says, and keeps what it was asked.
final class FakeServer: LinkOpener, Sendable {
    typealias Script = @Sendable (any ServiceRequest) -> Result<any ServiceResponse, TransportError>

    struct State {
        var isDown = false
        var sessions: Set<NodeId> = []
        var sessionCount: UInt32 = 0
        var subscriptions: UInt32 = 0
        var items: UInt32 = 0
        var links: [FakeLink] = []
        var asked: [any ServiceRequest] = []
        var publishes:
            [(link: FakeLink, continuation: CheckedContinuation<Result<PublishResponse, TransportError>, Never>)] = []
        var retained: [UInt32: NotificationMessage] = [:]
        var keepsSubscriptions = true
        var scripts: [UInt32: Script] = [:]
        var endpoints = [
            EndpointDescription(
                endpointUrl: "opc.tcp://fake:4840", securityMode: .none, securityPolicyUri: SecurityPolicy.none.uri,
                userIdentityTokens: [UserTokenPolicy(policyId: "anonymous", tokenType: .anonymous)])
        ]
        var namespaces: [String?] = ["http://opcfoundation.org/UA/", "urn:fake"]
    }

    let state = Mutex(State())

    /// Puts a script in the place of the usual answer of a service.
    func script<Request: ServiceRequest>(
        _ type: Request.Type, _ answer: @escaping @Sendable (Request) throws(TransportError) -> Request.Response
    ) {
        let script: Script = { request in
            guard let request = request as? Request else { return .failure(FakeServer.refusal(.badServiceUnsupported)) }
            do throws(TransportError) { return .success(try answer(request)) } catch { return .failure(error) }
        }
        state.withLock { $0.scripts[Request.dataTypeId] = script }
    }

    static func refusal(_ status: StatusCode) -> TransportError {
        TransportError(status, "the script says so", reach: .refused)
    }

    func open(_ target: ClientTarget) async throws(TransportError) -> any ClientLink {
        let isDown = state.withLock { $0.isDown }
        guard !isDown else { throw TransportError(.badConnectionRejected, "nobody is there") }
        let link = FakeLink(self)
        state.withLock { $0.links.append(link) }
        return link
    }

    /// Ends all connections.
    func cut() {
        let links = state.withLock { state in
            defer { state.links = [] }
            return state.links
        }
        for link in links { link.end(TransportError(.badConnectionClosed, "cut")) }
    }

    func asked<Request: ServiceRequest>(_ type: Request.Type) -> [Request] {
        state.withLock { $0.asked.compactMap { $0 as? Request } }
    }

    /// The Publish requests that wait.
    var waiting: Int { state.withLock { $0.publishes.count } }

    /// Answers the oldest Publish request.
    func publish(_ result: Result<PublishResponse, TransportError>) {
        let publish = state.withLock { $0.publishes.isEmpty ? nil : $0.publishes.removeFirst() }
        publish?.continuation.resume(returning: result)
    }

    static func message(_ number: UInt32, item: UInt32 = 1, _ value: Int32) -> NotificationMessage {
        let change = DataChangeNotification(
            monitoredItems: [MonitoredItemNotification(clientHandle: item, value: DataValue(Variant(value)))])
        return NotificationMessage(sequenceNumber: number, notificationData: [ExtensionObject(change)])
    }

    /// A message of a subscription; by default it brings its number times ten. No value is a keep-alive.
    func publish(_ number: UInt32, subscription: UInt32 = 1, keepAlive: Bool = false, available: [UInt32] = []) {
        let message = keepAlive ? NotificationMessage(sequenceNumber: number) : Self.message(number, Int32(number * 10))
        publish(
            .success(
                PublishResponse(
                    subscriptionId: subscription, availableSequenceNumbers: available, notificationMessage: message)))
    }

    // MARK: Answers

    fileprivate func answer(
        _ request: any ServiceRequest, _ link: FakeLink
    ) async throws(TransportError) -> any ServiceResponse {
        let script = state.withLock { state in
            state.asked.append(request)
            return state.scripts[type(of: request).dataTypeId]
        }
        if let script { return try script(request).get() }
        if request is PublishRequest {
            let result: Result<PublishResponse, TransportError> = await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !link.isOver else { return true }
                    state.publishes.append((link, continuation))
                    return false
                }
                if isOver { continuation.resume(returning: .failure(FakeLink.gone)) }
            }
            return try result.get()
        }
        return try state.withLock { Self.result(request, &$0) }.get()
    }

    private static func result(
        _ request: any ServiceRequest, _ state: inout State
    ) -> Result<any ServiceResponse, TransportError> {
        do throws(TransportError) { return .success(try usual(request, &state)) } catch { return .failure(error) }
    }

    private static func usual(
        _ request: any ServiceRequest, _ state: inout State
    ) throws(TransportError) -> any ServiceResponse {
        switch request {
        case is GetEndpointsRequest: return GetEndpointsResponse(endpoints: state.endpoints)
        case is CreateSessionRequest:
            state.sessionCount += 1
            let token = NodeId(state.sessionCount, namespace: 9)
            state.sessions.insert(token)
            return CreateSessionResponse(
                sessionId: token, authenticationToken: token, revisedSessionTimeout: 60_000,
                serverEndpoints: state.endpoints)
        default: break
        }
        guard state.sessions.contains(request.requestHeader.authenticationToken) else {
            throw refusal(.badSessionIdInvalid)
        }
        switch request {
        case is ActivateSessionRequest: return ActivateSessionResponse()
        case let read as ReadRequest:
            return ReadResponse(results: read.nodesToRead.map { value(of: $0, state) })
        case let write as WriteRequest: return WriteResponse(results: write.nodesToWrite.map { _ in .good })
        case let create as CreateSubscriptionRequest:
            state.subscriptions += 1
            return CreateSubscriptionResponse(
                subscriptionId: state.subscriptions, revisedPublishingInterval: create.requestedPublishingInterval,
                revisedLifetimeCount: create.requestedLifetimeCount,
                revisedMaxKeepAliveCount: create.requestedMaxKeepAliveCount)
        case let create as CreateMonitoredItemsRequest:
            return CreateMonitoredItemsResponse(
                results: create.itemsToCreate.map { _ in
                    state.items += 1
                    return MonitoredItemCreateResult(statusCode: .good, monitoredItemId: state.items)
                })
        case let republish as RepublishRequest:
            guard let message = state.retained[republish.retransmitSequenceNumber] else {
                throw refusal(.badMessageNotAvailable)
            }
            return RepublishResponse(notificationMessage: message)
        case let transfer as TransferSubscriptionsRequest:
            let status: StatusCode = state.keepsSubscriptions ? .good : .badSubscriptionIdInvalid
            return TransferSubscriptionsResponse(
                results: transfer.subscriptionIds.map { _ in TransferResult(statusCode: status) })
        case is CloseSessionRequest: return CloseSessionResponse()
        case is DeleteSubscriptionsRequest: return DeleteSubscriptionsResponse(results: [.good])
        default: throw refusal(.badServiceUnsupported)
        }
    }

    private static func value(of node: ReadValueId, _ state: State) -> DataValue {
        switch node.nodeId.standardNumber {
        case 2255: DataValue(Variant(state.namespaces))
        case 2259: DataValue(Variant(Int32(0)))
        default: DataValue(status: .badNodeIdUnknown)
        }
    }

    fileprivate func forget(_ link: FakeLink) {
        let dropped = state.withLock { state in
            defer { state.publishes.removeAll { $0.link === link } }
            return state.publishes.filter { $0.link === link }.map(\.continuation)
        }
        for continuation in dropped { continuation.resume(returning: .failure(FakeLink.gone)) }
    }
}

final class FakeLink: ClientLink, Sendable {
    static let gone = TransportError(.badConnectionClosed, "the connection is gone", reach: .sent)

    private struct State {
        var end: TransportError?
        var isOver = false
        var waiters: [CheckedContinuation<TransportError?, Never>] = []
    }

    private let server: FakeServer
    private let state = Mutex(State())

    init(_ server: FakeServer) { self.server = server }

    var isOver: Bool { state.withLock { $0.isOver } }

    func send<Request: ServiceRequest>(
        _ request: Request, timeout: Duration
    ) async throws(TransportError) -> Request.Response {
        guard !isOver else { throw TransportError(.badConnectionClosed, "the connection is gone") }
        guard let response = try await server.answer(request, self) as? Request.Response else {
            throw TransportError(.badUnknownResponse, "another answer", reach: .sent)
        }
        return response
    }

    func setTypes(_ types: TypeRegistry) async {}

    func close() async { end(nil) }

    func end(_ reason: TransportError?) {
        let waiters = state.withLock { state in
            guard !state.isOver else { return [CheckedContinuation<TransportError?, Never>]() }
            state.isOver = true
            state.end = reason
            defer { state.waiters = [] }
            return state.waiters
        }
        server.forget(self)
        for waiter in waiters { waiter.resume(returning: reason) }
    }

    func waitUntilClosed() async -> TransportError? {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiters.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume(returning: state.withLock { $0.end }) }
        }
    }
}

/// A client of a server in the test, with time in hand.
struct Bench {
    let server = FakeServer()
    let time = FakeTime()
    let client: UAClient

    init(random: Double = 0.5, change: (inout ClientConfiguration) -> Void = { _ in }) {
        var configuration = ClientConfiguration(
            address: ServerAddress(host: "plant", port: 4840), security: .none)
        configuration.limits.bufferedMessages = 8
        configuration.publishRequests = 2
        change(&configuration)
        client = UAClient(
            configuration, loop: MultiThreadedEventLoopGroup.singleton.next(), opener: server,
            time: time.clientTime(random: random))
    }

    /// Connected, with a subscription that watches one item with the handle 1.
    func subscribed(
        _ acknowledgement: SubscriptionOptions.Acknowledgement = .onReceipt
    ) async throws -> Subscription.AsyncIterator {
        try await subscription(acknowledgement).makeAsyncIterator()
    }

    func subscription(_ acknowledgement: SubscriptionOptions.Acknowledgement) async throws -> Subscription {
        try await client.connect()
        let subscription = try await client.subscribe(SubscriptionOptions(acknowledgement: acknowledgement))
        _ = try await subscription.add([MonitoredItem(ExpandedNodeId(.string("x"), in: "urn:fake"))])
        _ = await until { server.waiting == client.configuration.publishRequests }
        return subscription
    }

    /// Passes the first wait before an attempt to connect again.
    func passBackoff() async -> Bool {
        let before = await until { await client.isConnected == false }
        let back = await until {
            time.advance(by: .seconds(1))
            return await client.isConnected
        }
        return before && back
    }
}
