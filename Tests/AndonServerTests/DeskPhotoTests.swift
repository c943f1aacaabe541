import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Photos at the desk")
struct DeskPhotoTests {
    private static let boundary = "andontest"

    private static func form(_ photos: [Data], _ fields: [String: String] = ["person": "T. Horn"]) -> Data {
        var body = Data()
        for (name, value) in fields {
            body += Data("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        for (number, photo) in photos.enumerated() {
            let head =
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\(number).jpg\"\r\n"
                + "Content-Type: image/jpeg\r\n\r\n"
            body += Data(head.utf8) + photo + Data("\r\n".utf8)
        }
        return body + Data("--\(boundary)--\r\n".utf8)
    }

    private func send(
        _ server: ServerFixture, _ reference: String, _ body: Data, _ headers: [String: String] = [:]
    ) async throws -> TestClient.Answer {
        let type = ["Content-Type": "multipart/form-data; boundary=\(Self.boundary)"]
        return try await server.client.send(
            "POST", "/desk/\(reference)/photos", headers: type.merging(headers) { $1 }, body: body)
    }

    private func digest(_ data: Data) -> String { Hex.sha256(Array(data)) }

    @Test("Photos are kept like pictures: on the order's page, in its record, in the ledger, once each")
    func kept() async throws {
        let server = try ServerFixture()
        let people = ServerPeople(server: server)
        let reference = try await people.order("p-1")
        let photos = [try samplePicture("dent"), try samplePicture("good-plate")]
        let json = ["Accept": "application/json", "Idempotency-Key": "0123456789abcdef0123456789abcdef"]
        let answer = try await send(server, reference, Self.form(photos), json)
        #expect(answer.status == 200 && answer.json["order"] == .string(reference), "\(answer.text)")
        #expect(try await send(server, reference, Self.form(photos), json).json == answer.json)
        let page = try await server.client.get("/desk/\(reference)").text
        let record = try await server.client.get("/api/v1/orders/\(reference)/record").json
        for photo in photos {
            #expect(page.contains("/pictures/\(digest(photo))/thumbnail?width=320"))
            let served = try await server.client.get("/pictures/\(digest(photo))")
            #expect(served.status == 200 && served.body == photo, "not a byte is another one")
            #expect(record["photos"]?.array?.contains { $0["sha256"] == .string(digest(photo)) } == true)
        }
        let order = try await server.client.get("/api/v1/orders/\(reference)").json
        let entries = order["ledger"]?.array?.filter { $0["kind"] == "order.photo" } ?? []
        #expect(entries.count == 2 && entries.allSatisfy { $0["body"]?["by"] == "T. Horn" }, "\(entries)")
        #expect(try server.pictures().count == 3)
        try await server.end()
    }

    @Test("A photo that comes after the order was closed is taken, and a form without script goes back to the order")
    func late() async throws {
        let server = try ServerFixture()
        let people = ServerPeople(server: server)
        let reference = try await people.order("l-1")
        try await people.close(reference)
        let answer = try await send(server, reference, Self.form([try samplePicture("dent")]))
        #expect(answer.status == 200 && answer.text.contains("Photo by T. Horn"), "the page after the step")
        try await server.end()
    }

    @Test("What is no picture, too large or too many is refused in words, and nothing of it stays")
    func refused() async throws {
        let server = try ServerFixture()
        let reference = try await ServerPeople(server: server).order("b-1")
        let before = try server.pictures().count
        let sample = try samplePicture("dent")
        let large = sample + Data(count: 15_000_001 - sample.count)
        let cases: [(body: Data, status: Int, words: String)] = [
            (Self.form([Data("GIF89a, and no JPEG".utf8)]), 415, "neither JPEG nor PNG"),
            (Self.form([sample, Data("%PDF-1.7 is none either".utf8)]), 415, "neither JPEG nor PNG"),
            (Self.form([large]), 413, "15 MB at most"),
            (Self.form(Array(repeating: sample.prefix(400), count: 11)), 413, "At most 10 photos"),
            (Self.form([]), 422, "no photo in it"), (Self.form([Data()]), 422, "no photo in it"),
            (Self.form([sample], [:]), 422, "Your name is missing"),
            (Self.form([], ["person": String(repeating: "x", count: 70_000)]), 413, "fields of the form"),
            (Data("no form at all".utf8), 400, "multipart"),
        ]
        for (body, status, words) in cases {
            let answer = try await send(server, reference, body, ["Accept": "application/json"])
            #expect(answer.status == status && answer.text.contains(words), "\(words): \(answer.text.prefix(400))")
            #expect(try server.pictures().count == before, "\(words): something stayed")
        }
        let page = try await send(server, reference, cases[0].body)
        #expect(
            page.status == 415 && page.text.contains("<h1>") && page.text.contains("JPEG and PNG are accepted"),
            "\(page.text)")
        let order = try await server.client.get("/api/v1/orders/\(reference)").json
        #expect(order["ledger"]?.array?.contains { $0["kind"] == "order.photo" } == false)
        try await server.end()
    }

    @Test("A photo with the same bytes as the camera's picture stays when a step with it is refused")
    func shared() async throws {
        let server = try ServerFixture()
        let reference = try await ServerPeople(server: server).order("q-1")
        let sample = try samplePicture("scratch")
        let refused = try await send(server, reference, Self.form([sample], [:]), ["Accept": "application/json"])
        #expect(refused.status == 422)
        #expect(try await server.client.get("/pictures/\(digest(sample))").status == 200, "it is the order's picture")
        try await server.end()
    }
}
