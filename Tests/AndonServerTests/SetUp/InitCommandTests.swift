import AndonConfiguration
import AndonDecide
import AndonModel
import AndonServer
import AndonTesting
import Foundation
import Testing

@Suite("The set-up as a command, and the test detection")
struct InitCommandTests {
    private func run(
        _ words: [String], _ folder: TemporaryFolder, environment: [String: String] = [:], input: String = ""
    ) async throws -> (status: Int32, output: String) {
        try await AndonProcess.run(
            ["init", "--into", folder.path + "/plant"] + words, environment: environment, input: input)
    }

    @Test("Options alone make a configuration that the check takes, with its asset file beside it")
    func options() async throws {
        let folder = try TemporaryFolder()
        let csv = folder.path + "/list.csv"
        try Data("id,name,criticality\nPRESS-07,Press 7,A\n".utf8).write(to: URL(fileURLWithPath: csv))
        let made = try await run(
            [
                "--plant", "Plant A", "--site", "BEDFORD", "--time-zone", "Europe/Berlin", "--assets", csv, "--camera",
                "CAM-01=PRESS-07", "--camera", "CAM-02", "--class", "scratch=SCRATCH", "--class", "dent",
                "--min-severity", "0.2",
            ], folder)
        #expect(made.status == 0 && made.output.contains("is right."), "\(made.output)")
        let found = try Wiring.load(folder.path + "/plant/andon.yaml")
        #expect(found.plant.assets["PRESS-07"]?.name == "Press 7" && found.plant.cameras["CAM-01"]?.asset == "PRESS-07")
        #expect(found.rules.classes["scratch"]?.code == "SCRATCH" && found.rules.classes["dent"]?.code == nil)
        #expect(found.rules.defaults.minSeverity == 0.2 && found.rules.defaults.minConfidence == 0.8)
        // The server asks everybody who they are: the steps say how a machine gets its key.
        let steps = made.output
        #expect(
            steps.contains("/accounts/keys") && steps.contains("andon key make press-vision --may report"), "\(steps)")
        #expect(steps.contains("ANDON_API_KEY=KEY andon test-detection --config"), "\(steps)")
        let again = try await run(["--plant", "Plant B"], folder)
        #expect(again.status == 1 && again.output.contains("nothing is written over it"), "\(again.output)")
        #expect(try Wiring.load(folder.path + "/plant/andon.yaml").plant.name == "Plant A")
        let forced = try await run(["--plant", "Plant B", "--force"], folder)
        #expect(forced.status == 0, "\(forced.output)")
        #expect(try Wiring.load(folder.path + "/plant/andon.yaml").plant.name == "Plant B")
    }

    @Test("Every fault is named with its field, and nothing is written")
    func faults() async throws {
        let folder = try TemporaryFolder()
        for (words, expected) in [
            ([], "plant.name: the option \"name\" is required"),
            (["--plant", "A", "--time-zone", "Berlin"], "plant.timeZone: should be an IANA time zone"),
            (["--plant", "A", "--connector", "maxima"], "there is no connector type \"maxima\"; known are desk, "),
            (["--plant", "A", "--connector", "maximo"], "connector.maximo.url: the option \"url\" is required"),
            (
                ["--plant", "A", "--connector", "maximo", "--secret", "apiKey=1234"],
                "a secret is named, and not written"
            ),
            (["--plant", "A", "--option", "url=x"], "say which system the options are for"),
            (["--plant", "A", "--assets", "/nowhere.csv"], "/nowhere.csv cannot be read"),
            (["--plant", "A", "--class", "a", "--class", "a"], "rules.classes: Line 2: a stands there a second time"),
        ] as [([String], String)] {
            let made = try await run(words, folder)
            #expect(made.status != 0 && made.output.contains(expected), "\(words): \(made.output)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/plant"))
    }

    @Test("What no option says is asked for, a line an answer, with proposals and examples")
    func dialogue() async throws {
        let folder = try TemporaryFolder()
        let answers = [
            "", "Plant A", "", "Europe/Berlin", "", "CAM-01=PRESS-07", "CAM-02", "", "maximo",
            "https://maximo.plant.example/maximo", "file:/etc/andon/key", "scratch", "",
        ]
        let made = try await run(["--ask", "--without-check"], folder, input: answers.joined(separator: "\n") + "\n")
        #expect(made.status == 0, "\(made.output)")
        #expect(made.output.contains("This is needed.") && made.output.contains("maximo  IBM Maximo"))
        #expect(made.output.contains("the file /etc/andon/key cannot be read"), "said, and no reason not to write")
        let text = try String(contentsOfFile: folder.path + "/plant/andon.yaml", encoding: .utf8)
        #expect(text.contains("apiKey: { file: \"/etc/andon/key\" }") && text.contains("- { id: CAM-02 }"), "\(text)")
        let ended = try await AndonProcess.run(["init", "--into", folder.path + "/other", "--ask"], input: "Plant A\n")
        #expect(ended.status == 1 && ended.output.contains("the input ended"), "\(ended.output)")
    }

    @Test(
        "The plant is made of the CMMS's assets, its connector is checked, and a test detection becomes an order there")
    func wholeWay() async throws {
        let folder = try TemporaryFolder()
        var setup = MaximoStandIn.Setup()
        setup.assets = ["PRESS-07": ["siteid": "BEDFORD", "priority": 1, "location": "BR100"]]
        let maximo = MaximoStandIn(setup: setup)
        let standIn = try await maximo.serve()
        let key = ["MAXIMO_KEY": "test-key"]
        let made = try await run(
            [
                "--plant", "Plant A", "--site", "BEDFORD", "--connector", "maximo", "--option",
                "url=\(standIn.address)/maximo", "--secret", "apiKey=env:MAXIMO_KEY", "--assets-from-system",
                "--camera",
                "CAM-01=PRESS-07",
            ], folder, environment: key)
        #expect(made.status == 0 && made.output.contains("Everything that was tried works."), "\(made.output)")
        let config = folder.path + "/plant/andon.yaml"
        #expect(try String(contentsOfFile: folder.path + "/plant/assets.csv", encoding: .utf8).contains("PRESS-07"))
        let server = try AndonProcess(config: config, data: folder.path + "/data", environment: key)
        let test = ["test-detection", "--server", server.address, "--config", config]
        let sent = try await AndonProcess.run(test, environment: key)
        #expect(sent.status == 0 && sent.output.contains("acknowledged:  maximo has it as"), "\(sent.output)")
        #expect(sent.output.contains("open it:") && sent.output.contains("andon-test/"))
        let record = try #require(maximo.records.first)
        #expect(record.fields["description"]?.string?.hasPrefix("TEST, please ignore") == true)
        let second = try await AndonProcess.run(test, environment: key)
        #expect(second.status == 0 && second.output.contains("that of an earlier test"), "\(second.output)")
        let low = try await AndonProcess.run(test + ["--severity", "0.1"], environment: key)
        #expect(low.status == 1 && low.output.contains("no order was made"), "\(low.output)")
        let away = try await AndonProcess.run(["test-detection", "--server", server.address, "--config", "/none.yaml"])
        #expect(away.status == 1 && away.output.contains("--camera NAME"), "\(away.output)")
        try await server.stop()
        try await standIn.stop()
    }
}
