import AndonLedger
import AndonModel
import Logging
import Synchronization

/// The wire for one attempt, with what went over it.
public struct AttemptWire: Sendable {
    public var wire: any Wire
    /// The exchanges so far, for the transmission log.
    public var exchanges: @Sendable () -> JSON
    /// The last HTTP status.
    public var status: @Sendable () -> Int?

    public init(
        wire: any Wire, exchanges: @escaping @Sendable () -> JSON, status: @escaping @Sendable () -> Int?
    ) {
        self.wire = wire
        self.exchanges = exchanges
        self.status = status
    }
}

/// One connector with its queue's settings.
public struct LaneSettings: Sendable {
    public var name: String
    public var connector: any Connector
    public var maxInFlight: Int
    public var retry: RetryPolicy
    public var breaker: CircuitBreaker
    public var queue: QueuePolicy
    /// Newest pictures that go with a note about further occurrences.
    public var picturesPerNote: Int
    /// What is made for each order and attached to it, where the order has it.
    public var attachments: [Attachment.Role]
    public var makeWire: @Sendable () -> AttemptWire

    public init(
        name: String, connector: any Connector, maxInFlight: Int = 4, retry: RetryPolicy = RetryPolicy(),
        breaker: CircuitBreaker = CircuitBreaker(), queue: QueuePolicy = QueuePolicy(), picturesPerNote: Int = 1,
        attachments: [Attachment.Role] = Attachment.Role.offered, makeWire: @escaping @Sendable () -> AttemptWire
    ) {
        self.name = name
        self.connector = connector
        self.maxInFlight = maxInFlight
        self.retry = retry
        self.breaker = breaker
        self.queue = queue
        self.picturesPerNote = picturesPerNote
        self.attachments = attachments
        self.makeWire = makeWire
    }
}

/// Carries the outbox to the connectors, exactly once.
///
/// Each connector has a lane of its own with a bounded number of attempts under way, so a slow system holds
/// nobody else back and memory does not grow with the backlog. Rows are claimed at the end of every batch that
/// the store commits: a new order leaves with the very commit that accepted its detection, and the commit that
/// notes one answer hands out the next row.
///
/// Several servers may do so on one store: each sends under a ``Lease``, and notes an attempt's end only while the row's fence is
/// the one that it claimed it with.
public final class Dispatcher: Sendable {
    let store: Store
    let time: any TimeSource
    private let random: any RandomSource
    let logger: Logger
    let lease: Lease
    /// Who this server is, for people.
    let serverName: String
    let configurationDigest: @Sendable () -> String?
    let company = Mutex(Company())
    private let lanes: [Lane]
    private let stream: AsyncStream<Work>
    private let intoStream: AsyncStream<Work>.Continuation

    struct Work: Sendable {
        var lane: Lane
        var claim: Claim
    }

    /// - Parameters:
    ///   - pictureFile: gives the path of a file with a picture's bytes.
    ///   - lease: how long this server keeps its work without saying that it lives, where others share the store.
    ///   - configuration: the digest of what servers of one store must have in common.
    public init(
        store: Store, time: any TimeSource, random: any RandomSource, lanes: [LaneSettings],
        derived: DerivedFiles, pictureFile: @escaping PictureFile,
        lease: LeaseSettings = LeaseSettings(), serverName: String = "",
        configuration: @escaping @Sendable () -> String? = { nil }, logger: Logger
    ) {
        self.lease = Lease(time: time, settings: lease, isShared: store.isShared)
        self.serverName = serverName
        configurationDigest = configuration
        self.store = store
        self.time = time
        self.random = random
        self.logger = logger
        self.lanes = lanes.map { Lane($0, derived: derived, time: time, pictureFile: pictureFile) }
        (stream, intoStream) = AsyncStream.makeStream()
    }

    /// Works until the task is cancelled; attempts under way are finished first.
    public func run() async throws {
        try await begin()
        store.addClaimer { [self] in try claim($0) }
        store.wakeClaimers()
        // Discarding: a group that keeps its children's results grows with every attempt.
        await withDiscardingTaskGroup { group in
            group.addTask { await self.wakeWhenDue() }
            group.addTask { await self.keepLease() }
            for await work in stream {
                group.addTask { await self.attempt(work) }
            }
            group.cancelAll()
        }
        // Others need not wait for the end of the lease. What could not be noted is looked for.
        try? await store.write { try $0.endLease() }
    }

    /// A store that has no room, or whose database is away, is waited for.
    private func begin() async throws {
        while true {
            do { return try await renew() } catch let error as StoreError
                where error.passes
            {
                logger.warning("dispatch waits for the store", metadata: ["error": "\(error)"])
                try await time.sleep(for: Self.lookEvery)
            }
        }
    }

    /// How each connector's lane stands at this moment, in the order of the settings.
    public var standings: [LaneStanding] { lanes.map(\.standing) }

    /// Hands out no more work; `run` returns when the attempts under way have ended.
    public func stop() {
        for lane in lanes { lane.stop() }
        intoStream.finish()
    }

    private func claim(_ transaction: Transaction) throws -> (@Sendable () -> Void)? {
        guard lease.isHeld else { return nil }
        let work = try lanes.flatMap { lane in
            try lane.claim(in: transaction).map { Work(lane: lane, claim: $0) }
        }
        guard !work.isEmpty else { return nil }
        return { [intoStream] in
            for item in work {
                item.lane.took(item.claim)
                intoStream.yield(item)
            }
        }
    }

    static let lookEvery: Duration = .seconds(1)

    /// Rows that wait for their time become due without any write: look once a lane's next row is due, and at
    /// least each second. A row that is put back for less than that is waited for by its own attempt.
    private func wakeWhenDue() async {
        while !Task.isCancelled {
            let now = time.now()
            var next = now + Self.lookEvery
            for lane in lanes {
                let admitted = lane.admitted
                if let due = try? await store.read({ try $0.nextDue(connector: lane.settings.name, admitted) }) {
                    next = min(next, due)
                }
            }
            let wait = max(next - now, .milliseconds(20))
            guard (try? await time.sleep(for: wait)) != nil else { return }
            if next <= time.now(), lanes.contains(where: { !$0.admitted.isEmpty }) { store.wakeClaimers() }
        }
    }

    private func attempt(_ work: Work) async {
        let lane = work.lane
        let claim = work.claim
        let start = time.uptime()
        let wire = lane.settings.makeWire()
        let result = await lane.carry(claim, over: leased(wire.wire), store: store)
        let latency = time.uptime() - start
        let verdict = Verdict.after(
            claim, result, isSearchable: lane.settings.connector.traits.isSearchable, policy: lane.settings.retry,
            unit: random.unit())
        let answer = Self.answer(claim, result, verdict: verdict, latency: latency, wire: wire)
        if await keepEnd(of: work, answer, verdict, result) { await lookForDoubles(claim, lane) }
        if let delay = verdict.delay, delay > .zero, delay < Self.lookEvery {
            guard (try? await time.sleep(for: delay)) != nil else { return }
            store.wakeClaimers()
        }
        if case .dead(let reason) = verdict {
            logger.error(
                "dead letter: \(reason)",
                metadata: ["reference": "\(claim.row.reference)", "connector": "\(lane.settings.name)"])
        }
    }

    /// Notes the end of an attempt. While the disk is full it is tried again, and the attempt keeps its place: what was
    /// not noted would count as under way until the next start.
    ///
    /// - Returns: whether it left, in spite of all, when its row was somebody else's.
    private func keepEnd(
        of work: Work, _ answer: AttemptAnswer, _ verdict: Verdict, _ result: Result<[Receipt], ConnectorError>
    ) async -> Bool {
        let (lane, claim) = (work.lane, work.claim)
        // Whether the place was given back in a transaction that failed after that.
        let ended = Mutex(false)
        @Sendable func set(_ new: Bool) -> Bool {
            ended.withLock { value in
                defer { value = new }
                return value
            }
        }
        var told: Verdict? = verdict
        while true {
            do {
                let isStray = try await store.write(seesEntries: false) { [told] transaction in
                    let held = try transaction.held(claim, withOrder: verdict.makesOrder(of: claim))
                    try transaction.answered(claim, answer, isLate: !held.isOwn)
                    if held.isOwn { try lane.settle(claim, held.order, verdict, result, in: transaction) }
                    let isStray = try !held.isOwn && !held.isOver && lane.late(claim, result, in: transaction)
                    // Within the transaction: the same commit hands out what comes next.
                    if !set(true) { lane.ended(claim, told) }
                    return isStray
                }
                if case .done = verdict, !isStray { lane.forget(claim) }
                return isStray
            } catch let error as StoreError where error.passes {
                if set(false) {
                    lane.took(claim)
                    told = nil
                }
                guard (try? await time.sleep(for: Self.lookEvery)) != nil else { return false }
            } catch {
                logger.error("an attempt's end could not be kept", metadata: ["error": "\(error)"])
                if !set(false) { lane.ended(claim, told) }
                return false
            }
        }
    }

    private static func answer(
        _ claim: Claim, _ result: Result<[Receipt], ConnectorError>, verdict: Verdict, latency: Duration,
        wire: AttemptWire
    ) -> AttemptAnswer {
        let outcome: String
        var detail: String?
        var remoteID: String?
        switch result {
        case .success(let receipts):
            remoteID = receipts.first?.remoteID
            outcome = claim.action == .send ? "done" : receipts.isEmpty ? "not-found" : "found"
        case .failure(let error):
            outcome = error.name
            detail = error.detail
        }
        return AttemptAnswer(
            outcome: outcome, status: wire.status(), latency: latency, remoteID: remoteID, detail: detail,
            exchanges: wire.exchanges())
    }
}
