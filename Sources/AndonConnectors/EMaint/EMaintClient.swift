import AndonModel
import Synchronization

/// One call of eMaint's table interface (X4 API v2): token, address, and what the answer means.
struct EMaintClient: Sendable {
    let configuration: EMaintConfiguration
    private let session = Session()

    private final class Session: Sendable {
        let token = Mutex<String?>(nil)
    }

    init(_ configuration: EMaintConfiguration) {
        self.configuration = configuration
    }

    private static let limits = JSONLimits(
        bytesMax: 8 << 20, depthMax: 32, valuesMax: 400_000, stringBytesMax: 4 << 20)

    /// Calls a method; a token that ran out is renewed once: the refusal says that nothing was done.
    func call(
        _ method: String, _ name: String, _ body: WireRequest.Body, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        let hadToken = session.token.withLock { $0 } != nil
        do throws(ConnectorError) {
            return try await exchange(method, name, body, token: try await token(wire), wire)
        } catch {
            guard hadToken, case .unauthorized = error else { throw error }
            session.token.withLock { $0 = nil }
            return try await exchange(method, name, body, token: try await token(wire), wire)
        }
    }

    func call(
        _ method: String, _ name: String, _ body: JSON, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        try await call(method, name, .bytes(body.canonicalBytes), over: wire)
    }

    /// The rows that a filter finds. It is a text that holds JSON, and always a group.
    func rows(
        _ table: String, columns: [String], _ terms: [(field: String, operator: String, value: String)],
        sortBy: String, page: Int = 1, size: Int = 500, over wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        let filter: JSON = [
            "logic": "And",
            "filters": .array(
                terms.map {
                    ["field": .string($0.field), "operator": .string($0.operator), "value": .string($0.value)]
                }),
        ]
        let body: JSON = [
            "table": .string(table), "columns": .string(columns.joined(separator: ",")),
            "filter": .string(filter.canonicalText), "sortBy": [["field": .string(sortBy), "dir": "ASC"]],
            "pageNumber": .integer(page), "pageSize": .integer(size),
        ]
        let answer: JSON
        do {
            answer = try await call("POST", "GetAnyData", body, over: wire)
        } catch .gone(let words) {
            throw .refused(words)
        }
        // A failure can look like an empty result, and would then be a second order.
        guard let rows = answer["data"]?.array else { throw .answerLost("eMaint's answer to a query holds no rows") }
        return rows
    }

    private func token(_ wire: any Wire) async throws(ConnectorError) -> String {
        if let token = session.token.withLock({ $0 }) { return token }
        let request = WireRequest(
            "POST", "\(configuration.url)\(configuration.path)/Login",
            headers: [
                .init("username", configuration.user), .init("password", configuration.password.reveal()),
                .init("xt-useragent", configuration.agent), .init("accept", "application/json"),
                .init("content-type", "application/json"),
            ], body: .bytes(Array("{}".utf8)))
        let answer: JSON
        do throws(ConnectorError) {
            answer = try await send(request, wire)
        } catch {
            switch error {
            case .refused(let words), .gone(let words): throw .unauthorized(words)
            // Nothing but a sign-in can have been lost.
            case .answerLost(let words): throw .unreachable("no sign-in: \(words)")
            default: throw error
            }
        }
        guard let token = (answer["token"] ?? answer["Token"] ?? answer["accessToken"])?.string, !token.isEmpty else {
            throw .unauthorized("eMaint gave no token for the user \(configuration.user)")
        }
        session.token.withLock { $0 = token }
        return token
    }

    private func exchange(
        _ method: String, _ name: String, _ body: WireRequest.Body, token: String, _ wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        try await send(
            WireRequest(
                method, "\(configuration.url)\(configuration.path)/\(name)",
                headers: [
                    .init("authorization", "Bearer \(token)"), .init("xt-useragent", configuration.agent),
                    .init("accept", "application/json"), .init("content-type", "application/json"),
                ], body: body), wire)
    }

    private func send(_ request: WireRequest, _ wire: any Wire) async throws(ConnectorError) -> JSON {
        let response: WireResponse
        do {
            response = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        return try Self.checked(response, now: wire.now())
    }

    private static func checked(_ response: WireResponse, now: Timestamp) throws(ConnectorError) -> JSON {
        let json = try? JSON(parsing: response.body, limits: limits)
        let words = json?["message"]?.string ?? plain(response)
        switch response.status {
        case 200..<300: break
        case 300..<400: throw .answerLost("eMaint's address answers with a redirect (\(response.status)); check url")
        case 401: throw .unauthorized("eMaint refuses the user or token: \(words)")
        case 404: throw .gone("eMaint has no such method or record: \(words)")
        case 429: throw .busy(after: response.retryAfter(now: now), "eMaint is busy: \(words)")
        // Without its own word that it did nothing, a 503 may come from in front of a server that did.
        case 503 where response["retry-after"] != nil:
            throw .busy(after: response.retryAfter(now: now), "eMaint is busy: \(words)")
        case 400..<500: throw .refused(words)
        default: throw .answerLost("eMaint failed (\(response.status)): \(words)")
        }
        guard let json, json.object != nil else {
            throw .answerLost("the answer (\(response.status)) is not eMaint's: \(plain(response))")
        }
        // Version 1 says failures with status 200; some accounts of version 2 do as well.
        if json["valid"] == false || json["valid"]?.string?.lowercased() == "false" { throw .refused(words) }
        return json
    }

    private static func plain(_ response: WireResponse) -> String {
        let text = PlainText.of(html: String(decoding: response.body.prefix(2000), as: UTF8.self))
        return text.isEmpty ? "status \(response.status) without a word" : text.cut(to: 300)
    }
}
