import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing
import UACodec
import UASecurity

@testable import UAClient

/// Servers of other makers, run by Python.
enum Counterpart: String, CaseIterable, Sendable {
    case asyncua
    case o6

    /// A Python that has both, or nil.
    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPCUA_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-opcua/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with asyncua and o6: set ANDON_OPCUA_PYTHON, or run scripts/setup --tests for .venv-opcua"

    var script: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/\(rawValue)_server.py").path
    }

    /// The namespace of the test's nodes.
    var namespace: String { self == .asyncua ? "urn:test:plant" : "urn:test:server" }

    func node(_ name: String) -> ExpandedNodeId { ExpandedNodeId(.string(name), in: namespace) }
}

/// A server in a process of its own. It ends when its input is closed, and so with the test's process too.
final class ServerProcess: Sendable {
    struct Failed: Error { let words: String }

    let port: Int
    private let running: Mutex<Process?>
    private let input: Pipe

    init(_ kind: Counterpart, port: Int, namespaces: [String] = []) async throws {
        let pki = try await PKI.shared.value
        let python = try #require(Counterpart.python)
        let settings: [String: Any] = [
            "port": port, "certificate": pki.path("server.der"), "key": pki.path("server.pem"),
            "trusted": [pki.path("client.der"), pki.path("user.der")], "namespaces": namespaces,
        ]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        let json = String(decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
        process.arguments = ["-W", "ignore", kind.script, json]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        let log = pki.folder.appendingPathComponent("\(kind.rawValue)-\(port).log")
        try Data().write(to: log)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        self.port = port
        self.input = input
        running = Mutex(process)
        let ready = await Self.waits(for: "ready", output.fileHandleForReading)
        guard ready else { throw Failed(words: try String(contentsOf: log, encoding: .utf8)) }
    }

    private static func waits(for word: String, _ handle: FileHandle) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var text = ""
                while !text.contains(word) {
                    let data = handle.availableData
                    if data.isEmpty { return continuation.resume(returning: false) }
                    text += String(decoding: data, as: UTF8.self)
                }
                continuation.resume(returning: true)
                // Whatever it says later must not fill the pipe.
                while !handle.availableData.isEmpty {}
            }
        }
    }

    /// Ends the process as a power cut would.
    func kill() {
        running.withLock { process in
            guard let process else { return }
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        running.withLock { $0 = nil }
    }

    deinit { kill() }
}

/// One server of each kind for all tests that do not harm it.
actor SharedServers {
    static let shared = SharedServers()
    private var servers: [Counterpart: Task<ServerProcess, any Error>] = [:]

    func server(_ kind: Counterpart) async throws -> ServerProcess {
        if let task = servers[kind] { return try await task.value }
        let task = Task { try await ServerProcess(kind, port: try await freePort()) }
        servers[kind] = task
        return try await task.value
    }
}

func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port
    try await channel.close()
    return try #require(port)
}

/// Certificates of server, client and a user, and the client's trust list.
struct PKI: Sendable {
    static let shared = Task { try await PKI() }

    let folder: URL
    let client: ApplicationInstance
    let user: ApplicationInstance
    let stranger: ApplicationInstance
    let server: ApplicationInstance
    let trust: TrustList

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("uaclient-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func make(_ name: String) throws -> ApplicationInstance {
            var description = UASecurity.ApplicationDescription(applicationURI: "urn:test:\(name)", name: name)
            description.hostNames = ["localhost"]
            description.addresses = ["127.0.0.1"]
            return try ApplicationInstance.make(description, key: try RSAPrivateKey(bits: 2048))
        }
        (client, user, stranger, server) = (
            try make("client"), try make("user"), try make("stranger"), try make("server")
        )
        for (name, instance) in [("server", server), ("client", client), ("user", user)] {
            try Data(instance.chain).write(to: folder.appendingPathComponent("\(name).der"))
            try Data(instance.key.pem.utf8).write(to: folder.appendingPathComponent("\(name).pem"))
        }
        trust = try TrustList(folder: folder.appendingPathComponent("pki"))
        try Data(server.chain).write(to: folder.appendingPathComponent("pki/trusted/certs/server.der"))
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func configuration(
        port: Int, path: String = "", _ security: SecurityRequirement = .none, _ identity: UserIdentity = .anonymous
    ) -> ClientConfiguration {
        var configuration = ClientConfiguration(
            address: ServerAddress(host: "127.0.0.1", port: port, path: path),
            application: ClientApplication(instance: client, trust: trust, name: "Client under test"),
            security: security, identity: identity)
        configuration.backoff = Backoff(shortest: .milliseconds(100), longest: .milliseconds(400))
        // On a busy machine a counterpart takes its time.
        configuration.connectTimeout = .seconds(120)
        return configuration
    }
}
