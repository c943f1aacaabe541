import GRDB
import GRDBSQLite

/// The rows of a statement one after the other, where SQLite has them: no copies, no dictionaries.
final class RawRows {
    private let statement: Statement
    /// What cannot be read, in words; nil for the statement itself.
    private let subject: String?

    /// Where the statement stands.
    var raw: OpaquePointer { statement.sqliteStatement }

    /// - Parameter isShared: whether the connection's cached statement will do: not where two run at once.
    init(
        _ db: Database, _ sql: String, _ arguments: StatementArguments = [], of subject: String? = nil,
        isShared: Bool = true
    ) throws {
        statement = isShared ? try db.cachedStatement(sql: sql) : try db.makeStatement(sql: sql)
        self.subject = subject
        sqlite3_reset(statement.sqliteStatement)
        try statement.setArguments(arguments)
    }

    deinit {
        sqlite3_reset(raw)
    }

    /// The statement at its next row, which is there until the one behind it is asked for; nil behind the last.
    func next() throws -> OpaquePointer? {
        switch sqlite3_step(raw) {
        case SQLITE_ROW: return raw
        case SQLITE_DONE: return nil
        case let code:
            throw StoreError.inconsistent(
                subject.map { "SQLite cannot read \($0) on (code \(code))" }
                    ?? "SQLite cannot read on (code \(code)): \(statement.sql)")
        }
    }
}
