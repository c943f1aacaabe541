import AndonModel
import AndonTesting
import Foundation
import Testing

/// What a sender may do wrong, sent to the real server over real HTTP.
@Suite("Bad input over HTTP")
struct BadInputTests {
    @Test("Every fault of a report is named with its place, and nothing of it is kept")
    func faults() async throws {
        let server = try ServerFixture()
        func refusal(_ changes: [String: JSON]) async throws -> (Int, [String]) {
            let answer = try await server.client.post("/api/v1/inspections", server.report("bad", changes))
            #expect(answer.headers["content-type"] == "application/problem+json")
            return (answer.status, (answer.json["errors"]?.array ?? []).compactMap { $0["pointer"]?.string })
        }
        func defect(_ changes: [String: JSON]) -> [String: JSON] {
            let defect: [String: JSON] = ["class": "scratch"]
            return ["picture": ["width": 100, "height": 100], "defects": [.object(defect.merging(changes) { $1 })]]
        }
        func box(_ x: JSON, _ y: JSON, _ width: JSON, _ height: JSON) -> [String: JSON] {
            defect(["box": ["x": x, "y": y, "width": width, "height": height]])
        }
        let cases: [(String, [String: JSON], String)] = [
            ("wrong type", ["camera": 7], "/camera"),
            ("no zone in the time", ["detectedAt": "2026-11-24 02:00"], "/detectedAt"),
            ("confidence as text", defect(["confidence": "high"]), "/defects/0/confidence"),
            ("confidence above 1", defect(["confidence": 1.01]), "/defects/0/confidence"),
            ("negative box", box(-5, 0, 10, 10), "/defects/0/box"),
            ("box without area", box(5, 5, 0, 10), "/defects/0/box/width"),
            ("box out of the picture", box(95, 5, 50, 10), "/defects/0/box"),
            ("box of 1e308", box(1e308, 0, 1e308, 10), "/defects/0/box/x"),
            ("misspelt member", defect(["confidense": 0.9]), "/defects/0/confidense"),
            ("another schema", ["schema": "andon.inspection/9"], "/schema"),
        ]
        for (name, changes, pointer) in cases {
            let (status, pointers) = try await refusal(changes)
            #expect(status == 422 && pointers.contains { $0.hasPrefix(pointer) }, "\(name): \(status) \(pointers)")
        }
        let many: JSON = .array(
            (0..<10_000).map { _ in ["class": "scratch", "box": ["x": 1, "y": 1, "width": 2, "height": 2]] })
        let (status, pointers) = try await refusal(["defects": many])
        #expect(status == 422 && pointers == ["/defects"])
        #expect(try await server.client.get("/api/v1/inspections/bad").status == 404)
        try await server.end()
    }

    @Test("A text that is not JSON, NaN, deep nesting and a repeated member are refused with their place")
    func syntax() async throws {
        let server = try ServerFixture()
        let texts = [
            "", "{", "nonsense", #"{"id": NaN}"#, #"{"id": "a", "id": "b"}"#, #"{"x": 1e999}"#, "\u{FEFF}{}",
            String(repeating: "[", count: 100_000), #"{"id": "\ud800"}"#,
        ]
        for text in texts {
            let answer = try await server.client.send(
                "POST", "/api/v1/inspections", headers: ["Content-Type": "application/json"], body: Data(text.utf8))
            #expect(answer.status == 400, "\(text.prefix(20)): \(answer.text)")
            #expect(answer.json["detail"]?.string?.isEmpty == false, "\(text.prefix(20))")
        }
        let type = try await server.client.send(
            "POST", "/api/v1/inspections", headers: ["Content-Type": "text/html"], body: Data("{}".utf8))
        #expect((400..<500).contains(type.status), "\(type.text)")
        try await server.end()
    }

    @Test("Pictures that are none, are cut off, or are a bomb")
    func pictures() async throws {
        let server = try ServerFixture()
        let text = try await server.client.report(server.report("text"), picture: Data("not a picture".utf8))
        #expect(text.status == 415, "\(text.text)")
        let whole = try samplePicture("scratch")
        let cut = try await server.client.report(server.report("cut"), picture: whole.prefix(whole.count / 2))
        #expect(cut.status == 202, "a damaged picture is still evidence: \(cut.text)")
        let path = try #require(cut.json["picture"]?.string)
        #expect(try await server.client.get(path).body == whole.prefix(whole.count / 2))
        // 60,000 x 60,000 pixels in a few bytes: 3.6 G pixels, refused before anything is decoded.
        let bomb = try await server.client.report(
            server.report("bomb"), picture: Self.png(width: 60_000, height: 60_000), type: "image/png")
        #expect(bomb.status == 202 || bomb.status == 422 || bomb.status == 413, "\(bomb.text)")
        let damage = try await server.client.get("/api/v1/inspections/bomb").text
        #expect(bomb.status != 202 || damage.contains("bomb"))
        let wrong = try await server.client.report(
            server.report("digest", ["picture": ["sha256": .string(String(repeating: "0", count: 64))]]), picture: whole
        )
        #expect(wrong.status == 422 && wrong.text.contains("/picture/sha256"))
        try await server.end()
        // A refused picture leaves nothing; the two accepted ones are there.
        #expect(try server.pictures().count == (bomb.status == 202 ? 2 : 1))
    }

    private static func png(width: UInt32, height: UInt32) -> Data {
        func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        func chunk(_ type: String, _ body: [UInt8]) -> [UInt8] {
            let named = Array(type.utf8) + body
            let crc = named.reduce(0xFFFF_FFFF as UInt32) { crc, byte in
                (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
            }
            return bytes(UInt32(body.count)) + named + bytes(~crc)
        }
        let header = bytes(width) + bytes(height) + [8, 0, 0, 0, 0]
        return Data(
            [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] + chunk("IHDR", header)
                + chunk("IDAT", [0x78, 0x9C, 3, 0, 0, 0, 0, 1])
                + chunk("IEND", []))
    }

    @Test("A body of 2 GB is refused by its head, and one without a length once it is too long")
    func largeBodies() async throws {
        let server = try ServerFixture(ServerFixture.plant + "intake: { pictureBytesMax: 1MB, bodyBytesMax: 100KB }\n")
        for type in ["application/json", "multipart/form-data; boundary=b"] {
            let announced = try RawConnection(port: server.process.port)
            announced.send(
                "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: 2000000000\r\n\r\n{"
            )
            let answer = announced.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 413") && answer.contains("too-large"), "\(type): \(answer.prefix(200))")
            let chunked = try RawConnection(port: server.process.port)
            chunked.send(
                "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            if type.hasPrefix("multipart") {
                let head = "--b\r\nContent-Disposition: form-data; name=\"picture\"\r\nContent-Type: image/jpeg\r\n\r\n"
                chunked.send(String(head.utf8.count, radix: 16) + "\r\n" + head + "\r\n")
            }
            let piece = [UInt8](repeating: 0x5B, count: 65_536)
            var sent = 0
            while sent < 64 << 20, chunked.send(Array("10000\r\n".utf8) + piece + [13, 10]) { sent += piece.count }
            #expect(sent < 64 << 20, "the server went on reading")
            #expect(try server.incoming().isEmpty)
        }
        try await server.end()
    }

    @Test("A sender that drips its head, its second head, or its body is cut off; others are served meanwhile")
    func slowLoris() async throws {
        let server = try ServerFixture(ServerFixture.plant + "intake: { headTimeout: 1s, bodyTimeout: 1s }\n")
        let head =
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"
        let silent = try RawConnection(port: server.process.port)
        let dripsHead = try RawConnection(port: server.process.port)
        dripsHead.send("POST /api/v1/insp")
        let dripsBody = try RawConnection(port: server.process.port)
        dripsBody.send(head + "\r\n{\"id\":")
        #expect(try await server.client.post("/api/v1/inspections", server.report("meanwhile")).status == 202)
        let start = ContinuousClock.now
        #expect(silent.readToEnd().isEmpty)
        #expect(dripsHead.readToEnd().isEmpty)
        _ = dripsBody.readToEnd()
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(!dripsBody.send("1") || !dripsBody.send("1") || dripsBody.readToEnd().isEmpty)
        #expect(try await server.client.get("/readyz").status == 200)
        try await server.end()
    }

    @Test("Garbage instead of HTTP, and a form without its parts")
    func garbage() async throws {
        let server = try ServerFixture()
        let raw = try RawConnection(port: server.process.port)
        raw.send([UInt8](repeating: 0, count: 1000) + Array("\r\n\r\n".utf8))
        #expect(!raw.readToEnd().contains("200 OK"))
        let bodies = [
            "", "--b--\r\n", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--\r\n",
            "--b\r\nContent-Disposition: form-data; name=\"inspection\"\r\n\r\n{}", "no boundary at all",
        ]
        for body in bodies {
            let answer = try await server.client.send(
                "POST", "/api/v1/inspections", headers: ["Content-Type": "multipart/form-data; boundary=b"],
                body: Data(body.utf8))
            #expect((400..<500).contains(answer.status), "\(body): \(answer.text)")
        }
        for (method, path) in [
            ("GET", "/api/v1/orders/short"), ("GET", "/nowhere"), ("GET", "/pictures/../../etc/passwd"),
            ("GET", "/pictures/%2e%2e%2fandon.sqlite"), ("GET", "/api/v1/orders?delivery=lost"),
            ("POST", "/api/v1/connectors/none/retry"),
        ] {
            let answer = try await server.client.send(method, path)
            #expect((400..<500).contains(answer.status) && !answer.text.contains("root:"), "\(path): \(answer.status)")
            #expect(answer.headers["content-type"] == "application/problem+json", "\(path)")
        }
        try await server.end()
    }
}
