import AndonConfiguration
import AndonIdentity
import AndonModel
import Testing

@Suite("The options of signing in by OpenID Connect")
struct OpenIDSettingsTests {
    private static let secrets = SecretSource(environment: { ["OPENID": "geheim"][$0] }, file: { _ in nil })

    private func load(_ openID: String, server: String = "{ publicURL: https://andon.plant.example }") throws
        -> OpenIDSettings?
    {
        try Configuration.load(
            yaml: "plant: { name: P }\nserver: \(server)\naccounts:\n  openID: \(openID)\n", secrets: Self.secrets
        ).openID
    }

    private static let least =
        "issuer: https://login.plant.example/, clientID: andon, clientSecret: { env: OPENID }, roles: { quality: viewer }"

    @Test("Without the section nobody comes in this way; the least of it has the common claims")
    func defaults() throws {
        #expect(try Configuration.load(yaml: "plant: { name: P }").openID == nil)
        #expect(try Configuration.load(yaml: "plant: { name: P }\naccounts: { attemptsMax: 3 }").openID == nil)
        let found = try #require(try load("{ \(Self.least) }"))
        #expect(found.issuer == "https://login.plant.example/", "letter by letter")
        #expect(found.clientID == "andon" && found.clientSecret?.reveal() == "geheim")
        #expect(found.clientAuthentication == .basic && found.scopes == ["openid", "profile"])
        #expect(found.rolesClaim == "roles" && found.nameClaim == "name" && found.loginClaim == "preferred_username")
        #expect(found.roles == ["quality": [Grant(.viewer)]] && found.label == nil)
    }

    @Test("Every option is read, roles as one, as a list, and at a site")
    func all() throws {
        let found = try #require(
            try load(
                "{ issuer: 'http://127.0.0.1:9400', clientID: a, clientAuthentication: none, scopes: [openid, email], "
                    + "rolesClaim: /realm_access/roles, roles: { 'line 2': [planner@BEDFORD, auditor], q: technician }, "
                    + "name: display, login: email, label: Plant login }"))
        #expect(
            found.clientAuthentication == .none && found.clientSecret == nil && found.scopes == ["openid", "email"])
        #expect(
            found.rolesClaim == "/realm_access/roles" && found.nameClaim == "display" && found.loginClaim == "email")
        #expect(found.roles["line 2"]?.map(\.description) == ["planner@BEDFORD", "auditor"])
        #expect(found.roles["q"] == [Grant(.technician)] && found.label == "Plant login")
    }

    @Test(
        "What is wrong is said with its place, and what to do",
        arguments: [
            ("{}", "the option \"issuer\" is required here"),
            ("{ clientID: a }", "the option \"clientSecret\" is required here"),
            (
                "{ issuer: http://login.plant.example }",
                "should be the provider's name as it writes it, an https address"
            ),
            ("{ issuer: 'https://a.example/?x=1' }", "should be the provider's name as it writes it"),
            ("{ clientSecret: geheim }", "a secret is not written here"),
            (
                "{ clientAuthentication: private_key_jwt }",
                "should be one of client_secret_basic, client_secret_post, none"
            ),
            ("{ scopes: [profile] }", "should be a list of words with openid among them"),
            ("{ roles: {} }", "lets nobody in: say in roles what the provider's roles give"),
            ("{ roles: { a: boss } }", "should be one of viewer, technician, planner"),
            ("{ roles: { a: [viewer, planner@] } }", "found \"planner@\""),
            ("{ name: '' }", "should be a text of 1 to 200 bytes"),
            ("{ role: { a: viewer } }", "unknown option; did you mean \"roles\"?"),
        ])
    func faults(openID: String, words: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try load(openID) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("andon.yaml:4:") == true)
    }

    @Test("The provider must know where to send people back to")
    func address() throws {
        let error = #expect(throws: ConfigurationError.self) { try load("{ \(Self.least) }", server: "{}") }
        #expect(error?.description.contains("andon.yaml:4:11: accounts.openID: needs server.publicURL") == true)
    }
}
