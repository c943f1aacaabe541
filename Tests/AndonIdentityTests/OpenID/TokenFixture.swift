import AndonModel
import AndonTesting
import Crypto
import Foundation
import Testing

@testable import AndonIdentity

/// Tokens that joserfc made (Counterpart/tokens.py), with the key set that they are by.
struct ForeignTokens: Sendable {
    struct Made: Sendable, CustomTestStringConvertible {
        var algorithm: String
        var key: String
        var text: String

        var testDescription: String { "\(algorithm) by \(key)" }
    }

    var json: JSON
    var keys: KeySet
    var made: [Made]
    /// By what is wrong with each.
    var refused: [(why: String, text: String)]

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Counterpart")

    /// As they were committed.
    static func kept() throws -> ForeignTokens {
        try ForeignTokens(
            JSON(parsing: String(contentsOf: folder.appendingPathComponent("tokens.json"), encoding: .utf8)))
    }

    /// New ones, by new keys.
    static func fresh(_ python: String) async throws -> ForeignTokens {
        let result = try await runProgram(
            URL(fileURLWithPath: python), ["-W", "ignore", folder.appendingPathComponent("tokens.py").path])
        return try ForeignTokens(JSON(parsing: result.output))
    }

    init(_ json: JSON) throws {
        self.json = json
        keys = try KeySet(parsing: (json["jwks"] ?? .null).canonicalBytes)
        made = (json["tokens"]?.array ?? []).map { token in
            Made(
                algorithm: token["alg"]?.string ?? "", key: token["kid"]?.string ?? "",
                text: token["token"]?.string ?? "")
        }
        refused = (json["refused"]?.object ?? [:]).sorted { $0.key < $1.key }.map {
            (why: $0.key, text: $0.value.string ?? "")
        }
    }

    var expected: IDToken.Expectation {
        IDToken.Expectation(
            issuer: json["issuer"]?.string ?? "", clientID: json["clientID"]?.string ?? "",
            nonce: json["nonce"]?.string ?? "", accessToken: json["accessToken"]?.string,
            now: Timestamp(microseconds: Int64(json["now"]?.integer ?? 0) * 1_000_000))
    }
}

/// A Python with joserfc and a provider of OpenID Connect.
enum OpenIDPython {
    static let path: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPENID_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-openid/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with joserfc: set ANDON_OPENID_PYTHON, or run scripts/setup --tests for .venv-openid"
}

/// Signs whatever it is told to, by an Ed25519 key: the same text each time.
struct TokenSigner {
    static let now = Timestamp(microseconds: 1_760_000_000_000_000)
    static let keyID = "k1"

    let key: Curve25519.Signing.PrivateKey

    init(_ seed: UInt8 = 1) throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: seed, count: 32))
    }

    /// The public half, as a set has it.
    var webKey: JSON {
        [
            "kty": "OKP", "crv": "Ed25519", "kid": .string(Self.keyID),
            "x": .string(Base64URL.text(key.publicKey.rawRepresentation)),
        ]
    }

    func keys(and others: [JSON] = []) throws -> KeySet {
        let set: JSON = ["keys": .array([webKey] + others)]
        return try KeySet(parsing: set.canonicalBytes)
    }

    static let header: [String: JSON] = ["alg": "EdDSA", "kid": .string(keyID), "typ": "JWT"]

    static let claims: [String: JSON] = [
        "iss": "https://login.plant.example", "sub": "248289761001", "aud": "andon", "nonce": "n1",
        "iat": 1_760_000_000, "exp": 1_760_000_300,
    ]

    static var expected: IDToken.Expectation {
        IDToken.Expectation(issuer: "https://login.plant.example", clientID: "andon", nonce: "n1", now: now)
    }

    /// - Parameters:
    ///   - changes: to the claims; null takes one away.
    ///   - header: the same for the header.
    func token(_ changes: [String: JSON] = [:], header: [String: JSON] = [:]) throws -> String {
        func changed(_ members: [String: JSON], _ changes: [String: JSON]) -> JSON {
            .object(members.merging(changes) { $1 }.filter { $0.value != .null })
        }
        let head = Base64URL.text(changed(Self.header, header).canonicalBytes)
        let body = Base64URL.text(changed(Self.claims, changes).canonicalBytes)
        let text = "\(head).\(body)"
        return try "\(text).\(Base64URL.text(key.signature(for: Array(text.utf8))))"
    }
}

/// The fault for which a token is not taken; nil for one that is.
func tokenFault(_ text: String, _ keys: KeySet, _ expected: IDToken.Expectation) -> ProviderFault? {
    do throws(ProviderFault) {
        _ = try IDToken(text, keys: keys, expected: expected)
        return nil
    } catch {
        return error
    }
}
