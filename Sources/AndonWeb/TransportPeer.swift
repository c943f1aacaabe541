import AndonIdentity
import Synchronization

/// Who is at the other end of a connection over TLS. Filled when the handshake is over, so before any request comes.
///
/// A request's context is made where nobody may ask the connection itself, as that belongs to its event loop. So the
/// connection's task carries this along, and each request on it finds it there.
public final class TransportPeer: Sendable {
    /// Of the connection that the running task serves; nil for one without TLS.
    @TaskLocal public static var current: TransportPeer?

    private let kept = Mutex<ClientCertificate?>(nil)

    public init() {}

    /// What the client showed; nil when it showed nothing.
    public var certificate: ClientCertificate? { kept.withLock { $0 } }

    public func put(_ certificate: ClientCertificate?) { kept.withLock { $0 = certificate } }
}
