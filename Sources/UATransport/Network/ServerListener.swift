import NIOCore
import NIOPosix
import UACodec
import UASecurity

/// A server's port. All of its connections run on one event loop, and so does what answers them: nothing of it needs
/// a lock, and only RSA runs elsewhere.
///
/// Make it, start it and stop it on that event loop.
public final class ServerListener {
    public let configuration: ListenerConfiguration
    let loop: any EventLoop
    weak var delegate: (any ServerConnectionDelegate)?
    private var port: (any Channel)?
    private var connections: [ObjectIdentifier: ServerConnectionHandler] = [:]
    private var allowance = OpeningAllowance()
    private var nonces = NonceMemory()
    private var lastChannelId: UInt32
    private var watch: RepeatedTask?
    private var trusted = 0
    /// Where refused connections and broken rules go, with the address: for a log.
    private let report: @Sendable (String) -> Void

    public init(
        _ configuration: ListenerConfiguration, delegate: any ServerConnectionDelegate, loop: any EventLoop,
        report: @escaping @Sendable (String) -> Void
    ) {
        loop.preconditionInEventLoop()
        self.configuration = configuration
        self.delegate = delegate
        self.loop = loop
        self.report = report
        // Numbers that go on after a restart would let an old client speak on a new channel.
        lastChannelId = UInt32.random(in: 1...0x3FFF_FFFF)
    }

    /// Opens the port.
    ///
    /// - Parameter port: 0 for one that is free.
    /// - Returns: the port.
    public func start(host: String, port: Int) -> EventLoopFuture<Int> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let configuration = configuration
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 128)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: configuration.writeBufferBytes / 4, high: configuration.writeBufferBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ServerConnectionHandler(bound.value))
                }
            }
            .bind(host: host, port: port)
            .map { channel in
                bound.value.port = channel
                bound.value.watchTrust()
                return channel.localAddress?.port ?? port
            }
    }

    /// Closes the port and all connections.
    public func stop() {
        watch?.cancel()
        port?.close(promise: nil)
        port = nil
        for connection in connections.values { connection.close(.badShutdown) }
    }

    /// Connections that are open.
    public var connectionCount: Int { connections.count }

    // MARK: For the connections

    var now: Int64 { Int64(loop.now.uptimeNanoseconds / 1_000_000) }

    func say(_ text: String) { report(text) }

    func nextChannelId() -> UInt32 {
        lastChannelId = lastChannelId == UInt32.max ? 1 : lastChannelId + 1
        return lastChannelId
    }

    func allowsOpening(_ address: String) -> Bool {
        allowance.take(
            address, burst: configuration.openingBurst, perSecond: configuration.openingsPerSecond, now: now)
    }

    func isNew(_ nonce: ByteString) -> Bool { nonces.isNew(nonce) }

    /// Takes a connection in, or says why not.
    func admit(_ connection: ServerConnectionHandler) -> StatusCode? {
        let same = connections.values.filter { $0.peer.address == connection.peer.address }
        guard same.count < configuration.connectionsPerAddress else { return .badTcpNotEnoughResources }
        if connections.count >= configuration.connections {
            guard let oldest = strangers.first else { return .badTcpNotEnoughResources }
            oldest.close(.badTcpNotEnoughResources)
        }
        connections[ObjectIdentifier(connection)] = connection
        return nil
    }

    func remove(_ connection: ServerConnectionHandler) { connections[ObjectIdentifier(connection)] = nil }

    /// Connections without a session, the oldest first.
    private var strangers: [ServerConnectionHandler] {
        connections.values.filter { !$0.isTrusted }.sorted { $0.startedAt < $1.startedAt }
    }

    /// Keeps all unfinished messages together within their bound: who has the most of them goes, strangers first.
    func boundPending() {
        let all = connections.values
        guard all.reduce(0, { $0 + $1.pendingBytes }) > configuration.pendingBytes else { return }
        let worst = all.max { ($0.isTrusted ? 0 : 1, $0.pendingBytes) < ($1.isTrusted ? 0 : 1, $1.pendingBytes) }
        worst?.close(.badTcpNotEnoughResources)
    }

    /// Looks every ten seconds whether the trust list has changed, and checks the open channels again when it has.
    private func watchTrust() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let (trust, loop) = (configuration.trust, loop)
        watch = loop.scheduleRepeatedTask(initialDelay: .seconds(10), delay: .seconds(10)) { _ in
            Task {
                _ = await trust.current()
                let generation = await trust.generation
                loop.execute { bound.value.trustChanged(generation) }
            }
        }
    }

    func trustChanged(_ generation: Int) {
        guard generation != trusted else { return }
        trusted = generation
        for connection in connections.values { connection.checkTrust() }
    }
}
