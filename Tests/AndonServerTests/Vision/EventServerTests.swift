import AndonCapture
import AndonModel
import AndonTesting
import AndonVision
import Foundation
import Testing

@Suite("Events of edge stacks at a running server")
struct EventServerTests {
    private static let configuration = """
        plant:
          name: Test
          site: BEDFORD
          timeZone: Europe/Berlin
          defaultLocation: PLANT
          assets:
            - { id: PRESS-07, name: Stamping press 7, criticality: A, line: LINE-1, location: BR100 }
          cameras: [{ id: CAM-01, asset: PRESS-07 }]
        rules:
          defaults: { minConfidence: 0.1, minSeverity: 0.1 }
          classes: { scratch: {}, dent: {} }
        sources:
          deepstream:
            type: events
            dialect: deepstream
            mapping: { cameras: { CAMERA_7: CAM-01 } }
          roboflow:
            type: events
            dialect: roboflow
            mapping: { camera: CAM-01 }

        """

    private static func picture() throws -> Data {
        let samples = (0..<64 * 48 * 3).map { UInt8(truncatingIfNeeded: ($0 * 31) % 251) }
        return Data(
            try PixelDecoder.encodeJPEG(Pixels(width: 64, height: 48, colour: .rgb, samples: samples), quality: 90)
                .bytes)
    }

    /// Whether the report's picture is there, byte for byte.
    private static func isKept(_ record: JSON, _ client: TestClient) async throws -> Bool {
        guard let path = record["picture"]?.string else { return false }
        return try await client.send("GET", path).body == Self.picture()
    }

    private static func object(_ id: String, right: Int = 60) -> JSON {
        [
            "messageid": .string(id), "mdsversion": "1.0", "@timestamp": .time(SystemTime().now()),
            "sensor": ["id": "CAMERA_7"],
            "object": [
                "id": "7", "scratch": ["depth": "deep", "confidence": 0.9],
                "bbox": ["topleftx": -2, "toplefty": 10, "bottomrightx": .integer(right), "bottomrighty": 30],
            ],
        ]
    }

    @Test("A DeepStream message with its picture becomes one order, with its box cut at the picture's edge")
    func deepstream() async throws {
        let server = try ServerFixture(Self.configuration)
        let client = server.client
        let form = TestClient.form(
            Self.object("m-1"), picture: try Self.picture(), type: "image/jpeg", fileName: "p.jpg")
        let headers = ["Content-Type": TestClient.formType]
        let path = "/api/v1/sources/deepstream/events"
        let first = try await client.send("POST", path, headers: headers, body: form)
        #expect(first.status == 202 && first.json["repeated"] == false, "\(first.json)")
        let second = try await client.send("POST", path, headers: headers, body: form)
        #expect(second.status == 202 && second.json["repeated"] == true && second.json["id"] == first.json["id"])
        let orders = try await client.get("/api/v1/orders").json["orders"]?.array ?? []
        #expect(orders.count == 1 && orders[0]["asset"] == "PRESS-07")
        let id = try #require(first.json["id"]?.string)
        let record = try await client.get("/api/v1/inspections/\(id)").json
        let inspection = record["inspection"]
        #expect(
            inspection?["defects"]?[0]?["box"] == ["x": 0, "y": 10, "width": 60, "height": 20], "\(inspection ?? .null)"
        )
        #expect(try await Self.isKept(record, client))
        // Most of this box is beyond the picture: it is told, and kept for people.
        let wrong = TestClient.form(
            Self.object("m-2", right: 6000), picture: try Self.picture(), type: "image/jpeg", fileName: "p.jpg")
        let refused = try await client.send("POST", path, headers: headers, body: wrong)
        #expect(refused.status == 422 && refused.json["type"]?.string?.hasSuffix("unmapped-event") == true)
        let kept = try await client.get("/api/v1/sources/deepstream/refusals").json["refusals"]?.array ?? []
        #expect(
            kept.count == 1 && kept[0]["event"] == "m-2"
                && kept[0]["reason"]?.string?.contains("the box begins at x = -2 pixels, outside the picture") == true,
            "\(kept)")
        try await server.end()
    }

    @Test("Roboflow's event writer is answered as it wants it, with its key in its own header")
    func roboflow() async throws {
        let server = try ServerFixture(
            "server: { apiKey: { env: ANDON_TEST_KEY } }\n" + Self.configuration,
            environment: ["ANDON_TEST_KEY": "secret-key"])
        let client = TestClient(server.process.address, headers: ["X-API-Key": "secret-key"])
        let body: JSON = [
            "inference_timestamp": .time(SystemTime().now()), "event_schema": "quality_check",
            "event_data": ["result": "fail", "externalId": "U-1"],
            "images": [
                [
                    "inputBase64Image": .string(try Self.picture().base64EncodedString()),
                    "objectDetections": [
                        ["class": "dent", "x": 20, "y": 20, "width": 10, "height": 10, "confidence": 0.8]
                    ],
                ]
            ], "displayImagePosition": 0,
        ]
        let path = "/api/v1/sources/roboflow/v2/events"
        let answer = try await client.post(path, body)
        let id = try #require(answer.json["id"]?.string)
        #expect(answer.status == 201 && answer.json == ["id": .string(id)])
        let other = TestClient(server.process.address, headers: ["X-API-Key": "another"])
        #expect(try await other.post(path, body).status == 401)
        let record = try await client.get("/api/v1/inspections/\(id)").json
        let inspection = record["inspection"]
        #expect(inspection?["unit"] == "U-1" && inspection?["defects"]?[0]?["class"] == "dent")
        #expect(try await Self.isKept(record, client))
        let sources = try await client.get("/api/v1/sources").json["sources"]?.array ?? []
        #expect(sources.map { $0["name"] } == ["deepstream", "roboflow"])
        #expect(sources[1]["received"] == 1 && sources[1]["state"] == "connected")
        #expect(
            try await client.send("GET", "/metrics").text.contains(
                "andon_events_received_total{source=\"roboflow\"} 1.0"))
        #expect(try await client.send("GET", "/healthz").text.contains("source deepstream: nothing has come since"))
        try await server.end()
    }

    @Test("A form's text may be as large as a body of its own, with pictures in it")
    func largeText() async throws {
        let server = try ServerFixture(Self.configuration)
        // Twice what intake.bodyBytesMax gives to plain reports.
        let text: JSON = [
            "predictions": [["class": "dent", "x": 20, "y": 20, "width": 10, "height": 10, "confidence": 0.8]],
            "visualization": .string(String(repeating: "A", count: 2 << 20)),
        ]
        let form = TestClient.form(text, picture: try Self.picture(), type: "image/jpeg", fileName: "p.jpg")
        let answer = try await server.client.send(
            "POST", "/api/v1/sources/roboflow/events",
            headers: ["Content-Type": TestClient.formType], body: form)
        #expect(answer.status == 202, "\(answer.json)")
        let id = try #require(answer.json["id"]?.string)
        let record = try await server.client.get("/api/v1/inspections/\(id)").json
        #expect(try await Self.isKept(record, server.client))
        try await server.end()
    }

    @Test("One picture serves all reports of its message; one that is no picture leaves the report in, with the reason")
    func pictures() async throws {
        let server = try ServerFixture(Self.configuration)
        let client = server.client
        let headers = ["Content-Type": TestClient.formType]
        let output: JSON = [
            "predictions": [["class": "dent", "x": 20, "y": 20, "width": 10, "height": 10, "confidence": 0.8]]
        ]
        let both = TestClient.form(
            ["outputs": [output, output]], picture: try Self.picture(), type: "image/jpeg", fileName: "p.jpg")
        let answer = try await client.send("POST", "/api/v1/sources/roboflow/events", headers: headers, body: both)
        let ids = (answer.json["events"]?.array ?? [answer.json]).compactMap { $0["id"]?.string }
        #expect(answer.status == 202 && ids.count == 2, "\(answer.json)")
        for id in ids {
            #expect(try await Self.isKept(try await client.get("/api/v1/inspections/\(id)").json, client))
        }
        let text = TestClient.form(
            Self.object("m-1"), picture: Data("no picture, whatever its type says".utf8), type: "image/jpeg",
            fileName: "p.jpg")
        let path = "/api/v1/sources/deepstream/events"
        let without = try await client.send("POST", path, headers: headers, body: text)
        #expect(
            without.status == 202 && without.json["pictureMissing"]?.string?.contains("picture") == true,
            "\(without.json)")
        let large = TestClient.form(
            Self.object("m-2"), picture: try Self.picture() + Data(count: 21 << 20), type: "image/jpeg",
            fileName: "p.jpg")
        let cut = try await client.send("POST", path, headers: headers, body: large)
        #expect(
            cut.status == 202 && cut.json["pictureMissing"]?.string?.contains("intake.pictureBytesMax") == true,
            "\(cut.json)")
        #expect(try server.pictures().count == 1 && server.incoming().isEmpty)
        try await server.end()
    }

    @Test("What is no event is refused in words: no JSON, no such source, two pictures, too large")
    func bad() async throws {
        let server = try ServerFixture(Self.configuration)
        let client = server.client
        let path = "/api/v1/sources/deepstream/events"
        func status(_ path: String, _ type: String, _ body: Data) async throws -> Int {
            try await client.send("POST", path, headers: ["Content-Type": type], body: body).status
        }
        #expect(try await status(path, "application/json", Data("{".utf8)) == 400)
        #expect(try await status("/api/v1/sources/nobody/events", "application/json", Data("{}".utf8)) == 404)
        #expect(try await status(path, "application/json", Data("{}".utf8)) == 422)
        #expect(try await status(path, "application/json", Data("[]".utf8)) == 202)
        let two = "--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"
        #expect(
            try await status(path, "multipart/form-data; boundary=b", Data((two + two + "--b--\r\n").utf8)) == 400)
        try await server.end()
    }

    @Test("The command shows what an event becomes, and says what is wrong with it")
    func command() async throws {
        let folder = try TemporaryFolder("andon-event-check")
        func file(_ name: String, _ text: String) throws -> String {
            let path = "\(folder.path)/\(name)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }
        let configuration = try file("andon.yaml", Self.configuration)
        func check(_ event: String) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(["source", "check", "deepstream", "--config", configuration, "--event", event])
        }
        let good = try await check(try file("good.json", Self.object("m-1").canonicalText))
        #expect(good.status == 0 && good.output.contains("what it becomes:") && good.output.contains("scratch"))
        let bad = try await check(try file("bad.json", #"{"objects": ["x"]}"#))
        #expect(bad.status == 1 && bad.output.contains("/objects/0 is the text \"x\""))
    }
}
