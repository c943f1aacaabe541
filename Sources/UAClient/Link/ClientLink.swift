import NIOCore
import UACodec
import UATransport

/// A secure channel as the client needs it, so that tests can put a scripted server in its place.
protocol ClientLink: Sendable {
    /// Sends a request and waits for its answer.
    func send<Request: ServiceRequest>(
        _ request: Request, timeout: Duration
    ) async throws(TransportError) -> Request.Response

    /// What the bodies of the server's own types are read as from now on.
    func setTypes(_ types: TypeRegistry) async

    func close() async

    /// Returns when the channel is over: with the reason, or nil where this side closed it.
    func waitUntilClosed() async -> TransportError?
}

extension ClientChannel: ClientLink {}

/// Opens channels.
protocol LinkOpener: Sendable {
    func open(_ target: ClientTarget) async throws(TransportError) -> any ClientLink
}

struct NIOLinkOpener: LinkOpener {
    var group: any EventLoopGroup
    var resolve: (@Sendable (_ host: String) async throws -> String)?

    func open(_ target: ClientTarget) async throws(TransportError) -> any ClientLink {
        var target = target
        if let resolve {
            do { target.address = try await resolve(target.host) } catch {
                throw TransportError(.badConnectionRejected, "\(error)")
            }
        }
        return try await ClientChannel.open(target, group: group)
    }
}
