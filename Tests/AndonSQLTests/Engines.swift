import AndonTesting
import Foundation

@testable import AndonSQL

/// Both engines with a database of their own each.
final class Engines: Sendable {
    let sqlite: any DatabaseEngine
    let postgres: PostgresEngine
    let schema = "t_\(UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased())"
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder("andon-sql")
        sqlite = try SQLiteEngine(path: folder.path + "/db.sqlite", isReadOnly: false)
        postgres = PostgresEngine(address: try TestDatabase.address(), schema: schema, isServer: false)
    }

    var both: [any DatabaseEngine] { [sqlite, postgres] }

    func migrate(_ sql: String) throws {
        for engine in both { try engine.migrate([DatabaseStep(name: "1", sql: sql)]) }
    }

    /// Another one that writes to the same PostgreSQL database.
    func other(isServer: Bool = false) throws -> PostgresEngine {
        PostgresEngine(address: try TestDatabase.address(), schema: schema, isServer: isServer)
    }

    func close() throws { for engine in both { try engine.close() } }
}
