import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Floor plans that people upload")
struct PlanUploadTests {
    /// A PNG of one pixel.
    private static let dot = Data([
        137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 58, 126,
        155,
        85, 0, 0, 0, 10, 73, 68, 65, 84, 120, 156, 99, 104, 0, 0, 0, 130, 0, 129, 119, 205, 114, 182, 0, 0, 0, 0, 73,
        69,
        78, 68, 174, 66, 96, 130,
    ])

    private static func svg(_ inside: String, box: String = "0 0 80 40", head: String = "") -> Data {
        Data("\(head)<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"\(box)\">\(inside)</svg>".utf8)
    }

    @Test(
        "SVG, PNG and JPEG are told by their content, kept under their digest, and on the map at once and after a restart"
    )
    func kinds() async throws {
        let bench = try MapBench()
        let plans: [(name: String, bytes: Data, type: String, ending: String, size: [JSON])] = [
            ("yard 1", Self.svg("<rect width='80' height='40'/>"), "image/svg+xml", "svg", [80, 40]),
            ("dot", Self.dot, "image/png", "png", [1, 1]),
            ("photo", try samplePicture("scratch"), "image/jpeg", "jpg", []),
        ]
        for plan in plans {
            let answer = try await bench.upload(plan.bytes, name: plan.name)
            #expect(answer.status == 201, "\(answer.text)")
            let found = try #require(try await bench.plan(plan.name))
            let digest = Hex.sha256(Array(plan.bytes))
            #expect(found["mediaType"] == .string(plan.type) && found["sha256"] == .string(digest))
            if !plan.size.isEmpty { #expect([found["width"], found["height"]].compactMap { $0 } == plan.size) }
            let kept = "\(bench.server.data)/plans/\(digest).\(plan.ending)"
            #expect(FileManager.default.contents(atPath: kept) == plan.bytes)
            let picture = try await bench.client.get(try #require(found["picture"]?.string))
            #expect(picture.status == 200 && picture.body == plan.bytes && picture.headers["content-type"] == plan.type)
        }
        let change = try #require(try await bench.newestChange())
        #expect(change["body"]?["section"] == "plant.floorPlans")
        try await bench.server.end()
        let restarted = try AndonProcess(config: bench.server.config, data: bench.server.data)
        let kept = try await TestClient(restarted.address).get("/api/v1/map").json["plans"]?.array ?? []
        #expect(kept.compactMap { $0["name"]?.string } == ["dot", "hall", "photo", "yard 1"])
        try await restarted.stop()
    }

    @Test("A zone that is drawn on a photograph is on the map of the next order")
    func photograph() async throws {
        let bench = try MapBench()
        #expect(try await bench.upload(samplePicture("scratch"), name: "photo").status == 201)
        let mill = MapBench.drawn("Z2", [[10, 10], [200, 10], [200, 150]], ["cameras": ["CAM-02"]])
        let saved = try await bench.save([mill], on: "photo")
        #expect(saved.status == 200, "\(saved.text)")
        let reference = try await bench.raised("a", camera: "CAM-02")
        let map = try await bench.client.get("/orders/\(reference)/map")
        #expect(map.status == 200 && map.headers["content-type"] == "image/png" && map.body.count > 20_000)
        try await bench.server.end()
    }

    @Test(
        "Scripts and outside references of an SVG come out harmless: they are served in a sandbox, and drawn by nobody"
    )
    func active() async throws {
        let bench = try MapBench()
        let evil = Self.svg(
            """
            <script>fetch("http://evil.example/")</script><rect width="80" height="40" fill="#ddd" onclick="alert(1)"/>
            <image href="http://evil.example/x.png" width="9" height="9"/><image href="file:///etc/passwd" width="9" height="9"/>
            <foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="http://evil.example/"/></foreignObject>
            <text>words</text><use href="http://evil.example/y.svg#a"/>
            """)
        let answer = try await bench.upload(evil, name: "evil")
        #expect(answer.status == 201, "\(answer.text)")
        let plan = try #require(try await bench.plan("evil"))
        let picture = try await bench.client.get(try #require(plan["picture"]?.string))
        let policy = picture.headers["content-security-policy"] ?? ""
        #expect(policy.contains("default-src 'none'") && policy.hasSuffix("sandbox") && !policy.contains("script-src"))
        // The page shows it as a picture: what is one runs and loads nothing.
        let page = try await bench.client.get("/map?plan=evil").text
        #expect(page.contains("<image href=\"/api/v1/map/plans/evil/picture?v=") && !page.contains("evil.example"))
        // The map of an order has its shapes alone.
        #expect(
            try await bench.save(
                [MapBench.drawn("Z2", [[0, 0], [9, 0], [9, 9]], ["cameras": ["CAM-02"]])], on: "evil"
            ).status == 200)
        let reference = try await bench.raised("a", camera: "CAM-02")
        let map = try await bench.client.get("/orders/\(reference)/map?format=svg")
        #expect(map.status == 200 && map.text.contains("<path"))
        for word in ["<script", "evil.example", "onclick", "foreignObject", "root:"] {
            #expect(!map.text.contains(word), "\(word) is in the map")
        }
        try await bench.server.end()
    }

    @Test("What is no floor plan is refused with what is wrong, and nothing is kept of it")
    func refused() async throws {
        let bench = try MapBench()
        func refused(_ bytes: Data, _ words: String, status: Int = 422, name: String = "yard") async throws {
            let answer = try await bench.upload(bytes, name: name)
            #expect(answer.status == status && answer.json["detail"]?.string?.contains(words) == true, "\(answer.text)")
        }
        try await refused(Data(), "Choose a file")
        try await refused(Data("hello".utf8), "neither SVG, PNG nor JPEG")
        try await refused(Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0]), "save it as plain SVG")
        try await refused(Data("<svg".utf8), "neither a PNG, a JPEG nor an SVG file")
        try await refused(Data("<html/>".utf8), "neither a PNG, a JPEG nor an SVG file")
        try await refused(Self.svg("", box: "0 0 1000 10"), "one side is at most ten times the other")
        try await refused(Data("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), "has no viewBox")
        // A file of the server that an entity names is not read: what names one cannot be drawn.
        let entity = "<!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>"
        try await refused(Self.svg("<text>&a;</text>", head: entity), "neither a PNG, a JPEG nor an SVG file")
        try await refused(Self.dot.prefix(50), "damaged")
        var wide = Self.dot
        wide.replaceSubrange(16..<24, with: [0, 0, 0x7F, 0xFF, 0, 0, 0x7F, 0xFF])
        let tooWide = try await bench.upload(wide)
        #expect(tooWide.status == 422, "\(tooWide.text)")
        try await refused(samplePicture("scratch").prefix(9000), "damaged")
        try await refused(Self.svg(String(repeating: " ", count: 4 << 20)), "at most 4194304 bytes", status: 413)
        for name in ["", " ", "../hall", "a/b", ".svg", String(repeating: "x", count: 61), "a\nb"] {
            try await refused(Self.dot, "A floor plan's name has 1 to 60", name: name)
        }
        #expect(try await bench.upload(Self.dot, reason: nil).json["errors"]?[0]?["pointer"] == "/reason")
        #expect(try await bench.upload(Self.dot, name: "hall").status == 409)
        let json = try await bench.client.post("/api/v1/map/plans", ["name": "yard"])
        #expect(json.status == 415)
        let cut = try await bench.client.send(
            "POST", "/api/v1/map/plans", headers: ["Content-Type": "multipart/form-data; boundary=mapbench"],
            body: Data("--mapbench\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nyard".utf8))
        #expect(cut.status == 400 && cut.json["type"] == "urn:andon:problem:invalid-multipart")
        #expect(try await bench.client.get("/api/v1/map").json["plans"]?.array?.count == 1)
        let left = (try? FileManager.default.contentsOfDirectory(atPath: bench.server.data + "/drawing")) ?? []
        #expect(left.isEmpty, "\(left)")
        #expect(!FileManager.default.fileExists(atPath: bench.server.data + "/plans"))
        try await bench.server.end()
    }

    @Test(
        "A new picture takes the place of a plan and leaves its zones where they are; a plan without zones can be removed"
    )
    func replaced() async throws {
        let bench = try MapBench()
        let larger = Self.svg("<rect width='160' height='80'/>", box: "0 0 160 80")
        #expect(try await bench.upload(larger, name: "hall", replace: true).status == 201)
        #expect(try await bench.plan()?["width"] == 160)
        #expect(
            try await bench.zone("Z1")?["corners"] == [[20, 20], [80, 20], [80, 60], [20, 60]], "the same shares")
        let moved = MapBench.drawn("Z1", [[0, 0], [160, 0], [160, 80]], ["cameras": ["CAM-01"]])
        #expect(try await bench.save([moved]).status == 200)
        #expect(try await bench.zone("Z1")?["corners"] == [[0, 0], [160, 0], [160, 80]])
        func remove(_ plan: String, _ query: String = "?reason=torn%20down") async throws -> TestClient.Answer {
            try await bench.client.send("DELETE", "/api/v1/map/plans/\(plan)\(query)")
        }
        let used = try await remove("hall")
        #expect(used.status == 409 && used.json["detail"]?.string?.contains("Zones lie on it: Z1") == true)
        #expect(try await bench.upload(Self.dot, name: "yard").status == 201)
        #expect(try await remove("yard", "").status == 422)
        #expect(try await remove("loft").status == 404)
        #expect(try await remove("yard").status == 200)
        #expect(try await bench.plan("yard") == nil)
        #expect(try await bench.newestChange()?["body"]?["why"] == "torn down")
        let kept = try FileManager.default.contentsOfDirectory(atPath: bench.server.data + "/plans")
        #expect(kept.contains("\(Hex.sha256(Array(Self.dot))).png"), "the ledger names it: it stays")
        try await bench.server.end()
    }

    @Test("The command says whether a plan can be drawn, and its size")
    func command() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a"
        try Self.svg("").write(to: URL(fileURLWithPath: path))
        let good = try await AndonProcess.run(["floor-plan", path])
        #expect(good.status == 0 && good.output == "{\"height\":40.0,\"left\":0.0,\"top\":0.0,\"width\":80.0}\n")
        try Data("no plan".utf8).write(to: URL(fileURLWithPath: path))
        let bad = try await AndonProcess.run(["floor-plan", path])
        #expect(bad.status == 65 && bad.output.contains("the picture is neither a PNG, a JPEG nor an SVG file"))
    }
}
