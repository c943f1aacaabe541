import AndonModel

/// The time between the start of a simulated process and its death.
///
/// Who waits in it for a clock or for the network is woken at its end with an error; nothing that is done behind it leaves the
/// process. So its tasks end by themselves, as if they had never gone on.
// Touched on the schedule's thread alone.
final class Life: @unchecked Sendable {
    private(set) var isOver = false
    private var endings: [Int: () -> Void] = [:]
    private var numbers = 0

    /// - Parameter ending: runs where the process dies before `leave`.
    /// - Returns: the number to leave by.
    func enter(_ ending: @escaping () -> Void) -> Int {
        numbers += 1
        endings[numbers] = ending
        return numbers
    }

    /// False where that has happened.
    @discardableResult
    func leave(_ number: Int) -> Bool { endings.removeValue(forKey: number) != nil }

    func end() {
        isOver = true
        let all = endings.sorted { $0.key < $1.key }
        endings = [:]
        for (_, ending) in all { ending() }
    }
}

/// The clock of a simulated machine: what it shows jumps when somebody sets it, what it measures does not.
// Touched on the schedule's thread alone.
final class WallClock: @unchecked Sendable {
    /// Tuesday, 2026-11-24, at two in the night.
    static let start = Timestamp("2026-11-24T02:00:00Z") ?? Timestamp(microseconds: 0)

    var offset: Duration = .zero
}

/// Time as a process has it.
struct ProcessTime: TimeSource {
    let schedule: Schedule
    let clock: WallClock
    let life: Life

    func now() -> Timestamp { WallClock.start + schedule.uptime + clock.offset }

    func uptime() -> Duration { schedule.uptime }

    func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper(life: life)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled || life.isOver {
                    continuation.resume(throwing: CancellationError())
                } else {
                    sleeper.wait(continuation)
                    schedule.after(duration) { sleeper.wake() }
                }
            }
        } onCancel: {
            sleeper.cancel()
        }
    }

    // Touched on the schedule's thread alone.
    private final class Sleeper: @unchecked Sendable {
        private let life: Life
        private var place: Int?
        private var continuation: CheckedContinuation<Void, any Error>?

        init(life: Life) { self.life = life }

        func wait(_ continuation: CheckedContinuation<Void, any Error>) {
            self.continuation = continuation
            place = life.enter { [self] in end { $0.resume(throwing: CancellationError()) } }
        }

        func wake() { end { $0.resume() } }

        func cancel() { end { $0.resume(throwing: CancellationError()) } }

        private func end(_ how: (CheckedContinuation<Void, any Error>) -> Void) {
            guard let continuation else { return }
            self.continuation = nil
            if let place { life.leave(place) }
            how(continuation)
        }
    }
}

/// Time outside of the simulated machine, which nobody sets.
struct WorldTime: TimeSource {
    let schedule: Schedule

    func now() -> Timestamp { WallClock.start + schedule.uptime }

    func uptime() -> Duration { schedule.uptime }

    /// Nobody outside waits.
    func sleep(for duration: Duration) async throws { throw CancellationError() }
}
