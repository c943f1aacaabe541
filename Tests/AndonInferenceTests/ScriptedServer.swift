import NIOCore
import NIOPosix
import Synchronization

/// A server of HTTP/1.1 that answers metadata as the protocol has it, and each inference with the next bytes of a script.
final class ScriptedServer: Sendable {
    enum Reply: Sendable {
        case bytes([UInt8])
        /// These bytes, and then the connection ends.
        case cut([UInt8])
        case silence
    }

    let port: Int
    private let channel: any Channel
    private let script: Script

    /// How many inferences were asked for.
    var count: Int { script.state.withLock { $0.asked } }

    init(_ replies: [Reply]) async throws {
        let script = Script(replies)
        self.script = script
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    private final class Script: Sendable {
        let state: Mutex<(replies: [Reply], asked: Int)>

        init(_ replies: [Reply]) { state = Mutex((replies, 0)) }

        func reply(to path: String) -> Reply {
            switch path {
            case "/v2": .bytes(http("200 OK", "{\"name\":\"scripted\",\"version\":\"1\"}"))
            case "/v2/models/m/ready": .bytes(http("200 OK", ""))
            case "/v2/models/m":
                .bytes(
                    http(
                        "200 OK",
                        """
                        {"inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],
                        "outputs":[{"name":"y","datatype":"FP32","shape":[-1,2]}]}
                        """))
            default:
                state.withLock { state in
                    state.asked += 1
                    return state.replies.isEmpty ? .silence : state.replies.removeFirst()
                }
            }
        }
    }

    static func http(_ status: String, _ body: String, tensors: [UInt8] = [], header: String? = nil) -> [UInt8] {
        let length = header.map { "Inference-Header-Content-Length: \($0)\r\n" } ?? ""
        let bytes = Array(body.utf8) + tensors
        return Array("HTTP/1.1 \(status)\r\n\(length)Content-Length: \(bytes.count)\r\n\r\n".utf8) + bytes
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let script: Script
        private var bytes: [UInt8] = []

        init(_ script: Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
            let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) }
            guard bytes.count - end.upperBound >= length ?? 0 else { return }
            let path = lines[0].split(separator: " ")[1]
            bytes = []
            switch script.reply(to: String(path)) {
            case .bytes(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .cut(let bytes):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                context.close(promise: nil)
            case .silence: return
            }
        }
    }
}
