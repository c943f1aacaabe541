import Foundation
import GRDB
import Synchronization

/// One SQLite file in write-ahead mode: a writer, readers beside it, and what folds the log into the file.
public final class SQLiteEngine: DatabaseEngine {
    private let path: String
    let pool: DatabasePool
    /// Folds the log into the database, beside the writer; nil where nothing is written.
    private let folding: DatabaseQueue?

    private let log: LogKeeping

    /// The log is synced at each commit.
    private static let durable = "PRAGMA synchronous = FULL"

    /// - Parameters:
    ///   - isReadOnly: another process may be writing the file.
    ///   - logBytesMax: the write-ahead log is folded into the database in the background; beyond this size the writer does
    ///     it, where nobody reads.
    public init(path: String, isReadOnly: Bool, logBytesMax: Int = 64 << 20) throws {
        self.path = path
        log = LogKeeping(path: path + "-wal", bytesMax: logBytesMax)
        let configuration = Self.configuration(isReadOnly: isReadOnly)
        let pool = try translated { try DatabasePool(path: path, configuration: configuration) }
        self.pool = pool
        // A pool that writes chooses NORMAL by itself, behind what the configuration says: then a commit is not on the disk.
        if !isReadOnly {
            try translated {
                try pool.writeWithoutTransaction { db in
                    try db.execute(sql: Self.durable)
                    try SQLiteLog.rewrite(db)
                    SQLiteLog.setFoldsOnClose(db, true)
                }
            }
        }
        // The pool's readers may not fold, and its writer would hold every write up while the disk syncs.
        folding = isReadOnly ? nil : try translated { try DatabaseQueue(path: path, configuration: configuration) }
    }

    private static func configuration(isReadOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(busySeconds)
        configuration.readonly = isReadOnly
        configuration.prepareDatabase { db in
            if !isReadOnly {
                if !db.configuration.readonly { SQLiteLog.setFoldsOnClose(db, false) }
                try db.execute(sql: "\(Self.durable); PRAGMA wal_autocheckpoint = 0")
            }
            // KiB of pages in memory: the writer's working set, and little for each of the readers.
            let cache = db.configuration.readonly ? 4000 : 16_000
            try db.execute(sql: "PRAGMA cache_size = -\(cache); PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    public var isShared: Bool { false }

    public func migrate(_ steps: [DatabaseStep]) throws {
        var migrator = DatabaseMigrator()
        for step in steps { migrator.registerMigration(step.name) { try $0.execute(sql: step.sql) } }
        try translated {
            guard try !pool.read({ try migrator.hasBeenSuperseded($0) }) else {
                throw DatabaseError(kind: .newer, message: "the file has tables of a newer version")
            }
            try migrator.migrate(pool)
        }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do { return try await pool.read { try body(SQLiteDatabase($0)) } } catch { throw SQLiteDatabase.error(error) }
    }

    public func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try translated { try pool.read { try body(SQLiteDatabase($0)) } }
    }

    public func writeNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try translated { try pool.write { try body(SQLiteDatabase($0)) } }
    }

    public func asyncWrite(_ body: @escaping @Sendable (any DatabaseWriter) -> Void) {
        pool.asyncWriteWithoutTransaction { body(Writer(db: $0, log: self.log)) }
    }

    /// The same on the caller's thread, which waits: for whoever says himself whose turn it is.
    public func writeInPlace(_ body: (any DatabaseWriter) -> Void) {
        pool.writeWithoutTransaction { body(Writer(db: $0, log: log)) }
    }

    /// A passive checkpoint takes no lock from anyone, and runs on a connection of its own.
    public func maintain() async throws {
        _ = try await folding?.writeWithoutTransaction { try Self.fold($0, .passive) }
    }

    /// The same on the caller's thread, which waits.
    public func maintainInPlace() throws { _ = try folding?.writeWithoutTransaction { try Self.fold($0, .passive) } }

    /// Folds the log into the database. Others fold too, and readers may be in the way: that passes.
    ///
    /// - Returns: whether it was folded.
    /// - Throws: `DatabaseError` of the kinds `damaged` and `syncFailed`, and no other.
    fileprivate static func fold(_ db: GRDB.Database, _ mode: GRDB.Database.CheckpointMode) throws -> Bool {
        do { _ = try db.checkpoint(mode) } catch {
            guard let error = SQLiteDatabase.error(error) as? DatabaseError,
                error.kind == .damaged || error.kind == .syncFailed
            else { return false }
            throw error
        }
        return true
    }

    /// Folds the log, so that a start has none to write again. What others are in the way of is there at that start.
    public func close() throws {
        if folding != nil { _ = try? pool.writeWithoutTransaction { try log.fold($0) } }
        try translated {
            try folding?.close()
            try pool.close()
        }
    }

    fileprivate static let busySeconds: TimeInterval = 30

    private struct Writer: DatabaseWriter {
        let db: GRDB.Database
        let log: LogKeeping

        /// A file never leaves.
        func inTransaction(_ body: (Database) throws -> Void, inDoubt: (DatabaseError) -> Void) throws {
            try translated {
                try db.inTransaction(.immediate) {
                    try body(SQLiteDatabase(db))
                    return .commit
                }
            }
        }

        var isInTransaction: Bool { db.isInsideTransaction }

        func maintainIfNeeded() throws { try log.foldIfNeeded(db) }
    }
}

/// Keeps the write-ahead log from growing for ever, on the writer's own connection.
private final class LogKeeping: Sendable {
    private let path: String
    private let bytesMax: Int
    /// The size at which it is tried next.
    private let next: Mutex<Int>
    /// How long the writer waits for who reads at that moment. A verification or a sum over everything reads for minutes: then the
    /// log grows on, and nobody who reports waits for its end.
    private static let patience: Duration = .milliseconds(50)

    init(path: String, bytesMax: Int) {
        (self.path, self.bytesMax) = (path, bytesMax)
        next = Mutex(bytesMax)
    }

    func foldIfNeeded(_ db: GRDB.Database) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let size = (attributes?[.size] as? Int) ?? 0
        if size <= bytesMax { return next.withLock { $0 = bytesMax } }
        guard next.withLock({ size > $0 }) else { return }
        let isFolded = try fold(db)
        next.withLock { $0 = isFolded ? bytesMax : size + bytesMax / 4 }
    }

    /// - Returns: whether the log begins anew with the next write.
    func fold(_ db: GRDB.Database) throws -> Bool {
        try translated { try db.execute(sql: "PRAGMA busy_timeout = \(Int(Self.patience / .milliseconds(1)))") }
        defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Int(SQLiteEngine.busySeconds * 1000))") }
        return try SQLiteEngine.fold(db, .truncate)
    }
}

/// Connections of their own to the same file.
struct SQLiteReaders: DatabaseReaders {
    let path: String

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(30)
        return try translated {
            try DatabaseQueue(path: path, configuration: configuration).read { try body(SQLiteDatabase($0)) }
        }
    }
}
