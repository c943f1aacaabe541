import AndonModel
import AndonTesting
import Crypto
import Foundation
import Testing

/// A company's server and a site's own, each a process of its own, with mutual TLS over a relay between them.
private final class TwoServers: Sendable {
    let plant: PlantCertificates
    let company: TemporaryFolder
    let site: ServerFixture
    let port: Int
    let relay: CuttableRelay

    static let key = "k-company"

    init(certificate: ((PlantCertificates) -> (certificate: String, key: String))? = nil, name: String = "BEDFORD")
        async throws
    {
        plant = try await PlantCertificates()
        company = try TemporaryFolder("andon-company")
        port = try freePort()
        relay = try await CuttableRelay(to: port)
        let yaml = """
            plant: { name: Company, site: HQ }
            server:
              apiKey: { env: COMPANY_KEY }
              tls: { certificate: \(plant.server.certificate), key: \(plant.server.key), clientCA: \(plant.authority) }
            accounts:
              certificates: [{ subject: "CN=client", permissions: [forward], sites: [BEDFORD] }]

            """
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: company.path + "/andon.yaml"))
        let shown = certificate?(plant) ?? plant.client
        site = try ServerFixture(
            ServerFixture.plant + """
                server:
                  upstream: { url: "https://127.0.0.1:\(relay.port)", site: \(name), certificate: \(shown.certificate), key: \(shown.key), authority: \(plant.authority), every: 1s }

                """)
    }

    func startCompany() throws -> AndonProcess {
        try AndonProcess(
            config: company.path + "/andon.yaml", data: try TestDatabase.folder(company.path + "/data"),
            access: "accounts", port: port, environment: ["COMPANY_KEY": Self.key])
    }

    func startSite() throws -> AndonProcess {
        try AndonProcess(config: site.config, data: site.data, access: "open")
    }

    /// Asks the company's server with its key, or with a certificate.
    func ask(
        _ path: String, _ further: [String] = [], client: (certificate: String, key: String)? = nil
    ) async throws -> (status: String, body: [UInt8]) {
        let file = company.path + "/answer-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let who =
            client.map { ["--cert", $0.certificate, "--key", $0.key] } ?? ["-H", "Authorization: Bearer \(Self.key)"]
        let run = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["curl", "-sS", "--max-time", "60", "--cacert", plant.authority, "-o", file, "-w", "%{http_code}"] + who
                + further + ["https://127.0.0.1:\(port)\(path)"])
        return (String(run.output.suffix(3)), Array((try? Data(contentsOf: URL(fileURLWithPath: file))) ?? Data()))
    }

    func json(
        _ path: String, _ further: [String] = [], client: (certificate: String, key: String)? = nil
    ) async throws -> JSON {
        (try? JSON(parsing: try await ask(path, further, client: client).body)) ?? .null
    }

    func standing() async throws -> JSON? {
        try await json("/api/v1/sites")["sites"]?.array?.first { $0["name"] == "BEDFORD" }
    }

}

@Suite("A site's own server forwards to the company's over mutual TLS")
struct ForwardTests {
    private static func report(_ number: Int, to client: TestClient, with picture: Data) async throws -> Bool {
        var picture = picture
        // Another picture each time.
        picture.append(contentsOf: Array("\(number)".utf8))
        let report: JSON = [
            "id": .string("f-\(number)"), "detectedAt": .time(SystemTime().now()), "camera": "CAM-01",
            "lot": .string("L-\(number)"),
            "defects": [["class": "scratch", "confidence": 0.9, "severity": 0.8]],
        ]
        return try await client.report(report, picture: picture).status == 202
    }

    @Test(
        "Cut again and again, both killed and started again: each report and picture is there once, and the sums are equal"
    )
    func partition() async throws {
        let seed = UInt64.random(in: 1...(1 << 32))
        var random = SeededRandom(seed: seed)
        let servers = try await TwoServers()
        let sample = try samplePicture("scratch")
        var site = servers.site.process
        // The company's server is not there yet: the site works alone.
        for number in 0..<10 {
            #expect(try await Self.report(number, to: TestClient(site.address), with: sample), "seed \(seed)")
        }
        var company = try servers.startCompany()
        for number in 10..<50 {
            if random.chance(40) { servers.relay.cut() }
            #expect(try await Self.report(number, to: TestClient(site.address), with: sample), "seed \(seed)")
            if number == 25 {
                company.kill()
                company = try servers.startCompany()
            }
            if number == 35 {
                site.kill()
                site = try servers.startSite()
            }
        }
        let client = TestClient(site.address)
        #expect(
            try await eventually {
                let sum = try await client.get("/api/v1/reconciliation").json
                let there = try await servers.standing()
                return sum["waiting"] == 0 && there?["sums"]?["acknowledged"] == sum["acknowledged"]
                    && there?["behind"] == 0 && there?["sums"]?["pictures"]?["wanted"] == nil
            }, "seed \(seed)")
        let (sum, there) = (try await client.get("/api/v1/reconciliation").json, try await servers.standing())
        for name in ["detections", "recorded", "grouped", "raised", "acknowledged"] {
            #expect(there?["sums"]?[name] == sum[name], "\(name), seed \(seed)")
        }
        #expect(there?["sums"]?["holds"] == true && there?["sums"]?["reports"] == 50 && there?["refusal"] == nil)
        #expect(there?["sums"]?["pictures"]?["kept"] == 50)
        let joint = try await servers.json("/api/v1/sites/orders?limit=500")["orders"]?.array ?? []
        let own = try await client.get("/api/v1/orders?limit=500").json["orders"]?.array ?? []
        #expect(Set(joint.compactMap { $0["reference"] }) == Set(own.compactMap { $0["reference"] }))
        #expect(joint.count == own.count && joint.allSatisfy { $0["site"] == "BEDFORD" })
        let reference = try #require(joint.first?["reference"]?.string)
        let order = try await servers.json("/api/v1/sites/BEDFORD/orders/\(reference)")
        let digest = try #require(order["detections"]?[0]?["picture"]?.string)
        let picture = try await servers.ask("/api/v1/sites/BEDFORD/pictures/\(digest)")
        #expect(SHA256.hash(data: picture.body).map { String(format: "%02x", $0) }.joined() == digest)
        #expect(order["report"]?["body"]?["camera"] == "CAM-01")
        let page = try await servers.ask("/sites")
        #expect(page.status == "200" && String(decoding: page.body, as: UTF8.self).contains(reference))
        let file = try await servers.ask("/sites/orders.csv")
        #expect(String(decoding: file.body, as: UTF8.self).split(separator: "\r\n").count == own.count + 1)
        #expect(try await client.get("/metrics").text.contains("andon_upstream_connected 1.0"))
        // The company's own books have nothing of it.
        #expect(try await servers.json("/api/v1/reconciliation")["raised"] == 0)
        try await company.stop()
        try await site.stop()
        for data in [servers.company.path + "/data", servers.site.data] {
            let ledger = try await AndonProcess.run(["ledger", "verify", "--data", data])
            #expect(ledger.status == 0, "\(ledger.output)")
        }
        await servers.relay.close()
    }

    @Test(
        "A certificate of another name, another site's name, and bodies that are no batch are refused with the reason")
    func refusals() async throws {
        let servers = try await TwoServers(name: "DERBY")
        let company = try servers.startCompany()
        let client = servers.plant.client
        let position = "/api/v1/sites/BEDFORD/position"
        #expect(try await servers.ask(position, client: client).status == "200")
        // Of the same authority, and of no rule; the company's key has every permission.
        #expect(try await servers.ask(position, client: servers.plant.server).status == "401")
        let stranger = try await PlantCertificates()
        #expect(try await servers.ask(position, client: stranger.client).status == "000")
        let other = try await servers.ask("/api/v1/sites/DERBY/position", client: client)
        #expect(other.status == "403" && String(decoding: other.body, as: UTF8.self).contains("other-site"))
        #expect(try await servers.ask("/api/v1/orders", client: client).status == "403")
        for (body, status) in [("{", "400"), ("{}", "422"), (String(repeating: "[", count: 60), "400")] {
            let answer = try await servers.ask(
                "/api/v1/sites/BEDFORD/batches", ["-H", "Content-Type: application/json", "-d", body], client: client)
            #expect(answer.status == status, "\(body): \(String(decoding: answer.body, as: UTF8.self))")
        }
        let large = servers.company.path + "/large"
        try Data(count: 5 << 20).write(to: URL(fileURLWithPath: large))
        #expect(
            try await servers.ask("/api/v1/sites/BEDFORD/batches", ["--data-binary", "@\(large)"], client: client)
                .status
                == "413")
        let digest = String(repeating: "0", count: 64)
        let piece = try await servers.ask(
            "/api/v1/sites/BEDFORD/pictures/\(digest)",
            ["-X", "PUT", "-H", "Content-Range: bytes 0-0/1", "-d", "x"], client: client)
        #expect(piece.status == "404")
        // The site's server says so too, loudly, and goes on with its own work.
        let own = servers.site.client
        #expect(try await Self.report(1, to: own, with: try samplePicture("scratch")))
        #expect(
            try await eventually {
                let alarms = try await own.get("/api/v1/alarms").json["alarms"]?.array ?? []
                return alarms.contains { $0["kind"] == "upstream-refused" }
            })
        #expect(try await own.get("/healthz").text.contains("refused"))
        try await company.stop()
        try await servers.site.end()
        await servers.relay.close()
    }

    @Test(
        "A data folder that was put back to an earlier state is refused until an administrator begins a new history",
        .disabled(if: TestDatabase.isPostgres))
    func restored() async throws {
        let servers = try await TwoServers()
        let company = try servers.startCompany()
        let sample = try samplePicture("scratch")
        for number in 0..<3 { #expect(try await Self.report(number, to: servers.site.client, with: sample)) }
        try await servers.site.process.stop()
        let backup = servers.site.folder.path + "/backup"
        try FileManager.default.copyItem(atPath: servers.site.data, toPath: backup)
        var site = try servers.startSite()
        for number in 3..<6 { #expect(try await Self.report(number, to: TestClient(site.address), with: sample)) }
        #expect(
            try await eventually {
                let there = try await servers.standing()
                return there?["sums"]?["reports"] == 6 && there?["behind"] == 0
            })
        try await site.stop()
        try FileManager.default.removeItem(atPath: servers.site.data)
        try FileManager.default.moveItem(atPath: backup, toPath: servers.site.data)
        site = try servers.startSite()
        #expect(try await eventually { try await servers.standing()?["refusal"] != nil })
        let begun = try await servers.ask(
            "/api/v1/sites/BEDFORD/history",
            ["-H", "Content-Type: application/json", "-d", "{\"by\":\"R. Wilson\",\"reason\":\"a new disk\"}"])
        #expect(begun.status == "200", "\(String(decoding: begun.body, as: UTF8.self))")
        #expect(
            try await eventually {
                let there = try await servers.standing()
                return there?["history"] == 2 && there?["sums"]?["reports"] == 3 && there?["behind"] == 0
            }, "the new history is forwarded from its beginning")
        let there = try await servers.standing()
        #expect(there?["sums"]?["holds"] == true && there?["refusal"] == nil)
        let entries = try await servers.json("/api/v1/ledger?limit=1000")["entries"]?.array ?? []
        let entry = entries.first { $0["kind"] == "site.history" }?["body"]
        #expect(
            entry?["by"] == "R. Wilson (through server.apiKey)" && entry?["reason"] == "a new disk", "\(entry ?? .null)"
        )
        try await company.stop()
        try await site.stop()
        await servers.relay.close()
    }
}
