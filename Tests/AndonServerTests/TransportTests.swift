import AndonConfiguration
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

/// A server with a certificate of a plant's authority, and curl as its client.
private struct SecureServer {
    let folder: TemporaryFolder
    let plant: PlantCertificates
    let process: AndonProcess

    var files: (certificate: String, key: String) { (folder.path + "/server.pem", folder.path + "/server.key") }

    /// - Parameters:
    ///   - tls: further options of `server.tls`, each after a comma; AUTHORITY stands for the plant's.
    ///   - server: a further line of `server`.
    ///   - rules: rows of `accounts.certificates`.
    init(
        tls: String = "", server: String = "", environment: [String: String] = [:],
        rules: (PlantCertificates) async throws -> String = { _ in "" }
    ) async throws {
        plant = try await PlantCertificates()
        folder = try TemporaryFolder("andon-tls")
        let path = folder.path
        for (from, to) in [(plant.server.certificate, "server.pem"), (plant.server.key, "server.key")] {
            try FileManager.default.copyItem(atPath: from, toPath: "\(path)/\(to)")
        }
        let rows = try await rules(plant)
        let yaml =
            ServerFixture.plant + """
                server:
                  tls: { certificate: \(path)/server.pem, key: \(path)/server.key\(tls.replacing("AUTHORITY", with: plant.authority)) }
                  \(server)
                accounts:
                  certificates: [\(rows)]

                """
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: path + "/andon.yaml"))
        process = try AndonProcess(
            config: path + "/andon.yaml", data: path + "/data", access: "accounts", environment: environment)
    }

    /// - Parameters:
    ///   - trust: the authority that the client believes.
    ///   - client: the certificate that it shows.
    func curl(
        _ path: String, trust: PlantCertificates? = nil, client: (certificate: String, key: String)? = nil,
        _ further: [String] = []
    ) async throws -> (status: Int32, output: String) {
        let shown = client.map { ["--cert", $0.certificate, "--key", $0.key] } ?? []
        let words =
            ["curl", "-sS", "--max-time", "60", "--cacert", (trust ?? plant).authority] + shown + further
            + [process.address + path]
        return try await runProgram(URL(fileURLWithPath: "/usr/bin/env"), words)
    }

    /// The status of the answer alone; 000 when there was none.
    func status(
        _ path: String, client: (certificate: String, key: String)? = nil, _ further: [String] = []
    ) async throws -> String {
        let run = try await curl(path, client: client, ["-o", "/dev/null", "-w", "%{http_code}"] + further)
        return String(run.output.suffix(3))
    }

    static func json(_ body: JSON) -> [String] {
        ["-H", "Content-Type: application/json", "-d", body.canonicalText]
    }
}

@Suite("HTTP over TLS, and who shows a certificate")
struct TransportTests {
    private static let report: JSON = [
        "id": "t-1", "detectedAt": "2026-11-24T02:00:00Z", "camera": "CAM-01",
        "defects": [["class": "scratch", "confidence": 0.9, "severity": 0.8]],
    ]

    private static func openssl(_ words: [String]) async throws -> String {
        let run = try await runProgram(URL(fileURLWithPath: "/usr/bin/env"), ["openssl"] + words)
        #expect(run.status == 0, "\(run.output)")
        return run.output
    }

    @Test("With server.tls it speaks TLS 1.2 and later alone, and its cookies go over TLS alone")
    func secure() async throws {
        let server = try await SecureServer()
        #expect(server.process.address.hasPrefix("https://127.0.0.1:"))
        #expect(try await server.curl("/healthz").output.hasPrefix("ok"))
        let stranger = try await PlantCertificates()
        #expect(try await server.curl("/healthz", trust: stranger).status != 0)
        #expect(try await server.curl("/healthz", ["--tls-max", "1.1"]).status != 0)
        let plain = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["curl", "-sS", "--max-time", "60", "http://127.0.0.1:\(server.process.port)/healthz"])
        #expect(plain.status != 0 && !plain.output.hasPrefix("ok"), "\(plain.output)")
        let cookie = try await server.curl("/language", ["-i", "-d", "language=de"]).output
        let line = cookie.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("set-cookie") }
        #expect(line?.lowercased().contains("secure") == true, "\(cookie)")
        try await server.process.stop()
    }

    @Test("Who is refused while sending gets the answer over TLS as well, and no broken connection")
    func refusedEarly() async throws {
        let server = try await SecureServer()
        let head = "POST /api/v1/inspections HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 5000000\\r\\n\\r\\n"
        let run = try await runProgram(
            URL(fileURLWithPath: "/bin/sh"),
            [
                "-c",
                "(printf '\(head)'; head -c 5000000 /dev/zero) | timeout 60 openssl s_client -quiet -connect "
                    + "127.0.0.1:\(server.process.port)",
            ])
        #expect(run.output.contains("HTTP/1.1 401"), "\(run.output.suffix(500))")
        #expect(!run.output.contains("errno"), "\(run.output.suffix(500))")
        try await server.process.stop()
    }

    @Test(
        "The commands reach a server of the plant's own authority by --ca or ANDON_CA, and say what is missing otherwise"
    )
    func commands() async throws {
        let secret = ["TEST_API_KEY": "k-123"]
        let server = try await SecureServer(server: "apiKey: { env: TEST_API_KEY }", environment: secret)
        let (address, authority) = (server.process.address, server.plant.authority)
        func andon(_ words: [String], ca: String = "") async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(
                words + ["--server", address], environment: ["ANDON_API_KEY": "k-123", "ANDON_CA": ca])
        }
        let report = server.folder.path + "/report.json"
        try Data(Self.report.canonicalBytes).write(to: URL(fileURLWithPath: report))
        let archive = server.folder.path + "/labels.zip"
        for words in [
            ["key", "list"], ["connector", "list"], ["send", report],
            ["test-detection", "--camera", "CAM-01", "--severity", "0.9"],
            ["learn", "labels", archive],
        ] {
            let reached = try await andon(words + ["--ca", authority])
            #expect(reached.status == 0, "\(words): \(reached.output)")
        }
        let named = try await andon(["key", "list"], ca: authority)
        #expect(named.status == 0, "\(named.output)")

        let untold = try await andon(["key", "list"])
        #expect(untold.status == 1 && untold.output.contains("is of no authority that this machine trusts"))
        #expect(untold.output.contains("--ca FILE or ANDON_CA"), "\(untold.output)")
        let other = try await PlantCertificates()
        let wrong = try await andon(["key", "list", "--ca", other.authority])
        #expect(wrong.status == 1 && wrong.output.contains("not of \(other.authority) either"), "\(wrong.output)")
        let gone = try await andon(["key", "list", "--ca", "/none.pem"], ca: authority)
        #expect(gone.status == 1 && gone.output.contains("/none.pem (--ca or ANDON_CA) cannot be read"))
        let empty = try await andon(["key", "list"], ca: report)
        #expect(empty.status == 1 && empty.output.contains("has no certificate in PEM form"), "\(empty.output)")
        try await server.process.stop()
    }

    @Test("A machine's certificate may do what its rule says and no more; without one, or with a stranger's, nothing")
    func machine() async throws {
        let server = try await SecureServer(tls: ", clientCA: AUTHORITY") { _ in
            "{ subject: \"CN=client\", permissions: [report] }"
        }
        let (path, body) = ("/api/v1/inspections", SecureServer.json(Self.report))
        #expect(try await server.status(path, client: server.plant.client, body) == "202")
        #expect(try await server.status("/api/v1/orders", client: server.plant.client) == "403")
        let words = try await server.curl("/api/v1/orders", client: server.plant.client).output
        #expect(words.contains("The machine \\\"client\\\" lacks the permission read."), "\(words)")
        #expect(words.contains("accounts.certificates of the configuration"), "\(words)")
        #expect(try await server.status(path, body) == "401")
        // Of the same authority, and of no rule.
        #expect(try await server.status(path, client: server.plant.server, body) == "401")
        let stranger = try await PlantCertificates()
        #expect(try await server.status(path, client: stranger.client, body) == "000")
        try await server.process.stop()
    }

    @Test("Where a certificate is asked for, nobody without one is let as far as a request")
    func required() async throws {
        let server = try await SecureServer(tls: ", clientCA: AUTHORITY, requireClient: true, minimumVersion: 1.3")
        #expect(try await server.status("/healthz", client: server.plant.client) == "200")
        #expect(try await server.status("/healthz") == "000")
        #expect(try await server.status("/healthz", client: server.plant.client, ["--tls-max", "1.2"]) == "000")
        try await server.process.stop()
    }

    @Test("A person's certificate, named by its fingerprint, has the roles of the person's account")
    func person() async throws {
        let server = try await SecureServer(tls: ", clientCA: AUTHORITY") { plant in
            let text = try await Self.openssl([
                "x509", "-in", plant.client.certificate, "-noout", "-fingerprint", "-sha256",
            ])
            let digest = text.split(separator: "=").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
            return "{ fingerprint: \"\(digest)\", login: m.weber }"
        }
        #expect(try await server.status("/api/v1/accounts", client: server.plant.client) == "401", "no account yet")
        let code = try String(contentsOfFile: server.folder.path + "/data/set-up-code", encoding: .utf8)
            .split(separator: "\n").first.map(String.init)
        let body: JSON = [
            "code": .string(code ?? ""), "login": "m.weber", "printedName": "M. Weber",
            "password": .string(ServerPeople.password), "accepts": true,
        ]
        #expect(try await server.status("/api/v1/accounts/set-up", SecureServer.json(body)) == "201")
        #expect(try await server.status("/api/v1/accounts", client: server.plant.client) == "200")
        #expect(try await server.status("/api/v1/accounts") == "401")
        try await server.process.stop()
    }

    @Test("After SIGHUP new connections get the renewed certificate, without a restart")
    func renewed() async throws {
        let server = try await SecureServer()
        let other = try await PlantCertificates()
        for (from, to) in [
            (other.server.certificate, server.files.certificate), (other.server.key, server.files.key),
        ] {
            try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to))
        }
        #expect(try await server.curl("/healthz").status == 0, "not before it is told")
        server.process.signal(SIGHUP)
        #expect(try await eventually { try await server.curl("/healthz", trust: other).status == 0 })
        #expect(try await server.curl("/healthz").status != 0)
        #expect(try await server.process.stop() == 0)
    }

    @Test("Files that do not belong together are a fault of the configuration, and never replace those in force")
    func faults() async throws {
        let (plant, other) = (try await PlantCertificates(), try await PlantCertificates())
        let folder = try TemporaryFolder()
        let key = folder.path + "/server.key"
        try FileManager.default.copyItem(atPath: plant.server.key, toPath: key)
        let security = try TransportSecurity(.init(certificate: plant.server.certificate, key: key))
        let before = security.context
        for wrong in [try Data(contentsOf: URL(fileURLWithPath: other.server.key)), Data("no key".utf8)] {
            try wrong.write(to: URL(fileURLWithPath: key))
            #expect(throws: TransportFault.self) { try security.reload() }
            #expect(security.context === before)
        }
        let config = folder.path + "/andon.yaml"
        let yaml =
            ServerFixture.plant
            + "server: { tls: { certificate: \(plant.server.certificate), key: \(other.server.key) } }\n"
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: config))
        let check = try await AndonProcess.run(["check", "--config", config])
        #expect(check.status == 1 && check.output.contains("server.tls: the certificate"), "\(check.output)")
        #expect(check.output.contains("make sure that the key is the certificate's own"))
    }
}
