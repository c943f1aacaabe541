import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Synchronization
import Testing

@Suite("The wire")
struct WireTests {
    private static let time = SystemTime()

    private func wire(
        timeout: Duration = .seconds(60), answerBytesMax: Int = 1 << 20, resolve: EgressGuard.Resolver? = nil,
        allows: @escaping @Sendable (String) -> Bool = { $0 == "127.0.0.1" }
    ) -> LiveWire {
        let egress = EgressGuard(time: Self.time, resolve: resolve ?? EgressGuard.system, allows: allows)
        return LiveWire(
            egress: egress, time: Self.time,
            settings: WireSettings(timeout: timeout, connectTimeout: .seconds(10), answerBytesMax: answerBytesMax))
    }

    /// The error's words with its kind before them.
    private func failure(_ wire: LiveWire, _ request: WireRequest) async -> String {
        do throws(WireError) {
            let answer = try await wire.exchange(request)
            return "answered \(answer.status)"
        } catch {
            switch error {
            case .notSent(let words): return "not sent: \(words)"
            case .noAnswer(let words): return "no answer: \(words)"
            }
        }
    }

    @Test("A request and its answer arrive as they are, and a file is streamed")
    func exchange() async throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/f"))
        let server = try await StandInServer { request in
            .answer(
                status: 207, headers: [("X-Method", request.method), ("X-Query", request.query["q"] ?? "")],
                body: request.body)
        }
        let wire = wire(answerBytesMax: 2_000_000)
        let answer = try await wire.exchange(
            WireRequest("PUT", "\(server.address)/a?q=1%262", body: .file(path: folder.path + "/f", bytes: bytes.count))
        )
        #expect(answer.status == 207 && answer["x-method"] == "PUT" && answer["x-query"] == "1&2")
        #expect(answer.body == bytes)
        await wire.close()
        try await server.stop()
    }

    @Test("Nothing listens: not sent. Closed without an answer, or silent: no answer. Both in words")
    func failures() async throws {
        let closed = try await StandInServer { _ in .drop }
        let silent = try await StandInServer { _ in .hang }
        let gone = try await StandInServer { _ in .drop }
        let goneAddress = gone.address
        try await gone.stop()
        let wire = wire(timeout: .seconds(60))
        let hasty = self.wire(timeout: .milliseconds(300))
        let body = WireRequest.Body.bytes(Array("{}".utf8))
        #expect(await failure(wire, WireRequest("POST", goneAddress, body: body)).contains("takes no connection"))
        #expect(await failure(wire, WireRequest("POST", goneAddress, body: body)).hasPrefix("not sent"))
        #expect(await failure(wire, WireRequest("GET", goneAddress)).hasPrefix("not sent"))
        #expect(
            await failure(wire, WireRequest("POST", closed.address, body: body))
                == "no answer: 127.0.0.1 closed the connection before the answer was complete")
        #expect(await failure(hasty, WireRequest("POST", silent.address, body: body)).hasPrefix("no answer"))
        #expect(await failure(wire, WireRequest("GET", "ftp://127.0.0.1/")).contains("is not an http"))
        #expect(
            await failure(wire, WireRequest("PUT", closed.address, body: .file(path: "/nowhere", bytes: 1)))
                == "not sent: /nowhere cannot be read")
        await wire.close()
        await hasty.close()
        try await closed.stop()
        try await silent.stop()
    }

    @Test("An answer that never ends is cut off")
    func longAnswer() async throws {
        let server = try await StandInServer { _ in .answer(status: 200, body: [UInt8](repeating: 65, count: 5000)) }
        let wire = wire(answerBytesMax: 4000)
        #expect(await failure(wire, WireRequest("GET", server.address)).contains("longer than this server takes"))
        await wire.close()
        try await server.stop()
    }

    @Test("A redirect is not followed")
    func redirect() async throws {
        let hits = Mutex(0)
        let server = try await StandInServer { request in
            hits.withLock { $0 += 1 }
            return .answer(status: 302, headers: [("location", "/elsewhere")])
        }
        let wire = wire()
        #expect(try await wire.exchange(WireRequest("GET", server.address)).status == 302)
        #expect(hits.withLock { $0 } == 1)
        await wire.close()
        try await server.stop()
    }

    @Test("An address outside the configured networks is refused before the connect")
    func egress() async throws {
        let hits = Mutex(0)
        let server = try await StandInServer { _ in
            hits.withLock { $0 += 1 }
            return .answer(status: 200)
        }
        let body = WireRequest.Body.bytes([1])
        let nowhere = wire(allows: { _ in false })
        let words = await failure(nowhere, WireRequest("POST", server.address, body: body))
        #expect(words.hasPrefix("not sent: 127.0.0.1 is outside the networks") && words.contains("network.allowed"))
        #expect(hits.withLock { $0 } == 0)
        let named = wire(resolve: { _ in ["203.0.113.7", "198.51.100.2"] })
        let name = await failure(named, WireRequest("POST", "http://cmms.example:\(server.port)/", body: body))
        #expect(name.contains("cmms.example (203.0.113.7, 198.51.100.2) is outside"))
        await nowhere.close()
        await named.close()
        try await server.stop()
    }

    @Test("A name that changes its address between check and connect leads to the checked one")
    func rebinding() async throws {
        let hosts = Mutex<[String]>([])
        let server = try await StandInServer { request in
            hosts.withLock { $0.append(request[header: "host"] ?? "") }
            return .answer(status: 200)
        }
        // The name does not exist: only the checked address can have been connected to.
        let wire = wire(resolve: { _ in ["203.0.113.7", "127.0.0.1"] })
        let answer = try await wire.exchange(WireRequest("GET", "http://cmms.invalid:\(server.port)/x"))
        #expect(answer.status == 200)
        #expect(hosts.withLock { $0 } == ["cmms.invalid:\(server.port)"])
        await wire.close()
        try await server.stop()
    }

    @Test("A name server that is away does not cut off a name that it answered before")
    func staleName() async throws {
        let time = TestTime()
        let fails = Mutex(false)
        let egress = EgressGuard(
            time: time,
            resolve: { _ in
                if fails.withLock({ $0 }) { throw WireError.notSent("no name server") }
                return ["127.0.0.1"]
            }, allows: { $0 == "127.0.0.1" })
        #expect(try await egress.addresses(of: "cmms") == ["127.0.0.1"])
        fails.withLock { $0 = true }
        time.advance(by: .seconds(3600))
        #expect(try await egress.addresses(of: "cmms") == ["127.0.0.1"])
        await #expect(throws: WireError.notSent("the name other has no address: no name server")) {
            try await egress.addresses(of: "other")
        }
    }

    @Test("The transmission log has every exchange, and no secret")
    func recording() async throws {
        let server = try await StandInServer { _ in .answer(status: 201, body: Array("ok".utf8)) }
        let live = wire()
        let wire = RecordingWire(live, time: Self.time)
        _ = try await wire.exchange(
            WireRequest(
                "POST", "\(server.address)/a?apiKey=hidden&x=1", headers: [.init("authorization", "hidden")],
                body: .bytes(Array("abc".utf8))))
        let entry = try #require(wire.exchanges[0])
        #expect(entry["status"] == 201 && entry["requestBytes"] == 3 && wire.status == 201)
        #expect(
            entry["requestSha256"]?.string == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(entry["url"]?.string?.hasSuffix("/a?apiKey=[secret]&x=1") == true)
        #expect(!wire.exchanges.canonicalText.contains("hidden"))
        try await server.stop()
        await live.close()
    }
}
