import AndonClose
import AndonConfiguration
import AndonDecide
import AndonDesk
import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import Foundation
import Logging
import Synchronization

/// A clock that stands where the report is that was taken last.
final class MovedTime: TimeSource {
    private let at: Mutex<Timestamp>

    init(_ start: Timestamp) { at = Mutex(start) }

    func now() -> Timestamp { at.withLock { $0 } }
    func uptime() -> Duration { SystemTime().uptime() }
    func sleep(for duration: Duration) async throws { try await SystemTime().sleep(for: duration) }

    func move(to time: Timestamp) { at.withLock { $0 = max($0, time) } }
}

/// The work of the plant's years, as fast as the store takes it.
final class Filling: Sendable {
    /// Reports that are under way at once: they fill the store's transactions.
    private static let width = 768
    /// Reports until an order is closed.
    private static let closedAfter = 4000

    private let events: Int
    private let start: Timestamp
    private let step: Int64
    private let time: MovedTime
    private let store: Store
    private let accept: AcceptStep
    private let pictures: PictureStore
    private let dispatcher: Dispatcher
    private let close: CloseStep
    private let followed: FollowSettings
    private let signer: LedgerSigner
    private let next = Mutex(0)
    /// Orders that are open, with the number of their report.
    private let open = Mutex<[(number: Int, reference: Reference)]>([])

    init(folder: String, events: Int, days: Int) async throws {
        let logger = { () -> Logger in
            var logger = Logger(label: "growth")
            logger.logLevel = .error
            return logger
        }()
        self.events = events
        let span = Int64(days) * 86_400_000_000
        start = SystemTime().now() - .microseconds(span)
        step = span / Int64(events)
        time = MovedTime(start)
        let configuration = try Configuration.load(yaml: Past.configuration)
        let store = try Store(folder: folder, time: time, steps: DeskSchema.steps)
        self.store = store
        pictures = try PictureStore(folder: folder + "/pictures")
        signer = try await LedgerSigner.open(store, .init(fallbackOrigin: "andon/growth"))
        let charts = configuration.rules.charts.map {
            Charted($0, definition: Hex.sha256($0.definition.canonicalBytes))
        }
        let desk = DeskConnector(store: store)
        let queue = QueuePolicy(reschedules: desk.traits.reschedules, cancels: desk.traits.cancels)
        let force = InForce(
            plant: configuration.plant, rules: configuration.rules, queues: ["desk": queue], originTag: nil,
            publicURL: nil, charts: charts)
        accept = AcceptStep(store: store, random: SystemRandom(), inForce: { force })
        let wire = NoWire()
        let lane = LaneSettings(
            name: "desk", connector: desk, maxInFlight: 256, queue: queue,
            makeWire: { AttemptWire(wire: wire, exchanges: { .array([]) }, status: { nil }) })
        dispatcher = Dispatcher(
            store: store, time: time, random: SystemRandom(), lanes: [lane],
            derived: DerivedFiles(folder: folder + "/derived"), pictureFile: { [pictures] in pictures.path(of: $0) },
            logger: logger)
        followed = FollowSettings(name: "desk", connector: desk, queue: queue, makeWire: { wire })
        close = CloseStep(store: store, time: time, followed: [followed], logger: logger)
    }

    func run() async throws {
        let running = Task { [dispatcher] in try await dispatcher.run() }
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.width { group.addTask { try await self.report() } }
            group.addTask { try await self.work() }
            group.addTask { try await self.keep(since: began) }
            try await group.waitForAll()
        }
        while try await store.read({ try $0.queue(connector: "desk").waiting }) > 0 {
            try await time.sleep(for: .milliseconds(50))
        }
        // Nothing is open at the end: the store can be multiplied.
        while try await closeOrders(until: events) > 0 {}
        await close.poll(followed)
        dispatcher.stop()
        running.cancel()
        _ = await running.result
        try await signer.checkpoint()
        await store.checkpoint()
        say(since: began)
        let sums = try await store.read { try $0.reconcile() }
        print(sums.text)
        try store.close()
    }

    private var place: Int { next.withLock { $0 } }

    // MARK: The vision systems

    private func report() async throws {
        while true {
            let number = next.withLock { next in
                defer { next = min(next + 1, events) }
                return next
            }
            guard number < events else { return }
            let at = start + .microseconds(step * Int64(number))
            time.move(to: at)
            var past = Past(number + 1)
            if past.number % Past.framesEvery == 0 { _ = try await accept.accept(past.frames(at: at)) }
            let picture = past.picture
            if let (picture, bytes) = picture {
                try Data(bytes).write(to: URL(fileURLWithPath: pictures.path(of: picture)))
            }
            let accepted = try await accept.accept(past.inspection(at: at), picture: picture?.0)
            for detection in accepted.detections where detection.outcome == .raised {
                guard let reference = detection.reference else { continue }
                open.withLock { $0.append((number, reference)) }
            }
        }
    }

    // MARK: The technicians

    /// Closes what was found long enough ago, and lets the closing step bring it back.
    private func work() async throws {
        while place < events {
            if try await closeOrders(until: place - Self.closedAfter) == 0 {
                try await time.sleep(for: .milliseconds(100))
            }
            await close.poll(followed)
        }
    }

    /// - Returns: how many orders of reports up to this one were closed.
    private func closeOrders(until number: Int) async throws -> Int {
        let desk = Desk(store: store)
        let due = open.withLock { open in
            let behind = open.firstIndex { $0.number > number } ?? open.count
            let due = Array(open.prefix(min(behind, 200)))
            open.removeFirst(due.count)
            return due
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for item in due { group.addTask { try await Self.close(item.reference, item.number, desk) } }
            try await group.waitForAll()
        }
        return due.count
    }

    private static func close(_ reference: Reference, _ number: Int, _ desk: Desk) async throws {
        let person = "T-\(number % 30)"
        let closure = Closure(
            technician: person, labourHours: 1.5, notes: "cleaned and set anew",
            verdict: number % 5 == 0 ? .falseAlarm : .confirmed)
        try await desk.close(reference, closure)
    }

    // MARK: What a server does besides

    private func keep(since began: ContinuousClock.Instant) async throws {
        let sweeper = Sweeper(store: store, pictures: pictures, retention: Retention())
        let year = events / 10
        var (swept, said) = (0, 0)
        while place < events {
            try await time.sleep(for: .seconds(1))
            await store.checkpoint()
            try await signer.checkpoint()
            if place - swept >= year / 4 {
                swept = place
                try await sweeper.sweep()
            }
            if place - said >= year / 4 {
                said = place
                say(since: began)
            }
        }
    }

    private func say(since began: ContinuousClock.Instant) {
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let count = place
        let line =
            "\(count) reports in \(Int(seconds)) s, \(Int(Double(count) / seconds)) a second, "
            + "\(open.withLock { $0.count }) orders open\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}

/// The desk is in this process.
struct NoWire: Wire {
    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        throw .notSent("there is no network here")
    }

    func now() -> Timestamp { SystemTime().now() }
}
