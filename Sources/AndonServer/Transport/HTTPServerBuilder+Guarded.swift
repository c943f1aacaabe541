import Hummingbird
import HummingbirdCore

extension HTTPServerBuilder {
    /// HTTP/1.1 whose slow senders are cut off, over TLS where there is `security`.
    static func guarded(_ limits: SlowRequestGuard.Limits, _ security: TransportSecurity?) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(additionalChannelHandlers: [SlowRequestGuard(limits)])
        return HTTPServerBuilder { responder in
            let http = HTTP1Channel(responder: ContinuedBody.giving(responder), configuration: configuration)
            guard let security else { return http }
            return SecureChannel(http: http, security: security)
        }
    }
}
