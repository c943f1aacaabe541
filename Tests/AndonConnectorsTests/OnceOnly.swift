import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Logging
import Testing

/// A connector in the real flow (store, outbox, dispatcher) against its stand-in on a bad day.
struct OnceOnly {
    let bench: any Bench

    static let bad: [StandInFault] = [
        .dropBefore, .dropAfter, .dropAfter, .answer(status: 503, headers: ["retry-after": "0"]),
        .answer(status: 502, body: "<html>Bad gateway</html>"), .answer(status: 500, body: "lock"),
    ]

    /// Three of ten requests fail: before or after the commit, by a busy server, by a proxy. In the end every order
    /// is there once, with its picture and its note once.
    ///
    /// - Parameter copiesOfPictures: how often the same picture may lie there, for a system that cannot be asked
    ///   whether an upload arrived.
    func storm(
        orders: Int = 60, seed: UInt64 = 20_261_124, copiesOfPictures: Int = 1, of kinds: [StandInFault] = Self.bad
    ) async throws {
        bench.faults.byChance(percent: 30, seed: seed, kinds)
        try await carry(orders: orders, seed: seed, copiesOfPictures: copiesOfPictures)
    }

    /// The system is away while all orders come in, and back then.
    func away(orders: Int, seed: UInt64 = 20_261_125) async throws {
        bench.faults.byChance(percent: 100, seed: seed, [.answer(status: 503, headers: ["retry-after": "0"])])
        try await carry(orders: orders, seed: seed, copiesOfPictures: 1) { [faults = bench.faults] in faults.clear() }
    }

    private func carry(
        orders: Int, seed: UInt64, copiesOfPictures: Int, whenAllWait: @Sendable () -> Void = {}
    ) async throws {
        let folder = try TemporaryFolder("andon-once")
        let time = SystemTime()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: time)
        let pictures = try PictureStore(folder: folder.path + "/pictures")
        let queue = QueuePolicy(noteEvery: .zero)
        var plant = SampleOrder.plant
        plant.defaultConnector = "cmms"
        let force = InForce(
            plant: plant, rules: RaiseOrJoin(), queues: ["cmms": queue], originTag: "AI vision detection",
            publicURL: nil)
        let accept = AcceptStep(store: store, random: SeededSource(seed: seed), inForce: { force })
        let wire = bench.wire
        let lane = LaneSettings(
            name: "cmms", connector: bench.connector, maxInFlight: 4,
            retry: RetryPolicy(base: .milliseconds(1), cap: .milliseconds(5), searchAgainAfter: .milliseconds(2)),
            breaker: CircuitBreaker(failuresMax: 100_000), queue: queue,
            makeWire: { AttemptWire(wire: wire, exchanges: { .array([]) }, status: { nil }) })
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let dispatcher = Dispatcher(
            store: store, time: time, random: SeededSource(seed: seed + 1), lanes: [lane],
            derived: DerivedFiles(folder: folder.path + "/derived"), pictureFile: { pictures.path(of: $0) },
            logger: logger)
        let running = Task { try await dispatcher.run() }
        var references: Set<Reference> = []
        for number in 0..<orders {
            let picture = try keep(Array("not really a picture \(number)".utf8), in: pictures)
            for repetition in 0..<(number % 3 == 0 ? 2 : 1) {
                let inspection = Inspection(
                    id: "once-\(number)-\(repetition)", detectedAt: time.now(), camera: "CAM-01", asset: "PRESS-07",
                    defects: [Defect(defectClass: "class-\(number)", confidence: 0.9, severity: .score(0.8))])
                let accepted = try await accept.accept(inspection, picture: repetition == 0 ? picture : nil)
                if let reference = accepted.detections.first?.reference { references.insert(reference) }
            }
        }
        whenAllWait()
        let drained = try await eventually(within: .seconds(max(600, orders / 5))) {
            try await store.read { try $0.count("SELECT COUNT(*) FROM outbox WHERE state NOT IN ('done', 'dead')") }
                == 0
        }
        #expect(drained, "the outbox did not empty, seed \(seed)")
        let sum = try await store.read { try $0.reconcile() }
        #expect(sum.holds && sum.dead == 0 && sum.raised == orders && references.count == orders, "\(sum.text)")
        if sum.dead > 0 { Issue.record("\(try await store.read { try $0.undelivered() }.prefix(3))") }
        for reference in references {
            #expect(
                bench.copies(reference) == 1, "\(reference) is there \(bench.copies(reference)) times, seed \(seed)")
            let names = bench.files(reference).map(\.name)
            #expect(
                names.count <= Set(names).count * copiesOfPictures
                    && names.isEmpty != bench.connector.traits.takesAttachments, "\(names), seed \(seed)")
            let notes = bench.notes(reference)
            #expect(Set(notes).count == notes.count, "\(notes), seed \(seed)")
        }
        dispatcher.stop()
        try await running.value
        try store.close()
    }

    /// The flow looks at no picture's inside here: any bytes do.
    private func keep(_ bytes: [UInt8], in pictures: PictureStore) throws -> Picture {
        let png =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
        let incoming = try pictures.receive(limits: IntakeLimits(), bytesMax: 1 << 20)
        try incoming.feed(Array(Data(base64Encoded: png) ?? Data()) + bytes)
        let picture = try incoming.seal(claimedDigest: nil)
        try incoming.keep(picture)?.end(isKept: true)
        return picture
    }
}

/// Raises every detection, or joins the order that is open.
private struct RaiseOrJoin: DecisionMaker {
    func factsWanted(for detection: Detection) -> FactsWanted { FactsWanted() }

    func decide(_ detection: Detection, facts: Facts) -> Decision {
        Decision(
            outcome: facts.openOrder == nil ? .raised : .grouped, joins: facts.openOrder?.reference, kind: .corrective,
            priority: 2, severity: 0.8, severityBand: "major", criticality: "A", className: "scratch",
            classCode: "SCRATCH", classKnown: true, route: Route(target: .backlog), reason: "test", rule: "test",
            rulesVersion: 1)
    }
}
