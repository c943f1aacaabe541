import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Who has a role at one site")
struct SiteTests {
    @Test("Lists, forms, files, searches, walls and connectors name nothing of another site")
    func lists() async throws {
        let bench = try await SiteBench()
        let here = try await bench.raise("h-1", "CAM-01", "scratch")
        let there = try await bench.raise("t-1", "CAM-02", "dent")
        for path in ["/orders?show=all", "/orders.csv?show=all", "/api/v1/orders", "/find?q=L-1", "/api/v1/lots/L-1"] {
            try await bench.check(path, contains: here.order)
        }
        for path in ["/now", "/now/wall", "/charts", "/charts?wall=yes", "/desk", "/connectors", "/connectors/desk"] {
            try await bench.check(path)
        }
        for path in ["/api/v1/connectors", "/api/v1/alarms", "/api/v1/charts", "/test-detection"] {
            try await bench.check(path)
        }
        #expect(try await bench.here.page("/orders").text.contains("PRESS-07"), "the form proposes one's own assets")
        let hidden = [
            "/orders/\(there.order)", "/orders/\(there.order)/record", "/orders/\(there.order)/map",
            "/orders/\(there.order)/sheet.pdf", "/api/v1/orders/\(there.order)",
            "/api/v1/orders/\(there.order)/signatures", "/api/v1/inspections/t-1", "/api/v1/detections/t-1%230",
            "/pictures/\(there.digest)",
            "/pictures/\(there.digest)/thumbnail?width=160",
        ]
        for path in hidden {
            #expect(try await bench.here.page(path).status == 404, "\(path)")
            let own = path.replacing(there.order, with: here.order).replacing(there.digest, with: here.digest)
                .replacing("t-1", with: "h-1")
            #expect(try await bench.here.page(own).status == 200, "\(own)")
        }
        #expect(try await bench.here.page("/desk/\(there.order)").status == 404)
        let signing = "/api/v1/orders/\(there.order)/signatures"
        #expect(try await bench.here.form(signing, "login=a&password=b&meaning=review").status == 404)
        let preview = try await bench.here.page("/connectors/desk?order=\(there.order)")
        #expect(preview.status == 200 && SiteBench.leaks(preview.text).isEmpty, "\(preview.text)")
        let word = try await bench.here.page("/find?q=\(there.order)")
        #expect(!word.text.contains("/orders/\(there.order)\""), "\(word.text)")
        try await bench.server.stop()
    }

    @Test("A view for everybody that names an asset elsewhere is not offered, and cannot be changed")
    func views() async throws {
        let bench = try await SiteBench()
        let kept = [
            ("Zebra", "asset%3DMILL-03"), ("Yak", "q%3Dmill-03"), ("Xerus", "asset%3DPRESS-07"),
            ("Wombat", "show%3Dall"),
        ]
        for (name, query) in kept {
            let made = try await bench.all.form("/orders/views", "name=\(name)&query=\(query)&shared=true")
            #expect(made.isDone, "\(name): \(made.text)")
        }
        let list = try await bench.here.page("/orders").text
        #expect(list.contains("Xerus") && list.contains("Wombat"), "\(list)")
        #expect(!list.contains("Zebra") && !list.contains("Yak"), "\(list)")
        for view in [1, 2] {
            #expect(try await bench.here.form("/orders/views/\(view)/delete", "").status == 404)
        }
        #expect(try await bench.all.page("/orders").text.contains("Zebra"))
        try await bench.server.stop()
    }

    @Test("A chart over both sites is of neither alone, and pages of streams end within reach")
    func charts() async throws {
        let bench = try await SiteBench()
        _ = try await bench.raise("h-1", "CAM-01", "scratch")
        _ = try await bench.raise("t-1", "CAM-02", "dent")
        func streams(_ client: TestClient, _ query: String = "") async throws -> [String] {
            let list = try await client.get("/api/v1/charts\(query)").json["streams"]?.array ?? []
            return list.compactMap { $0["chart"]?.string }.sorted()
        }
        #expect(try await streams(bench.all) == ["both", "mills", "press"])
        #expect(try await streams(bench.here) == ["press"])
        let page = try await bench.here.get("/api/v1/charts?limit=1")
        #expect(page.json["streams"]?[0]?["chart"] == "press" && SiteBench.leaks(page.text).isEmpty, "\(page.text)")
        for path in ["/charts/both", "/api/v1/charts/both", "/api/v1/charts/both/figure", "/api/v1/charts/both/causes"]
        {
            let stream = "\(path)?stream=shift%3Dnot%20stated"
            #expect(try await bench.here.get(stream).status == 404, "\(path)")
            #expect(try await bench.all.get(stream).status == 200, "\(path)")
        }
        let list = try await bench.here.page("/charts").text
        #expect(list.contains("1 stream.") && list.contains("PRESS-07"), "\(list)")
        try await bench.server.stop()
    }

    @Test("The map has the plans and zones with something of one's own, and only these are drawn")
    func map() async throws {
        let bench = try await SiteBench()
        for path in ["/map", "/map?wall=1", "/map/live", "/api/v1/map", "/map?plan=hall", "/map/hall/edit"] {
            try await bench.check(path)
        }
        let plans = try await bench.here.get("/api/v1/map").json["plans"]?.array ?? []
        #expect(plans.compactMap { $0["name"]?.string } == ["hall"])
        for path in ["/map?plan=mill", "/map/mill/edit", "/api/v1/map/plans/mill/picture"] {
            #expect(try await bench.here.page(path).status == 404, "\(path)")
            #expect(try await bench.all.page(path).status == 200, "\(path)")
        }
        #expect(try await bench.here.get("/api/v1/map/plans/hall/picture").status == 200)
        func draw(_ plan: String, _ zone: JSON) async throws -> TestClient.Answer {
            let body: JSON = ["zones": [zone], "reason": "the hall was rebuilt"]
            return try await bench.here.send(
                "PUT", "/api/v1/map/plans/\(plan)/zones", headers: ["Content-Type": "application/json"],
                body: Data(body.canonicalBytes))
        }
        #expect(
            try await draw("mill", MapBench.drawn("Z2", [[0, 0], [20, 0], [20, 10]], ["cameras": ["CAM-02"]])).status
                == 404)
        let stolen = try await draw(
            "hall", MapBench.drawn("Z1", [[0, 0], [20, 0], [20, 10]], ["cameras": ["CAM-01", "CAM-02"]]))
        #expect(stolen.status == 422 && stolen.text.contains("there is no camera CAM-02"), "\(stolen.text)")
        let own = try await draw(
            "hall",
            MapBench.drawn("Z1", [[0, 0], [20, 0], [20, 10]], ["cameras": ["CAM-01"], "assets": ["PRESS-07"]]))
        #expect(own.status == 200, "\(own.text)")
        let removal = try await bench.here.send("DELETE", "/api/v1/map/plans/mill?reason=old")
        #expect(removal.status == 404, "\(removal.text)")
        let whole = try await bench.all.get("/api/v1/map").text
        #expect(whole.contains("Mill shop"), "the other site's zones are as they were")
        try await bench.server.stop()
    }

    @Test("What a camera missed is reported at one's own site, with nothing told of another")
    func missed() async throws {
        let bench = try await SiteBench()
        let there = try await bench.raise("t-1", "CAM-02", "dent")
        let cases: [(field: String, value: String, words: String)] = [
            ("inspection", "t-1", "there is no report"), ("order", there.order, "there is no order"),
            ("asset", "MILL-03", "other sites"), ("picture", there.digest, "there is no picture"),
        ]
        for (field, value, words) in cases {
            var body: [String: JSON] = ["class": "dent", "by": "E. Weber", "camera": "CAM-01"]
            body[field] = .string(value)
            let answer = try await bench.here.post("/api/v1/learn/missed", .object(body))
            #expect(answer.status == 422 && answer.text.lowercased().contains(words), "\(field): \(answer.text)")
            let page = try await bench.here.form("/desk/missed", "class=dent&camera=CAM-01&\(field)=\(value)")
            #expect(page.status == 422, "\(field): \(page.text)")
            #expect(try await bench.all.post("/api/v1/learn/missed", .object(body)).status == 201, "\(field)")
        }
        try await bench.server.stop()
    }

    @Test("Who may report for one site reports for no other, and is told nothing of what is there")
    func reporting() async throws {
        let bench = try await SiteBench()
        _ = try await bench.raise("t-1", "CAM-02", "dent")
        for report in [SiteBench.report("n-1", "CAM-02"), SiteBench.report("t-1", "CAM-02")] {
            let refused = try await bench.here.post("/api/v1/inspections", report)
            #expect(refused.status == 403 && SiteBench.leaks(refused.text).isEmpty, "\(refused.text)")
        }
        #expect(try await bench.here.post("/api/v1/inspections", SiteBench.report("n-2", "CAM-01")).status == 202)
        #expect(try await bench.here.post("/api/v1/inspections", SiteBench.report("n-3", "CAM-99")).status == 202)
        func frames(_ camera: String) async throws -> Int {
            let count: JSON = [
                "camera": .string(camera), "from": "2026-01-01T06:00:00Z", "to": "2026-01-01T06:05:00Z", "inspected": 7,
            ]
            return try await bench.here.post("/api/v1/frames", ["frames": [count]]).status
        }
        #expect(try await frames("CAM-02") == 403)
        #expect(try await frames("CAM-01") == 202)
        try await bench.server.stop()
    }

    @Test("What cannot be told apart by site is refused in words, and open to who sees all")
    func whole() async throws {
        let bench = try await SiteBench()
        let paths = [
            "/api/v1/reconciliation", "/api/v1/pictures", "/api/v1/holds", "/api/v1/sources", "/api/v1/tune",
            "/api/v1/ledger", "/api/v1/ledger/verification", "/audit", "/audit/entries/0", "/audit/checkpoint",
            "/audit/verify", "/audit/holds", "/audit/signatures", "/audit/validation", "/export",
        ]
        for path in paths {
            let refused = try await bench.here.get(path)
            #expect(refused.status == 403 && refused.text.contains("all sites together"), "\(path): \(refused.text)")
            #expect(try await bench.all.get(path).status == 200, "\(path)")
        }
        for path in ["/api/v1/connectors/desk/retry", "/api/v1/holds", "/api/v1/backtest", "/audit/verify"] {
            #expect(try await bench.here.post(path, [:]).status == 403, "\(path)")
        }
        try await bench.server.stop()
    }

    @Test("Who administers one site gives roles there alone, and touches no account with roles elsewhere")
    func accounts() async throws {
        let bench = try await AccessBench()
        try await bench.person("local.admin", "administrator@BEDFORD", approver: nil)
        let local = try await bench.signIn("local.admin")
        var fields: [String: JSON] = [
            "byLogin": "local.admin", "byPassword": .string(AccessBench.password), "approverLogin": "root.admin",
            "approverPassword": .string(AccessBench.password), "reason": "needed for the test",
        ]
        func create(_ login: String, _ roles: String) async throws -> Int {
            let person: [String: JSON] = [
                "login": .string(login), "printedName": "New Person", "roles": .string(roles),
                "identity": "staff card seen",
            ]
            return try await local.post("/api/v1/accounts", .object(fields.merging(person) { $1 })).status
        }
        #expect(try await create("n.one", "viewer") == 403)
        #expect(try await create("n.two", "viewer@LEEDS") == 403)
        #expect(try await create("n.three", "viewer@BEDFORD technician@LEEDS") == 403)
        #expect(try await create("n.four", "viewer@BEDFORD") == 201)
        fields["roles"] = "viewer"
        #expect(try await local.post("/api/v1/accounts/3/change", .object(fields)).status == 403)
        fields["roles"] = "technician@BEDFORD"
        #expect(try await local.post("/api/v1/accounts/3/change", .object(fields)).status == 200)
        let retired = try await local.post("/api/v1/accounts/1/retire", .object(fields))
        #expect(retired.status == 403, "\(retired.body)")
        try await bench.server.end()
    }
}
