import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Cameras of a running server")
struct CameraServerTests {
    private static func server(_ sources: String) throws -> ServerFixture {
        let rules = """
            plant:
              name: Test
              site: BEDFORD
              timeZone: Europe/Berlin
              defaultLocation: PLANT
              assets:
                - { id: PRESS-07, name: Stamping press 7, criticality: A, line: LINE-1, location: BR100 }
                - { id: CAMERA-01, name: Camera above press 7, criticality: B, line: LINE-1, location: BR100 }
              cameras: [{ id: CAM-01, asset: PRESS-07 }]
            rules:
              defaults: { minConfidence: 0.1, minSeverity: 0.1 }
              classes: { scratch: {}, dent: {}, chip: {}, stain: {}, camera_dead: {} }

            """
        return try ServerFixture(
            rules + sources.replacing("FOLDER", with: FileManager.default.temporaryDirectory.path),
            environment: CameraSamples.environment)
    }

    @Test(
        "Frames that are pushed become an order, a model is swapped, and the pages and figures say it",
        .enabled(if: CameraSamples.library != nil, CameraSamples.missing))
    func pushed() async throws {
        let models = try CameraSamples.models()
        let server = try Self.server(
            """
            sources:
              press:
                type: camera
                camera: CAM-01
                capture: { from: push }
                model: { card: "\(models.path)/first.yaml" }
                goodFrames: { every: 1s }
                evidence: { before: 1, after: 1 }

            """)
        let client = server.client
        #expect(
            try await eventually {
                let source = try await client.get("/api/v1/sources").json["sources"]?[0]
                return source?["state"] == "connected" && source?["model"]?["version"] == "1"
            })
        for number in 1...3 {
            let answer = try await client.send(
                "POST", "/api/v1/sources/press/frames?id=f-\(number)&unit=U-\(number)",
                headers: ["Content-Type": "image/jpeg"], body: try CameraSamples.picture(number))
            #expect(answer.status == 202 && answer.json["number"] == .integer(number), "\(answer.json)")
        }
        let orders = try await client.get("/api/v1/orders").json["orders"]?.array ?? []
        #expect(!orders.isEmpty && orders.allSatisfy { $0["asset"] == "PRESS-07" })
        let reference = try #require(orders.last?["reference"]?.string)
        let record = try await client.get("/api/v1/orders/\(reference)").json
        let report = try #require(record["order"]?["inspectionId"]?.string ?? record["detections"]?[0]?["id"]?.string)
        let id = String(report.prefix { $0 != "#" })
        let inspection = try await client.get("/api/v1/inspections/\(id)").json
        #expect(inspection["inspection"]?["model"] == ["name": "shapes", "version": "1"], "\(inspection)")
        #expect(
            (inspection["frames"]?.array ?? []).contains { $0["offset"] == 1 || $0["offset"] == -1 }, "\(inspection)")
        let page = try await client.send("GET", "/orders/\(reference)", headers: ["Accept": "text/html"]).text
        #expect(page.contains("Frames before and after"))
        #expect(
            try await client.send(
                "POST", "/api/v1/sources/press/frames", headers: ["Content-Type": "image/jpeg"],
                body: Data("no picture".utf8)
            ).status == 415)
        try await swaps(client)
        try await scene(client)
        try await pages(client)
        try await server.end()
    }

    private func swaps(_ client: TestClient) async throws {
        let path = "/api/v1/sources/press/model"
        let who: [String: JSON] = ["by": "A. Nowak", "reason": "less scrap"]
        for (card, words) in [
            ("other-file.yaml", "not the file of this card"), ("wrong.yaml", "task"), ("../x.yaml", "models folder"),
            ("none.yaml", "cannot be read"),
        ] {
            let refused = try await client.post(path, .object(who.merging(["card": .string(card)]) { $1 }))
            #expect(refused.status == 422 && refused.json.canonicalText.contains(words), "\(card): \(refused.json)")
        }
        #expect(try await client.post(path, ["card": "second.yaml", "by": "A. Nowak"]).status == 422)
        let taken = try await client.post(path, .object(who.merging(["card": "second.yaml"]) { $1 }))
        #expect(taken.status == 200 && taken.json["model"]?["version"] == "2", "\(taken.json)")
        let pushed = try await client.send(
            "POST", "/api/v1/sources/press/frames?id=f-9", headers: ["Content-Type": "image/jpeg"],
            body: try CameraSamples.picture(9))
        #expect(pushed.status == 202)
        let source = try await client.get("/api/v1/sources").json["sources"]?[0]
        #expect(source?["reported"] == 3 && source?["good"] == 1 && source?["underWay"] == 0, "\(source ?? .null)")
        let entries = try await client.get("/api/v1/ledger?from=0").json.canonicalText
        #expect(entries.contains("less scrap") && entries.contains("second.yaml"))
        #expect(entries.contains("vision.model") && entries.contains("evidence.frame"))
        #expect(
            try await eventually {
                try await client.get("/api/v1/ledger?from=0").json.canonicalText.contains("frames.accepted")
            })
    }

    private func scene(_ client: TestClient) async throws {
        let path = "/api/v1/sources/press/scene"
        #expect(try await client.post(path, ["by": "A. Nowak"]).status == 422)
        #expect(try await client.post("/api/v1/sources/nobody/scene", ["reason": "x"]).status == 404)
        let taken = try await client.post(path, ["by": "A. Nowak", "reason": "a new fixture"])
        #expect(taken.status == 202 && taken.json == ["learning": true], "\(taken.json)")
        let entries = try await client.get("/api/v1/ledger?from=0").json.canonicalText
        #expect(entries.contains("vision.scene") && entries.contains("a new fixture"))
        #expect(try await client.get("/cameras").text.contains("being learned"))
    }

    private func pages(_ client: TestClient) async throws {
        let page = try await client.get("/cameras")
        #expect(page.status == 200 && page.text.contains("shapes 2") && page.text.contains("/cameras/press/frame"))
        #expect(!page.text.contains("style=") && !page.text.contains("<script>"))
        #expect(page.headers["refresh"] == "10")
        #expect(try await client.get("/cameras?hold=yes").headers["refresh"] == nil)
        let frame = try await client.get("/cameras/press/frame")
        #expect(frame.status == 200 && frame.text.isEmpty == false)
        #expect(try await client.get("/cameras/nobody/frame").status == 404)
        let metrics = try await client.get("/metrics").text
        #expect(metrics.contains("andon_frames_reported_total{source=\"press\"} 3.0"))
        #expect(metrics.contains("andon_camera_model_info{source=\"press\",model=\"shapes\",version=\"2\""))
        #expect(try await client.get("/healthz").text.contains("camera press: connected"))
    }

    @Test("A camera that is not there is an order against the camera, and the server says that no model looks")
    func dead() async throws {
        let server = try Self.server(
            """
            sources:
              press:
                type: camera
                camera: CAM-01
                capture: { from: file, path: FOLDER/andon-no-such-film.mjpeg }
                model: { card: FOLDER/andon-no-such-card.yaml }
                health: { deadAfter: 1s, asset: CAMERA-01 }
                alarmAfter: 1s

            """)
        let client = server.client
        #expect(
            try await eventually {
                let orders = try await client.get("/api/v1/orders").json["orders"]?.array ?? []
                return orders.contains { $0["asset"] == "CAMERA-01" && $0["class"] == "camera_dead" }
            })
        #expect(
            try await eventually {
                let text = try await client.get("/api/v1/alarms").json.canonicalText
                return ["camera-trouble", "source-away", "vision-unavailable"].allSatisfy { text.contains($0) }
            })
        #expect(try await client.get("/healthz").text.contains("vision stage not available"))
        let page = try await client.get("/cameras").text
        #expect(page.contains("No model looks at the frames") && page.contains("No frame yet"))
        #expect(!page.contains("<img"))
        try await server.end()
    }
}
