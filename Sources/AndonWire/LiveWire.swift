import AndonModel
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// The network. One for each connector; `close()` it when the server ends.
///
/// It follows no redirects, uses no proxy, keeps no cookies, sends nothing twice and speaks TLS 1.2 or later.
/// Whether a failure is `.notSent` or `.noAnswer` decides about double orders: it is `.notSent` only when the
/// first byte of the request's body was never asked for.
public final class LiveWire: Wire {
    private let egress: EgressGuard
    private let time: any TimeSource
    private let settings: WireSettings
    private let clients = Mutex<[Target: HTTPClient]>([:])
    private let opcua: OPCUAWire

    private struct Target: Hashable {
        var host: String
        var address: String
    }

    public init(egress: EgressGuard, time: any TimeSource, settings: WireSettings = WireSettings()) {
        self.egress = egress
        self.time = time
        self.settings = settings
        opcua = OPCUAWire(settings: settings)
    }

    public func now() -> Timestamp { time.now() }

    public func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        let request = try request.permitted(within: settings.timeout)
        if request.url.hasPrefix(FolderWire.scheme) { return try await FolderWire.exchange(request) }
        if request.url.hasPrefix(DatabaseWire.scheme) {
            return try await DatabaseWire.exchange(request, settings.timeout)
        }
        if request.url.hasPrefix(OPCUAWire.scheme) { return try await opcua.exchange(request, egress: egress) }
        guard let parts = URLComponents(string: request.url), let scheme = parts.scheme?.lowercased(),
            MailWire.schemes.contains(scheme) || ["http", "https"].contains(scheme), let host = parts.host,
            !host.isEmpty
        else { throw .notSent("\(request.url) is not an http, https, smtp, smtps, folder, odbc or opc.tcp address") }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        var failure = WireError.notSent("\(host) has no address")
        for address in try await egress.addresses(of: bare) {
            do {
                if MailWire.schemes.contains(scheme) {
                    let port = parts.port ?? (scheme == "smtps" ? 465 : 25)
                    return try await MailWire(request: request, host: bare, port: port, settings: settings)
                        .exchange(at: address)
                }
                return try await send(request, Target(host: bare, address: address))
            } catch .notSent(let reason) {
                failure = .notSent(reason)
            }
        }
        throw failure
    }

    /// Ends all connections. Nothing may be sent afterwards.
    public func close() async {
        let all = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in all { try? await client.shutdown() }
        await opcua.close()
    }

    private func send(_ request: WireRequest, _ target: Target) async throws(WireError) -> WireResponse {
        let body = try RequestBody(request.body, permit: request.permit)
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if !outgoing.headers.contains(name: "user-agent") { outgoing.headers.add(name: "user-agent", value: "andon") }
        outgoing.body = body.content
        let client = try client(for: target)
        try request.permit?.check()
        do {
            return try await answer(
                to: outgoing, from: client, within: request.timeout ?? settings.timeout)
        } catch {
            throw body.wireError(for: error, from: target.host)
        }
    }

    private func answer(
        to request: HTTPClientRequest, from client: HTTPClient, within limit: Duration
    ) async throws -> WireResponse {
        let bytesMax = settings.answerBytesMax
        return try await withThrowingTaskGroup(of: WireResponse.self) { group in
            group.addTask {
                let response = try await client.execute(request, deadline: .now() + TimeAmount(limit))
                let body = try await response.body.collect(upTo: bytesMax)
                return WireResponse(
                    status: Int(response.status.code),
                    headers: response.headers.map { WireRequest.Header($0.name, $0.value) },
                    body: Array(body.readableBytesView))
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw TimeLimit(limit: limit)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw TimeLimit(limit: limit) }
            return first
        }
    }

    private func client(for target: Target) throws(WireError) -> HTTPClient {
        try clients.withLock { clients throws(WireError) in
            if let client = clients[target] { return client }
            let client = HTTPClient(
                configuration: try settings.configuration(host: target.host, address: target.address))
            clients[target] = client
            return client
        }
    }
}

/// What a connector's wire may take and trust.
public struct WireSettings: Sendable {
    /// Of one exchange, from connecting to the last byte of the answer. CMMS answer within 10 to 30 s.
    public var timeout: Duration
    public var connectTimeout: Duration
    /// A longer answer is an error.
    public var answerBytesMax: Int
    /// PEM files with the certificates of the plant's own authorities, trusted beside the system's.
    public var trustedCertificates: [String]
    /// PEM files of the certificate (with its chain) and key that are shown to a server that asks for one.
    public var clientCertificate: (certificate: String, key: String)?
    /// Who this server is to OPC UA servers; without it only unprotected and anonymous sessions can be had.
    public var opcua: OPCUAApplication?

    public init(
        timeout: Duration = .seconds(45), connectTimeout: Duration = .seconds(5), answerBytesMax: Int = 8 << 20,
        trustedCertificates: [String] = [], clientCertificate: (certificate: String, key: String)? = nil,
        opcua: OPCUAApplication? = nil
    ) {
        self.opcua = opcua
        self.clientCertificate = clientCertificate
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.answerBytesMax = answerBytesMax
        self.trustedCertificates = trustedCertificates
    }

    /// TLS 1.2 or later, with the plant's own authorities.
    ///
    /// - Throws: `.notSent` when the client's certificate or key cannot be read any more.
    func tls() throws(WireError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.additionalTrustRoots = trustedCertificates.map { .file($0) }
        guard let own = clientCertificate else { return tls }
        do {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(own.certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: own.key, format: .pem))
        } catch {
            throw .notSent("the client certificate \(own.certificate) or its key \(own.key) cannot be used: \(error)")
        }
        return tls
    }

    func configuration(host: String, address: String) throws(WireError) -> HTTPClient.Configuration {
        let tls = try tls()
        var pool = HTTPClient.Configuration.ConnectionPool()
        // Shorter than the keep-alive of the servers in use (Tomcat and WebSphere: 20 s and more): a request that
        // meets a connection which the server has just closed cannot be told from one that was acted on.
        pool.idleTimeout = .seconds(5)
        pool.retryConnectionEstablishment = false
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connectTimeout)), connectionPool: pool)
        configuration.httpVersion = .http1Only
        if host != address { configuration.dnsOverride = [host: address] }
        return configuration
    }
}

extension WireRequest {
    /// The same with no more time than the permit leaves.
    ///
    /// - Throws: `.notSent` where it leaves none.
    fileprivate func permitted(within usual: Duration) throws(WireError) -> WireRequest {
        guard let permit else { return self }
        try permit.check()
        var request = self
        let (left, limit) = (permit.left(), timeout ?? usual)
        if left < limit { request.timeout = left }
        return request
    }
}

private struct TimeLimit: Error, CustomStringConvertible {
    var limit: Duration
    var description: String { "no answer within \(Quantity.text(limit))" }
}
