import UACodec
import UASecurity
import UATransport

/// The heart of a server: sessions, subscriptions, events and conditions, as a state machine.
///
/// It belongs to one event loop. Requests come in through ``ServerConnectionDelegate``, time through ``advance(now:)``,
/// values and events from the application. It has no clock, no chance and no thread of its own; work that would hold
/// up the loop goes to the ``Worker`` that it was given.
public final class ServerCore: ServerConnectionDelegate {
    public let configuration: ServerCoreConfiguration
    let environment: ServerEnvironment
    let own: ApplicationInstance?
    let users: TrustList?
    let authenticate: Authenticate
    let nodes: any ServerNodes
    var connections: [ObjectIdentifier: any ServerConnection] = [:]
    /// By authentication token.
    var sessions: [NodeId: Session] = [:]
    var logIns: LogInGuard
    var work = WorkTable()
    var delayed: [(at: Int64, run: () -> Void)] = []
    var subscriptions: [UInt32: Subscription] = [:]
    var lastSubscriptionId: UInt32 = 0
    var waitingCount: UInt64 = 0
    var watchers = Watchers()
    var conditions = ConditionTable()
    /// Asked before an operator's action on an alarm is done, on the loop; a bad status refuses it. Where it is not set,
    /// every user with a name may.
    public var alarmAction: (AlarmAction) -> StatusCode = { $0.user.name.isEmpty ? .badUserAccessDenied : .good }
    /// The port that is listened on, for URLs that name none.
    public var port: Int?
    /// Called after something may have changed ``nextDeadline``.
    public var deadlineChanged: () -> Void = {}

    init(
        _ configuration: ServerCoreConfiguration, own: ApplicationInstance?, users: TrustList?, nodes: any ServerNodes,
        environment: ServerEnvironment, authenticate: @escaping Authenticate
    ) {
        self.configuration = configuration
        self.own = own
        self.users = users
        self.nodes = nodes
        self.environment = environment
        self.authenticate = authenticate
        logIns = LogInGuard(configuration.sessions.logIns)
        // Ids that go on after a restart would let an old client speak of a new subscription.
        lastSubscriptionId = environment.random(4).reduce(0) { $0 << 8 | UInt32($1) } >> 2
    }

    /// - Parameters:
    ///   - space: the nodes; the core is told of their values from now on.
    ///   - own: this application's certificate and key; nil for a server that offers the policy None alone.
    ///   - users: whom certificates of users are checked against.
    public convenience init(
        _ configuration: ServerCoreConfiguration, space: AddressSpace, own: ApplicationInstance?, users: TrustList?,
        environment: ServerEnvironment, authenticate: @escaping Authenticate
    ) {
        self.init(
            configuration, own: own, users: users,
            nodes: SpaceNodes(space, limits: configuration.services, random: environment.random),
            environment: environment,
            authenticate: authenticate)
        space.onChange = { [weak self] node, value in self?.valueChanged(of: node.id, to: value) }
    }

    public var sessionCount: Int { sessions.count }

    // MARK: Connections

    public func opened(_ connection: any ServerConnection) { connections[ObjectIdentifier(connection)] = connection }

    public func closed(_ connection: any ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        for session in Array(sessions.values) where session.isBound(to: connection) {
            session.connection = nil
            _ = session.publishRequests.remove { _ in true }
            // Nobody else can activate it.
            if !session.isActivated { close(session, deleteSubscriptions: true) }
        }
        deadlineChanged()
    }

    public func received(_ body: [UInt8], requestId: UInt32, from connection: any ServerConnection) {
        let exchange: Exchange
        do throws(CodecError) {
            guard let request = try ServiceMessage.request(in: body, limits: configuration.codec) else {
                return connection.close(.badTcpMessageTypeInvalid)
            }
            exchange = Exchange(connection: connection, requestId: requestId, header: request.requestHeader)
            do throws(StatusError) { try dispatch(request, exchange) } catch { fail(exchange, error.status) }
        } catch {
            // Where not even the header can be read, nobody can be answered.
            let header = try? ServiceMessage.requestHeader(of: body, limits: configuration.codec)
            guard let header else { return connection.close(error.status) }
            fail(Exchange(connection: connection, requestId: requestId, header: header), error.status)
        }
        deadlineChanged()
    }

    /// Whom a request is for. A cast that fails takes longer than a read, so that none is tried without need.
    private enum Receiver { case server, session, subscription, items, nodes }

    private static let receivers: [ObjectIdentifier: Receiver] = {
        let types: [(Receiver, [any ServiceRequest.Type])] = [
            (
                .server,
                [
                    FindServersRequest.self, GetEndpointsRequest.self, CreateSessionRequest.self,
                    ActivateSessionRequest.self, CloseSessionRequest.self, OpenSecureChannelRequest.self,
                    CloseSecureChannelRequest.self,
                ]
            ),
            (.session, [PublishRequest.self, CancelRequest.self, CallRequest.self, HistoryReadRequest.self]),
            (
                .subscription,
                [
                    RepublishRequest.self, CreateSubscriptionRequest.self, ModifySubscriptionRequest.self,
                    SetPublishingModeRequest.self, TransferSubscriptionsRequest.self, DeleteSubscriptionsRequest.self,
                ]
            ),
            (
                .items,
                [
                    CreateMonitoredItemsRequest.self, ModifyMonitoredItemsRequest.self, SetMonitoringModeRequest.self,
                    SetTriggeringRequest.self, DeleteMonitoredItemsRequest.self,
                ]
            ),
        ]
        let pairs = types.flatMap { receiver, types in types.map { (ObjectIdentifier($0), receiver) } }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    private func dispatch(_ request: any ServiceRequest, _ exchange: Exchange) throws(StatusError) {
        let receiver = Self.receivers[ObjectIdentifier(type(of: request))] ?? .nodes
        if receiver == .server { return try dispatchServer(request, exchange) }
        let session = try session(of: exchange)
        switch receiver {
        case .session: try dispatchSession(request, session, exchange)
        case .subscription: try dispatchSubscription(request, session, exchange)
        case .items: try dispatchItems(request, session, exchange)
        case .server, .nodes:
            let isAnswered = nodes.answer(request, to: caller(session)) { [weak self] in self?.answer($0, exchange) }
            guard isAnswered else { throw StatusError(.badServiceUnsupported) }
        }
    }

    private func dispatchServer(_ request: any ServiceRequest, _ exchange: Exchange) throws(StatusError) {
        switch request {
        case let request as FindServersRequest: findServers(request, exchange)
        case let request as GetEndpointsRequest: getEndpoints(request, exchange)
        case let request as CreateSessionRequest: try createSession(request, exchange)
        case let request as ActivateSessionRequest: try activateSession(request, exchange)
        case let request as CloseSessionRequest: try closeSession(request, exchange)
        default: throw StatusError(.badServiceUnsupported)
        }
    }

    private func dispatchSession(
        _ request: any ServiceRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        switch request {
        case let request as PublishRequest: try publish(request, session, exchange)
        case let request as CancelRequest: cancel(request, session, exchange)
        case let request as CallRequest: try call(request, session, exchange)
        case let request as HistoryReadRequest: try historyRead(request, session, exchange)
        default: throw StatusError(.badServiceUnsupported)
        }
    }

    private func dispatchSubscription(
        _ request: any ServiceRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        switch request {
        case let request as RepublishRequest: try republish(request, session, exchange)
        case let request as CreateSubscriptionRequest: try createSubscription(request, session, exchange)
        case let request as ModifySubscriptionRequest: try modifySubscription(request, session, exchange)
        case let request as SetPublishingModeRequest: try setPublishingMode(request, session, exchange)
        case let request as TransferSubscriptionsRequest: try transferSubscriptions(request, session, exchange)
        case let request as DeleteSubscriptionsRequest: try deleteSubscriptions(request, session, exchange)
        default: throw StatusError(.badServiceUnsupported)
        }
    }

    private func dispatchItems(
        _ request: any ServiceRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        switch request {
        case let request as CreateMonitoredItemsRequest: try createMonitoredItems(request, session, exchange)
        case let request as ModifyMonitoredItemsRequest: try modifyMonitoredItems(request, session, exchange)
        case let request as SetMonitoringModeRequest: try setMonitoringMode(request, session, exchange)
        case let request as SetTriggeringRequest: try setTriggering(request, session, exchange)
        case let request as DeleteMonitoredItemsRequest: try deleteMonitoredItems(request, session, exchange)
        default: throw StatusError(.badServiceUnsupported)
        }
    }

    // MARK: Time

    /// Does what is due.
    ///
    /// - Parameter now: milliseconds on the clock of the environment.
    public func advance(now: Int64) {
        expireWork(now: now)
        runDelayed(now: now)
        sample(now: now)
        cycleSubscriptions(now: now)
        expireRequests(now: now)
        expireSessions(now: now)
    }

    /// When ``advance(now:)`` is to be called next; nil where nothing waits for time to pass.
    public var nextDeadline: Int64? {
        var next = [work.nextDeadline, delayed.lazy.map(\.at).min(), watchers.nextSample].compactMap { $0 }.min()
        for subscription in subscriptions.values {
            next = min(next ?? .max, min(subscription.nextCycleAt, subscription.goesAt ?? .max))
        }
        for session in sessions.values {
            next = min(next ?? .max, min(sessionEnd(session), session.publishRequests.nextDeadline ?? .max))
        }
        return next
    }

    private func runDelayed(now: Int64) {
        let due = delayed.filter { $0.at <= now }
        guard !due.isEmpty else { return }
        delayed.removeAll { $0.at <= now }
        for one in due { one.run() }
    }
}
