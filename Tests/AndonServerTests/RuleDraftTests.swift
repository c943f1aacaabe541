import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

/// A server and the way to its drafts.
struct DraftClient {
    let server: ServerFixture

    func send(_ method: String, _ path: String, _ body: JSON = [:]) async throws -> TestClient.Answer {
        try await server.client.send(
            method, "/api/v1/rules/\(path)", headers: ["Content-Type": "application/json"],
            body: method == "GET" ? nil : Data(body.canonicalBytes))
    }

    /// A new draft's number.
    func open(_ body: JSON = ["by": "M. Weber"]) async throws -> Int {
        let answer = try await send("POST", "drafts", body)
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.json["id"]?.integer, "\(answer.text)")
    }

    func change(_ draft: Int, _ pointer: String, _ value: JSON) async throws -> TestClient.Answer {
        try await send(
            "PATCH", "drafts/\(draft)",
            ["changes": [["pointer": .string(pointer), "value": value]], "by": "M. Weber"])
    }

    func submit(_ draft: Int, _ reason: String = "too many false alarms") async throws -> TestClient.Answer {
        try await send("POST", "drafts/\(draft)/submit", ["reason": .string(reason), "by": "M. Weber"])
    }

    /// Changes one value of the rules, and puts that in force.
    func put(_ pointer: String, _ value: JSON) async throws {
        let draft = try await open()
        let changed = try await change(draft, pointer, value)
        #expect(changed.status == 200, "\(changed.text)")
        let submitted = try await submit(draft)
        #expect(submitted.status == 200 && submitted.json["state"] == "in-force", "\(submitted.text)")
    }

    /// What a detection became, and by which version of the rules.
    struct Decided: Sendable {
        var outcome: String?
        var version: Int?
        var order: String?
    }

    func report(_ id: String, severity: Double) async throws -> Decided {
        let defect: JSON = ["class": "scratch", "confidence": 0.9, "severity": .number(severity)]
        let answer = try await server.client.post(
            "/api/v1/inspections", server.report(id, ["defects": .array([defect])]))
        #expect(answer.status == 202, "\(answer.text)")
        let kept = try await server.client.get("/api/v1/inspections/\(id)").json["detections"]?[0]
        return Decided(
            outcome: kept?["outcome"]?.string, version: kept?["rulesVersion"]?.integer, order: kept?["order"]?.string)
    }

    func versions() async throws -> [JSON] {
        try await server.client.get("/api/v1/rules").json["versions"]?.array ?? []
    }
}

@Suite("Rules that people change while the server runs")
struct RuleDraftTests {
    @Test(
        "A change counts for the next report with no restart; the records name both versions, and who changed what and why"
    )
    func nextReport() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        let first = try await client.report("r-1", severity: 0.8)
        #expect(first.outcome == "raised" && first.version == 1)

        let draft = try await client.open()
        let changed = try await client.change(draft, "/classes/scratch/minSeverity", 0.85)
        #expect(changed.status == 200 && changed.json["faults"] == [], "\(changed.text)")
        #expect(
            changed.json["differences"] == [["at": "/classes/scratch/minSeverity", "old": 0.4, "new": 0.85]],
            "\(changed.text)")
        #expect(try await client.report("r-2", severity: 0.8).version == 1, "a draft is not in force")
        let submitted = try await client.submit(draft)
        #expect(submitted.json["state"] == "in-force" && submitted.json["version"] == 2, "\(submitted.text)")

        let third = try await client.report("r-3", severity: 0.8)
        #expect(third.outcome == "recorded" && third.version == 2, "\(third)")
        let fourth = try await client.report("r-4", severity: 0.9)
        #expect(fourth.outcome == "grouped" && fourth.version == 2 && fourth.order == first.order)
        let kept = try await server.client.get("/api/v1/inspections/r-1").json["detections"]?[0]
        #expect(kept?["rulesVersion"] == 1, "what was decided stays decided")
        let order = try #require(first.order)
        let trail = try await server.client.get("/api/v1/orders/\(order)/record").json["trail"]?.array ?? []
        let subjects = Set(trail.compactMap { $0["subject"]?.string })
        #expect(subjects.isSuperset(of: ["rules/1", "rules/2"]), "\(subjects)")

        let version = try await server.client.get("/api/v1/rules/2").json
        #expect(version["by"] == "M. Weber" && version["why"] == "too many false alarms")
        #expect(version["changes"] == [["at": "/classes/scratch/rule/minSeverity", "old": 0.4, "new": 0.85]])
        let entries = try await server.client.get("/api/v1/ledger").json["entries"]?.array ?? []
        let setting = try #require(entries.first { $0["kind"] == "settings.changed" }?["body"])
        #expect(setting["section"] == "rules" && setting["by"] == "M. Weber" && setting["source"] == "interface")
        #expect(setting["changes"] == [["at": "/classes/scratch/minSeverity", "old": 0.4, "new": 0.85]])
        let kinds = entries.filter { $0["subject"] == .string("rules-draft/\(draft)") }.compactMap {
            $0["kind"]?.string
        }
        #expect(kinds == ["rules.draft-opened", "rules.draft-changed", "rules.draft-submitted"])
        try await server.end()
    }

    @Test("Reports that arrive while rules change are each decided by one version, which they name")
    func inFlight() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        let draft = try await client.open()
        let changed = try await client.send(
            "PATCH", "drafts/\(draft)",
            ["changes": [["pointer": "/classes/scratch/minSeverity", "value": 0.85]]])
        #expect(changed.status == 200, "\(changed.text)")
        _ = try await client.report("first", severity: 0.8)
        let decided = try await withThrowingTaskGroup(of: DraftClient.Decided.self) { group in
            for number in 0..<60 {
                group.addTask { try await client.report("f-\(number)", severity: 0.8) }
                if number == 30 {
                    let submitted = try await client.submit(draft)
                    #expect(submitted.status == 200, "\(submitted.text)")
                }
            }
            var all: [DraftClient.Decided] = []
            for try await one in group { all.append(one) }
            return all
        }
        let last = try await client.report("last", severity: 0.8)
        #expect(decided.count == 60 && last.version == 2 && last.outcome == "recorded")
        for one in decided {
            #expect(
                one.version == 1 ? one.outcome == "grouped" : one.version == 2 && one.outcome == "recorded", "\(one)")
        }
        try await server.end()
    }

    @Test("What has a fault is refused with its pointer, and the draft stays as it was")
    func faults() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        let draft = try await client.open()
        func refused(_ answer: TestClient.Answer, _ status: Int, _ pointer: String, _ words: String) {
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.json["errors"]?[0]?["pointer"] == .string(pointer), "\(answer.text)")
            #expect(answer.text.contains(words), "\(answer.text)")
        }
        refused(
            try await client.change(draft, "/classes/scratch/minSeverity", 7), 422, "/classes/scratch/minSeverity",
            "should be a number from 0.0 to 1.0")
        refused(
            try await client.change(draft, "/classes/scratch/assets/PRESS-99", ["minSeverity": 0.5]), 422,
            "/classes/scratch/assets/PRESS-99", "no asset of the plant has this id")
        refused(
            try await client.change(draft, "/classes/scratch/minSeverity/more", 1), 422,
            "/classes/scratch/minSeverity/more", "A pointer leads nowhere")
        refused(
            try await client.send("PUT", "drafts/\(draft)", ["document": ["clases": [:]]]), 422, "/clases",
            "did you mean \\\"classes\\\"")
        refused(try await client.send("PUT", "drafts/\(draft)", ["document": 7]), 422, "", "should be an object")
        refused(
            try await client.send("POST", "drafts", ["document": ["bands": [:]]]), 422, "/bands", "at least one band")
        refused(try await client.send("PATCH", "drafts/\(draft)", ["changes": []]), 422, "/changes", "1 to 500 changes")
        refused(try await client.send("POST", "drafts/\(draft)/submit", ["reason": " "]), 422, "/reason", "say why")
        refused(try await client.send("POST", "drafts/\(draft)/backtest", ["days": 0]), 422, "/days", "from 1 to 366")
        let kept = try await client.send("GET", "drafts/\(draft)").json
        #expect(kept["revision"] == 1 && kept["differences"] == [])
        #expect(try await client.submit(draft).text.contains("Nothing would change"))
        #expect(try await client.send("GET", "drafts/99").status == 404)
        #expect(try await client.send("GET", "drafts/abc").status == 404)
        #expect(try await client.send("POST", "drafts/\(draft)/approve").status == 409, "it does not wait")
        #expect(try await client.versions().count == 1)
        try await server.end()
    }

    @Test("Of two who change the same draft, the second is told; of two drafts, the later is put on the other")
    func together() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        let (one, other) = (try await client.open(), try await client.open(["by": "B. Huber"]))
        #expect(try await client.change(one, "/classes/scratch/minSeverity", 0.6).json["revision"] == 2)
        let late = try await client.send(
            "PUT", "drafts/\(one)", ["document": ["classes": [:]], "revision": 1, "by": "B. Huber"])
        #expect(late.status == 409 && late.json["type"] == "urn:andon:problem:draft-changed", "\(late.text)")

        _ = try await client.change(other, "/classes/scratch/minSeverity", 0.7)
        _ = try await client.change(other, "/classes/scratch/minConfidence", 0.6)
        #expect(try await client.submit(one).json["version"] == 2)
        let outdated = try await client.submit(other)
        #expect(outdated.status == 409 && outdated.json["type"] == "urn:andon:problem:draft-outdated")
        #expect(
            outdated.json["errors"] == [
                ["pointer": "/classes/scratch/minSeverity", "detail": "was 0.4, is 0.6 now, and 0.7 in the draft"]
            ], "\(outdated.text)")
        #expect(try await client.send("GET", "drafts/\(other)").json["outdated"] == true)
        #expect(try await client.send("POST", "drafts/\(other)/rebase").status == 409, "nobody says what counts")
        let rebased = try await client.send("POST", "drafts/\(other)/rebase", ["take": "theirs", "by": "B. Huber"])
        #expect(rebased.json["base"] == 2 && rebased.json["outdated"] == false, "\(rebased.text)")
        #expect(rebased.json["differences"] == [["at": "/classes/scratch/minConfidence", "old": 0.5, "new": 0.6]])
        #expect(try await client.submit(other).json["version"] == 3)
        #expect(try await client.change(other, "/classes/scratch/minSeverity", 0.1).status == 409, "it has ended")
        let discarded = try await client.open()
        #expect(try await client.send("POST", "drafts/\(discarded)/discard").json["state"] == "discarded")
        #expect(try await client.send("GET", "drafts?alive=true").json["drafts"] == [])
        try await server.end()
    }

    @Test("A former version is one step away, and is a version of its own then")
    func back() async throws {
        let server = try ServerFixture()
        let client = DraftClient(server: server)
        try await client.put("/classes/scratch/minSeverity", 0.85)
        #expect(try await client.report("b-1", severity: 0.8).outcome == "recorded")
        #expect(try await client.send("POST", "2/return").status == 422, "it is in force")
        #expect(try await client.send("POST", "9/return").status == 404)
        let answer = try await client.send("POST", "1/return", ["by": "B. Huber"])
        #expect(answer.status == 201, "\(answer.text)")
        let draft = try #require(answer.json["id"]?.integer)
        #expect(try await client.submit(draft, "it held back too much").json["version"] == 3)
        #expect(try await client.report("b-2", severity: 0.8).outcome == "raised")
        let versions = try await client.versions()
        #expect(versions.map { $0["version"] } == [3, 2, 1] && versions.first?["rules"] == versions.last?["rules"])
        try await server.end()
    }
}
