import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The pages of control charts")
struct ChartPageTests {
    private static let stream = "asset=PRESS-07"
    private static let path = "/charts/scratches?stream=asset%3DPRESS%2D07"

    private func filled() async throws -> (server: ServerFixture, browser: BareClient) {
        let server = try ServerFixture(JuiceCharts.rules)
        for (number, count) in JuiceCharts.counts.enumerated() {
            let defect: JSON = ["class": "scratch", "confidence": 0.9, "severity": 0.1]
            let report = server.report(
                "j\(number)", ["inspected": 50, "defects": .array(Array(repeating: defect, count: count))])
            #expect(try await server.client.post("/api/v1/inspections", report).status == 202)
        }
        return (server, BareClient(port: server.process.port))
    }

    /// What every page promises.
    private func check(_ page: BareClient.Answer, _ place: SourceLocation = #_sourceLocation) {
        #expect(page.status == 200 && page.body.utf8.count < 100_000, sourceLocation: place)
        for bad in ["style=\"", "<style", "onclick", "«", "fill=\"#", "MustacheContent"] {
            #expect(!page.body.contains(bad), "\(bad) in \(page.body)", sourceLocation: place)
        }
    }

    @Test("All streams are shown with their state in words, narrowed by chart, asset and state, and on a wall")
    func list() async throws {
        let (server, browser) = try await filled()
        for number in 0..<3 {
            let report = server.report("w\(number)", ["defects": [], "attributes": ["width": 10]])
            _ = try await server.client.post("/api/v1/inspections", report)
        }
        let page = try await browser.get("/charts")
        check(page)
        #expect(page.body.contains("2 streams.") && page.body.contains("class=\"spark\""))
        #expect(page.body.contains("/charts/width?stream=asset%3DPRESS%2D07") && page.body.contains("3 of 20 samples"))
        #expect(
            page.body.contains("title=\"asset=PRESS-07\">Stamping press 7 (PRESS-07) · scratch</p>"), "in words")
        let detail = try await browser.get(Self.path)
        #expect(detail.body.contains("Stamping press 7 (PRESS-07) · scratch <code>asset=PRESS-07</code>"))
        let narrow = try await browser.get("/charts?chart=scratches&asset=PRESS-07&state=in-control")
        #expect(narrow.body.contains("1 stream.") && !narrow.body.contains("/charts/width?"), "\(narrow.body)")
        #expect(try await browser.get("/charts?asset=NONE").body.contains("No stream is as you ask for."))
        let wrong = try await browser.get("/charts?state=angry&chart=width")
        #expect(wrong.status == 400 && wrong.body.contains("value=\"width\"") && wrong.body.contains("in-control"))
        let wall = try await browser.get("/charts?wall")
        check(wall)
        #expect(wall.body.contains("id=\"charts-wall\"") && !wall.body.contains("<nav"))
        let german = try await browser.send("GET", "/charts", headers: ["Accept-Language": "de"])
        #expect(german.body.contains("Stamping press 7 (PRESS-07) · scratch"))
        #expect(german.body.contains("unter Kontrolle") && !german.body.contains("«"))
        try await server.end()
    }

    @Test("A stream's page draws its points, says the same as a table, and leads from a point to its detections")
    func detail() async throws {
        let (server, browser) = try await filled()
        let page = try await browser.get(Self.path)
        check(page)
        #expect(page.body.contains("class=\"chart-large\"") && page.body.contains("id=\"points\""))
        #expect(page.body.components(separatedBy: "#causes\">State a cause <span").count == 31, "a row each")
        #expect(page.body.contains("0.2313"), "the published centre line")
        let part = try await browser.get("\(Self.path)&points=10")
        #expect(part.body.contains("through=20"))
        let older = try await browser.get("\(Self.path)&points=10&through=20")
        #expect(older.body.contains(">11</th>") && !older.body.contains(">21</th>"))
        let way = try await browser.get("/charts/scratches/points/5?stream=asset%3DPRESS-07")
        #expect(way.status == 302)
        #expect(way["location"]?.hasPrefix("/now?asset=PRESS%2D07&class=scratch&before=") == true, "\(way.headers)")
        #expect(try await browser.get(way["location"] ?? "").status == 200)
        for none in [
            "/charts/none", "/charts/scratches?stream=asset%3DNONE",
            "/charts/scratches/points/99?stream=asset%3DPRESS-07",
            "/charts/scratches/points/x?stream=asset%3DPRESS-07",
        ] {
            #expect(try await browser.get(none).status == 404, "\(none)")
        }
        try await server.end()
    }

    @Test("A cause is stated on the page, shown at its points, and withdrawn with a reason; what is refused comes back")
    func causes() async throws {
        let (server, browser) = try await filled()
        func state(_ fields: [String: String]) async throws -> BareClient.Answer {
            let all = ["stream": Self.stream, "by": "A. Nowak", "cause": "another supplier"]
            return try await browser.form("/charts/scratches/causes", all.merging(fields) { $1 })
        }
        for wrong in [
            ["from": ""], ["from": "0"], ["from": "x"], ["from": "31"], ["from": "9", "to": "8"],
            ["from": "15", "cause": "no"], ["from": "15", "cause": String(repeating: "x", count: 301)],
            ["from": "15", "code": String(repeating: "x", count: 41)],
        ] {
            let refused = try await state(wrong)
            #expect(refused.status == 422 && refused.body.contains("class=\"problem\""), "\(wrong)")
            let typed = wrong["cause"] ?? "another supplier"
            #expect(refused.body.contains("value=\"\(typed)\""), "what was typed is there: \(wrong)")
        }
        let made = try await state(["from": "15", "code": "MAT"])
        #expect(made.status == 303 && made["location"] == "\(Self.path)#causes", "\(made.body)")
        #expect(try await state(["from": "15", "code": "MAT"]).status == 409, "the same twice")
        #expect(try await state(["from": "14", "to": "16", "cause": "a new valve"]).status == 303, "it may overlap")
        let page = try await browser.get(Self.path)
        check(page)
        #expect(page.body.contains("C1: another supplier; C2: a new valve") && page.body.contains("14–16"))
        #expect(
            page.body.contains("class=\"cause\"") && page.body.contains("15 another supplier"), "left out by default")

        let path = "/charts/scratches/causes/1/withdraw"
        #expect(try await browser.form(path, ["stream": Self.stream, "reason": ""]).status == 422)
        let away = try await browser.form(
            path, ["stream": Self.stream, "reason": "it was the valve", "by": "R. Wilson"])
        #expect(away.status == 303)
        #expect(try await browser.form(path, ["stream": Self.stream, "reason": "once more"]).status == 409)
        #expect(try await browser.form("/charts/width/causes/2/withdraw", ["reason": "not mine"]).status == 404)
        let after = try await browser.get(Self.path)
        #expect(after.body.contains("<del>another supplier</del>") && after.body.contains("it was the valve"))
        #expect(!after.body.contains("C1: another supplier"))
        let listed = try await server.client.get("/api/v1/charts/scratches/causes?stream=asset%3DPRESS-07").json
        #expect(listed["causes"]?.array?.compactMap { $0["withdrawn"]?["by"]?.string } == ["R. Wilson"])
        let entries = try await server.client.get("/api/v1/ledger?from=0&limit=1000").json["entries"]?.array ?? []
        let kinds = entries.compactMap { $0["kind"]?.string }.filter { $0.hasPrefix("chart.cause") }
        #expect(kinds == ["chart.cause", "chart.cause", "chart.cause-withdrawn"])
        try await server.end()
    }

    @Test("Causes are stated, listed and withdrawn by programs as well")
    func api() async throws {
        let (server, _) = try await filled()
        let path = "/api/v1/charts/scratches/causes"
        let body: [String: JSON] = [
            "stream": .string(Self.stream), "from": 23, "cause": "a new operator", "by": "A. Nowak",
        ]
        func state(_ changes: [String: JSON]) async throws -> TestClient.Answer {
            try await server.client.post(path, .object(body.merging(changes) { $1 }))
        }
        let made = try await state(["to": 24, "code": "OPR"])
        #expect(made.status == 201 && made.json["number"]?.integer == 1 && made.json["to"]?.integer == 24)
        #expect(try await state(["from": "x"]).status == 400)
        #expect(try await state(["to": 31]).status == 422)
        #expect(try await state(["by": ""]).status == 422)
        #expect(try await state(["stream": "asset=NONE"]).status == 404)
        #expect(try await server.client.get("\(path)?stream=none").status == 404)
        let gone = try await server.client.post("\(path)/1/withdraw", ["reason": "a typing error", "by": "A. Nowak"])
        #expect(gone.status == 200 && gone.json["withdrawn"]?["reason"] == "a typing error")
        #expect(
            try await server.client.post("\(path)/7/withdraw", ["reason": "a typing error", "by": "x"]).status == 404)
        try await server.end()
    }

    @Test("New limits are tried first, old and new side by side, and come into force only as they were tried")
    func limits() async throws {
        let (server, browser) = try await filled()
        let path = "/charts/scratches/limits"
        let asked = [
            "stream": Self.stream, "from": "1", "to": "30", "excluded": "15 another supplier\n23 new operator",
            "by": "A. Nowak",
        ]
        func send(_ fields: [String: String]) async throws -> BareClient.Answer {
            try await browser.form(path, asked.merging(fields) { $1 })
        }
        let trial = try await send(["step": "trial"])
        check(trial)
        #expect(trial.body.contains("0.2313") && trial.body.contains("0.215"), "both centre lines")
        #expect(trial.body.contains("15, 23") && trial.body.contains("another supplier"), "\(trial.body)")
        let match = try #require(trial.body.firstMatch(of: /name="tried" value="([0-9a-f]+)"/))
        let tried = String(match.1)
        let before = try await server.client.get("/api/v1/charts/scratches?stream=asset%3DPRESS-07").json
        #expect(before["limits"]?.array?.count == 1, "a trial changes nothing")

        let untried = try await send(["step": "apply", "to": "29", "tried": tried, "reason": "causes found"])
        #expect(untried.status == 422 && untried.body.contains("not tried yet"))
        let bare = try await send(["step": "apply", "tried": tried])
        #expect(bare.status == 422 && bare.body.contains("another supplier") && bare.body.contains("name=\"tried\""))
        let bad = try await send(["step": "trial", "excluded": "the first one"])
        #expect(bad.status == 422 && bad.body.contains(">the first one</textarea>"))
        let made = try await send(["step": "apply", "tried": tried, "reason": "causes found"])
        #expect(made.status == 303 && made["location"] == "\(Self.path)#limits", "\(made.body)")
        let page = try await browser.get(Self.path)
        check(page)
        #expect(page.body.contains("causes found") && page.body.contains("15: another supplier; 23: new operator"))
        let entries = try await server.client.get("/api/v1/ledger?from=0&limit=1000").json["entries"]?.array ?? []
        let by = entries.filter { $0["kind"] == "chart.limits" }.compactMap { $0["body"]?["by"]?.string }
        #expect(by == ["baseline", "A. Nowak"])
        try await server.end()
    }

    private static let sites = """
        plant:
          name: Two
          site: NORTH
          assets: [{ id: PRESS-07 }, { id: OVEN-01, site: SOUTH }]
          cameras: [{ id: CAM-01, asset: PRESS-07 }, { id: CAM-02, asset: OVEN-01 }]
        rules:
          classes: { scratch: {} }
          charts:
            all: { kind: c, classes: [scratch], subgroup: { parts: 1 }, limits: { centre: 4 } }

        """

    @Test("Who may tune one site sees and marks its streams, and those of the others are not there")
    func scope() async throws {
        let folder = try TemporaryFolder("andon-charts")
        let (config, data) = ("\(folder.path)/andon.yaml", "\(folder.path)/data")
        try Data(Self.sites.utf8).write(to: URL(fileURLWithPath: config))
        let store = try Store(
            folder: try TestDatabase.folder(data), time: SystemTime(), steps: DeskSchema.steps + IdentitySchema.steps)
        let key = try await APIKeys(store).make(
            name: "south", permissions: [.read, .tune], sites: ["SOUTH"], by: "test")
        try store.close()
        let server = try AndonProcess(config: config, data: data)
        let all = TestClient(server.address)
        let south = TestClient(server.address, headers: ["Authorization": "Bearer \(key.text)"])
        for (number, camera) in ["CAM-01", "CAM-02"].enumerated() {
            let body: JSON = [
                "id": .string("s-\(number)"), "detectedAt": .time(SystemTime().now()), "camera": .string(camera),
                "defects": [["class": "scratch", "severity": 0.1]],
            ]
            #expect(try await all.post("/api/v1/inspections", body).status == 202)
        }
        let page = try await south.get("/charts").text
        #expect(page.contains("asset=OVEN-01") && !page.contains("PRESS-07"), "\(page)")
        let listed = try await south.get("/api/v1/charts").json["streams"]?.array ?? []
        #expect(listed.compactMap { $0["stream"]?.string } == ["asset=OVEN-01"])
        for path in ["/charts/all", "/api/v1/charts/all", "/api/v1/charts/all/causes", "/api/v1/charts/all/figure"] {
            #expect(try await south.get("\(path)?stream=asset%3DPRESS-07").status == 404, "\(path)")
            #expect(try await south.get("\(path)?stream=asset%3DOVEN-01").status == 200, "\(path)")
        }
        func state(_ asset: String) async throws -> TestClient.Answer {
            try await south.post(
                "/api/v1/charts/all/causes",
                ["stream": .string("asset=\(asset)"), "from": 1, "cause": "a cold start"])
        }
        #expect(try await state("PRESS-07").status == 404)
        let made = try await state("OVEN-01")
        #expect(made.status == 201 && made.json["by"] == "south", "\(made.text)")
        try await server.stop()
    }
}
