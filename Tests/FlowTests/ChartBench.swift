import AndonClose
import AndonConfiguration
import AndonDecide
import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonTesting
import Foundation
import Logging
import Testing

/// Intake, charts, dispatch and closing over a real store, with a clock that only the test moves.
final class ChartBench: Sendable {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-chart-\(UUID().uuidString)").path
    let time: TestTime
    let store: Store
    let cmms = FakeCMMS()
    let accept: AcceptStep
    let configuration: Configuration
    private let dispatcher: Dispatcher
    private let close: CloseStep
    private let followed: FollowSettings
    private let missed: (step: MissedStep, settings: MissedStep.Followed)
    private let running: Task<Void, any Error>

    static let plant = """
        plant:
          name: Plant
          defaultConnector: desk
          assets:
            - { id: MILL-03, criticality: A, line: LINE-1 }
            - { id: COAT-01, criticality: B, line: LINE-3 }
            - { id: OVEN-02, criticality: A, line: LINE-2 }
          cameras:
            - { id: CAM-1, asset: MILL-03 }
            - { id: CAM-2, asset: COAT-01 }
            - { id: CAM-3, asset: OVEN-02 }
          maintenance:
            - { name: Saturday, days: [sat], from: 06:00, to: 14:00 }
        connectors: { desk: {} }

        """

    init(rules: String, findings: Findings = Findings(), time: TestTime = TestTime()) async throws {
        self.time = time
        configuration = try Configuration.load(yaml: Self.plant + rules)
        store = try Store(folder: try TestDatabase.folder(folder), time: time)
        accept = Self.intake(configuration, store)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let lane = LaneSettings(
            name: "desk", connector: cmms,
            retry: RetryPolicy(base: .zero, cap: .zero, searchAgainAfter: .zero), queue: Self.queue,
            makeWire: {
                AttemptWire(wire: NoWire(), exchanges: { [["method": "POST", "status": 201]] }, status: { nil })
            })
        let dispatcher = Dispatcher(
            store: store, time: time, random: SystemRandom(), lanes: [lane],
            derived: DerivedFiles(folder: folder + "/derived"), pictureFile: { $0.sha256 },
            // The bench's clock goes by hours while an attempt is under way: no lease of minutes lasts as long.
            lease: LeaseSettings(length: .seconds(1_000_000_000)), logger: logger)
        self.dispatcher = dispatcher
        followed = FollowSettings(name: "desk", connector: cmms, findings: findings, makeWire: { NoWire() })
        let looked = MissedStep.Followed(
            name: "desk", connector: cmms, findings: findings, makeWire: { NoWire() })
        missed = (MissedStep(store: store, time: time, followed: [looked], logger: logger), looked)
        close = CloseStep(store: store, time: time, followed: [followed], logger: logger)
        running = Task { try await dispatcher.run() }
    }

    private static let queue = QueuePolicy(noteEvery: .zero)

    static func intake(_ configuration: Configuration, _ store: Store) -> AcceptStep {
        let charted = configuration.rules.charts.map {
            Charted($0, definition: Hex.sha256($0.definition.canonicalBytes))
        }
        let schedule = configuration.rules.routing.schedule
        let force = InForce(
            plant: configuration.plant, rules: configuration.rules, queues: ["desk": queue], originTag: nil,
            publicURL: nil, charts: charted, shift: { schedule.duty(at: $0)?.shift })
        return AcceptStep(store: store, random: SystemRandom(), inForce: { force })
    }

    /// One report now; its defects all of one class.
    @discardableResult
    func report(
        _ id: String, camera: String = "CAM-1", inspected: Int = 1, defects: Int = 0, of label: String = "edge_chip",
        severity: Double = 0.1, attributes: [String: JSON] = [:]
    ) async throws -> Accepted {
        let defect = Defect(defectClass: label, confidence: 0.9, severity: .score(severity))
        return try await accept.accept(
            Inspection(
                id: id, detectedAt: time.now(), camera: camera, inspected: inspected,
                defects: Array(repeating: defect, count: defects), attributes: attributes), picture: nil)
    }

    /// Waits until nothing is on its way to the CMMS any more.
    func settle() async throws {
        for _ in 0..<20_000 {
            let waiting = try await store.read { try $0.queue(connector: "desk").waiting }
            if waiting == 0 { return }
            time.advance(by: .milliseconds(50))
            try await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("the queue does not become empty")
    }

    /// Closes an order in the CMMS, and brings that back.
    func close(_ reference: Reference, verdict: Closure.Verdict? = .confirmed) async throws {
        cmms.set(
            RemoteOrder(
                remoteID: "R-\(reference)", reference: reference, state: .closed, vendorState: "CLOSE",
                closure: Closure(closedAt: time.now(), verdict: verdict)))
        await close.poll(followed)
    }

    func poll() async { await close.poll(followed) }

    /// Looks for missed defects among the orders of people.
    func look() async { await missed.step.look(missed.settings) }

    var orders: [OrderRecord] {
        get async throws { try await store.read { try $0.orders() }.reversed() }
    }

    func points(_ chart: String, _ stratum: String) async throws -> [ChartPointRecord] {
        try await store.read { try $0.chartPoints(chart, stratum, last: 10_000) }
    }

    func end() async throws {
        try await stop()
        try FileManager.default.removeItem(atPath: folder)
    }

    /// All is as it should be; the folder stays.
    func stop() async throws {
        try await settle()
        dispatcher.stop()
        time.advance(by: .seconds(10))
        running.cancel()
        _ = await running.result
        let sum = try await store.read { try $0.reconcile() }
        #expect(sum.holds, "\(sum.text)")
        #expect(try await store.read { try $0.verifyLedger() }.isWhole)
        let facts = try await store.read { try $0.verifyFacts() }
        #expect(facts.isWhole && facts.uncovered.isEmpty, "\(facts)")
        try store.close()
    }
}

/// Draws from laws that processes have.
extension SeededRandom {
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Box and Muller.
    mutating func normal(_ mean: Double = 0, _ sigma: Double = 1) -> Double {
        let radius = (-2 * log(max(unit(), 1e-300))).squareRoot()
        return mean + sigma * radius * cos(2 * .pi * unit())
    }

    /// Knuth's for small means, the rounded normal law for large ones.
    mutating func poisson(_ mean: Double) -> Int {
        guard mean < 200 else { return max(0, Int(normal(mean, mean.squareRoot()).rounded())) }
        let end = exp(-mean)
        var product = unit()
        var count = 0
        while product > end, count < 10_000 {
            product *= unit()
            count += 1
        }
        return count
    }
}
