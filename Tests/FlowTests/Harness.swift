import AndonClose
import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Logging
import Testing

/// Intake and dispatch over a real store in a folder of its own, against a fake CMMS.
final class Harness: Sendable {
    let folder: String
    let store: Store
    let cmms: FakeCMMS
    let accept: AcceptStep
    let pictures: PictureStore
    let dispatcher: Dispatcher
    private let running: Task<Void, any Error>

    init(
        _ cmms: FakeCMMS = FakeCMMS(), gate: Gate? = nil, maxInFlight: Int = 4,
        attachments: [AndonModel.Attachment.Role] = AndonModel.Attachment.Role.offered,
        makers: [AndonModel.Attachment.Role: DerivedFiles.Maker] = [:], folder: String? = nil
    ) async throws {
        self.folder =
            folder
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("andon-flow-\(UUID().uuidString)").path
        let folder = self.folder
        self.cmms = cmms
        let time = SystemTime()
        store = try Store(folder: try TestDatabase.folder(folder), time: time)
        let queue = QueuePolicy(noteEvery: .zero)
        let force = InForce(
            plant: Plant(name: "test", defaultConnector: "cmms"), rules: RaiseAll(), queues: ["cmms": queue],
            originTag: "AI vision detection", publicURL: nil)
        accept = AcceptStep(store: store, random: SystemRandom(), inForce: { force })
        let pictures = try PictureStore(folder: folder + "/pictures")
        self.pictures = pictures
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let lane = LaneSettings(
            name: "cmms", connector: gate.map { GatedCMMS(cmms: cmms, gate: $0) } ?? cmms, maxInFlight: maxInFlight,
            retry: RetryPolicy(base: .milliseconds(1), cap: .milliseconds(5), searchAgainAfter: .milliseconds(2)),
            breaker: CircuitBreaker(failuresMax: 1000), queue: queue, attachments: attachments,
            makeWire: {
                AttemptWire(wire: NoWire(), exchanges: { [["method": "POST", "status": 201]] }, status: { nil })
            })
        let dispatcher = Dispatcher(
            store: store, time: time, random: SystemRandom(), lanes: [lane],
            derived: DerivedFiles(folder: folder + "/derived", makers: makers), pictureFile: { pictures.path(of: $0) },
            logger: logger)
        self.dispatcher = dispatcher
        running = Task { try await dispatcher.run() }
    }

    func report(_ id: String, asset: String = "PRESS-07", picture: Picture? = nil, defects: Int = 1) async throws
        -> Accepted
    {
        let defects = (0..<defects).map { Defect(defectClass: "class\($0)", confidence: 0.9, severity: .score(0.5)) }
        let inspection = Inspection(
            id: id, detectedAt: store.time.now(), camera: "CAM-01", asset: asset, defects: defects)
        return try await accept.accept(inspection, picture: picture)
    }

    /// Waits until `condition` holds; fails after ten minutes, which only a stuck queue needs.
    func until(
        _ what: Comment, _ condition: @escaping @Sendable (Reader) throws -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let end = store.time.uptime() + .seconds(600)
        while store.time.uptime() < end {
            if try await store.read(condition) { return }
            try await store.time.sleep(for: .milliseconds(2))
        }
        Issue.record(what, sourceLocation: sourceLocation)
    }

    func end() async throws {
        dispatcher.stop()
        try await running.value
        let sum = try await store.read { try $0.reconcile() }
        #expect(sum.holds, "\(sum.text)")
        #expect(try await store.read { try $0.verifyLedger() }.isWhole)
        let facts = try await store.read { try $0.verifyFacts() }
        #expect(facts.isWhole && facts.uncovered.isEmpty, "\(facts)")
        try store.close()
        try FileManager.default.removeItem(atPath: folder)
    }
}
