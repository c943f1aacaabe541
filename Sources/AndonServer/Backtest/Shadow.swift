import AndonConfiguration
import AndonDecide
import AndonLedger
import AndonModel
import Logging
import Synchronization

/// A candidate's rules beside those in force: it sees what they see, a few seconds later, and only counts.
///
/// It reads the store from a thread of its own and is no part of taking a report in. What it has counted is not kept:
/// after a restart it goes through the past once more, from `since` on.
final class Shadow: Sendable {
    private let store: Store
    private let logger: Logger
    private let state = Mutex(State())
    /// One step at a time: the feed is taken out and put back.
    private let stepping = AsyncGate()

    private struct State {
        var candidate: Candidate?
        var feed: HistoryFeed?
        var failure: String?
    }

    private struct Candidate {
        var settings: ShadowSettings
        var plant: Plant
        var digest: String
    }

    /// Between two looks at the store.
    static let every = Duration.seconds(5)

    init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Puts a candidate in the shadow, or takes it out. The same rules for the same period go on counting.
    func put(_ settings: ShadowSettings?, plant: Plant) {
        state.withLock { state in
            let candidate = settings.map {
                Candidate(settings: $0, plant: plant, digest: Hex.sha256($0.rules.json.canonicalBytes))
            }
            let isSame =
                candidate?.digest == state.candidate?.digest
                && candidate?.settings.since == state.candidate?.settings.since
            state.candidate = candidate
            if !isSame { (state.feed, state.failure) = (nil, nil) }
        }
    }

    func run() async {
        while !Task.isCancelled {
            do {
                try await step()
                state.withLock { $0.failure = nil }
            } catch is CancellationError {
                return
            } catch {
                logger.error("the shadow rules could not go on", metadata: ["error": "\(error)"])
                state.withLock { $0.failure = "\(error)" }
            }
            guard (try? await store.time.sleep(for: Self.every)) != nil else { return }
        }
    }

    /// Goes on to all that is in the store now.
    func step() async throws {
        try await stepping.pass {
            guard let candidate = self.state.withLock({ $0.candidate }) else { return }
            let feed = try await self.advanced(candidate, self.state.withLock { $0.feed })
            self.state.withLock { state in
                // Others may have been put in its place meanwhile.
                guard state.candidate?.digest == candidate.digest,
                    state.candidate?.settings.since == candidate.settings.since
                else { return }
                state.feed = feed
            }
        }
    }

    private func advanced(_ candidate: Candidate, _ feed: HistoryFeed?) async throws -> HistoryFeed {
        let since: Timestamp
        if let feed {
            since = feed.from
        } else if let stated = candidate.settings.since {
            since = stated
        } else {
            let digest = candidate.digest
            since = try await store.write { try $0.shadow(digest) }
        }
        return try await store.read { reader in
            var feed =
                try feed
                ?? HistoryFeed(rules: candidate.settings.rules, plant: candidate.plant, from: since, to: since, reader)
            try feed.advance(reader)
            return feed
        }
    }

    /// What it has counted so far; nil without a candidate.
    func report() async throws -> JSON? {
        guard let digest = state.withLock({ $0.candidate?.digest }) else { return nil }
        if state.withLock({ $0.feed == nil }) { try await step() }
        let (feed, failure) = state.withLock { ($0.feed, $0.failure) }
        guard let feed else { return nil }
        let now = store.time.now()
        let report = try await store.read { try Backtest.report(feed, to: now, $0) }
        return .object(present: [
            "candidate": .string(digest), "report": report.json, "failure": failure.map { .string($0) },
        ])
    }
}
