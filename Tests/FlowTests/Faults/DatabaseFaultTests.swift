import AndonModel
import AndonTesting
import Foundation
import Testing

/// A PostgreSQL that crashes under a server's load.
@Suite("A database that is restarted in mid-flight", .serialized)
struct DatabaseFaultTests {
    private static let times = ProcessInfo.processInfo.environment["ANDON_FAULTS_TIMES"].flatMap { Int($0) } ?? 2

    @Test("Reports are refused while it is away, and all goes on without a restart of the server")
    func restart() async throws {
        let database = try RealPostgres()
        let plant = try await FaultPlant(
            server: "server:\n  database: { postgres: \"\(database.address)\", schema: plant }\n")
        var row = FaultRow(name: "PostgreSQL crashes and comes back")
        let server = try plant.start()
        for _ in 0..<Self.times {
            try await plant.load(server) { try database.restart() }
            row.recovery.append(try await plant.untilServed(server))
            row.times += 1
        }
        try await plant.count(server, &row)
    }
}
