import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

@testable import AndonSources

/// A vision system of another maker's library, run by Python.
final class VisionSystem: Sendable {
    struct Failed: Error { let words: String }

    /// A Python that has asyncua, or nil.
    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPCUA_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-opcua/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with asyncua: set ANDON_OPCUA_PYTHON, or run scripts/setup --tests for .venv-opcua"

    static let server = "urn:test:vision-system"

    let port: Int
    private let process: Mutex<Process>
    private let input = Pipe()
    private let output = Pipe()
    private let turn = Turn()

    /// One command at a time.
    private actor Turn {
        func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value { try await body() }
    }

    init(port: Int, _ settings: [String: JSON] = [:], log: String) async throws {
        self.port = port
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/vision.py").path
        let options = JSON.object(settings.merging(["port": .integer(port)]) { $1 })
        process.arguments = ["-W", "ignore", script, options.canonicalText]
        process.standardInput = input
        process.standardOutput = output
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        self.process = Mutex(process)
        let ready = try await line()
        guard ready["ready"] != nil else {
            throw Failed(words: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "no log")
        }
    }

    private func line() async throws -> JSON {
        let handle = output.fileHandleForReading
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var bytes: [UInt8] = []
                while let data = try? handle.read(upToCount: 1), let byte = data.first, byte != 10 {
                    bytes.append(byte)
                }
                continuation.resume(returning: (try? JSON(parsing: bytes)) ?? .null)
            }
        }
    }

    @discardableResult
    func command(_ name: String, _ arguments: [String: JSON] = [:]) async throws -> JSON {
        let text = JSON.object(arguments.merging(["do": .string(name)]) { $1 }).canonicalText + "\n"
        let answer = try await turn.run { [self] in
            try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
            return try await line()
        }
        guard answer["error"] == nil, answer != .null else { throw Failed(words: "\(name): \(answer.canonicalText)") }
        return answer
    }

    /// Ends it as a power cut would.
    func kill() {
        process.withLock { process in
            guard process.isRunning else { return }
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    deinit { kill() }

    /// The id of the report of an event.
    static func report(_ event: String) -> String { EventKey(server: server, event: event).id }
}

/// A server of ours that listens to a vision system, in a folder of its own.
final class Plant: Sendable {
    let folder: TemporaryFolder
    private let process: Mutex<AndonProcess>

    static func head(policy: String = "None") -> String {
        """
        plant:
          name: Test
          site: BEDFORD
          timeZone: Europe/Berlin
          defaultLocation: PLANT
          assets: [{ id: PRESS-07, name: Press, criticality: A, line: LINE-1, location: BR100 }]
          cameras: [{ id: CAM-01, asset: PRESS-07 }]
        rules:
          classes:
            scratch: { minConfidence: 0.99, minSeverity: 0.4, defaultSeverity: 0.6, action: Replace tool, code: SCRATCH }
        sources:
          vision:
            policy: \(policy)
            publishing: 50ms

        """
    }

    /// - Parameter source: the source's further options.
    init(_ source: String, policy: String = "None") throws {
        folder = try TemporaryFolder("andon-source")
        let (config, data) = (folder.path + "/andon.yaml", folder.path + "/data")
        try Data((Self.head(policy: policy) + source).utf8).write(to: URL(fileURLWithPath: config))
        process = Mutex(try AndonProcess(config: config, data: data))
    }

    var config: String { folder.path + "/andon.yaml" }
    var data: String { folder.path + "/data" }
    var client: TestClient { TestClient(process.withLock { $0.address }) }

    func kill() { process.withLock { $0.kill() } }

    func start(_ source: String? = nil) throws {
        if let source { try Data((Self.head() + source).utf8).write(to: URL(fileURLWithPath: config)) }
        let started = try AndonProcess(config: config, data: data)
        process.withLock { $0 = started }
    }

    func standing() async throws -> JSON {
        try await client.get("/api/v1/sources").json["sources"]?[0] ?? .null
    }

    func isConnected() async throws -> Bool { try await standing()["state"] == "connected" }

    func inspection(_ event: String) async throws -> JSON? {
        let answer = try await client.get("/api/v1/inspections/\(VisionSystem.report(event))")
        return answer.status == 200 ? answer.json : nil
    }

    func has(_ event: String) async throws -> Bool {
        try await client.get("/api/v1/inspections/\(VisionSystem.report(event))").status == 200
    }

    /// Reports in the store.
    func count() async throws -> Int {
        let text = try await client.get("/metrics").text
        let line = text.split(separator: "\n").first { $0.hasPrefix("andon_inspections_total ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }.map { Int($0) } ?? -1
    }

    func gaps() async throws -> [JSON] {
        let entries = try await client.get("/api/v1/ledger?from=0&limit=10000").json["entries"]?.array ?? []
        return entries.filter { $0["kind"] == "intake.gap" }.compactMap { $0["body"] }
    }

    /// What any test leaves behind must add up.
    func end(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let running = process.withLock { $0 }
        #expect(try await running.stop() == 0, sourceLocation: sourceLocation)
        let sum = try await AndonProcess.run(["reconcile", "--data", data])
        #expect(sum.status == 0, "\(sum.output)", sourceLocation: sourceLocation)
        let ledger = try await AndonProcess.run(["ledger", "verify", "--data", data])
        #expect(ledger.status == 0, "\(ledger.output)", sourceLocation: sourceLocation)
    }
}
