import AndonModel
import AndonTesting
import Foundation

/// All that happens in a simulated world, one thing after the other on one thread: the jobs of its tasks, in an order that the
/// seed says, and when none is ready the next event of its clock.
///
/// Whether nothing is ready is known and not guessed: every task of the world prefers this executor, and a job that comes from
/// another thread ends the program, since it would make a run that its seed does not repeat.
// One thread alone touches what is in here; `enqueue` holds that against the thread that made it.
final class Schedule: TaskExecutor, @unchecked Sendable {
    private struct Event {
        var at: Duration
        var number: Int
        var body: () -> Void
    }

    private(set) var uptime: Duration = .zero
    private(set) var steps = 0
    private var ready: [UnownedJob] = []
    private var events: [Event] = []
    private var cancelled: Set<Int> = []
    private var numbers = 0
    private var random: SeededRandom
    private let thread = Thread.current

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func enqueue(_ job: consuming ExecutorJob) {
        precondition(Thread.current === thread, "a job of the simulated world came from another thread")
        ready.append(UnownedJob(job))
    }

    /// Starts a task of the world.
    func start(_ body: @escaping @Sendable () async -> Void) { Task(executorPreference: self) { await body() } }

    /// Runs `body` after a time.
    ///
    /// - Returns: its number, to cancel it by.
    @discardableResult
    func after(_ delay: Duration, _ body: @escaping () -> Void) -> Int {
        numbers += 1
        push(Event(at: uptime + max(delay, .zero), number: numbers, body: body))
        return numbers
    }

    func cancel(_ event: Int) { cancelled.insert(event) }

    /// Runs the next job or event; false where there is neither.
    func step() -> Bool {
        if !ready.isEmpty {
            steps += 1
            let next = ready.count == 1 ? 0 : random.int(0...ready.count - 1)
            ready.remove(at: next).runSynchronously(on: asUnownedTaskExecutor())
            return true
        }
        while let event = pop() {
            if cancelled.remove(event.number) != nil { continue }
            steps += 1
            uptime = event.at
            event.body()
            return true
        }
        return false
    }

    // MARK: A heap, the earliest first

    private func comes(_ first: Int, before second: Int) -> Bool {
        (events[first].at, events[first].number) < (events[second].at, events[second].number)
    }

    private func push(_ event: Event) {
        events.append(event)
        var child = events.count - 1
        while child > 0, comes(child, before: (child - 1) / 2) {
            events.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func pop() -> Event? {
        guard !events.isEmpty else { return nil }
        events.swapAt(0, events.count - 1)
        let first = events.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < events.count && comes(child, before: least) {
                least = child
            }
            guard least != parent else { return first }
            events.swapAt(parent, least)
            parent = least
        }
    }
}
