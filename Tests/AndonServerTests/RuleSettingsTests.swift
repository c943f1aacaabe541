import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The file and what people changed beside it")
struct RuleSettingsTests {
    private func write(_ yaml: String, _ server: ServerFixture) throws {
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: server.config))
    }

    private func minSeverity(_ client: TestClient) async throws -> JSON? {
        let found = try await client.get("/api/v1/rules/effective?class=scratch&asset=PRESS-07").json
        return found["options"]?.array?.first { $0["name"] == "minSeverity" }?["value"]
    }

    @Test("A restart keeps what people changed, as the same version")
    func restart() async throws {
        let server = try ServerFixture()
        try await DraftClient(server: server).put("/classes/scratch/minSeverity", 0.85)
        try await server.process.stop()
        // Something else in the file is another one by now.
        try write(ServerFixture.plant.replacing("name: Test", with: "name: Another"), server)
        let again = try AndonProcess(config: server.config, data: server.data)
        let client = TestClient(again.address)
        #expect(try await minSeverity(client) == 0.85)
        #expect(try await client.get("/api/v1/rules").json["versions"]?.array?.count == 2)
        try await again.stop()
        for command in [["ledger", "verify"], ["reconcile"]] {
            let checked = try await AndonProcess.run(command + ["--data", server.data])
            #expect(checked.status == 0, "\(checked.output)")
        }
    }

    @Test(
        "Who changes the section in the file afterwards has the last word; the old text there does not bring the other back"
    )
    func fileWinsLater() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        try await client.put("/classes/scratch/minSeverity", 0.85)
        // Another section of the file is no word on the rules.
        try write(ServerFixture.plant.replacing("name: Press hall", with: "name: Hall"), server)
        #expect(
            try await eventually {
                let entries = try await server.client.get("/api/v1/ledger").json["entries"]?.array ?? []
                return entries.filter { $0["kind"] == "configuration.read" }.count == 2
            })
        #expect(try await minSeverity(server.client) == 0.85)

        let changed = ServerFixture.plant.replacing("minSeverity: 0.4", with: "minSeverity: 0.2")
        try write(changed + "change: { by: A. Maier, reason: the file is right }\n", server)
        #expect(try await eventually { try await minSeverity(server.client) == 0.2 })
        let entries = try await server.client.get("/api/v1/ledger").json["entries"]?.array ?? []
        let settings = entries.filter { $0["kind"] == "settings.changed" }.compactMap { $0["body"] }
        #expect(settings.map { $0["source"] } == ["interface", "file"])
        #expect(settings.last?["by"] == "A. Maier" && settings.last?["why"] == "the file is right")
        #expect(settings.last?["changes"] == [["at": "/classes/scratch/minSeverity", "old": 0.85, "new": 0.2]])

        try write(ServerFixture.plant, server)
        #expect(try await eventually { try await minSeverity(server.client) == 0.4 })
        #expect(try await client.versions().count == 4)
        try await server.end()
    }

    @Test("A file that is wrong by now stops a change, in words, and what is in force stays")
    func wrongFile() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        let draft = try await client.open()
        #expect(try await client.change(draft, "/classes/scratch/minSeverity", 0.6).status == 200)
        try write(ServerFixture.plant.replacing("site: BEDFORD", with: "sit: BEDFORD"), server)
        let refused = try await client.submit(draft)
        #expect(refused.status == 422 && refused.text.contains("andon.yaml:3:3: plant.sit: unknown option"))
        #expect(try await minSeverity(server.client) == 0.4)
        try write(ServerFixture.plant, server)
        #expect(try await client.submit(draft).json["version"] == 2)
        try await server.end()
    }

    @Test("The inheritance is visible: each option's value, where it comes from, and what the wider levels say")
    func effective() async throws {
        let yaml = ServerFixture.plant.replacing("line: LINE-1", with: "line: LINE-1, type: press, group: forming")
        let server = try ServerFixture(yaml)
        let client = DraftClient(server: server)
        let draft = try await client.open()
        let changed = try await client.send(
            "PATCH", "drafts/\(draft)",
            [
                "changes": [
                    ["pointer": "/classes/scratch/types/press/minSeverity", "value": 0.6],
                    ["pointer": "/defaults/coolDown", "value": "2h"],
                    ["pointer": "/classes/scratch/assets/PRESS-07/frequency", "value": ["count": 3, "parts": 100]],
                ]
            ])
        #expect(changed.status == 200, "\(changed.text)")
        #expect(try await client.submit(draft).status == 200)
        let found = try await server.client.get("/api/v1/rules/effective?class=scratch&asset=PRESS-07").json
        func option(_ name: String) -> JSON? { found["options"]?.array?.first { $0["name"] == .string(name) } }
        #expect(found["type"] == "press" && found["group"] == "forming" && found["version"] == 2)
        #expect(
            option("minSeverity")?["from"] == [
                "level": "type", "name": "press", "pointer": "/classes/scratch/types/press",
            ])
        #expect(option("minSeverity")?["levels"]?.array?.map { $0["value"] } == [0.6, 0.4])
        #expect(option("coolDown")?["value"] == 7200 && option("coolDown")?["from"]?["level"] == "defaults")
        #expect(option("frequency")?["value"] == ["count": 3, "parts": 100])
        #expect(option("whileOpen")?["value"] == "join" && option("whileOpen")?["from"]?["level"] == "built-in")
        #expect(option("orderType")?["value"] == nil)
        #expect(try await server.client.get("/api/v1/rules/effective").status == 400)
        let unknown = try await server.client.get("/api/v1/rules/effective?class=never").json
        #expect(unknown["known"] == false)
        try await server.end()
    }

    @Test(
        "Before it goes live a draft says which orders it would add and remove, with report, picture, class and asset")
    func backtest() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        #expect(try await client.report("low", severity: 0.3).outcome == "recorded")
        let answer = try await server.client.report(server.report("high"), picture: samplePicture("scratch"))
        #expect(answer.status == 202, "\(answer.text)")
        let draft = try await client.open()
        #expect(try await client.change(draft, "/classes/scratch/minSeverity", 0.2).status == 200)
        let more = try await client.send("POST", "drafts/\(draft)/backtest", ["days": 7]).json
        #expect(more["orders"] == ["today": 1, "candidate": 1], "the second joins the first one's order: \(more)")
        #expect(more["added"]?["count"] == 1 && more["removed"]?["count"] == 1)
        #expect(more["added"]?["orders"]?[0]?["inspection"] == "low")
        let removed = more["removed"]?["orders"]?[0]
        #expect(removed?["inspection"] == "high" && removed?["class"] == "scratch" && removed?["asset"] == "PRESS-07")
        let digest = try #require(removed?["picture"]?.string, "\(more)")
        #expect(try await server.client.get("/pictures/\(digest)").status == 200)
        #expect(more["report"]?["detections"] == 2)

        #expect(try await client.change(draft, "/classes/scratch/minSeverity", 0.95).status == 200)
        let none = try await client.send("POST", "drafts/\(draft)/backtest").json
        #expect(none["orders"] == ["today": 1, "candidate": 0] && none["added"]?["count"] == 0)
        #expect(none["removed"]?["byClass"] == ["scratch": 1] && none["removed"]?["byAsset"] == ["PRESS-07": 1])
        #expect(try await client.versions().count == 1, "nothing was changed by it")
        try await server.end()
    }
}
