import Foundation
import NIOCore
import NIOPosix
import Testing
import UACodec
import UASecurity

@testable import UATransport

@Suite("Channels over TCP")
struct NetworkTests {
    static let allWays: [(SecurityPolicy, UASecurity.MessageSecurityMode)] = SecurityPolicy.allCases.flatMap {
        policy -> [(SecurityPolicy, UASecurity.MessageSecurityMode)] in
        policy == .none ? [(policy, .none)] : [(policy, .sign), (policy, .signAndEncrypt)]
    }

    private func status(_ work: () async throws -> Void) async -> StatusCode? {
        do { try await work() } catch let error as TransportError { return error.status } catch {}
        return nil
    }

    @Test("Every policy and mode carries requests, in one chunk and in many, and through renewals", arguments: allWays)
    func ways(_ policy: SecurityPolicy, _ mode: UASecurity.MessageSecurityMode) async throws {
        let loopback = try await Loopback()
        let channel = try await loopback.open(policy, mode)
        #expect(try await channel.read() == [String(repeating: "x", count: 10)])
        for round in 0..<3 {
            // Some are on their way while the token changes.
            async let one = channel.read(200)
            await channel.renew()
            async let two = channel.read(3)
            #expect(try await one.count == 200)
            #expect(try await two.count == 3, "round \(round)")
            while await channel.isRenewing { _ = try await channel.read() }
        }
        try await loopback.onServer { _, echo in echo.answerBytes = 300_000 }
        #expect(try await channel.read(3).map { $0?.utf8.count } == [300_000, 300_000, 300_000])
        let peers = try await loopback.onServer { _, echo in echo.openedPeers }
        #expect(peers.map(\.policy) == [policy] && peers.map(\.mode) == [mode])
        #expect(peers.first?.certificate?.certificate == (policy == .none ? nil : loopback.client.certificate))
        await channel.close()
        #expect(await channel.waitUntilClosed() == nil)
        try await loopback.stop()
    }

    @Test("A stranger's certificate is refused, and put where an administrator finds it")
    func stranger() async throws {
        let loopback = try await Loopback(trusts: false)
        #expect(
            await status { _ = try await loopback.open(.aes256Sha256RsaPss, .signAndEncrypt) }
                == .badSecurityChecksFailed)
        #expect(await loopback.serverTrust.list().map(\.state) == [.rejected])
        try await loopback.stop()
    }

    @Test("Policies and modes that are not offered are refused")
    func notOffered() async throws {
        let loopback = try await Loopback { $0.security = [(.basic256Sha256, .signAndEncrypt)] }
        #expect(await status { _ = try await loopback.open(.none, .none) } == .badSecurityPolicyRejected)
        #expect(await status { _ = try await loopback.open(.aes256Sha256RsaPss, .sign) } == .badSecurityPolicyRejected)
        #expect(await status { _ = try await loopback.open(.basic256Sha256, .sign) } == .badSecurityModeRejected)
        await (try loopback.open(.basic256Sha256, .signAndEncrypt)).close()
        try await loopback.stop()
    }

    @Test("A request whose answer does not come tells that it was sent; one on a dead channel that it was not")
    func reach() async throws {
        let loopback = try await Loopback()
        let channel = try await loopback.open()
        do {
            _ = try await channel.send(CallRequest(), timeout: .seconds(300))
            Issue.record("answered")
        } catch {
            #expect(error.reach == .sent)
        }
        do {
            _ = try await channel.read()
            Issue.record("answered")
        } catch let error as TransportError {
            #expect(error.reach == .notSent)
        }
        try await loopback.stop()
    }

    @Test("An address that opens too often is told to wait; too many connections are refused")
    func bounds() async throws {
        let loopback = try await Loopback {
            $0.openingBurst = 2
            $0.openingsPerSecond = 0
            $0.connectionsPerAddress = 3
        }
        let first = try await loopback.open(.basic256Sha256, .sign)
        let second = try await loopback.open(.basic256Sha256, .sign)
        #expect(await status { _ = try await loopback.open(.basic256Sha256, .sign) } == .badTcpServerTooBusy)
        await first.renew()
        #expect(await first.waitUntilClosed()?.status == .badTcpServerTooBusy)
        let third = try await loopback.open()
        let fourth = try await loopback.open()
        #expect(await status { _ = try await loopback.open() } == .badTcpNotEnoughResources)
        for channel in [second, third, fourth] { await channel.close() }
        try await loopback.stop()
    }

    @Test("A client that does not read its answers is not read from either, and holds a bounded amount")
    func backPressure() async throws {
        let loopback = try await Loopback { $0.writeBufferBytes = 256 << 10 }
        try await loopback.onServer { _, echo in echo.answerBytes = 100_000 }
        // A socket of the kernel's own, which never reads.
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelOption(
            .autoRead, value: false)
        let socket = try await bootstrap.connect(host: "127.0.0.1", port: loopback.port).get()
        var machine = SecureConnection(.client)
        let buffer = { (bytes: [UInt8]) in socket.allocator.buffer(bytes: bytes) }
        try await socket.writeAndFlush(
            buffer(try TransportLimits().hello(endpointUrl: "opc.tcp://h").frame().bytes))
        machine.receive(
            try Acknowledge(
                receiveBufferSize: 65_536, sendBufferSize: 65_536, maxMessageSize: 0, maxChunkCount: 0
            ).frame().bytes)
        _ = try machine.next(now: 0)
        let open = try ServiceMessage.bytes(
            of: OpenSecureChannelRequest(securityMode: .none, requestedLifetime: 60_000))
        let header = AsymmetricHeader(channelId: 0, securityPolicyUri: SecurityPolicy.none.uri)
        try await socket.writeAndFlush(
            buffer(try machine.openChunk(open, requestId: 1, header: header, security: NoSecurity())))
        var id: UInt32 = 0
        while id == 0 { id = try await loopback.onServer { _, echo in echo.connections.first?.channelId ?? 0 } }
        machine.install(
            ChannelToken(id: 1, receiving: NoSecurity(), sending: NoSecurity(), createdAt: 0, lifetime: 60_000),
            channelId: id)
        let read = try ServiceMessage.bytes(of: ReadRequest(nodesToRead: [ReadValueId()]))
        for request in 0..<1000 {
            for chunk in try machine.messageChunks(read, requestId: UInt32(request + 2)) {
                socket.writeAndFlush(buffer(chunk), promise: nil)
            }
        }
        // Another client is served meanwhile; what is with the first stands still.
        let other = try await loopback.open()
        for _ in 0..<20 { _ = try await other.read() }
        let (reads, waiting) = try await loopback.onServer { _, echo in
            (echo.reads, echo.connections.map(\.waitingBytes).max() ?? 0)
        }
        #expect(reads < 120, "\(reads) reads were answered")
        #expect(waiting < 600_000, "\(waiting) bytes wait")
        try await socket.close()
        await other.close()
        try await loopback.stop()
    }

    @Test("A channel whose client is trusted no longer is closed")
    func distrust() async throws {
        let loopback = try await Loopback()
        let channel = try await loopback.open(.aes128Sha256RsaOaep, .signAndEncrypt)
        try await loopback.serverTrust.reject(thumbprint: loopback.client.certificate.thumbprintText)
        try await loopback.onServer { listener, _ in listener.trustChanged(99) }
        #expect(await channel.waitUntilClosed()?.status == .badSecurityChecksFailed)
        try await loopback.stop()
    }
}
