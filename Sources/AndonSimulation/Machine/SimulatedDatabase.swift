import AndonModel
import AndonSQL

/// The database as a server of its own, as PostgreSQL is one: it leaves, also in the middle of a commit, and comes back.
// Touched on the schedule's thread alone.
final class SimulatedDatabase: @unchecked Sendable {
    private let schedule: Schedule
    private var awayUntil: Duration = .zero
    private var armed: (leaving: Plan.Leaving, commits: Int)?
    private var isObserved = false
    /// Whether somebody waits to hear whether a commit happened.
    private(set) var isInDoubt = false
    /// When it leaves.
    var left: (Plan.Leaving) -> Void = { _ in }

    init(schedule: Schedule) { self.schedule = schedule }

    /// What the world plans for it: at once, or with one of the next commits.
    func plan(_ leaving: Plan.Leaving) {
        guard let commit = leaving.commit else { return leave(leaving) }
        armed = (leaving, commit)
    }

    private func leave(_ leaving: Plan.Leaving) {
        awayUntil = schedule.uptime + leaving.lasting
        left(leaving)
    }

    /// From here on it is there, and stays.
    func heal() {
        armed = nil
        awayUntil = schedule.uptime
    }

    private var isAway: Bool { schedule.uptime < awayUntil }

    private var words: DatabaseError { DatabaseError(kind: .unreachable, message: "the database is away") }

    /// - Throws: where it is away, for everybody but who looks on from outside.
    func answer() throws {
        if isAway, !isObserved { throw words }
    }

    /// What the judge sees is there whether it answers or not.
    func observed<Value>(_ body: () throws -> Value) rethrows -> Value {
        isObserved = true
        defer { isObserved = false }
        return try body()
    }

    /// Of a transaction that is about to be committed: how the database leaves with it, if it does.
    func commits() -> Plan.Leaving? {
        guard let (leaving, commits) = armed else { return nil }
        armed = commits > 1 ? (leaving, commits - 1) : nil
        return commits > 1 ? nil : leaving
    }

    /// Leaves, and lets the world go on while the process waits to hear whether its commit happened.
    func leave(_ leaving: Plan.Leaving, _ life: Life, inDoubt: (DatabaseError) -> Void) {
        leave(leaving)
        isInDoubt = true
        defer { isInDoubt = false }
        while isAway, !life.isOver {
            inDoubt(words)
            let pause = Pause()
            schedule.after(min(.seconds(1), awayUntil - schedule.uptime)) { pause.isOver = true }
            while !pause.isOver, !life.isOver, schedule.step() {}
        }
    }

    private final class Pause { var isOver = false }
}
