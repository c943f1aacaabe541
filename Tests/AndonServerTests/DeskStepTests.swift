import AndonModel
import AndonTesting
import Foundation
import Testing

/// A server with a desk whose people sign in: a technician, a planner and a viewer.
private struct DeskBench {
    let bench: AccessBench
    let technician: BareClient
    let planner: BareClient
    let viewer: BareClient

    init(_ yaml: String = ServerFixture.plant) async throws {
        bench = try await AccessBench(yaml)
        try await bench.person("t.horn", "technician", approver: nil)
        try await bench.person("p.lang", "planner", approver: "t.horn")
        try await bench.person("v.iewer", "viewer", approver: "t.horn")
        technician = try await bench.signIn("t.horn")
        planner = try await bench.signIn("p.lang")
        viewer = try await bench.signIn("v.iewer")
    }

    var administrator: BareClient { bench.administrator }

    /// An order that the desk has.
    func order(_ id: String) async throws -> String {
        let answer = try await administrator.post("/api/v1/inspections", bench.server.report(id))
        let reference = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.body)")
        #expect(
            try await eventually {
                try await administrator.get("/api/v1/orders/\(reference)").json["order"]?["delivery"] == "acknowledged"
            })
        return reference
    }

    /// As the page's script sends a step.
    func step(
        _ who: BareClient, _ reference: String, _ action: String, _ fields: [String: String], key: String? = nil
    ) async throws -> BareClient.Answer {
        var client = who
        client.headers["Accept"] = "application/json"
        client.headers["Idempotency-Key"] = key
        return try await client.form("/desk/\(reference)/\(action)", fields)
    }

    func entries(_ reference: String, _ kind: String) async throws -> [JSON] {
        let order = try await administrator.get("/api/v1/orders/\(reference)").json
        return order["ledger"]?.array?.filter { $0["kind"] == .string(kind) } ?? []
    }

    static let facts = [
        "hours": "1.5", "cause": "WEAR", "parts": "DIE-4 x 1 die", "notes": "Die changed", "verdict": "confirmed",
    ]
    static let key = "6f1c3c1e-93a4-4a4e-8a53-6a1f0f5a0b11"
}

@Suite("Steps at the desk, by people who are signed in")
struct DeskStepTests {
    @Test("Who does a step is who is signed in; a technician works, a planner plans, and a viewer does neither")
    func roles() async throws {
        let desk = try await DeskBench()
        let reference = try await desk.order("r-1")
        for action in ["assign", "cancel", "reopen"] {
            let answer = try await desk.step(
                desk.technician, reference, action, ["person": "Somebody", "by": "Else", "reason": "none"])
            #expect(answer.status == 403 && answer.problem == "not-allowed", "\(action): \(answer.body)")
        }
        let steps: [(String, [String: String])] = [
            ("start", [:]), ("note", ["text": "no"]), ("close", DeskBench.facts),
        ]
        for (action, fields) in steps {
            #expect(try await desk.step(desk.viewer, reference, action, fields).status == 403, "\(action)")
        }
        let assigned = try await desk.step(desk.planner, reference, "assign", ["person": "Person t.horn", "by": "X"])
        #expect(assigned.status == 200, "\(assigned.body)")
        let list = try await desk.technician.get("/desk").body
        #expect(list.contains("My orders") && list.contains("/desk/\(reference)"))
        let page = try await desk.technician.get("/desk/\(reference)").body
        #expect(!page.contains("name=\"person\"") && !page.contains("/desk/\(reference)/cancel"), "nothing to type")
        #expect(try await desk.planner.get("/desk/\(reference)").body.contains("<option value=\"Person t.horn\">"))
        let started = try await desk.step(desk.technician, reference, "start", ["person": "Somebody else"])
        #expect(started.json["state"] == "inProgress" && started.json["order"] == .string(reference))
        let by = try await desk.entries(reference, "desk.started").first?["body"]?["by"]
        #expect(by == "Person t.horn", "what is typed says nothing: \(by ?? .null)")
        let assignment = try await desk.entries(reference, "desk.assigned").first?["body"]
        #expect(assignment?["by"] == "Person p.lang" && assignment?["assignee"] == "Person t.horn")
        try await desk.bench.server.end()
    }

    @Test("A step with a key is done once: sent again, sent twice at once, and never as something else")
    func once() async throws {
        let desk = try await DeskBench()
        let reference = try await desk.order("o-1")
        let note = ["text": "Bearing is loose"]
        async let one = desk.step(desk.technician, reference, "note", note, key: DeskBench.key)
        async let other = desk.step(desk.technician, reference, "note", note, key: DeskBench.key)
        let both = try await [one, other]
        #expect(both.allSatisfy { $0.status == 200 } && both[0].json == both[1].json, "\(both.map(\.body))")
        let again = try await desk.step(desk.technician, reference, "note", note, key: DeskBench.key)
        #expect(again.json == both[0].json)
        #expect(try await desk.entries(reference, "desk.noted").count == 1)
        let different = try await desk.step(
            desk.technician, reference, "note", ["text": "another"], key: DeskBench.key)
        #expect(different.status == 409 && different.problem == "step-taken", "\(different.body)")
        let stolen = try await desk.step(desk.planner, reference, "note", note, key: DeskBench.key)
        #expect(stolen.status == 409 && stolen.problem == "step-taken")
        for key in ["short", String(repeating: "k", count: 65), "with space in it, long"] {
            #expect(try await desk.step(desk.technician, reference, "note", note, key: key).status == 422, "\(key)")
        }
        // The answer to a start stays the first one, when the order has gone on since.
        let key = DeskBench.key + "-2"
        let started = try await desk.step(desk.technician, reference, "start", [:], key: key)
        #expect(try await desk.step(desk.technician, reference, "close", DeskBench.facts).status == 200)
        let late = try await desk.step(desk.technician, reference, "start", [:], key: key)
        #expect(late.status == 200 && late.json == started.json)
        #expect(try await desk.entries(reference, "desk.started").count == 1)
        try await desk.bench.server.end()
    }

    @Test("What somebody closed meanwhile is a conflict that says so, and a form comes back with what was typed")
    func conflict() async throws {
        let desk = try await DeskBench()
        let reference = try await desk.order("c-1")
        #expect(try await desk.step(desk.planner, reference, "close", DeskBench.facts).status == 200)
        let late = try await desk.step(desk.technician, reference, "close", DeskBench.facts)
        #expect(late.status == 409 && late.problem == "wrong-state", "\(late.body)")
        #expect(late.json["detail"]?.string?.contains("by Person p.lang") == true, "\(late.body)")
        let note = try await desk.step(desk.technician, reference, "note", ["text": "was tight already"])
        #expect(note.status == 200, "a late note is not lost")

        let open = try await desk.order("c-2")
        let fields = ["hours": "two", "cause": "-other-", "causeOther": "HEAT <3>", "notes": "cooled \"it\""]
        let refused = try await desk.technician.form("/desk/\(open)/close", fields)
        #expect(refused.status == 422 && refused.body.contains("Labour hours should be a number"))
        for typed in ["value=\"two\"", "HEAT &lt;3&gt;", "cooled &quot;it&quot;"] {
            #expect(refused.body.contains(typed), "\(typed) is lost")
        }
        let empty = try await desk.step(
            desk.technician, open, "close", ["hours": "1", "cause": "-other-", "notes": "x"])
        #expect(empty.status == 422 && empty.json["errors"]?[0]?["pointer"] == "/cause", "\(empty.body)")
        var right = fields
        right["hours"] = "1,5"
        #expect(try await desk.technician.form("/desk/\(open)/close", right).status == 303)
        let closure = try await desk.entries(open, "desk.closed").first?["body"]?["closure"]
        #expect(closure?["causeCode"] == "HEAT <3>" && closure?["labourHours"] == 1.5, "\(closure ?? .null)")
        #expect(closure?["technician"] == "Person t.horn")
        try await desk.bench.server.end()
    }

    @Test("Codes that were used before for a class are offered first")
    func codes() async throws {
        let desk = try await DeskBench()
        for number in 1...3 {
            let reference = try await desk.order("k-\(number)")
            var facts = DeskBench.facts
            facts["cause"] = number < 3 ? "LOOSE-BOLT" : "DIRT"
            #expect(try await desk.step(desk.technician, reference, "close", facts).status == 200)
            #expect(
                try await eventually {
                    try await desk.administrator.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "closed"
                })
        }
        let reference = try await desk.order("k-4")
        let page = try await desk.technician.get("/desk/\(reference)").body
        let places = ["LOOSE-BOLT", "DIRT", "WEAR"].map { page.range(of: "value=\"\($0)\"")?.lowerBound }
        let first = try #require(places[0])
        let second = try #require(places[1])
        let third = try #require(places[2])
        #expect(first < second && second < third)
        try await desk.bench.server.end()
    }

    @Test("Where closures are signed, one without the right password of who closes it is refused, and nothing is done")
    func signature() async throws {
        let desk = try await DeskBench(ServerFixture.plant + "accounts: { signClosures: true }\n")
        let reference = try await desk.order("s-1")
        let page = try await desk.technician.get("/desk/\(reference)").body
        #expect(page.contains("type=\"password\"") && page.contains("Sign and close"))
        func close(_ password: String?, key: String? = nil) async throws -> BareClient.Answer {
            var fields = DeskBench.facts
            fields["password"] = password
            return try await desk.step(desk.technician, reference, "close", fields, key: key)
        }
        let missing = try await close(nil)
        #expect(missing.status == 422 && missing.problem == "invalid-signature", "\(missing.body)")
        let wrong = try await close("not the right one")
        #expect(wrong.status == 401 && wrong.problem == "wrong-credentials" && !wrong.body.contains("not the right"))
        #expect(try await desk.entries(reference, "desk.closed").isEmpty)
        let other = try await desk.step(
            desk.administrator, reference, "close",
            DeskBench.facts.merging(["password": AccessBench.password]) { $1 })
        #expect(other.status == 403, "administrators sign no closures: \(other.body)")
        let closed = try await close(AccessBench.password, key: DeskBench.key)
        #expect(closed.status == 200 && closed.json["state"] == "closed", "\(closed.body)")
        #expect(try await close("whatever it is", key: DeskBench.key).json == closed.json, "it is not asked again")
        #expect(try await desk.entries(reference, "desk.closed").count == 1)
        let list = try await desk.administrator.get("/api/v1/orders/\(reference)/signatures").json["signatures"]?.array
        #expect(list?.count == 1 && list?[0]["valid"] == true && list?[0]["what"] == "closure", "\(list ?? [])")
        #expect(list?[0]["meaning"] == "authorship" && list?[0]["printedName"] == "Person t.horn")
        let ledger = try await desk.administrator.get("/api/v1/ledger").body
        #expect(!ledger.contains(AccessBench.password))
        try await desk.bench.server.end()
    }

    @Test("The form for a missed defect asks nobody for the name who is signed in, and speaks German to who wants it")
    func missed() async throws {
        let desk = try await DeskBench()
        let page = try await desk.technician.get("/desk/missed?class=dent").body
        #expect(!page.contains("name=\"by\"") && page.contains("value=\"dent\""))
        let kept = try await desk.technician.form(
            "/desk/missed", ["class": "dent", "asset": "PRESS-07", "by": "Somebody"])
        #expect(kept.status == 200 && kept.body.contains("label 1"), "\(kept.body)")
        let ledger = try await desk.administrator.get("/api/v1/ledger").json["entries"]?.array ?? []
        let entry = ledger.first { $0["kind"] == "label.missed" }
        #expect(entry?["body"]?["by"] == "Person t.horn")
        let german = try await desk.technician.send("GET", "/desk", headers: ["Accept-Language": "de-DE,de;q=0.9"])
        #expect(german.body.contains("Aufträge") && german.body.contains("lang=\"de\""))
        #expect(german["andon-person"] == "2", "the phone keeps the page as this person's")
        try await desk.bench.server.end()
    }

    @Test("Names of who did a step, wrote a note and closed an order are names: they can be erased")
    func names() async throws {
        let desk = try await DeskBench()
        let reference = try await desk.order("n-1")
        #expect(try await desk.step(desk.technician, reference, "start", [:]).status == 200)
        #expect(try await desk.step(desk.technician, reference, "note", ["text": "loud"]).status == 200)
        #expect(try await desk.step(desk.technician, reference, "close", DeskBench.facts).status == 200)
        #expect(
            try await eventually {
                try await desk.administrator.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "closed"
            })
        let erased = try await desk.administrator.post(
            "/api/v1/ledger/erasure", ["person": "Person t.horn", "by": "A. Maier", "reason": "asked for"])
        #expect(erased.status < 300, "\(erased.body)")
        let order = try await desk.administrator.get("/api/v1/orders/\(reference)")
        let page = try await desk.planner.get("/desk/\(reference)")
        #expect(!order.body.contains("t.horn") && !page.body.contains("t.horn"))
        #expect(page.body.contains("(withheld)") && page.body.contains("loud"))
        try await desk.bench.server.end()
    }
}
