import CPQ
import Dispatch
import Foundation
import Synchronization

/// A PostgreSQL database: one connection writes, and several read.
///
/// **One writer.** Each transaction that writes first takes an advisory lock of the database, which goes with the
/// transaction: whoever has it is the only one that writes until the commit, so that the ledger stays one tree and what a
/// step decides rests on what is there. The database elects; a process that dies or is cut off loses the lock with its
/// connection, and so does one that says nothing for ten seconds. A server besides shares a lock with the others for as long as its connection lasts; who changes the tables'
/// shape needs it alone: no server works on tables of a later version than its own.
public final class PostgresEngine: DatabaseEngine {
    private let address: String
    private let schema: String
    private let readers: PostgresReaders
    private let writing: PostgresWriter

    static let readersMax = 4

    /// - Parameters:
    ///   - address: as libpq has it: `postgresql://user@host/database` or `host=… dbname=…`
    ///     (PostgreSQL's documentation, 34.1.1). A password belongs into the environment or a password file.
    ///   - schema: where the tables are; it is made where it is missing.
    ///   - isServer: whether this works on the tables for long: their shape stays while it has a connection that writes.
    public init(address: String, schema: String, isServer: Bool) {
        (self.address, self.schema) = (address, schema)
        readers = PostgresReaders(address: address, schema: schema)
        writing = PostgresWriter(
            PostgresConnection(address: address, schema: schema), schema: schema, isServer: isServer)
    }

    public var isShared: Bool { true }

    /// The hosts that an address names: none where it goes by a socket of this machine.
    ///
    /// - Throws: `DatabaseError` where it is none.
    public static func hosts(of address: String) throws -> [String] {
        let given = try options(of: address)
        let named = given["hostaddr"] ?? given["host"] ?? ProcessInfo.processInfo.environment["PGHOST"] ?? ""
        return named.split(separator: ",").map(String.init).filter { !$0.hasPrefix("/") && !$0.hasPrefix("@") }
    }

    /// What an address says, by libpq's keywords.
    ///
    /// - Throws: `DatabaseError` where it is none.
    public static func options(of address: String) throws -> [String: String] {
        var words: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(address, &words) else {
            let message = words.map { PostgresConnection.trimmed(String(cString: $0)) } ?? "it cannot be read"
            PQfreemem(words)
            throw DatabaseError(kind: .unreachable, message: "the database's address is none: \(message)")
        }
        defer { PQconninfoFree(options) }
        var given: [String: String] = [:]
        var place = options
        while let keyword = place.pointee.keyword {
            if let value = place.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            place += 1
        }
        return given
    }

    // MARK: Reading

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let readers = readers
        return try await withCheckedThrowingContinuation { continuation in
            readers.queue.async { continuation.resume(with: Result { try readers.snapshot(body) }) }
        }
    }

    public func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value { try readers.snapshot(body) }

    // MARK: Writing

    public func asyncWrite(_ body: @escaping @Sendable (any DatabaseWriter) -> Void) {
        let writing = writing
        writing.queue.async { body(writing) }
    }

    public func writeNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try writing.queue.sync {
            var value: Value?
            try writing.inTransaction { value = try body($0) }
            guard let value else { throw DatabaseError(kind: .other, message: "a transaction ended without a value") }
            return value
        }
    }

    public func migrate(_ steps: [DatabaseStep]) throws {
        try writing.queue.sync {
            try writing.makeSchema()
            try writing.inTransaction { db in
                try db.runScript(
                    """
                    CREATE TABLE IF NOT EXISTS andon_step (
                        name TEXT PRIMARY KEY, number BIGINT GENERATED ALWAYS AS IDENTITY);
                    \(PostgresFunctions.script)
                    """)
                let applied: [String] = try db.values("SELECT name FROM andon_step ORDER BY number")
                guard Set(applied).isSubset(of: steps.map(\.name)) else {
                    throw DatabaseError(kind: .newer, message: "the database has tables of a newer version")
                }
                let missing = steps.filter { !applied.contains($0.name) }
                if !missing.isEmpty { try writing.demandAlone() }
                for step in missing {
                    try db.runScript(PostgresSteps.script(step.sql))
                    try db.run("INSERT INTO andon_step (name) VALUES (?)", [step.name])
                }
                try db.runScript(PostgresSteps.planOnce)
            }
            try writing.joinOthers()
        }
    }

    /// PostgreSQL keeps its files small by itself (autovacuum).
    public func maintain() async throws {}

    public func close() throws {
        writing.close()
        readers.close()
    }

    /// The number of the lock by which the writer is elected, from the schema's name (FNV-1a, 63 bits).
    static func lock(_ schema: String, _ purpose: String = "") -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "andon/\(schema)\(purpose)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(hash >> 1)
    }
}

/// The connections that read.
final class PostgresReaders: Sendable {
    private let address: String
    private let schema: String
    let queue = DispatchQueue(label: "andon.postgres.readers", attributes: .concurrent)
    /// One for each connection that may be taken.
    private let free: DispatchSemaphore
    private let idle = Mutex<[Idle]>([])

    /// Nobody has it: whoever takes it is the only one.
    private struct Idle: @unchecked Sendable {
        // Moved from one taker to the next under the lock, and never used while it is here.
        let connection: PostgresConnection
    }

    init(address: String, schema: String) {
        (self.address, self.schema) = (address, schema)
        free = DispatchSemaphore(value: 0)
        for _ in 0..<PostgresEngine.readersMax { free.signal() }
    }

    func close() { idle.withLock { $0 = [] } }

    func snapshot<Value>(_ body: (Database) throws -> Value) throws -> Value {
        free.wait()
        defer { free.signal() }
        let taken =
            idle.withLock { $0.popLast() } ?? Idle(connection: PostgresConnection(address: address, schema: schema))
        defer { if taken.connection.isOpen { idle.withLock { $0.append(taken) } } }
        return try read(taken.connection, body)
    }

    private func read<Value>(_ connection: PostgresConnection, _ body: (Database) throws -> Value) throws -> Value {
        let wasOpen = connection.isOpen
        do { return try readOnce(connection, body) } catch {
            // One that was idle may have been left by the server meanwhile: that shows before anything is answered.
            guard wasOpen, !connection.isOpen, !connection.hasAnswered else { throw error }
            return try readOnce(connection, body)
        }
    }

    private func readOnce<Value>(_ connection: PostgresConnection, _ body: (Database) throws -> Value) throws -> Value {
        try connection.open()
        do { try connection.beginReading() } catch {
            connection.close()
            throw error
        }
        defer { connection.endReading() }
        return try body(
            PostgresDatabase(
                connection,
                share: { [address, schema] in
                    guard let name = try connection.script("SELECT pg_export_snapshot()").text(0, 0) else {
                        throw DatabaseError(kind: .other, message: "the server exports no snapshot")
                    }
                    return SharedSnapshot(address: address, schema: schema, name: name)
                }))
    }
}

/// Connections of their own to the snapshot of another.
private struct SharedSnapshot: DatabaseReaders {
    let address: String
    let schema: String
    let name: String

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let connection = PostgresConnection(address: address, schema: schema)
        defer { connection.close() }
        try connection.open()
        try connection.script(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '\(name)'")
        return try body(PostgresDatabase(connection))
    }
}
