import AndonModel
import AndonVision
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Exchanges with one server, each to an address that was looked at just before.
final class HTTPTransport: Sendable {
    struct Answer: Sendable {
        var body: ByteBuffer
        var headerBytes: String?
    }

    private enum State {
        /// A client for each address that the host had; a second one only after its address changed.
        case open([String: HTTPClient])
        case closed
    }

    private let server: OpenInferenceServer
    private let connect: AddressCheck
    private let state = Mutex(State.open([:]))
    /// `/v2/models/NAME[/versions/VERSION]`
    let modelPath: String

    init(_ server: OpenInferenceServer, _ connect: @escaping AddressCheck) {
        (self.server, self.connect) = (server, connect)
        // RFC 3986 section 2.3: what needs no escape, and no slash that would make another path.
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: plain) ?? text }
        modelPath = "/v2/models/\(escaped(server.model))" + (server.version.map { "/versions/\(escaped($0))" } ?? "")
    }

    deinit { for client in take() { client.shutdown { _ in } } }

    func close() async { for client in take() { try? await client.shutdown() } }

    private func take() -> [HTTPClient] {
        state.withLock { state in
            defer { state = .closed }
            guard case .open(let clients) = state else { return [] }
            return Array(clients.values)
        }
    }

    func get(_ path: String, _ time: any TimeSource) async throws(InferenceError) -> ByteBuffer {
        try await server.attempt(time) { [self] () throws(FailedAttempt) in try await exchange(.GET, path) }.body
    }

    /// Metadata; 1 MiB of it is more than any model has.
    func json(_ path: String, _ time: any TimeSource) async throws(InferenceError) -> JSON {
        let body = try await get(path, time)
        do throws(JSONSyntaxError) {
            return try JSON(parsing: body.readableBytesView)
        } catch {
            throw server.failure(.refused, "what it says at \(path) is not JSON: \(error)")
        }
    }

    func exchange(
        _ method: HTTPMethod, _ path: String, _ body: ByteBuffer? = nil, headerBytes: Int? = nil
    ) async throws(FailedAttempt) -> Answer {
        let client = try await client()
        var request = HTTPClientRequest(url: server.place + path)
        request.method = method
        request.headers.add(name: "user-agent", value: "andon")
        if let headerBytes {
            request.headers.add(name: "content-type", value: "application/octet-stream")
            request.headers.add(name: OpenInferenceBody.lengthHeader, value: String(headerBytes))
        }
        request.body = body.map { .bytes($0) }
        let (status, answer): (Int, Answer)
        do {
            let response = try await client.execute(request, timeout: .init(server.deadline))
            answer = Answer(
                body: try await response.body.collect(upTo: server.answerBytesMax),
                headerBytes: response.headers.first(name: OpenInferenceBody.lengthHeader))
            status = Int(response.status.code)
        } catch is NIOTooManyBytesError {
            throw FailedAttempt(
                error: server.failure(.refused, "its answer is larger than \(server.answerBytesMax) bytes"),
                mayRepeat: false)
        } catch {
            throw FailedAttempt(
                error: server.failure(.unavailable, "the connection failed: \(error)"), mayRepeat: true)
        }
        guard status != 200 else { return answer }
        throw failure(status, answer.body)
    }

    private func client() async throws(FailedAttempt) -> HTTPClient {
        let address: String
        do throws(InferenceError) {
            address = try await connect(server.host, server.port)
        } catch {
            throw FailedAttempt(error: error, mayRepeat: false)
        }
        let client = state.withLock { state -> HTTPClient? in
            guard case .open(var clients) = state else { return nil }
            if let client = clients[address] { return client }
            let client = HTTPClient(configuration: configuration(address))
            clients[address] = client
            state = .open(clients)
            return client
        }
        if let client { return client }
        throw FailedAttempt(error: server.failure(.unavailable, "the engine was closed"), mayRepeat: false)
    }

    private func configuration(_ address: String) -> HTTPClient.Configuration {
        var pool = HTTPClient.Configuration.ConnectionPool()
        pool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        pool.retryConnectionEstablishment = false
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: server.tls(["http/1.1"]), redirectConfiguration: .disallow,
            timeout: .init(connect: .init(server.deadline)), connectionPool: pool)
        configuration.httpVersion = .http1Only
        if server.host != address { configuration.dnsOverride = [server.host: address] }
        return configuration
    }

    /// What the server says of an error is `{"error": "..."}`; other words are cut.
    private func failure(_ status: Int, _ body: ByteBuffer) -> FailedAttempt {
        let said = try? JSON(parsing: body.readableBytesView)
        let words = said?["error"]?.string ?? String(decoding: body.readableBytesView.prefix(300), as: UTF8.self)
        let kind: InferenceError.Kind =
            switch status {
            case 429, 503: .overloaded
            case 408, 504: .late
            case 500...: .unavailable
            default: .refused
            }
        let reason = "it answers \(status)\(words.isEmpty ? "" : ": \(words.prefix(500))")"
        return FailedAttempt(error: server.failure(kind, reason), mayRepeat: status == 503)
    }
}
