import AndonModel
import Foundation
import Synchronization

/// One exchange with SAP Gateway (OData version 2): address, sign-in, CSRF token, and what the answer means.
struct SAPClient: Sendable {
    let configuration: SAPConfiguration
    private let sessions = Sessions()

    /// A CSRF token is worth something only together with the cookies of the answer that brought it.
    private struct Session {
        var token: String
        var cookies: String?
    }

    private final class Sessions: Sendable {
        let byService = Mutex<[String: Session]>([:])
    }

    init(_ configuration: SAPConfiguration) {
        self.configuration = configuration
    }

    // MARK: Addresses

    /// The address of `path` below a service. The names of query options keep their `$`.
    func address(_ service: String, _ path: String, query: [(String, String)] = []) -> String {
        let all =
            [("sap-client", configuration.system.client), ("sap-language", configuration.system.language)] + query
        let text = all.map { "\($0.0)=\(WebAddress.encoded($0.1))" }.joined(separator: "&")
        return "\(configuration.system.url)\(configuration.servicePath)/\(service)/\(path)?\(text)"
    }

    /// A string literal of OData version 2: in single quotes, with a quote doubled.
    static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// An entity by its key, for a path.
    static func entity(_ set: String, _ key: String) -> String {
        "\(set)('\(WebAddress.encoded(key.replacing("'", with: "''")))')"
    }

    // MARK: Exchanges

    func get(
        _ service: String, _ path: String, query: [(String, String)] = [], over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        let request = WireRequest("GET", address(service, path, query: query))
        let answer = try await exchange(request, cookies: session(service)?.cookies, over: wire)
        return try answer.checked().json
    }

    /// The rows of a collection. Without `$expand` an association is deferred, which is not an empty list.
    func rows(
        _ service: String, _ path: String, query: [(String, String)] = [], over wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        let json = try await get(service, path, query: query, over: wire)
        guard let rows = json["results"]?.array else { throw .answerLost("SAP's list of \(path) has no results in it") }
        return rows
    }

    func bytes(
        _ service: String, _ path: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8] {
        let request = WireRequest("GET", address(service, path))
        let answer = try await exchange(request, cookies: session(service)?.cookies, accept: nil, over: wire)
        if answer.response.status != 200 { _ = try answer.checked() }
        return answer.response.body
    }

    func post(
        _ service: String, _ path: String, query: [(String, String)] = [], headers: [WireRequest.Header],
        body: WireRequest.Body, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        try await change("POST", service, path, query: query, headers: headers, body: body, over: wire)
    }

    /// Changes some members of an entity. SAP wants the mark of the state that was read (428 without one, 412 when it
    /// is another's), so the entity is read first.
    func patch(
        _ service: String, _ path: String, _ body: [String: JSON], over wire: any Wire
    ) async throws(ConnectorError) {
        let mark = try await get(service, path, over: wire)["__metadata"]?["etag"]?.string
        // An entity that has no mark knows no states: any is the right one.
        _ = try await change(
            "PATCH", service, path,
            headers: [.init("content-type", "application/json"), .init("if-match", mark ?? "*")],
            body: .bytes(JSON.object(body).canonicalBytes), over: wire)
    }

    /// A change. A token that is stale says that nothing was written: another is fetched, and the request is sent
    /// once more.
    private func change(
        _ method: String, _ service: String, _ path: String, query: [(String, String)] = [],
        headers: [WireRequest.Header], body: WireRequest.Body, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        var request = WireRequest(method, address(service, path, query: query), headers: headers, body: body)
        for isLast in [false, true] {
            let session: Session
            if let held = self.session(service) { session = held } else { session = try await open(service, wire) }
            request.headers = headers + [.init("x-csrf-token", session.token)]
            let answer = try await exchange(request, cookies: session.cookies, over: wire)
            guard answer.isTokenRefused else { return try answer.checked().json }
            sessions.byService.withLock { $0[service] = nil }
            if isLast { break }
        }
        throw .unauthorized(
            "SAP refuses the CSRF token that it has just given; does something on the way drop its cookies?")
    }

    func post(
        _ service: String, _ path: String, _ body: JSON, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        try await post(
            service, path, headers: [.init("content-type", "application/json")], body: .bytes(body.canonicalBytes),
            over: wire)
    }

    /// Frees the session there: they are scarce.
    func signOut(over wire: any Wire) async {
        let held = sessions.byService.withLock { sessions in
            defer { sessions = [:] }
            return Set(sessions.values.compactMap(\.cookies))
        }
        for cookies in held {
            let request = WireRequest(
                "GET", "\(configuration.system.url)/sap/public/bc/icf/logoff", headers: [.init("cookie", cookies)])
            _ = try? await wire.exchange(request)
        }
    }

    // MARK: Sessions

    private func session(_ service: String) -> Session? { sessions.byService.withLock { $0[service] } }

    /// Fetches a token. Cookies of another service's session go along, so that there is one session, not five.
    private func open(_ service: String, _ wire: any Wire) async throws(ConnectorError) -> Session {
        let earlier = sessions.byService.withLock { $0.values.first?.cookies }
        let request = WireRequest("GET", address(service, ""), headers: [.init("x-csrf-token", "Fetch")])
        let answer: SAPAnswer
        do {
            answer = try await exchange(request, cookies: earlier, over: wire)
            _ = try answer.checked()
        } catch .answerLost(let words) {
            // Only a token was asked for: the order itself has not left.
            throw .unreachable(words)
        } catch .gone(let words) {
            throw .refused("SAP has no service \(service): \(words). Is it activated (/IWFND/MAINT_SERVICE)?")
        }
        guard let token = answer.response["x-csrf-token"], !token.isEmpty else {
            throw .unreachable("SAP gave no CSRF token for \(service)")
        }
        let session = Session(token: token, cookies: answer.response.cookies(over: earlier))
        sessions.byService.withLock { $0[service] = session }
        return session
    }

    private func exchange(
        _ request: WireRequest, cookies: String?, accept: String? = "application/json", over wire: any Wire
    ) async throws(ConnectorError) -> SAPAnswer {
        var request = request
        if let accept { request.headers.append(.init("accept", accept)) }
        if let cookies { request.headers.append(.init("cookie", cookies)) }
        switch configuration.signIn {
        case .basic(let user, let password): request.headers.append(.basic(user, password))
        case .bearer(let token): request.headers.append(.bearer(token.reveal()))
        case .certificate: break
        }
        do {
            return SAPAnswer(
                response: try await wire.exchange(request), now: wire.now(), lockWords: configuration.system.lockWords)
        } catch {
            throw error.connectorError
        }
    }
}

/// What an answer of SAP Gateway says, whichever of its forms it has.
struct SAPAnswer {
    let response: WireResponse
    let now: Timestamp
    let lockWords: [String]

    private static let limits = JSONLimits(
        bytesMax: 8 << 20, depthMax: 32, valuesMax: 400_000, stringBytesMax: 4 << 20)

    /// Nothing was written; the same request with a new token may be.
    var isTokenRefused: Bool {
        response.status == 403 && response["x-csrf-token"]?.lowercased() == "required"
    }

    struct Accepted {
        /// The member `d`; null where the answer has no body.
        var json: JSON
    }

    private var body: JSON? { try? JSON(parsing: response.body, limits: Self.limits) }

    func checked() throws(ConnectorError) -> Accepted {
        switch response.status {
        case 200..<300:
            guard !response.body.isEmpty else { return Accepted(json: .null) }
            guard let data = body?["d"] else {
                throw .answerLost("the answer (\(response.status)) is not SAP Gateway's JSON: \(response.plainWords)")
            }
            return Accepted(json: data)
        case 300..<400:
            throw .unauthorized(
                "SAP sent a redirect (\(response.status)) to \(response["location"] ?? "nowhere"), a sign-in page")
        case 401:
            throw .unauthorized("SAP does not know the user, the password or the client: \(words)")
        case 403: throw .unauthorized("SAP does not allow this: \(words)")
        case 404: throw .gone(words)
        case 412, 428: throw .busy(after: nil, "the record was changed at the same moment: \(words)")
        case 423: throw .busy(after: response.retryAfter(now: now) ?? .seconds(120), words)
        case 429, 503: throw .busy(after: response.retryAfter(now: now), "SAP is busy: \(words)")
        case 400..<500:
            let said = words.lowercased()
            if lockWords.contains(where: { said.contains($0.lowercased()) }) {
                throw .busy(after: .seconds(120), words)
            }
            throw .refused(words)
        default: throw .answerLost("SAP failed (\(response.status)): \(words)")
        }
    }

    /// All messages, with the transaction id that `/IWFND/ERROR_LOG` lists them under. `message` is an object in
    /// OData version 2 and a text in version 4.
    var words: String {
        guard let error = body?["error"] else { return response.plainWords }
        let main = error["message"]?["value"]?.string ?? error["message"]?.string
        let inner = error["innererror"]
        let details = (inner?["errordetails"]?.array ?? []).compactMap { detail -> String? in
            guard let text = detail["message"]?.string, !text.isEmpty, text != main else { return nil }
            let severity = detail["severity"]?.string.map { "\($0): " } ?? ""
            return severity + text
        }
        let code = error["code"]?.string.flatMap { $0.isEmpty ? nil : "[\($0)]" }
        let id = inner?["transactionid"]?.string.flatMap { $0.isEmpty ? nil : "(transaction \($0))" }
        let all = [code, main].compactMap { $0 } + details.map { "; \($0)" } + [id].compactMap { $0 }
        return all.isEmpty ? response.plainWords : all.joined(separator: " ").replacing(" ; ", with: "; ")
    }
}
