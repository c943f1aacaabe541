import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

@Suite("Intake over HTTP")
struct IntakeTests {
    @Test("A report with its picture is durable, decided and readable, and the bytes are the ones that were sent")
    func report() async throws {
        let server = try ServerFixture()
        let picture = try samplePicture("scratch")
        let answer = try await server.client.report(server.report("r-1", ["lot": "L-1"]), picture: picture)
        #expect(answer.status == 202, "\(answer.text)")
        #expect(answer.headers["location"] == "/api/v1/inspections/r-1")
        let detection = try #require(answer.json["detections"]?[0])
        #expect(detection["outcome"] == "raised" && detection["reason"]?.string?.isEmpty == false)
        #expect(try await server.client.get(try #require(answer.json["picture"]?.string)).body == picture)
        let kept = try await server.client.get("/api/v1/inspections/r-1").json
        #expect(kept["inspection"]?["schema"] == "andon.inspection/1")
        #expect(try await server.client.get("/api/v1/lots/L-1").json["inspections"]?.array?.count == 1)
        try await server.end()
    }

    @Test("One query by a detection's id gives its whole chain, and a day's list adds up")
    func chain() async throws {
        let server = try ServerFixture()
        let report = server.report(
            "press-7/000127",
            [
                "defects": [
                    ["class": "scratch", "confidence": 0.9, "severity": 0.8],
                    ["class": "scratch", "confidence": 0.1, "severity": 0.8],
                ]
            ])
        let answer = try await server.client.post("/api/v1/inspections", report)
        #expect(try await server.client.get(try #require(answer.headers["location"])).status == 200)
        let raised = try await server.client.get("/api/v1/detections/press-7%2F000127%230").json
        #expect(
            raised["detection"]?["outcome"] == "raised"
                && raised["order"]?["reference"] == raised["detection"]?["order"])
        let kinds = Set((raised["ledger"]?.array ?? []).compactMap { $0["kind"]?.string })
        #expect(kinds.isSuperset(of: ["inspection.accepted", "detection.decided", "order.raised"]))
        #expect(
            try await server.client.get("/api/v1/detections/press-7%2F000127%231").json["detection"]?["outcome"]
                == "recorded")
        #expect(try await server.client.get("/api/v1/detections/press-7%2F000127%232").status == 404)
        let day = SystemTime().now().description.prefix(10)
        let list = try await AndonProcess.run(["reconcile", "--data", server.data, "--day", String(day), "--list"])
        #expect(list.output.contains("2 detections = 1 raised + 0 grouped + 1 recorded"), "\(list.output)")
        #expect(try await AndonProcess.run(["reconcile", "--data", server.data, "--day", "yesterday"]).status == 1)
        try await server.end()
    }

    @Test("The same report again answers the first result; another one with its id is 409 and leaves no picture")
    func repeated() async throws {
        let server = try ServerFixture()
        let report = server.report("r-1")
        let picture = try samplePicture("scratch")
        let first = try await server.client.report(report, picture: picture)
        let second = try await server.client.report(report, picture: picture)
        #expect(first.status == 202 && second.status == 202 && first.json == second.json)
        let other = try await server.client.report(report, picture: try samplePicture("dent"))
        #expect(other.status == 409 && other.json["type"]?.string?.hasSuffix("id-in-use") == true)
        let without = try await server.client.post("/api/v1/inspections", report)
        #expect(without.status == 409)
        #expect(try server.pictures().count == 1, "the refused report's picture is gone, the first one's is there")
        #expect(try await server.client.get(try #require(first.json["picture"]?.string)).body == picture)
        try await server.end()
    }

    @Test("CloudEvents, structured and binary, are taken on the same route")
    func cloudEvents() async throws {
        let server = try ServerFixture()
        let report = server.report("ce-1")
        let structured: JSON = [
            "specversion": "1.0", "id": "e1", "source": "/line1", "type": "andon.inspection",
            "datacontenttype": "application/json", "data": report,
        ]
        let first = try await server.client.send(
            "POST", "/api/v1/inspections", headers: ["Content-Type": "application/cloudevents+json"],
            body: Data(structured.canonicalBytes))
        #expect(first.status == 202, "\(first.text)")
        let second = try await server.client.send(
            "POST", "/api/v1/inspections",
            headers: [
                "Content-Type": "application/json", "ce-specversion": "1.0", "ce-id": "e2", "ce-source": "/line1",
                "ce-type": "andon.inspection",
            ], body: Data(server.report("ce-2").canonicalBytes))
        #expect(second.status == 202, "\(second.text)")
        try await server.end()
    }

    @Test("A picture may be named in the watched folder, and only there")
    func watchedFolder() async throws {
        let pictures = try TemporaryFolder("andon-watched")
        let bytes = try samplePicture("dent")
        try bytes.write(to: URL(fileURLWithPath: pictures.path + "/a.jpg"))
        let server = try ServerFixture(ServerFixture.plant + "intake: { watchedFolder: \(pictures.path) }\n")
        func post(_ id: String, _ file: String) async throws -> TestClient.Answer {
            try await server.client.post(
                "/api/v1/inspections", server.report(id, ["picture": ["file": .string(file)]]))
        }
        let taken = try await post("f-1", "a.jpg")
        #expect(taken.status == 202)
        #expect(try await server.client.get(try #require(taken.json["picture"]?.string)).body == bytes)
        for file in ["b.jpg", "../a.jpg", "/etc/passwd", "x/../../a.jpg", "a.jpg\\..", "./a.jpg"] {
            #expect(try await post("f-2", file).status == 422, "\(file)")
        }
        try await server.end()
    }

    @Test("What the plant file does not know is taken, shown as unmapped, and ordered at the default location")
    func unmapped() async throws {
        let server = try ServerFixture()
        let answer = try await server.client.post(
            "/api/v1/inspections",
            server.report(
                "u-1", ["camera": "CAM-99", "defects": [["class": "warp", "confidence": 0.99, "severity": 0.9]]]))
        let detection = try #require(answer.json["detections"]?[0])
        #expect(detection["unmapped"] == true && detection["outcome"] == "raised")
        let reference = try #require(detection["order"]?.string)
        let text = try await server.client.get("/orders/\(reference)").text
        #expect(text.contains("not in the asset registry") && text.contains("CAM-99 (not in the plant file)"))
        try await server.end()
    }

    @Test("The lot is looked up where the report names none; a slow or absent answer leaves it out")
    func lotLookup() async throws {
        let asked = Mutex<[String]>([])
        let mes = try await StandInServer { request in
            asked.withLock { $0.append(request.path) }
            switch request.path {
            case "/units/U 1&2": return .answer(status: 200, body: Array(#"{"batch": {"lot": "L-77"}}"#.utf8))
            case "/units/slow": return .hang
            default: return .answer(status: 404)
            }
        }
        let server = try ServerFixture(
            ServerFixture.plant
                + "intake: { lotLookup: { url: \"\(mes.address)/units/{unit}\", lotPointer: /batch/lot, timeout: 1s } }\n"
        )
        func lot(_ id: String, _ changes: [String: JSON]) async throws -> String? {
            let report = server.report(id, changes.merging(["detectedAt": "2026-11-24T02:00:00Z"]) { $1 })
            let answer = try await server.client.post("/api/v1/inspections", report)
            #expect(answer.status == 202, "\(answer.text)")
            return answer.json["lot"]?.string
        }
        // On a busy machine a second may pass; the next report asks again after a rest.
        var number = 0
        let isFound = try await eventually {
            number += 1
            return try await lot("l-1-\(number)", ["unit": "U 1&2"]) == "L-77"
        }
        #expect(isFound)
        #expect(try await lot("l-1-\(number)", ["unit": "U 1&2"]) == "L-77", "the same report again is the same")
        #expect(try await lot("l-2", ["unit": "unknown"]) == nil)
        #expect(try await lot("l-3", ["unit": "U 1&2", "lot": "L-own"]) == "L-own")
        #expect(try await lot("l-4", [:]) == nil, "nothing to ask for")
        #expect(try await lot("l-5", ["unit": "slow"]) == nil)
        #expect(Set(asked.withLock { $0 }).isSubset(of: ["/units/U 1&2", "/units/unknown", "/units/slow"]))
        let order = try await server.client.get("/api/v1/inspections/l-5").json["detections"]?[0]?["order"]?.string
        let ledger = try await server.client.get("/api/v1/ledger").text
        #expect(ledger.contains("\"lotLookup\":\"found\"") && ledger.contains("\"lotLookup\":\"failed"), "\(ledger)")
        #expect(order != nil)
        try await server.end()
        try await mes.stop()
    }

    @Test("Counts of good parts are taken once")
    func frames() async throws {
        let server = try ServerFixture()
        let batch: JSON = [
            "id": "b-1",
            "frames": [
                ["camera": "CAM-01", "from": "2026-11-24T01:00:00Z", "to": "2026-11-24T01:05:00Z", "inspected": 400]
            ],
        ]
        #expect(try await server.client.post("/api/v1/frames", batch).json["repeated"] == false)
        #expect(try await server.client.post("/api/v1/frames", batch).json["repeated"] == true)
        #expect(try await server.client.post("/api/v1/frames", ["id": "b-1", "frames": []]).status == 422)
        try await server.end()
    }

    @Test("With an API key every call needs it; health does not")
    func apiKey() async throws {
        let server = try ServerFixture(
            ServerFixture.plant + "server: { apiKey: { env: TEST_API_KEY } }\n", environment: ["TEST_API_KEY": "k-123"])
        #expect(try await server.client.post("/api/v1/inspections", server.report("k-1")).status == 401)
        #expect(try await server.client.get("/readyz").status == 200)
        let with = TestClient(server.process.address, headers: ["Authorization": "Bearer k-123"])
        #expect(try await with.post("/api/v1/inspections", server.report("k-1")).status == 202)
        let wrong = TestClient(server.process.address, headers: ["Authorization": "Bearer k-1234"])
        #expect(try await wrong.get("/api/v1/orders").status == 401)
        try await server.end()
    }

    @Test("Changed rules are in force without a restart; wrong ones are not, and the old ones stay")
    func hotReload() async throws {
        let server = try ServerFixture()
        func outcome(_ id: String) async throws -> (String?, Int?) {
            let answer = try await server.client.post(
                "/api/v1/inspections",
                server.report(
                    id,
                    [
                        "asset": .string("A-\(id)"),
                        "defects": [["class": "scratch", "confidence": 0.6, "severity": 0.9]],
                    ]))
            let detection = answer.json["detections"]?[0]
            return (detection?["outcome"]?.string, detection?["rulesVersion"]?.integer)
        }
        let before = try await outcome("h-0")
        #expect(before.0 == "raised")
        try write(server, ServerFixture.plant.replacing("minConfidence: 0.5", with: "minConfidence: 0.7"))
        var number = 0
        let changed = try await eventually {
            number += 1
            return try await outcome("h-1-\(number)").0 == "recorded"
        }
        #expect(changed)
        let after = try await outcome("h-2")
        #expect(after.0 == "recorded" && after.1 == (before.1 ?? 0) + 1)
        try write(server, ServerFixture.plant.replacing("minConfidence: 0.5", with: "minConfidence: lots"))
        // Both writes are seen in order: when a third, right one is in force, the wrong one was refused before.
        #expect(try await AndonProcess.run(["check", "--config", server.config]).output.contains("minConfidence"))
        #expect(try await outcome("h-3").0 == "recorded")
        try write(server, ServerFixture.plant.replacing("minConfidence: 0.5", with: "minConfidence: 0.55"))
        let again = try await eventually {
            number += 1
            return try await outcome("h-4-\(number)").0 == "raised"
        }
        #expect(again)
        try await server.end()
    }

    private func write(_ server: ServerFixture, _ yaml: String) throws {
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: server.config))
    }
}
