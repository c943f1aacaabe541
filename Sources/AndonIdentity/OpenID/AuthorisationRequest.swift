import AndonModel
import Crypto

/// The three secrets of one sign-in: what ties the provider's answer to the browser that began it (`state`), the token to
/// the sign-in (`nonce`), and the code to this server (the verifier of RFC 7636). 256 random bits each.
public struct AuthorisationRequest: Sendable, Equatable {
    public let state: String
    public let nonce: String
    /// 43 letters.
    public let verifier: String

    public init(_ random: any RandomSource) {
        self.init(
            state: Base64URL.text(random.bytes(32)), nonce: Base64URL.text(random.bytes(32)),
            verifier: Base64URL.text(random.bytes(32)))
    }

    init(state: String, nonce: String, verifier: String) {
        (self.state, self.nonce, self.verifier) = (state, nonce, verifier)
    }

    /// `S256` of RFC 7636, section 4.2: what the provider is told of the verifier.
    public var challenge: String { Base64URL.text(SHA256.hash(data: Array(verifier.utf8))) }

    /// Where the person's browser goes (OpenID Connect Core 1.0, section 3.1.2.1).
    ///
    /// - Parameter redirect: the address of ours that it comes back to, as the provider has it registered.
    public func address(_ document: ProviderDocument, _ settings: OpenIDSettings, redirect: String) -> String {
        let fields: [(name: String, value: String)] = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", redirect),
            ("scope", settings.scopes.joined(separator: " ")), ("state", state), ("nonce", nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]
        let endpoint = document.authorisationEndpoint
        return endpoint + (endpoint.contains("?") ? "&" : "?") + FormText.fields(fields)
    }
}
