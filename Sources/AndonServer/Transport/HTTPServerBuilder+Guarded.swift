import Hummingbird
import HummingbirdCore

extension HTTPServerBuilder {
    /// HTTP/1.1 whose slow senders are cut off, over TLS where there is `security`.
    static func guarded(_ limits: SlowRequestGuard.Limits, _ security: TransportSecurity?) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(additionalChannelHandlers: [SlowRequestGuard(limits)])
        guard let security else { return .http1(configuration: configuration) }
        return HTTPServerBuilder { responder in
            SecureChannel(
                http: HTTP1Channel(responder: responder, configuration: configuration), security: security)
        }
    }
}
