import AndonConfiguration
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a first configuration: plant, cameras, connector and rules.",
        discussion: """
            Asks on a terminal for what the options do not say; elsewhere the options say all. The same in a browser: start \
            andon serve without a configuration. Secrets are named, by variable or file, and never written down.
            """)

    @Option(name: .long, help: "The folder to write andon.yaml and its files into.")
    var into = "."

    @OptionGroup(title: "Plant") var plant: PlantOptions

    @OptionGroup(title: "Maintenance system") var system: SystemOptions

    @OptionGroup(title: "Rules") var rules: RuleOptions

    @Option(help: "Where the server listens.")
    var listen: String?

    @Option(help: "The data folder, relative to where the server is started.")
    var data: String?

    @Option(help: "How people reach the server, for links in orders.")
    var publicURL: String?

    @Flag(help: "Ask although the standard input is no terminal, a line an answer.")
    var ask = false

    @Flag(help: "Write over files that are there.")
    var force = false

    @Flag(help: "Do not check the connector against the system itself.")
    var withoutCheck = false

    func run() async throws {
        let connectors = try SetUpConnectors()
        var form = SetUpForm(try fields())
        let config = "\(into)/andon.yaml"
        if !force { try refuse(SetUpFiles(form.answers(nil).answers, config: config).present) }
        if ask || isatty(STDIN_FILENO) == 1 { form = try InitDialogue(connectors: connectors).completed(form) }
        form.fields[SetUpForm.Field.timeZone] = form.text(SetUpForm.Field.timeZone) ?? SetUp.timeZone
        let sample = connectors[form.connectorType]?.sample
        if let type = form.connectorType, sample == nil {
            let known = connectors.choices.map(\.type).joined(separator: ", ")
            throw CleanExit.failure("there is no connector type \"\(type)\"; known are desk, \(known)")
        }
        if system.assetsFromSystem { try await readAssets(into: &form, sample) }
        let (answers, faults) = form.answers(sample)
        let check = SetUp.check(answers, folder: into, secrets: SetUp.anySecret)
        let remarks = faults + check.remarks
        for remark in remarks.filter(\.isWarning) { print("warning: \(remark.words)") }
        guard remarks.allSatisfy(\.isWarning) else {
            throw CleanExit.failure(remarks.filter { !$0.isWarning }.map(\.words).joined(separator: "\n"))
        }
        let files = SetUpFiles(answers, config: config)
        do throws(Problem) {
            try files.write(replaces: force)
        } catch {
            throw CleanExit.failure("\(error.title). \(error.detail)")
        }
        print("\(config) is written.")
        try await tellNext(config, answers)
    }

    private func refuse(_ present: [String]) throws {
        guard present.isEmpty else {
            throw CleanExit.failure(
                "\(present.joined(separator: " and ")): nothing is written over it; give another folder with --into, or --force"
            )
        }
    }

    private func fields() throws -> [String: String] {
        var fields = try plant.fields().merging(rules.fields()) { $1 }
        fields.merge(try system.fields()) { $1 }
        fields[SetUpForm.Field.listen] = listen
        fields[SetUpForm.Field.dataFolder] = data
        fields[SetUpForm.Field.publicURL] = publicURL
        return fields
    }

    /// Here the secrets must be at hand.
    private func readAssets(into form: inout SetUpForm, _ sample: ConnectorSample?) async throws {
        let (answers, faults) = form.answers(sample)
        let check = SetUp.check(answers, folder: into)
        let remarks = (faults + check.remarks).filter { !$0.isWarning }
        guard let name = answers.connector?.name, let configuration = check.configuration, remarks.isEmpty else {
            let words = remarks.map(\.words).joined(separator: "\n")
            throw CleanExit.failure("the assets cannot be read yet\n\(words.isEmpty ? "give --connector" : words)")
        }
        do throws(ConnectorError) {
            let found = try await ConnectorTools.assets(name, in: configuration, time: SystemTime())
            form.fields[SetUpForm.Field.assets] = found.csv
        } catch {
            throw CleanExit.failure("\(name): \(error.name): \(error.detail)")
        }
    }

    // MARK: Afterwards

    /// `andon check` of it, and the connector's, where that can be done here and now.
    private func tellNext(_ config: String, _ answers: SetUpAnswers) async throws {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Wiring.load(config)
        } catch {
            print("What is missing still, where the server runs:\n\(error)")
            return printSteps(config, answers)
        }
        print("\(config) is right.")
        if let name = answers.connector?.name, !withoutCheck {
            let found = await Commissioning.run(
                name, in: configuration, trial: false, time: SystemTime(), random: SystemRandom())
            if let found { print(found.text) }
        }
        printSteps(config, answers)
    }

    /// A configuration of ours says nothing of `server.access`: the server asks everybody who they are.
    private func printSteps(_ config: String, _ answers: SetUpAnswers) {
        let camera = answers.cameras.first.map { " --camera \($0.id)" } ?? ""
        print(
            """

            Start the server; it prints the link that makes the first account:
              andon serve --config \(config)
            Each machine that sends or asks has a key. Signed in, make them on the page /accounts/keys; further ones also here,
            with a key that may administer in ANDON_API_KEY:
              andon key make press-vision --may report
              andon key make commands --may report read
            Then send a test detection the whole way, with a key that may report and read:
              ANDON_API_KEY=KEY andon test-detection --config \(config)\(camera)
            """)
    }
}

/// Where things are.
struct PlantOptions: ParsableArguments {
    @Option(name: .customLong("plant"), help: "The plant's name.")
    var name: String?

    @Option(help: "The site's code in the maintenance system; the signed record is named after it.")
    var site: String?

    @Option(help: "The clock on the wall, such as Europe/Berlin; the machine's own when left out.")
    var timeZone: String?

    @Option(help: "Where an order for an unknown asset goes.")
    var defaultLocation: String?

    @Option(help: "The assets: a CSV file whose first row names the columns, id among them.")
    var assets: String?

    @Option(
        name: .customLong("camera"), parsing: .singleValue, help: "A camera and its asset, such as CAM-01=PRESS-07.")
    var cameras: [String] = []

    @Option(name: .customLong("cameras"), help: "The same, a file with one a line.")
    var cameraFile: String?

    func fields() throws -> [String: String] {
        var fields: [String: String] = [:]
        fields[SetUpForm.Field.plantName] = name
        fields[SetUpForm.Field.site] = site
        fields[SetUpForm.Field.timeZone] = timeZone
        fields[SetUpForm.Field.defaultLocation] = defaultLocation
        fields[SetUpForm.Field.assets] = try assets.map(InitFile.text)
        let lines = try cameras + (cameraFile.map { [try InitFile.text($0)] } ?? [])
        if !lines.isEmpty { fields[SetUpForm.Field.cameras] = lines.joined(separator: "\n") }
        return fields
    }
}

/// Where orders go.
struct SystemOptions: ParsableArguments {
    @Option(help: "Its type, such as maximo or sap; desk for the built-in desk.")
    var connector: String?

    @Option(help: "The connector's name in the configuration; its type when left out.")
    var connectorName: String?

    @Option(parsing: .singleValue, help: "One of its options: url=https://maximo.plant.example/maximo")
    var option: [String] = []

    @Option(parsing: .singleValue, help: "A secret: apiKey=env:MAXIMO_API_KEY or apiKey=file:/etc/andon/maximo-key")
    var secret: [String] = []

    @Option(help: "A file with further options as YAML, as they stand below the connector's name.")
    var optionsFile: String?

    @Flag(help: "Make the plant's assets those of the system.")
    var assetsFromSystem = false

    @Option(parsing: .singleValue, help: "A network beside the private ones that the server may reach: 203.0.113.0/24")
    var network: [String] = []

    @Option(parsing: .singleValue, help: "A PEM file with an authority of the plant's own.")
    var authority: [String] = []

    func fields() throws -> [String: String] {
        typealias Field = SetUpForm.Field
        var fields: [String: String] = [:]
        if !network.isEmpty { fields[Field.networks] = network.joined(separator: " ") }
        if !authority.isEmpty { fields[Field.authorities] = authority.joined(separator: " ") }
        guard let type = connector else {
            guard option.isEmpty, secret.isEmpty, optionsFile == nil, connectorName == nil else {
                throw CleanExit.failure("say which system the options are for: --connector TYPE")
            }
            return fields
        }
        fields[Field.connector] = type
        fields[Field.name(of: type)] = connectorName
        fields[Field.further(of: type)] = try optionsFile.map(InitFile.text)
        for text in option {
            let (key, value) = try Self.pair(text, "--option KEY=VALUE")
            fields[Field.option(key, of: type)] = value
        }
        for text in secret {
            let (key, value) = try Self.pair(text, "--secret KEY=env:NAME or KEY=file:/path")
            let parts = value.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, ["env", "file"].contains(parts[0]) else {
                throw CleanExit.failure(
                    "a secret is named, and not written: --secret \(key)=env:NAME or \(key)=file:/path")
            }
            fields[Field.option(key, of: type)] = parts[1]
            fields[Field.secretKind(key, of: type)] = parts[0]
        }
        return fields
    }

    private static func pair(_ text: String, _ form: String) throws -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw CleanExit.failure("\"\(text)\" should be \(form)") }
        return (parts[0], parts[1])
    }
}

/// What makes an order.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .customLong("class"), parsing: .singleValue,
        help: "A defect class, with its problem code if it has one: scratch or scratch=SCRATCH.")
    var classes: [String] = []

    @Option(help: "The least confidence of a detection that makes an order, 0 to 1.")
    var minConfidence: String?

    @Option(help: "The least severity, 0 to 1.")
    var minSeverity: String?

    func fields() -> [String: String] {
        var fields: [String: String] = [:]
        if !classes.isEmpty { fields[SetUpForm.Field.classes] = classes.joined(separator: "\n") }
        fields[SetUpForm.Field.minConfidence] = minConfidence
        fields[SetUpForm.Field.minSeverity] = minSeverity
        return fields
    }
}

enum InitFile {
    private static let bytesMax = 4 << 20

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CleanExit.failure("\(path) cannot be read")
        }
        guard data.count <= bytesMax, let text = String(bytes: data, encoding: .utf8) else {
            throw CleanExit.failure("\(path) should be UTF-8, of \(bytesMax) bytes at most")
        }
        return text
    }
}

extension SetUpRemark {
    /// With the field that it is about, as a person at a terminal knows it.
    var words: String { field.isEmpty ? message : "\(field.replacing("..", with: ".")): \(message)" }
}
