import AndonConfiguration
import AndonIdentity
import AndonModel
import Testing

@Suite("TLS and the certificates of clients in the configuration")
struct TransportSettingsTests {
    private static let secrets = SecretSource(
        environment: { _ in nil },
        file: { $0.hasSuffix(".none") ? nil : "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----" })

    private func load(_ yaml: String) throws(ConfigurationError) -> Configuration {
        try Configuration.load(yaml: "plant: { name: P }\n\(yaml)\n", secrets: Self.secrets)
    }

    private func faults(_ yaml: String) -> String {
        do throws(ConfigurationError) {
            _ = try load(yaml)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("Certificate and key are enough; without the section the server speaks plain HTTP")
    func smallest() throws {
        #expect(try load("").server.tls == nil)
        let found = try load("server: { tls: { certificate: a.pem, key: a.key } }").server.tls
        #expect(found == TransportSettings(certificate: "a.pem", key: "a.key"))
        #expect(found?.minimumVersion == .tls12 && found?.requiresClient == false)
    }

    @Test("Every option is read, and so is whom a certificate stands for")
    func whole() throws {
        let found = try load(
            """
            server: { tls: { certificate: a.pem, key: a.key, clientCA: c.pem, requireClient: true, minimumVersion: 1.3 } }
            accounts:
              certificates:
                - { subject: "CN=press-vision,O=Plant", permissions: [report, read], sites: [BEDFORD] }
                - { subject: "CN=mes", name: MES, permissions: [plan] }
                - { fingerprint: "\(String(repeating: "AB:", count: 31))AB", login: m.weber }
            """)
        let tls = TransportSettings(
            certificate: "a.pem", key: "a.key", clientCA: "c.pem", requiresClient: true, minimumVersion: .tls13)
        #expect(found.server.tls == tls)
        #expect(
            found.certificates.map(\.holder) == [
                .machine(name: "press-vision", [.report, .read], sites: ["BEDFORD"]),
                .machine(name: "MES", [.plan], sites: []), .person(login: "m.weber"),
            ])
        #expect(found.certificates.last?.mark == .fingerprint(String(repeating: "ab", count: 32)))
    }

    @Test("Each fault is named with its place and what would be right")
    func wrong() {
        #expect(faults("server: { tls: { key: a.key } }").contains("the option \"certificate\" is required here"))
        #expect(faults("server: { tls: { certificate: a.none, key: a.key } }").contains("readable file in PEM form"))
        #expect(
            faults("server: { tls: { certificate: a, key: b, requireClient: true } }").contains("needs clientCA"))
        #expect(faults("server: { tls: { certificate: a, key: b, minimumVersion: 1.1 } }").contains("1.2, 1.3"))
        #expect(
            faults("accounts: { certificates: [{ subject: CN=a, login: m }] }").contains("needs server.tls.clientCA"))
        let tls = "server: { tls: { certificate: a, key: b, clientCA: c } }\naccounts: { certificates: ["
        for (row, words) in [
            ("{ login: m }", "give \"subject\" or \"fingerprint\""),
            ("{ subject: CN=a, fingerprint: b, login: m }", "give \"subject\" or \"fingerprint\""),
            ("{ subject: CN=a }", "give \"permissions\" for a machine, or \"login\""),
            ("{ subject: CN=a, login: m, permissions: [read] }", "give \"permissions\" for a machine, or \"login\""),
            ("{ subject: nobody, login: m }", "like \"CN=press-vision,O=Plant\""),
            ("{ fingerprint: abc, login: m }", "64 hexadecimal digits"),
            ("{ subject: CN=a, permissions: [everything] }", "should be one of read, report"),
            ("{ subject: CN=a, permissions: [] }", "at least one of read, report"),
            ("{ subject: CN=a, login: m, sites: [B] }", "those of the account"),
        ] {
            #expect(faults("\(tls)\(row)] }").contains(words), "\(row): \(faults("\(tls)\(row)] }"))")
        }
    }
}
