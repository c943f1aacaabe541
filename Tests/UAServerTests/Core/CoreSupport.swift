import Foundation
import Testing
import UACodec
import UASecurity
import UATransport

@testable import UAServer

/// A client's end of a connection that keeps what the server sends.
final class FakeConnection: ServerConnection {
    let channelId: UInt32
    var peer: ChannelPeer
    var waitingBytes = 0
    private(set) var isTrusted = false
    private(set) var closedFor: [StatusCode?] = []
    private(set) var answers: [(id: UInt32, response: any ServiceResponse)] = []

    init(_ channelId: UInt32 = 1, peer: ChannelPeer = ChannelPeer(address: "10.0.0.1")) {
        self.channelId = channelId
        self.peer = peer
    }

    func send(_ response: some ServiceResponse, requestId: UInt32) { answers.append((requestId, response)) }

    func trust() { isTrusted = true }

    func close(_ reason: StatusCode?) { closedFor.append(reason) }

    /// What came since it was last asked.
    func take() -> [(id: UInt32, response: any ServiceResponse)] {
        defer { answers = [] }
        return answers
    }
}

/// Does work when a test says so.
final class TestWorker: Worker {
    private var jobs: [() async -> Void] = []

    var count: Int { jobs.count }

    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value, then: @escaping (Value) -> Void) {
        jobs.append { then(await work()) }
    }

    func drain() async {
        while !jobs.isEmpty { await jobs.removeFirst()() }
    }
}

/// A server on a clock that stands still, and clients that speak to it.
final class Bench {
    static let namespace: UInt16 = 2
    static let start = DateTime(unixMicroseconds: 1_795_428_000_000_000)

    let core: ServerCore
    let space: AddressSpace
    let worker = TestWorker()
    private(set) var now: Int64 = 1000
    private var seed: UInt64 = 7
    private var lastRequest: UInt32 = 0
    private var lastChannel: UInt32 = 0

    init(
        own: ApplicationInstance? = nil, users: TrustList? = nil,
        authenticate: @escaping Authenticate = Bench.knows, change: (inout ServerCoreConfiguration) -> Void = { _ in }
    ) {
        var configuration = ServerCoreConfiguration(
            applicationUri: "urn:test:server", productUri: "urn:test", applicationName: "Test",
            endpointUrl: "opc.tcp://0.0.0.0:4840/ua", endpoints: [.init(.none, .none)],
            tokens: [.anonymous, .userName, .certificate])
        configuration.allowsPlainPasswords = true
        change(&configuration)
        var clock: () -> Int64 = { 0 }
        var random: (Int) -> [UInt8] = { _ in [] }
        let time = { DateTime(ticks: Bench.start.ticks + clock() * 10_000) }
        space = AddressSpace(applicationUri: "urn:test:server", time: time)
        core = ServerCore(
            configuration, space: space, own: own, users: users,
            environment: ServerEnvironment(now: { clock() }, time: time, random: { random($0) }, worker: worker),
            authenticate: authenticate)
        clock = { [unowned self] in self.now }
        random = { [unowned self] count in self.bytes(count) }
    }

    /// Knows anonymous users, and those whose password is their name backwards.
    static let knows: Authenticate = { credentials, _ in
        switch credentials {
        case .anonymous: UserIdentity(name: "")
        case .userName(let name, let password):
            password == Array(String(name.reversed()).utf8) ? UserIdentity(name: name) : nil
        case .certificate(let certificate): UserIdentity(name: certificate.certificate.subject)
        }
    }

    private func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: seed >> 33)
        }
    }

    func connect(_ peer: ChannelPeer = ChannelPeer(address: "10.0.0.1")) -> FakeConnection {
        lastChannel += 1
        let connection = FakeConnection(lastChannel, peer: peer)
        core.opened(connection)
        return connection
    }

    /// Lets time pass, doing on the way what falls due.
    func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        while let next = core.nextDeadline, next <= end {
            now = max(now, next)
            core.advance(now: now)
        }
        now = end
        core.advance(now: now)
    }

    // MARK: Requests

    @discardableResult
    func send(
        _ request: some ServiceRequest, _ connection: FakeConnection, token: NodeId = .null, handle: UInt32? = nil,
        timeoutHint: UInt32 = 0
    ) throws -> UInt32 {
        lastRequest += 1
        var request = request
        request.requestHeader.authenticationToken = token
        request.requestHeader.requestHandle = handle ?? lastRequest
        request.requestHeader.timeoutHint = timeoutHint
        core.received(try ServiceMessage.bytes(of: request), requestId: lastRequest, from: connection)
        return lastRequest
    }

    /// Sends a request and gives its answer, which must come without time passing.
    func ask<Request: ServiceRequest>(
        _ request: Request, _ connection: FakeConnection, token: NodeId = .null
    ) async throws -> Request.Response {
        let answer = try await answer(request, connection, token: token)
        return try #require(answer as? Request.Response, "\(answer)")
    }

    /// The status of a request that is refused as a whole.
    func refusal(
        _ request: some ServiceRequest, _ connection: FakeConnection, token: NodeId = .null
    ) async throws -> StatusCode {
        let answer = try await answer(request, connection, token: token)
        return try #require(answer as? ServiceFault, "\(answer)").responseHeader.serviceResult
    }

    func answer(
        _ request: some ServiceRequest, _ connection: FakeConnection, token: NodeId = .null
    ) async throws -> any ServiceResponse {
        let id = try send(request, connection, token: token)
        await worker.drain()
        if !connection.answers.contains(where: { $0.id == id }) { pass(core.configuration.sessions.refusalTime) }
        return try #require(connection.answers.last { $0.id == id }?.response)
    }

    // MARK: Sessions

    /// A session that is active.
    func session(
        _ connection: FakeConnection? = nil, user: String? = nil, timeout: Double = 600_000
    ) async throws -> TestSession {
        let connection = connection ?? connect()
        let created = try await ask(
            CreateSessionRequest(
                clientDescription: .init(applicationUri: "urn:test:client"), sessionName: "test",
                requestedSessionTimeout: timeout), connection)
        let session = TestSession(self, connection, created)
        _ = try await ask(session.activation(user: user), connection, token: session.token)
        _ = connection.take()
        return session
    }

    @discardableResult
    func variable(_ name: String, _ value: Variant = Variant(0.0), dataType: UInt32 = 11) throws -> NodeId {
        let id = NodeId(name, namespace: Self.namespace)
        try space.addVariable(
            id, QualifiedName(name, namespace: Self.namespace), under: NodeId(85), dataType: NodeId(dataType),
            value: value)
        return id
    }

    func set(_ node: NodeId, _ value: some VariantValue) {
        space.setValue(DataValue(Variant(value), sourceTimestamp: space.time()), of: node)
    }
}

/// A session as its client sees it.
final class TestSession {
    let bench: Bench
    var connection: FakeConnection
    let token: NodeId
    let id: NodeId
    let nonce: [UInt8]

    init(_ bench: Bench, _ connection: FakeConnection, _ created: CreateSessionResponse) {
        self.bench = bench
        self.connection = connection
        token = created.authenticationToken
        id = created.sessionId
        nonce = created.serverNonce?.bytes ?? []
    }

    func activation(user: String? = nil, password: String? = nil) -> ActivateSessionRequest {
        guard let user else {
            return ActivateSessionRequest(
                userIdentityToken: ExtensionObject(AnonymousIdentityToken(policyId: "anonymous")))
        }
        let secret = password ?? String(user.reversed())
        return ActivateSessionRequest(
            userIdentityToken: ExtensionObject(
                UserNameIdentityToken(
                    policyId: "username_plain", userName: user, password: ByteString(Array(secret.utf8)))))
    }

    func ask<Request: ServiceRequest>(_ request: Request) async throws -> Request.Response {
        try await bench.ask(request, connection, token: token)
    }

    func refusal(_ request: some ServiceRequest) async throws -> StatusCode {
        try await bench.refusal(request, connection, token: token)
    }

    func subscribe(
        interval: Double = 100, lifetime: UInt32 = 30, keepAlive: UInt32 = 5, notifications: UInt32 = 0,
        priority: UInt8 = 0
    ) async throws -> UInt32 {
        try await ask(
            CreateSubscriptionRequest(
                requestedPublishingInterval: interval, requestedLifetimeCount: lifetime,
                requestedMaxKeepAliveCount: keepAlive, maxNotificationsPerPublish: notifications,
                publishingEnabled: true, priority: priority)
        ).subscriptionId
    }

    /// Watches the value of a node.
    func watch(
        _ node: NodeId, in subscription: UInt32, handle: UInt32 = 1, queue: UInt32 = 10, discardOldest: Bool = true,
        sampling: Double = 0, filter: ExtensionObject = .null, mode: MonitoringMode = .reporting
    ) async throws -> MonitoredItemCreateResult {
        let request = MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: node, attributeId: 13), monitoringMode: mode,
            requestedParameters: MonitoringParameters(
                clientHandle: handle, samplingInterval: sampling, filter: filter, queueSize: queue,
                discardOldest: discardOldest))
        let response = try await ask(
            CreateMonitoredItemsRequest(
                subscriptionId: subscription, timestampsToReturn: .both, itemsToCreate: [request]))
        return try #require(response.results.first)
    }

    /// Watches the events of a node.
    func watchEvents(
        of node: NodeId = NodeId(2253), in subscription: UInt32, _ filter: EventFilter, handle: UInt32 = 1,
        queue: UInt32 = 100, discardOldest: Bool = true
    ) async throws -> MonitoredItemCreateResult {
        let request = MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: node, attributeId: 12), monitoringMode: .reporting,
            requestedParameters: MonitoringParameters(
                clientHandle: handle, filter: ExtensionObject(filter), queueSize: queue, discardOldest: discardOldest))
        let response = try await ask(
            CreateMonitoredItemsRequest(
                subscriptionId: subscription, timestampsToReturn: .both, itemsToCreate: [request]))
        return try #require(response.results.first)
    }

    func call(_ object: NodeId, _ method: UInt32, _ inputs: [Variant]) async throws -> CallMethodResult {
        let response = try await ask(
            CallRequest(methodsToCall: [
                CallMethodRequest(objectId: object, methodId: NodeId(method), inputArguments: inputs)
            ]))
        return try #require(response.results.first)
    }

    @discardableResult
    func publish(_ acknowledgements: [(UInt32, UInt32)] = [], timeoutHint: UInt32 = 0) throws -> UInt32 {
        try bench.send(
            PublishRequest(
                subscriptionAcknowledgements: acknowledgements.map {
                    SubscriptionAcknowledgement(subscriptionId: $0.0, sequenceNumber: $0.1)
                }), connection, token: token, timeoutHint: timeoutHint)
    }

    /// The publish responses that came since the last call.
    func published() -> [PublishResponse] { connection.take().compactMap { $0.response as? PublishResponse } }

    /// The status of each fault that came since the last call.
    func faults() -> [StatusCode] {
        connection.take().compactMap { ($0.response as? ServiceFault)?.responseHeader.serviceResult }
    }
}

extension PublishResponse {
    var values: [MonitoredItemNotification] {
        notificationMessage.notificationData.compactMap { $0.value(as: DataChangeNotification.self) }
            .flatMap(\.monitoredItems)
    }

    var events: [[Variant]] {
        notificationMessage.notificationData.compactMap { $0.value(as: EventNotificationList.self) }
            .flatMap(\.events).map(\.eventFields)
    }

    var status: StatusCode? {
        notificationMessage.notificationData.lazy.compactMap { $0.value(as: StatusChangeNotification.self) }.first?
            .status
    }

    var isKeepAlive: Bool { notificationMessage.notificationData.isEmpty }

    var numbers: [Double] { values.compactMap { $0.value.value?.number } }
}

extension EventFilter {
    /// Selects fields of BaseEventType.
    init(_ fields: [EventPath], where elements: [ContentFilterElement] = []) {
        self.init(
            selectClauses: fields.map { .field($0) }, whereClause: ContentFilter(elements: elements))
    }
}

extension SimpleAttributeOperand {
    static func field(_ path: EventPath, of type: NodeId = EventType.base) -> SimpleAttributeOperand {
        SimpleAttributeOperand(typeDefinitionId: type, browsePath: path.names, attributeId: 13)
    }
}

extension ContentFilterElement {
    init(_ filterOperator: FilterOperator, _ operands: ExtensionObject...) {
        self.init(filterOperator: filterOperator, filterOperands: operands)
    }
}

extension ExtensionObject {
    static func literal(_ value: some VariantValue) -> ExtensionObject {
        ExtensionObject(LiteralOperand(value: Variant(value)))
    }
    static func literal(_ text: String) -> ExtensionObject { ExtensionObject(LiteralOperand(value: Variant(text))) }
    static func element(_ index: UInt32) -> ExtensionObject { ExtensionObject(ElementOperand(index: index)) }
    static func field(_ path: EventPath) -> ExtensionObject {
        ExtensionObject(SimpleAttributeOperand.field(path))
    }
}

/// Chance that can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
