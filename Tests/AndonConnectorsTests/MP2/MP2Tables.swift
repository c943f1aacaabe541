import AndonModel
import AndonTesting
import AndonWire
import Foundation
import GRDB

/// A real database for MP2's tables, as a person at MP2's own client and the connector's driver reach it.
protocol MP2Tables: Sendable {
    /// For the driver, without user and password.
    var connection: String { get }
    var user: String? { get }
    /// Names in upper case, values as texts.
    func rows(_ sql: String) throws -> [JSON]
    func execute(_ statements: [String]) throws
}

extension RealPostgres: MP2Tables {
    var user: String? { Self.userName }
}

final class SQLiteTables: MP2Tables {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/mp2.db" }
    let user: String? = nil

    init() throws { folder = try TemporaryFolder("andon-mp2") }

    var connection: String { "Driver=libsqlite3odbc.so;Database=\(path);Timeout=20000" }

    func rows(_ sql: String) throws -> [JSON] {
        try DatabaseQueue(path: path).read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                let members = row.map { ($0.0.uppercased(), JSON.string(String.fromDatabaseValue($0.1) ?? "\($0.1)")) }
                return .object(Dictionary(members, uniquingKeysWith: { $1 }))
            }
        }
    }

    func execute(_ statements: [String]) throws {
        try DatabaseQueue(path: path).write { db in
            for sql in statements { try db.execute(sql: sql) }
        }
    }
}
