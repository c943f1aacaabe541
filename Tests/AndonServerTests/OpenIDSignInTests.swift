import AndonIdentity
import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

/// A provider of OpenID Connect of another maker (oidc-provider-mock, on Authlib), run by Python in a process of its own. It
/// ends when its input is closed.
final class RealProvider: Sendable {
    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPENID_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-openid/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with oidc-provider-mock: set ANDON_OPENID_PYTHON, or run scripts/setup --tests for .venv-openid"

    struct StartError: Error, CustomStringConvertible { let description: String }

    private let process: Mutex<Process>
    private let input = Pipe()
    let client: BareClient

    init() throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/provider.py")
        process.arguments = ["-W", "ignore", script.path]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(process)
        var text = ""
        while let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty, data[0] != 10 {
            text += String(decoding: data, as: UTF8.self)
        }
        guard let port = Int(text) else { throw StartError(description: "the provider did not start: \(text)") }
        client = BareClient(port: port)
    }

    deinit {
        process.withLock { process in
            // Children of the tests' threads are born with SIGTERM blocked.
            _ = kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    var issuer: String { "http://127.0.0.1:\(client.port)" }

    /// Tells the provider of us, who then takes no other address and no other secret.
    func register(_ redirect: String) async throws -> (id: String, secret: String) {
        let made = try await client.post("/oauth2/clients", ["redirect_uris": [.string(redirect)]])
        #expect(made.status == 201, "\(made.body)")
        return (made.json["client_id"]?.string ?? "", made.json["client_secret"]?.string ?? "")
    }

    /// What it says of a person from now on; claims may be ones that no honest provider gives.
    func set(_ subject: String, _ claims: JSON) async throws {
        let answer = try await client.send(
            "PUT", "/users/\(subject)", headers: ["Content-Type": "application/json"], body: claims.canonicalText)
        #expect(answer.status == 204, "\(answer.body)")
    }

    /// How often it was asked at a path.
    func asked(_ path: String) async throws -> Int { try await client.get("/test/asked").json[path]?.integer ?? 0 }
}

/// A server whose people sign in at a real provider.
struct OpenIDBench {
    static let claims: JSON = [
        "name": "K. Sommer", "preferred_username": "k.sommer", "roles": ["plant-quality", "offline_access"],
    ]

    let provider: RealProvider
    let server: ServerFixture
    let browser: BareClient

    init(_ secret: String? = nil) async throws {
        provider = try RealProvider()
        let port = try freePort()
        let address = "http://127.0.0.1:\(port)"
        let registered = try await provider.register("\(address)/sign-in/openid/callback")
        let openID = """
            server: { publicURL: '\(address)' }
            accounts:
              openID:
                issuer: '\(provider.issuer)'
                clientID: '\(registered.id)'
                clientSecret: { env: ANDON_OPENID_SECRET }
                roles: { plant-quality: quality-engineer, line-2: [planner@BEDFORD] }
                label: Plant <login>

            """
        server = try ServerFixture(
            ServerFixture.plant + openID, environment: ["ANDON_OPENID_SECRET": secret ?? registered.secret],
            access: "accounts", port: port)
        browser = BareClient(port: port)
    }

    /// A sign-in that has come as far as the provider.
    struct Begun {
        /// At the provider, with the query.
        var path: String
        var cookie: String
    }

    func begin(next: String = "/me") async throws -> Begun {
        let sent = try await browser.get("/sign-in/openid?next=\(next)")
        let address = try #require(sent["location"])
        #expect(sent.status == 303 && address.hasPrefix("\(provider.issuer)/oauth2/authorize?"), "\(address)")
        let cookie = try #require(sent["set-cookie"])
        let words = ["HttpOnly", "SameSite=Lax", "Path=/sign-in/openid", "Max-Age=600"]
        #expect(words.allSatisfy { cookie.contains($0) }, "\(cookie)")
        return Begun(
            path: String(address.dropFirst(provider.issuer.count)), cookie: String(cookie.prefix { $0 != ";" }))
    }

    /// The person shows who they are there, or says no.
    /// - Returns: the path of ours, with the query, to which the provider sends the browser.
    func answer(_ begun: Begun, _ fields: [String: String]) async throws -> String {
        let sent = try await provider.client.form(begun.path, fields)
        let address = try #require(sent["location"], "\(sent.status) \(sent.body.prefix(500))")
        let own = "http://127.0.0.1:\(browser.port)"
        #expect(address.hasPrefix("\(own)/sign-in/openid/callback?"), "\(address)")
        return String(address.dropFirst(own.count))
    }

    func comeBack(_ path: String, _ begun: Begun) async throws -> BareClient.Answer {
        try await browser.send("GET", path, headers: ["Cookie": begun.cookie])
    }

    /// The whole way.
    func signIn(_ subject: String, next: String = "/me") async throws -> BareClient.Answer {
        let begun = try await begin(next: next)
        return try await comeBack(answer(begun, ["sub": subject]), begun)
    }

    /// A browser with the session that an answer began.
    func signedIn(_ answer: BareClient.Answer, to path: String = "/me") throws -> BareClient {
        #expect(answer.status == 303 && answer["location"] == path, "\(answer["location"] ?? answer.body)")
        let cookies = answer.headers.filter { $0.name == "set-cookie" }.map(\.value)
        let session = try #require(cookies.first { $0.hasPrefix("andon_session=") }, "\(cookies)")
        #expect(cookies.contains { $0.hasPrefix("andon_openid=;") && $0.contains("Max-Age=0") }, "\(cookies)")
        return BareClient(port: browser.port, headers: ["Cookie": String(session.prefix { $0 != ";" })])
    }

    /// Why nobody was signed in, after an answer that leads back to the page where people sign in.
    func refusal(_ answer: BareClient.Answer) -> String? {
        guard answer.status == 303, let address = answer["location"], address.hasPrefix("/sign-in?why="),
            !answer.headers.contains(where: { $0.value.hasPrefix("andon_session=") })
        else { return nil }
        return address.dropFirst("/sign-in?why=".count).split(separator: "&").first.map(String.init)
    }
}

@Suite("Signing in at a real provider of OpenID Connect", .enabled(if: RealProvider.python != nil, RealProvider.reason))
struct OpenIDSignInTests {
    @Test("The button leads to the provider, the way back begins a session with the provider's roles, and it verifies")
    func roundTrip() async throws {
        let bench = try await OpenIDBench()
        try await bench.provider.set("s-1", OpenIDBench.claims)
        let page = try await bench.browser.get("/sign-in?next=/rules")
        #expect(page.body.contains("href=\"/sign-in/openid?next=%2Frules\">Plant &lt;login&gt;</a>"), "\(page.body)")
        let person = try bench.signedIn(await bench.signIn("s-1"))
        let me = try await person.get("/me")
        #expect(me.status == 200 && me.body.contains("K. Sommer") && me.body.contains("quality-engineer"))
        #expect(try await person.get("/api/v1/orders").status == 200)
        #expect(try await person.get("/api/v1/accounts").status == 200, "a quality engineer audits")
        #expect(try await person.post("/api/v1/keys", ["name": "K1", "permissions": "read"]).status == 403)
        // The same person again is the same account, in another session; what the pages want is where they go on to.
        let again = try bench.signedIn(await bench.signIn("s-1", next: "/api/v1/orders"), to: "/api/v1/orders")
        let accounts = try await again.get("/api/v1/accounts").json["accounts"]?.array ?? []
        #expect(accounts.count == 1 && accounts.first?["login"] == "k.sommer" && accounts.first?["state"] == "active")
        #expect(try await again.send("POST", "/sign-out").status == 303)
        #expect(try await person.get("/me").status == 200)

        try await bench.provider.set("s-1", ["name": "K. Sommer", "preferred_username": "k.sommer", "roles": "line-2"])
        let planner = try bench.signedIn(await bench.signIn("s-1"))
        #expect(try await planner.get("/me").body.contains("planner@BEDFORD"))
        #expect(try await person.get("/api/v1/orders").status == 401, "other roles end the sessions of the old ones")
        #expect(try await bench.provider.asked("/.well-known/openid-configuration") == 1, "what is known is kept")
        #expect(try await bench.provider.asked("/jwks") == 1)
        try await bench.server.end()
    }

    @Test("An answer is taken once, in the browser that began, and for the code that was given for it")
    func replays() async throws {
        let bench = try await OpenIDBench()
        try await bench.provider.set("s-1", OpenIDBench.claims)
        let begun = try await bench.begin()
        let path = try await bench.answer(begun, ["sub": "s-1"])
        #expect(bench.refusal(try await bench.browser.get(path)) == "stale", "without the cookie")
        let other = try await bench.begin()
        #expect(bench.refusal(try await bench.comeBack(path, other)) == "stale", "with another sign-in's cookie")
        let forged = path.replacing("code=", with: "code=x")
        #expect(bench.refusal(try await bench.comeBack(forged, begun)) == "refused", "with another code")
        #expect(bench.refusal(try await bench.comeBack(path, begun)) == "stale", "a second time")
        // A code that was given to another browser: its verifier is not the one that this browser has.
        let theirs = try await bench.answer(other, ["sub": "s-1"])
        let mine = try await bench.begin()
        let own = try await bench.answer(mine, ["sub": "s-1"])
        let state = try #require(own.firstMatch(of: /state=[^&]+/)?.output)
        let code = try #require(theirs.firstMatch(of: /code=[^&]+/)?.output)
        let mixed = try await bench.comeBack("/sign-in/openid/callback?\(code)&\(state)", mine)
        #expect(bench.refusal(mixed) == "refused", "PKCE")
        for path in ["/sign-in/openid/callback", "/sign-in/openid/callback?code=a&state=b"] {
            #expect(bench.refusal(try await bench.browser.get(path)) == "stale")
        }
        let foreign = try await bench.begin(next: "https%3A%2F%2Fevil.example%2F")
        _ = try bench.signedIn(
            await bench.comeBack(bench.answer(foreign, ["sub": "s-1"]), foreign), to: "/")
        try await bench.server.end()
    }

    @Test("Who says no there, has no role, or a login name of somebody here is told so in words, in both languages")
    func refusals() async throws {
        let bench = try await OpenIDBench()
        let text = try String(contentsOfFile: bench.server.data + "/set-up-code", encoding: .utf8)
        let made = try await bench.browser.form(
            "/first",
            [
                "code": text.split(separator: "\n").first.map(String.init) ?? "", "login": "root.admin",
                "printedName": "A. Maier", "password": "correct horse battery", "accepts": "true",
            ])
        #expect(made.status == 303, "\(made.body)")
        let begun = try await bench.begin()
        let path = try await bench.answer(begun, ["action": "deny"])
        #expect(bench.refusal(try await bench.comeBack(path, begun)) == "denied")
        let state = try #require(begun.path.firstMatch(of: /state=[^&]+/)?.output)
        let failed = "/sign-in/openid/callback?error=server_error&error_description=%3Cb%3E&\(state)"
        #expect(bench.refusal(try await bench.comeBack(failed, begun)) == "refused")

        try await bench.provider.set("s-2", ["name": "N. Obody", "preferred_username": "n.obody", "roles": ["others"]])
        #expect(bench.refusal(try await bench.signIn("s-2")) == "no-role")
        let unnamed: JSON = ["roles": ["plant-quality"], "preferred_username": "n o"]
        try await bench.provider.set("s-3", unnamed)
        #expect(bench.refusal(try await bench.signIn("s-3")) == "no-login")
        let thief: JSON = ["name": "T. Hief", "preferred_username": "root.admin", "roles": ["plant-quality"]]
        try await bench.provider.set("s-4", thief)
        #expect(bench.refusal(try await bench.signIn("s-4")) == "login-taken")
        // Claims that make the token one for another sign-in, another client or another time.
        let wrong: [[String: JSON]] = [
            ["nonce": "x"], ["aud": "other"], ["exp": 1], ["iss": "http://other"], ["azp": "x"],
        ]
        for (number, claims) in wrong.enumerated() {
            let subject = "w-\(number)"
            try await bench.provider.set(subject, .object((OpenIDBench.claims.object ?? [:]).merging(claims) { $1 }))
            #expect(bench.refusal(try await bench.signIn(subject)) == "untrue", "\(claims)")
        }

        let english = try await bench.browser.get("/sign-in?why=no-role&next=/rules")
        #expect(english.body.contains("role=\"alert\">You have no role at the login server"), "\(english.body)")
        #expect(english.body.contains("name=\"next\" value=\"/rules\""))
        for kind in OpenIDRefusal.Kind.allCases {
            for language in ["en", "de"] {
                let page = try await bench.browser.send(
                    "GET", "/sign-in?why=\(kind.rawValue)", headers: ["Accept-Language": language])
                #expect(page.body.contains("role=\"alert\"") && !page.body.contains("«"), "\(kind), \(language)")
            }
        }
        #expect(try await !bench.browser.get("/sign-in?why=%3Cb%3E").body.contains("role=\"alert\""))
        try await bench.server.end()
    }

    @Test("A key that is not known is asked for once, and at most once a minute")
    func rotation() async throws {
        let bench = try await OpenIDBench()
        try await bench.provider.set("s-1", OpenIDBench.claims)
        _ = try bench.signedIn(await bench.signIn("s-1"))
        #expect(try await bench.provider.client.send("POST", "/test/rotate", body: "").status == 204)
        _ = try bench.signedIn(await bench.signIn("s-1"))
        #expect(try await bench.provider.asked("/jwks") == 2)
        #expect(try await bench.provider.client.send("POST", "/test/rotate", body: "").status == 204)
        #expect(bench.refusal(try await bench.signIn("s-1")) == "untrue", "asked for a moment ago")
        #expect(try await bench.provider.asked("/jwks") == 2)
        try await bench.server.end()
    }

    @Test("With a wrong secret, and without the provider, nobody gets in, and the page says so")
    func failures() async throws {
        let bench = try await OpenIDBench("not the secret")
        try await bench.provider.set("s-1", OpenIDBench.claims)
        #expect(bench.refusal(try await bench.signIn("s-1")) == "refused")
        #expect(try await bench.browser.get("/me").status == 401)
        try await bench.server.end()

        let port = try freePort()
        let openID = """
            server: { publicURL: 'http://127.0.0.1' }
            accounts:
              openID: { issuer: 'http://127.0.0.1:\(port)', clientID: a, clientAuthentication: none, roles: { a: viewer } }

            """
        let lonely = try ServerFixture(ServerFixture.plant + openID, access: "accounts")
        let browser = BareClient(port: lonely.process.port)
        for _ in 1...2 { #expect(bench.refusal(try await browser.get("/sign-in/openid?next=/me")) == "away") }
        #expect(try await browser.get("/sign-in").body.contains("Sign in with the plant"))
        try await lonely.end()

        let plain = try ServerFixture(access: "accounts")
        let stranger = BareClient(port: plain.process.port)
        #expect(try await stranger.get("/sign-in/openid").status == 404)
        #expect(try await !stranger.get("/sign-in").body.contains("openid"))
        try await plain.end()
    }
}
