import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@Suite("Pages that went bad", .serialized, .disabled(if: TestDatabase.isPostgres, "of a SQLite file"))
struct DamageTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["ANDON_DAMAGE_SEED"].flatMap { UInt64($0) } ?? 20_261_129
    /// Pages that are damaged, one after the other.
    private static let pages = environment["ANDON_DAMAGE_PAGES"].flatMap { Int($0) } ?? 40

    /// A store of some thousand rows in tables and indexes, closed.
    private static func filled(_ folder: String, commits: Int = 3, rows: Int = 400) async throws {
        let store = try Store(folder: folder, time: SystemTime())
        for commit in 0..<commits {
            try await store.write { transaction in
                for row in 0..<rows {
                    try transaction.alarm("test", subject: "\(commit)-\(row)", "the words of alarm \(row) of \(commit)")
                }
            }
        }
        try store.close()
        try fold(folder)
    }

    /// All pages are in the file, and no log is beside it: a log has its pages once more.
    private static func fold(_ folder: String) throws {
        let store = try Store.reading(folder: folder, time: SystemTime())
        try store.copyFile(to: folder + "/folded")
        try store.close()
        for end in ["-wal", "-shm", ""] { try? FileManager.default.removeItem(atPath: "\(folder)/andon.sqlite\(end)") }
        try FileManager.default.moveItem(atPath: folder + "/folded", toPath: folder + "/andon.sqlite")
    }

    private static func copy(_ folder: String, _ into: TemporaryFolder, _ name: Int) throws -> String {
        let copy = "\(into.path)/copy-\(name)"
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        return copy
    }

    private static func overwrite(_ path: String, at place: Int, with bytes: [UInt8]) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: bytes)
        try file.close()
    }

    @Test("A bad page of any table or index is found and named, and nothing is accepted from there on")
    func pages() async throws {
        let folder = try TemporaryFolder("andon-damage")
        let whole = folder.path + "/whole"
        try await Self.filled(whole)
        let stored = try StoredDatabase(folder: whole)
        let (roots, size) = try stored.read { db in
            (
                try db.rows("SELECT name, tbl_name, rootpage FROM sqlite_master WHERE rootpage > 0").map {
                    (name: $0["name"] as String, table: $0["tbl_name"] as String, page: $0["rootpage"] as Int)
                }, try db.value("PRAGMA page_size") ?? 0
            )
        }
        try stored.close()
        #expect(roots.count > 80 && size > 0)
        try Self.fold(whole)
        var random = SeededRandom(seed: Self.seed)
        var found = (atStart: 0, byCheck: 0)
        for number in 0..<Self.pages {
            let root = random.pick(roots)
            let damaged = try Self.copy(whole, folder, number)
            try Self.overwrite(
                "\(damaged)/andon.sqlite", at: (root.page - 1) * size,
                with: (0..<8).map { _ in UInt8(random.int(0...255)) })
            do {
                let store = try Store(folder: damaged, time: SystemTime())
                let damage = try #require(
                    try await store.checkPages(), "page \(root.page) of \(root.name), seed \(Self.seed)")
                #expect("\(damage)".contains("\(damaged)/andon.sqlite"), "\(damage)")
                #expect("\(damage)".contains("the table \(root.table):"), "\(damage)")
                #expect("\(damage)".contains("andon restore"))
                guard case .damaged = store.failure else {
                    Issue.record("\(String(describing: store.failure))")
                    continue
                }
                await #expect(throws: StoreError.self) {
                    try await store.write { try $0.alarm("test", subject: "later", "not kept") }
                }
                found.byCheck += 1
                try? store.close()
            } catch StoreError.damaged(let reason) {
                #expect(reason.contains("\(damaged)/andon.sqlite"), "\(reason)")
                found.atStart += 1
            }
            try FileManager.default.removeItem(atPath: damaged)
        }
        print(
            "damage: \(Self.pages) pages, \(found.atStart) found at the start, \(found.byCheck) by the check, seed \(Self.seed)"
        )
        #expect(found.atStart + found.byCheck == Self.pages)
        let store = try Store(folder: whole, time: SystemTime())
        #expect(try await store.checkPages() == nil && store.failure == nil)
        try store.close()
    }

    @Test(
        "A log that a power cut tore is taken up to its tear; one in which a durable page went bad is not passed over")
    func log() async throws {
        let folder = try TemporaryFolder("andon-damage-log")
        let whole = folder.path + "/whole"
        try await Self.filled(whole, commits: 1, rows: 10)
        // The log of a server that was killed: what it wrote since the last fold.
        let store = try Store(folder: whole, time: SystemTime())
        for number in 0..<12 {
            try await store.write { try $0.alarm("test", subject: "logged-\(number)", "of the log") }
        }
        let killed = try Self.copy(whole, folder, 0)
        try store.close()
        try FileManager.default.removeItem(atPath: killed + "/andon.sqlite-shm")
        let log = try Data(contentsOf: URL(fileURLWithPath: killed + "/andon.sqlite-wal"))
        let page = Int(log[8]) << 24 | Int(log[9]) << 16 | Int(log[10]) << 8 | Int(log[11])
        let frames = (log.count - 32) / (page + 24)
        let commits = (0..<frames).filter { frame in
            log[(32 + frame * (page + 24) + 4)..<(32 + frame * (page + 24) + 8)].contains { $0 != 0 }
        }
        #expect(commits.count >= 12 && commits.last == frames - 1)
        let lastBegins = commits[commits.count - 2] + 1
        let whole12 = try await Self.alarms(killed, folder, log)
        #expect(whole12 == 22)
        var random = SeededRandom(seed: Self.seed)
        for frame in 0..<frames {
            var bad = log
            let place = 32 + frame * (page + 24)
            // The page, its number, the salt or the checksum.
            // A frame without its salt may be of the log before: that its transaction ended is known by two behind it.
            let kind = frame <= commits[commits.count - 3] ? frame % 4 : frame % 2
            bad[place + [random.int(24...(page + 23)), 18, 1, 9][kind]] ^= UInt8(1 << random.int(0...7))
            if frame < lastBegins {
                let words = await #expect(throws: StoreError.self, "frame \(frame)") {
                    try await Self.alarms(killed, folder, bad)
                }
                #expect(
                    "\(words.map { "\($0)" } ?? "")".contains("frame \(frame + 1),"), "\(String(describing: words))")
                #expect("\(words.map { "\($0)" } ?? "")".contains("andon.sqlite-wal"))
            } else {
                // The newest transaction looks as one that a power cut tore: only a checkpoint outside knows better.
                #expect(try await Self.alarms(killed, folder, bad) == 21)
            }
        }
        var header = log
        header[20] ^= 4
        await #expect(throws: StoreError.self) { try await Self.alarms(killed, folder, header) }
        // A power cut tears it anywhere: whatever is whole before is there.
        for cut in stride(from: 0, to: log.count, by: log.count / 60) {
            let torn = commits.filter { 32 + ($0 + 1) * (page + 24) <= cut }.count
            #expect(try await Self.alarms(killed, folder, log.prefix(cut)) >= 10 + max(0, torn - (commits.count - 12)))
        }
        // Somebody may say that what is left counts.
        var bad = log
        bad[32 + 100] ^= 1
        let accepted = try Self.copy(killed, folder, 2)
        try bad.write(to: URL(fileURLWithPath: accepted + "/andon.sqlite-wal"))
        let opened = try Store(folder: accepted, time: SystemTime(), acceptsLoss: true)
        #expect(opened.loss?.frame == 1 && (opened.loss?.commits ?? 0) >= 12)
        try opened.close()
    }

    /// Alarms of a store whose log is this.
    private static func alarms(_ killed: String, _ folder: TemporaryFolder, _ log: Data) async throws -> Int {
        let copy = try copy(killed, folder, 1)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try log.write(to: URL(fileURLWithPath: copy + "/andon.sqlite-wal"))
        let store = try Store(folder: copy, time: SystemTime())
        let count = try await store.read { try $0.count("SELECT COUNT(*) FROM alarm") }
        try store.close()
        return count
    }

    @Test("A running server that meets a bad page says so, accepts nothing, and is back after one command")
    func server() async throws {
        let plant = try await BackupPlant()
        var server = try plant.start()
        await plant.reports.send(to: server.address, atMost: 20)
        try await plant.drain(server)
        try await plant.backUp("data", ["--with-keys"])
        try await server.stop()
        let stored = try StoredDatabase(folder: plant.path("data"))
        let (root, size) = try stored.read { db in
            (
                try db.value("SELECT rootpage FROM sqlite_master WHERE name = 'frame_batch'") ?? 0,
                try db.value("PRAGMA page_size") ?? 0
            )
        }
        try stored.close()
        try Self.fold(plant.path("data"))
        try Self.overwrite(plant.path("data/andon.sqlite"), at: (root - 1) * size, with: [0xFF, 0xFF, 0xFF, 0xFF])
        server = try plant.start()
        let client = TestClient(server.address)
        #expect(try await client.get("/readyz").status == 200, "nothing has come to the page yet")
        let now = SystemTime().now()
        let frames: JSON = [
            "id": "b-1",
            "frames": [["camera": "CAM-1", "from": .time(now - .seconds(60)), "to": .time(now), "inspected": 40]],
        ]
        let refused = try await client.post("/api/v1/frames", frames)
        #expect(
            refused.status == 503 && refused.json["type"]?.string?.contains("store-damaged") == true, "\(refused.text)")
        #expect(refused.text.contains("frame_batch") || refused.text.contains("malformed"), "\(refused.text)")
        let ready = try await client.get("/readyz")
        #expect(ready.status == 503 && ready.text.contains("andon restore"), "\(ready.text)")
        await plant.reports.send(to: server.address, atMost: 1)
        #expect(plant.reports.answered.count == 20, "what comes now is not answered")
        try await plant.refused(["backup", plant.path("backup"), "--data", plant.path("data")], "is damaged")
        try await server.stop()
        let time = SystemTime()
        let start = time.uptime()
        try await plant.run(plant.restore("data", ["--replace"]))
        server = try plant.start()
        let recovery = (time.uptime() - start).seconds
        #expect(try await TestClient(server.address).get("/readyz").status == 200)
        await plant.reports.send(to: server.address, atMost: 1)
        #expect(plant.reports.answered.count == 21, "its sender sent it again")
        for id in plant.reports.answered {
            #expect(try await TestClient(server.address).get("/api/v1/inspections/\(id)").status == 200, "\(id)")
        }
        try await plant.drain(server)
        plant.expectNothingTwice()
        try await server.stop()
        try plant.expectWhole("data")
        try await plant.standIn.stop()
        FaultRow(
            name: "a page of SQLite goes bad; the backup is restored", times: 1, answered: plant.reports.answered.count,
            orders: plant.maximo.records.count, lost: try plant.lost("data"), twice: plant.twice.count, found: 1,
            recovery: [recovery]
        ).show()
    }
}
