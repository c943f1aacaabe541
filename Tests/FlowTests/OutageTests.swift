import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Logging
import Testing

@Suite("A CMMS that is away for days")
struct OutageTests {
    @Test("After 72 hours every order goes out, each once, and those of one asset in their order")
    func threeDays() async throws {
        let time = TestTime()
        let folder = try TemporaryFolder("andon-outage")
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: time)
        let cmms = FakeCMMS(faults: [FakeCMMS.Fault](repeating: .unreachable, count: 400))
        let queue = QueuePolicy(noteEvery: .zero)
        let force = InForce(
            plant: Plant(name: "test", defaultConnector: "cmms"), rules: RaiseAll(), queues: ["cmms": queue],
            originTag: nil, publicURL: nil)
        let accept = AcceptStep(store: store, random: SeededSource(seed: 7), inForce: { force })
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let lane = LaneSettings(
            name: "cmms", connector: cmms, queue: queue,
            makeWire: { AttemptWire(wire: NoWire(), exchanges: { .array([]) }, status: { nil }) })
        let dispatcher = Dispatcher(
            store: store, time: time, random: SeededSource(seed: 8), lanes: [lane],
            derived: DerivedFiles(folder: folder.path + "/derived"), pictureFile: { _ in "" },
            logger: logger)
        let running = Task { try await dispatcher.run() }
        var expected: [String: [String]] = [:]
        for hour in 0..<72 {
            let asset = "A-\(hour % 4)"
            let inspection = Inspection(
                id: "h-\(hour)", detectedAt: time.now(), camera: "C", asset: asset,
                defects: [Defect(defectClass: "class-\(hour)")])
            let accepted = try await accept.accept(inspection, picture: nil)
            expected[asset, default: []].append(try #require(accepted.detections.first?.reference).text)
            try await pass(.seconds(3600), time)
        }
        #expect(cmms.kept.orders.isEmpty, "the outage is longer than 72 hours of attempts")
        let attempts = try await store.read { try $0.count("SELECT COUNT(*) FROM attempt") }
        #expect(attempts < 400, "the breaker and the back-off keep it to a knock now and then: \(attempts)")
        cmms.recover()
        var waiting = 72
        for _ in 0..<2000 where waiting > 0 {
            try await pass(.seconds(10), time)
            waiting = try await store.read { try $0.reconcile() }.waiting
        }
        #expect(waiting == 0)
        let kept = cmms.kept.orders
        #expect(Set(kept).count == kept.count && kept.count == 72)
        for (asset, references) in expected { #expect(kept.filter(references.contains) == references, "\(asset)") }
        dispatcher.stop()
        running.cancel()
        _ = try? await running.value
        try store.close()
    }

    /// Lets the clock run on in small steps, and the tasks that it wakes.
    private func pass(_ duration: Duration, _ time: TestTime) async throws {
        let steps = 20
        for _ in 0..<steps {
            time.advance(by: duration / steps)
            for _ in 0..<20 { await Task.yield() }
        }
    }
}
