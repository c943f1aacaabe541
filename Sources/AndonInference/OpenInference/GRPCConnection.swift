import AndonVision
import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL

/// A connection of HTTP/2 to one server, without an upgrade (prior knowledge) or by TLS; calls share it as streams. A new
/// one is made where the last has ended.
actor GRPCConnection {
    private struct Link: Sendable {
        var channel: any Channel
        var streams: NIOHTTP2Handler.AsyncStreamMultiplexer<Void>
    }

    /// `TCP_USER_TIMEOUT` of Linux, in milliseconds: a peer whose machine or cable is gone acknowledges nothing, and would
    /// leave the connection open for a quarter of an hour.
    private static let userTimeout = NIOBSDSocket.Option(rawValue: 18)

    private let server: OpenInferenceServer
    private let connect: AddressCheck
    /// The link, or the attempt at one that all calls wait for.
    private var link: Task<Result<Link, FailedAttempt>, Never>?
    private var isClosed = false

    init(_ server: OpenInferenceServer, _ connect: @escaping AddressCheck) {
        (self.server, self.connect) = (server, connect)
    }

    func call(_ method: String, _ message: ByteBuffer) async throws(FailedAttempt) -> ByteBuffer {
        let link = try await openLink()
        let stream: (channel: any Channel, answer: EventLoopFuture<ByteBuffer>)
        do {
            stream = try await link.streams.openStream { [server] channel in
                let answer = channel.eventLoop.makePromise(of: ByteBuffer.self)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(GRPCCall(server, method: method, message, answer))
                    return (channel, answer.futureResult)
                }
            }
        } catch {
            // A server that is going away takes no more streams on a link that still stands.
            link.channel.close(promise: nil)
            throw broken("the connection took no more calls: \(error)")
        }
        do {
            return try await withTaskCancellationHandler {
                try await stream.answer.get()
            } onCancel: {
                stream.channel.close(promise: nil)
            }
        } catch {
            throw error as? FailedAttempt ?? broken("the call failed: \(error)")
        }
    }

    func close() async {
        isClosed = true
        if case .success(let link)? = await link?.value { try? await link.channel.close() }
    }

    private func openLink() async throws(FailedAttempt) -> Link {
        if let task = link {
            if case .success(let link) = await task.value, link.channel.isActive { return link }
            // Another call may have begun a new one in the meantime.
            if link == task { link = nil }
        }
        guard !isClosed else {
            throw FailedAttempt(error: server.failure(.unavailable, "the engine was closed"), mayRepeat: false)
        }
        let task = link ?? Task { await make() }
        link = task
        return try await task.value.get()
    }

    private func make() async -> Result<Link, FailedAttempt> {
        let address: String
        do throws(InferenceError) {
            address = try await connect(server.host, server.port)
        } catch {
            return .failure(FailedAttempt(error: error, mayRepeat: false))
        }
        do {
            let context = server.usesTLS ? try NIOSSLContext(configuration: server.tls(["h2"])) : nil
            return .success(
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.init(server.deadline))
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelOption(.tcpOption(Self.userTimeout), value: 10_000)
                    .connect(host: address, port: server.port) { [server] channel in
                        channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, server, context) }
                    })
        } catch {
            return .failure(broken("the connection failed: \(error)"))
        }
    }

    private static func prepare(
        _ channel: any Channel, _ server: OpenInferenceServer, _ tls: NIOSSLContext?
    ) throws -> Link {
        if let tls {
            // An address in place of a name goes without the indication of a name (RFC 6066 section 3).
            let name = try? SocketAddress(ipAddress: server.host, port: server.port)
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: name == nil ? server.host : nil))
        }
        var configuration = NIOHTTP2Handler.Configuration()
        // A heat map of 1 MiB comes without waiting for leave to send more.
        configuration.stream.targetWindowSize = 4 << 20
        configuration.connection.targetWindowSize = 16 << 20
        let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .client, configuration: configuration
        ) { pushed in pushed.close() }
        return Link(channel: channel, streams: streams)
    }

    private func broken(_ words: String) -> FailedAttempt {
        FailedAttempt(error: server.failure(.unavailable, words), mayRepeat: true)
    }
}
