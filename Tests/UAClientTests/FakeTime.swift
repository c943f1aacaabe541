import Synchronization
import UACodec

@testable import UAClient

/// A clock that goes only when the test says so, and a die that always shows the same.
final class FakeTime: Sendable {
    private struct State {
        var now: Duration = .zero
        var sleepers: [(id: Int, until: Duration, continuation: CheckedContinuation<Void, any Error>)] = []
        var next = 0
        var waits: [Duration] = []
    }

    private let state = Mutex(State())

    func clientTime(random: Double) -> ClientTime {
        ClientTime(
            now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) }, random: { random },
            wall: { DateTime(unixMicroseconds: 1_767_225_600_000_000) })
    }

    /// All waits that were begun, in order.
    var waits: [Duration] { state.withLock { $0.waits } }

    private func sleep(_ duration: Duration) async throws {
        let id = state.withLock { state in
            state.next += 1
            state.waits.append(duration)
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    guard !Task.isCancelled else { return true }
                    state.sleepers.append((id, state.now + duration, continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0).continuation }
            }
            sleeper?.resume(throwing: CancellationError())
        }
    }

    /// Lets the time pass up to the next sleeper's end, or that much.
    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            defer { state.sleepers.removeAll { $0.until <= state.now } }
            return state.sleepers.filter { $0.until <= state.now }.map(\.continuation)
        }
        for sleeper in woken { sleeper.resume() }
    }
}

/// Lets the other tasks run until the condition holds; false where it does not within many turns.
func until(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<200_000 {
        if await condition() { return true }
        await Task.yield()
    }
    return false
}
