import Testing
import UACodec
import UATransport

@testable import UAServer

/// What a client should not do, and what must come of it: the right status, and nothing that grows.
@Suite("Hostile clients")
struct HostileTests {
    @Test("Bytes that are no request close the connection or are answered, and leave nothing", arguments: 0..<4)
    func noise(seed: UInt64) async throws {
        print("seed \(seed)")
        let bench = Bench()
        var random = SeededGenerator(seed: seed)
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let requests: [any ServiceRequest] = [
            CreateSessionRequest(sessionName: "x"), session.activation(user: "ann"),
            CreateSubscriptionRequest(requestedPublishingInterval: 1), PublishRequest(),
            CreateMonitoredItemsRequest(
                subscriptionId: subscription, timestampsToReturn: .both,
                itemsToCreate: [
                    MonitoredItemCreateRequest(
                        itemToMonitor: ReadValueId(nodeId: NodeId(2253), attributeId: 12),
                        requestedParameters: MonitoringParameters(filter: ExtensionObject(EventFilter(["Message"]))))
                ]),
            CallRequest(methodsToCall: [
                CallMethodRequest(
                    objectId: NodeId(2782), methodId: NodeId(3875), inputArguments: [Variant(subscription)])
            ]),
        ]
        for _ in 0..<3000 {
            var request = try #require(requests.randomElement(using: &random))
            request.requestHeader.authenticationToken = session.token
            var bytes = try Self.bytes(request)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                case 1: bytes.append(UInt8.random(in: 0...255, using: &random))
                default:
                    if !bytes.isEmpty {
                        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                            in: 0...255, using: &random)
                    }
                }
            }
            bench.core.received(bytes, requestId: 1, from: session.connection)
            await bench.worker.drain()
            _ = session.connection.take()
        }
        bench.pass(2000)
        #expect(bench.core.sessions.count <= bench.core.configuration.sessions.inAll)
        #expect(bench.core.subscriptions.count <= 20 && bench.core.delayed.isEmpty)
        #expect(bench.core.work.running == 0)
    }

    private static func bytes<Request: ServiceRequest>(_ request: Request) throws -> [UInt8] {
        try ServiceMessage.bytes(of: request)
    }

    @Test("Services that the server does not have are refused, with or without a session")
    func unsupported() async throws {
        let bench = Bench()
        let session = try await bench.session()
        // AddNodes 488, RegisterServer 437, QueryFirst 615, HistoryUpdate 700 and a number that is none.
        for number: UInt32 in [488, 437, 615, 700, 60_000] {
            var writer = BinaryWriter()
            writer.write(NodeId(number))
            writer.write(RequestHeader(authenticationToken: session.token, requestHandle: 5))
            writer.write(UInt32(3))
            bench.core.received(try writer.finish(), requestId: 9, from: session.connection)
            let fault = try #require(session.connection.take().first?.response as? ServiceFault)
            #expect(
                fault.responseHeader.serviceResult == .badServiceUnsupported && fault.responseHeader.requestHandle == 5)
        }
        #expect(try await session.refusal(OpenSecureChannelRequest()) == .badServiceUnsupported)
        _ = session.connection.take()
        // A response in place of a request.
        bench.core.received(
            try ServiceMessage.bytes(of: PublishResponse()), requestId: 9, from: session.connection)
        #expect(session.connection.closedFor.count == 1)
        #expect(session.connection.take().isEmpty)
    }

    @Test("A fault says its status and nothing of the inside")
    func silence() async throws {
        let bench = Bench()
        let connection = bench.connect()
        var bytes = try ServiceMessage.bytes(
            of: ReadRequest(requestHeader: RequestHeader(timestamp: DateTime(ticks: .min), requestHandle: 3)))
        bytes.append(1)
        bench.core.received(bytes, requestId: 1, from: connection)
        let fault = try #require(connection.take().first?.response as? ServiceFault)
        #expect(fault.responseHeader.serviceResult == .badDecodingError)
        #expect(fault.responseHeader.stringTable.isEmpty && fault.responseHeader.serviceDiagnostics == DiagnosticInfo())
    }

    @Test("Empty and overlong lists of operations are refused whole")
    func counts() async throws {
        let bench = Bench()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let many = Array(repeating: UInt32(1), count: 1001)
        let empty: [any ServiceRequest] = [
            DeleteSubscriptionsRequest(), TransferSubscriptionsRequest(), SetPublishingModeRequest(),
            CreateMonitoredItemsRequest(subscriptionId: subscription), CallRequest(),
            ModifyMonitoredItemsRequest(subscriptionId: subscription),
            DeleteMonitoredItemsRequest(subscriptionId: subscription),
            SetMonitoringModeRequest(subscriptionId: subscription),
        ]
        // A call without methods is the address space's to refuse.
        for request in empty where !(request is CallRequest) {
            #expect(try await Self.status(request, session) == .badNothingToDo, "\(type(of: request))")
        }
        let long: [any ServiceRequest] = [
            DeleteSubscriptionsRequest(subscriptionIds: many), TransferSubscriptionsRequest(subscriptionIds: many),
            SetPublishingModeRequest(subscriptionIds: many),
            DeleteMonitoredItemsRequest(subscriptionId: subscription, monitoredItemIds: many),
            CreateMonitoredItemsRequest(
                subscriptionId: subscription, itemsToCreate: Array(repeating: MonitoredItemCreateRequest(), count: 1001)
            ),
            CallRequest(methodsToCall: Array(repeating: CallMethodRequest(methodId: NodeId(9111)), count: 101)),
        ]
        for request in long {
            #expect(try await Self.status(request, session) == .badTooManyOperations, "\(type(of: request))")
        }
    }

    private static func status<Request: ServiceRequest>(_ request: Request, _ session: TestSession) async throws
        -> StatusCode
    {
        try await session.refusal(request)
    }

    @Test("Items and the places of their queues are bounded in all")
    func items() async throws {
        let bench = Bench(change: {
            $0.subscriptions.itemsInAll = 50
            $0.subscriptions.queuedInAll = 2000
        })
        let node = try bench.variable("x")
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        var sizes: [UInt32] = []
        for _ in 0..<3 {
            let made = try await session.watch(node, in: subscription, queue: .max)
            if made.statusCode == .good {
                sizes.append(made.revisedQueueSize)
            } else {
                #expect(made.statusCode == .badTooManyMonitoredItems)
            }
        }
        #expect(sizes == [1000, 1000])
        let other = try await bench.session()
        let second = try await other.subscribe()
        #expect(try await other.watch(node, in: second).statusCode == .badTooManyMonitoredItems)
        _ = try await session.ask(DeleteSubscriptionsRequest(subscriptionIds: [subscription]))
        for _ in 0..<60 { _ = try await other.watch(node, in: second, queue: 1) }
        #expect(bench.core.watchers.count == 50)
    }

    @Test("Items that are made and deleted over and over leave nothing behind")
    func churn() async throws {
        let bench = try EventTests.plant()
        let node = try bench.variable("x")
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let kept = try await session.watch(node, in: subscription, handle: 7)
        for round in 0..<500 {
            let made =
                round % 2 == 0
                ? try await session.watch(node, in: subscription, sampling: 5000)
                : try await session.watchEvents(in: subscription, EventFilter(["Severity"]))
            bench.set(node, Double(round))
            _ = try await session.ask(
                DeleteMonitoredItemsRequest(
                    subscriptionId: subscription, monitoredItemIds: [made.monitoredItemId]))
        }
        #expect(bench.core.subscriptions[subscription]?.pendingCount ?? 0 < 100)
        #expect(bench.core.watchers.count == 1 && bench.core.watchers.eventCount == 0)
        _ = session.connection.take()
        try session.publish()
        bench.pass(100)
        let values = try #require(session.published().first).values
        #expect(values.count == 10 && values.allSatisfy { $0.clientHandle == 7 } && kept.statusCode == .good)
    }

    @Test("Items that watch events are bounded on their own")
    func eventItems() async throws {
        let bench = Bench(change: { $0.subscriptions.eventItemsInAll = 3 })
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        var statuses: [StatusCode] = []
        for _ in 0..<4 {
            statuses.append(try await session.watchEvents(in: subscription, EventFilter(["Severity"])).statusCode)
        }
        #expect(statuses == [.good, .good, .good, .badTooManyMonitoredItems])
    }

    @Test("A client that opens sessions with subscriptions and leaves them behind is held to its share")
    func leftBehind() async throws {
        let bench = Bench()
        var refused = 0
        for _ in 0..<30 {
            let session = try await bench.session(bench.connect(ChannelPeer(address: "10.9.9.9")))
            for _ in 0..<15 {
                let answer = try await bench.answer(
                    CreateSubscriptionRequest(requestedPublishingInterval: 1000, requestedLifetimeCount: 10_000),
                    session.connection, token: session.token)
                if answer is ServiceFault { refused += 1 }
            }
            _ = try await session.ask(CloseSessionRequest(deleteSubscriptions: false))
        }
        #expect(bench.core.subscriptions.count == 40 && refused == 410)
        // Another gets its own all the same.
        let other = try await bench.session()
        _ = try await other.subscribe()
        bench.pass(700_000)
        #expect(bench.core.subscriptions.isEmpty && bench.core.nextDeadline == nil)
    }

    @Test("An event for a subscription that no session has waits within its bound, and harms nobody")
    func eventWithoutSession() async throws {
        let bench = try EventTests.plant()
        let session = try await bench.session(user: "ann")
        let subscription = try await session.subscribe()
        _ = try await session.watchEvents(in: subscription, EventFilter(["Severity"]), queue: 10)
        _ = try await session.ask(CloseSessionRequest(deleteSubscriptions: false))
        for severity: UInt16 in 1...500 { bench.core.raise(EventTests.event(severity: severity)) }
        bench.pass(1000)
        let next = try await bench.session(user: "ann")
        _ = try await next.ask(TransferSubscriptionsRequest(subscriptionIds: [subscription]))
        _ = next.published()
        try next.publish()
        bench.pass(100)
        // The overflow event, and the ten newest.
        #expect(try #require(next.published().first).events.count == 11)
    }

    @Test("Items go with their subscription, whichever session has it")
    func dangling() async throws {
        let bench = Bench()
        let node = try bench.variable("x")
        let first = try await bench.session(user: "ann")
        let subscription = try await first.subscribe()
        _ = try await first.watch(node, in: subscription)
        let second = try await bench.session(user: "ann")
        _ = try await second.ask(TransferSubscriptionsRequest(subscriptionIds: [subscription]))
        _ = try await first.ask(CloseSessionRequest(deleteSubscriptions: true))
        bench.set(node, 1.0)
        bench.pass(200)
        #expect(bench.core.watchers.count == 1)
        _ = try await second.ask(CloseSessionRequest(deleteSubscriptions: true))
        bench.set(node, 2.0)
        bench.pass(200)
        #expect(bench.core.watchers.count == 0 && bench.space[node]?.variable?.watchers == 0)
    }

    @Test("Thousands of refreshes take no room")
    func refreshFlood() async throws {
        let bench = try EventTests.plant()
        for index in 0..<100 {
            let node = NodeId("a\(index)", namespace: 2)
            bench.core.add(AlarmDefinition(nodeId: node, name: "a", source: EventTests.press, sourceName: "P"))
            bench.core.setAlarm(node, AlarmState(isActive: true, message: "m"))
        }
        let session = try await bench.session(user: "ann")
        let subscription = try await session.subscribe()
        _ = try await session.watchEvents(in: subscription, EventFilter(["Severity"]))
        var statuses: [StatusCode: Int] = [:]
        for _ in 0..<2000 {
            let result = try await session.call(NodeId(2782), 3875, [Variant(subscription)])
            statuses[result.statusCode, default: 0] += 1
        }
        #expect(statuses == [.good: 1, .badRefreshInProgress: 1999])
        try session.publish()
        bench.pass(100)
        #expect(session.published().flatMap(\.events).count == 102)
    }

    @Test("Events of a source that a user may not hear of are not told at its notifiers either")
    func unheard() async throws {
        let bench = try EventTests.plant()
        bench.space.permits = { permission, node, caller in
            permission != .receiveEvents || node.id != EventTests.press || caller.user == "ann"
        }
        let alarm = NodeId("a", namespace: 2)
        bench.core.add(AlarmDefinition(nodeId: alarm, name: "a", source: EventTests.press, sourceName: "P"))
        var seen: [Int] = []
        for user in ["ann", "bob"] {
            let session = try await bench.session(user: user)
            let subscription = try await session.subscribe()
            _ = try await session.watchEvents(in: subscription, EventFilter(["Severity"]))
            bench.core.raise(EventTests.event())
            bench.core.raise(EventTests.event(EventTests.other))
            bench.core.setAlarm(alarm, AlarmState(isActive: true, message: user))
            _ = try await session.call(NodeId(2782), 3875, [Variant(subscription)])
            try session.publish()
            bench.pass(100)
            seen.append(session.published().flatMap(\.events).count)
        }
        // The event, the other's, the alarm; start, alarm and end of the refresh.
        #expect(seen == [6, 3])
    }

    @Test("A clock that leaps does not make a subscription catch up")
    func leap() async throws {
        let bench = Bench()
        let session = try await bench.session(timeout: 3_600_000)
        _ = try await session.subscribe(interval: 10, lifetime: 400_000, keepAlive: 1)
        _ = session.published()
        for _ in 0..<20 { try session.publish() }
        bench.core.advance(now: bench.now + 1_000_000)
        #expect(session.published().count == 1)
    }

    @Test("Values beyond what a message may hold are spread over several")
    func bigValues() async throws {
        let bench = Bench()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        for index in 0..<10 {
            let node = try bench.variable("big\(index)", Variant(String(repeating: "x", count: 200_000)), dataType: 12)
            _ = try await session.watch(node, in: subscription)
        }
        for _ in 0..<10 { try session.publish() }
        bench.pass(100)
        let messages = session.published()
        #expect(messages.map(\.values.count) == [3, 3, 3, 1])
        #expect(messages.map(\.moreNotifications) == [true, true, true, false])
    }
}
