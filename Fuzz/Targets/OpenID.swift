import AndonIdentity
import AndonModel
import Foundation

/// What a provider of OpenID Connect answers.
extension FuzzTarget {
    static let openID = [providerDocument, keySet, idToken, tokenReply]

    private static let issuer = "https://login.plant.example"

    private static let key: JSON = [
        "kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ]

    private static var point: JSON {
        [
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "use": "sig", "alg": "ES256", "kid": "k2",
        ]
    }

    private static var rsa: JSON {
        let modulus = "w" + String(repeating: "VVVV", count: 85) + "Q"
        return ["kty": "RSA", "n": .string(modulus), "e": "AQAB", "kid": "k3", "key_ops": ["verify"]]
    }

    private static let set: JSON = ["keys": [key, point, rsa]]
    private static let keys = try? KeySet(parsing: set.canonicalBytes)

    /// A document that is taken is the configured issuer's, and names safe addresses alone.
    private static let providerDocument = FuzzTarget(
        "provider-document",
        seeds: {
            let document: JSON = [
                "issuer": .string(issuer), "authorization_endpoint": "https://login.plant.example/auth?a=1",
                "token_endpoint": "https://login.plant.example/token", "jwks_uri": "http://127.0.0.1:9400/jwks",
                "userinfo_endpoint": "https://[::1]/me", "authorization_response_iss_parameter_supported": true,
            ]
            return [document.canonicalBytes]
        },
        check: { input in
            guard let document = try? ProviderDocument(parsing: input, issuer: issuer) else { return }
            try promise(document.issuer == issuer, "another issuer's document is taken")
            let addresses = [document.authorisationEndpoint, document.tokenEndpoint, document.keysAddress]
            try promise(addresses.allSatisfy(ProviderDocument.isSafe), "an address is not safe: \(addresses)")
        })

    private static let keySet = FuzzTarget(
        "key-set", seeds: { [set.canonicalBytes] }, check: { input in _ = try? KeySet(parsing: input) })

    /// Nobody has the keys: no token is right, and a refusal is short.
    private static let idToken = FuzzTarget(
        "id-token",
        seeds: {
            let body =
                "eyJpc3MiOiJodHRwczovL2xvZ2luLnBsYW50LmV4YW1wbGUiLCJzdWIiOiIxIiwiYXVkIjoiYW5kb24iLCJub25jZSI6Im4iLCJpYXQiOjEsImV4cCI6OX0"
            return [
                // {"alg":"EdDSA","kid":"k1"}, {"alg":"ES256","kid":"k2"}, {"alg":"RS256","kid":"k3"}, {"alg":"none"}
                "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.\(body).\(String(repeating: "A", count: 86))",
                "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsyIn0.\(body).\(String(repeating: "A", count: 86))",
                "eyJhbGciOiJSUzI1NiIsImtpZCI6ImszIn0.\(body).\(String(repeating: "A", count: 342))",
                "eyJhbGciOiJub25lIn0.\(body).",
            ].asBytes
        },
        check: { input in
            guard let text = String(validating: input, as: UTF8.self), let keys else { return }
            let expected = IDToken.Expectation(
                issuer: issuer, clientID: "andon", nonce: "n", now: Timestamp(microseconds: 5_000_000))
            do throws(ProviderFault) {
                _ = try IDToken(text, keys: keys, expected: expected)
            } catch {
                return try promise(error.description.count < 400, "a refusal is long: \(error)")
            }
            throw Finding("a token that nobody signed is taken")
        })

    private static let tokenReply = FuzzTarget(
        "token-reply",
        seeds: {
            let reply: JSON = ["id_token": "a.b.c", "access_token": "t", "token_type": "Bearer", "expires_in": 60]
            let refusal: JSON = ["error": "invalid_grant", "error_description": "the code was used"]
            return [[1] + reply.canonicalBytes, [200] + refusal.canonicalBytes]
        },
        check: { input in
            guard let first = input.first else { return }
            let response = WireResponse(status: first < 128 ? 200 : 400, body: Array(input.dropFirst()))
            guard let reply = try? TokenReply(response) else { return }
            let isHeader = reply.accessToken?.utf8.allSatisfy { (0x21...0x7E).contains($0) } ?? true
            try promise(isHeader && first < 128, "a token is taken that no header takes, or of an error's answer")
        })
}
