import AndonModel
import AndonTesting
import Foundation
import Testing

/// A server that takes one report at once, and a sender that has begun with one.
private struct FullServer {
    static let intake = "intake: { underWayMax: 1, pictureBytesMax: 8MB, bodyBytesMax: 100KB }\n"

    let server: ServerFixture
    private let first: RawConnection
    private let body: [UInt8]

    init(_ intake: String = FullServer.intake) async throws {
        server = try ServerFixture(ServerFixture.plant + intake)
        body = server.report("first").canonicalBytes
        first = try RawConnection(port: server.process.port)
        first.send(
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.count)\r\n\r\n{")
        #expect(try await figure("andon_intake_under_way", becomes: 1))
    }

    /// The value of a metric becomes this.
    func figure(_ name: String, becomes value: Double) async throws -> Bool {
        try await eventually {
            let lines = try await server.client.get("/metrics").text.split(separator: "\n")
            return lines.contains { $0.hasPrefix(name + " ") && Double($0.split(separator: " ")[1]) == value }
        }
    }

    /// Lets the one that is under way go on to its end.
    func finish() async throws {
        first.send(Array(body.dropFirst()))
        #expect(await first.read { $0.contains("\"first\"") }.hasPrefix("HTTP/1.1 202"))
        #expect(try await figure("andon_intake_under_way", becomes: 0))
    }
}

@Suite("Reports that there is no room for")
struct OverloadAnswerTests {
    private static func expectRefused(_ answer: TestClient.Answer, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(answer.status == 429, "\(answer.text)", sourceLocation: sourceLocation)
        #expect(answer.json["type"] == "urn:andon:problem:too-many-reports", sourceLocation: sourceLocation)
        let seconds = answer.headers["retry-after"].flatMap { Int($0) } ?? 0
        #expect((1...60).contains(seconds), "\(answer.headers)", sourceLocation: sourceLocation)
    }

    @Test("Who finds no room is told when to come again; pages, health and figures go on, and then there is room again")
    func refused() async throws {
        let full = try await FullServer()
        let client = full.server.client
        Self.expectRefused(try await client.post("/api/v1/inspections", full.server.report("second")))
        let picture = try samplePicture("scratch")
        Self.expectRefused(try await client.report(full.server.report("third"), picture: picture))
        Self.expectRefused(try await client.post("/api/v1/frames", ["id": "f", "frames": []]))
        let page = try await client.send("POST", "/api/v1/inspections", headers: ["Accept": "text/html"], body: Data())
        #expect(page.status == 429 && page.headers["retry-after"] != nil)
        for path in ["/healthz", "/readyz", "/metrics", "/now", "/api/v1/orders", "/desk"] {
            #expect(try await client.get(path).status == 200, "\(path)")
        }
        #expect(try await full.figure("andon_intake_refused_total{room=\"reports\"}", becomes: 4))
        #expect(try full.server.incoming().isEmpty)
        try await full.finish()
        #expect(try await client.report(full.server.report("third"), picture: picture).status == 202)
        #expect(try await client.get("/api/v1/inspections/second").status == 404)
        try await full.server.end()
    }

    @Test("A sender that is refused gets the answer although it sends five megabytes before it looks")
    func largeBody() async throws {
        let full = try await FullServer()
        let picture = Data(count: 5 << 20)
        let form = TestClient.form(full.server.report("large"), picture: picture, type: "image/jpeg", fileName: "p.jpg")
        let head =
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=andontest\r\n"
        let chunked = Array((String(form.count, radix: 16) + "\r\n").utf8) + form + Array("\r\n0\r\n\r\n".utf8)
        for (fields, body) in [
            ("Content-Length: \(form.count)\r\n", Array(form)),
            ("Content-Length: \(form.count)\r\nConnection: close\r\n", Array(form)),
            ("Transfer-Encoding: chunked\r\n", chunked),
        ] {
            let sender = try RawConnection(port: full.server.process.port)
            sender.send(head + fields + "\r\n")
            #expect(sender.send(body), "the connection broke while it sent: \(fields)")
            let answer = sender.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 429"), "\(fields): \(answer.prefix(200))")
            #expect(answer.contains("Retry-After:") && answer.contains("too-many-reports"), "\(answer)")
        }
        #expect(try full.server.incoming().isEmpty)
        try await full.finish()
        try await full.server.end()
    }

    @Test("The connection of a sender that is refused goes on, and takes its report when there is room")
    func goesOn() async throws {
        let full = try await FullServer()
        let picture = try samplePicture("scratch") + Data(count: 300_000)
        let form = TestClient.form(full.server.report("again"), picture: picture, type: "image/jpeg", fileName: "p.jpg")
        let head =
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=andontest\r\n"
            + "Content-Length: \(form.count)\r\n\r\n"
        let sender = try RawConnection(port: full.server.process.port)
        for _ in 0..<3 {
            #expect(sender.send(Array(head.utf8) + form))
            let answer = await sender.read { $0.contains("as Retry-After says") }
            #expect(answer.hasPrefix("HTTP/1.1 429") && answer.contains("Connection: keep-alive"), "\(answer)")
        }
        try await full.finish()
        #expect(sender.send(Array(head.utf8) + form))
        #expect(await sender.read { $0.contains("\"again\"") }.hasPrefix("HTTP/1.1 202"))
        try await full.server.end()
    }

    @Test(
        "A sender that waits for a word before it sends gets it when there is room, and is refused without it when there is none"
    )
    func continues() async throws {
        let full = try await FullServer()
        let body = full.server.report("waits").canonicalBytes
        let head =
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.count)\r\nExpect: 100-continue\r\n\r\n"
        let refused = try RawConnection(port: full.server.process.port)
        refused.send(head)
        let answer = await refused.read { $0.contains("too-many-reports") }
        #expect(answer.hasPrefix("HTTP/1.1 429"), "\(answer)")
        try await full.finish()
        let sender = try RawConnection(port: full.server.process.port)
        sender.send(head)
        #expect(await sender.read { $0.hasSuffix("\r\n\r\n") } == "HTTP/1.1 100 Continue\r\n\r\n")
        sender.send(body)
        #expect(await sender.read { $0.contains("\"waits\"") }.hasPrefix("HTTP/1.1 202"))
        // Who does not wait needs no word.
        sender.send(Array(head.utf8) + body)
        let second = await sender.read { $0.contains("\"waits\"") }
        #expect(second.contains("HTTP/1.1 202") && !second.contains("HTTP/1.1 429"), "\(second)")
        try await full.server.end()
    }

    @Test("Bodies that are announced fill the memory, and the limits of the file are in force without a restart")
    func memoryAndReload() async throws {
        let small = "pictureBytesMax: 100KB, bodyBytesMax: 100KB, underWayBytesMax: 500KB"
        let full = try await FullServer("intake: { \(small), underWayMax: 50 }\n")
        let head =
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99000\r\n\r\n{"
        let senders = try (0..<5).map { _ in try RawConnection(port: full.server.process.port) }
        for sender in senders { sender.send(head) }
        #expect(try await full.figure("andon_intake_under_way", becomes: 6))
        let large = full.server.report("large", ["attributes": ["text": .string(String(repeating: "x", count: 9000))]])
        let answer = try await full.server.client.post("/api/v1/inspections", large)
        Self.expectRefused(answer)
        #expect(answer.text.contains("intake.underWayBytesMax"))
        #expect(try await full.figure("andon_intake_refused_total{room=\"memory\"}", becomes: 1))
        let wider = ServerFixture.plant + "intake: { \(small.replacing("500KB", with: "1MB")), underWayMax: 6 }\n"
        try Data(wider.utf8).write(to: URL(fileURLWithPath: full.server.config))
        #expect(try await full.figure("andon_intake_under_way_limit", becomes: 6))
        #expect(try await full.figure("andon_intake_memory_limit_bytes", becomes: 1_000_000))
        Self.expectRefused(try await full.server.client.post("/api/v1/inspections", large))
        // They go, and their places with them.
        for sender in senders { sender.send(Array(repeating: UInt8(ascii: "x"), count: 98_999)) }
        #expect(try await full.figure("andon_intake_under_way", becomes: 1))
        #expect(try await full.server.client.post("/api/v1/inspections", large).status == 202)
        try await full.finish()
        try await full.server.end()
    }

    @Test("Connections beyond a number wait until others have gone, and the process has files left for everything else")
    func connections() async throws {
        let folder = try TemporaryFolder("andon-connections")
        let config = folder.path + "/andon.yaml"
        try Data(ServerFixture.plant.utf8).write(to: URL(fileURLWithPath: config))
        // Sixty-four connections, as everything else may need 256.
        let process = try AndonProcess(config: config, data: folder.path + "/data", filesMax: 300)
        func sockets() -> Int {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.identifier)/fd")) ?? []
            return files.count {
                let path = "/proc/\(process.identifier)/fd/\($0)"
                return (try? FileManager.default.destinationOfSymbolicLink(atPath: path))?.hasPrefix("socket:") == true
            }
        }
        let before = sockets()
        var idle = try (0..<150).map { _ in try RawConnection(port: process.port) }
        #expect(try await eventually { sockets() - before >= 64 })
        let client = TestClient(process.address)
        async let answer = client.get("/healthz")
        // A few are accepted at once, before the number is looked at.
        #expect(sockets() - before <= 64 + 16)
        idle.removeAll()
        #expect(try await answer.status == 200)
        #expect(try await client.get("/readyz").status == 200)
        try await process.stop()
    }

    @Test("The server may open as many files as the system lets it, and more than a service is started with")
    func files() async throws {
        let server = try ServerFixture()
        let limits = try String(contentsOfFile: "/proc/\(server.process.identifier)/limits", encoding: .utf8)
        let found = try #require(limits.firstMatch(of: /Max open files\s+(\d+)\s+(\d+|unlimited)/))
        let (soft, hard) = (try #require(Int(found.1)), Int(found.2) ?? .max)
        #expect(soft >= min(hard, 16_384), "\(soft) of \(hard)")
        try await server.end()
    }
}
