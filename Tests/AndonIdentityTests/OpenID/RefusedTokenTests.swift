import AndonModel
import Testing

@testable import AndonIdentity

/// A token with one thing changed, and which claim is named for it; nil where it is taken.
struct ChangedToken: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var changes: [String: JSON]
    var claim: String?

    init(_ name: String, _ changes: [String: JSON], _ claim: String?) {
        (testDescription, self.changes, self.claim) = (name, changes, claim)
    }

    private static let now: Double = 1_760_000_000

    private static func at(_ seconds: Double) -> JSON { .number(now + seconds) }

    static let all: [ChangedToken] = [
        ChangedToken("as it should be", [:], nil),
        ChangedToken("of another issuer", ["iss": "https://login.plant.example/"], "iss"),
        ChangedToken("of no issuer", ["iss": .null], "iss"),
        ChangedToken("for another client", ["aud": "other"], "aud"),
        ChangedToken("for nobody", ["aud": .null], "aud"),
        ChangedToken("for nobody in a list", ["aud": []], "aud"),
        ChangedToken("for a client whose name begins alike", ["aud": "andon2"], "aud"),
        ChangedToken("for one in a list", ["aud": ["andon"]], nil),
        ChangedToken("for two, and nobody asked", ["aud": ["andon", "other"]], "azp"),
        ChangedToken("for two, and the other one asked", ["aud": ["andon", "other"], "azp": "other"], "azp"),
        ChangedToken("for two, and this one asked", ["aud": ["andon", "other"], "azp": "andon"], nil),
        ChangedToken("asked for by another client", ["azp": "other"], "azp"),
        ChangedToken("over for a minute", ["exp": at(-60)], "exp"),
        ChangedToken("over, within what clocks may differ", ["exp": at(-59)], nil),
        ChangedToken("without an end", ["exp": .null], "exp"),
        ChangedToken("with an end in words", ["exp": "never"], "exp"),
        ChangedToken("of a far future", ["exp": 1e300], nil),
        ChangedToken("issued in two minutes", ["iat": at(120)], "iat"),
        ChangedToken("issued in a minute", ["iat": at(60)], nil),
        ChangedToken("issued at no time", ["iat": .null], "iat"),
        ChangedToken("good in two minutes", ["nbf": at(120)], "nbf"),
        ChangedToken("good in half a minute", ["nbf": at(30)], nil),
        ChangedToken("of another sign-in", ["nonce": "n2"], "nonce"),
        ChangedToken("of no sign-in", ["nonce": .null], "nonce"),
        ChangedToken("about nobody", ["sub": .null], "sub"),
        ChangedToken("about an empty name", ["sub": ""], "sub"),
        ChangedToken("about a number", ["sub": 7], "sub"),
        ChangedToken("about a name too long", ["sub": .string(String(repeating: "a", count: 256))], "sub"),
        ChangedToken("about a name with a bell in it", ["sub": "a\u{7}b"], "sub"),
        ChangedToken("about the longest name", ["sub": .string(String(repeating: "a", count: 255))], nil),
    ]
}

@Suite("ID tokens that are not taken")
struct RefusedTokenTests {
    @Test("Each claim is checked, with a minute for clocks that differ", arguments: ChangedToken.all)
    func claims(_ changed: ChangedToken) throws {
        let signer = try TokenSigner()
        let fault = tokenFault(try signer.token(changed.changes), try signer.keys(), TokenSigner.expected)
        guard let claim = changed.claim else {
            #expect(fault == nil)
            return
        }
        if case .claim(let name, _)? = fault {
            #expect(name == claim)
        } else {
            Issue.record("refused for \(fault.map { "\($0)" } ?? "nothing")")
        }
    }

    private func headerFault(_ header: [String: JSON]) throws -> ProviderFault? {
        let signer = try TokenSigner()
        return tokenFault(try signer.token(header: header), try signer.keys(), TokenSigner.expected)
    }

    @Test("An unsigned token is none, with an empty signature and with one that holds")
    func unsigned() throws {
        let signer = try TokenSigner()
        let none = try signer.token(header: ["alg": "none"])
        let bare = none.split(separator: ".").prefix(2).joined(separator: ".") + "."
        for text in [none, bare] {
            #expect(
                tokenFault(text, try signer.keys(), TokenSigner.expected)
                    == .algorithm("signatures by \"none\" are not taken"))
        }
        for name: JSON in ["None", "HS256", "HS512", "ES256K", "RSA1_5", "dir", "", 5, .null] {
            #expect(try headerFault(["alg": name]) != nil, "\(name)")
        }
    }

    @Test("The algorithm that a token names must be the key's own")
    func algorithms() throws {
        for name in ["RS256", "PS512", "ES256", "ES512"] {
            #expect(
                try headerFault(["alg": .string(name)]) == .algorithm("\(name) does not fit the key \"k1\""), "\(name)")
        }
    }

    @Test("A token with an extension, of another type, or for a key that nobody knows is refused")
    func headers() throws {
        let cases: [(header: [String: JSON], words: String)] = [
            (["crit": ["b64"], "b64": false], "extensions"), (["crit": []], "extensions"),
            (["typ": "at+jwt"], "another type"), (["typ": 1], "another type"), (["kid": "k2"], "no key \"k2\""),
            (["kid": 1], "no text"), (["kid": ""], "no key"),
        ]
        for (header, words) in cases {
            let fault = try headerFault(header)
            #expect(fault?.description.contains(words) == true, "\(header): \(fault.map { "\($0)" } ?? "taken")")
        }
        #expect(try headerFault(["typ": .null]) == nil)
        #expect(try headerFault(["typ": "application/jwt"]) == nil)
    }

    @Test("A key in the token itself, or an address of one, is not looked at")
    func ownKeys() throws {
        let (signer, other) = (try TokenSigner(), try TokenSigner(2))
        let header: [String: JSON] = [
            "jwk": other.webKey, "jku": "https://evil.example/keys", "x5u": "https://x.example",
        ]
        let text = try other.token(header: header)
        #expect(tokenFault(text, try signer.keys(), TokenSigner.expected) == .signature)
    }

    @Test("A token that names no key is taken where there is no choice, and not where there is one")
    func unnamed() throws {
        let (signer, other) = (try TokenSigner(), try TokenSigner(2))
        let text = try signer.token(header: ["kid": .null])
        #expect(tokenFault(text, try signer.keys(), TokenSigner.expected) == nil)
        #expect(tokenFault(text, try other.keys(), TokenSigner.expected) == .noKey(nil))
        var second = other.webKey.object ?? [:]
        second["kid"] = "k2"
        #expect(tokenFault(text, try signer.keys(and: [.object(second)]), TokenSigner.expected) == .noKey(nil))
    }

    @Test("What is no token is refused in words that are short")
    func forms() throws {
        let signer = try TokenSigner()
        let keys = try signer.keys()
        let right = try signer.token()
        let parts = right.split(separator: ".").map(String.init)
        let list = Base64URL.text(Array("[]".utf8))
        let twice = Base64URL.text(Array("{\"alg\":\"EdDSA\",\"alg\":\"none\"}".utf8))
        let wrong = [
            "", ".", "..", "...", right + ".", "." + right, right + "=", right + "\n", " " + right, right + ".a.b",
            "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).", "\(list).\(parts[1]).\(parts[2])",
            "\(twice).\(parts[1]).\(parts[2])", String(repeating: "a", count: CompactToken.bytesMax + 1),
            right.replacing(".", with: "\u{2024}"),
        ]
        for text in wrong {
            let fault = tokenFault(text, keys, TokenSigner.expected)
            #expect(fault != nil, "\(text.prefix(80))")
            #expect((fault?.description.count ?? 0) < 300)
        }
        #expect(tokenFault(right, keys, TokenSigner.expected) == nil)
    }

    @Test("The access token that comes along is the one that the ID token speaks of")
    func accessTokens() throws {
        let signer = try TokenSigner()
        var expected = TokenSigner.expected
        let hash = Base64URL.text(TokenAlgorithm.eddsa.leftHalf(of: "access"))
        let text = try signer.token(["at_hash": .string(hash)])
        expected.accessToken = "access"
        #expect(tokenFault(text, try signer.keys(), expected) == nil)
        expected.accessToken = "another"
        #expect(
            tokenFault(text, try signer.keys(), expected)
                == .claim("at_hash", "is not of the access token beside it"))
        #expect(tokenFault(try signer.token(), try signer.keys(), expected) == nil)
        // The example of OpenID Connect Core 1.0, section A.3, by RS256.
        #expect(
            Base64URL.text(TokenAlgorithm.rs256.leftHalf(of: "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"))
                == "77QmUPtjPfzWtF2AnpK9RQ")
    }
}
