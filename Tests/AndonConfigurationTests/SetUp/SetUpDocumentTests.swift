import AndonConfiguration
import AndonDecide
import AndonModel
import AndonTesting
import Testing

@Suite("The configuration that the set-up writes")
struct SetUpDocumentTests {
    private static let secrets = SecretSource(environment: { _ in "x" }, file: { _ in "x" })

    private func read(_ answers: SetUpAnswers) throws -> Configuration {
        try Configuration.load(
            yaml: SetUpDocument(answers).text, secrets: Self.secrets,
            files: { $0 == SetUpAnswers.assetsFile ? answers.assetsCSV : nil })
    }

    @Test("Whatever names people give, the configuration reads back what was answered")
    func readsBack() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var made = RandomAnswers(random: SeededRandom(seed: seed))
        for round in 0..<400 {
            let answers = made.answers()
            let note = Comment("seed \(seed), round \(round):\n\(SetUpDocument(answers).text)")
            let found: Configuration
            do {
                found = try read(answers)
            } catch {
                Issue.record("\(error)\n\(note)")
                return
            }
            #expect(ServerSettings.address(answers.listen)?.host == found.server.host, note)
            #expect(ServerSettings.address(answers.listen)?.port == found.server.port, note)
            #expect(found.server.publicURL == answers.publicURL && found.server.dataFolder == answers.dataFolder, note)
            #expect(found.plant.name == answers.plantName && found.plant.site == answers.site, note)
            #expect(found.plant.timeZone == answers.timeZone, note)
            #expect(found.plant.defaultLocation == answers.defaultLocation, note)
            #expect(found.plant.defaultConnector == answers.connector?.name ?? "desk", note)
            #expect(found.plant.cameras.count == answers.cameras.count, note)
            for camera in answers.cameras { #expect(found.plant.cameras[camera.id]?.asset == camera.asset, note) }
            #expect(found.rules.classes.count == answers.classes.count, note)
            for label in answers.classes { #expect(found.rules.classes[label.label]?.code == label.code, note) }
            #expect(found.rules.defaults.minConfidence == Double(answers.minConfidence), note)
            #expect(answers.networks.allSatisfy { found.network.allowed.map(\.description).contains($0) }, note)
            if let connector = answers.connector { try same(connector, found, note) }
        }
    }

    private func same(_ connector: SetUpAnswers.Connector, _ found: Configuration, _ note: Comment) throws {
        let entry = try #require(found.connectors.first { $0.name == connector.name }, note)
        #expect(entry.type == connector.type, note)
        let written = found.settings["connectors"]?[connector.name] ?? .null
        for option in connector.options {
            switch option.value {
            case .text(let text): #expect(written[option.key] == .string(text), note)
            case .environment(let name): #expect(written[option.key]?["env"] == .string(name), note)
            case .file(let path): #expect(written[option.key]?["file"] == .string(path), note)
            }
        }
        if !connector.further.isEmpty {
            #expect(written["pollOverlap"] == "1h" && written["fields"]?["TITLE"] == "{title}", note)
        }
    }

    @Test("The assets of a spreadsheet are in the plant")
    func assets() throws {
        var answers = SetUpAnswers()
        answers.plantName = "P"
        answers.assetsCSV = "id,name,criticality\r\nPRESS-07,\"Press, \"\"big\"\"\",A\r\n"
        answers.cameras = [.init(id: "CAM-01", asset: "PRESS-07"), .init(id: "CAM-02")]
        let found = try read(answers)
        #expect(found.plant.assets["PRESS-07"]?.name == "Press, \"big\"")
        #expect(found.warnings.isEmpty)
    }

    @Test("What is answered with the plant's name alone is short, and says where more is found")
    func smallest() throws {
        var answers = SetUpAnswers()
        answers.plantName = "Plant A"
        let text = SetUpDocument(answers).text
        #expect(text.contains("plant:\n  name: Plant A\n  timeZone: UTC\n"))
        #expect(text.contains("docs/configuration.md") && text.split(separator: "\n").count < 20)
        #expect(try read(answers).connectors.map(\.name) == ["desk"])
    }
}
