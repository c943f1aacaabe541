import AndonConfiguration
import AndonModel
import Testing

@Suite("The options of Andon's own OPC UA server")
struct OPCUAServerSettingsTests {
    private static let secrets = SecretSource(
        environment: { ["SCADA": "secret", "LONG": String(repeating: "x", count: 65)][$0] }, file: { _ in nil })

    private func load(_ server: String) throws -> OPCUAServerSettings? {
        try Configuration.load(
            yaml: "plant: { name: P }\nopcua:\n  server: \(server)\n", secrets: Self.secrets
        ).opcuaServer
    }

    @Test("Without the section nothing listens; with it, nothing is open that was not said to be")
    func defaults() throws {
        #expect(try Configuration.load(yaml: "plant: { name: P }").opcuaServer == nil)
        let settings = try #require(try load("{ users: [{ name: scada, password: { env: SCADA } }] }"))
        #expect(!settings.isOpen && !settings.letsAnonymousRead && !settings.takesAccounts)
        #expect(settings.port == 4840 && settings.policies.count == 3 && settings.modes.count == 2)
        #expect(settings.users.map(\.name) == ["scada"] && settings.users.first?.may.isEmpty == true)
    }

    @Test(
        "What is wrong is said with its place, and what to do",
        arguments: [
            ("{ accounts: true, listen: 4840 }", "should be an address and a port like 0.0.0.0:4840 or [::]:4840"),
            ("{}", "lets nobody in: name users, or set accounts: true or anonymous: read"),
            ("{ accounts: true, policies: [] }", "offers no endpoint: name policies and modes, or set none: true"),
            ("{ accounts: true, policies: [Basic256] }", "should be one of Basic256Sha256, Aes128_Sha256_RsaOaep"),
            ("{ anonymous: write }", "should be one of no, read"),
            ("{ users: [{ name: a, password: hello }] }", "a secret is not written here"),
            ("{ users: [{ name: a, password: { env: LONG } }] }", "is longer than 64 bytes"),
            (
                "{ users: [{ name: a, password: { env: SCADA } }, { name: a, password: { env: SCADA } }] }",
                "there is a user \"a\" already"
            ),
            (
                "{ users: [{ name: a, password: { env: SCADA }, may: [write] }] }",
                "should be one of acknowledge, submit"
            ),
            ("{ accounts: true, applicationURI: andon }", "should be a URI like urn:plant.example:andon"),
            ("{ accounts: true, orders: 100 }", "should be a whole number from 1 to 99"),
        ])
    func faults(server: String, words: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try load(server) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("andon.yaml:3:") == true)
    }
}
