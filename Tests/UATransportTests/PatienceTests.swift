import Foundation
import NIOCore
import NIOEmbedded
import Testing
import UACodec
import UASecurity

@testable import UATransport

/// One connection of a server on a loop whose time stands still until it is told.
private final class Stand {
    let loop = EmbeddedEventLoop()
    let echo = EchoServer()
    let listener: ServerListener
    private let folder: URL

    init(_ adjust: (inout ListenerConfiguration) -> Void = { _ in }) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ua-\(UUID().uuidString)")
        let own = try ApplicationInstance.make(
            ApplicationDescription(applicationURI: "urn:test", name: "server"), key: try RSAPrivateKey(bits: 2048))
        var configuration = ListenerConfiguration(
            security: [(.none, .none)], own: own, trust: try TrustList(folder: folder), now: Loopback.clock)
        adjust(&configuration)
        listener = ServerListener(configuration, delegate: echo, loop: loop) { _ in }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func connect(from address: String = "192.0.2.1") throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ServerConnectionHandler(listener), loop: loop)
        channel.remoteAddress = try SocketAddress(ipAddress: address, port: 50_000)
        channel.connect(to: try SocketAddress(ipAddress: "192.0.2.9", port: 4840), promise: nil)
        return channel
    }
}

extension EmbeddedChannel {
    fileprivate func receive(_ bytes: [UInt8]) throws { try writeInbound(allocator.buffer(bytes: bytes)) }

    /// The error message that the server ends the connection with, whatever it sent before.
    fileprivate func farewell() throws -> StatusCode? {
        var reader = FrameReader(frameBytesMax: 65_536)
        while let buffer: ByteBuffer = try readOutbound() { reader.append(buffer.readableBytesView) }
        var last: Frame?
        while let frame = try reader.next() { last = frame }
        guard let last, last.type == .error else { return nil }
        return try ErrorMessage(binary: last.body).status
    }
}

@Suite("A server's patience with strangers")
struct PatienceTests {
    private let hello = try? TransportLimits().hello(endpointUrl: "opc.tcp://h:4840").frame().bytes

    private func opening(_ machine: inout SecureConnection) throws -> [UInt8] {
        let answer = Acknowledge(
            receiveBufferSize: 65_536, sendBufferSize: 65_536, maxMessageSize: 0, maxChunkCount: 0)
        machine.receive(try answer.frame().bytes)
        _ = try machine.next(now: 0)
        let body = try ServiceMessage.bytes(
            of: OpenSecureChannelRequest(securityMode: .none, requestedLifetime: 60_000))
        let header = AsymmetricHeader(channelId: 0, securityPolicyUri: SecurityPolicy.none.uri)
        return try machine.openChunk(body, requestId: 1, header: header, security: NoSecurity())
    }

    @Test("Who says nothing, opens nothing or asks for no session within its time has to go")
    func times() throws {
        let stand = try Stand()
        let silent = try stand.connect()
        stand.loop.advanceTime(by: .seconds(5))
        #expect(try silent.farewell() == .badTimeout)
        let greeting = try stand.connect()
        stand.loop.advanceTime(by: .seconds(4))
        try greeting.receive(try #require(hello))
        stand.loop.advanceTime(by: .seconds(4))
        #expect(try greeting.farewell() == nil)
        stand.loop.advanceTime(by: .seconds(1))
        #expect(try greeting.farewell() == .badTimeout)
        let open = try stand.connect()
        try open.receive(try #require(hello))
        var machine = SecureConnection(.client)
        try open.receive(try opening(&machine))
        #expect(stand.echo.connections.count == 1)
        stand.loop.advanceTime(by: .seconds(29))
        #expect(try open.farewell() == nil)
        stand.loop.advanceTime(by: .seconds(1))
        #expect(try open.farewell() == .badTimeout)
        stand.loop.advanceTime(by: .seconds(1))
        #expect(stand.echo.connections.isEmpty && stand.listener.connectionCount == 0)
    }

    @Test("Who has a session stays")
    func trusted() throws {
        let stand = try Stand()
        let channel = try stand.connect()
        try channel.receive(try #require(hello))
        var machine = SecureConnection(.client)
        try channel.receive(try opening(&machine))
        stand.echo.connections.first?.trust()
        stand.loop.advanceTime(by: .hours(1))
        #expect(try channel.farewell() == nil && channel.isActive)
    }

    @Test("Frames out of place end the connection with the specification's status")
    func outOfPlace() throws {
        let hello = try #require(hello)
        var machine = SecureConnection(.client)
        let early = try opening(&machine)
        let cases: [([UInt8], StatusCode)] = [
            (hello + hello, .badTcpMessageTypeInvalid), (early, .badTcpMessageTypeInvalid),
            (Array("GET / HTTP/1.1\r\n\r\n".utf8), .badTcpMessageTypeInvalid),
            (Array("HELF".utf8) + [4, 0, 0, 0], .badTcpMessageTypeInvalid),
            (Array("HELF".utf8) + [255, 255, 255, 255], .badTcpMessageTooLarge),
            (Array("MSGF".utf8) + [1, 0, 1, 0], .badTcpMessageTooLarge),
            (
                hello + Array("MSGC".utf8) + [24, 0, 0, 0] + [UInt8](repeating: 0, count: 16),
                .badTcpSecureChannelUnknown
            ),
        ]
        for (bytes, status) in cases {
            let stand = try Stand()
            let channel = try stand.connect()
            try channel.receive(bytes)
            #expect(try channel.farewell() == status, "\(bytes.prefix(12))")
            stand.loop.advanceTime(by: .seconds(6))
            #expect(!channel.isActive)
        }
    }

    @Test("Unfinished messages of all connections together stay within their bound")
    func pending() throws {
        let stand = try Stand {
            $0.pendingBytes = 100_000
            $0.strangerMessageBytes = 1 << 20
        }
        var channels: [EmbeddedChannel] = []
        for index in 0..<4 {
            let channel = try stand.connect(from: "192.0.2.\(index + 1)")
            try channel.receive(try #require(hello))
            var machine = SecureConnection(.client)
            try channel.receive(try opening(&machine))
            let id = try #require(stand.echo.connections.last?.channelId)
            machine.install(
                ChannelToken(id: 1, receiving: NoSecurity(), sending: NoSecurity(), createdAt: 0, lifetime: 60_000),
                channelId: id)
            // All chunks but the last.
            for chunk in try machine.messageChunks([UInt8](repeating: 0, count: 70_000), requestId: 2).dropLast() {
                try channel.receive(chunk)
            }
            channels.append(channel)
        }
        #expect(try channels.map { try $0.farewell() }.filter { $0 == .badTcpNotEnoughResources }.count == 3)
    }

    @Test("Where all places are taken the oldest stranger goes, and nobody with a session")
    func places() throws {
        let stand = try Stand { $0.connections = 2 }
        var machine = SecureConnection(.client)
        let first = try stand.connect()
        try first.receive(try #require(hello))
        try first.receive(try opening(&machine))
        stand.echo.connections.first?.trust()
        let second = try stand.connect(from: "192.0.2.2")
        stand.loop.advanceTime(by: .seconds(1))
        let third = try stand.connect(from: "192.0.2.3")
        #expect(try second.farewell() == .badTcpNotEnoughResources)
        stand.loop.advanceTime(by: .seconds(1))
        #expect(first.isActive && !second.isActive && third.isActive)
    }
}
