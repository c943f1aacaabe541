import AndonModel
import AndonTransparency

extension OpenIDSettings {
    /// Exchanges a code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
    public func tokenRequest(
        _ document: ProviderDocument, code: String, verifier: String, redirect: String
    ) -> WireRequest {
        var fields: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ]
        var headers = [
            WireRequest.Header("content-type", "application/x-www-form-urlencoded"),
            WireRequest.Header("accept", "application/json"),
        ]
        let secret = clientSecret?.reveal() ?? ""
        switch clientAuthentication {
        case .basic:
            // Each is form-encoded before the two are joined (RFC 6749, section 2.3.1).
            let pair = "\(FormText.encoded(clientID)):\(FormText.encoded(secret))"
            headers.append(WireRequest.Header("authorization", "Basic \(Base64.text(Array(pair.utf8)))"))
        case .post:
            fields.append((name: "client_id", value: clientID))
            fields.append((name: "client_secret", value: secret))
        case .none: fields.append((name: "client_id", value: clientID))
        }
        return WireRequest(
            "POST", document.tokenEndpoint, headers: headers, body: .bytes(Array(FormText.fields(fields).utf8)))
    }

    /// Asks for the claims that a token left out (OpenID Connect Core 1.0, section 5.3).
    public static func userRequest(_ address: String, accessToken: String) -> WireRequest {
        WireRequest(
            "GET", address,
            headers: [
                WireRequest.Header("authorization", "Bearer \(accessToken)"),
                WireRequest.Header("accept", "application/json"),
            ])
    }
}

/// What the provider gave for a code (OpenID Connect Core 1.0, section 3.1.3.3).
public struct TokenReply: Sendable, Equatable {
    public let idToken: String
    /// For the provider's own use and for further claims; nil where none of type Bearer came.
    public let accessToken: String?

    public static let bytesMax = 256 << 10
    private static let accessTokenBytesMax = 32 << 10

    /// - Throws: ``ProviderFault/refused(_:)`` for an error answer, else ``ProviderFault/malformed(_:)``.
    public init(_ response: WireResponse) throws(ProviderFault) {
        guard (200...299).contains(response.status) else {
            let json = try? JSON.ofProvider(response.body, "the answer", bytesMax: Self.bytesMax)
            throw .refused(Self.errorCode(json?["error"]?.string) ?? "status \(response.status)")
        }
        let json = try JSON.ofProvider(response.body, "the answer to the code", bytesMax: Self.bytesMax)
        guard let token = json["id_token"]?.string else {
            throw .malformed("the answer to the code has no id_token: is openid among the scopes?")
        }
        idToken = token
        let isBearer = json["token_type"]?.string?.lowercased() == "bearer"
        accessToken = json["access_token"]?.string.flatMap { text in
            isBearer && Self.isToken(text) ? text : nil
        }
    }

    /// Letters that a header takes.
    private static func isToken(_ text: String) -> Bool {
        (1...accessTokenBytesMax).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// An error's code as RFC 6749 allows it, short; nil for anything else.
    public static func errorCode(_ text: String?) -> String? {
        guard let text, (1...60).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return nil
        }
        return text
    }
}
