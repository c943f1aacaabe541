import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Backups of a server whose facts are in PostgreSQL", .serialized)
struct PostgresBackupTests {
    @Test("A dump of the very snapshot that was signed for, restored into another database, with nothing sent twice")
    func dump() async throws {
        let database = try RealPostgres()
        try database.execute(["CREATE SCHEMA plant_a"])
        let address = "\"\(database.address)\""
        let plant = try await BackupPlant(
            server: "server:\n  database: { postgres: \(address), schema: plant_b }\n")
        let programs = try RealPostgres.findPrograms()
        let server = try plant.start()
        let at = server.address
        await plant.reports.send(to: at, atMost: 10)
        plant.maximo.faults.byChance(percent: 100, seed: 1, [.dropBefore])
        await plant.reports.send(to: at, atMost: 10)
        let load = Task { [reports = plant.reports] in await reports.send(to: at, atMost: 20) }
        try await plant.refused(
            ["backup", plant.path("backup"), "--data", plant.path("data"), "--postgres-programs", "/nowhere"],
            "install PostgreSQL's client programs")
        let words = try await plant.backUp("data", ["--postgres-programs", programs])
        #expect(words.contains("signed for"), "\(words)")
        await load.value
        plant.maximo.faults.clear()
        try await plant.drain(server)
        let sent = plant.maximo.records.count
        server.kill()
        let verified = try await plant.run(
            ["restore", plant.path("backup"), "--verify", "--postgres-programs", programs])
        #expect(verified.contains("verified when it is restored"), "\(verified)")
        let further = ["--postgres-programs", programs]
        try await plant.refused(plant.restore("restored", further), "name the database that it goes to")
        try await plant.refused(
            plant.restore("restored", further + ["--database", database.address]), "has a schema plant_b already")
        #expect(!FileManager.default.fileExists(atPath: plant.path("restored")))
        try database.execute(["ALTER SCHEMA plant_b RENAME TO plant_b_before"])
        let restored = try await plant.run(plant.restore("restored", further + ["--database", database.address]))
        #expect(restored.contains("rows are what it says"), "\(restored)")
        #expect(!restored.contains(RealPostgres.password))
        try plant.bringKey(to: "restored")
        let again = try plant.start("restored")
        try await plant.drain(again)
        plant.expectNothingTwice()
        #expect(plant.maximo.records.count == sent)
        try await again.stop()
        try plant.expectWhole("restored")
        #expect(try plant.entries("restored", "ledger.restarted").count == 1)
        try await plant.standIn.stop()
    }
}
