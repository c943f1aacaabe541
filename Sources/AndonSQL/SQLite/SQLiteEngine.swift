import Foundation
import GRDB

/// One SQLite file in write-ahead mode: a writer, readers beside it, and what folds the log into the file.
public final class SQLiteEngine: DatabaseEngine {
    private let path: String
    let pool: DatabasePool
    /// Folds the log into the database, beside the writer; nil where nothing is written.
    private let folding: DatabaseQueue?

    /// The write-ahead log is folded into the database in the background; beyond this size the writer waits for it.
    private static let walBytesMax = 64 << 20

    /// - Parameter isReadOnly: another process may be writing the file.
    public init(path: String, isReadOnly: Bool) throws {
        self.path = path
        let configuration = Self.configuration(isReadOnly: isReadOnly)
        let pool = try translated { try DatabasePool(path: path, configuration: configuration) }
        // Opening a pool sets NORMAL, behind what the configuration says: then no commit would be synced, and a power cut
        // would take what was answered.
        if !isReadOnly {
            try translated { try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") } }
        }
        self.pool = pool
        // The pool's readers may not fold, and its writer would hold every write up while the disk syncs.
        folding = isReadOnly ? nil : try translated { try DatabaseQueue(path: path, configuration: configuration) }
    }

    private static func configuration(isReadOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(30)
        configuration.readonly = isReadOnly
        configuration.prepareDatabase { db in
            if !isReadOnly { try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0") }
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
        pool.asyncWriteWithoutTransaction { body(Writer(db: $0, path: self.path)) }
    }

    /// A passive checkpoint takes no lock from anyone, and runs on a connection of its own.
    public func maintain() async throws {
        do { _ = try await folding?.writeWithoutTransaction { try $0.checkpoint(.passive) } } catch {
            // Others fold too, and readers may be in the way: that passes.
            guard let error = SQLiteDatabase.error(error) as? DatabaseError,
                error.kind == .damaged || error.kind == .syncFailed
            else { return }
            throw error
        }
    }

    public func close() throws {
        try translated {
            try folding?.close()
            try pool.close()
        }
    }

    private struct Writer: DatabaseWriter {
        let db: GRDB.Database
        let path: String

        func inTransaction(_ body: (Database) throws -> Void) throws {
            try translated {
                try db.inTransaction(.immediate) {
                    try body(SQLiteDatabase(db))
                    return .commit
                }
            }
        }

        var isInTransaction: Bool { db.isInsideTransaction }

        /// Only when the log has outgrown its limit does the writer itself wait for a checkpoint.
        func maintainIfNeeded() {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
            guard (attributes?[.size] as? Int) ?? 0 > SQLiteEngine.walBytesMax else { return }
            _ = try? db.checkpoint(.restart)
        }
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
