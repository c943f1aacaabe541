import NIOCore
import NIOPosix
import Synchronization

/// A TCP relay in front of a server, whose connections can be cut as a bad cable does.
public final class CuttableRelay: Sendable {
    public let port: Int
    private let listener: any Channel
    private let pairs: Pairs

    final class Pairs: Sendable {
        let open = Mutex<[any Channel]>([])
        let isAway = Mutex(false)
    }

    /// - Parameter target: a port of this machine; nobody need listen there yet.
    public init(to target: Int) async throws {
        let pairs = Pairs()
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { inbound in
                guard !pairs.isAway.withLock({ $0 }) else { return inbound.close() }
                return ClientBootstrap(group: inbound.eventLoop).connect(host: "127.0.0.1", port: target).flatMap {
                    outbound in
                    pairs.open.withLock { $0 += [inbound, outbound] }
                    return inbound.pipeline.addHandler(Passing(to: outbound)).flatMap {
                        outbound.pipeline.addHandler(Passing(to: inbound))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        self.pairs = pairs
    }

    /// Ends all connections, and lets nobody in until `rejoin`.
    public func part() {
        pairs.isAway.withLock { $0 = true }
        cut()
    }

    public func rejoin() { pairs.isAway.withLock { $0 = false } }

    /// Nothing passes until `thaw`, and nobody is told.
    public func freeze() { setReading(false) }

    /// The same, and from its return on nothing does. Not on a thread of the network's.
    public func freezeNow() throws {
        for channel in pairs.open.withLock({ $0 }) { try channel.setOption(.autoRead, value: false).wait() }
    }

    public func thaw() { setReading(true) }

    private func setReading(_ reads: Bool) {
        for channel in pairs.open.withLock({ $0 }) { _ = channel.setOption(.autoRead, value: reads) }
    }

    /// Ends all connections, and lets new ones in.
    public func cut() {
        for channel in takeOpen() { channel.close(promise: nil) }
    }

    /// Cuts, and goes on when both ends of each connection have seen it.
    public func cutNow() async {
        for channel in takeOpen() { try? await channel.close() }
    }

    private func takeOpen() -> [any Channel] {
        pairs.open.withLock { open in
            defer { open = [] }
            return open
        }
    }

    public func close() async {
        cut()
        try? await listener.close()
    }
}

private final class Passing: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(to other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
