import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("The traceable record of an order")
struct RecordTests {
    private func order(_ server: ServerFixture, _ id: String) async throws -> String {
        let answer = try await server.client.report(server.report(id), picture: samplePicture("scratch"))
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string, "\(answer.text)")
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["delivery"] == "acknowledged"
            })
        return reference
    }

    private func close(_ server: ServerFixture, _ reference: String) async throws {
        let form =
            "person=K.+Sommer&hours=1.5&cause=WEAR&parts=DIE-4+x+1+cutting+die&notes=Die+changed&verdict=confirmed"
        let answer = try await server.client.send(
            "POST", "/desk/\(reference)/close", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data(form.utf8))
        #expect([200, 303].contains(answer.status), "\(answer.status) \(answer.text)")
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "closed"
            })
    }

    @Test("Each fact names the entries that say so; what nobody recorded is null and named as missing")
    func facts() async throws {
        let server = try ServerFixture()
        let reference = try await order(server, "r1")
        let open = try await server.client.get("/api/v1/orders/\(reference)/record").json
        #expect(open["complete"] == false)
        for word in ["cause", "closure", "disposition", "containment"] {
            #expect(open["missing"]?.array?.contains(.string(word)) == true, "\(word)")
            #expect(open["evidence"]?[word]?["value"] == .null)
        }
        try await close(server, reference)
        let record = try await server.client.get("/api/v1/orders/\(reference)/record").json
        #expect(record["complete"] == true)
        let trail = try #require(record["trail"]?.array)
        let indexes = trail.compactMap { $0["index"]?.integer }
        #expect(indexes == indexes.sorted() && Set(indexes).count == indexes.count && !indexes.isEmpty)
        func kinds(_ word: String) -> Set<String> {
            let entries = record["evidence"]?[word]?["entries"]?.array?.compactMap(\.integer) ?? []
            return Set(entries.compactMap { index in trail.first { $0["index"]?.integer == index }?["kind"]?.string })
        }
        func value(_ word: String) -> String { record["evidence"]?[word]?["value"]?.string ?? "" }
        #expect(kinds("detection") == ["inspection.accepted"] && value("detection") == "r1#0")
        #expect(kinds("decision") == ["detection.decided"])
        #expect(kinds("transmission").isSuperset(of: ["order.raised", "attempt.sent", "order.acknowledged"]))
        #expect(kinds("cause") == ["order.closed"] && value("cause") == "WEAR")
        #expect(value("parts") == "1 x DIE-4 cutting die" && value("labour") == "1.5 h")
        #expect(value("closure").hasPrefix("closed ") && value("closure").hasSuffix("by K. Sommer"))
        #expect(value("original").contains(Hex.sha256(Array(try samplePicture("scratch")))))
        #expect(value("effectiveness").contains("none since it ended"))

        let again = try await order(server, "r2")
        #expect(again != reference)
        let later = try await server.client.get("/api/v1/orders/\(reference)/record").json
        #expect(later["evidence"]?["effectiveness"]?["value"]?.string?.contains("the first \(again)") == true)
        try await server.end()
    }

    @Test("What people add stands in the ledger; a correction needs a reason, and nothing earlier is lost")
    func recorded() async throws {
        let server = try ServerFixture()
        let reference = try await order(server, "r1")
        func post(_ body: JSON, to other: String? = nil) async throws -> (status: Int, json: JSON) {
            let answer = try await server.client.send(
                "POST", "/api/v1/orders/\(other ?? reference)/evidence", body: Data(body.canonicalBytes))
            return (answer.status, answer.json)
        }
        let first: JSON = ["evidence": "containment", "value": "Lots 1123 and 1124 blocked", "by": "M. Weber"]
        #expect(try await post(first).status == 201)
        let size = try await server.client.get("/api/v1/ledger").json["size"]
        #expect(try await post(first).status == 201, "the same once more")
        #expect(try await server.client.get("/api/v1/ledger").json["size"] == size, "is not written twice")
        var second = first
        second = ["evidence": "containment", "value": "Lots 1122 to 1124 blocked", "by": "M. Weber"]
        let refused = try await post(second)
        #expect(refused.status == 422 && refused.json["detail"]?.string?.contains("needs \"why\"") == true)
        second = ["evidence": "containment", "value": "Lots 1122 to 1124 blocked", "by": "M. Weber", "why": "one more"]
        #expect(try await post(second).status == 201)
        let record = try await server.client.get("/api/v1/orders/\(reference)/record").json
        let found = record["evidence"]?["containment"]
        #expect(found?["value"]?.string == "Lots 1122 to 1124 blocked (M. Weber)")
        #expect(found?["entries"]?.array?.count == 2)
        let texts = record["trail"]?.array?.compactMap { $0["body"]?["value"]?.string } ?? []
        #expect(texts == ["Lots 1123 and 1124 blocked", "Lots 1122 to 1124 blocked"])

        #expect(
            try await post(["evidence": "lot", "value": "x", "by": "M. Weber"]).status == 422, "comes from the report")
        #expect(try await post(["evidence": "risk", "value": " ", "by": "M. Weber"]).status == 422)
        #expect(try await post(["evidence": "risk", "value": "x"]).status == 422)
        #expect(try await post(["evidence": "nothing", "value": "x", "by": "y"]).status == 422)
        #expect(try await post(first, to: "AAAAAAAAAA").status == 404)
        try await server.end()
    }

    @Test(
        "The page shows every section, and says what a form lacks; the document is a tagged PDF in the standard's form")
    func pages() async throws {
        let server = try ServerFixture()
        let reference = try await order(server, "r<b>1")
        let page = try await server.client.get("/orders/\(reference)/record")
        #expect(
            page.status == 200 && page.text.contains("What the CMMS was told") && page.text.contains("not recorded"))
        #expect(!page.text.contains("r<b>1") && page.text.contains("r&lt;b&gt;1"))
        let form = "evidence=containment&value=&by=x"
        let refused = try await server.client.send(
            "POST", "/orders/\(reference)/evidence", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data(form.utf8))
        #expect(refused.status == 422 && refused.text.contains("role=\"alert\""))
        let pdf = try await server.client.get("/orders/\(reference)/record.pdf?standard=iatf-16949")
        #expect(pdf.status == 200 && pdf.body.starts(with: Data("%PDF-".utf8)))
        let text = try await pdfText(pdf.body)
        for words in [
            "8D report \(reference)", "D4 Root cause and escape point", "OPEN: root cause", "10.2.3", "page 1 of",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        let plain = try await pdfText(server.client.get("/orders/\(reference)/record.pdf?standard=fda-qmsr").body)
        #expect(plain.contains("(formerly 820.100)"))
        #expect(try await server.client.get("/orders/\(reference)/record.pdf?standard=iso-1").status == 400)
        #expect(try await server.client.get("/orders/AAAAAAAAAA/record").status == 404)
        try await server.end()
    }

    @Test("A recall names the last good and the first bad report, the parts between, and the lots that ran beside")
    func recall() async throws {
        let server = try ServerFixture()
        let start = SystemTime().now() - .seconds(3600)
        func report(_ id: String, _ lot: String, minute: Int, isBad: Bool) async throws {
            var changes: [String: JSON] = [
                "lot": .string(lot), "detectedAt": .time(start + .seconds(60 * minute)), "inspected": 10,
            ]
            if !isBad { changes["defects"] = [] }
            let answer = try await server.client.send(
                "POST", "/api/v1/inspections", headers: ["Content-Type": "application/json"],
                body: Data(server.report(id, changes).canonicalBytes))
            #expect(answer.status == 202, "\(answer.text)")
        }
        try await report("a1", "L-1", minute: 0, isBad: false)
        try await report("b1", "L-2", minute: 1, isBad: false)
        try await report("b2", "L-2", minute: 2, isBad: true)
        try await report("b3", "L-2", minute: 3, isBad: false)
        try await report("c1", "L-3", minute: 4, isBad: true)
        let found = try await server.client.get("/api/v1/lots/L-2/recall").json
        let run = found["runs"]?[0]
        #expect(run?["asset"] == "PRESS-07" && run?["reports"] == 3 && run?["defects"] == 1)
        #expect(run?["lastGood"] == "b1" && run?["firstBad"] == "b2" && run?["partsBetween"] == 20, "\(found)")
        #expect(found["neighbours"]?.array?.compactMap { $0["lot"]?.string } == ["L-1", "L-3"])
        #expect(found["orders"]?.array?.count == 1)
        let narrow = try await server.client.get("/api/v1/lots/L-2/recall?hours=0").json
        #expect(narrow["neighbours"]?.array?.isEmpty == true)
        #expect(try await server.client.get("/api/v1/lots/none/recall").json["runs"]?.array?.isEmpty == true)
        #expect(try await server.client.get("/api/v1/lots/L-2/recall?hours=x").status == 400)
        try await server.end()
    }

    private func pdfText(_ pdf: Data) async throws -> String {
        let folder = try TemporaryFolder()
        try pdf.write(to: URL(fileURLWithPath: folder.path + "/a.pdf"))
        let run = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["pdftotext", "-layout", folder.path + "/a.pdf", "-"])
        return run.output
    }
}
