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
        /// When the writer has done what there was to do: whether anything new was committed.
        var written: (_ isCommitted: Bool) -> Void
    }

    private let real: SQLiteEngine
    private let schedule: Schedule
    private let life: Life
    private let hooks: Hooks
    private var isCommitted = false

    init(path: String, schedule: Schedule, life: Life, hooks: Hooks) throws {
        real = try SQLiteEngine(path: path, isReadOnly: false)
        (self.schedule, self.life, self.hooks) = (schedule, life, hooks)
    }

    private func live() throws {
        if life.isOver { throw DatabaseError(kind: .other, message: "the process is dead") }
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

    func migrate(_ steps: [DatabaseStep]) throws { try real.migrate(steps) }

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
            var changes: Int64 = 0
            try real.inTransaction { db in
                let before: Int64 = try db.value("SELECT total_changes()") ?? 0
                try body(db)
                try engine.hooks.beforeCommit?(db)
                changes = try (db.value("SELECT total_changes()") ?? 0) - before
            }
            // A batch without a write says that it was there, in the ledger's head, and nothing else.
            if changes > 1 { engine.isCommitted = true }
        }

        var isInTransaction: Bool { real.isInTransaction }

        func maintainIfNeeded() throws { try real.maintainIfNeeded() }
    }
}
