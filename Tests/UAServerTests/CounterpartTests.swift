import Foundation
import Testing
import UASecurity

/// Clients of other makers against this server.
@Suite("Clients of other makers")
struct CounterpartTests {
    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPCUA_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-opcua/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with asyncua and o6: set ANDON_OPCUA_PYTHON, or run scripts/setup --tests for .venv-opcua"

    /// All policies and modes with all user tokens. Without keys of the channel's own, asyncua sends a password in clear
    /// and the user's certificate as the application's, and o6 encrypts none: both are refused, as they should be.
    static let ways: [String] = {
        let channels = SecurityPolicy.allCases.flatMap { policy in
            policy == .none ? ["None/None"] : ["\(policy.rawValue)/Sign", "\(policy.rawValue)/SignAndEncrypt"]
        }
        return channels.flatMap { channel in
            ["anonymous", "userName", "certificate"].map { "\(channel)/\($0)" }
        }.filter { !$0.hasPrefix("None/None/") || $0.hasSuffix("anonymous") }
    }()

    @Test(
        "They read, write, call, subscribe, and acknowledge alarms, under every policy, mode and user token",
        .enabled(if: python != nil, reason), arguments: ["asyncua", "o6"])
    func everything(_ client: String) async throws {
        let plant = try await PlantServer()
        let ways = Self.ways
        let seen = try await Self.run(client, plant, ways)
        #expect(seen.count == ways.count)
        var speed = 1.0
        for (way, seen) in zip(ways, seen) {
            #expect(seen["error"] == nil, "\(way): \(seen["error"] ?? "")")
            #expect(seen["way"] as? String == way)
            #expect(seen["target"] as? Double == 7.5, "\(way)")
            #expect(seen["sum"] as? Double == 3.5, "\(way)")
            #expect(seen["row"] as? [Int] == [11, 12], "\(way)")
            #expect(seen["first"] as? Double == speed, "\(way)")
            #expect(seen["changed"] as? Double == speed + 1, "\(way)")
            speed += client == "asyncua" ? 2 : 1
            guard client == "asyncua" else { continue }
            #expect(seen["children"] as? [String] == ["Add", "Fire", "Row", "Speed", "Target"], "\(way)")
            #expect(seen["path"] as? String == "Speed", "\(way)")
            #expect(seen["history"] as? [Double] == [0, 1, 2, 3, 4], "\(way)")
            #expect((seen["event"] as? [Any])?.first as? String == "fired", "\(way)")
            #expect(seen["acknowledge"] as? String == "Good", "\(way)")
            #expect((seen["acked"] as? [Bool]) == [true, true], "\(way)")
        }
        await plant.stop()
    }

    private static func run(_ client: String, _ plant: PlantServer, _ ways: [String]) async throws -> [[String: Any]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/clients.py").path
        process.arguments =
            ["-W", "ignore", script, client, "opc.tcp://localhost:\(plant.port)", plant.folder.path] + ways
        let output = Pipe()
        process.standardOutput = output
        let log = plant.folder.appendingPathComponent("client.log")
        try Data().write(to: log)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        let data = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: output.fileHandleForReading.readDataToEndOfFile())
            }
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("SEEN ") }
        let words = try String(contentsOf: log, encoding: .utf8)
        if lines.count < ways.count || lines.contains(where: { $0.contains("\"error\"") }) { print(words.suffix(6000)) }
        return lines.compactMap { line in
            (try? JSONSerialization.jsonObject(with: Data(line.dropFirst(5).utf8))) as? [String: Any]
        }
    }
}
