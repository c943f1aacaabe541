import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The page Now")
struct NowPageTests {
    private static func open(
        _ server: AndonProcess, _ path: String = "/now/stream", headers: String = ""
    ) throws -> RawConnection {
        let connection = try RawConnection(port: server.port)
        connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\(headers)\r\n")
        return connection
    }

    private static func isFollowing(_ text: String) -> Bool { text.contains("event: version\n") }

    private func defect(_ name: String, _ severity: Double) -> JSON {
        [["class": .string(name), "confidence": 0.9, "severity": .number(severity)]]
    }

    @Test("Shows what came in, newest first, with its outcome, its order, and the seconds to it")
    func page() async throws {
        let server = try ServerFixture()
        let picture = try samplePicture("scratch")
        let taken = try await server.client.report(
            server.report("n-1", ["defects": defect("scratch", 0.95)]), picture: picture)
        let reference = try #require(taken.json["detections"]?[0]?["order"]?.string)
        _ = try await server.client.post(
            "/api/v1/inspections", server.report("n-2", ["defects": defect("<b>dust</b>", 0.1)]))
        #expect(
            try await eventually { try await server.client.get("/now").text.contains("in desk</span>") })
        let page = try await server.client.get("/now")
        #expect(page.status == 200 && page.body.count < 100_000)
        #expect(page.text.contains("/pictures/\(Hex.sha256(Array(picture)))/thumbnail?width=320"))
        #expect(page.text.contains("data-order=\"\(reference)\"") && page.text.contains("critical 0.95"))
        #expect(page.text.contains("Raised an order") && page.text.contains("Stamping press 7"))
        #expect(!page.text.contains("<b>dust") && page.text.contains("&lt;b&gt;dust"))
        #expect(!page.text.contains("style=\"") && !page.text.contains("«"), "\(page.text)")
        let places = ["id=\"d2\"", "id=\"d1\""].map { page.text.range(of: $0)?.lowerBound }
        #expect(places[0] != nil && places[1] != nil)
        if let newer = places[0], let older = places[1] { #expect(newer < older) }

        let german = try await server.client.send("GET", "/now", headers: ["Accept-Language": "de"])
        #expect(german.text.contains("Neuer Auftrag") && german.text.contains("kritisch 0,95"))
        #expect(!german.text.contains("«"))
        let wall = try await server.client.get("/now/wall?minutes=5")
        #expect(wall.status == 200 && wall.text.contains("data-wall") && !wall.text.contains("<nav"))
        #expect(try await server.client.get("/now/wall?minutes=0").status == 400)
        try await server.end()
    }

    @Test("As long as nothing came in, who may report is led to the test detection, there and from the connectors")
    func wayToTest() async throws {
        let bench = try await AccessBench()
        try await bench.person("v.iewer", "viewer", approver: nil)
        let viewer = try await bench.signIn("v.iewer")
        let link = "href=\"/test-detection\""
        let empty = try await bench.administrator.get("/now")
        #expect(empty.status == 200 && empty.body.contains(link) && !empty.body.contains("«"), "\(empty.body)")
        #expect(try await !bench.administrator.get("/now?class=dust").body.contains(link), "nothing fits is not empty")
        #expect(try await bench.administrator.get("/connectors").body.contains(link))
        for path in ["/now", "/connectors"] {
            let page = try await viewer.get(path)
            #expect(page.status == 200 && !page.body.contains(link), "\(path)")
        }
        let (camera, _) = try await bench.key("CAM-01", "report")
        #expect(try await camera.post("/api/v1/inspections", bench.server.report("n-1")).status == 202)
        #expect(try await !bench.administrator.get("/now").body.contains(link))
        try await bench.server.end()
    }

    @Test("Filters narrow what is shown, older pages go on where the last one ended, and a wrong filter comes back")
    func filters() async throws {
        let server = try ServerFixture()
        for number in 0..<60 {
            let body = server.report("f-\(number)", ["defects": defect(number < 55 ? "dust" : "scratch", 0.6)])
            #expect(try await server.client.post("/api/v1/inspections", body).status == 202)
        }
        func cards(_ query: String) async throws -> (ids: [String], text: String) {
            let text = try await server.client.get("/now\(query)").text
            return (text.matches(of: /id="(d[0-9]+)"/).map { String($0.1) }, text)
        }
        let first = try await cards("")
        #expect(first.ids.count == 48 && first.ids.first == "d60" && first.text.contains("data-stream"))
        let link = try #require(first.text.firstMatch(of: /href="\/now(\?before=[0-9]+)"/)?.1)
        let second = try await cards(String(link))
        #expect(second.ids.count == 12 && second.ids.last == "d1" && !second.text.contains("data-stream"))
        #expect(try await cards("?class=scratch").ids.count == 5)
        #expect(try await cards("?class=scratch&severity=0.7").ids.isEmpty)
        #expect(try await cards("?class=scratch&severity=0%2C6&orders=on&asset=PRESS-07").ids.count == 5)
        #expect(try await cards("?outcome=raised&class=scratch").ids.count == 1)
        #expect(try await cards("?asset=two+words").text.contains("value=\"two words\""))
        let wrong = try await server.client.get("/now?severity=lots&class=dust")
        #expect(wrong.status == 400 && wrong.text.contains("value=\"lots\"") && wrong.text.contains("value=\"dust\""))
        #expect(wrong.text.contains("severity is a number from 0 to 1"))
        #expect(try await server.client.get("/now/stream?outcome=none").status == 400)
        #expect(try await server.client.get("/now/stream?after=yesterday").status == 400)
        try await server.end()
    }

    @Test("The stream brings cards and orders as they come; who resumes gets what was missed, and nothing twice")
    func stream() async throws {
        let server = try ServerFixture()
        let body = server.report("s-1", ["defects": defect("scratch", 0.8)])
        var lastID = ""
        do {
            let connection = try Self.open(server.process)
            let head = await connection.read(until: Self.isFollowing)
            #expect(head.hasPrefix("HTTP/1.1 200") && head.contains("text/event-stream"))
            #expect(try await server.client.post("/api/v1/inspections", body).status == 202)
            let told = await connection.read { $0.contains("event: order\n") && $0.contains("in desk</span>") }
            #expect(told.contains("event: detection\n") && told.contains("id=\"d1\""), "\(told)")
            lastID = try #require(told.matches(of: /id: ([0-9]+-[0-9]+)/).last.map { String($0.1) })
        }
        let other = server.report("s-2", ["defects": defect("dent", 0.3)])
        #expect(try await server.client.post("/api/v1/inspections", other).status == 202)
        let again = try Self.open(server.process, headers: "Last-Event-ID: \(lastID)\r\n")
        let missed = await again.read { $0.contains("id=\"d2\"") }
        #expect(missed.contains("id=\"d2\"") && !missed.contains("id=\"d1\""), "\(missed)")
        let narrow = try Self.open(server.process, "/now/stream?after=0-0&class=dent")
        let dents = await narrow.read { $0.contains("id=\"d2\"") }
        #expect(dents.contains("id=\"d2\"") && !dents.contains("id=\"d1\""))
        let lost = try Self.open(server.process, "/now/stream?after=999999-0")
        let anew = await lost.read { $0.contains("event: reload\n") }
        #expect(anew.contains("event: reload\n"), "\(anew)")
        try await server.end()
    }

    @Test(
        "Two hundred streams are open at once and no more; who goes makes room; the server ends promptly with all of them"
    )
    func limits() async throws {
        let server = try ServerFixture()
        var open: [RawConnection] = []
        for _ in 0..<200 {
            let connection = try Self.open(server.process)
            let text = await connection.read(until: Self.isFollowing)
            try #require(Self.isFollowing(text))
            open.append(connection)
        }
        let refused = try await Self.open(server.process, headers: "Connection: close\r\n").read {
            $0.contains("200 pages are open")
        }
        #expect(refused.hasPrefix("HTTP/1.1 503") && refused.contains("200 pages are open"), "\(refused)")
        open.removeLast()
        let hasRoom = try await eventually {
            let connection = try Self.open(server.process)
            let text = await connection.read { Self.isFollowing($0) || $0.contains("HTTP/1.1 503") }
            guard Self.isFollowing(text) else { return false }
            open.append(connection)
            return true
        }
        #expect(hasRoom)
        let time = SystemTime()
        let begun = time.uptime()
        try await server.end()
        // Far less than the ten minutes that a stream lives: nothing waits for the clients.
        #expect(time.uptime() - begun < .seconds(300))
        for connection in open { #expect(connection.readToEnd().hasSuffix("0\r\n\r\n")) }
    }

    private static let sites = """
        plant:
          name: Two
          site: NORTH
          assets:
            - { id: PRESS-07, name: Press }
            - { id: OVEN-01, name: Oven, site: SOUTH }
          cameras: [{ id: CAM-01, asset: PRESS-07 }, { id: CAM-02, asset: OVEN-01 }]
        rules:
          classes: { scratch: { minConfidence: 0.5, minSeverity: 0.4 } }

        """

    /// The text of a key that may look at one site.
    private static func key(_ site: String, _ data: String) async throws -> String {
        let store = try Store(
            folder: try TestDatabase.folder(data), time: SystemTime(), steps: DeskSchema.steps + IdentitySchema.steps)
        let made = try await APIKeys(store).make(name: "wall", permissions: [.read], sites: [site], by: "test")
        try store.close()
        return made.text
    }

    @Test("Who may look at one site sees nothing of the others: no card, no figure, no event, no picture")
    func scope() async throws {
        let folder = try TemporaryFolder("andon-now")
        let (config, data) = ("\(folder.path)/andon.yaml", "\(folder.path)/data")
        try Data(Self.sites.utf8).write(to: URL(fileURLWithPath: config))
        let key = try await Self.key("SOUTH", data)
        let server = try AndonProcess(config: config, data: data)
        let (all, south) = (
            TestClient(server.address), TestClient(server.address, headers: ["Authorization": "Bearer \(key)"])
        )
        func report(_ id: String, _ camera: String, _ picture: String) async throws -> String {
            let bytes = try samplePicture(picture)
            let body: JSON = [
                "id": .string(id), "detectedAt": .time(SystemTime().now()), "camera": .string(camera),
                "defects": defect("scratch", 0.8),
            ]
            #expect(try await all.report(body, picture: bytes).status == 202)
            return Hex.sha256(Array(bytes))
        }
        let stream = try Self.open(
            server, "/now/stream?after=0-0", headers: "Authorization: Bearer \(key)\r\n")
        let begun = await stream.read(until: Self.isFollowing)
        #expect(Self.isFollowing(begun))
        let (hidden, seen) = (
            try await report("x-1", "CAM-01", "scratch"), try await report("x-2", "CAM-02", "dent")
        )
        let told = await stream.read { $0.contains("id=\"d2\"") }
        #expect(told.contains("OVEN-01") && !told.contains("PRESS-07") && !told.contains("id=\"d1\""))
        let page = try await south.get("/now").text
        #expect(page.contains("OVEN-01") && !page.contains("PRESS-07"), "\(page)")
        #expect(page.contains("<strong>1</strong> seen"))
        #expect(try await south.get("/pictures/\(hidden)/thumbnail?width=160").status == 404)
        #expect(try await south.get("/pictures/\(seen)/thumbnail?width=160").status == 200)
        #expect(try await all.get("/pictures/\(hidden)/thumbnail?width=160").status == 200)
        #expect(try await all.get("/now").text.contains("PRESS-07"))
        try await server.stop()
        withExtendedLifetime(folder) {}
    }
}
