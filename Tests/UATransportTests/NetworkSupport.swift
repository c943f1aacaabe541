import Foundation
import NIOCore
import NIOPosix
import UACodec
import UASecurity

@testable import UATransport

/// Answers reads with a value that says how many there were, and keeps what happened to the connections.
final class EchoServer: ServerConnectionDelegate {
    private(set) var openedPeers: [ChannelPeer] = []
    private(set) var closedCount = 0
    var connections: [any ServerConnection] = []
    /// Bytes of the string that each read is answered with.
    var answerBytes = 10
    var reads = 0

    func opened(_ connection: any ServerConnection) {
        openedPeers.append(connection.peer)
        connections.append(connection)
    }

    func received(_ body: [UInt8], requestId: UInt32, from connection: any ServerConnection) {
        guard let request = try? ServiceMessage.decode(body) as? ReadRequest else { return connection.close(nil) }
        reads += 1
        let value = DataValue(Variant(String(repeating: "x", count: answerBytes)))
        let header = ResponseHeader(requestHandle: request.requestHeader.requestHandle)
        let response = ReadResponse(responseHeader: header, results: request.nodesToRead.map { _ in value })
        connection.send(response, requestId: requestId)
    }

    func closed(_ connection: any ServerConnection) {
        closedCount += 1
        connections.removeAll { $0 === connection }
    }
}

/// Two applications that trust each other, and a server on loopback.
final class Loopback: Sendable {
    static let clock: @Sendable () -> DateTime = { DateTime(unixMicroseconds: 1_795_000_000_000_000) }

    let folder: URL
    let serverTrust: TrustList
    let client: ApplicationInstance
    let server: ApplicationInstance
    let loop: any EventLoop
    let bound: NIOLoopBound<(ServerListener, EchoServer)>
    let port: Int
    let log: Log

    /// What the listener said.
    actor Log {
        private(set) var lines: [String] = []

        func add(_ line: String) { lines.append(line) }
    }

    init(trusts: Bool = true, _ adjust: @Sendable (inout ListenerConfiguration) -> Void = { _ in }) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ua-\(UUID().uuidString)")
        client = try Self.application("client")
        server = try Self.application("server")
        serverTrust = try TrustList(folder: folder.appendingPathComponent("server"))
        if trusts {
            let file = folder.appendingPathComponent("server/trusted/certs/client.der")
            try Data(client.certificate.der).write(to: file)
        }
        loop = MultiThreadedEventLoopGroup.singleton.next()
        let everything = SecurityPolicy.allCases.flatMap {
            policy -> [(SecurityPolicy, UASecurity.MessageSecurityMode)] in
            policy == .none ? [(policy, .none)] : [(policy, .sign), (policy, .signAndEncrypt)]
        }
        var configuration = ListenerConfiguration(
            security: everything, own: server, trust: serverTrust, now: Self.clock)
        configuration.openingBurst = 10_000
        configuration.handshakeSeconds = 300
        configuration.sessionSeconds = 300
        adjust(&configuration)
        let (final, log, loop) = (configuration, Log(), loop)
        self.log = log
        bound = try await loop.submit {
            let echo = EchoServer()
            let listener = ServerListener(final, delegate: echo, loop: loop) { line in Task { await log.add(line) } }
            return NIOLoopBound((listener, echo), eventLoop: loop)
        }.get()
        let bound = bound
        port = try await loop.flatSubmit { bound.value.0.start(host: "127.0.0.1", port: 0) }.get()
    }

    private static func application(_ name: String) throws -> ApplicationInstance {
        let key = try RSAPrivateKey(bits: 2048)
        let description = ApplicationDescription(
            applicationURI: "urn:test:\(name)", name: name, hostNames: ["localhost"], addresses: ["127.0.0.1"])
        return try ApplicationInstance.make(description, key: key)
    }

    func target(
        _ policy: SecurityPolicy = .none, _ mode: UASecurity.MessageSecurityMode = .none
    ) async throws -> ClientTarget {
        var target = ClientTarget(
            host: "127.0.0.1", port: port, endpointUrl: "opc.tcp://localhost:\(port)", now: Self.clock)
        // The whole suite runs beside it.
        target.connectTimeout = .seconds(300)
        guard policy != .none else { return target }
        let trust = try TrustList(folder: folder.appendingPathComponent("client"))
        try Data(server.certificate.der).write(to: folder.appendingPathComponent("client/trusted/certs/s.der"))
        let checked = try await trust.check(chain: server.chain, CertificateExpectation(role: .server))
        target.security = ClientSecurity(policy: policy, mode: mode, own: client, server: checked)
        return target
    }

    func open(
        _ policy: SecurityPolicy = .none, _ mode: UASecurity.MessageSecurityMode = .none
    ) async throws -> ClientChannel {
        try await ClientChannel.open(try await target(policy, mode), group: MultiThreadedEventLoopGroup.singleton)
    }

    func onServer<Value: Sendable>(_ work: @escaping @Sendable (ServerListener, EchoServer) -> Value) async throws
        -> Value
    {
        let bound = bound
        return try await loop.submit { work(bound.value.0, bound.value.1) }.get()
    }

    func stop() async throws {
        try await onServer { listener, _ in listener.stop() }
        try? FileManager.default.removeItem(at: folder)
    }
}

extension ClientChannel {
    func read(_ count: Int = 1) async throws -> [String?] {
        let nodes = (0..<count).map { ReadValueId(nodeId: NodeId(UInt32($0)), attributeId: 13) }
        let response = try await send(ReadRequest(nodesToRead: nodes), timeout: .seconds(300))
        return response.results.map { $0.value?.value(as: String.self) }
    }
}
