import Foundation
import NIOPosix
import Synchronization
import UACodec
import UASecurity
import UATransport

@testable import UAServer

/// A small plant on a port: what clients of other makers are shown.
final class PlantServer: Sendable {
    static let clock: @Sendable () -> DateTime = {
        DateTime(unixMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
    static let tokens: [ServerCoreConfiguration.TokenKind: String] = [
        .anonymous: "anonymous", .userName: "userName", .certificate: "certificate",
    ]

    let folder: URL
    let server: UAServer
    let port: Int
    let acknowledged = Mutex<[String]>([])

    init(_ adjust: (inout ServerCoreConfiguration, inout ListenerConfiguration) -> Void = { _, _ in }) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("uaserver-\(UUID().uuidString)")
        let own = try Self.application("server")
        let trust = try TrustList(folder: folder.appendingPathComponent("pki"))
        let users = try TrustList(folder: folder.appendingPathComponent("users"))
        for (name, list) in [("client", "pki"), ("user", "users")] {
            let made = try Self.application(name)
            try Data(made.chain).write(to: folder.appendingPathComponent("\(name).der"))
            try Data(made.key.pem.utf8).write(to: folder.appendingPathComponent("\(name).pem"))
            try Data(made.chain).write(to: folder.appendingPathComponent("\(list)/trusted/certs/\(name).der"))
        }
        try Data(own.chain).write(to: folder.appendingPathComponent("server.der"))
        var core = ServerCoreConfiguration(
            applicationUri: "urn:test:server", productUri: "urn:test", applicationName: "Plant",
            endpointUrl: "opc.tcp://localhost",
            endpoints: ServerCoreConfiguration.Endpoint.secured + [.init(.none, .none)],
            tokens: Set(Self.tokens.keys))
        var listener = ListenerConfiguration(
            security: core.endpoints.map { ($0.policy, $0.mode) }, own: own, trust: trust, now: Self.clock)
        listener.openingBurst = 1000
        listener.handshakeSeconds = 300
        listener.sessionSeconds = 300
        core.sessions.workTime = 300_000
        adjust(&core, &listener)
        server = try await UAServer(
            core, listener, users: users, group: MultiThreadedEventLoopGroup.singleton,
            authenticate: { credentials, _ in
                switch credentials {
                case .anonymous: UserIdentity(name: "guest")
                case .userName("operator", let password) where password == Array("secret".utf8):
                    UserIdentity(name: "operator")
                case .userName: nil
                case .certificate(let user): UserIdentity(name: user.certificate.thumbprintText)
                }
            }, report: { _ in })
        port = try await server.start(host: "127.0.0.1", port: 0)
        try await server.update { try fill($0, $1) }
    }

    private static func application(_ name: String) throws -> ApplicationInstance {
        let description = UASecurity.ApplicationDescription(
            applicationURI: "urn:test:\(name)", name: name, hostNames: ["localhost"], addresses: ["127.0.0.1"])
        return try ApplicationInstance.make(description, key: try RSAPrivateKey(bits: 2048))
    }

    private func fill(_ space: AddressSpace, _ core: ServerCore) throws {
        let index = try space.addNamespace("urn:test:plant")
        func id(_ name: String) -> NodeId { NodeId(name, namespace: index) }
        func name(_ name: String) -> QualifiedName { QualifiedName(name, namespace: index) }
        let double = NodeId(11)
        try space.addObject(
            id("Plant"), name("Plant"), under: NodeId(85), by: ReferenceType.organizes, eventNotifier: 1)
        try space.addReference(from: NodeId(2253), ReferenceType.hasNotifier, to: id("Plant"))
        try space.addVariable(id("Speed"), name("Speed"), under: id("Plant"), dataType: double, value: Variant(1.0))
        try space.addVariable(id("Target"), name("Target"), under: id("Plant"), dataType: double, value: Variant(0.0))
        try space.allowWriting(id("Target")) { _, _ in .good }
        try space.addVariable(
            id("Row"), name("Row"), under: id("Plant"), dataType: NodeId(6), valueRank: 1,
            value: Variant([Int32(10), 11, 12, 13]))
        try space.addHistory(id("Speed")) { start, _, limit, skipped in
            let first = start ?? .null
            let all = (0..<20).map { number in
                DataValue(
                    Variant(Double(number)), sourceTimestamp: DateTime(ticks: first.ticks + Int64(number) * 10_000_000))
            }
            let page = all.dropFirst(skipped).prefix(limit)
            return HistoryPage(values: Array(page), hasMore: skipped + page.count < all.count)
        }
        let argument = { (name: String) in Argument(name: name, dataType: double, valueRank: -1) }
        try space.addMethod(
            id("Add"), name("Add"), under: id("Plant"), inputs: [argument("a"), argument("b")],
            outputs: [argument("sum")],
            .elsewhere { call in
                MethodOutcome(outputs: [Variant(call.inputs.compactMap(\.number).reduce(0, +))])
            })
        let hot = AlarmDefinition(
            nodeId: id("Hot"), name: "Hot", source: id("Plant"), sourceName: "Plant", type: EventType.offNormalAlarm)
        core.add(hot)
        core.alarmAction = { [weak self] action in
            self?.acknowledged.withLock { $0.append("\(action.user.name): \(action.comment?.text ?? "")") }
            return .good
        }
        try space.addMethod(
            id("Fire"), name("Fire"), under: id("Plant"),
            .immediate { [unowned space, unowned core] _ in
                let speed = space[id("Speed")]?.variable?.value.value?.number ?? 0
                space.setValue(DataValue(Variant(speed + 1), sourceTimestamp: space.time()), of: id("Speed"))
                core.raise(
                    Event(source: id("Plant"), sourceName: "Plant", message: LocalizedText("fired"), severity: 600))
                // An alarm of its own for each client: that of the one before was acknowledged.
                core.add(hot)
                core.setAlarm(id("Hot"), AlarmState(isActive: true, message: "hot at \(speed)", severity: 700))
                return MethodOutcome()
            })
    }

    func stop() async {
        await server.stop()
        try? FileManager.default.removeItem(at: folder)
    }
}
