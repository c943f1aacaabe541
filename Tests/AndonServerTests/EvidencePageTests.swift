import AndonIdentity
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Pages of connectors and evidence")
struct EvidencePageTests {
    /// A page of the frame, whole: one heading of the first level, and nothing that the policy forbids.
    private static func page(_ server: ServerFixture, _ path: String, _ language: String = "en") async throws -> String
    {
        let answer = try await BareClient(
            port: server.process.port, headers: ["Accept": "text/html", "Accept-Language": language]
        ).get(path)
        #expect(answer.status == 200, "\(path): \(answer.status)")
        let body = answer.body
        #expect(body.components(separatedBy: "<h1").count == 2, "\(path) has one heading of the first level")
        #expect(!body.contains("«"), "\(path) has a text that is in no file")
        #expect(!body.contains(" style=\"") && !body.contains("<style"), "\(path)")
        #expect(body.utf8.count < 100_000, "\(path) has \(body.utf8.count) bytes")
        return body
    }

    private static let paths = [
        "/connectors", "/connectors/desk", "/audit", "/audit/entries/0", "/audit/checkpoint", "/audit/verify",
        "/audit/validation", "/audit/signatures", "/audit/holds", "/export", "/accounts", "/accounts/mine",
        "/accounts/keys", "/me",
        "/first",
        "/opcua",
    ]

    @Test("Every page is whole in both languages, in the frame, and under 100 kB")
    func whole() async throws {
        let server = try ServerFixture()
        _ = try await server.client.post("/api/v1/inspections", server.report("e-1"))
        for path in Self.paths {
            #expect(try await Self.page(server, path).contains("<html lang=\"en\">"))
            #expect(try await Self.page(server, path, "de").contains("<html lang=\"de\">"))
        }
        try await server.end()
    }

    @Test("The desk's card says that all is well, its page has the attempts, and a check of the way passes")
    func connector() async throws {
        let server = try ServerFixture()
        let answer = try await server.client.post("/api/v1/inspections", server.report("e-1"))
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string)
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["delivery"] == "acknowledged"
            })
        let list = try await Self.page(server, "/connectors")
        #expect(list.contains("href=\"/connectors/desk\"") && list.contains(">well<"))
        let page = try await Self.page(server, "/connectors/desk")
        #expect(page.contains("href=\"/orders/\(reference)\"") && page.contains("Nothing needs a person."))
        let client = BareClient(port: server.process.port)
        let checked = try await client.form("/connectors/desk/check", ["by": "M. Weber"])
        #expect(checked.status == 200 && checked.body.contains("everything that was tried works"), "\(checked.status)")
        let entries = try await server.client.get("/api/v1/ledger").json["entries"]?.array ?? []
        let entry = entries.first { $0["kind"] == "connector.checked" }
        #expect(entry?["body"]?["by"] == "M. Weber" && entry?["body"]?["usable"] == true)
        #expect(try await client.get("/connectors/nothing").status == 404)
        let silent = try await client.form("/connectors/desk/retry", ["reason": ""])
        #expect(silent.status == 422 && silent.body.contains("role=\"alert\""))
        let none = try await client.form("/connectors/desk/retry", ["reason": "mended there"])
        #expect(none.status == 200 && none.body.contains("0 effects are sent again."))
        try await server.end()
    }

    @Test("What would be sent for an order is shown with its values, without any secret, and nothing is sent")
    func preview() async throws {
        let port = try freePort()
        let connectors = """
            connectors:
              maximo:
                url: http://127.0.0.1:\(port)/maximo
                apiKey: { env: PREVIEW_TEST_KEY }
            network: { allowed: [127.0.0.0/8] }

            """
        let secret = "a-secret-that-no-page-shows"
        let server = try ServerFixture(
            ServerFixture.plant.replacing(
                "defaultLocation: PLANT", with: "defaultLocation: PLANT\n  defaultConnector: maximo")
                + connectors, environment: ["PREVIEW_TEST_KEY": secret])
        let answer = try await server.client.post("/api/v1/inspections", server.report("p-1"))
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string, "\(answer.text)")
        let page = try await Self.page(server, "/connectors/maximo?order=\(reference)")
        #expect(page.contains("PRESS-07") && page.contains(reference))
        #expect(page.contains("<h3>Request</h3>") && page.contains("POST http://127.0.0.1:\(port)/maximo"))
        #expect(!page.contains(secret))
        let unknown = try await Self.page(server, "/connectors/maximo?order=AAAAAAAAAA")
        #expect(unknown.contains("There is no such order"))
        try await server.process.stop()
    }

    @Test("The preview takes a detection too: its order, why it raises none, or the order that new rules would raise")
    func detectionPreview() async throws {
        let server = try ServerFixture()
        let raised = try await server.client.post("/api/v1/inspections", server.report("p-1"))
        let reference = try #require(raised.json["detections"]?.array?.first?["order"]?.string, "\(raised.text)")
        let faint: JSON = ["class": "scratch", "confidence": 0.1, "severity": 0.1]
        let report = server.report("p-2", ["asset": "PRESS-08", "defects": [faint]])
        #expect(try await server.client.post("/api/v1/inspections", report).status == 202)
        let path = "/connectors/desk?order="
        let own = try await Self.page(server, path + "p-1%230")
        #expect(own.contains("This detection is in the order") && own.contains("href=\"/orders/\(reference)\""))
        #expect(own.contains("value=\"p-1#0\""))
        let none = try await Self.page(server, path + "p-2%230")
        #expect(none.contains("This detection raises no order") && none.contains("Recorded only: confidence 0.1"))
        #expect(try await Self.page(server, path + "p-3%230").contains("There is no such order or detection"))
        #expect(try await Self.page(server, path + "%23", "de").contains("Diesen Auftrag oder diese Erkennung"))
        try await server.process.stop()

        // Other rules take it; they are asked, and nothing is written.
        let rules = ServerFixture.plant.replacing(
            "minConfidence: 0.5, minSeverity: 0.4", with: "minConfidence: 0.05, minSeverity: 0.05")
        try Data(rules.utf8).write(to: URL(fileURLWithPath: server.config))
        let again = try AndonProcess(config: server.config, data: server.data)
        let client = BareClient(port: again.port, headers: ["Accept": "text/html", "Accept-Language": "en"])
        let would = try await client.get(path + "p-2%230")
        #expect(would.status == 200 && would.body.contains("PREVIEW000"), "\(would.status)")
        #expect(would.body.contains("would raise this order"))
        #expect(try await client.get(path + "p-1%230").body.contains("href=\"/orders/\(reference)\""))
        let orders = try await BareClient(port: again.port).get("/api/v1/orders").json["orders"]?.array ?? []
        #expect(orders.count == 1, "\(orders.count) orders")
        try await again.stop()
    }

    @Test("Entries are found by subject, kind and person; a wrong day is refused with what was typed")
    func search() async throws {
        let server = try ServerFixture()
        _ = try await server.client.post("/api/v1/inspections", server.report("a-1"))
        let client = BareClient(port: server.process.port)
        let placed = try await client.form(
            "/audit/holds", ["kind": "asset", "subject": "PRESS-07", "reason": "a claim", "by": "K. Sommer"])
        #expect(placed.status == 200 && placed.body.contains("Hold 1 is in force."), "\(placed.status)")
        let bySubject = try await Self.page(server, "/audit?subject=a-1")
        #expect(bySubject.contains("/audit/entries/") && !bySubject.contains("<code>hold.placed</code>"))
        let byPerson = try await Self.page(server, "/audit?person=k.%20sommer")
        #expect(byPerson.contains("<code>hold.placed</code>") && byPerson.contains(".tlog-proof"))
        #expect(try await Self.page(server, "/audit?kind=hold.").contains("<code>hold.placed</code>"))
        #expect(try await Self.page(server, "/audit?kind=nothing.").contains("No entry is like this."))
        let wrong = try await client.get("/audit?from=yester%3Cday&subject=a-1")
        #expect(wrong.status == 400 && wrong.body.contains("yester&lt;day") && wrong.body.contains("value=\"a-1\""))
        let silent = try await client.form("/audit/holds", ["kind": "lot", "subject": "L-1", "reason": ""])
        #expect(silent.status == 422 && silent.body.contains("value=\"L-1\""))
        let released = try await client.form("/audit/holds/1/release", ["reason": "settled", "by": "K. Sommer"])
        #expect(released.status == 200 && released.body.contains("Hold 1 is released."))
        #expect(try await client.form("/audit/holds/1/release", ["reason": "again"]).status == 409)
        try await server.end()
    }

    @Test("A verification runs beside the server, ends with what it found, and stands in the ledger")
    func verification() async throws {
        let server = try ServerFixture()
        _ = try await server.client.post("/api/v1/inspections", server.report("v-1"))
        let client = BareClient(port: server.process.port)
        #expect(try await client.get("/api/v1/ledger/verification").json["state"] == "never")
        let begun = try await client.form("/audit/verify", ["by": "K. Sommer"])
        #expect(begun.status == 303 && begun["location"] == "/audit/verify")
        #expect(
            try await eventually { try await client.get("/api/v1/ledger/verification").json["state"] == "ended" })
        let page = try await Self.page(server, "/audit/verify")
        #expect(page.contains("The ledger is whole") && page.contains("K. Sommer"))
        #expect(
            try await eventually {
                let entries = try await server.client.get("/api/v1/ledger").json["entries"]?.array ?? []
                return entries.contains { $0["kind"] == "ledger.verified" && $0["body"]?["whole"] == true }
            })
        try await server.end()
    }

    @Test("An export is counted before it is made, and its page comes back with what was typed")
    func export() async throws {
        let server = try ServerFixture()
        _ = try await server.client.post("/api/v1/inspections", server.report("x-1"))
        let range = "standard=iso-9001&from=2020-01-01&to=2100-01-01&gap=60"
        let counted = try await Self.page(server, "/export?\(range)")
        #expect(counted.contains("The package has one record.") && counted.contains("value=\"2100-01-01\""))
        let client = BareClient(port: server.process.port)
        let wrong = try await client.get("/export?standard=iso-9001&from=2020-13-01&to=2100-01-01")
        #expect(
            wrong.status == 400 && wrong.body.contains("role=\"alert\"") && wrong.body.contains("value=\"2020-13-01\""))
        try await server.end()
    }
}
