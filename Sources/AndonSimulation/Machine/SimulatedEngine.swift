import AndonSQL

/// The store's own engine on a simulated disk. What the real one does on threads of its own happens here as an event of the
/// schedule, so that it happens in the order that the seed says.
// Touched on the schedule's thread alone.
final class SimulatedEngine: DatabaseEngine, @unchecked Sendable {
    /// What the world wants to be told, and what a mutant does.
    struct Hooks {
        /// How long a commit takes.
        var latency: () -> Duration
        /// Before each commit; what it writes is part of it.
        var beforeCommit: ((Database) throws -> Void)?
        /// Of a commit in doubt: what is made of whether it happened.
        var believes: (_ isDone: Bool) -> Bool = { $0 }
        /// When the writer has done what there was to do: whether anything new was committed.
        var written: (_ isCommitted: Bool) -> Void
    }

    private let real: SQLiteEngine
    private let schedule: Schedule
    private let life: Life
    private let database: SimulatedDatabase
    private let hooks: Hooks
    private var isCommitted = false

    init(path: String, schedule: Schedule, life: Life, database: SimulatedDatabase, hooks: Hooks) throws {
        real = try SQLiteEngine(path: path, isReadOnly: false)
        (self.schedule, self.life, self.database, self.hooks) = (schedule, life, database, hooks)
    }

    private func live() throws {
        if life.isOver { throw DatabaseError(kind: .other, message: "the process is dead") }
        try database.answer()
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try readNow(body)
    }

    func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try live()
        return try real.readNow(body)
    }

    func asyncWrite(_ body: @escaping @Sendable (any DatabaseWriter) -> Void) {
        schedule.after(life.isOver ? .zero : hooks.latency()) { [self] in
            isCommitted = false
            real.writeInPlace { body(Writer(real: $0, engine: self)) }
            if !life.isOver { hooks.written(isCommitted) }
        }
    }

    func writeNow<Value>(_ body: (Database) throws -> Value) throws -> Value { try real.writeNow(body) }

    var isShared: Bool { false }

    func migrate(_ steps: [DatabaseStep]) throws {
        try database.answer()
        try real.migrate(steps)
    }

    func maintain() async throws {
        guard !life.isOver else { return }
        try real.maintainInPlace()
        hooks.written(false)
    }

    func close() throws { try real.close() }

    private struct Writer: DatabaseWriter {
        let real: any DatabaseWriter
        let engine: SimulatedEngine

        func inTransaction(_ body: (Database) throws -> Void, inDoubt: (DatabaseError) -> Void) throws {
            try engine.live()
            var isChanged = false
            var leaving: Plan.Leaving?
            do {
                try real.inTransaction { db in
                    let before: Int64 = try db.value("SELECT total_changes()") ?? 0
                    try body(db)
                    try engine.hooks.beforeCommit?(db)
                    // A batch without a write says that it was there, in the ledger's head, and nothing else.
                    isChanged = try (db.value("SELECT total_changes()") ?? 0) - before > 1
                    if isChanged { leaving = engine.database.commits() }
                    if let leaving, !leaving.isDone { throw Left() }
                }
            } catch is Left {}
            if let leaving {
                engine.database.leave(leaving, engine.life, inDoubt: inDoubt)
                try engine.live()
                guard engine.hooks.believes(leaving.isDone) else { throw Left().error }
            }
            if isChanged { engine.isCommitted = true }
        }

        /// The database undid the transaction.
        private struct Left: Error {
            var error: DatabaseError {
                DatabaseError(kind: .unreachable, message: "the database left while it committed")
            }
        }

        var isInTransaction: Bool { real.isInTransaction }

        func maintainIfNeeded() throws { try real.maintainIfNeeded() }
    }
}
