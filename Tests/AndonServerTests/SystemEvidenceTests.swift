import AndonDesk
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonAudit
@testable import AndonIdentity

@Suite("What a package says of the system")
struct SystemEvidenceTests {
    private static func time(_ text: String) -> Timestamp {
        Timestamp("2026-11-24T\(text)Z") ?? Timestamp(microseconds: 0)
    }

    private static func query(_ from: String, _ to: String, gap: Duration = .seconds(3600)) throws -> PackageQuery {
        try PackageQuery(from: time(from), to: time(to), gap: gap)
    }

    private static func report(_ camera: String, at text: String, inspected: Int, in store: Store) async throws {
        let inspection = Inspection(
            id: "\(camera)-\(text)-\(inspected)", detectedAt: time(text), camera: camera, inspected: inspected)
        _ = try await store.write {
            try $0.insert(inspection, body: [:], digest: "", asset: "A", picture: nil, isSkewed: false)
        }
    }

    @Test(
        "A camera's silences are found between reports, counts of frames and the ends; charts' own reports are no sign")
    func silences() async throws {
        let folder = try TemporaryFolder()
        let clock = TestTime(Self.time("00:00:00"))
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: clock)
        _ = try await store.write { try $0.record("test.note", of: "ledger", [:]) }
        for (camera, text) in [
            ("B", "01:00:00"), ("B", "01:30:00"), ("B", "05:00:00"), ("B", "05:30:00"), ("X", "00:10:00"),
        ] {
            try await Self.report(camera, at: text, inspected: 1, in: store)
        }
        // What a chart says is kept as a report of no part.
        try await Self.report("B", at: "03:00:00", inspected: 0, in: store)
        let count = FrameCount(
            camera: "B", from: Self.time("06:00:00"), to: Self.time("08:00:00"), inspected: 10)
        _ = try await store.write { try $0.insert([(count, "A")], batch: "f", digest: "") }
        let settings = SystemSettings(
            folder: folder.path, version: "0", now: Self.time("08:30:00"), cameras: ["A-1", "B"])
        let query = try Self.query("00:00:00", "12:00:00")
        let found = try await store.read { try CameraActivities($0, query, settings).cameras }
        #expect(found.map(\.camera) == ["A-1", "B", "X"] && found.map(\.isInPlant) == [true, true, false])
        #expect(!found[0].hasReported && found[0].gapCount == 1)
        #expect(found[1].reports == 4 && found[1].frameCounts == 1 && found[1].last == Self.time("08:00:00"))
        #expect(
            found[1].gaps == [.init(from: Self.time("01:30:00"), to: Self.time("05:00:00"))], "\(found[1].gaps)")
        #expect(found[2].gaps == [.init(from: Self.time("00:10:00"), to: Self.time("08:30:00"))])
        let part = try await store.read { try CameraActivities($0, query, settings).part }
        #expect(part.finding.status == .finding && part.finding.words.contains("never reported: A-1"))
        let patient = try Self.query("01:00:00", "12:00:00", gap: .seconds(4 * 3600))
        #expect(try await store.read { try CameraActivities($0, patient, settings).cameras[1].gapCount } == 0)
        try store.close()
    }

    @Test("More silences than are named are counted")
    func manySilences() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime(Self.time("00:00:00")))
        _ = try await store.write { try $0.record("test.note", of: "ledger", [:]) }
        for minute in 0..<60 {
            let text = minute < 10 ? "0\(minute)" : "\(minute)"
            try await Self.report("B", at: "00:\(text):00", inspected: 1, in: store)
        }
        let settings = SystemSettings(folder: folder.path, version: "0", now: Self.time("01:00:00"), cameras: [])
        let query = try Self.query("00:00:00", "12:00:00", gap: .seconds(30))
        let camera = try #require(try await store.read { try CameraActivities($0, query, settings).cameras.first })
        #expect(camera.gapCount == 60 && camera.gaps.count == CameraActivity.gapsMax)
        try store.close()
    }

    /// Somebody with an account signs an entry.
    private static func sign(_ subject: String, _ entry: Int64, in store: Store) async throws -> Account {
        let cheap = SealedKey.Cost(rounds: 16, blockSize: 1, parallelism: 1)
        let accounts = Accounts(store: store, policy: AccountPolicy(), origin: "andon.example/plant-a", cost: cheap)
        let code = try SetUpCode(folder: store.folder).make(random: SystemRandom())
        let password = "correct horse battery"
        let account = try await accounts.setUp(
            code: code, login: "root.admin", printedName: "A. Maier", password: password, accepts: true)
        let request = try SignatureRequest(
            login: "root.admin", password: password, meaning: "responsibility", reason: nil)
        let unlocked = try await accounts.signer(request, of: .rules)
        _ = try await store.write {
            try $0.sign(.rules, of: subject, entries: [entry], as: unlocked, request)
        }
        return account
    }

    @Test("Only rules that were in force in the time are there, with who signed for them")
    func rules() async throws {
        let folder = try TemporaryFolder()
        let clock = TestTime(Self.time("00:00:00"))
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: clock, steps: IdentitySchema.steps)
        for number in 1...3 {
            _ = try await store.write { try $0.putRulesInForce(["number": .integer(number)]) }
            clock.advance(by: .seconds(3600))
        }
        let account = try await Self.sign("rules/2", 1, in: store)
        let query = try Self.query("01:10:00", "01:50:00")
        let part = try await store.read { try RulesInForce($0, query).part }
        let json = try JSON(parsing: try #require(part.files.first { $0.name == "system/rules.json" }).bytes)
        #expect(json["versions"]?.array?.count == 1 && json["versions"]?[0]?["version"] == 2)
        #expect(json["versions"]?[0]?["until"] == .time(Self.time("02:00:00")))
        #expect(json["versions"]?[0]?["signatures"]?.array?.count == 1)
        // The version, its signature, and what says whose key it is by.
        let signer = try await store.read { try $0.ledgerEntries(of: account.subject).map(\.index) }
        let expected: Set<Int64> = Set(signer).union([1, (signer.last ?? 0) + 1])
        #expect(Set(part.entries) == expected)
        #expect(part.finding == SystemFinding(.rules, .shown, "1 version in force, 1 of them signed for"))
        let before = try PackageQuery(from: Self.time("00:00:00") - .seconds(9), to: Self.time("00:00:00"))
        #expect(try await store.read { try RulesInForce($0, before).part }.finding.status == .missing)
        try store.close()
    }

    @Test("A day on which detections are missing, and a lost entry, are found")
    func ledger() async throws {
        let made = try await ExportTests.Made()
        try await made.server.end()
        let store = try Store(
            folder: try TestDatabase.folder(made.server.data), time: SystemTime(),
            steps: DeskSchema.steps + IdentitySchema.steps)
        let signer = try await LedgerSigner.open(store, .init())
        let checkpoint = try await signer.checkpoint()
        let query = try PackageQuery(
            from: Timestamp(microseconds: 0), to: Timestamp(microseconds: 4_000_000_000_000_000))
        let settings = SystemSettings(folder: store.folder, version: "0", now: store.time.now(), cameras: [])
        func finding() async throws -> SystemFinding {
            try await store.read {
                try LedgerStanding(reader: $0, query: query, settings: settings, checkpoint: checkpoint).part().finding
            }
        }
        #expect(try await finding().status == .shown)
        _ = try await store.write { try $0.run("DELETE FROM detection WHERE reference IS NOT NULL AND ordinal = 0") }
        #expect(try await finding().words.contains("do not add up"))
        _ = try await store.write { try $0.run("DELETE FROM ledger WHERE idx = 3") }
        #expect(try await finding().words.contains("have a gap"))
        try store.close()
    }

    // MARK: Validation

    private static func pack(_ version: String = Software.version, failed: Int = 0, said: Int? = nil) -> JSON {
        [
            "schema": "andon.validation/1", "software": ["version": .string(version), "commit": "abc"],
            "madeAt": "2026-11-24T00:00:00Z", "environment": ["os": "Linux"],
            "counts": [
                "requirements": 2, "covered": 2, "tests": 2, "passed": .integer(2 - failed),
                "failed": .integer(said ?? failed),
            ],
            "requirements": [
                ["id": "R1", "text": "a", "risk": "high", "tests": ["S/one"], "result": "passed"],
                [
                    "id": "R2", "text": "b", "risk": "low", "tests": ["S/two"],
                    "result": failed > 0 ? "failed" : "passed",
                ],
            ],
            "tests": [
                ["suite": "S", "name": "one", "result": "passed", "seconds": 0.1],
                ["suite": "S", "name": "two", "result": failed > 0 ? "failed" : "passed", "seconds": 0.1],
            ],
        ]
    }

    @Test("A recorded validation of the running version goes with the package; one of another version does not")
    func validation() async throws {
        let made = try await ExportTests.Made("iso-13485")
        let folder = made.server.folder.path
        func record(_ pack: JSON, _ name: String) async throws -> (status: Int32, output: String) {
            try pack.canonicalText.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            return try await AndonProcess.run([
                "validation", "record", "\(folder)/\(name)", "--by", "V. Alidator", "--reason", "release", "--server",
                made.server.process.address,
            ])
        }
        func evidence() async throws -> (JSON, String?) {
            let run = try await made.export(
                "iso-13485", ["--from", "2020-01-01", "--to", "2100-01-01", "--no-annotated"])
            #expect(run.status == 0, "\(run.output)")
            for check in [try await made.verify(made.path), try await made.judge(made.path)] {
                #expect(check.status == 0, "\(check.output)")
            }
            let unzipped = try await made.unzipped()
            let text = try String(contentsOfFile: unzipped.path + "/system/validation.json", encoding: .utf8)
            return (
                try JSON(parsing: text),
                try? String(contentsOfFile: unzipped.path + "/system/validation-pack.json", encoding: .utf8)
            )
        }
        let other = try await record(Self.pack("0.0.1"), "other.json")
        #expect(other.status == 0 && other.output.contains("says nothing about"), "\(other.output)")
        #expect(try await evidence().0["recorded"] == false)
        let wrong = try await record(Self.pack(said: 1), "wrong.json")
        #expect(wrong.status == 1 && wrong.output.contains("/counts/failed: it says 1"), "\(wrong.output)")
        let shapeless = try await record(["schema": "andon.validation/1"], "shapeless.json")
        #expect(shapeless.status == 1 && shapeless.output.contains("/software/version"), "\(shapeless.output)")
        let own = try await record(Self.pack(), "own.json")
        #expect(own.status == 0 && own.output.contains("2 of 2 tests passed"), "\(own.output)")
        let again = try await made.server.client.post(
            "/api/v1/validation",
            ["pack": .string(Self.pack().canonicalText), "by": "V. Alidator", "reason": "release"])
        #expect(again.status == 200, "the same bytes are recorded once")
        let unsigned = try await made.server.client.post(
            "/api/v1/validation", ["pack": .string(Self.pack().canonicalText)])
        #expect(unsigned.status == 422)
        let (found, bytes) = try await evidence()
        #expect(found["recorded"] == true && bytes == Self.pack().canonicalText)
        #expect(found["sha256"]?.string == Hex.sha256(Self.pack().canonicalBytes))
        let kept = try await made.server.client.get("/api/v1/validation/\(found["sha256"]?.string ?? "")")
        #expect(kept.text == Self.pack().canonicalText)
        // Bytes that are not those of the entry any more are no evidence.
        let path = ValidationPack.path(found["sha256"]?.string ?? "", in: made.server.data)
        try "{}".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try await evidence().0["recorded"] == false)
        let list = try await AndonProcess.run(["validation", "list", "--server", made.server.process.address])
        #expect(list.output.contains("V. Alidator") && list.output.contains("version 0.0.1"), "\(list.output)")
        try await made.server.end()
    }

    @Test("Tests that failed are a finding")
    func failedTests() async throws {
        let pack = try ValidationPack(parsing: Self.pack(failed: 1).canonicalBytes)
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: SystemTime())
        try FileManager.default.createDirectory(
            atPath: folder.path + "/validation", withIntermediateDirectories: true)
        try Data(pack.bytes).write(to: URL(fileURLWithPath: ValidationPack.path(pack.sha256, in: folder.path)))
        _ = try await store.write {
            try $0.record(ValidationPack.entryKind, of: ValidationPack.subject, pack.body(by: "A", reason: "b"))
        }
        let part = try await store.read {
            try ValidationEvidence($0, folder: folder.path, version: Software.version).part
        }
        #expect(part.finding.status == .finding && part.finding.words.contains("1 failed"), "\(part.finding.words)")
        try store.close()
    }
}
