import AndonModel
import Synchronization

/// A clock that stands still until the test moves it; sleepers wake when it passes their time.
public final class TestTime: TimeSource {
    private struct State {
        var now: Timestamp
        var uptime: Duration = .zero
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
    }

    private struct Sleeper {
        var until: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let state: Mutex<State>

    public init(_ now: Timestamp = Timestamp("2026-11-24T02:00:00Z") ?? Timestamp(microseconds: 0)) {
        state = Mutex(State(now: now))
    }

    public func now() -> Timestamp { state.withLock { $0.now } }
    public func uptime() -> Duration { state.withLock { $0.uptime } }

    /// How many tasks sleep now.
    public var sleeping: Int { state.withLock { $0.sleepers.count } }

    public func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock { state in
                    if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else if duration <= .zero {
                        continuation.resume()
                    } else {
                        state.sleepers[id] = Sleeper(until: state.uptime + duration, continuation: continuation)
                    }
                }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves both the time of day and the uptime on.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            state.uptime += duration
            let due = state.sleepers.filter { $0.value.until <= state.uptime }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.until < $1.until }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Sets the time of day alone, as an administrator does.
    public func set(_ now: Timestamp) {
        state.withLock { $0.now = now }
    }
}

/// A clock on which a sleep takes no time and moves it on.
public final class LeapingTime: TimeSource {
    public static let start = Timestamp(microseconds: 1_800_000_000_000_000)
    private let passed = Mutex(Duration.zero)

    public init() {}

    public func now() -> Timestamp { Self.start + uptime() }
    public func uptime() -> Duration { passed.withLock { $0 } }

    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        passed.withLock { $0 += duration }
        await Task.yield()
    }
}
