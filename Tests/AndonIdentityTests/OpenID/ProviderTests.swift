import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIdentity

@Suite("What a provider says of itself, and what is asked of it")
struct ProviderTests {
    private static let issuer = "https://login.plant.example/realms/plant"

    private static let members: [String: JSON] = [
        "issuer": .string(issuer), "authorization_endpoint": "https://login.plant.example/auth",
        "token_endpoint": "https://login.plant.example/token", "jwks_uri": "https://keys.plant.example/jwks",
    ]

    private func document(_ changes: [String: JSON] = [:]) throws(ProviderFault) -> ProviderDocument {
        let json = JSON.object(Self.members.merging(changes) { $1 }.filter { $0.value != .null })
        return try ProviderDocument(parsing: json.canonicalBytes, issuer: Self.issuer)
    }

    @Test("The document of the configured issuer is taken, and lies where Discovery 1.0 says")
    func right() throws {
        let found = try document(["userinfo_endpoint": "https://login.plant.example/me", "unknown": [1, 2]])
        #expect(found.tokenEndpoint == "https://login.plant.example/token")
        #expect(found.userEndpoint == "https://login.plant.example/me" && !found.namesItself)
        #expect(try document().userEndpoint == nil)
        #expect(try document(["authorization_response_iss_parameter_supported": true]).namesItself)
        for issuer in [Self.issuer, Self.issuer + "/"] {
            #expect(ProviderDocument.address(of: issuer) == "\(Self.issuer)/.well-known/openid-configuration")
        }
    }

    @Test(
        "A document of another issuer, without an endpoint, or with one that is not safe is refused",
        arguments: [
            ["issuer": "https://login.plant.example/realms/plant/"], ["issuer": .null], ["issuer": 1],
            ["token_endpoint": .null], ["jwks_uri": .null], ["authorization_endpoint": .null],
            ["token_endpoint": "http://login.plant.example/token"], ["jwks_uri": "file:///etc/passwd"],
            ["jwks_uri": "/jwks"], ["authorization_endpoint": "javascript:alert(1)"],
            ["userinfo_endpoint": "http://login.plant.example/me"], ["token_endpoint": ["https://x.example"]],
        ] as [[String: JSON]])
    func wrong(_ changes: [String: JSON]) {
        #expect(throws: ProviderFault.self) { try document(changes) }
    }

    @Test("Secrets go over https, or within this machine")
    func safety() {
        let safe = [
            "https://a.example", "https://a.example:8443/x?y=1", "http://localhost:9400/x", "http://127.0.0.1/x",
            "http://127.8.9.1:80", "http://[::1]:9400/x", "HTTPS://A.example/",
        ]
        let unsafe = [
            "http://a.example", "http://10.0.0.1/x", "http://127.0.0.1.example/x", "http://127.1/x", "ftp://a.example",
            "https://", "https:///x", "https://user@a.example/x", "https://user:pw@a.example/x", "https://a.example/#x",
            "https://a.example/ x", "a.example", "", "folder:///x", "https://a.example/\u{E9}",
            "https://a.example/" + String(repeating: "x", count: 2000),
        ]
        for address in safe { #expect(ProviderDocument.isSafe(address), "\(address)") }
        for address in unsafe { #expect(!ProviderDocument.isSafe(address), "\(address)") }
    }

    @Test("What is too long, too deep or no object is refused, not read on")
    func limits() {
        let texts: [String] = [
            "", "null", "[]", "{", "{\"issuer\":\"a\",\"issuer\":\"b\"}",
            String(repeating: "[", count: 100_000), "{\"a\":\"" + String(repeating: "x", count: 300_000) + "\"}",
        ]
        for text in texts {
            let bytes = Array(text.utf8)
            #expect(throws: ProviderFault.self) { try ProviderDocument(parsing: bytes, issuer: Self.issuer) }
            #expect(throws: ProviderFault.self) { try KeySet(parsing: bytes) }
        }
        let keys: JSON = ["keys": .array(Array(repeating: ["kty": "oct"], count: 101))]
        let error = #expect(throws: ProviderFault.self) { try KeySet(parsing: keys.canonicalBytes) }
        #expect(error?.description.contains("101 keys") == true)
    }

    @Test("A key that is off its curve, for encryption, or no number is none")
    func keys() throws {
        let signer = try TokenSigner()
        let key = signer.webKey.object ?? [:]
        let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        let point: [String: JSON] = [
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": .string(y),
        ]
        func isTaken(_ key: [String: JSON], _ changes: [String: JSON] = [:]) -> Bool {
            WebKey(.object(key.merging(changes) { $1 })) != nil
        }
        #expect(isTaken(key) && isTaken(point) && isTaken(key, ["key_ops": ["verify"], "use": "sig"]))
        #expect(!isTaken(point, ["y": .string("a" + y.dropFirst())]), "off the curve")
        #expect(!isTaken(point, ["x": "AA"]) && !isTaken(point, ["crv": "P-384"]))
        #expect(!isTaken(point, ["crv": "secp256k1"]))
        #expect(!isTaken(key, ["use": "enc"]) && !isTaken(key, ["key_ops": ["sign"]]) && !isTaken(key, ["kid": 1]))
        #expect(!isTaken(key, ["x": "a+/="]) && !isTaken(key, ["kty": "oct"]) && !isTaken([:]))
        let modulus = JSON.string(Base64URL.text([0xC1] + [UInt8](repeating: 0x55, count: 255)))
        let rsa: [String: JSON] = ["kty": "RSA", "n": modulus, "e": "AQAB"]
        #expect(isTaken(rsa) && !isTaken(rsa, ["e": "AQ"]) && !isTaken(rsa, ["e": "AAAAAAEAAQ"]))
    }

    @Test("The browser is sent on with three secrets that are new each time, and with the verifier's digest alone")
    func request() throws {
        let source = SeededSource(seed: 7)
        let (first, second) = (AuthorisationRequest(source), AuthorisationRequest(source))
        let secrets = [first, second].flatMap { [$0.state, $0.nonce, $0.verifier] }
        #expect(Set(secrets).count == 6 && secrets.allSatisfy { $0.utf8.count == 43 })
        var settings = OpenIDSettings(issuer: Self.issuer, clientID: "an don&x")
        settings.scopes = ["openid", "profile", "email"]
        let redirect = "https://andon.plant.example/sign-in/openid/callback"
        let text = first.address(try document(), settings, redirect: redirect)
        let parts = try #require(URLComponents(string: text))
        let items = (parts.queryItems ?? []).map { "\($0.name)=\($0.value ?? "")" }
        #expect(
            items == [
                "response_type=code", "client_id=an don&x", "redirect_uri=\(redirect)", "scope=openid profile email",
                "state=\(first.state)", "nonce=\(first.nonce)", "code_challenge=\(first.challenge)",
                "code_challenge_method=S256",
            ])
        #expect(!text.contains(first.verifier))
        let tenant = try document(["authorization_endpoint": "https://login.plant.example/auth?tenant=1"])
        #expect(
            first.address(tenant, settings, redirect: redirect)
                .hasPrefix("https://login.plant.example/auth?tenant=1&response_type=code&"))
    }

    @Test("A code is exchanged with the secret where the provider wants it")
    func exchange() throws {
        var settings = OpenIDSettings(issuer: Self.issuer, clientID: "an don", clientSecret: Secret("a:b+ü"))
        let document = try document()
        func request() -> WireRequest {
            settings.tokenRequest(document, code: "c/1", verifier: "v", redirect: "https://a.example/cb")
        }
        func body(_ request: WireRequest) -> String {
            if case .bytes(let bytes) = request.body { String(decoding: bytes, as: UTF8.self) } else { "" }
        }
        let plain = "grant_type=authorization_code&code=c%2F1&redirect_uri=https%3A%2F%2Fa.example%2Fcb&code_verifier=v"
        let basic = request()
        #expect(basic.method == "POST" && basic.url == "https://login.plant.example/token" && body(basic) == plain)
        let header = basic.headers.first { $0.name == "authorization" }?.value
        #expect(header == "Basic " + Data("an%20don:a%3Ab%2B%C3%BC".utf8).base64EncodedString())
        settings.clientAuthentication = .post
        #expect(body(request()) == plain + "&client_id=an%20don&client_secret=a%3Ab%2B%C3%BC")
        settings.clientAuthentication = .none
        #expect(body(request()) == plain + "&client_id=an%20don")
        #expect(!request().headers.contains { $0.name == "authorization" })
    }

    @Test("An answer to a code has a token, or an error's code that may be shown")
    func replies() throws {
        func reply(_ json: JSON, status: Int = 200) throws(ProviderFault) -> TokenReply {
            try TokenReply(WireResponse(status: status, body: json.canonicalBytes))
        }
        let right = try reply(["id_token": "a.b.c", "access_token": "t", "token_type": "bearer"])
        #expect(right.idToken == "a.b.c" && right.accessToken == "t")
        #expect(try reply(["id_token": "a", "access_token": "t", "token_type": "DPoP"]).accessToken == nil)
        #expect(try reply(["id_token": "a", "access_token": "a\nb", "token_type": "Bearer"]).accessToken == nil)
        func fault(_ json: JSON, status: Int) -> ProviderFault? {
            do throws(ProviderFault) {
                _ = try reply(json, status: status)
                return nil
            } catch { return error }
        }
        #expect(fault(["error": "invalid_grant", "error_description": "x"], status: 400) == .refused("invalid_grant"))
        #expect(fault(["error": "a\u{7}"], status: 400) == .refused("status 400"))
        #expect(fault("no", status: 503) == .refused("status 503"))
        #expect(fault(["access_token": "t"], status: 200)?.description.contains("id_token") == true)
    }
}
