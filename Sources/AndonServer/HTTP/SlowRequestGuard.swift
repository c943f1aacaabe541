import AndonModel
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Closes a connection whose next request does not arrive whole in time: a sender that drips its bytes one by
/// one must not hold a connection for ever.
///
/// Three spans are limited: from the opened connection to its first head, from a head to its body's last byte,
/// and from an answer to the next head. While the server works on an answer nothing is.
///
/// A request that is answered before its body has ended (a refusal) has the connection closed behind the answer, unless the
/// answer says that it goes on. Most senders
/// look for an answer when they have sent all, and one that is closed on meanwhile sees its connection broken, and no
/// answer: so what they send is read and dropped, up to a number of bytes, and as long as it moves and a body may take.
///
/// A sender that waits for a word before it sends its body gets it when the body is wanted.
final class SlowRequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits {
        var head: Duration
        var body: Duration
        var idle: Duration
        /// How long a sender that was answered early may send nothing, or take to read the answer.
        var linger: Duration = .seconds(2)
        /// What is dropped of its body.
        var lingerBytesMax = Self.lingerBytes

        static let lingerBytes = 4 << 20
    }

    private let limits: Limits
    private var deadline: Scheduled<Void>?
    /// Whether a request's head has come and its end has not.
    private var isReceiving = false
    /// Whether the answer has gone out before the request's end was here, on a connection that goes on.
    private var isAnswered = false
    private var requestCloses = false
    private var goesOn = false
    private var isLingering = false
    private var lingered = 0
    /// When the body under way has to be here.
    private var bodyDeadline = NIODeadline.distantFuture
    private var isAwaitingWord = false
    /// Of an answer that came before its body's end: whether it has gone out.
    private var answered: EventLoopFuture<Void>?

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
        let part = unwrapInboundIn(data)
        guard !isLingering else { return drop(part, context) }
        switch part {
        case .head(let head):
            (isReceiving, isAnswered) = (true, false)
            requestCloses = head.headerFields[.connection]?.lowercased() == "close"
            isAwaitingWord = ContinuedBody.isExpected(head.headerFields)
            bodyDeadline = .now() + .microseconds(limits.body.microseconds)
            arm(limits.body, context)
        case .body: isAwaitingWord = false
        case .end:
            isReceiving = false
            if isAnswered { arm(limits.idle, context) } else { disarm() }
        }
        context.fireChannelRead(data)
    }

    /// Behind an answer that went out before the body's end.
    private func drop(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .body(let piece):
            lingered += piece.readableBytes
            guard lingered <= limits.lingerBytesMax else { return context.close(promise: nil) }
            arm(limits.linger, by: bodyDeadline, context)
        // Nothing is on its way any more that a closed connection would answer with a reset.
        case .end: answered?.whenComplete { [channel = context.channel] _ in channel.close(promise: nil) }
        case .head: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Who would ask for more has what it wanted.
        if isLingering { context.read() }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is ContinuedBody.Wanted else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if isAwaitingWord, isReceiving, !isLingering {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        isAwaitingWord = false
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            goesOn = !requestCloses && head.headerFields[.connection] == Answer.Connection.goesOn.rawValue
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end: end(context: context, data: data, promise: promise)
        }
    }

    private func end(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isReceiving, goesOn {
            // The body's deadline stands.
            isAnswered = true
            context.write(data, promise: promise)
        } else if isReceiving {
            isLingering = true
            arm(limits.linger, by: bodyDeadline, context)
            let channel = context.channel
            let written = promise ?? context.eventLoop.makePromise(of: Void.self)
            answered = written.futureResult
            written.futureResult.whenSuccess { channel.close(mode: .output, promise: nil) }
            context.write(data, promise: written)
            context.read()
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

    private func arm(
        _ limit: Duration, by latest: NIODeadline = .distantFuture, _ context: ChannelHandlerContext
    ) {
        disarm()
        let channel = context.channel
        let time = min(NIODeadline.now() + .microseconds(limit.microseconds), latest)
        deadline = context.eventLoop.scheduleTask(deadline: time) { channel.close(promise: nil) }
    }

    private func disarm() {
        deadline?.cancel()
        deadline = nil
    }
}
