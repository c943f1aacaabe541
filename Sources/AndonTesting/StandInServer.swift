import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A real HTTP server in the test's process, for the CMMS that a plant would have.
public final class StandInServer: Sendable {
    public typealias Handler = StandInHandler

    /// PEM files of a server that speaks TLS, and asks its callers for a certificate of `clients`' authority where there is one.
    public struct Certificates: Sendable {
        public var certificate: String
        public var key: String
        public var clients: String?

        public init(certificate: String, key: String, clients: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clients = clients
        }

        func context() throws -> NIOSSLContext {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            if let clients {
                tls.trustRoots = .file(clients)
                tls.certificateVerification = .noHostnameVerification
            }
            return try NIOSSLContext(configuration: tls)
        }
    }

    private let channel: any Channel
    public let port: Int
    private let scheme: String
    private let presented: Presented

    /// What it shows to who connects, and who has.
    private final class Presented: Sendable {
        private let state: Mutex<(context: NIOSSLContext?, connections: [ObjectIdentifier: any Channel])>

        init(_ context: NIOSSLContext?) { state = Mutex((context, [:])) }

        var context: NIOSSLContext? { state.withLock { $0.context } }

        func add(_ channel: any Channel) {
            let name = ObjectIdentifier(channel)
            state.withLock { $0.connections[name] = channel }
            channel.closeFuture.whenComplete { [self] _ in
                _ = state.withLock { $0.connections.removeValue(forKey: name) }
            }
        }

        func put(_ context: NIOSSLContext) {
            let connections = state.withLock { state in
                state.context = context
                return state.connections.values
            }
            for connection in connections { connection.close(promise: nil) }
        }
    }

    /// Starts on `host`; port 0 takes a free one.
    public init(
        host: String = "127.0.0.1", port: Int = 0, certificates: Certificates? = nil, handler: @escaping Handler
    ) async throws {
        let presented = Presented(try certificates?.context())
        self.presented = presented
        scheme = certificates == nil ? "http" : "https"
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    presented.add(channel)
                    if let tls = presented.context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Exchange(handler: handler))
                }
            }
            .bind(host: host, port: port).get()
        self.port = channel.localAddress?.port ?? 0
    }

    /// A server that says `bytes` to everybody, whatever is asked, and then nothing more, or hangs up.
    public init(saying bytes: [UInt8], hangsUp: Bool) async throws {
        scheme = "tcp"
        presented = Presented(nil)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Monologue(bytes: bytes, hangsUp: hangsUp))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// Shows other certificates from now on; connections that are open are closed, as by a restart.
    public func present(_ certificates: Certificates) throws { presented.put(try certificates.context()) }

    public var address: String { "\(scheme)://127.0.0.1:\(port)" }

    public func stop() async throws {
        try await channel.close().get()
    }
}

/// Says its bytes; what comes is read and dropped.
private final class Monologue: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let bytes: [UInt8]

    private let hangsUp: Bool

    init(bytes: [UInt8], hangsUp: Bool) {
        self.bytes = bytes
        self.hangsUp = hangsUp
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        if hangsUp { context.close(mode: .output, promise: nil) }
    }
}

/// Collects one request at a time and writes its answer.
private final class Exchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let handler: StandInServer.Handler
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(handler: @escaping StandInServer.Handler) {
        self.handler = handler
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer): body += buffer.readableBytesView
        case .end:
            guard let head else { return }
            Self.start(Self.request(head, body), handler, on: context.channel)
        }
    }

    private static func start(
        _ request: StandInRequest, _ handler: @escaping StandInServer.Handler, on channel: any Channel
    ) {
        Task { await answer(request, handler, on: channel) }
    }

    private static func request(_ head: HTTPRequestHead, _ body: [UInt8]) -> StandInRequest {
        let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            // As servers of forms do it: a plus is a space.
            let sides = pair.replacing("+", with: " ").split(separator: "=", maxSplits: 1).map {
                $0.removingPercentEncoding ?? ""
            }
            query[sides[0]] = sides.count > 1 ? sides[1] : ""
        }
        return StandInRequest(
            method: head.method.rawValue, path: (parts.first ?? "").removingPercentEncoding ?? "", query: query,
            headers: head.headers.map { ($0.name, $0.value) }, body: body)
    }

    private static func answer(
        _ request: StandInRequest, _ handler: StandInServer.Handler, on channel: any Channel
    ) async {
        switch await handler(request) {
        case .hang: return
        case .drop: channel.close(promise: nil)
        case .answer(let status, let headers, let body):
            var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
            for (name, value) in headers { head.headers.add(name: name, value: value) }
            if !head.headers.contains(name: "date") { head.headers.add(name: "date", value: date()) }
            if status != 204 { head.headers.replaceOrAdd(name: "content-length", value: String(body.count)) }
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            if !body.isEmpty {
                channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            }
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }

    /// As origin servers with a clock must send it (RFC 9110 section 6.6.1).
    private static func date() -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.string(from: Date())
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
