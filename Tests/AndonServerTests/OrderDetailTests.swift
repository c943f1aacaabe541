import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The page of one order")
struct OrderDetailTests {
    @Test("A browser gets the page with its picture, marks and log; a program the order in words, as before")
    func page() async throws {
        let server = try ServerFixture()
        let box: JSON = ["x": 20, "y": 20, "width": 60, "height": 40]
        let defects: JSON = [["class": "scratch", "confidence": 0.9, "severity": 0.8, "box": box]]
        let reference = try await OrdersPageTests.raise(
            server, "d<i>1", ["defects": defects, "lot": "L-1"], picture: true)
        #expect(try await OrdersPageTests.raise(server, "d-2", ["defects": defects], picture: true) == reference)
        try await server.expectDelivered(reference)
        let page = try await server.client.page("/orders/\(reference)")
        #expect(page.status == 200 && page.headers["content-type"]?.hasPrefix("text/html") == true)
        let digest = Hex.sha256(Array(try samplePicture("scratch")))
        let wanted = [
            "<image href=\"/pictures/\(digest)\"", "M20 20L80 20L80 60L20 60Z", "data-boxes",
            "/orders/\(reference)/crop", "/pictures/\(digest)/thumbnail?width=160", "loading=\"lazy\"",
            "In the CMMS ", "2 occurrences", "Transmission log", "name=\"password\"",
            "href=\"/orders/\(reference)/record\"", "This stream is not charted.", "There are none.",
        ]
        for words in wanted { #expect(page.text.contains(words), "\(words)") }
        #expect(!page.text.contains("d<i>1") && page.text.contains("d&lt;i&gt;1#0"))
        for fault in ["style=\"", "onclick=", "<style", "«"] { #expect(!page.text.contains(fault), "\(fault)") }
        let german = try await server.client.page("/orders/\(reference)", language: "de")
        #expect(german.text.contains("Warum er ausgelöst wurde") && !german.text.contains("«"))
        let plain = try await server.client.get("/orders/\(reference)")
        #expect(plain.headers["content-type"]?.hasPrefix("text/plain") == true)
        #expect(
            plain.text.contains("State: open, acknowledged by desk") && plain.text.contains("Reference: \(reference)"))
        #expect(try await server.client.page("/orders/AAAAAAAAAA").status == 404)
        #expect(try await server.client.page("/orders/short").status == 404)
        try await server.end()
    }

    @Test("An order without a picture, and one whose picture is gone, say so")
    func pictures() async throws {
        let server = try ServerFixture()
        let bare = try await OrdersPageTests.raise(server, "b-1")
        let none = try await server.client.page("/orders/\(bare)")
        #expect(none.status == 200 && none.text.contains("No picture was sent") && !none.text.contains("data-viewer"))
        let other: JSON = [["class": "dent", "confidence": 0.9, "severity": 0.8]]
        let reference = try await OrdersPageTests.raise(server, "b-2", ["defects": other], picture: true)
        #expect(try await server.client.page("/orders/\(reference)").text.contains("data-viewer"))
        try await server.expectDelivered(reference)
        let later = try await ReopenedServer(server) { transaction in
            try transaction.run(
                "UPDATE picture SET removed_at = 1795521600000000, removed_for = 'retention', removal = 0")
        }
        let gone = try await later.anybody.page("/orders/\(reference)")
        #expect(gone.status == 200 && gone.text.contains("The picture is not kept any more since"))
        #expect(!gone.text.contains("<image") && !gone.text.contains("/thumbnail"))
        try await later.process.stop()
    }

    @Test(
        "A dead letter is loud; it is sent again by who plans, with a reason and a name in the ledger, and by nobody else"
    )
    func deadLetter() async throws {
        let server = try ServerFixture()
        let reference = try await OrdersPageTests.raise(server, "x-1")
        try await server.expectDelivered(reference)
        let later = try await ReopenedServer(
            server, keys: ["reader": ([.read, .work], []), "planner": ([.read, .plan], [])]
        ) { transaction in
            try transaction.run(
                """
                UPDATE outbox SET state = 'dead', is_head = 0, last_error = 'not a valid site'
                WHERE reference = '\(reference)'
                """)
            try transaction.run("UPDATE work_order SET delivery = 'dead' WHERE reference = '\(reference)'")
        }
        let reader = try #require(later.clients["reader"])
        let planner = try #require(later.clients["planner"])
        let path = "/orders/\(reference)/retry"
        #expect(try await reader.page("/orders?show=dead").text.contains(reference))
        let seen = try await reader.page("/orders/\(reference)")
        #expect(seen.text.contains("not a valid site") && !seen.text.contains(path))
        #expect(try await reader.form(path, "reason=mended").status == 403)
        #expect(try await planner.page("/orders/\(reference)").text.contains(path))
        let refused = try await planner.form(path, "reason=+")
        #expect(refused.status == 422 && refused.text.contains("Say why it is sent again"))
        let nobody = try await later.anybody.form(path, "reason=The+site+is+there+now&by=")
        #expect(nobody.status == 422 && nobody.text.contains("value=\"The site is there now\""), "\(nobody.text)")
        let sent = try await planner.form(path, "reason=The+site+is+there+now")
        #expect(sent.isDone, "back to the order: \(sent.text)")
        #expect(
            try await eventually {
                try await later.anybody.get("/api/v1/orders/\(reference)").json["order"]?["delivery"] == "acknowledged"
            })
        let entries = try await later.anybody.get("/api/v1/orders/\(reference)").json["ledger"]?.array ?? []
        let revived = entries.filter { $0["kind"] == "outbox.revived" }
        #expect(!revived.isEmpty && revived.allSatisfy { $0["body"]?["by"] == "planner" })
        #expect(revived.allSatisfy { $0["body"]?["why"] == "The site is there now" })
        #expect(try await planner.form(path, "reason=again").status == 409)
        try await later.process.stop()
    }

    @Test("The record comes back with what was typed when a form is refused, and has no style of its own")
    func record() async throws {
        let server = try ServerFixture()
        let reference = try await OrdersPageTests.raise(server, "r-1", picture: true)
        let page = try await server.client.page("/orders/\(reference)/record", language: "de")
        #expect(page.status == 200 && page.text.contains("Was dem CMMS gemeldet wurde") && !page.text.contains("«"))
        for fault in ["style=\"", "<style"] { #expect(!page.text.contains(fault), "\(fault)") }
        let evidence = try await server.client.form(
            "/orders/\(reference)/evidence", "evidence=containment&value=&by=M.+Weber&why=one+more")
        #expect(evidence.status == 422 && evidence.text.contains("value=\"M. Weber\""))
        #expect(evidence.text.contains("<option value=\"containment\" selected>"), "\(evidence.text)")
        let signed = try await server.client.form(
            "/orders/\(reference)/sign", "login=k.sommer&password=none+of+that&meaning=review&reason=looked+at")
        #expect(signed.status == 401 && signed.text.contains("value=\"k.sommer\""))
        #expect(signed.text.contains("value=\"looked at\"") && !signed.text.contains("none of that"))
        try await server.end()
    }
}
