import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("What the rules tell who has a role at one site")
struct SiteRuleTests {
    private static let drafts = "/api/v1/rules/drafts"

    private func send(
        _ client: TestClient, _ method: String, _ path: String, _ body: JSON
    ) async throws -> TestClient.Answer {
        try await client.send(
            method, path, headers: ["Content-Type": "application/json"], body: Data(body.canonicalBytes))
    }

    private func change(_ client: TestClient, _ draft: Int, _ asset: String, _ value: Double) async throws {
        let pointer = "/classes/scratch/assets/\(asset)/minSeverity"
        let changes: JSON = [["pointer": .string(pointer), "value": .number(value)]]
        let answer = try await send(client, "PATCH", "\(Self.drafts)/\(draft)", ["changes": changes, "by": "M. Weber"])
        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test("Overrides and charts of assets elsewhere are on no page of the rules and in no document")
    func inForce() async throws {
        let bench = try await SiteBench()
        for path in ["/rules", "/rules?asset=PRESS-07", "/rules/class?name=scratch", "/rules/1", "/rules/history"] {
            try await bench.check(path)
        }
        try await bench.check("/api/v1/rules", contains: "PRESS-07")
        try await bench.check("/api/v1/rules/1", contains: "\"press\"")
        #expect(try await SiteBench.leaks(bench.all.get("/api/v1/rules/1").text).count > 2, "who sees all sees them")
        for path in ["/api/v1/rules/1/signatures", "/rules/1/sign"] {
            #expect(try await bench.here.post(path, [:]).status == 403, "\(path)")
        }
        #expect(try await !bench.here.page("/rules/1").text.contains("/rules/1/sign"))
        try await bench.server.stop()
    }

    @Test("An asset elsewhere is answered like one that is in no plant file, by its own name")
    func effective() async throws {
        let bench = try await SiteBench()
        func asked(_ asset: String) async throws -> String {
            let answer = try await bench.here.get("/api/v1/rules/effective?class=scratch&asset=\(asset)")
            #expect(answer.status == 200, "\(answer.text)")
            return answer.text.replacing(asset, with: "ASSET")
        }
        let (there, nowhere, here) = (
            try await asked("MILL-03"), try await asked("NEVER-1"), try await asked("PRESS-07")
        )
        #expect(there == nowhere && here != nowhere && !there.contains("Sharpen"))
        #expect(try await bench.all.get("/api/v1/rules/effective?class=scratch&asset=MILL-03").text.contains("Sharpen"))
        for page in ["/rules", "/rules/class?name=scratch"] {
            let mark = page.contains("?") ? "&" : "?"
            let text = try await bench.here.page("\(page)\(mark)asset=MILL-03").text
            #expect(!text.contains("Sharpen") && !text.contains("Mill 3"), "\(page): \(text)")
        }
        try await bench.server.stop()
    }

    @Test("A draft is seen and changed as far as one's site goes; the rest of it stays, and is told to nobody else")
    func drafts() async throws {
        let bench = try await SiteBench()
        let made = try await bench.all.post(Self.drafts, ["by": "M. Weber"])
        let draft = try #require(made.json["id"]?.integer, "\(made.text)")
        try await change(bench.all, draft, "MILL-03", 0.25)
        try await change(bench.all, draft, "PRESS-07", 0.35)
        let (api, page) = ("\(Self.drafts)/\(draft)", "/rules/drafts/\(draft)")
        for path in [api, page, Self.drafts, "/rules", "\(page)/rule?at=%2Fclasses%2Fscratch", "\(page)/trends"] {
            try await bench.check(path)
        }
        let seen = try await bench.here.get(api).json
        let difference: JSON = ["at": "/classes/scratch/assets/PRESS-07/minSeverity", "old": 0.3, "new": 0.35]
        #expect(seen["differences"] == [difference], "\(seen)")

        try await change(bench.here, draft, "PRESS-07", 0.45)
        let whole = try await bench.all.get(api).json["document"]
        #expect(whole?.value(at: "/classes/scratch/assets/MILL-03/minSeverity") == 0.25, "\(String(describing: whole))")
        #expect(whole?.value(at: "/classes/scratch/assets/PRESS-07/minSeverity") == 0.45)

        let document = seen["document"] ?? .null
        #expect(try await send(bench.here, "PUT", api, ["document": document]).status == 403)
        #expect(try await bench.here.post(Self.drafts, ["document": document]).status == 403)
        #expect(try await bench.here.post("\(api)/backtest", [:]).status == 403)
        #expect(try await bench.here.page("\(page)/document").status == 403)
        #expect(try await bench.here.form("\(page)/backtest", "days=7").status == 403)
        let elsewhere = "\(page)/rule?at=%2Fclasses%2Fscratch%2Fassets%2FMILL-03"
        #expect(try await bench.here.page(elsewhere).status == 404)
        #expect(try await bench.all.page(elsewhere).status == 200)
        let own = try await bench.here.page(page).text
        #expect(!own.contains("\(page)/document") && own.contains("for all sites at once"), "\(own)")
        #expect(try await bench.all.page(page).text.contains("\(page)/document"))
        try await bench.server.stop()
    }

    @Test("What a version changed is told without assets elsewhere and without charts that are not one's own")
    func differences() {
        let plant = Plant(
            name: "P", site: "BEDFORD",
            assets: ["PRESS-07": Asset(id: "PRESS-07"), "MILL-03": Asset(id: "MILL-03", site: "LEEDS")])
        let reach = RulesReach(SiteScope(plant: plant, sites: ["BEDFORD"]), charts: [])
        let rule: JSON = ["minSeverity": 0.2]
        let changes = [
            JSONDifference(pointer: "/classes/scratch/assets/MILL-03/minSeverity", old: 0.1, new: 0.2),
            JSONDifference(pointer: "/classes/scratch/assets/MILL-03", old: nil, new: rule),
            JSONDifference(pointer: "/classes/scratch/assets", old: nil, new: ["MILL-03": rule, "PRESS-07": rule]),
            JSONDifference(pointer: "/classes/scratch/assets", old: ["MILL-03": rule], new: [:]),
            JSONDifference(pointer: "/classes/dent", old: nil, new: ["assets": ["MILL-03": rule], "name": "dent"]),
            JSONDifference(pointer: "/charts/gone/width", old: 3, new: 2),
            JSONDifference(pointer: "/defaults/minSeverity", old: 0.1, new: 0.2),
        ]
        let told = reach.differences(changes)
        #expect(
            told.map(\.pointer) == ["/classes/scratch/assets", "/classes/dent", "/defaults/minSeverity"], "\(told)")
        #expect(told.first?.new == ["PRESS-07": rule])
        #expect(told.dropFirst().first?.new == ["assets": [:], "name": "dent"])
        let everywhere = RulesReach(SiteScope(plant: plant, sites: nil), charts: [])
        #expect(everywhere.isWhole && everywhere.differences(changes) == changes)
    }
}
