import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Retention and holds over HTTP and by the commands")
struct KeepingTests {
    /// What a server of a hundred days ago left behind: two reports without a defect and two recorded ones, in turn, each
    /// with a picture; the last one's lot is held.
    private static func past(in folder: String) async throws -> [String] {
        let time = TestTime(SystemTime().now() - Retention.day * 100)
        let store = try Store(folder: try TestDatabase.folder(folder), time: time, steps: DeskSchema.steps)
        var digests: [String] = []
        for number in 0..<4 {
            let bytes = Array("picture \(number)".utf8)
            let picture = Picture(sha256: Hex.sha256(bytes), bytes: bytes.count, mediaType: .png)
            digests.append(picture.sha256)
            let shelf = "\(folder)/pictures/\(picture.sha256.prefix(2))"
            try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: "\(shelf)/\(picture.sha256).png"))
            let inspection = Inspection(
                id: "past-\(number)", detectedAt: time.now(), camera: "CAM-01", asset: "PRESS-07", lot: "L-\(number)",
                defects: Array(repeating: Defect(defectClass: "dust"), count: number % 2))
            try await store.write { try keep(inspection, picture, $0) }
        }
        _ = try await store.write { try $0.place(.lot("L-3"), by: "A. Nowak", reason: "claim 4711") }
        try store.close()
        return digests
    }

    private static func keep(_ inspection: Inspection, _ picture: Picture, _ transaction: Transaction) throws {
        let seq = try transaction.insert(
            inspection, body: ["id": .string(inspection.id)], digest: "d", asset: "PRESS-07", picture: picture,
            isSkewed: false)
        try transaction.record("inspection.accepted", of: inspection.id, [:])
        _ = try transaction.countParts(inspection.inspected, asset: "PRESS-07")
        for defect in inspection.defects {
            let detection = Detection(
                inspectionID: inspection.id, ordinal: 0, kind: .detection, detectedAt: inspection.detectedAt,
                receivedAt: transaction.now, camera: inspection.camera, defect: defect,
                place: Plant(name: "P").place(of: inspection))
            let decision = Decision(
                outcome: .recorded, joins: nil, kind: .corrective, priority: 2, severity: 0.5, severityBand: "major",
                criticality: "B", className: "dust", classKnown: true, route: Route(target: .backlog), reason: "test",
                rule: "test", rulesVersion: 1)
            try transaction.insert(detection, inspectionSeq: seq, partsAt: 1, decision: decision, reference: nil)
            try transaction.record("detection.decided", of: detection.id, [:])
        }
    }

    @Test(
        "At its start the server removes what is due; pages, records and commands say so; a hold is released and swept")
    func retention() async throws {
        let folder = try TemporaryFolder("andon-keeping")
        let data = folder.path + "/data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let digests = try await Self.past(in: data)
        let config = folder.path + "/andon.yaml"
        try Data(ServerFixture.plant.utf8).write(to: URL(fileURLWithPath: config))
        let process = try AndonProcess(config: config, data: data)
        let client = TestClient(process.address)
        func status(_ number: Int) async throws -> Int { try await client.get("/pictures/\(digests[number])").status }
        // A picture that goes while it is sent would end that answer short: the record is asked first.
        for number in 0...1 {
            let path = "/api/v1/inspections/past-\(number)"
            #expect(try await eventually { try await client.get(path).json["pictureRemovedAt"] != nil })
            #expect(try await status(number) == 410)
        }
        #expect(try await status(2) == 200, "the newest good one")
        #expect(try await status(3) == 200, "the held one")
        let gone = try await client.get("/pictures/\(digests[1])").json
        #expect(gone["type"]?.string?.hasSuffix("picture-removed") == true)
        #expect(gone["detail"]?.string?.contains("its retention had ended (evidence.retention)") == true, "\(gone)")
        #expect(try await client.get("/api/v1/inspections/past-1").json["pictureRemovedAt"] != nil)
        #expect(try await client.get("/api/v1/inspections/past-3").json["pictureRemovedAt"] == nil)

        func andon(_ arguments: [String]) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(arguments + ["--server", process.address])
        }
        let report = try await andon(["pictures"])
        #expect(report.output.contains("kept: 2 pictures (18 bytes); not kept any more: 2"), "\(report.output)")
        #expect(report.output.contains("recorded only: 1 picture (9 bytes), 1 picture (9 bytes) held"))
        #expect(report.output.contains("without a defect: 1 picture (9 bytes), 1 picture (9 bytes) without a date"))
        let list = try await andon(["hold", "list"])
        #expect(list.output.hasPrefix("hold 1  lot L-3  since ") && list.output.contains("by A. Nowak: claim 4711"))
        #expect(try await andon(["pictures", "--dry-run"]).output.contains("would remove 0 pictures"))
        let by = ["--by", "B. Adeyemi", "--reason", "settled"]
        #expect(try await andon(["hold", "release", "1"] + by).output.contains("by B. Adeyemi: settled"))
        let again = try await andon(["hold", "release", "1"] + by)
        #expect(again.status != 0 && again.output.contains("B. Adeyemi released it at"))
        #expect(try await andon(["hold", "list"]).output == "no hold is in force\n")
        #expect(try await andon(["hold", "list", "--released"]).output.contains("settled"))
        #expect(
            try await andon(["pictures", "--sweep", "--dry-run"]).output.contains("would remove 1 picture (9 bytes)"))
        #expect(try await status(3) == 200)
        #expect(try await andon(["pictures", "--sweep"]).output.contains("removed 1 picture (9 bytes)"))
        #expect(try await status(3) == 410)
        try await process.stop()
        #expect(try await AndonProcess.run(["reconcile", "--data", data]).status == 0)
        let ledger = try await AndonProcess.run(["ledger", "verify", "--data", data])
        #expect(ledger.status == 0, "\(ledger.output)")
    }

    @Test("A changed retention is in force when the file has changed; a wrong one is not; nothing goes before a sweep")
    func changedRetention() async throws {
        let folder = try TemporaryFolder("andon-keeping")
        let data = folder.path + "/data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let digests = try await Self.past(in: data)
        let config = folder.path + "/andon.yaml"
        func write(_ retention: String) throws {
            try Data((ServerFixture.plant + "evidence: { retention: { \(retention) } }\n").utf8)
                .write(to: URL(fileURLWithPath: config))
        }
        try write("recorded: 365d, good: 365d")
        let process = try AndonProcess(config: config, data: data)
        let client = TestClient(process.address)
        func due() async throws -> Int? {
            try await client.get("/api/v1/pictures").json["due"]?["count"]?.integer.map { Int($0) }
        }
        #expect(try await due() == 0)
        try write("recorded: 90d, good: 90d")
        #expect(try await eventually { try await due() == 2 })
        for digest in digests { #expect(try await client.get("/pictures/\(digest)").status == 200) }
        // Good ones longer than recorded ones is a mistake, and changes nothing; neither does the wait for it.
        try write("recorded: 90d, good: 365d")
        try await SystemTime().sleep(for: .seconds(3))
        #expect(try await due() == 2)
        try write("recorded: 365d, good: 90d")
        #expect(try await eventually { try await due() == 1 })
        #expect(try await client.post("/api/v1/pictures/sweep", [:]).json["pictures"]?["count"]?.integer == 1)
        #expect(try await client.get("/pictures/\(digests[0])").status == 410)
        #expect(try await client.get("/pictures/\(digests[1])").status == 200)
        try await process.stop()
        let store = try Store.reading(folder: data, time: SystemTime())
        #expect(
            try await store.read { try $0.count("SELECT COUNT(*) FROM ledger WHERE kind = 'retention.changed'") } == 2)
        try store.close()
        #expect(try await AndonProcess.run(["ledger", "verify", "--data", data]).status == 0)
    }

    @Test("A hold of a line or an asset says what it reaches, what a changed plant file adds among it")
    func reach() async throws {
        let server = try ServerFixture()
        _ = try await server.client.report(server.report("a"), picture: samplePicture("scratch"))
        func place(_ name: String) async throws -> JSON {
            try await server.client.post("/api/v1/holds", ["asset": .string(name), "by": "A", "reason": "b"]).json
        }
        let line = try await place("LINE-1")
        #expect(line["reaches"] == ["LINE-1", "PRESS-07"] && line["pictures"]?["count"]?.integer == 1, "\(line)")
        #expect(try await place("PRESS-07")["reaches"] == ["PRESS-07"])
        #expect(try await place("BEDFORD")["reaches"] == ["*"])
        let other = try await place("LINE-2")
        #expect(other["reaches"] == ["LINE-2"] && other["pictures"]?["count"]?.integer == 0, "\(other)")
        let changed = ServerFixture.plant.replacing(
            "  zones:", with: "    - { id: DIE-71, parent: PRESS-07 }\n  zones:")
        try Data(changed.utf8).write(to: URL(fileURLWithPath: server.config))
        #expect(
            try await eventually {
                let holds = try await server.client.get("/api/v1/holds").json["holds"]?.array ?? []
                return holds.first { $0["asset"] == "PRESS-07" }?["reaches"] == ["DIE-71", "PRESS-07"]
                    && holds.first { $0["asset"] == "LINE-1" }?["reaches"] == ["DIE-71", "LINE-1", "PRESS-07"]
            })
        try await server.end()
    }

    @Test("A hold is of one thing, by somebody, for a reason; each fault is named")
    func holds() async throws {
        let server = try ServerFixture()
        _ = try await server.client.report(server.report("a", ["lot": "L-1"]), picture: samplePicture("scratch"))
        let orders = try await server.client.get("/api/v1/orders").json["orders"]?.array
        let reference = try #require(orders?.first?["reference"])
        func ask(_ body: JSON) async throws -> TestClient.Answer {
            try await server.client.post("/api/v1/holds", body)
        }
        let (who, why): (JSON, JSON) = ("A. Nowak", "claim")
        for (body, words) in [
            (["by": who, "reason": why], "A hold is of one thing"),
            (["lot": "L-1", "asset": "X", "by": who, "reason": why], "A hold is of one thing"),
            (["lot": "", "by": who, "reason": why], "lot is a text"),
            (["lot": "L-1", "by": "  ", "reason": why], "Say who"), (["lot": "L-1", "by": who], "Say why"),
            (["order": "short", "by": who, "reason": why], "A reference is ten characters"),
            (["order": "ABCDEFGHIJ", "by": who, "reason": why], "There is no order ABCDEFGHIJ"),
            (["camera": "CAM-01", "by": who, "reason": why], "A hold of a camera needs from"),
            (["camera": "CAM-01", "from": "yesterday", "by": who, "reason": why], "From is a time like"),
            (
                ["camera": "CAM-01", "from": "2026-11-02", "to": "2026-11-01", "by": who, "reason": why],
                "To should be after from"
            ),
        ] as [(JSON, String)] {
            let answer = try await ask(body)
            let detail = answer.json["detail"]?.string ?? ""
            #expect(answer.status == 422 && detail.lowercased().hasPrefix(words.lowercased()), "\(answer.text)")
        }
        #expect(try await server.client.send("POST", "/api/v1/holds", body: Data("{".utf8)).status == 400)
        #expect(try await server.client.post("/api/v1/holds/7/release", ["by": who, "reason": why]).status == 404)
        #expect(try await server.client.post("/api/v1/holds/x/release", ["by": who, "reason": why]).status == 404)
        let held = try await ask(["order": reference, "by": who, "reason": why])
        #expect(held.status == 201 && held.json["pictures"]?["count"]?.integer == 1, "\(held.text)")
        let camera = try await ask(["camera": "CAM-01", "from": "2026-01-01", "by": who, "reason": why])
        #expect(
            camera.json["pictures"]?["count"]?.integer == 1
                && camera.json["from"]?.string == "2026-01-01T00:00:00.000000Z")
        let added = try await AndonProcess.run(
            [
                "hold", "add", "--lot", "L-2", "--by", "A. Nowak", "--reason", "claim", "--server",
                server.process.address,
            ])
        #expect(added.status == 0 && added.output.contains("hold 3  lot L-2"), "\(added.output)")
        #expect(added.output.contains("it covers 0 pictures (0 bytes) that are kept now"))
        let refused = try await AndonProcess.run(
            ["hold", "add", "--by", "A", "--reason", "b", "--server", server.process.address])
        #expect(refused.status != 0 && refused.output.contains("A hold is of one thing"))
        try await server.end()
    }

    @Test(
        "Short of space with nothing to remove, reports are taken, an order keeps its picture, and everything says so")
    func shortage() async throws {
        let server = try ServerFixture(
            ServerFixture.plant + "evidence: { freeSpace: { bytes: 999999GB, share: 1 } }\n")
        #expect(try await eventually { try await server.client.get("/readyz").text.contains("are not kept") })
        let ready = try await server.client.get("/readyz")
        #expect(ready.status == 200 && ready.text.hasPrefix("ready\n"))
        let alarms = try await server.client.get("/api/v1/alarms").json["alarms"]?.array?.map { $0["kind"]?.string }
        #expect(alarms == ["disk-space", "disk-full"])
        #expect(try await server.client.get("/metrics").text.contains("\nandon_disk_shortage 2.0\n"))
        #expect(try await server.client.get("/api/v1/pictures").json["space"]?["state"]?.string == "exhausted")
        let recorded = try await server.client.report(
            server.report("r", ["defects": [["class": "scratch", "confidence": 0.1]]]), picture: samplePicture("dent"))
        #expect(recorded.status == 202 && recorded.json["pictureRemovedAt"] != nil, "\(recorded.text)")
        let link = try #require(recorded.json["picture"]?.string)
        let answer = try await server.client.get(link)
        #expect(answer.status == 410 && answer.json["detail"]?.string?.contains("it was not kept when it came") == true)
        let order = try await server.client.report(server.report("o"), picture: samplePicture("scratch"))
        let picture = try await server.client.get(try #require(order.json["picture"]?.string))
        #expect(try picture.status == 200 && picture.body == samplePicture("scratch"))
        #expect(try server.pictures().count == 1)
        try await server.end()
    }

    @Test("The pages of an order say that its picture is not kept any more")
    func pages() async throws {
        let server = try ServerFixture()
        let accepted = try await server.client.report(server.report("a"), picture: samplePicture("scratch"))
        let reference = try #require(accepted.json["detections"]?.array?.first?["order"]?.string)
        #expect(
            try await eventually {
                try await server.client.get("/desk/\(reference)").text.contains("img class=\"evidence\"")
            })
        try await server.process.stop()
        // Ten years and more later.
        let store = try Store(
            folder: try TestDatabase.folder(server.data), time: SystemTime(),
            steps: DeskSchema.steps + IdentitySchema.steps)
        try await store.write {
            _ = try $0.run("UPDATE picture SET removed_at = 1795521600000000, removed_for = 'retention', removal = 0")
        }
        try store.close()
        let later = try AndonProcess(config: server.config, data: server.data)
        let client = TestClient(later.address)
        let desk = try await client.get("/desk/\(reference)").text
        #expect(desk.contains("The picture of the defect is not kept any more since 24/11/2026"), "\(desk)")
        #expect(!desk.contains("src=\"/pictures/"))
        let text = try await client.get("/orders/\(reference)").text
        #expect(text.contains("The picture is not kept any more since 2026-11-24T"), "\(text)")
        try await later.stop()
    }
}
