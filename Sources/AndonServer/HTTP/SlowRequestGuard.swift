import AndonModel
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Closes a connection whose next request does not arrive whole in time: a sender that drips its bytes one by
/// one must not hold a connection for ever.
///
/// Three spans are limited: from the opened connection to its first head, from a head to its body's last byte,
/// and from an answer to the next head. While the server works on an answer nothing is.
final class SlowRequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits {
        var head: Duration
        var body: Duration
        var idle: Duration
    }

    private let limits: Limits
    private var deadline: Scheduled<Void>?
    private var isAnswered = false

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
        switch unwrapInboundIn(data) {
        case .head:
            isAnswered = false
            arm(limits.body, context)
        case .body: break
        // A refusal may be answered before the body has ended.
        case .end: isAnswered ? arm(limits.idle, context) : disarm()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            isAnswered = true
            if deadline == nil { arm(limits.idle, context) }
        }
        context.write(data, promise: promise)
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
