import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Backups of a running server", .serialized, .disabled(if: TestDatabase.isPostgres, "of SQLite"))
struct BackupTests {
    @Test(
        "A backup that is older than what was sent is restored, and nothing is in the CMMS twice",
        arguments: [1, 2])
    func older(seed: UInt64) async throws {
        let plant = try await BackupPlant()
        let server = try plant.start()
        let address = server.address
        // Some orders arrive, some wait, some have attempts behind them, when the backup is taken.
        plant.maximo.faults.byChance(percent: 50, seed: seed, [.dropBefore, .dropAfter])
        await plant.reports.send(to: address, atMost: 25)
        plant.maximo.faults.byChance(percent: 100, seed: seed, [.dropBefore])
        await plant.reports.send(to: address, atMost: 25)
        let load = Task { [reports = plant.reports] in await reports.send(to: address, atMost: 40) }
        try await plant.backUp()
        await load.value
        plant.maximo.faults.clear()
        try await plant.drain(server)
        let sent = plant.maximo.records.count
        server.kill()

        let words = try await plant.run(plant.restore("restored"))
        #expect(words.contains("is what it was at"), "\(words)")
        try plant.bringKey(to: "restored")
        let store = try Store.reading(folder: plant.path("restored"), time: SystemTime())
        let waiting = try store.readNow { try $0.reconcile() }.waiting
        try store.close()
        #expect(waiting > 0, "nothing was on its way when the backup was taken: this proves nothing")

        let again = try plant.start("restored")
        try await plant.drain(again)
        plant.expectNothingTwice()
        #expect(plant.maximo.records.count == sent, "what the backup had waiting was there already")
        // Senders send what they cannot find: reports of after the backup are taken, of before are known.
        let lost = try await Self.sendAgain(plant, again)
        print(
            "backup: \(sent) orders there, \(waiting) waited in the backup, \(lost) reports came after it, seed \(seed)"
        )
        try await plant.drain(again)
        plant.expectNothingTwice()
        try await again.stop()
        try plant.expectWhole("restored")
        #expect(try plant.entries("restored", "store.restored").count == 1)
        let restarted = try plant.entries("restored", "ledger.restarted")
        #expect(restarted.count == 1, "the old log has signed what this one does not have")
        #expect(!FileManager.default.fileExists(atPath: plant.path("restored/restored.json")))
        let third = try plant.start("restored")
        try await third.stop()
        #expect(try plant.entries("restored", "ledger.restarted").count == 1, "once")
        try await plant.standIn.stop()
    }

    /// - Returns: how many reports the restored server did not know.
    private static func sendAgain(_ plant: BackupPlant, _ server: AndonProcess) async throws -> Int {
        var unknown = 0
        for id in plant.reports.answered.sorted() {
            let found = try await TestClient(server.address).get("/api/v1/inspections/\(id)")
            if found.status == 404 { unknown += 1 }
        }
        return unknown
    }

    @Test("A further backup copies only new pictures; with --keep older ones go, and pictures that only they needed")
    func incremental() async throws {
        let plant = try await BackupPlant()
        let server = try plant.start()
        await plant.reports.send(to: server.address, atMost: 8)
        let first = try await plant.backUp()
        #expect(first.contains("of which 4 were copied now"), "\(first)")
        #expect(first.contains("signed for") && first.contains("without the private keys"), "\(first)")
        await plant.reports.send(to: server.address, atMost: 4)
        let second = try await plant.backUp("data", ["--keep", "2"])
        #expect(second.contains("pictures: 6 ") && second.contains("of which 2 were copied now"), "\(second)")
        // What ended on the way is not taken for a backup, and goes.
        let unfinished = plant.path("backup/backups/.unfinished-29991231T000000Z")
        try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: unfinished + "/manifest.json"))
        let half = plant.path("backup/backups/29991231T000000Z")
        try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: true)
        let stray = plant.path("backup/pictures/00/\(String(repeating: "0", count: 64)).jpg")
        try FileManager.default.createDirectory(
            atPath: plant.path("backup/pictures/00"), withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: stray))
        #expect(try await plant.run(["restore", plant.path("backup"), "--verify"]).contains("is whole"))
        let third = try await plant.backUp("data", ["--keep", "1"])
        #expect(third.contains("of which 0 were copied now") && third.contains("removed: 2 older"), "\(third)")
        #expect(!FileManager.default.fileExists(atPath: unfinished) && !FileManager.default.fileExists(atPath: stray))
        let verified = try await plant.run(["restore", plant.path("backup"), "--verify"])
        #expect(verified.contains("files are what they were") && verified.contains("signed for"), "\(verified)")
        try await plant.refused(
            ["backup", plant.path("data/backup"), "--data", plant.path("data")], "a backup within the data folder")
        try await server.stop()
        // Other programs say the same of it.
        let sums = try await runProgram(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", "cd \(plant.path("backup/backups"))/202*/ && sha256sum --quiet --check SHA256SUMS"])
        #expect(sums.status == 0, "\(sums.output)")
        try await plant.standIn.stop()
    }

    @Test("A backup that is not whole is named with what is wrong, and nothing is written of it")
    func damaged() async throws {
        let plant = try await BackupPlant()
        let server = try plant.start()
        await plant.reports.send(to: server.address, atMost: 6)
        try await plant.drain(server)
        try await server.stop()
        try await plant.backUp("data", ["--with-keys", "--config", plant.config])
        let place = plant.path("backup/backups")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: place).first)
        let backup = "\(place)/\(name)"
        let picture = try #require(
            FileManager.default.enumerator(atPath: plant.path("backup/pictures"))?.compactMap { $0 as? String }
                .first { $0.hasSuffix(".png") })
        let cases: [(path: String, change: (inout Data) -> Void, words: String)] = [
            ("\(backup)/andon.sqlite", { $0[$0.count / 2] ^= 1 }, "andon.sqlite has other bytes"),
            (plant.path("backup/pictures/\(picture)"), { $0[60] ^= 1 }, "pictures/\(picture) has other bytes"),
            ("\(backup)/files/ledger.key", { $0[0] ^= 1 }, "files/ledger.key has other bytes"),
            ("\(backup)/configuration/andon.yaml", { $0.removeLast() }, "configuration/andon.yaml has other bytes"),
            ("\(backup)/SHA256SUMS", { $0.removeLast(80) }, "SHA256SUMS is not the list"),
            ("\(backup)/manifest.json", { $0.removeLast(80) }, "manifest.json cannot be read"),
            (
                "\(backup)/manifest.json",
                { $0 = Data(String(decoding: $0, as: UTF8.self).replacing("\"format\":1", with: "\"format\":2").utf8) },
                "written by a newer version"
            ),
        ]
        for (path, change, words) in cases {
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            var bytes = whole
            change(&bytes)
            try bytes.write(to: URL(fileURLWithPath: path))
            try await plant.refused(["restore", backup, "--verify"], words)
            try await plant.refused(plant.restore("never"), words)
            try whole.write(to: URL(fileURLWithPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: plant.path("never")))
        try FileManager.default.removeItem(atPath: plant.path("backup/pictures/\(picture)"))
        try await plant.refused(["restore", backup, "--verify"], "pictures/\(picture) is not there")
        // Who rewrites the tables and every digest is found by the ledger.
        try await plant.backUp("data")
        let newest = try #require(try FileManager.default.contentsOfDirectory(atPath: place).max())
        let stored = try StoredDatabase(folder: "\(place)/\(newest)")
        try stored.alter("UPDATE work_order SET class = 'other' WHERE seq = 1")
        try stored.close()
        try await Self.sumAgain("\(place)/\(newest)")
        try await plant.refused(
            ["restore", plant.path("backup"), "--verify"], "its tables are not what its ledger says")
        // A name that would be two lines of the list.
        let config = plant.path("pl\nant.yaml")
        try FileManager.default.copyItem(atPath: plant.config, toPath: config)
        try await plant.refused(
            ["backup", plant.path("backup"), "--data", plant.path("data"), "--config", config], "rename it")
        try await plant.standIn.stop()
    }

    /// Makes the lists of digests fit the files again.
    private static func sumAgain(_ backup: String) async throws {
        for file in ["andon.sqlite-wal", "andon.sqlite-shm"] {
            try? FileManager.default.removeItem(atPath: "\(backup)/\(file)")
        }
        let made = try await runProgram(
            URL(fileURLWithPath: "/bin/sh"),
            [
                "-c",
                "cd \(backup) && sed 's/^[0-9a-f]*  //' SHA256SUMS | xargs sha256sum > new && mv new SHA256SUMS "
                    + "&& sed -i \"s/\\\"sumsSha256\\\":\\\"[0-9a-f]*/\\\"sumsSha256\\\":\\\"$(sha256sum < SHA256SUMS | cut -c1-64)/\" manifest.json",
            ])
        #expect(made.status == 0, "\(made.output)")
    }

    @Test("A folder that is in use or not empty is not written over; with --replace it is put aside, and never deleted")
    func occupied() async throws {
        let plant = try await BackupPlant()
        let server = try plant.start()
        await plant.reports.send(to: server.address, atMost: 4)
        try await plant.backUp()
        try await plant.refused(plant.restore("data"), "is in use by another andon process")
        try await plant.refused(plant.restore("data", ["--replace"]), "is in use by another andon process")
        try await plant.drain(server)
        try await server.stop()
        try await plant.refused(plant.restore("data"), "is not empty")
        let words = try await plant.run(plant.restore("data", ["--replace"]))
        let aside = try FileManager.default.contentsOfDirectory(atPath: plant.folder.path).first {
            $0.hasPrefix("data.before-")
        }
        #expect(words.contains(try #require(aside)), "\(words)")
        try plant.expectWhole(try #require(aside))
        try await plant.refused(["restore", plant.path("backup")], "say --verify, or --data FOLDER")
        try await plant.refused(["restore", plant.path("key"), "--verify"], "holds no whole backup")
        try await plant.standIn.stop()
    }

    @Test(
        "A server that was moved goes on with its log; one that was put back begins a new one, whatever the copy outside says"
    )
    func history() async throws {
        let plant = try await BackupPlant()
        try Data(contentsOf: URL(fileURLWithPath: plant.config)).write(to: URL(fileURLWithPath: plant.path("plain")))
        let yaml = try String(contentsOfFile: plant.config, encoding: .utf8)
        try Data("\(yaml)ledger: { checkpointCopy: \(plant.path("outside")) }\n".utf8)
            .write(to: URL(fileURLWithPath: plant.config))
        var server = try plant.start()
        await plant.reports.send(to: server.address, atMost: 4)
        try await plant.drain(server)
        let early = try await plant.backUp("data", ["--with-keys"]).split(separator: "\n").first.map(String.init)
        // So that the copy outside is of more entries than the earlier backup will have, with the one of its restoring.
        await plant.reports.send(to: server.address, atMost: 4)
        try await plant.drain(server)
        try await server.stop()
        try await plant.backUp("data", ["--with-keys"])
        try await plant.run(plant.restore("moved", ["--moved"]))
        server = try plant.start("moved")
        try await server.stop()
        #expect(try plant.entries("moved", "ledger.restarted").isEmpty)
        #expect(try plant.entries("moved", "store.restored").first?["body"]?["moved"] == true)
        try plant.expectWhole("moved")
        // The earlier one does not have what the copy outside was signed for.
        var arguments = plant.restore("back", ["--moved"])
        arguments[1] = try #require(early)
        try await plant.run(arguments)
        let serve = [
            "serve", "--config", plant.config, "--data", plant.path("back"), "--port", "0", "--access", "open",
        ]
        try await plant.refused(serve, "put back to an earlier state")
        arguments.removeLast()
        try await plant.run(arguments + ["--replace"])
        server = try plant.start("back")
        try await server.stop()
        let restarted = try plant.entries("back", "ledger.restarted")
        #expect(restarted.first?["body"]?["finding"] == "rollback", "\(restarted)")
        #expect(restarted.first?["body"]?["handover"] != nil, "the old key vouches for the new one")
        try plant.expectWhole("back")
        try await plant.standIn.stop()
    }
}
