import AndonLedger
import AndonModel
import Logging
import ServiceLifecycle

/// Follows the store for all who watch the page Now: it is read once for all of them, when something was written, and what
/// is new goes into the queue of each. Nothing is read while nobody watches.
actor NowFeed {
    enum Message: Sendable {
        case change(NowChange)
        /// All up to here was told; comes also when nothing happens, so that both sides know that the other is there.
        case beat(NowPlace)
    }

    /// What somebody who begins to watch has to do: show what was missed, then follow the queue.
    struct Subscription: Sendable {
        var id: Int
        /// What happened between the place that was asked for and the begin of the queue.
        var missed: NowChange
        var messages: AsyncStream<Message>
        /// Ends the queue.
        var end: @Sendable () -> Void
    }

    enum Begin: Sendable {
        case following(Subscription)
        /// Too much was missed: the page is to be read anew.
        case tooFarBehind
    }

    private let store: Store
    private let subscribersMax: Int
    private let queueMax: Int
    private var place = NowPlace(detection: 0, entry: 0)
    private var subscribers: [Int: AsyncStream<Message>.Continuation] = [:]
    /// Those whose queue was full.
    private var slow: Set<Int> = []
    private var nextID = 0
    private var summaries: [Set<String>: Summary] = [:]

    private struct Summary {
        var readAt: Duration
        var task: Task<FlowSummary, any Error>
    }

    /// Streams that are open at once.
    static let subscribersMax = 200
    /// Messages that wait for one client at most. A message is what one look found.
    static let queueMax = 64
    /// Looks are no closer than this, so that a burst is one message.
    static let pace: Duration = .milliseconds(100)
    static let beatEvery: Duration = .seconds(15)
    private static let summaryAge: Duration = .seconds(5)
    private static let summariesMax = 100

    init(store: Store, subscribersMax: Int = NowFeed.subscribersMax, queueMax: Int = NowFeed.queueMax) {
        self.store = store
        self.subscribersMax = subscribersMax
        self.queueMax = queueMax
    }

    /// How many watch.
    var count: Int { subscribers.count }

    /// - Throws: ``Problem`` 503 when as many watch as may.
    func demandRoom() throws {
        guard subscribers.count < subscribersMax else { throw Self.tooMany(subscribersMax) }
    }

    // MARK: Who watches

    /// - Parameter start: up to where the caller has shown everything; nil for now.
    /// - Throws: ``Problem`` 503 when too many watch.
    func subscribe(from start: NowPlace?) async throws -> Begin {
        if subscribers.isEmpty {
            let head = try await store.read { try NowPlace($0) }
            // Nobody else began in the meantime: what was not told to anybody need not be told.
            if subscribers.isEmpty, head.isAhead(of: place) { place = head }
        }
        // A page that was just read may be a little ahead of the last look.
        if let start, start.isAhead(of: place) { try await look(always: true) }
        try demandRoom()
        let subscription = register()
        let (from, to) = (start ?? place, place)
        do {
            // The queue holds what happens from here on, so nothing is lost while this is read. What was written while
            // nobody watched rang for nobody.
            try await look()
            guard let missed = try await store.read({ try NowChange($0, from: from, to: to) }) else {
                leave(subscription.id)
                return .tooFarBehind
            }
            return .following(
                Subscription(
                    id: subscription.id, missed: missed, messages: subscription.messages, end: subscription.end))
        } catch {
            leave(subscription.id)
            throw error
        }
    }

    private func register() -> (id: Int, messages: AsyncStream<Message>, end: @Sendable () -> Void) {
        let (messages, queue) = AsyncStream<Message>.makeStream(bufferingPolicy: .bufferingOldest(queueMax))
        nextID += 1
        subscribers[nextID] = queue
        return (nextID, messages, { queue.finish() })
    }

    /// - Returns: whether the client was too slow for its queue, and has to read the page anew.
    @discardableResult
    func leave(_ id: Int) -> Bool {
        subscribers.removeValue(forKey: id)?.finish()
        return slow.remove(id) != nil
    }

    private static func tooMany(_ max: Int) -> Problem {
        Problem(
            status: 503, type: "too-many-streams", title: "Too many pages watch at once",
            detail: "\(max) pages are open that show what comes in. Close some; this one can be reloaded by hand.")
    }

    private func tell(_ message: Message) {
        for (id, queue) in subscribers {
            switch queue.yield(message) {
            case .enqueued: continue
            case .dropped:
                slow.insert(id)
                subscribers[id] = nil
                queue.finish()
            default: subscribers[id] = nil
            }
        }
    }

    // MARK: Looking

    /// Reads what is new, and tells it to all. May be called by several at once: what one has read no other tells again.
    ///
    /// - Parameter always: also when nobody watches yet.
    func look(always: Bool = false) async throws {
        while always || !subscribers.isEmpty {
            let from = place
            let (to, change) = try await store.read { reader in
                let to = try NowPlace(reader)
                return (to, try NowChange(reader, from: from, to: to))
            }
            // Another look was faster, or everybody left and somebody new began.
            guard place == from else { continue }
            place = to
            guard let change else { return dismissAll() }
            if change.hasAlarms { summaries.removeAll() }
            if !change.isEmpty { tell(.change(change)) }
            return
        }
    }

    /// More happened than can be told: all read their page anew.
    private func dismissAll() {
        slow.formUnion(subscribers.keys)
        close()
    }

    /// Ends all queues.
    func close() {
        for queue in subscribers.values { queue.finish() }
        subscribers = [:]
    }

    func beat() { tell(.beat(place)) }

    /// The figures of the last hour, a few seconds old at most; read once for all who see the same part of the plant.
    func summary(hiding hidden: Set<String>) async throws -> FlowSummary {
        let now = store.time.uptime()
        if let kept = summaries[hidden], now - kept.readAt < Self.summaryAge { return try await kept.task.value }
        if summaries.count >= Self.summariesMax { summaries.removeAll() }
        let since = store.time.now() - .seconds(3600)
        let task = Task { [store] in try await store.read { try $0.flowSummary(since: since, hiding: hidden) } }
        summaries[hidden] = Summary(readAt: now, task: task)
        do {
            return try await task.value
        } catch {
            summaries[hidden] = nil
            throw error
        }
    }
}

/// Looks whenever something was written to the store, and beats.
struct NowService: Service {
    let feed: NowFeed
    let store: Store
    let logger: Logger

    func run() async throws {
        let (news, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        store.addClaimer { _ in
            let ring: @Sendable () -> Void = { bell.yield() }
            return ring
        }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await follow(news) }
                group.addTask { await beat() }
            }
        }
        bell.finish()
        await feed.close()
    }

    private func follow(_ news: AsyncStream<Void>) async {
        var wasWell = true
        for await _ in news {
            do {
                try await feed.look()
                wasWell = true
            } catch {
                // Said once, and not with every look.
                if wasWell { logger.error("what comes in cannot be shown", metadata: ["error": "\(error)"]) }
                wasWell = false
            }
            guard (try? await store.time.sleep(for: NowFeed.pace)) != nil else { return }
        }
    }

    private func beat() async {
        while (try? await store.time.sleep(for: NowFeed.beatEvery)) != nil { await feed.beat() }
    }
}
