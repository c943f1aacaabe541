import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

/// Hands a request on to a server, and of the answer only the first bytes, until it is ended.
private final class Relay: Sendable {
    private let process: Mutex<Process>
    private let output = Pipe()
    let address: String

    private static let script = """
        import socket, sys, threading
        target, most = int(sys.argv[1]), int(sys.argv[2])
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        near, _ = listener.accept()
        far = socket.create_connection(("127.0.0.1", target))
        far.sendall(near.recv(65536))
        passed = 0
        while passed < most:
            data = far.recv(min(65536, most - passed))
            if not data: break
            near.sendall(data)
            passed += len(data)
        print("HALF", flush=True)
        sys.stdin.read()
        """

    init(to port: Int, passing bytes: Int) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["/usr/bin/python3", "-c", Self.script, "\(port)", "\(bytes)"]
        process.standardOutput = output
        process.standardInput = Pipe()
        try process.run()
        self.process = Mutex(process)
        address = "http://127.0.0.1:\(try Self.line(output))"
    }

    private static func line(_ pipe: Pipe) throws -> String {
        var text = ""
        while let data = try pipe.fileHandleForReading.read(upToCount: 1), !data.isEmpty, data[0] != 10 {
            text += String(decoding: data, as: UTF8.self)
        }
        return text
    }

    /// Waits until the first bytes have gone through.
    func half() throws { #expect(try Self.line(output) == "HALF") }

    func end() {
        process.withLock { process in
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}

@Suite("An export that is broken off")
struct ExportKillTests {
    /// A JPEG of several megabytes: comments (ITU-T T.81, B.2.4.5) behind its first marker.
    private static func largePicture() throws -> Data {
        var random = SeededRandom(seed: 7)
        let sample = try samplePicture("scratch")
        let comments = (0..<100).map { _ in
            Data([0xFF, 0xFE, 0xFF, 0xFF]) + Data((0..<65_533).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        return sample.prefix(2) + comments.joined() + sample.dropFirst(2)
    }

    private static func server() async throws -> ServerFixture {
        let server = try ServerFixture()
        let picture = try largePicture()
        for (id, name) in [("k1", "scratch"), ("k2", "dent"), ("k3", "crack")] {
            let report = server.report(
                id, ["defects": [["class": .string(name), "confidence": 0.9, "severity": 0.8]]])
            let answer = try await server.client.report(report, picture: picture)
            #expect(answer.status == 202, "\(answer.text)")
        }
        return server
    }

    private static func arguments(_ server: ServerFixture, _ relay: Relay) -> [String] {
        [
            "export", "--standard", "iso-9001", "--from", "2020-01-01", "--to", "2100-01-01", "--out",
            server.folder.path + "/package.zip", "--server", relay.address,
        ]
    }

    private static func left(_ server: ServerFixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: server.folder.path).filter { $0.hasPrefix("package.zip") }
    }

    @Test("A kill of the server in its middle leaves no half archive, no entry, and a whole store")
    func server() async throws {
        let server = try await Self.server()
        let relay = try Relay(to: server.process.port, passing: 300_000)
        let (status, output) = try await withThrowingTaskGroup(of: (Int32, String)?.self) { group in
            group.addTask { try await AndonProcess.run(Self.arguments(server, relay)) }
            group.addTask {
                try relay.half()
                server.process.kill()
                relay.end()
                return nil
            }
            var result: (Int32, String) = (0, "")
            for try await one in group { result = one ?? result }
            return result
        }
        #expect(status != 0 && output.contains("nothing is left of it"), "\(output)")
        #expect(server.process.wasKilled)
        #expect(try Self.left(server).isEmpty)
        let again = try AndonProcess(config: server.config, data: server.data)
        let ledger = try await TestClient(again.address).get("/api/v1/ledger?from=0")
        #expect(!ledger.text.contains("export.made"))
        let path = server.folder.path + "/package.zip"
        let run = try await AndonProcess.run([
            "export", "--standard", "iso-9001", "--from", "2020-01-01", "--to", "2100-01-01", "--out", path, "--server",
            again.address,
        ])
        #expect(run.status == 0, "\(run.output)")
        let key = try await TestClient(again.address).get("/api/v1/ledger/keys").json["keys"]?[0]?["key"]?.string ?? ""
        let verified = try await AndonProcess.run(["ledger", "verify-bundle", path, "--key", key])
        #expect(verified.status == 0 && verified.output.contains("3 records"), "\(verified.output)")
        try await again.stop()
        let whole = try await AndonProcess.run(["ledger", "verify", "--data", server.data])
        #expect(whole.status == 0, "\(whole.output)")
    }

    @Test("A kill of the command in its middle leaves nothing of it, and the server goes on")
    func command() async throws {
        let server = try await Self.server()
        let relay = try Relay(to: server.process.port, passing: 300_000)
        let command = try AndonProcess.background(Self.arguments(server, relay))
        try relay.half()
        command.end()
        relay.end()
        #expect(try Self.left(server).isEmpty)
        #expect(try await server.client.get("/healthz").status == 200)
        let ledger = try await server.client.get("/api/v1/ledger?from=0")
        #expect(!ledger.text.contains("export.made"))
        try await server.end()
    }
}
