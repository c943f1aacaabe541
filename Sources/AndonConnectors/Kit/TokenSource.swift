import AndonModel
import Synchronization

/// Access tokens of an authorization server (RFC 6749): fetched when there is none, kept until shortly before they
/// run out, and forgotten when the system refuses one.
final class TokenSource: Sendable {
    struct Settings: Sendable {
        var url: String
        var clientID: String
        var clientSecret: Secret
        /// The grant and what belongs to it; values may be secrets.
        var parameters: [(name: String, value: Secret)]
        /// Client and secret in the form (RFC 6749 section 2.3.1) instead of as HTTP Basic.
        var clientInBody = false
    }

    private struct Held {
        var token: String
        var until: Timestamp?
    }

    let settings: Settings
    private let held = Mutex<Held?>(nil)

    init(_ settings: Settings) {
        self.settings = settings
    }

    func forget() { held.withLock { $0 = nil } }

    /// - Throws: `.unreachable` when the server does not answer: only a token was asked for, the order has not left.
    func token(over wire: any Wire) async throws(ConnectorError) -> String {
        let now = wire.now()
        if let held = held.withLock({ $0 }), held.until.map({ $0 > now }) ?? true { return held.token }
        var form = settings.parameters.map { ($0.name, $0.value.reveal()) }
        var headers: [WireRequest.Header] = [
            .init("accept", "application/json"), .init("content-type", "application/x-www-form-urlencoded"),
        ]
        if settings.clientInBody {
            form += [("client_id", settings.clientID), ("client_secret", settings.clientSecret.reveal())]
        } else {
            headers.append(.basic(settings.clientID, settings.clientSecret))
        }
        let body = Array(WebAddress.query(form).utf8.dropFirst())
        let response: WireResponse
        do {
            response = try await wire.exchange(WireRequest("POST", settings.url, headers: headers, body: .bytes(body)))
        } catch {
            throw .unreachable("the authorization server: \(error.connectorError.detail)")
        }
        return try keep(response, now)
    }

    private func keep(_ response: WireResponse, _ now: Timestamp) throws(ConnectorError) -> String {
        let json = try? JSON(parsing: response.body)
        guard response.status == 200, let token = json?["access_token"]?.string, !token.isEmpty else {
            let words = json?["error_description"]?.string ?? json?["error"]?.string ?? response.plainWords
            if [400, 401, 403].contains(response.status) {
                throw .unauthorized("the authorization server gives no token: \(words)")
            }
            throw .busy(
                after: response.retryAfter(now: now), "the authorization server failed (\(response.status)): \(words)")
        }
        let seconds = json?["expires_in"]?.integer ?? json?["expires_in"]?.string.flatMap { Int($0) }
        // A token that runs out on the way would be refused: it is renewed a little early.
        let until = seconds.map { now + .seconds(max(1, min($0, 1 << 30) * 9 / 10)) }
        held.withLock { $0 = Held(token: token, until: until) }
        return token
    }
}

extension TokenSource {
    /// A section `oauth`: client credentials, or whatever `parameters` asks for.
    convenience init(reading reader: SettingsReader) {
        let url = reader.webAddress("tokenUrl", example: "https://idcs.example/oauth2/v1/token", isRequired: true) ?? ""
        let id = reader.requiredText("clientId")
        let secret = reader.secret("clientSecret")
        if secret == nil, reader.raw("clientSecret") == nil { reader.missing("clientSecret") }
        var parameters = reader.words("parameters")
        if let scope = reader.text("scope") { parameters["scope"] = scope }
        if parameters["grant_type"] == nil { parameters["grant_type"] = "client_credentials" }
        let inBody = reader.bool("clientInBody", default: false)
        reader.finish()
        self.init(
            Settings(
                url: url, clientID: id, clientSecret: secret ?? Secret(""),
                parameters: parameters.sorted { $0.key < $1.key }.map { ($0.key, Secret($0.value)) },
                clientInBody: inBody))
    }
}
