import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Commissioning a connector")
struct CommissioningTests {
    private func configuration(_ url: String, in folder: TemporaryFolder, extra: String = "") throws -> String {
        let path = folder.path + "/andon.yaml"
        let yaml =
            ServerFixture.plant.replacing("plant:\n", with: "plant:\n  defaultConnector: maximo\n") + """
                connectors:
                  maximo:
                    url: \(url)/maximo
                    apiKey: { env: MAXIMO_KEY }
                    timeout: 20s
                \(extra)

                """
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func maximo() -> MaximoStandIn {
        var setup = MaximoStandIn.Setup()
        setup.assets = [
            "PRESS-07": ["siteid": "BEDFORD", "description": "Press seven", "priority": 1, "location": "BR100"],
            "PUMP-3": ["siteid": "BEDFORD", "description": "Coolant, \"big\" pump"],
        ]
        return MaximoStandIn(setup: setup)
    }

    @Test("Every step passes against a system that is well set up, and the test order is cancelled in the end")
    func trial() async throws {
        let folder = try TemporaryFolder()
        let maximo = maximo()
        let standIn = try await maximo.serve()
        let config = try configuration(standIn.address, in: folder)
        let key = ["MAXIMO_KEY": "test-key"]
        let check = try await AndonProcess.run(["connector", "check", "maximo", "--config", config], environment: key)
        #expect(check.status == 0 && maximo.records.isEmpty, "\(check.output)")
        let page = folder.path + "/report.html"
        let trial = try await AndonProcess.run(
            ["connector", "check", "maximo", "--trial", "--report", page, "--config", config], environment: key)
        #expect(trial.status == 0, "\(trial.output)")
        #expect(trial.output.contains("the same bytes, SHA-256") && trial.output.contains("cancelled (CAN)"))
        let record = try #require(maximo.records.first)
        #expect(maximo.records.count == 1 && record.fields["status"] == "CAN" && record.files.count == 1)
        #expect(record.fields["description"]?.string?.hasPrefix("TEST, please ignore") == true)
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("<h1>Commissioning of maximo</h1>") && !html.contains("<script"))
        try await standIn.stop()
    }

    @Test("A failed step says what to ask the administrator for, in the system's own words")
    func failures() async throws {
        let folder = try TemporaryFolder()
        let maximo = maximo()
        let standIn = try await maximo.serve()
        let config = try configuration(standIn.address, in: folder)
        let wrong = try await AndonProcess.run(
            ["connector", "check", "maximo", "--config", config], environment: ["MAXIMO_KEY": "wrong"])
        #expect(wrong.status == 1 && wrong.output.contains("BMXAA7901E") && wrong.output.contains("Ask: A key"))
        let reader = try await AndonProcess.run(
            ["connector", "check", "maximo", "--trial", "--config", config], environment: ["MAXIMO_KEY": "read-key"])
        #expect(reader.status == 1 && reader.output.contains("This key may read only"), "\(reader.output)")
        #expect(reader.output.contains("The right for this step (create an order marked as a test)"))
        try await standIn.stop()
        let away = try await AndonProcess.run(
            ["connector", "check", "maximo", "--config", config], environment: ["MAXIMO_KEY": "test-key"])
        #expect(away.status == 1 && away.output.contains("takes no connection") && away.output.contains("firewall"))
        let unknown = try await AndonProcess.run(
            ["connector", "check", "sap", "--config", config], environment: ["MAXIMO_KEY": "k"])
        #expect(unknown.status == 1 && unknown.output.contains("it has maximo, desk"))
    }

    @Test("Assets come from the registry as a difference, and as a file that the configuration takes")
    func importAssets() async throws {
        let folder = try TemporaryFolder()
        let maximo = maximo()
        let standIn = try await maximo.serve()
        let config = try configuration(standIn.address, in: folder, extra: "    criticalities: { 1: A }")
        let csv = folder.path + "/assets.csv"
        let run = try await AndonProcess.run(
            ["connector", "import-assets", "maximo", "--config", config, "--write", csv],
            environment: ["MAXIMO_KEY": "test-key"])
        #expect(run.status == 0 && run.output.contains("new        PUMP-3"), "\(run.output)")
        let plant = "plant: { name: P, defaultConnector: maximo, assetsFile: assets.csv }\n"
        let next = try configuration(standIn.address, in: folder).description
        let yaml = try String(contentsOfFile: next, encoding: .utf8)
        let connectors = try #require(yaml.range(of: "connectors:"))
        try Data((plant + yaml[connectors.lowerBound...]).utf8).write(to: URL(fileURLWithPath: next))
        let check = try await AndonProcess.run(["check", "--config", next], environment: ["MAXIMO_KEY": "test-key"])
        #expect(check.status == 0 && check.output.contains("2 assets"), "\(check.output)")
        try await standIn.stop()
    }

    @Test("The orders of people become a file that the import takes; Andon's own are left out")
    func exportOrders() async throws {
        let folder = try TemporaryFolder()
        let maximo = maximo()
        let standIn = try await maximo.serve()
        let config = try configuration(
            standIn.address, in: folder,
            extra: """
                    findings:
                      confirmed: { cause: ["*"] }
                      falseAlarm: { state: [CAN] }
                      missed: { remedy: [replace] }
                      classes: { CRK: crack }
                """)
        let key = ["MAXIMO_KEY": "test-key"]
        for _ in 0..<2 {
            let trial = try await AndonProcess.run(
                ["connector", "check", "maximo", "--trial", "--config", config], environment: key)
            #expect(trial.status == 0, "\(trial.output)")
        }
        let reference = try #require(maximo.records.first?.fields["externalrefid"]?.string.flatMap { Reference($0) })
        maximo.change(
            reference,
            [
                "externalrefid": "", "sourcesysid": "", "status": "CLOSE", "actfinish": "2026-11-24T09:30:00+01:00",
                "reportdate": "2026-11-24T07:00:00+01:00", "actstart": "2026-11-24T08:00:00+01:00", "lead": "WILSON",
                "failurereport": [
                    ["type": "PROBLEM", "failurecode": "CRK"], ["type": "REMEDY", "failurecode": "REPLACE"],
                ],
            ])
        // The other one stays Andon's own. Maximo's times are whole seconds, and an export ends before the second in which it is
        // asked for: it must not be that one.
        let own = try #require(maximo.records.last?.fields["externalrefid"]?.string.flatMap { Reference($0) })
        maximo.change(own, ["reportdate": "2026-11-24T07:30:00+01:00"])
        let csv = folder.path + "/old.csv"
        let export = ["connector", "export-orders", "maximo", "--config", config, "--write", csv]
        let run = try await AndonProcess.run(export + ["--since", "2026-11-01"], environment: key)
        #expect(
            run.status == 0 && run.output.contains("1 orders written to \(csv); 1 of Andon's own left out"),
            "\(run.output)")
        let lines = try String(contentsOfFile: csv, encoding: .utf8).components(separatedBy: "\r\n")
        #expect(
            lines.count == 3 && lines[1].contains("CRK,2026-11-24T06:00:00") && lines[1].contains(",REPLACE,"),
            "\(lines)")
        let earlier = try await AndonProcess.run(
            export + ["--since", "2025-01-01", "--until", "2025-06-01"], environment: key)
        #expect(earlier.status == 0 && earlier.output.contains("0 orders written"), "\(earlier.output)")
        let backwards = try await AndonProcess.run(
            export + ["--since", "2026-01-01", "--until", "2025-01-01"], environment: key)
        #expect(backwards.status != 0 && backwards.output.contains("is not before"), "\(backwards.output)")
        let findings = try await AndonProcess.run(
            ["connector", "findings", "maximo", "--config", config, "--since", "2026-11-01"], environment: key)
        #expect(
            findings.status == 0
                && findings.output.contains(
                    "1 of Andon's: state CAN: false alarm\n1 of people's: state CLOSE, problem CRK, remedy REPLACE: missed: crack\n"
                )
                && findings.output.contains("of 2 made in that time"), "\(findings.output)")
        let desk = try await AndonProcess.run(
            ["connector", "export-orders", "desk", "--config", config, "--write", csv, "--since", "2026-11-01"],
            environment: key)
        #expect(desk.status != 0 && desk.output.contains("no connector \"desk\" to a CMMS"), "\(desk.output)")
        try await standIn.stop()
    }

    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The least that each connector's section needs.
    private static let sections = [
        "maximo": "apiKey: { env: K }",
        "limble": "clientId: client\n    clientSecret: { env: K }\n    location: 73",
        "fiix": "appKey: app\n    accessKey: access\n    secretKey: { env: K }\n    site: BEDFORD\n    user: andon",
        "sap": "client: 100\n    user: ANDON\n    password: { env: K }",
        "sap-ecc": "client: 100\n    user: ANDON\n    password: { env: K }",
        "odoo": "mappingFile: REPOSITORY/Examples/odoo.yaml\n    user: andon\n    password: { env: K }",
        "oracle-ebs":
            "mappingFile: REPOSITORY/Examples/oracle-ebs.yaml\n    signIn: basic\n    user: andon\n    password: { env: K }",
        "fusion": """
        organization: BEDFORD
            oauth: { tokenUrl: ADDRESS/oauth2/v1/token, clientId: client, clientSecret: { env: K } }
        """,
        "infor":
            "tenant: ACME_PRD\n    organization: BEDFORD\n    user: ANDON\n    password: { env: K }\n    dataspy: 101",
        "emaint": "user: andon\n    password: { env: K }",
    ]

    @Test(
        "Every connector walks its whole way against its stand-in, by the program itself",
        arguments: StandInKind.all.map(\.type))
    func everyConnector(type: String) async throws {
        let kind = try #require(StandInKind.all.first { $0.type == type })
        let standIn = try await kind.make(StandInOptions(secret: "s3cret-value")).serve()
        let section = try #require(Self.sections[type], "a new stand-in needs a section here")
            .replacing("ADDRESS", with: standIn.address).replacing("REPOSITORY", with: Self.repository)
        let connector = ["odoo", "oracle-ebs"].contains(type) ? "rest" : type
        let folder = try TemporaryFolder()
        let config = folder.path + "/andon.yaml"
        let yaml =
            ServerFixture.plant.replacing("plant:\n", with: "plant:\n  defaultConnector: cmms\n")
            + "connectors:\n  cmms:\n    type: \(connector)\n    url: \(standIn.address)\(kind.path)\n    \(section)\n"
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: config))
        let environment = ["K": "s3cret-value"]
        let trial = try await AndonProcess.run(
            ["connector", "check", "cmms", "--trial", "--config", config], environment: environment)
        #expect(trial.status == 0 && trial.output.contains("cancel it"), "\(trial.output)")
        #expect(!trial.output.contains("failed") && !trial.output.contains("s3cret-value"), "\(trial.output)")
        let server = try AndonProcess(config: config, data: folder.path + "/data", environment: environment)
        let client = TestClient(server.address)
        let report: JSON = [
            "id": "r-1", "detectedAt": .time(SystemTime().now()), "camera": "CAM-01",
            "defects": [["class": "scratch", "confidence": 0.9, "severity": 0.8]],
        ]
        let answer = try await client.report(report, picture: try samplePicture("scratch"))
        let reference = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
        let isThere = try await eventually {
            try await client.get("/api/v1/orders/\(reference)").json["order"]?["completedAt"] != nil
        }
        #expect(isThere)
        #expect(try await !client.get("/api/v1/orders/\(reference)").text.contains("s3cret-value"))
        try await server.stop()
        try await standIn.stop()
    }

    private func trial(_ section: String, in folder: TemporaryFolder) async throws -> (status: Int32, output: String) {
        let config = folder.path + "/andon.yaml"
        let yaml =
            ServerFixture.plant.replacing("plant:\n", with: "plant:\n  defaultConnector: cmms\n")
            + "connectors:\n  cmms:\n\(section)\n"
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: config))
        return try await AndonProcess.run(
            ["connector", "check", "cmms", "--trial", "--config", config], environment: ["K": "s3cret-value"])
    }

    @Test("A site that takes files walks its whole way against its stand-in", arguments: ["maintimizer", "mp2"])
    func files(type: String) async throws {
        let folder = try TemporaryFolder()
        let drop = folder.path + "/drop"
        let share = folder.path + "/share"
        try FileManager.default.createDirectory(atPath: share, withIntermediateDirectories: true)
        let site = try AndonProcess.background(["simulate", type, "--folder", drop])
        defer { site.end() }
        // The marker comes last: until then the share counts as not mounted.
        #expect(try await eventually { FileManager.default.fileExists(atPath: drop + "/andon-drop.id") })
        let lines =
            type == "mp2"
            ? ["way: folder", "folder: \(drop)", "lookEvery: 100ms", "share: \(share)", "uncPath: '\\\\NAS\\andon'"]
            : ["folder: \(drop)", "lookEvery: 100ms"]
        let trial = try await trial((["type: \(type)"] + lines).map { "    \($0)" }.joined(separator: "\n"), in: folder)
        #expect(trial.status == 0 && trial.output.contains("found, once"), "\(trial.output)")
        #expect(trial.output.contains("the same bytes, SHA-256") && trial.output.contains("by hand"), "\(trial.output)")
    }

    @Test("MP2 walks its whole way in a real PostgreSQL by way of its driver, with an account of its own")
    func mp2() async throws {
        let folder = try TemporaryFolder()
        let postgres = try RealPostgres()
        try postgres.execute(MP2Schema.statements)
        let share = folder.path + "/share"
        try FileManager.default.createDirectory(atPath: share, withIntermediateDirectories: true)
        try postgres.execute([
            "CREATE ROLE outside LOGIN PASSWORD 's3cret-value'",
            "GRANT SELECT, INSERT ON WO, WOEQLIST, WOC, WODRAW TO outside",
            "GRANT SELECT ON WOE, WOP, EQUIP, WOTYPE, EMP TO outside",
        ])
        let section = """
                type: mp2
                connection: \(postgres.connection)
                user: outside
                password: { env: K }
                share: \(share)
                uncPath: '\\\\NAS\\andon'
            """
        let trial = try await trial(section, in: folder)
        #expect(trial.status == 0 && trial.output.contains("the same bytes, SHA-256"), "\(trial.output)")
        #expect(!trial.output.contains("s3cret-value"))
        try postgres.execute(["REVOKE INSERT ON WOC FROM outside"])
        let refused = try await self.trial(section, in: folder)
        #expect(refused.status == 1 && refused.output.contains("permission denied"), "\(refused.output)")
        #expect(try postgres.rows("SELECT COUNT(*) AS n FROM WO").first?["N"] == "1", "nothing half is left")
    }

    @Test("By mail the trial shows that the relay takes the message, and says what nobody can ask a mailbox")
    func mail() async throws {
        let folder = try TemporaryFolder()
        let relay = try RealMailRelay()
        let section = """
                type: maintimizer
                way: mail
                mailServer: 127.0.0.1:\(relay.port)
                mailSecurity: none
                mailFrom: andon@plant.example
                mailTo: planner@plant.example
            """
        let trial = try await trial(section, in: folder)
        #expect(trial.status == 0 && trial.output.contains("this system cannot be asked"), "\(trial.output)")
        #expect(relay.messages.first?.text.contains("TEST, please ignore") == true && relay.messages.count == 1)
        let away = try await self.trial(section.replacing(":\(relay.port)", with: ":1"), in: folder)
        #expect(away.status == 1 && away.output.contains("127.0.0.1:1"), "\(away.output)")
    }

    @Test("The mapping is shown as people read it")
    func mapping() async throws {
        let folder = try TemporaryFolder()
        let config = try configuration("http://127.0.0.1:1", in: folder)
        let run = try await AndonProcess.run(
            ["connector", "mapping", "maximo", "--config", config], environment: ["MAXIMO_KEY": "k"])
        #expect(run.status == 0 && run.output.contains("externalrefid") && run.output.contains("{reference}"))
    }
}
