import Synchronization
import Testing
import UACodec
import UATransport

@testable import UAClient

@Suite("The messages of a subscription")
struct PublishingTests {
    /// The next messages: number and value, `gap n` for a gap of n messages, `anew` for a subscription made anew, with
    /// `again` behind what was republished.
    private func next(_ count: Int, _ iterator: inout Subscription.AsyncIterator) async throws -> [String] {
        var seen: [String] = []
        while seen.count < count, let element = try await iterator.next() {
            switch element {
            case .notification(let message):
                let value = message.changes.first?.value.value?.integer ?? -1
                seen.append("\(message.sequenceNumber):\(value)" + (message.isRepublished ? " again" : ""))
            case .gap(let gap):
                switch gap.reason {
                case .messages(let count): seen.append("gap \(count)")
                case .recreated: seen.append("anew")
                }
            }
        }
        return seen
    }

    private func acknowledged(_ server: FakeServer) -> [UInt32] {
        server.asked(PublishRequest.self).flatMap { $0.subscriptionAcknowledgements.map(\.sequenceNumber) }
    }

    @Test("Come in order, and are acknowledged on receipt")
    func order() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        for number in 1...5 as ClosedRange<UInt32> {
            _ = await until { bench.server.waiting == 2 }
            bench.server.publish(number)
        }
        #expect(try await next(5, &iterator) == ["1:10", "2:20", "3:30", "4:40", "5:50"])
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(6, keepAlive: true)
        #expect(await until { acknowledged(bench.server) == [1, 2, 3, 4, 5] })
        await bench.client.close()
    }

    @Test("Are asked for again where one is missing, and none comes twice")
    func republish() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.state.withLock { $0.retained = [2: FakeServer.message(2, 20), 3: FakeServer.message(3, 30)] }
        bench.server.publish(1)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(4, available: [2, 3, 4])
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(4)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(5)
        #expect(try await next(5, &iterator) == ["1:10", "2:20 again", "3:30 again", "4:40", "5:50"])
        await bench.client.close()
    }

    @Test("Leave a gap that is told where the server has dropped them")
    func gap() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.state.withLock { $0.retained = [4: FakeServer.message(4, 40)] }
        bench.server.publish(1)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(6, available: [4, 6])
        #expect(try await next(5, &iterator) == ["1:10", "gap 2", "4:40 again", "gap 1", "6:60"])
        await bench.client.close()
    }

    @Test("A keep-alive that is ahead tells of messages that were lost")
    func keepAliveAhead() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.state.withLock { $0.retained = [1: FakeServer.message(1, 10)] }
        bench.server.publish(2, keepAlive: true)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(2)
        #expect(try await next(2, &iterator) == ["1:10 again", "2:20"])
        await bench.client.close()
    }

    @Test("Are acknowledged only after the consumer has confirmed them")
    func confirmation() async throws {
        let bench = Bench()
        let subscription = try await bench.subscription(.onConfirmation)
        bench.server.publish(1)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(2)
        var iterator = subscription.makeAsyncIterator()
        guard case .notification(let first)? = try await iterator.next(),
            case .notification(let second)? = try await iterator.next()
        else { return fail("no messages") }
        _ = await until { bench.server.waiting == 2 }
        #expect(acknowledged(bench.server).isEmpty)
        await subscription.confirm(second)
        bench.server.publish(3, keepAlive: true)
        #expect(await until { acknowledged(bench.server) == [2] })
        await subscription.confirm(first)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(3, keepAlive: true)
        #expect(await until { acknowledged(bench.server) == [2, 1] })
        await bench.client.close()
    }

    @Test("An acknowledgement that was lost with its connection is sent again")
    func lostAcknowledgement() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.publish(1)
        _ = try await next(1, &iterator)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(2, keepAlive: true)
        _ = await until { acknowledged(bench.server) == [1] && bench.server.waiting == 2 }
        bench.server.cut()
        #expect(await bench.passBackoff())
        #expect(await until { acknowledged(bench.server) == [1, 1] })
        await bench.client.close()
    }

    @Test("Stop being asked for while the consumer is slow, and go on when it is not")
    func backPressure() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        var sent: UInt32 = 0
        while await until({ bench.server.waiting > 0 || sent >= 8 }), sent < 8 {
            sent += 1
            bench.server.publish(sent)
        }
        for _ in 0..<1000 { await Task.yield() }
        #expect(bench.server.waiting == 0)
        #expect(try await next(1, &iterator) == ["1:10"])
        #expect(await until { bench.server.waiting == 1 })
        #expect(try await next(7, &iterator).count == 7)
        #expect(await until { bench.server.waiting == 2 })
        await bench.client.close()
    }

    @Test("After a cut come from the server's store, until it has no more")
    func afterCut() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.publish(1)
        #expect(try await next(1, &iterator) == ["1:10"])
        bench.server.state.withLock { $0.retained = [2: FakeServer.message(2, 20), 3: FakeServer.message(3, 30)] }
        bench.server.cut()
        #expect(await bench.passBackoff())
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(4)
        #expect(try await next(3, &iterator) == ["2:20 again", "3:30 again", "4:40"])
        #expect(bench.server.asked(TransferSubscriptionsRequest.self).isEmpty)
        #expect(bench.server.asked(CreateSubscriptionRequest.self).count == 1)
        await bench.client.close()
    }

    @Test("Follow the client into a new session where the server hands the subscription over")
    func transfer() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.publish(1)
        #expect(try await next(1, &iterator) == ["1:10"])
        bench.server.state.withLock {
            $0.sessions = []
            $0.retained = [2: FakeServer.message(2, 20)]
        }
        bench.server.cut()
        #expect(await bench.passBackoff())
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(3)
        #expect(try await next(2, &iterator) == ["2:20 again", "3:30"])
        #expect(bench.server.asked(TransferSubscriptionsRequest.self).map(\.subscriptionIds) == [[1]])
        #expect(bench.server.asked(CreateSubscriptionRequest.self).count == 1)
        await bench.client.close()
    }

    @Test("Begin anew, after a gap that is told, where the server has dropped the subscription")
    func recreation() async throws {
        let bench = Bench()
        let subscription = try await bench.subscription(.onConfirmation)
        var iterator = subscription.makeAsyncIterator()
        bench.server.publish(1)
        guard case .notification(let old)? = try await iterator.next() else { return fail("no message") }
        bench.server.state.withLock {
            $0.sessions = []
            $0.keepsSubscriptions = false
        }
        bench.server.cut()
        #expect(await bench.passBackoff())
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(1, subscription: 2)
        #expect(try await next(2, &iterator) == ["anew", "1:10"])
        // What belongs to the old subscription is not acknowledged in the new one.
        await subscription.confirm(old)
        bench.server.publish(2, subscription: 2, keepAlive: true)
        _ = await until { bench.server.waiting == 2 }
        #expect(acknowledged(bench.server).isEmpty)
        await bench.client.close()
    }

    @Test("Begin anew where the server ends the subscription")
    func statusChange() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        let change = StatusChangeNotification(status: .badTimeout)
        let message = NotificationMessage(sequenceNumber: 1, notificationData: [ExtensionObject(change)])
        bench.server.publish(.success(PublishResponse(subscriptionId: 1, notificationMessage: message)))
        #expect(try await next(1, &iterator) == ["anew"])
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(1, subscription: 2)
        #expect(try await next(1, &iterator) == ["1:10"])
        await bench.client.close()
    }

    @Test("A server that knows of no subscription gets each of them once more")
    func noSubscription() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.publish(.failure(FakeServer.refusal(.badNoSubscription)))
        #expect(try await next(1, &iterator) == ["anew"])
        _ = await until { bench.server.waiting == 2 }
        // The oldest of them went out before, and speaks of the subscription that is no more.
        bench.server.publish(.failure(FakeServer.refusal(.badNoSubscription)))
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(1, subscription: 2)
        #expect(try await next(1, &iterator) == ["1:10"])
        #expect(bench.server.asked(CreateSubscriptionRequest.self).count == 2)
        await bench.client.close()
    }

    @Test("Silence beyond what the server promised ends the connection")
    func watchdog() async throws {
        let bench = Bench { $0.keepAliveInterval = .seconds(2) }
        _ = try await bench.subscribed()
        // Keep-alive 10 x 0.5 s; twice that and 5 s of patience.
        let isLost = await until {
            bench.time.advance(by: .milliseconds(500))
            return await !bench.client.isConnected
        }
        #expect(isLost)
        await bench.client.close()
    }

    @Test("A server with too many Publish requests gets fewer")
    func tooMany() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.publish(.failure(FakeServer.refusal(.badTooManyPublishRequests)))
        for _ in 0..<1000 { await Task.yield() }
        #expect(bench.server.waiting == 1)
        bench.server.publish(1)
        #expect(try await next(1, &iterator) == ["1:10"])
        #expect(await until { bench.server.waiting == 1 })
        await bench.client.close()
    }
}
