import NIOCore

/// Hands what the socket brings to the client's channel, which runs on the same event loop.
final class ClientHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let owner: ClientChannel

    init(_ owner: ClientChannel) { self.owner = owner }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        owner.assumeIsolated { $0.received(buffer) }
    }

    func channelInactive(context: ChannelHandlerContext) { owner.assumeIsolated { $0.connectionEnded() } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let words = "\(error)"
        owner.assumeIsolated { $0.connectionFailed(words) }
        context.close(promise: nil)
    }
}
