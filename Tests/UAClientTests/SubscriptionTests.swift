import NIOPosix
import Synchronization
import Testing
import UACodec
import UASecurity

@testable import UAClient

@Suite("Subscriptions at other makers' servers", .enabled(if: Counterpart.python != nil, Counterpart.reason))
struct SubscriptionTests {
    /// - Parameter requestTimeout: also what an answer that never comes costs a test.
    private func client(_ port: Int, requestTimeout: Duration = .seconds(15)) async throws -> UAClient {
        var configuration = try await PKI.shared.value.configuration(port: port, .strongest(atLeast: .sign))
        configuration.requestTimeout = requestTimeout
        configuration.keepAliveInterval = .seconds(2)
        return UAClient(configuration, group: MultiThreadedEventLoopGroup.singleton)
    }

    private static var quick: SubscriptionOptions {
        SubscriptionOptions(publishingInterval: .milliseconds(20), keepAliveCount: 10, lifetimeCount: 3000)
    }

    /// A reader that watches a counter over a line that can be cut, and a writer with a line of its own.
    private struct CutLine {
        let server: ServerProcess
        let proxy: Proxy
        let reader: UAClient
        let writer: UAClient
        let subscription: Subscription
        let counter = Counterpart.o6.node("Counter")

        init(_ client: (Int, Duration) async throws -> UAClient) async throws {
            server = try await ServerProcess(.o6, port: try await freePort())
            proxy = try await Proxy(to: server.port)
            reader = try await client(proxy.port, .seconds(15))
            writer = try await client(server.port, .seconds(60))
            try await reader.connect(atMost: 4)
            try await writer.connect(atMost: 4)
            var options = SubscriptionTests.quick
            options.acknowledgement = .onConfirmation
            subscription = try await reader.subscribe(options)
            _ = try await subscription.add([MonitoredItem(counter, samplingInterval: .zero, queueSize: 1000)])
        }

        func close() async {
            await reader.close()
            await writer.close()
            await proxy.close()
        }
    }

    /// The newest value that a reader has, for a writer that must not outrun a server's queue.
    private final class Seen: Sendable {
        private let value = Mutex<Int64>(0)

        func set(_ new: Int64?) { if let new { value.withLock { $0 = new } } }

        /// Ends when fewer than `room` values are on their way; a server of o6 keeps 100 while nobody asks for them.
        func wait(at next: Int, room: Int = 50) async throws {
            while next - Int(value.withLock { $0 }) > room { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    /// Values of one item until `done` says that they are enough; gaps are counted.
    private func collect(
        _ subscription: Subscription, telling seen: Seen? = nil, until done: ([Int64]) -> Bool
    ) async throws -> (values: [Int64], gaps: [SubscriptionGap], republished: Int) {
        var values: [Int64] = []
        var republished = 0
        var gaps: [SubscriptionGap] = []
        for try await element in subscription {
            switch element {
            case .notification(let message):
                values += message.changes.compactMap { $0.value.value?.integer }
                #expect(!message.changes.contains { $0.value.effectiveStatus.hasOverflow })
                seen?.set(values.last { $0 > 0 })
                republished += message.isRepublished ? 1 : 0
                await subscription.confirm(message)
            case .gap(let gap): gaps.append(gap)
            }
            if done(values) { break }
        }
        return (values, gaps, republished)
    }

    @Test("Changes come in order", arguments: Counterpart.allCases)
    func changes(_ kind: Counterpart) async throws {
        let server = try await ServerProcess(kind, port: try await freePort())
        let client = try await client(server.port)
        try await client.connect(atMost: 4)
        let subscription = try await client.subscribe(Self.quick)
        let statuses = try await subscription.add([
            MonitoredItem(kind.node("Number"), samplingInterval: .zero, queueSize: 1000),
            MonitoredItem(kind.node("Nowhere")),
        ])
        #expect(statuses[0].status.isGood && statuses[1].status.isBad)
        let writer = Task {
            for value in 100..<150 { try await client.write(Variant(Int32(value)), to: kind.node("Number")) }
        }
        let (values, gaps, _) = try await collect(subscription) { $0.last == 149 }
        try await writer.value
        #expect(values == values.sorted() && gaps.isEmpty)
        if kind == .asyncua { #expect(values.suffix(50) == Array(100..<150)) }
        await client.close()
        #expect(try await subscription.makeAsyncIterator().buffer.next() == nil)
    }

    @Test("Events come with the fields that were selected, as far as the where clause lets them")
    func events() async throws {
        let server = try await SharedServers.shared.server(.asyncua)
        let client = try await client(server.port)
        try await client.connect(atMost: 4)
        let subscription = try await client.subscribe(Self.quick)
        let type = try await client.browse(
            NodeId(2041), BrowseQuery(referenceType: NodeId(45))
        ).first { $0.browseName.name == "InspectionEventType" }
        let eventType = try await client.namespaces.nodeId(try #require(type?.nodeId))
        let part = BrowseName("PartId", in: Counterpart.asyncua.namespace)
        let query = EventQuery(
            EventQuery.baseFields + [EventField(part, of: eventType)],
            where: .and(
                .ofType(eventType), .greaterOrEqual(.field(EventField("Severity")), .literal(Variant(UInt16(500))))))
        let node = Counterpart.asyncua.node("Line")
        let statuses = try await subscription.add([MonitoredItem(events: query, of: node)])
        #expect(statuses[0].status.isGood)
        for (name, severity) in [("a", UInt16(700)), ("b", 300), ("c", 500)] {
            _ = try await client.call(
                Counterpart.asyncua.node("Fire"), on: node, [Variant(name), Variant(severity)])
        }
        var parts: [Variant?] = []
        for try await element in subscription {
            if case .notification(let message) = element {
                parts += message.events.map { $0["PartId"] }
                #expect(message.events.allSatisfy { $0["Severity"]?.integer ?? 0 >= 500 })
            }
            if parts.count == 2 { break }
        }
        #expect(parts == [Variant("a"), Variant("c")])
        await client.close()
    }

    @Test("A cut connection loses and doubles nothing where the server keeps the session")
    func cut() async throws {
        let line = try await CutLine(client(_:requestTimeout:))
        let (proxy, writer, counter) = (line.proxy, line.writer, line.counter)
        let total = 400
        let seen = Seen()
        let writing = Task {
            for value in 1...total {
                try await seen.wait(at: value)
                try await writer.write(Variant(Int32(value)), to: counter)
                if value % 100 == 50 {
                    // The answers vanish first, so that messages are lost that the server believes sent.
                    proxy.dropAnswers(true)
                    for more in 0..<5 {
                        let before = proxy.dropped
                        try await writer.write(Variant(Int32(-more)), to: counter)
                        try await Task.sleep(for: .milliseconds(25))
                        // A busy server puts several changes into one message: the first ones get one each. Three
                        // requests wait for messages, so that no more than three can be lost.
                        for _ in 0..<200 where more < 3 && proxy.dropped == before {
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    }
                    proxy.cut()
                    proxy.dropAnswers(false)
                }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        let (values, gaps, republished) = try await collect(line.subscription, telling: seen) {
            $0.last == Int64(total)
        }
        try await writing.value
        #expect(gaps.isEmpty && values.filter { $0 > 0 } == (1...total).map(Int64.init))
        #expect(values.filter { $0 < 0 } == (0..<4).flatMap { _ in [-1, -2, -3, -4].map { Int64($0) } })
        #expect(proxy.connections > 4 && republished >= 4)
        await line.close()
    }

    @Test("Nothing is lost or doubled where the answer to a session's taking up is lost too")
    func unansweredActivation() async throws {
        let line = try await CutLine(client(_:requestTimeout:))
        let (proxy, writer, counter) = (line.proxy, line.writer, line.counter)
        let writing = Task {
            for value in 1...20 { try await writer.write(Variant(Int32(value)), to: counter) }
            proxy.dropAnswers(true)
            for value in 21...40 { try await writer.write(Variant(Int32(value)), to: counter) }
            // The channel's two answers come, and the one to the session's does not.
            proxy.dropAnswers(true, after: 2)
            let before = proxy.dropped
            proxy.cut()
            while proxy.dropped == before { try await Task.sleep(for: .milliseconds(10)) }
            proxy.dropAnswers(false)
            for value in 41...60 { try await writer.write(Variant(Int32(value)), to: counter) }
        }
        let (values, gaps, _) = try await collect(line.subscription) { $0.last == 60 }
        try await writing.value
        #expect(values == Array(0...60) && gaps.isEmpty)
        await line.close()
    }

    @Test(
        "A server that was killed and started anew gives a gap and then values, though its indices have moved",
        arguments: Counterpart.allCases)
    func restart(_ kind: Counterpart) async throws {
        let port = try await freePort()
        let first = try await ServerProcess(kind, port: port)
        let client = try await client(port)
        try await client.connect(atMost: 4)
        let number = kind.node("Number")
        let before = try await client.nodeId(number)
        let subscription = try await client.subscribe(Self.quick)
        let item = try await subscription.add([MonitoredItem(number)])[0].id
        var iterator = subscription.makeAsyncIterator()
        guard case .notification(let initial)? = try await iterator.next() else { return fail("no value") }
        #expect(initial.changes.map(\.item) == [item])
        first.kill()
        let second = try await ServerProcess(kind, port: port, namespaces: ["urn:test:other", "urn:test:another"])
        guard case .gap(let gap)? = try await iterator.next() else { return fail("no gap") }
        #expect(gap == SubscriptionGap(reason: .recreated))
        guard case .notification(let again)? = try await iterator.next() else { return fail("no value") }
        #expect(again.changes.map(\.item) == [item] && again.changes[0].value.value == Variant(Int32(7)))
        if kind == .asyncua { #expect(try await client.nodeId(number).namespace == before.namespace + 2) }
        await client.close()
        second.kill()
    }

    @Test("While there is no connection a call fails at once and was surely not made")
    func down() async throws {
        let server = try await ServerProcess(.o6, port: try await freePort())
        let client = try await client(server.port)
        try await client.connect(atMost: 4)
        server.kill()
        var error: ClientError?
        while error == nil {
            do throws(ClientError) { _ = try await client.readValue(NodeId(2258)) } catch let failure {
                if case .notConnected = failure { error = failure }
            }
        }
        #expect(error?.mayHaveHappened == false)
        await client.close()
    }
}
