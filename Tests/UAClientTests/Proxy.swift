import NIOCore
import NIOPosix
import Synchronization

/// A TCP relay in front of a server, which can be cut and can stop the server's answers as a bad network does.
final class Proxy: Sendable {
    let port: Int
    private let listener: any Channel
    private let state: State

    final class State: Sendable {
        struct Values {
            var pairs: [any Channel] = []
            var dropsAnswers = false
            var dropped = 0
            var connections = 0
        }
        let values = Mutex(Values())
    }

    init(to target: Int) async throws {
        let state = State()
        let group = MultiThreadedEventLoopGroup.singleton
        listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { inbound in
                ClientBootstrap(group: inbound.eventLoop).connect(host: "127.0.0.1", port: target).flatMap { outbound in
                    state.values.withLock {
                        $0.pairs += [inbound, outbound]
                        $0.connections += 1
                    }
                    return inbound.pipeline.addHandler(Relay(to: outbound, state, isAnswer: false)).flatMap {
                        outbound.pipeline.addHandler(Relay(to: inbound, state, isAnswer: true))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        self.state = state
    }

    var connections: Int { state.values.withLock { $0.connections } }

    /// How many answers have vanished.
    var dropped: Int { state.values.withLock { $0.dropped } }

    /// From now on the server's answers vanish, and its connection stays.
    func dropAnswers(_ drops: Bool) { state.values.withLock { $0.dropsAnswers = drops } }

    /// Ends all connections, and lets new ones in.
    func cut() {
        let pairs = state.values.withLock { values in
            defer { values.pairs = [] }
            return values.pairs
        }
        for channel in pairs { channel.close(promise: nil) }
    }

    func close() async {
        cut()
        try? await listener.close()
    }
}

private final class Relay: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let state: Proxy.State
    private let isAnswer: Bool

    init(to other: any Channel, _ state: Proxy.State, isAnswer: Bool) {
        self.other = other
        self.state = state
        self.isAnswer = isAnswer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let vanishes = state.values.withLock { values in
            guard isAnswer, values.dropsAnswers else { return false }
            values.dropped += 1
            return true
        }
        guard !vanishes else { return }
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
