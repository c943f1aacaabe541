import Foundation
import NIOPosix
import Testing
import UACodec
import UASecurity
import UATransport

@testable import UAServer

/// A client of another maker on a port, with everything that comes by subscription.
@Suite("asyncua subscribes")
struct SubscriberTests {
    private struct Seen: Decodable {
        var values: [Double]
        var events: [[Field]]
        var alarm: [Field]
        var acknowledged: [Field]
        var refreshed: Bool
        var flag: Bool
    }

    private enum Field: Decodable, Equatable {
        case text(String)
        case number(Double)
        case truth(Bool)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let truth = try? value.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }
    }

    private func fill(_ space: AddressSpace, _ core: ServerCore) throws {
        let plant = NodeId("plant", namespace: 1)
        let value = NodeId("x", namespace: 1)
        let alarm = NodeId("alarm", namespace: 1)
        let type = NodeId(1002, namespace: 1)
        let defect = QualifiedName("DefectClass", namespace: 1)
        try space.addObject(plant, QualifiedName("plant", namespace: 1), under: NodeId(85), eventNotifier: 1)
        try space.addReference(from: NodeId(2253), ReferenceType.hasNotifier, to: plant)
        try space.addVariable(
            value, QualifiedName("x", namespace: 1), under: plant, dataType: NodeId(11), value: Variant(0.0))
        try space.addVariable(
            NodeId("alarm.Active", namespace: 1), QualifiedName("Active", namespace: 1), under: plant,
            dataType: NodeId(1))
        try space.addEventType(
            type, QualifiedName("DetectionEventType", namespace: 1), fields: [(name: defect, dataType: NodeId(12))])
        core.add(
            AlarmDefinition(
                nodeId: alarm, name: "Defect limit", source: plant, sourceName: "PRESS-07",
                variable: NodeId("alarm.Active", namespace: 1)))
        try space.addMethod(
            NodeId("tick", namespace: 1), QualifiedName("Tick", namespace: 1), under: plant,
            .immediate { [unowned space, unowned core] _ in
                for number in 1...10 { space.setValues([(value, Variant(Double(number)))], at: space.time()) }
                core.raise(
                    Event(
                        type: type, source: plant, sourceName: "PRESS-07", message: LocalizedText("a scratch"),
                        severity: 700, fields: [EventPath(defect): Variant("scratch")]))
                core.setAlarm(alarm, AlarmState(isActive: true, message: "too many"))
                return MethodOutcome()
            })
    }

    private func client(_ port: Int) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(CounterpartTests.python))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/subscriptions.py")
        process.arguments = ["-W", "ignore", script.path, "opc.tcp://127.0.0.1:\(port)"]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("uaserver-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try ["out", "err"].map { name in
            let file = folder.appendingPathComponent(name)
            try Data().write(to: file)
            return file
        }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        await withCheckedContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume() }
        }
        let words = try String(contentsOf: files[1], encoding: .utf8)
        try #require(process.terminationStatus == 0, "\(words.suffix(3000))")
        return try String(contentsOf: files[0], encoding: .utf8)
    }

    @Test(
        "Values, events, an alarm, its acknowledgement and a refresh arrive",
        .enabled(if: CounterpartTests.python != nil, CounterpartTests.reason))
    func everything() async throws {
        let own = try ApplicationInstance.make(
            UASecurity.ApplicationDescription(applicationURI: "urn:test:server", name: "test"),
            key: try RSAPrivateKey(bits: 2048))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("uaserver-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let listener = ListenerConfiguration(
            security: [(.none, .none)], own: own, trust: try TrustList(folder: folder),
            now: { DateTime(unixMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) })
        let configuration = ServerCoreConfiguration(
            applicationUri: "urn:test:server", productUri: "urn:test", applicationName: "test",
            endpointUrl: "opc.tcp://127.0.0.1:4840", endpoints: [.init(.none, .none)], tokens: [.anonymous, .userName])
        let server = try await UAServer(
            configuration, listener, group: MultiThreadedEventLoopGroup.singleton, authenticate: Bench.knows
        ) { print($0) }
        try await server.update { space, core in try fill(space, core) }
        let port = try await server.start(host: "127.0.0.1", port: 0)
        let text = try await client(port)
        await server.stop()
        let seen = try JSONDecoder().decode(Seen.self, from: Data(text.utf8))
        #expect(seen.values == (0...10).map(Double.init))
        #expect(seen.events.contains([.text("a scratch"), .number(700), .text("PRESS-07"), .text("scratch")]))
        #expect(
            seen.alarm == [.text("Defect limit"), .text("ns=1;s=alarm"), .truth(true), .truth(false), .truth(true)])
        #expect(seen.acknowledged == [.truth(true), .text("seen"), .text("ann")])
        #expect(seen.refreshed && seen.flag)
    }
}
