import Foundation
import GRDB

/// A SQLite file that nobody works on: a copy, or one that is looked at.
public enum SQLiteFile {
    /// Faults that are named at most.
    public static let faultsMax = 20

    /// Reads every page, and holds indexes against their tables: `PRAGMA integrity_check`.
    ///
    /// - Returns: what SQLite says is wrong, with the table or page; empty where the file is whole.
    public static func faults(at path: String) -> [String] {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(30)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            let found = try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(\(faultsMax))") }
            return found == ["ok"] ? [] : found
        } catch {
            return ["\(SQLiteDatabase.error(error))"]
        }
    }
}

extension SQLiteEngine {
    /// Names of the tables, as the file has them.
    public func tables() async throws -> [String] {
        do {
            return try await pool.read {
                try String.fetchAll(
                    $0, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")
            }
        } catch { throw SQLiteDatabase.error(error) }
    }

    /// What is wrong with a table's pages, and with its indexes; nothing where they are whole.
    public func faults(of table: String) async throws -> [String] {
        let name = table.replacing("'", with: "''")
        do {
            let found = try await pool.read { try String.fetchAll($0, sql: "PRAGMA integrity_check('\(name)')") }
            return found == ["ok"] ? [] : Array(found.prefix(SQLiteFile.faultsMax))
        } catch { throw SQLiteDatabase.error(error) }
    }

    /// Copies the database as it is at this moment into a new file, while others go on writing: SQLite's online backup, all
    /// of it in one snapshot. The copy needs no log beside it.
    public func copy(to path: String) throws {
        try translated {
            let queue = try DatabaseQueue(path: path)
            defer { try? queue.close() }
            try pool.backup(to: queue)
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        }
    }
}
