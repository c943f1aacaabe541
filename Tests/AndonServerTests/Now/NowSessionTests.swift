import AndonConfiguration
import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Hummingbird
import Logging
import Synchronization
import Testing

@testable import AndonServer

@Suite("The page Now and who is signed in")
struct NowSessionTests {
    /// The server in this process, so that its clock is the test's.
    private struct Bench {
        let folder: TemporaryFolder
        let time = TestTime()
        let store: Store
        let running: Task<Void, any Error>
        let port: Int

        init() async throws {
            folder = try TemporaryFolder("andon-now")
            store = try Store(
                folder: try TestDatabase.folder(folder.path + "/data"), time: time,
                steps: DeskSchema.steps + IdentitySchema.steps)
            let configuration = try Configuration.load(
                yaml: "plant: { name: P }\nserver: { listen: \"127.0.0.1:0\" }\n")
            var quiet = Logger(label: "test")
            quiet.logLevel = .critical
            let server = try await Server(
                configuration: configuration, store: store, connectors: [], time: time, random: SystemRandom(),
                logger: quiet)
            let (ports, told) = AsyncStream.makeStream(of: Int.self)
            running = Task { try await server.run(random: SystemRandom(), onRunning: { told.yield($0) }) }
            port = await ports.first { _ in true } ?? 0
        }

        /// The first administrator, signed in.
        func signedIn() async throws -> BareClient {
            let code = try SetUpCode(folder: store.folder).make(random: SystemRandom())
            let made = try await BareClient(port: port).form(
                "/first",
                [
                    "code": code, "login": "root.admin", "printedName": "A. Maier", "password": AccessBench.password,
                    "accepts": "true",
                ])
            #expect(made.status == 303, "\(made.status) \(made.body)")
            let cookie = try #require(made["set-cookie"]?.split(separator: ";").first)
            return BareClient(port: port, headers: ["Cookie": String(cookie)])
        }

        func stream(_ client: BareClient) throws -> RawConnection {
            let connection = try RawConnection(port: port)
            connection.send(
                "GET /now/stream HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
                    + "Cookie: \(client.headers["Cookie"] ?? "")\r\n\r\n")
            return connection
        }

        func end() async throws {
            running.cancel()
            _ = try? await running.value
            try store.close()
        }
    }

    /// What a stream brought until it ended.
    private final class Heard: Sendable {
        private let text = Mutex<String?>(nil)

        var isOver: Bool { text.withLock { $0 != nil } }
        var all: String { text.withLock { $0 ?? "" } }

        init(_ connection: RawConnection) {
            Task {
                let heard = await connection.read { $0.contains("event: ended\n") }
                text.withLock { $0 = heard }
            }
        }
    }

    @Test("An open page keeps no session alive, and its stream says when the session has ended; a person's click does")
    func idle() async throws {
        let bench = try await Bench()
        let client = try await bench.signedIn()
        // Half an hour is the idle time: a click after twenty minutes begins it anew.
        bench.time.advance(by: .seconds(20 * 60))
        #expect(try await client.get("/me").status == 200)
        bench.time.advance(by: .seconds(20 * 60))
        for path in ["/map/live", "/api/v1/ledger/verification", "/pictures/\(String(repeating: "0", count: 64))"] {
            #expect(try await client.get(path).status != 401, "\(path)")
        }
        let looking = ["Andon-Watching": "yes"]
        #expect(try await client.send("GET", "/charts?wall=yes", headers: looking).status == 200)
        bench.time.advance(by: .seconds(5 * 60))
        let stream = try bench.stream(client)
        let begun = await stream.read { $0.contains("event: version\n") }
        #expect(begun.contains("event: version\n"), "\(begun)")
        let heard = Heard(stream)
        let isTold = try await eventually {
            bench.time.advance(by: .seconds(15))
            return heard.isOver
        }
        #expect(isTold && heard.all.contains("event: ended\n"), "\(heard.all)")
        #expect(try await client.get("/me").status == 401, "what looked by itself was no use")
        try await bench.end()
    }

    @Test("A stream ends with the session of who signs out elsewhere")
    func signedOut() async throws {
        let bench = try await Bench()
        let client = try await bench.signedIn()
        let stream = try bench.stream(client)
        let begun = await stream.read { $0.contains("event: version\n") }
        #expect(begun.contains("event: version\n"), "\(begun)")
        #expect(try await client.send("POST", "/sign-out").status == 303)
        let heard = Heard(stream)
        let isTold = try await eventually {
            bench.time.advance(by: .seconds(15))
            return heard.isOver
        }
        #expect(isTold && heard.all.contains("event: ended\n"), "\(heard.all)")
        try await bench.end()
    }

    @Test("The page and the wall have the words for it, and what pages ask for by themselves is marked as that")
    func words() async throws {
        let bench = try await Bench()
        let client = try await bench.signedIn()
        for path in ["/now", "/now/wall"] {
            let page = try await client.send("GET", path, headers: ["Accept-Language": "de"])
            #expect(page.body.contains("id=\"now-ended\" class=\"problem\" role=\"alert\" hidden"), "\(path)")
            #expect(page.body.contains("Wieder anmelden") && !page.body.contains("«"), "\(path)")
        }
        let table = AccessTable(opensTiles: false)
        for path in ["/now/stream", "/map/live", "/pictures/:digest/thumbnail", "/pictures/{digest}"] {
            #expect(table.isByPage(.get, path), "\(path)")
        }
        for path in ["/now", "/now/wall", "/map", "/orders/:reference"] {
            #expect(!table.isByPage(.get, path), "\(path)")
        }
        try await bench.end()
    }
}
