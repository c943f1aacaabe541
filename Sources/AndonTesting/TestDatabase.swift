import AndonLedger
import AndonModel
import AndonSQL
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Which engine the stores of tests stand on: SQLite, or with `ANDON_TEST_ENGINE=postgres` a real PostgreSQL that the tests
/// start once and share, with a database for each store.
public enum TestDatabase {
    public static let isPostgres = ProcessInfo.processInfo.environment["ANDON_TEST_ENGINE"] == "postgres"

    /// One for all of a run's tests.
    private static let server = Result { () throws -> RealPostgres in
        let server = try RealPostgres(connectionsMax: 900)
        processes.withLock { $0.append(server.process) }
        // It would outlive the run: nothing that is static is ever let go.
        atexit { TestDatabase.processes.withLock { for process in $0 { kill(process, SIGQUIT) } } }
        return server
    }
    private static let processes = Mutex<[pid_t]>([])

    /// Of the PostgreSQL that all tests of this run share.
    public static func address() throws -> String { try server.get().address }

    /// The folder, made where it is missing, whose store will stand on the engine of this run.
    ///
    /// - Parameter isBlank: whether its database has no tables, where others have those of the newest schema already.
    public static func folder(_ folder: String, isBlank: Bool = false) throws -> String {
        guard isPostgres, !FileManager.default.fileExists(atPath: "\(folder)/database.json") else { return folder }
        return try postgresFolder(folder, address: address(), isBlank: isBlank)
    }

    /// The same on PostgreSQL, whatever the run's engine is.
    ///
    /// - Parameter address: of the server that the tests share, by whatever way.
    public static func postgresFolder(_ folder: String, address: String, isBlank: Bool = false) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try isBlank ? make(1, of: "template0")[0] : databases.withLock { try $0.take() }
        let document: JSON = [
            "address": .string(Self.address(address, of: database)), "schema": .string(schema),
        ]
        try Data(document.canonicalText.utf8).write(to: URL(fileURLWithPath: "\(folder)/database.json"))
        return folder
    }

    /// By the same way to another database.
    private static func address(_ address: String, of database: String) -> String {
        (address.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [database[...]])
            .joined(separator: "/")
    }

    private static let schema = "andon"
    private static let databases = Mutex(Databases())

    /// Databases with the newest tables, copied from one in which each step of the schema was made: that takes PostgreSQL
    /// ten times as long, and what changes in a catalogue is told to all of its connections.
    private struct Databases {
        private var left: [String] = []

        mutating func take() throws -> String {
            if left.isEmpty { left = try make(8, of: TestDatabase.template.get()) }
            return left.removeLast()
        }
    }

    private static let template = Result { () throws -> String in
        let name = try make(1, of: "template0")[0]
        let engine = PostgresEngine(address: try address(address(), of: name), schema: schema, isServer: false)
        try engine.migrate(Schema.steps)
        try engine.close()
        return name
    }

    private static func make(_ count: Int, of template: String) throws -> [String] {
        let names = (0..<count).map { _ in "t_\(UUID().uuidString.replacing("-", with: "").lowercased())" }
        try server.get().command(names.map { "CREATE DATABASE \($0) TEMPLATE \(template) STRATEGY file_copy" })
        return names
    }

    /// The port of the PostgreSQL that all tests of this run share, and its address by another one.
    public static func port() throws -> Int { try server.get().port }

    public static func address(port: Int) throws -> String { try server.get().address(port: port) }

    /// Another store in the folder will be new.
    public static func remove(_ folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name == "database.json" || name.hasPrefix("andon.sqlite") {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// The engine that a folder's store stands on.
    static func engine(_ folder: String) throws -> any DatabaseEngine {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/database.json") else {
            return try SQLiteEngine(path: folder + "/andon.sqlite", isReadOnly: false)
        }
        let note = try JSON(parsing: Array(bytes))
        return PostgresEngine(
            address: note["address"]?.string ?? "", schema: note["schema"]?.string ?? "", isServer: false)
    }
}
