import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("An order's picture, from the report to the CMMS")
struct EvidenceTests {
    private func post(
        _ server: ServerFixture, _ id: String, _ picture: Data, _ defects: JSON
    ) async throws -> String? {
        let answer = try await server.client.report(server.report(id, ["defects": defects]), picture: picture)
        try #require(answer.status == 202, "\(answer.text)")
        return answer.json["detections"]?.array?.first?["order"]?.string
    }

    private static let defect: JSON = [
        [
            "class": "scratch", "confidence": 0.9, "severity": 0.8,
            "box": ["x": 500, "y": 400, "width": 200, "height": 120],
        ]
    ]

    private func files(_ server: ServerFixture, _ reference: String) async throws -> [String] {
        let sent = try await server.client.get("/api/v1/orders/\(reference)").json["transmission"]?.array ?? []
        return sent.filter { $0["effect"]?.string == "attach" }.compactMap { $0["remoteId"]?.string }
    }

    private func digest(_ bytes: some Collection<UInt8>) -> Substring { Hex.sha256(Array(bytes)).prefix(8) }

    @Test("The original, its annotated copy and the enlarged defect beside the last good picture arrive, once each")
    func arrives() async throws {
        let server = try ServerFixture()
        let (good, bad) = (try samplePicture("good-plate"), try samplePicture("scratch"))
        #expect(try await post(server, "good", good, []) == nil)
        let reference = try #require(try await post(server, "bad", bad, Self.defect))
        let annotated = try await server.client.get("/orders/\(reference)/annotated")
        #expect(annotated.status == 200 && annotated.headers["content-type"] == "image/jpeg", "\(annotated.text)")
        #expect(annotated.body.count > bad.count / 2 && Array(annotated.body) != Array(bad))
        let crop = try await server.client.get("/orders/\(reference)/crop")
        #expect(crop.status == 200 && crop.headers["content-type"] == "image/png")
        let names = [
            "andon-\(reference)-original-\(digest(bad)).jpg",
            "andon-\(reference)-annotated-\(digest(annotated.body)).jpg",
            "andon-\(reference)-crop-\(digest(crop.body)).png",
        ]
        #expect(try await eventually { try await files(server, reference).count == 3 })
        let sent = try await files(server, reference)
        #expect(sent.sorted() == names.sorted(), "the same bytes are served and sent")
        let desk = try await server.client.get("/desk/\(reference)").text
        #expect(
            desk.contains("src=\"/orders/\(reference)/annotated\"")
                && desk.contains("src=\"/orders/\(reference)/crop\""))
        try await server.end()
    }

    @Test("A picture that cannot be drawn on is kept as received, the order goes on, and the ledger says why")
    func damaged() async throws {
        let server = try ServerFixture()
        let whole = try samplePicture("scratch")
        let cut = whole.prefix(whole.count / 2)
        let reference = try #require(try await post(server, "cut", cut, Self.defect))
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").text.contains("picture.not-annotated")
            })
        let record = try await server.client.get("/api/v1/orders/\(reference)")
        #expect(record.text.contains("Premature end of JPEG file"), "\(record.text)")
        let annotated = try await server.client.get("/orders/\(reference)/annotated")
        #expect(annotated.status == 404 && annotated.text.contains("Premature end"), "\(annotated.text)")
        let original = try await server.client.get("/pictures/\(Hex.sha256(Array(cut)))")
        #expect(Array(original.body) == Array(cut))
        #expect(try await server.client.get("/orders/\(reference)/sheet.pdf").status == 200)
        let alarms = try await server.client.get("/api/v1/alarms").text
        #expect(!alarms.contains("dead"), "\(alarms)")
        try await server.end()
    }

    @Test("A defect without a place in its picture has no annotated copy, and nothing waits for one")
    func placeless() async throws {
        let server = try ServerFixture()
        let reference = try #require(
            try await post(
                server, "nowhere", try samplePicture("scratch"),
                [["class": "scratch", "confidence": 0.9, "severity": 0.8]]))
        #expect(try await eventually { try await files(server, reference).contains { $0.contains("-original-") } })
        #expect(try await server.client.get("/orders/\(reference)/annotated").status == 404)
        #expect(try await server.client.get("/orders/\(reference)/crop").status == 404)
        try await server.end()
    }
}
