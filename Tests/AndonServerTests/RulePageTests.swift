import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The pages of the rules")
struct RulePageTests {
    private static let plant = ServerFixture.plant
        .replacing("line: LINE-1", with: "line: LINE-1, type: press, group: forming")
        .replacing("scratch: {", with: "\"<b>&\": { minSeverity: 0.1 }\n    scratch: {")

    private func bare(_ server: ServerFixture, _ headers: [String: String] = [:]) -> BareClient {
        BareClient(
            port: server.process.port, headers: ["Accept": "text/html"].merging(headers, uniquingKeysWith: { $1 }))
    }

    /// A new draft's address.
    private func open(_ client: BareClient) async throws -> String {
        let answer = try await client.form("/rules/drafts", ["by": "M. Weber"])
        #expect(answer.status == 303, "\(answer.body)")
        return try #require(answer["location"])
    }

    @Test("What is in force is shown with the level that each threshold comes from, in the reader's language")
    func overview() async throws {
        let server = try ServerFixture(Self.plant)
        let client = bare(server)
        let page = try await client.get("/rules")
        #expect(page.status == 200 && page.body.contains("<h1>Rules</h1>"))
        #expect(page.body.contains("href=\"/rules/class?name=scratch\"") && page.body.contains("class scratch"))
        #expect(page.body.contains("&lt;b&gt;&amp;") && !page.body.contains("<b>&"), "names are escaped")
        #expect(page.body.contains("built in") && page.body.contains("No order goes on call"))
        #expect(!page.body.contains("«"), "every text is there")
        let german = try await bare(server, ["Accept-Language": "de"]).get("/rules?asset=PRESS-07")
        #expect(german.body.contains("<h1>Regeln</h1>") && german.body.contains("Was für die Anlage PRESS-07 gilt."))
        #expect(!german.body.contains("«"), "every text is there")
        let detail = try await client.get("/rules/class?name=scratch&asset=PRESS-07")
        #expect(detail.status == 200 && detail.body.contains("<code>minSeverity</code>"))
        #expect(detail.body.contains("forming, press") && !detail.body.contains("«"))
        #expect(try await client.get("/rules/class?name=never+seen").body.contains("never seen"))
        #expect(try await client.get("/rules/history").body.contains("nobody said"))
        try await server.end()
    }

    @Test(
        "A form that is refused comes back with what was typed and the fault at its field; a right one is in the draft")
    func form() async throws {
        let server = try ServerFixture(Self.plant)
        let client = bare(server)
        let draft = try await open(client)
        let level = "\(draft)/rule?base=%2Fclasses%2Fscratch&kind=types&name=press"
        let empty = try await client.get(level)
        #expect(empty.status == 200 && empty.body.contains("Empty: 0.4 (class scratch)."), "\(empty.body)")
        #expect(!empty.body.contains("«"), "every text is there")
        let wrong = try await client.form(
            level, ["minSeverity": "7", "coolDown": "soon", "orderType": "<PM>", "frequency": "parts", "revision": "1"])
        #expect(wrong.status == 422 && wrong.body.contains("role=\"alert\""))
        #expect(wrong.body.contains("value=\"7\"") && wrong.body.contains("value=\"soon\""))
        #expect(wrong.body.contains("value=\"&lt;PM&gt;\"") && wrong.body.contains("aria-invalid=\"true\""))
        #expect(wrong.body.contains("/classes/scratch/types/press/minSeverity"))
        #expect(wrong.body.contains("should be a time like 250ms"))
        let right = try await client.form(
            level, ["minSeverity": "0,7", "frequency": "parts", "frequency-count": "3", "frequency-parts": "100"])
        #expect(right.status == 303 && right["location"] == draft, "\(right.body)")
        let shown = try await client.get(draft)
        #expect(shown.body.contains("<code>/classes/scratch/types</code>"), "\(shown.body)")
        let kept = try await server.client.get("/api/v1" + draft).json["document"]
        #expect(
            kept?["classes"]?["scratch"]?["types"]?["press"] == [
                "minSeverity": 0.7, "frequency": ["count": 3, "parts": 100],
            ])
        #expect(kept?["classes"]?["scratch"]?["minConfidence"] == 0.5, "nothing else was touched")
        let removed = try await client.form(
            "\(draft)/rule?at=%2Fclasses%2Fscratch%2Ftypes%2Fpress", ["action": "remove"])
        #expect(removed.status == 303)
        let late = try await client.form(level, ["minSeverity": "0.9", "revision": "1"])
        #expect(late.status == 409 && late.body.contains("value=\"0.9\""), "somebody else was faster")
        #expect(try await client.get("\(draft)/rule?at=%2Fbands").status == 400)
        try await server.end()
    }

    @Test("The matrix, who is on call, and the whole text have forms; what nobody changed stays unsaid")
    func forms() async throws {
        let server = try ServerFixture(Self.plant)
        let client = bare(server)
        let draft = try await open(client)
        let matrix = try await client.get("\(draft)/matrix")
        #expect(matrix.body.contains("name=\"cell-0-0\"") && !matrix.body.contains("«"))
        var cells: [String: String] = ["unstated": "moderate", "unknown": "B"]
        let standard = [[3, 4, 5], [2, 3, 4], [1, 2, 3], [1, 1, 2]]
        for (band, from) in ["0", "0.4", "0.7", "0.9"].enumerated() {
            cells["from-\(band)"] = from
            for rank in 0..<3 { cells["cell-\(band)-\(rank)"] = "\(standard[band][rank])" }
        }
        #expect(try await client.form("\(draft)/matrix", cells).status == 303)
        let before = try await server.client.get("/api/v1" + draft).json
        #expect(before["differences"] == [], "the same numbers change nothing: \(before)")
        cells["cell-0-2"] = "9"
        #expect(try await client.form("\(draft)/matrix", cells).status == 303)
        cells["cell-0-2"] = "12"
        let refused = try await client.form("\(draft)/matrix", cells)
        #expect(refused.status == 422 && refused.body.contains("value=\"12\""))

        let routing = try await client.get("\(draft)/routing")
        #expect(routing.body.contains("Europe/Berlin") && !routing.body.contains("«"))
        let shift: [String: String] = [
            "shifts": "2", "overrides": "2", "priority-1": "true", "all-ranks": "true", "shift-1-name": "night",
            "shift-1-from": "22:00", "shift-1-to": "06:00", "shift-1-assignee": "CREW-2", "shift-1-mon": "true",
        ]
        #expect(try await client.form("\(draft)/routing", shift).status == 303)
        let wrong = try await client.form(
            "\(draft)/routing", shift.merging(["override-1-date": "tomorrow", "override-1-assignee": "X"]) { $1 })
        #expect(wrong.status == 422 && wrong.body.contains("value=\"tomorrow\""), "\(wrong.body)")
        #expect(wrong.body.contains("should be a date like"))
        let kept = try await server.client.get("/api/v1" + draft).json["document"]
        #expect(kept?["priority"]?["minor"] == ["A": 3, "B": 4, "C": 9])
        #expect(
            kept?["onCall"] == [
                "priorities": [1],
                "shifts": [
                    ["name": "night", "from": "22:00", "to": "06:00", "assignee": "CREW-2", "days": ["mon"]]
                ],
            ])
        #expect(try await client.get("\(draft)/trends").body.contains("The rules have no charts"))
        let text = try await client.form("\(draft)/document", ["document": "{ \"classes\": "])
        #expect(text.status == 422 && text.body.contains("This is not JSON"))
        #expect(text.body.contains("{ &quot;classes&quot;: "), "what was typed comes back")
        try await server.end()
    }

    @Test("From a draft to a version and back, by the pages alone")
    func wholeWay() async throws {
        let server = try ServerFixture(Self.plant)
        let client = bare(server)
        let reported = try await DraftClient(server: server).report("r-1", severity: 0.8)
        #expect(reported.outcome == "raised")
        let draft = try await open(client)
        #expect(
            try await client.form("\(draft)/rule?at=%2Fclasses%2Fscratch", ["minSeverity": "0.9"]).status == 303)
        let tried = try await client.form("\(draft)/backtest", ["days": "7"])
        #expect(tried.status == 200 && tried.body.contains("1 order less") && tried.body.contains("r-1"))
        #expect(!tried.body.contains("«"), "every text is there")
        let unsaid = try await client.form("\(draft)/submit", ["reason": " "])
        #expect(unsaid.status == 422 && unsaid.body.contains("say why"))
        let stopped = try await client.form("\(draft)/approve", ["reason": ""])
        #expect(stopped.status == 409 && stopped.body.contains("The draft was not submitted"))
        let submitted = try await client.form("\(draft)/submit", ["reason": "false alarms", "by": "M. <Weber>"])
        #expect(submitted.status == 303 && submitted["location"] == draft, "\(submitted.body)")
        #expect(try await client.get(draft).body.contains("href=\"/rules/2\""))
        let version = try await client.get("/rules/2")
        #expect(version.body.contains("M. &lt;Weber&gt;: false alarms") && version.body.contains("<ins>0.9</ins>"))
        #expect(version.body.contains("Nobody has signed this version") && !version.body.contains("«"))
        let back = try await client.form("/rules/1/return", ["by": "B. Huber"])
        #expect(back.status == 303 && back["location"] == "/rules/drafts/2", "\(back.body)")
        let again = try await client.form("/rules/2/return", [:])
        #expect(again.status == 422 && again.body.contains("Nothing would change"))
        #expect(try await client.form("/rules/drafts/2/discard", [:]).status == 303)
        #expect(try await client.get("/rules/history").body.contains("M. &lt;Weber&gt;"))
        try await server.end()
    }

    @Test("A draft and a version name classes by label and id, with the way to the class")
    func classNames() async throws {
        let server = try ServerFixture(
            ServerFixture.plant.replacing("scratch: {", with: "scratch: { name: Surface scratch,"))
        let client = bare(server)
        let draft = try await open(client)
        let forms = [("scratch", ["name": "Surface scratch", "minSeverity": "0.9"]), ("dent", ["minSeverity": "0.3"])]
        for (label, form) in forms {
            let level = "\(draft)/rule?at=%2Fclasses%2F\(label)"
            #expect(try await client.form(level, form).status == 303, "\(label)")
        }
        let page = try await client.get(draft).body
        let link = "<a href=\"/rules/class?name=scratch\">Surface scratch (scratch)</a>"
        #expect(page.contains("<code>/classes/scratch/minSeverity</code><br>\(link)"), "\(page)")
        // A class that is not in force yet has its form alone.
        #expect(page.contains("<br><a href=\"\(draft)/rule?at=%2Fclasses%2Fdent\">dent</a>"), "\(page)")
        #expect(page.contains("/rule?at=%2Fclasses%2Fscratch\">Surface scratch (scratch)</a>"), "the list of places")
        #expect(try await client.form("\(draft)/submit", ["reason": "false alarms", "by": "M. Weber"]).status == 303)
        let version = try await client.get("/rules/2").body
        #expect(version.contains(link) && version.contains("<a href=\"/rules/class?name=dent\">dent</a>"), "\(version)")
        try await server.end()
    }

    @Test("With accounts a second person lets a draft pass on its page, and the first one cannot")
    func secondPerson() async throws {
        let bench = try await AccessBench(ServerFixture.plant + "accounts: { rulesNeedApproval: true }\n")
        try await bench.person("m.weber", "quality-engineer", approver: nil)
        try await bench.person("b.huber", "quality-engineer", approver: "m.weber")
        let (weber, huber) = (try await bench.signIn("m.weber"), try await bench.signIn("b.huber"))
        let draft = try await open(weber)
        let level = "\(draft)/rule?at=%2Fclasses%2Fscratch"
        #expect(try await weber.form(level, ["minSeverity": "0.9"]).status == 303)
        #expect(try await weber.form("\(draft)/submit", ["reason": "false alarms"]).status == 303)
        let own = try await weber.form("\(draft)/approve", [:])
        #expect(own.status == 403 && own.body.contains("A second person lets rules pass"), "\(own.body)")
        #expect(try await huber.form("\(draft)/approve", [:]).status == 303)
        let version = try await huber.get("/api/v1/rules/2").json
        #expect(version["by"] == "Person m.weber" && version["approvedBy"] == "Person b.huber")
        try await bench.server.end()
    }
}
