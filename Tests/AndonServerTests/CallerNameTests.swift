import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

/// A route of the API that writes down who did something, and where its entry says so.
private struct SignedRoute: Sendable {
    /// As the API's description has it.
    var route: String
    var kind: String
    var body: [String: JSON]
    /// The member of the entry's body with the name.
    var member = "by"
    /// A machine alone may not decide it.
    var needsPerson = false
    /// The floor plan in the path.
    var plan = "hall"

    init(_ route: String, _ kind: String, _ body: [String: JSON] = [:]) {
        (self.route, self.kind, self.body) = (route, kind, body)
    }

    func byPerson() -> SignedRoute {
        var row = self
        row.needsPerson = true
        return row
    }

    func naming(_ member: String) -> SignedRoute {
        var row = self
        row.member = member
        return row
    }

    func on(_ plan: String) -> SignedRoute {
        var row = self
        row.plan = plan
        return row
    }

    /// - Parameter run: makes what must be new each time another one.
    static func all(_ run: Int) -> [SignedRoute] {
        records(run) + learning(run) + charts(run) + rules(run) + map(run) + keys(run)
    }

    private static func records(_ run: Int) -> [SignedRoute] {
        let (lot, value) = (JSON.string("L-\(run)"), JSON.string("Lots up to \(run) blocked"))
        return [
            SignedRoute("POST /api/v1/holds", "hold.placed", ["lot": lot, "reason": "claim"]).byPerson(),
            SignedRoute("POST /api/v1/holds/{id}/release", "hold.released", ["reason": "settled"]).byPerson(),
            SignedRoute(
                "POST /api/v1/orders/{reference}/evidence", "evidence.recorded",
                ["evidence": "containment", "value": value, "why": "one more"]
            ).byPerson(),
            SignedRoute("POST /api/v1/ledger/key", "ledger.key-rotated", ["reason": "yearly"]).byPerson(),
            SignedRoute(
                "POST /api/v1/ledger/erasure", "names.erased",
                ["person": .string("Nobody \(run)"), "reason": "asked for"]
            ).byPerson(),
            SignedRoute(
                "POST /api/v1/validation", "validation.recorded",
                ["pack": .string(pack(run).canonicalText), "reason": "release"]
            ).byPerson(),
        ]
    }

    private static func pack(_ run: Int) -> JSON {
        let counts: JSON = ["requirements": 0, "covered": 0, "tests": 0, "passed": 0, "failed": 0]
        let software: JSON = ["version": "0.0.1", "commit": .string("run \(run)")]
        return [
            "schema": "andon.validation/1", "software": software, "madeAt": "2026-11-24T00:00:00Z",
            "environment": ["os": "Linux"], "counts": counts, "requirements": [], "tests": [],
        ]
    }

    private static func learning(_ run: Int) -> [SignedRoute] {
        let file = """
            asset,class,detected,finished
            PRESS-07,scratch,2025-03-0\(run)T08:00:00Z,2025-03-0\(run)T10:00:00Z

            """
        let bytes = JSON.string(Data(file.utf8).base64EncodedString())
        return [
            SignedRoute(
                "POST /api/v1/learn/missed", "label.missed", ["class": "dent", "asset": "PRESS-07"]
            ).byPerson(),
            SignedRoute(
                "POST /api/v1/learn/histories", "history.imported", ["file": bytes, "reason": "baseline"]
            ).byPerson(),
            SignedRoute(
                "POST /api/v1/learn/histories/{id}/remove", "history.removed", ["reason": "another plant"]
            ).byPerson(),
        ]
    }

    private static func charts(_ run: Int) -> [SignedRoute] {
        let stream: JSON = "asset=PRESS-07"
        return [
            SignedRoute(
                "POST /api/v1/charts/{chart}/limits", "chart.limits",
                ["stream": stream, "from": 1, "to": 30, "reason": "a year of data"]),
            SignedRoute(
                "POST /api/v1/charts/{chart}/causes", "chart.cause",
                ["stream": stream, "from": 15, "cause": "another supplier"]),
            SignedRoute(
                "POST /api/v1/charts/{chart}/causes/{cause}/withdraw", "chart.cause-withdrawn",
                ["reason": "a typing error"]),
        ]
    }

    private static func rules(_ run: Int) -> [SignedRoute] {
        let change: JSON = ["pointer": "/classes/scratch/minSeverity", "value": .number(0.5 + Double(run) / 100)]
        let document: JSON = ["classes": ["scratch": [:]]]
        return [
            SignedRoute("POST /api/v1/rules/drafts", "rules.draft-opened").naming("createdBy"),
            SignedRoute(
                "PATCH /api/v1/rules/drafts/{id}", "rules.draft-changed", ["changes": [change]]
            ).naming("changedBy"),
            SignedRoute(
                "POST /api/v1/rules/drafts/{id}/submit", "rules.draft-submitted", ["reason": "false alarms"]
            ).naming("submittedBy"),
            SignedRoute("POST /api/v1/rules/{version}/return", "rules.draft-opened").naming("createdBy"),
            SignedRoute(
                "PUT /api/v1/rules/drafts/{id}", "rules.draft-changed", ["document": document]
            ).naming("changedBy"),
            SignedRoute("POST /api/v1/rules/drafts/{id}/discard", "rules.draft-discarded").naming("changedBy"),
        ]
    }

    private static func map(_ run: Int) -> [SignedRoute] {
        let corners: JSON = [[10, 10], [40, 10], [40, .integer(30 + run)], [10, 30]]
        let zone = MapBench.drawn("Z1", corners, ["cameras": ["CAM-01"]])
        return [
            SignedRoute(
                "PUT /api/v1/map/plans/{plan}/zones", "settings.changed", ["zones": [zone], "reason": "rebuilt"]),
            SignedRoute("POST /api/v1/map/plans", "settings.changed", ["name": "yard", "reason": "a new hall"]),
            SignedRoute("DELETE /api/v1/map/plans/{plan}", "settings.changed", ["reason": "gone"]).on("yard"),
        ]
    }

    private static func keys(_ run: Int) -> [SignedRoute] {
        [
            SignedRoute(
                "POST /api/v1/keys", "key.made", ["name": .string("made \(run)"), "permissions": "read"]),
            SignedRoute("POST /api/v1/keys/{number}/revoke", "key.revoked", ["reason": "a trial"]),
        ]
    }
}

/// A server with an order, a chart, a plan, an administrator who is signed in, and a machine with a key.
private struct NameBench {
    let bench: AccessBench
    let machine: BareClient
    let reference: String

    init() async throws {
        let yaml = JuiceCharts.rules.replacing(
            "  zones: [{ id: Z1, name: Press hall }]",
            with: "  floorPlans: { hall: { file: hall.svg } }\n  zones: [{ id: Z1, name: Press hall }]")
        let bench = try await AccessBench(yaml, files: ["hall.svg": MapBench.svg])
        let all = Permission.allCases.map(\.rawValue).joined(separator: " ")
        let machine = try await bench.key("mes-1", all).0
        let defect: JSON = ["class": "scratch", "confidence": 0.9, "severity": 0.1]
        for (number, count) in JuiceCharts.counts.enumerated() {
            let defects = JSON.array(Array(repeating: defect, count: count))
            let report = bench.server.report("j\(number)", ["inspected": 50, "defects": defects])
            #expect(try await bench.administrator.post("/api/v1/inspections", report).status == 202)
        }
        let answer = try await bench.administrator.post("/api/v1/inspections", bench.server.report("raised"))
        let reference = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.body)")
        (self.bench, self.machine, self.reference) = (bench, machine, reference)
    }

    var size: Int {
        get async throws {
            try await bench.administrator.get("/api/v1/ledger?from=999999999").json["size"]?.integer ?? 0
        }
    }

    /// The body of the first entry of a kind from a place on.
    func entry(_ kind: String, from place: Int) async throws -> JSON? {
        let answer = try await bench.administrator.get("/api/v1/ledger?from=\(place)")
        return answer.json["entries"]?.array?.first { $0["kind"] == .string(kind) }?["body"]
    }

    /// - Parameter last: the number that the answer before had.
    private func way(_ row: SignedRoute, _ last: Int) -> (method: String, path: String) {
        let parts = row.route.split(separator: " ")
        var path = String(parts.last ?? "")
        let values = [
            "{reference}": reference, "{chart}": "scratches", "{version}": "1", "{plan}": row.plan,
            "{id}": "\(last)", "{cause}": "\(last)", "{number}": "\(last)",
        ]
        for (name, value) in values { path = path.replacing(name, with: value) }
        return (String(parts.first ?? ""), path)
    }

    func send(
        _ row: SignedRoute, by name: String?, last: Int, _ client: BareClient
    ) async throws -> BareClient.Answer {
        let (method, path) = way(row, last)
        var body = row.body
        body["by"] = name.map(JSON.string)
        if row.route == "POST /api/v1/map/plans" { return try await upload(body, client) }
        guard method != "DELETE" else {
            let query = body.compactMap { name, value in
                value.string?.addingPercentEncoding(withAllowedCharacters: .alphanumerics).map { "\(name)=\($0)" }
            }
            return try await client.send(method, "\(path)?\(query.joined(separator: "&"))")
        }
        return try await client.send(
            method, path, headers: ["Content-Type": "application/json"], body: JSON.object(body).canonicalText)
    }

    private func upload(_ texts: [String: JSON], _ client: BareClient) async throws -> BareClient.Answer {
        var body = ""
        var parts = texts.compactMapValues(\.string)
        parts["picture"] = MapBench.svg
        for (name, text) in parts {
            body += "--names\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n"
        }
        return try await client.send(
            "POST", "/api/v1/map/plans", headers: ["Content-Type": "multipart/form-data; boundary=names"],
            body: body + "--names--\r\n")
    }

    /// Goes through the whole table, and holds each entry against the name.
    ///
    /// - Parameters:
    ///   - typed: what the requests say of who asks; nil for nothing.
    ///   - isMachine: what a person must answer for is asked for without a name first, and must be refused.
    func check(
        _ run: Int, _ client: BareClient, typed: String?, expected: String, isMachine: Bool = false
    ) async throws {
        var last = 0
        for row in SignedRoute.all(run) {
            if isMachine, row.needsPerson {
                let silent = try await send(row, by: nil, last: last, client)
                #expect(silent.status == 422, "\(row.route): \(silent.status) \(silent.body)")
            }
            let place = try await size
            let answer = try await send(row, by: typed, last: last, client)
            #expect((200..<300).contains(answer.status), "\(row.route): \(answer.status) \(answer.body)")
            let number = ["id", "number", "key"].compactMap { answer.json[$0]?.integer }.first
            if let number { last = number }
            let entry = try await entry(row.kind, from: place)
            #expect(entry?[row.member] == .string(expected), "\(row.route): \(entry ?? .null)")
        }
    }
}

@Suite("The caller's name in the ledger")
struct CallerNameTests {
    /// Routes that take `by` and stand in no row: what they are tested by instead.
    private static let others: Set<String> = [
        // Without a dead letter they leave no entry: `deadLetter`.
        "POST /api/v1/orders/{reference}/retry", "POST /api/v1/connectors/{name}/retry",
        // On rules that did not change meanwhile it does nothing; the name is made as for every other step of a draft.
        "POST /api/v1/rules/drafts/{id}/rebase",
        // Needs a year of repairs: LearnProposalTests.
        "POST /api/v1/learn/proposals",
        // An administrator's password says who it is: `trust`.
        "POST /api/v1/opcua/trust", "POST /api/v1/opcua/reject",
        // Needs a camera whose model runs: CameraServerTests.
        "POST /api/v1/sources/{name}/model", "POST /api/v1/sources/{name}/scene",
        // Needs a site that forwards: ForwardTests.
        "POST /api/v1/sites/{site}/history",
        // What an answer is told apart by.
        "GET /api/v1/learn/{question}",
    ]

    @Test("The table has every route of the API that takes a name of who asks, and no request must have one")
    func whole() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/AndonServer/API/openapi.json")
        let paths = try #require(try JSON(parsing: Array(Data(contentsOf: file)))["paths"]?.object)
        var described: Set<String> = []
        for (path, methods) in paths where path.hasPrefix("/api/v1/") {
            for (method, operation) in methods.object ?? [:] {
                let schemas = (operation["requestBody"]?["content"]?.object ?? [:]).values.compactMap { $0["schema"] }
                let isTyped = schemas.contains { $0["properties"]?["by"] != nil }
                let isAsked = (operation["parameters"]?.array ?? []).contains { $0["name"] == "by" }
                let isRequired = schemas.contains { $0["required"]?.array?.contains("by") == true }
                #expect(!isRequired, "\(method) \(path)")
                if isTyped || isAsked { described.insert("\(method.uppercased()) \(path)") }
            }
        }
        let rows = Set(SignedRoute.all(1).map(\.route))
        #expect(described.subtracting(rows) == Self.others, "\(described.subtracting(rows).sorted())")
        #expect(rows.subtracting(described).isEmpty, "\(rows.subtracting(described).sorted())")
    }

    @Test("Every route writes the name of who is signed in, whatever was typed; of a machine's key it writes both")
    func everyRoute() async throws {
        let names = try await NameBench()
        let administrator = names.bench.administrator
        try await names.check(1, administrator, typed: "Somebody Else", expected: "A. Maier")
        try await names.check(2, administrator, typed: nil, expected: "A. Maier")
        try await names.check(
            3, names.machine, typed: "J. Miller", expected: "J. Miller (through mes-1)", isMachine: true)
        let holds = try await administrator.get("/api/v1/holds?released=true").json["holds"]?.array ?? []
        let placed = holds.compactMap { $0["by"]?.string }.sorted()
        #expect(placed == ["A. Maier", "A. Maier", "J. Miller (through mes-1)"])
        let found = try await administrator.get("/audit?person=j.%20miller&kind=hold.")
        #expect(found.body.contains("<code>hold.placed</code>"), "a search for the person finds it")
        let erased = try await administrator.post(
            "/api/v1/ledger/erasure", ["person": "J. Miller", "reason": "request 7"])
        #expect(erased.status == 200 && (erased.json["values"]?.integer ?? 0) > 10, "\(erased.body)")
        for path in ["/api/v1/ledger", "/api/v1/holds?released=true", "/audit/holds?released=true"] {
            #expect(try await !administrator.get(path).body.contains("Miller"), "\(path)")
        }
        try await names.bench.server.end()
    }

    @Test("Pages ask nobody for a name whom the server knows, and write down who is signed in")
    func pages() async throws {
        let names = try await NameBench()
        let administrator = names.bench.administrator
        let record = "/orders/\(names.reference)/record"
        let shown = [
            "/audit/holds", "/audit/verify", "/accounts/keys", "/opcua", "/rules", "/map", "/connectors/desk",
            "/desk/missed", "/charts/scratches?stream=asset%3DPRESS-07", record,
        ]
        for path in shown {
            let page = try await administrator.send("GET", path, headers: ["Accept": "text/html"])
            #expect(page.status == 200 && !page.body.contains("name=\"by\""), "\(path): \(page.status)")
        }
        let point = ["stream": "asset=PRESS-07", "from": "15", "cause": "another supplier"]
        let forms: [(path: String, fields: [String: String], kind: String, member: String)] = [
            ("/audit/holds", ["kind": "lot", "subject": "L-9", "reason": "claim"], "hold.placed", "by"),
            ("/audit/holds/1/release", ["reason": "settled"], "hold.released", "by"),
            ("/orders/\(names.reference)/evidence", ["evidence": "risk", "value": "low"], "evidence.recorded", "by"),
            ("/accounts/keys", ["name": "by a form", "may-read": "true"], "key.made", "by"),
            ("/charts/scratches/causes", point, "chart.cause", "by"),
            ("/rules/drafts", [:], "rules.draft-opened", "createdBy"),
            ("/desk/missed", ["class": "dent", "asset": "PRESS-07"], "label.missed", "by"),
        ]
        for form in forms {
            let place = try await names.size
            let fields = form.fields.merging(["by": "Somebody Else"]) { $1 }
            let answer = try await administrator.form(form.path, fields)
            #expect([200, 303].contains(answer.status), "\(form.path): \(answer.status) \(answer.body)")
            let entry = try await names.entry(form.kind, from: place)
            #expect(entry?[form.member] == "A. Maier", "\(form.path): \(entry ?? .null)")
        }
        try await names.bench.server.end()
    }

    @Test("Whom OPC UA trusts is decided under the password of who is signed in, and of nobody else")
    func trust() async throws {
        let bench = try await AccessBench()
        try await bench.person("b.huber", "administrator", approver: nil)
        let fields: [String: JSON] = [
            "thumbprint": .string(String(repeating: "a", count: 40)), "reason": "the SCADA of hall 1",
            "by": "Somebody Else",
        ]
        func ask(_ more: [String: JSON]) async throws -> BareClient.Answer {
            try await bench.administrator.post("/api/v1/opcua/trust", .object(fields.merging(more) { $1 }))
        }
        let password = JSON.string(AccessBench.password)
        #expect(try await ask([:]).status == 401, "a session is no password")
        let other = try await ask(["byLogin": "b.huber", "byPassword": password])
        #expect(other.status == 403 && other.problem == "not-allowed", "\(other.body)")
        let own = try await ask(["byPassword": password])
        #expect(own.status == 404, "nobody has shown such a certificate: \(own.body)")
        try await bench.server.end()
    }

    @Test("A dead letter is sent again by the person whom a machine names, and by the machine")
    func deadLetter() async throws {
        let server = try ServerFixture()
        let reference = try await OrdersPageTests.raise(server, "x-1")
        try await server.expectDelivered(reference)
        let later = try await ReopenedServer(server, keys: ["mes-1": ([.read, .plan], [])]) { transaction in
            try transaction.run(
                """
                UPDATE outbox SET state = 'dead', is_head = 0, last_error = 'not a valid site'
                WHERE reference = '\(reference)'
                """)
            try transaction.run("UPDATE work_order SET delivery = 'dead' WHERE reference = '\(reference)'")
        }
        let machine = try #require(later.clients["mes-1"])
        let sent = try await machine.send("POST", "/api/v1/orders/\(reference)/retry?by=J.%20Miller")
        #expect(sent.status == 200 && sent.json["revived"]?.integer ?? 0 > 0, "\(sent.text)")
        let entries = try await later.anybody.get("/api/v1/orders/\(reference)").json["ledger"]?.array ?? []
        let revived = entries.filter { $0["kind"] == "outbox.revived" }
        #expect(!revived.isEmpty && revived.allSatisfy { $0["body"]?["by"] == "J. Miller (through mes-1)" })
        try await later.process.stop()
    }
}
