import NIOCore
import UACodec
import UASecurity
import UATransport

/// What servers say of themselves to anyone who asks. None of it is proved until a channel is open and a session made.
public enum Discovery {
    /// The servers that a server or a discovery server knows (Part 4, 5.5.2).
    public static func servers(
        at address: ServerAddress, group: any EventLoopGroup, limits: ClientLimits = ClientLimits(),
        timeout: Duration = .seconds(10)
    ) async throws(ClientError) -> [UACodec.ApplicationDescription] {
        let request = FindServersRequest(endpointUrl: "\(address)")
        let opener = NIOLinkOpener(group: group)
        let servers = try await ask(request, at: address, opener, limits, timeout).servers
        guard servers.count <= limits.endpoints else { throw .limit("servers", allowed: limits.endpoints) }
        return servers
    }

    /// The ways into a server (Part 4, 5.5.4).
    public static func endpoints(
        at address: ServerAddress, group: any EventLoopGroup, limits: ClientLimits = ClientLimits(),
        timeout: Duration = .seconds(10)
    ) async throws(ClientError) -> [EndpointDescription] {
        try await endpoints(at: address, NIOLinkOpener(group: group), limits, timeout)
    }

    static func endpoints(
        at address: ServerAddress, _ opener: any LinkOpener, _ limits: ClientLimits, _ timeout: Duration
    ) async throws(ClientError) -> [EndpointDescription] {
        let request = GetEndpointsRequest(endpointUrl: "\(address)")
        let endpoints = try await ask(request, at: address, opener, limits, timeout).endpoints
        guard endpoints.count <= limits.endpoints else { throw .limit("endpoints", allowed: limits.endpoints) }
        return endpoints
    }

    /// Discovery goes over a channel of its own without protection, and takes far less than a session does.
    private static func ask<Request: ServiceRequest>(
        _ request: Request, at address: ServerAddress, _ opener: any LinkOpener, _ limits: ClientLimits,
        _ timeout: Duration
    ) async throws(ClientError) -> Request.Response {
        var codec = limits.codec
        codec.messageBytes = min(codec.messageBytes, 1 << 20)
        var transport = limits.transport
        transport.messageBytes = min(transport.messageBytes, 1 << 20)
        transport.chunkCount = min(transport.chunkCount, 128)
        var target = ClientTarget(
            host: address.host, port: address.port, endpointUrl: "\(address)", now: ClientTime.real.wall)
        target.limits = transport
        target.codec = codec
        target.connectTimeout = timeout
        do throws(TransportError) {
            let link = try await opener.open(target)
            let answer: Result<Request.Response, TransportError>
            do throws(TransportError) { answer = .success(try await link.send(request, timeout: timeout)) } catch {
                answer = .failure(error)
            }
            await link.close()
            return try answer.get()
        } catch {
            throw ClientError(error)
        }
    }
}
