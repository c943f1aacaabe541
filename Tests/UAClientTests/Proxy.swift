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
            /// Answers of each new connection that still come while answers vanish.
            var passes = 0
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
    /// - Parameter after: as many answers of each connection that is made from now on still come.
    func dropAnswers(_ drops: Bool, after passes: Int = 0) {
        state.values.withLock {
            $0.dropsAnswers = drops
            $0.passes = passes
        }
    }

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
    private let passed = Mutex(0)

    init(to other: any Channel, _ state: Proxy.State, isAnswer: Bool) {
        self.other = other
        self.state = state
        self.isAnswer = isAnswer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let vanishes = state.values.withLock { values in
            guard isAnswer, values.dropsAnswers else { return false }
            let count = passed.withLock { count in
                count += 1
                return count
            }
            guard count > values.passes else { return false }
            values.dropped += 1
            return true
        }
        guard !vanishes else { return }
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
