import AndonVision
import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One unary call on a stream of its own (gRPC over HTTP2, github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
final class GRPCCall: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// In front of each message: a flag for compression, and its length in 4 bytes.
    private static let prefixBytes = 5

    private let server: OpenInferenceServer
    private let headers: HPACKHeaders
    private let message: ByteBuffer
    private let answer: EventLoopPromise<ByteBuffer>
    private var received = ByteBuffer()
    private var isOver = false

    init(_ server: OpenInferenceServer, method: String, _ message: ByteBuffer, _ answer: EventLoopPromise<ByteBuffer>) {
        (self.server, self.message, self.answer) = (server, message, answer)
        // Eight digits at most.
        let milliseconds = Int(min(max(server.deadline / .milliseconds(1), 1), 99_999_999))
        headers = [
            ":method": "POST", ":scheme": server.usesTLS ? "https" : "http",
            ":path": "/inference.GRPCInferenceService/\(method)", ":authority": "\(server.host):\(server.port)",
            "grpc-timeout": "\(milliseconds)m", "content-type": "application/grpc", "te": "trailers",
            "user-agent": "andon",
        ]
    }

    func channelActive(context: ChannelHandlerContext) {
        var prefix = ByteBuffer()
        prefix.writeInteger(UInt8(0))
        prefix.writeInteger(UInt32(message.readableBytes))
        context.write(wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(prefix)))), promise: nil)
        context.writeAndFlush(
            wrapOutboundOut(.data(.init(data: .byteBuffer(message), endStream: true))), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame): read(frame.headers, isLast: frame.endStream, context)
        case .data(let frame):
            guard case .byteBuffer(let bytes) = frame.data else { return }
            guard received.readableBytes + bytes.readableBytes <= server.answerBytesMax + Self.prefixBytes else {
                return end(refused("its answer is larger than \(server.answerBytesMax) bytes"), context)
            }
            received.writeImmutableBuffer(bytes)
            if frame.endStream { end(refused("its answer ends without a status"), context) }
        default: return
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(broken("the connection ended before the answer"), context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(broken("the connection ended before the answer"), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(broken("the connection failed: \(error)"), context)
    }

    private func read(_ headers: HPACKHeaders, isLast: Bool, _ context: ChannelHandlerContext) {
        if let status = headers.first(name: ":status"), !status.hasPrefix("1"), status != "200" {
            return end(http(status), context)
        }
        if let status = headers.first(name: "grpc-status") {
            let words = headers.first(name: "grpc-message").map { $0.removingPercentEncoding ?? $0 } ?? ""
            end(Int(status) == 0 ? unwrapped() : .failure(failure(Int(status) ?? 2, words)), context)
        } else if isLast {
            end(refused("its answer ends without a status"), context)
        }
    }

    private func unwrapped() -> Result<ByteBuffer, FailedAttempt> {
        guard let flag: UInt8 = received.readInteger(), flag == 0, let length: UInt32 = received.readInteger(),
            Int(length) == received.readableBytes
        else { return refused("its answer is not one uncompressed message") }
        return .success(received)
    }

    private func end(_ result: Result<ByteBuffer, FailedAttempt>, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        answer.completeWith(result.mapError { $0 })
        context.close(promise: nil)
    }

    private func refused(_ words: String) -> Result<ByteBuffer, FailedAttempt> {
        .failure(FailedAttempt(error: server.failure(.refused, words), mayRepeat: false))
    }

    private func broken(_ words: String) -> Result<ByteBuffer, FailedAttempt> {
        .failure(FailedAttempt(error: server.failure(.unavailable, words), mayRepeat: true))
    }

    /// Before gRPC is reached a proxy may answer.
    private func http(_ status: String) -> Result<ByteBuffer, FailedAttempt> {
        let kind: InferenceError.Kind = ["429", "502", "503", "504"].contains(status) ? .overloaded : .refused
        return .failure(
            FailedAttempt(
                error: server.failure(kind, "it answers HTTP \(status) and does not speak gRPC here"),
                mayRepeat: status == "503"))
    }

    /// Codes of gRPC (github.com/grpc/grpc/blob/master/doc/statuscodes.md).
    private func failure(_ code: Int, _ words: String) -> FailedAttempt {
        let kind: InferenceError.Kind =
            switch code {
            case 1, 4: .late
            case 8: .overloaded
            case 13, 14: .unavailable
            default: .refused
            }
        let reason = "it answers gRPC status \(code)\(words.isEmpty ? "" : ": \(words.prefix(500))")"
        return FailedAttempt(error: server.failure(kind, reason), mayRepeat: code == 14)
    }
}
