import Foundation
import GRDB
import GRDBSQLite

/// A connection to a SQLite file.
final class SQLiteDatabase: Database {
    private let db: GRDB.Database
    private var savepoints = 0

    init(_ db: GRDB.Database) { self.db = db }

    override func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        changes += 1
        let rows = try SQLiteRows(db, sql, arguments, of: nil, isShared: true)
        while try rows.advance() {}
        return db.changesCount
    }

    override func runScript(_ sql: String) throws {
        changes += 1
        try translated { try db.execute(sql: sql) }
    }

    override func rawRows(
        _ sql: String, _ arguments: StatementArguments = [], of subject: String? = nil, isShared: Bool = true
    ) throws -> RawRows {
        try SQLiteRows(db, sql, arguments, of: subject, isShared: isShared)
    }

    override func runInsert(_ sql: String, _ arguments: StatementArguments) throws -> Int64 {
        _ = try run(sql, arguments)
        return db.lastInsertedRowID
    }

    override func tableExists(_ name: String) throws -> Bool { try translated { try db.tableExists(name) } }

    override func inSavepoint<Value>(_ body: () throws -> Value) throws -> Value {
        savepoints += 1
        defer { savepoints -= 1 }
        // Named by depth, so that each is prepared once.
        let name = "p\(savepoints)"
        _ = try run("SAVEPOINT \(name)")
        do {
            let value = try body()
            _ = try run("RELEASE SAVEPOINT \(name)")
            return value
        } catch {
            // Want of room may have undone the transaction, and its savepoints with it.
            if db.isInsideTransaction {
                _ = try run("ROLLBACK TO SAVEPOINT \(name)")
                _ = try run("RELEASE SAVEPOINT \(name)")
            }
            throw error
        }
    }

    override func overwriting<Value>(_ body: () throws -> Value) throws -> Value {
        try runScript("PRAGMA secure_delete = ON")
        defer { try? runScript("PRAGMA secure_delete = OFF") }
        return try body()
    }

    override func readers() throws -> (any DatabaseReaders)? {
        // What this connection has written and not committed, others would not see.
        guard let connection = db.sqliteConnection,
            sqlite3_txn_state(connection, "main") != SQLITE_TXN_WRITE,
            let name = sqlite3_db_filename(connection, "main")
        else { return nil }
        let path = String(cString: name)
        return path.isEmpty ? nil : SQLiteReaders(path: path)
    }

    static func error(_ error: any Error, _ sql: String? = nil) -> any Error {
        guard let error = error as? GRDB.DatabaseError else { return error }
        return DatabaseError(
            kind: kind(error.extendedResultCode.rawValue), message: error.message ?? "\(error.extendedResultCode)",
            sql: sql ?? error.sql)
    }

    /// The log of a full disk cannot grow, and neither can its index in shared memory. A failed sync is neither.
    static func kind(_ code: Int32) -> DatabaseError.Kind {
        if code == ResultCode.SQLITE_IOERR_SHMSIZE.rawValue { return .full }
        let syncs = [ResultCode.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC].map(\.rawValue)
        if syncs.contains(code) { return .syncFailed }
        return switch code & 0xff {
        case SQLITE_FULL: .full
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
        case SQLITE_CONSTRAINT: .constraint
        default: .other
        }
    }
}

/// Runs `body` with the library's errors as ours.
func translated<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch { throw SQLiteDatabase.error(error) }
}

/// The rows of a statement where SQLite has them.
final class SQLiteRows: RawRows {
    private let statement: Statement
    private let db: GRDB.Database
    private let raw: OpaquePointer
    private let sql: String

    init(
        _ db: GRDB.Database, _ sql: String, _ arguments: StatementArguments, of subject: String?, isShared: Bool
    ) throws {
        (self.db, self.sql) = (db, sql)
        statement = try translated { isShared ? try db.cachedStatement(sql: sql) : try db.makeStatement(sql: sql) }
        raw = statement.sqliteStatement
        super.init(subject: subject)
        sqlite3_reset(raw)
        try bind(arguments.values)
    }

    deinit { sqlite3_reset(raw) }

    private func bind(_ values: [DatabaseValue]) throws {
        guard sqlite3_bind_parameter_count(raw) == values.count else {
            throw DatabaseError(
                kind: .other,
                message: "the statement has \(sqlite3_bind_parameter_count(raw)) places for \(values.count) "
                    + "values", sql: sql)
        }
        for (place, value) in values.enumerated() {
            guard bind(value, at: Int32(place + 1)) == SQLITE_OK else { throw error() }
        }
    }

    private func bind(_ value: DatabaseValue, at place: Int32) -> Int32 {
        // SQLITE_TRANSIENT, which C has as a cast of -1: SQLite copies the bytes before it returns.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(raw, place)
        case .integer(let number): return sqlite3_bind_int64(raw, place, number)
        case .real(let number): return sqlite3_bind_double(raw, place, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    // Of an empty text there may be no address; NULL would be another value.
                    $0.isEmpty
                        ? sqlite3_bind_text(raw, place, "", 0, copied)
                        : sqlite3_bind_text(raw, place, $0.baseAddress, Int32($0.count), copied)
                }
            }
        case .blob(let bytes):
            return bytes.isEmpty
                ? sqlite3_bind_zeroblob(raw, place, 0)
                : sqlite3_bind_blob(raw, place, bytes, Int32(bytes.count), copied)
        }
    }

    private func error() -> DatabaseError {
        let code = db.sqliteConnection.map { sqlite3_extended_errcode($0) } ?? 0
        let message = db.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) } ?? "the connection is closed"
        return DatabaseError(
            kind: SQLiteDatabase.kind(code),
            message: subject.map { "SQLite cannot read \($0) on (code \(code)): \(message)" } ?? message,
            sql: sql)
    }

    override func advance() throws -> Bool {
        switch sqlite3_step(raw) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error()
        }
    }

    override var columnCount: Int32 { sqlite3_column_count(raw) }

    override func name(_ column: Int32) -> String { String(cString: sqlite3_column_name(raw, column)) }

    override func isNamed(_ columns: ColumnNames) -> Bool {
        columns.terminated.enumerated().allSatisfy { strcmp(sqlite3_column_name(raw, Int32($0)), $1) == 0 }
    }

    private static let known = KnownColumnNames()

    override var columnNames: ColumnNames { Self.known.names(of: sql, self) }

    override func type(_ column: Int32) -> DatabaseType {
        switch sqlite3_column_type(raw, column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    override func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(raw, column) }

    override func real(_ column: Int32) -> Double { sqlite3_column_double(raw, column) }

    override func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(raw, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column)))
    }
}
