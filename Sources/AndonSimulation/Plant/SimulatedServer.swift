import AndonClose
import AndonConnectors
import AndonDecide
import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Logging

/// The process under test: the store, the intake, the rules, the dispatcher and the connector as the product has them, on a
/// simulated clock, disk and line.
// Touched on the schedule's thread alone.
final class SimulatedServer: @unchecked Sendable {
    /// What a server is started with.
    struct Surroundings {
        var schedule: Schedule
        var clock: WallClock
        var disk: SimulatedDisk
        var database: SimulatedDatabase
        var network: SimulatedNetwork
        var random: SeededSource
        /// In which its pictures lie: real files.
        var folder: String
        /// What it does where an order is not there any more; nil where it does not ask what becomes of its orders.
        var follows: FollowSettings.Missing?
        var mutant: Mutant?
        var latency: () -> Duration
        /// When the writer has done what there was to do: whether anything was committed.
        var written: (_ isCommitted: Bool) -> Void
    }

    let life = Life()
    let store: Store
    let pictures: PictureStore
    let dispatcher: Dispatcher
    private let accept: AcceptStep
    private let close: CloseStep?
    private let schedule: Schedule
    private let mutant: Mutant?
    private var stopped: (() -> Void)?

    static let lane = "maximo"
    static let plant = Plant(
        name: "Simulated plant", site: "BEDFORD", timeZone: "UTC", defaultConnector: lane, defaultLocation: "PLANT")
    static let rules = Rules(defaults: Rule(minConfidence: 0.5), unmapped: DefectClass(label: "unmapped"))
    static let queue = QueuePolicy(noteEvery: .seconds(20))

    /// Opens what is on the disk, as `andon serve` does.
    init(_ place: Surroundings) throws {
        schedule = place.schedule
        mutant = place.mutant
        let (life, mutant) = (life, place.mutant)
        let time = ProcessTime(schedule: place.schedule, clock: place.clock, life: life)
        let engine = try SimulatedEngine(
            path: place.disk.path("andon.sqlite"), schedule: place.schedule, life: life, database: place.database,
            hooks: .init(
                latency: place.latency, beforeCommit: mutant?.beforeCommit,
                believes: { mutant?.believes($0) ?? $0 }, written: place.written))
        do {
            store = try Store(
                folder: place.folder, engine: engine, time: time, random: place.random, serverRandom: place.random)
            if let atStart = mutant?.atStart { try engine.writeNow(atStart) }
            let store = store
            pictures = try PictureStore(folder: place.folder + "/pictures")
            try pictures.recover { sha256 in try store.readNow { try $0.isPictureKept(sha256) } }
        } catch {
            try? engine.close()
            throw error
        }
        let force = InForce(
            plant: Self.plant, rules: Self.rules, queues: [Self.lane: Self.queue], originTag: "AI vision detection",
            publicURL: "http://andon.plant.example")
        accept = AcceptStep(store: store, random: place.random) { force }
        let pictures = pictures
        let wire = SimulatedWire(network: place.network, life: life, time: time)
        let connector = mutant?.connector(around: Self.connector) ?? Self.connector
        let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        dispatcher = Dispatcher(
            store: store, time: time, random: place.random,
            lanes: [
                Self.lane(connector, mutant) { AttemptWire(wire: wire, exchanges: { .array([]) }, status: { nil }) }
            ], derived: DerivedFiles(folder: place.folder + "/derived"),
            pictureFile: { pictures.path(of: $0) }, logger: logger)
        let store = store
        close = place.follows.map { onMissing in
            let followed = FollowSettings(
                name: Self.lane, connector: connector, poll: .seconds(10), census: .seconds(60), onMissing: onMissing,
                queue: Self.queue, makeWire: { wire })
            return CloseStep(store: store, time: time, followed: [followed], logger: logger)
        }
    }

    /// As the configuration file makes it.
    private static var connector: any Connector {
        func scalar(_ text: String, _ path: String) -> Settings {
            Settings(.scalar(text, quoted: false), line: 1, column: 1, path: path)
        }
        func map(_ entries: [(String, Settings)], _ path: String) -> Settings {
            let entries = entries.map { Settings.Entry(key: $0, keyLine: 1, keyColumn: 1, value: $1) }
            return Settings(.map(entries), line: 1, column: 1, path: path)
        }
        let options = map(
            [
                ("url", scalar("https://maximo.plant.example/maximo", "url")),
                ("failureCode", scalar("VISDEF", "failureCode")),
                ("apiKey", map([("env", scalar("KEY", "apiKey.env"))], "apiKey")),
            ], "")
        let secrets = SecretSource(environment: { _ in "test-key" }, file: { _ in nil })
        return MaximoConnector(
            MaximoConfiguration(reading: SettingsReader(options, faults: SettingsFaults(), secrets: secrets)))
    }

    private static func lane(
        _ connector: any Connector, _ mutant: Mutant?, _ wire: @escaping @Sendable () -> AttemptWire
    ) -> LaneSettings {
        let retry = RetryPolicy(base: .seconds(1), cap: .seconds(20), searchAgainAfter: .seconds(30))
        return LaneSettings(
            name: lane, connector: connector, retry: mutant?.retry(instead: retry) ?? retry,
            breaker: mutant?.breaker ?? CircuitBreaker(), queue: queue,
            makeWire: wire)
    }

    func start() {
        let (dispatcher, store, close) = (dispatcher, store, close)
        schedule.start { [self] in
            try? await dispatcher.run()
            if !life.isOver { stopped?() }
        }
        schedule.start {
            while (try? await store.time.sleep(for: .seconds(2))) != nil { await store.checkpoint() }
        }
        if let close { schedule.start { await close.run() } }
    }

    /// Hands out no more work, and says when the attempts under way have ended.
    func stop(_ stopped: @escaping () -> Void) {
        self.stopped = stopped
        dispatcher.stop()
    }

    /// The process is not there any more, or is being stopped. Its tasks end by themselves; then its handles are let go.
    func end() {
        life.end()
        stopped = nil
        dispatcher.stop()
        schedule.after(.zero) { [store] in try? store.close() }
    }

    // MARK: The way in

    struct Refused: Error {
        var problem: Problem
    }

    /// Takes a report as the server's own door does: first its picture is durable, then the report.
    func take(_ inspection: Inspection, picture bytes: [UInt8]?) async throws -> Accepted {
        guard let bytes else { return try await accept.accept(inspection, picture: nil) }
        let incoming = try pictures.receive(limits: IntakeLimits(), bytesMax: 1 << 20)
        try incoming.feed(bytes)
        let picture = try incoming.seal(claimedDigest: nil)
        let lease = try await incoming.keep(picture)?.secured()
        do {
            let accepted = try await accept.accept(inspection, picture: picture, hasBytes: lease != nil)
            // The dead do nothing more to their files.
            guard !life.isOver else { throw CancellationError() }
            if accepted.isPictureKept { try await lease?.settle() }
            await lease?.finish(isKept: mutant == .picturesGo ? false : accepted.isPictureKept)
            return accepted
        } catch {
            guard !life.isOver else { throw error }
            let isKnown = try? await store.read { try $0.isPictureKept(picture.sha256) }
            await lease?.finish(isKept: isKnown ?? true)
            throw error
        }
    }
}
