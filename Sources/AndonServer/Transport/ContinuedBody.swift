import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// The body of a sender that waits for a word before it sends (`Expect: 100-continue`, RFC 9110, 10.1.1): the word goes out when
/// somebody begins to read, and who is refused before that is spared the sending.
struct ContinuedBody: AsyncSequence, Sendable {
    let body: HummingbirdCore.RequestBody
    let channel: any Channel

    /// To the handler that knows whether the sender still waits.
    struct Wanted: Sendable {}

    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: HummingbirdCore.RequestBody.AsyncIterator
        /// Nil when the word was given.
        var channel: (any Channel)?

        mutating func next() async throws -> ByteBuffer? {
            if let channel {
                channel.triggerUserOutboundEvent(Wanted(), promise: nil)
                self.channel = nil
            }
            return try await iterator.next()
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: body.makeAsyncIterator(), channel: channel)
    }

    /// Whether a sender waits.
    static func isExpected(_ headers: HTTPFields) -> Bool { headers[.expect]?.lowercased() == "100-continue" }

    /// What answers requests, as before, to senders that wait as well.
    static func giving(_ responder: @escaping HTTPChannelHandler.Responder) -> HTTPChannelHandler.Responder {
        { request, writer, channel in
            var request = request
            if isExpected(request.headers) {
                request.body = HummingbirdCore.RequestBody(
                    asyncSequence: ContinuedBody(body: request.body, channel: channel))
            }
            try await responder(request, writer, channel)
        }
    }
}
