import AndonIdentity
import AndonWeb
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// HTTP over TLS. Each connection takes the certificate that is in force when it is opened, and its requests know what the
/// client showed of itself.
struct SecureChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel.Value
        let peer: TransportPeer

        var channel: any Channel { http.channel }
    }

    let http: HTTP1Channel
    let security: TransportSecurity

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let peer = TransportPeer()
        let http = http
        return channel.eventLoop.makeCompletedFuture {
            let operations = channel.pipeline.syncOperations
            try operations.addHandler(NIOSSLServerHandler(context: security.context))
            try operations.addHandler(PeerNote(peer))
        }.flatMap {
            http.setup(channel: channel, logger: logger)
        }.map { Value(http: $0, peer: peer) }
    }

    func handle(value: Value, logger: Logger) async {
        await TransportPeer.$current.withValue(value.peer) {
            await http.handle(value: value.http, logger: logger)
        }
    }
}

/// Notes the client's certificate when the handshake is over, on the connection's own event loop.
private final class PeerNote: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let peer: TransportPeer

    init(_ peer: TransportPeer) { self.peer = peer }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            let shown = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
            peer.put(shown.flatMap { try? $0.toDERBytes() }.map { ClientCertificate(der: $0) })
        }
        context.fireUserInboundEventTriggered(event)
    }
}
