import AndonModel
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Closes a connection whose next request does not arrive whole in time: a sender that drips its bytes one by
/// one must not hold a connection for ever.
///
/// Three spans are limited: from the opened connection to its first head, from a head to its body's last byte,
/// and from an answer to the next head. While the server works on an answer nothing is. A request that is
/// answered before its body has ended (a refusal) is not read to its end: the answer goes out, and the connection
/// closes shortly after, so that the sender can read it.
final class SlowRequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits {
        var head: Duration
        var body: Duration
        var idle: Duration
        /// How long a sender that was answered early may take to read the answer.
        var linger: Duration = .seconds(2)
    }

    private let limits: Limits
    private var deadline: Scheduled<Void>?
    /// Whether a request's head has come and its end has not.
    private var isReceiving = false
    private var isLingering = false
    private var lingered = 0
    private static let lingerBytesMax = 4 << 20

    init(_ limits: Limits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { arm(limits.head, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        arm(limits.head, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isLingering else {
            if case .body(let piece) = unwrapInboundIn(data) { lingered += piece.readableBytes }
            if lingered > Self.lingerBytesMax { context.close(promise: nil) }
            return
        }
        switch unwrapInboundIn(data) {
        case .head:
            isReceiving = true
            arm(limits.body, context)
        case .body: break
        case .end:
            isReceiving = false
            disarm()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        if isReceiving {
            isLingering = true
            arm(limits.linger, context)
            let channel = context.channel
            let written = promise ?? context.eventLoop.makePromise(of: Void.self)
            written.futureResult.whenSuccess { channel.close(mode: .output, promise: nil) }
            context.write(data, promise: written)
        } else {
            arm(limits.idle, context)
            context.write(data, promise: promise)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        disarm()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        disarm()
    }

    private func arm(_ limit: Duration, _ context: ChannelHandlerContext) {
        disarm()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: .microseconds(limit.microseconds)) {
            channel.close(promise: nil)
        }
    }

    private func disarm() {
        deadline?.cancel()
        deadline = nil
    }
}
