import AndonIdentity
import AndonModel
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// A request on its way, with who asks and in which language.
public struct AppContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public var caller: Caller
    /// When the caller's session ends; nil without one.
    public var session: Session?
    public var language: Language
    /// What the client showed of itself over TLS; nil for a connection without, and for a client that showed nothing.
    public let certificate: ClientCertificate?

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        caller = .stranger
        language = .english
        certificate = TransportPeer.current?.certificate
    }

    /// Refuses what a route's own look at the request asks for beyond the access table.
    ///
    /// - Throws: ``Problem`` 403 `not-allowed`.
    public func demand(_ permission: Permission, at site: String? = nil) throws {
        guard caller.may(permission, at: site) else { throw caller.refusal(of: permission, at: site) }
    }
}
