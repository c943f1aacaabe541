import Testing
import UACodec

@testable import UAServer

/// Random interleavings of changes, time, Publish, acknowledgements and Republish against what must come of them.
@Suite("Publishing, by chance")
struct PublishModelTests {
    /// What a client knows of one subscription.
    private struct Model {
        let node: NodeId
        var sent: [Double] = [0]
        var received: [Double] = []
        var nextNumber: UInt32 = 1
        /// Messages that were not acknowledged, the oldest first.
        var kept: [NotificationMessage] = []
        /// Acknowledgements that travel with the next Publish request.
        var toAcknowledge: [UInt32] = []
    }

    private final class Client {
        var random: SeededGenerator
        let bench = Bench()
        let session: TestSession
        var models: [UInt32: Model] = [:]
        var order: [UInt32] = []
        /// Results that are due, by request.
        var expected: [UInt32: [StatusCode]] = [:]
        var outstanding = 0

        init(seed: UInt64) async throws {
            random = SeededGenerator(seed: seed)
            session = try await bench.session()
            for index in 0..<3 {
                let node = try bench.variable("v\(index)")
                let interval = Double(Int.random(in: 2...20, using: &random) * 10)
                let id = try await session.subscribe(
                    interval: interval, lifetime: 100_000, keepAlive: UInt32.random(in: 1...4, using: &random),
                    notifications: UInt32.random(in: 1...5, using: &random),
                    priority: UInt8.random(in: 0...2, using: &random))
                _ = try await session.watch(node, in: id, queue: 1000)
                models[id] = Model(node: node)
                order.append(id)
            }
            _ = session.published()
        }

        func step() async throws {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3: change()
            case 4...5: bench.pass(Int64.random(in: 1...60, using: &random))
            case 6...8: try publish()
            default: try await republish()
            }
            try collect()
        }

        private func change() {
            let id = order.randomElement(using: &random) ?? 0
            guard let node = models[id]?.node, let last = models[id]?.sent.last else { return }
            bench.set(node, last + 1)
            models[id]?.sent.append(last + 1)
        }

        func publish() throws {
            guard outstanding < 30 else { return }
            var acknowledgements: [(UInt32, UInt32)] = []
            var results: [StatusCode] = []
            for id in order {
                for number in models[id]?.toAcknowledge ?? [] where Bool.random(using: &random) {
                    models[id]?.toAcknowledge.removeAll { $0 == number }
                    models[id]?.kept.removeAll { $0.sequenceNumber == number }
                    acknowledgements.append((id, number))
                    results.append(.good)
                }
            }
            if Int.random(in: 0..<8, using: &random) == 0 {
                acknowledgements.append((order[0], 4_000_000_000))
                results.append(.badSequenceNumberUnknown)
            }
            // The answer may come before this returns.
            outstanding += 1
            let id = try session.publish(acknowledgements)
            expected[id] = results
        }

        private func republish() async throws {
            let id = order.randomElement(using: &random) ?? 0
            let kept = models[id]?.kept ?? []
            try collect()
            if let message = kept.randomElement(using: &random) {
                let again = try await session.ask(
                    RepublishRequest(subscriptionId: id, retransmitSequenceNumber: message.sequenceNumber))
                #expect(again.notificationMessage == message)
            }
            let unknown = try await session.refusal(
                RepublishRequest(subscriptionId: id, retransmitSequenceNumber: 3_999_999_999))
            #expect(unknown == .badMessageNotAvailable)
        }

        func collect() throws {
            for (id, response) in session.connection.take() {
                guard let response = response as? PublishResponse else { continue }
                outstanding -= 1
                #expect(response.results == expected.removeValue(forKey: id))
                let subscription = response.subscriptionId
                var model = try #require(models[subscription])
                #expect(response.notificationMessage.sequenceNumber == model.nextNumber)
                if !response.isKeepAlive {
                    model.nextNumber += 1
                    model.received += response.numbers
                    model.kept.append(response.notificationMessage)
                    model.toAcknowledge.append(response.notificationMessage.sequenceNumber)
                }
                // What an acknowledgement under way took out is not in the list.
                #expect(response.availableSequenceNumbers == model.kept.map(\.sequenceNumber))
                #expect(model.received == Array(model.sent.prefix(model.received.count)))
                models[subscription] = model
            }
        }
    }

    @Test("Every value comes once, in order, and can be had again until it is acknowledged", arguments: 0..<12)
    func interleavings(seed: UInt64) async throws {
        print("seed \(seed)")
        let client = try await Client(seed: seed)
        for _ in 0..<600 { try await client.step() }
        // Then all that is left comes.
        for _ in 0..<400 {
            try client.publish()
            client.bench.pass(50)
            try client.collect()
        }
        for model in client.models.values {
            #expect(model.received == model.sent, "seed \(seed)")
            #expect(model.kept.count <= Retransmission.messagesMax)
        }
    }

    @Test("Messages that nobody acknowledges are bounded in number and in bytes")
    func unacknowledged() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(""), dataType: 12)
        let session = try await bench.session()
        let subscription = try await session.subscribe(interval: 10)
        _ = try await session.watch(node, in: subscription, queue: 1)
        for round in 0..<200 {
            bench.space.setValue(DataValue(Variant(String(repeating: "x", count: round * 1000))), of: node)
            try session.publish()
            bench.pass(10)
        }
        let last = try #require(session.published().last)
        #expect(last.availableSequenceNumbers.count <= Retransmission.messagesMax)
        #expect(last.availableSequenceNumbers.last == last.notificationMessage.sequenceNumber)
        #expect(last.availableSequenceNumbers.count * 150_000 <= Retransmission.bytesMax)
    }
}
