import Testing
import UACodec
import UATransport

@testable import UAServer

@Suite("Subscriptions")
struct SubscriptionTests {
    @Test("The first value comes at the first cycle, later ones as they change")
    func values() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(1.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        _ = try await session.watch(node, in: subscription)
        try session.publish()
        try session.publish()
        #expect(session.published().isEmpty)
        bench.pass(100)
        let first = try #require(session.published().first)
        #expect(first.numbers == [1] && first.notificationMessage.sequenceNumber == 1)
        #expect(first.availableSequenceNumbers == [1])
        bench.set(node, 2.0)
        bench.set(node, 2.0)
        bench.set(node, 3.0)
        bench.pass(100)
        let second = try #require(session.published().first)
        #expect(second.numbers == [2, 3] && second.notificationMessage.sequenceNumber == 2)
        #expect(second.availableSequenceNumbers == [1, 2])
    }

    @Test("The first answer comes at the first interval, changes or not; then keep-alives carry the next number")
    func keepAlive() async throws {
        let bench = Bench()
        let session = try await bench.session()
        let subscription = try await session.subscribe(interval: 100, keepAlive: 5)
        for _ in 0..<3 { try session.publish() }
        bench.pass(100)
        let first = session.published()
        #expect(first.count == 1 && first[0].isKeepAlive && first[0].notificationMessage.sequenceNumber == 1)
        bench.pass(499)
        #expect(session.published().isEmpty)
        bench.pass(1)
        let second = session.published()
        #expect(second.count == 1 && second[0].isKeepAlive && second[0].subscriptionId == subscription)
        #expect(second[0].notificationMessage.sequenceNumber == 1 && second[0].availableSequenceNumbers.isEmpty)
    }

    @Test("A late subscription answers the next Publish request at once")
    func late() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(1.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        _ = try await session.watch(node, in: subscription)
        bench.pass(300)
        _ = session.published()
        try session.publish()
        #expect(session.published().first?.numbers == [1])
    }

    @Test("Of late subscriptions the one of the highest priority speaks first, then who has waited longest")
    func priorities() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(1.0))
        let session = try await bench.session()
        let low = try await session.subscribe(interval: 50, priority: 1)
        let high = try await session.subscribe(interval: 100, priority: 9)
        let other = try await session.subscribe(interval: 70, priority: 1)
        for id in [low, high, other] { _ = try await session.watch(node, in: id) }
        bench.pass(150)
        _ = session.published()
        for _ in 0..<3 { try session.publish() }
        #expect(session.published().map(\.subscriptionId) == [high, low, other])
    }

    @Test("A message holds no more than its limit and says that there is more")
    func more() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(0.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe(notifications: 2)
        _ = try await session.watch(node, in: subscription)
        for value in 1...4 { bench.set(node, Double(value)) }
        for _ in 0..<3 { try session.publish() }
        bench.pass(100)
        let messages = session.published()
        #expect(messages.map(\.numbers) == [[0, 1], [2, 3], [4]])
        #expect(messages.map(\.moreNotifications) == [true, true, false])
    }

    @Test("A message can be asked for again until it is acknowledged")
    func republish() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(5.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        _ = try await session.watch(node, in: subscription)
        try session.publish()
        bench.pass(100)
        let first = try #require(session.published().first)
        let again = try await session.ask(
            RepublishRequest(subscriptionId: subscription, retransmitSequenceNumber: 1))
        #expect(again.notificationMessage == first.notificationMessage)
        _ = session.published()
        try session.publish([(subscription, 1), (subscription, 1), (subscription + 1, 1)])
        bench.pass(1000)
        let results = try #require(session.published().first).results
        #expect(results == [.good, .badSequenceNumberUnknown, .badSubscriptionIdInvalid])
        let status = try await session.refusal(
            RepublishRequest(subscriptionId: subscription, retransmitSequenceNumber: 1))
        #expect(status == .badMessageNotAvailable)
    }

    @Test("Without a subscription a Publish request is refused at once")
    func nothing() async throws {
        let session = try await Bench().session()
        #expect(try await session.refusal(PublishRequest()) == .badNoSubscription)
    }

    @Test("When the last subscription is deleted, waiting Publish requests are answered")
    func deleted() async throws {
        let bench = Bench()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        for _ in 0..<3 { try session.publish() }
        let answer = try await session.ask(DeleteSubscriptionsRequest(subscriptionIds: [subscription, 9]))
        #expect(answer.results == [.good, .badSubscriptionIdInvalid])
        #expect(session.faults() == [.badNoSubscription, .badNoSubscription, .badNoSubscription])
    }

    @Test("Publish requests over the bound push out the oldest")
    func tooMany() async throws {
        let bench = Bench()
        let session = try await bench.session()
        _ = try await session.subscribe()
        _ = session.published()
        let ids = try (0..<25).map { _ in try session.publish() }
        let answers = session.connection.take()
        #expect(answers.map(\.id) == Array(ids.prefix(5)))
        #expect(
            answers.allSatisfy {
                ($0.response as? ServiceFault)?.responseHeader.serviceResult == .badTooManyPublishRequests
            })
    }

    @Test("A Publish request that its client no longer waits for is answered Bad_Timeout")
    func requestTimeout() async throws {
        let bench = Bench()
        let session = try await bench.session()
        _ = try await session.subscribe(interval: 10_000)
        try session.publish(timeoutHint: 500)
        bench.pass(499)
        #expect(session.faults().isEmpty)
        bench.pass(1)
        #expect(session.faults() == [.badTimeout])
    }

    @Test("A subscription that nobody asks after ends, and says so to the next Publish request")
    func lifetime() async throws {
        let bench = Bench()
        let session = try await bench.session()
        let subscription = try await session.subscribe(interval: 100, lifetime: 15, keepAlive: 5)
        bench.pass(1499)
        #expect(bench.core.subscriptions.count == 1)
        bench.pass(1)
        #expect(bench.core.subscriptions.isEmpty)
        try session.publish()
        let last = try #require(session.published().first)
        #expect(last.status == .badTimeout && last.subscriptionId == subscription)
        #expect(try await session.refusal(PublishRequest()) == .badNoSubscription)
    }

    @Test("What is asked for is revised, never refused, infinities and numbers that are none included")
    func revised() async throws {
        let session = try await Bench().session()
        for interval in [Double.nan, -.infinity, -1, 0, .infinity, 1e300] {
            let made = try await session.ask(CreateSubscriptionRequest(requestedPublishingInterval: interval))
            #expect((10...3_600_000).contains(made.revisedPublishingInterval))
            #expect(made.revisedLifetimeCount >= 3 * made.revisedMaxKeepAliveCount && made.revisedMaxKeepAliveCount > 0)
        }
        let long = try await session.ask(
            CreateSubscriptionRequest(
                requestedPublishingInterval: 1000, requestedLifetimeCount: .max, requestedMaxKeepAliveCount: .max))
        #expect(long.revisedLifetimeCount == 3600 && long.revisedMaxKeepAliveCount == 1200)
    }

    @Test("Subscriptions are bounded by session, by user and in all")
    func caps() async throws {
        let bench = Bench(change: { $0.subscriptions.perUser = 3 })
        let first = try await bench.session(user: "ann")
        let second = try await bench.session(user: "ann")
        _ = try await first.subscribe()
        _ = try await first.subscribe()
        _ = try await second.subscribe()
        #expect(try await second.refusal(CreateSubscriptionRequest()) == .badTooManySubscriptions)
        // Those that a closed session leaves behind count too.
        _ = try await first.ask(CloseSessionRequest(deleteSubscriptions: false))
        #expect(try await second.refusal(CreateSubscriptionRequest()) == .badTooManySubscriptions)
        let other = try await bench.session(user: "bob")
        _ = try await other.subscribe()
    }

    @Test("A subscription moves to another session of the same client, which gets what was not acknowledged")
    func transfer() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(1.0))
        let first = try await bench.session(user: "ann")
        let subscription = try await first.subscribe()
        _ = try await first.watch(node, in: subscription)
        try first.publish()
        try first.publish()
        bench.pass(100)
        #expect(first.published().count == 1)
        let second = try await bench.session(user: "ann")
        let moved = try await second.ask(
            TransferSubscriptionsRequest(subscriptionIds: [subscription, 77], sendInitialValues: true))
        #expect(moved.results.map(\.statusCode) == [.good, .badSubscriptionIdInvalid])
        #expect(moved.results[0].availableSequenceNumbers == [1])
        #expect(first.published().first?.status == .goodSubscriptionTransferred)
        _ = second.published()
        try second.publish()
        bench.pass(100)
        #expect(second.published().first?.numbers == [1])
        #expect(try await first.refusal(PublishRequest()) == .badNoSubscription)
    }

    @Test("Nobody takes over another user's subscription, whether or not a session has it")
    func foreign() async throws {
        let bench = Bench()
        let ann = try await bench.session(user: "ann")
        let attached = try await ann.subscribe()
        let left = try await ann.subscribe()
        let bob = try await bench.session(user: "bob")
        let nobody = try await bench.session(bench.connect(.init(address: "10.0.0.9")))
        for thief in [bob, nobody] {
            let answer = try await thief.ask(TransferSubscriptionsRequest(subscriptionIds: [attached, left]))
            #expect(answer.results.map(\.statusCode) == [.badUserAccessDenied, .badUserAccessDenied])
        }
        _ = try await ann.ask(CloseSessionRequest(deleteSubscriptions: false))
        let answer = try await bob.ask(TransferSubscriptionsRequest(subscriptionIds: [left]))
        #expect(answer.results.map(\.statusCode) == [.badUserAccessDenied])
    }

    @Test("A subscription without a session goes after its time")
    func detached() async throws {
        let bench = Bench()
        let session = try await bench.session(user: "ann")
        _ = try await session.ask(
            CreateSubscriptionRequest(
                requestedPublishingInterval: 1000, requestedLifetimeCount: 3600, requestedMaxKeepAliveCount: 10))
        _ = try await session.ask(CloseSessionRequest(deleteSubscriptions: false))
        bench.pass(599_000)
        #expect(bench.core.subscriptions.count == 1)
        bench.pass(1000)
        #expect(bench.core.subscriptions.isEmpty)
        #expect(bench.core.nextDeadline == nil)
    }
}
