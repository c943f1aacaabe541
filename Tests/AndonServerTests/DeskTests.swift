import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The desk's pages")
struct DeskTests {
    private let form = ["Content-Type": "application/x-www-form-urlencoded"]

    private func raised(_ server: ServerFixture, _ id: String, _ changes: [String: JSON] = [:]) async throws -> String {
        let answer = try await server.client.report(server.report(id, changes), picture: try samplePicture("scratch"))
        let reference = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
        try await server.expectDelivered(reference)
        return reference
    }

    @Test("An order is assigned, started and closed, and the closure comes back to its first detection")
    func life() async throws {
        let server = try ServerFixture()
        let reference = try await raised(server, "d-1")
        let list = try await server.client.get("/desk").text
        #expect(list.contains("/desk/\(reference)") && list.contains("Scratch on PRESS-07"))
        let page = try await server.client.get("/desk/\(reference)").text
        #expect(page.contains("<img class=\"evidence\"") && page.contains("Start work"))
        func press(_ action: String, _ body: String) async throws -> TestClient.Answer {
            try await server.client.send("POST", "/desk/\(reference)/\(action)", headers: form, body: Data(body.utf8))
        }
        let nobody = try await press("assign", "person=E.+Weber")
        #expect(nobody.status >= 400 && nobody.text.contains("Who assigns it is missing"))
        #expect(try await press("assign", "person=E.+Weber&by=Shift+lead").status == 200)
        #expect(try await press("start", "person=E.+Weber").text.contains("in progress"))
        let missing = try await press("close", "person=E.+Weber&hours=x&cause=WEAR&notes=ok")
        #expect(missing.status >= 400 && missing.text.contains("problem"), "\(missing.text.prefix(600))")
        let facts = "person=E.+Weber&hours=1.5&cause=WEAR&parts=DIE-4+x+1+die&notes=Die+changed&verdict=confirmed"
        #expect(try await press("close", facts).status == 200)
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "closed"
            })
        let order = try await server.client.get("/api/v1/orders/\(reference)").json
        let closure = try #require(order["order"]?["closure"])
        #expect(closure["technician"] == "E. Weber" && closure["labourHours"] == 1.5 && closure["causeCode"] == "WEAR")
        #expect(closure["parts"]?[0]?["code"] == "DIE-4" && closure["notes"] == "Die changed")
        #expect(order["detections"]?[0]?["id"] == "d-1#0")
        let assigned = order["ledger"]?.array?.first { $0["kind"] == "desk.assigned" }?["body"]
        #expect(assigned?["by"] == "Shift lead" && assigned?["assignee"] == "E. Weber", "\(assigned ?? .null)")
        #expect(try await press("reopen", "person=Boss").status == 200)
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "open"
            })
        #expect(try await press("cancel", "person=Boss&reason=double").status == 200)
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "cancelled"
            })
        try await server.end()
    }

    @Test("What a vision system or a person writes is text on the page, never markup")
    func escaping() async throws {
        let server = try ServerFixture()
        let evil = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>"
        let reference = try await raised(
            server, "x-1",
            [
                "zone": .string(evil), "lot": .string(evil), "attributes": ["note": .string(evil)],
                "defects": [["class": .string(evil), "confidence": 0.99, "severity": 0.99]],
            ])
        _ = try await server.client.send(
            "POST", "/desk/\(reference)/assign", headers: form,
            body: Data("person=%3Cscript%3Ealert(3)%3C/script%3E&by=Boss".utf8))
        for path in ["/desk", "/desk/\(reference)"] {
            let page = try await server.client.get(path)
            #expect(!page.text.contains("<script>") && !page.text.contains("<img src=x"), "\(path)")
            #expect(page.text.contains("&lt;script&gt;"))
            let policy = page.headers["content-security-policy"] ?? ""
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        }
        try await server.end()
    }

    @Test("Another site's page cannot press the desk's buttons")
    func crossSite() async throws {
        let server = try ServerFixture()
        let reference = try await raised(server, "c-1")
        let body = Data("person=Mallory&reason=none".utf8)
        for headers in [
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Origin": "http://evil.example"],
        ] {
            let answer = try await server.client.send(
                "POST", "/desk/\(reference)/cancel", headers: form.merging(headers) { $1 }, body: body)
            #expect(answer.status == 403, "\(headers)")
        }
        let own = try await server.client.send(
            "POST", "/desk/\(reference)/cancel", headers: form.merging(["Sec-Fetch-Site": "same-origin"]) { $1 },
            body: body)
        #expect(own.status == 200)
        try await server.end()
    }
}
