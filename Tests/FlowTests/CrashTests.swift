import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Kills the real server with SIGKILL at random moments under load, and counts afterwards.
///
/// `ANDON_CRASH_KILLS` sets how often (200 here, more by `scripts/crash`), `ANDON_CRASH_SEED` the moments.
@Suite("The server killed at random moments", .serialized)
struct CrashTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let kills = environment["ANDON_CRASH_KILLS"].flatMap { Int($0) } ?? 200
    private static let seed = environment["ANDON_CRASH_SEED"].flatMap { UInt64($0) } ?? 20_261_124

    @Test("Every report that was answered is there, and no order is there twice")
    func campaign() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-crash-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let config = folder.appendingPathComponent("andon.yaml").path
        try Data(Self.plant.utf8).write(to: URL(fileURLWithPath: config))
        let data = folder.path + "/data"
        var random = SeededRandom(seed: Self.seed)
        let reports = Reports()

        for round in 0..<Self.kills {
            let server = try KilledServer(config: config, data: data)
            let address = try server.address()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { await reports.send(to: address) } }
                try? await Task.sleep(for: .milliseconds(Int(random.next() % 250)))
                server.kill()
                await group.waitForAll()
            }
            #expect(server.wasKilled, "round \(round) of seed \(Self.seed)")
        }
        try await drain(config: config, data: data)
        try count(reports.answered, data: data)
    }

    private static let plant = """
        plant:
          name: Crash campaign
          timeZone: UTC
        rules:
          unmapped:
            minConfidence: 0
        connectors:
          desk:
            type: desk
            searchAgainAfter: 10ms
            retryBase: 10ms

        """

    /// One last start: everything that was accepted must reach the desk.
    private func drain(config: String, data: String) async throws {
        let server = try KilledServer(config: config, data: data)
        let address = try server.address()
        for _ in 0..<6000 {
            let answer = try await Reports.get("\(address)/api/v1/reconciliation")
            if answer["waiting"]?.integer == 0 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        server.kill()
    }

    private func count(_ answered: Set<String>, data: String) throws {
        let store = try Store.reading(folder: data, time: SystemTime())
        try store.readNow { reader in
            let lost = try answered.filter { try reader.inspection($0) == nil }
            #expect(lost.isEmpty, "answered with 202 and not there: \(lost.prefix(5)), seed \(Self.seed)")
            let sum = try reader.reconcile()
            #expect(sum.holds, "\(sum.text)")
            #expect(sum.waiting == 0 && sum.dead == 0, "\(sum.text)")
            let orders = try reader.count("SELECT COUNT(*) FROM desk_order")
            #expect(orders == sum.raised, "\(sum.raised) orders raised, \(orders) on the desk, seed \(Self.seed)")
            let ledger = try reader.verifyLedger()
            #expect(ledger.isWhole, "\(ledger)")
            #expect(answered.count > Self.kills / 2, "the load was too small to prove anything")
            let found = try reader.count("SELECT COUNT(*) FROM attempt WHERE outcome IN ('found', 'not-found')")
            print(
                "crash campaign: \(Self.kills) kills, \(answered.count) answered, \(sum.raised) orders, \(found) searches"
            )
        }
    }
}

/// The reports of the campaign: each id is sent until it is answered, over all deaths of the server.
private final class Reports: Sendable {
    private struct State {
        var next = 0
        var unanswered: [String] = []
        var answered: Set<String> = []
    }

    private let state = Mutex(State())

    var answered: Set<String> { state.withLock { $0.answered } }

    /// Sends one report after another until the server is gone.
    func send(to address: String) async {
        while true {
            let id = state.withLock { state -> String in
                if let id = state.unanswered.popLast() { return id }
                state.next += 1
                return "crash-\(state.next)"
            }
            guard await Self.post(id, to: address) else {
                return state.withLock { $0.unanswered.append(id) }
            }
            state.withLock { _ = $0.answered.insert(id) }
        }
    }

    private static func post(_ id: String, to address: String) async -> Bool {
        guard let url = URL(string: "\(address)/api/v1/inspections") else { return false }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.timeoutInterval = 20
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let body: JSON = [
            "id": .string(id), "detectedAt": "2026-11-24T02:00:00Z", "camera": "CAM-1", "asset": .string("A-\(id)"),
            "defects": [["class": "scratch", "confidence": 0.9, "severity": 0.9]],
        ]
        request.httpBody = Data(body.canonicalBytes)
        guard let (_, response) = try? await URLSession.shared.data(for: request) else { return false }
        return (response as? HTTPURLResponse)?.statusCode == 202
    }

    static func get(_ address: String) async throws -> JSON {
        let url = try #require(URL(string: address))
        return try JSON(parsing: Array(try await URLSession.shared.data(from: url).0))
    }
}

/// `andon serve` as a process of its own, to be killed.
private final class KilledServer: Sendable {
    private let process: Mutex<Process>
    private let output = Pipe()

    init(config: String, data: String) throws {
        let process = Process()
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = products.appendingPathComponent("andon")
        process.arguments = ["serve", "--config", config, "--data", data, "--port", "0"]
        process.standardOutput = output
        try process.run()
        self.process = Mutex(process)
    }

    func address() throws -> String {
        var text = ""
        while let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n"), let start = text.range(of: "http://") {
                return String(text[start.lowerBound...].dropLast())
            }
        }
        Issue.record("the server did not start: \(text)")
        throw CocoaError(.fileReadUnknown)
    }

    func kill() {
        process.withLock { process in
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    var wasKilled: Bool {
        process.withLock { $0.terminationReason == .uncaughtSignal && $0.terminationStatus == SIGKILL }
    }
}
