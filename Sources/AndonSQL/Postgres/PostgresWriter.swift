import Dispatch
import Foundation
import Synchronization

/// The connection that writes, and the thread that has it.
///
/// **Whether a commit happened** whose answer did not come is in a row of this writer's own: each transaction that changes
/// anything leaves its number there. The number that PostgreSQL gives a transaction would not do: after a crash it can give it
/// again, as its log has nothing of what was never flushed, and `pg_xact_status` then speaks of somebody else's.
///
/// Each has a row of its own, and the old ones go many at a time: one row that is written again and again has all of its
/// former versions for as long as somebody reads a snapshot, and each commit would walk along them.
final class PostgresWriter: DatabaseWriter, @unchecked Sendable {
    // Everything here is used on `queue` alone, which does one thing after the other, but for what is atomic.
    let queue = DispatchQueue(label: "andon.postgres.writer")
    private let connection: PostgresConnection
    private let schema: String
    private let isServer: Bool
    /// Whether the tables have the shape that this knows.
    private var hasMigrated = false
    private(set) var isInTransaction = false
    /// Whose row is whose: another writer of this process has another name.
    private let name = UUID().uuidString.lowercased()
    /// The last transaction that was to be committed.
    private var turn: Int64 = 0
    private let isClosing = Atomic(false)

    /// How long the database waits for the next word of a transaction that writes; then it is undone.
    private static let stillMax = "10s"
    /// Tenths of a second in which another server may be going.
    private static let patience = 50
    /// Between two looks at a commit whose answer did not come, in seconds.
    private static let pause = 1.0
    /// Numbers of transactions that go at a time.
    private static let turnsMax: Int64 = 1000

    init(_ connection: PostgresConnection, schema: String, isServer: Bool) {
        (self.connection, self.schema, self.isServer) = (connection, schema, isServer)
    }

    /// Opens the connection where it is not open, as one of the servers.
    private func open() throws {
        guard !connection.isOpen else { return }
        try connection.open()
        // Who stops, or is cut off, in the middle of a transaction must not keep all others from writing.
        try connection.script(
            """
            SET idle_in_transaction_session_timeout = '\(Self.stillMax)';
            SET tcp_user_timeout = '\(Self.stillMax)';
            SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3
            """)
        if isServer, hasMigrated { try take("pg_try_advisory_lock_shared") }
    }

    /// From here on nobody changes the tables' shape while this has its connection.
    func joinOthers() throws {
        hasMigrated = true
        if isServer { try take("pg_try_advisory_lock_shared") }
    }

    /// Until the end of the transaction no server works on the tables. Without one that does, others that begin wait for
    /// this transaction before they say that they work.
    func demandAlone() throws { try take("pg_try_advisory_xact_lock") }

    private func take(_ function: String) throws {
        // The server may not have noticed yet that one before is gone.
        for attempt in 0..<Self.patience {
            if attempt > 0 { Thread.sleep(forTimeInterval: 0.1) }
            let lock = PostgresEngine.lock(schema, "/server")
            if try connection.script("SELECT \(function)(\(lock))").text(0, 0) == "t" { return }
        }
        connection.close()
        throw DatabaseError(
            kind: .inUse,
            message: "a server of another version works on the schema \(schema): end all of them first")
    }

    /// Waits for what was begun, though not for a database that does not come back.
    func close() {
        isClosing.store(true, ordering: .relaxed)
        queue.sync { connection.close() }
    }

    func makeSchema() throws {
        try begin()
        do {
            // What a writer that is gone has left: nobody asks for a commit after so long.
            try connection.script(
                """
                CREATE SCHEMA IF NOT EXISTS "\(schema)";
                CREATE TABLE IF NOT EXISTS "\(schema)".andon_writer (
                    writer TEXT NOT NULL, turn BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now(),
                    PRIMARY KEY (writer, turn));
                DELETE FROM "\(schema)".andon_writer WHERE at < now() - INTERVAL '30 days';
                COMMIT
                """)
        } catch {
            undo()
            throw error
        }
    }

    // MARK: Transactions

    func inTransaction(_ body: (Database) throws -> Void, inDoubt: (DatabaseError) -> Void) throws {
        try begin()
        isInTransaction = true
        defer { isInTransaction = false }
        let database = PostgresDatabase(connection)
        do {
            try body(database)
            if database.changes > 0 { try takeTurn() }
        } catch {
            // Where the connection is gone, so is the transaction: nothing of it was committed.
            _ = try? connection.settle()
            undo()
            throw error
        }
        do { try connection.commit() } catch {
            // A statement that was posted before it failed: the commit did not happen.
            if connection.hasGivenUp {
                undo()
                throw error
            }
            guard try hasCommitted(after: error, inDoubt) else { throw error }
        }
    }

    private func undo() {
        if (try? connection.script("ROLLBACK")) == nil { connection.close() }
    }

    /// Begins a transaction that writes.
    ///
    /// A connection that was idle may have been left by the server meanwhile: that shows here, where nothing is lost
    /// yet, and another one is opened once.
    private func begin() throws {
        for isLast in [false, true] {
            do {
                try open()
                try beginAlone()
                return
            } catch let error as DatabaseError {
                // Also where it is there: what it began must not go on.
                connection.close()
                guard !isLast, error.kind == .unreachable else { throw error }
            }
        }
    }

    /// Waits for its turn to write: behind it nobody else's transaction is under way.
    private func beginAlone() throws {
        try connection.script("BEGIN; SELECT pg_advisory_xact_lock(\(PostgresEngine.lock(schema)))")
    }

    /// Goes along with the commit.
    private func takeTurn() throws {
        turn += 1
        try connection.post("INSERT INTO andon_writer (writer, turn) VALUES ($1, $2)", [.text(name), .integer(turn)])
        guard turn.isMultiple(of: Self.turnsMax) else { return }
        // No further back than where the last one began: what is gone is still in the index for who reads a snapshot.
        try connection.post(
            "DELETE FROM andon_writer WHERE writer = $1 AND turn >= $2 AND turn < $3",
            [.text(name), .integer(turn - 2 * Self.turnsMax), .integer(turn - Self.turnsMax)])
    }

    /// Asks whether the commit happened whose answer did not come, for as long as the database does not say. The lock is had
    /// only when the transaction that it was asked of is over, and its number is then there or is not.
    private func hasCommitted(after error: any Error, _ inDoubt: (DatabaseError) -> Void) throws -> Bool {
        while !isClosing.load(ordering: .relaxed) {
            connection.close()
            do {
                try open()
                try beginAlone()
                let found = try connection.execute(
                    "SELECT 1 FROM andon_writer WHERE writer = $1 AND turn = $2", [.text(name), .integer(turn)])
                undo()
                return found.count > 0
            } catch let error as DatabaseError {
                inDoubt(DatabaseError(kind: .unreachable, message: error.message))
            }
            Thread.sleep(forTimeInterval: Self.pause)
        }
        throw DatabaseError(
            kind: .other,
            message: "the database left while it committed, and did not say whether it did before this was ended"
        )
    }

    func maintainIfNeeded() {}
}
