import AndonModel
import AndonSQL
import Foundation

/// Where the facts, the queue and the ledger of a store are.
public enum StoreDatabase: Sendable, Equatable {
    /// In a SQLite file of the data folder, for one process.
    case file
    /// In a PostgreSQL database, in the tables of a schema, for any number of servers.
    ///
    /// `address` is libpq's: `postgresql://user@host/database` or `host=… dbname=…`.
    case postgres(address: String, schema: String)

    /// Says in a data folder where its database is, so that commands that know the folder alone find it.
    private static let fileName = "database.json"

    /// What the folder says; a file where it says nothing.
    ///
    /// - Throws: ``StoreError/unusable(_:)``.
    public static func noted(in folder: String) throws -> StoreDatabase {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(fileName)") else { return .file }
        guard let note = try? JSON(parsing: Array(bytes)), let address = note["address"]?.string,
            let schema = note["schema"]?.string
        else {
            throw StoreError.unusable(
                "\(folder)/\(fileName) does not say where the database is; start the server once with its configuration"
            )
        }
        return .postgres(address: address, schema: schema)
    }

    /// Says so in the folder.
    ///
    /// - Throws: ``StoreError/unusable(_:)`` where the folder has another database already.
    public func note(in folder: String) throws {
        let there = try Self.noted(in: folder)
        let hasFile = FileManager.default.fileExists(atPath: Self.path(of: folder))
        switch self {
        case .file:
            guard case .file = there else {
                throw StoreError.unusable(
                    "\(folder) belongs to a PostgreSQL database (\(Self.fileName)); name it in the configuration "
                        + "(server.database), or choose another folder")
            }
        case .postgres(let address, let schema):
            guard !hasFile else {
                throw StoreError.unusable(
                    "\(folder) has its facts in andon.sqlite; choose another folder for a PostgreSQL database")
            }
            guard there != self else { return }
            let note: JSON = ["address": .string(address), "schema": .string(schema)]
            // There may be a password in the address.
            guard
                FileManager.default.createFile(
                    atPath: "\(folder)/\(Self.fileName)", contents: Data(note.canonicalText.utf8),
                    attributes: [.posixPermissions: 0o600])
            else { throw StoreError.unusable("\(folder)/\(Self.fileName) cannot be written") }
        }
    }

    /// Whether several processes may write to it at once.
    var isShared: Bool { self != .file }

    /// The file of a folder that has its facts in one.
    public static func path(of folder: String) -> String { folder + "/andon.sqlite" }

    func engine(_ folder: String, isReadOnly: Bool) throws -> any DatabaseEngine {
        switch self {
        case .file: try SQLiteEngine(path: Self.path(of: folder), isReadOnly: isReadOnly)
        case .postgres(let address, let schema):
            PostgresEngine(address: address, schema: schema, isServer: !isReadOnly)
        }
    }
}
