import AndonDecide
import AndonIdentity
import AndonModel

/// Reads one configuration: each section by its own reader, then what must agree between them.
struct ConfigurationReader {
    let file: String
    let secrets: SecretSource
    let content: (String) -> Result<String, TextFile.Refusal>
    /// A file's bytes, of which there may be at most so many.
    let bytes: (String, Int) -> Result<[UInt8], TextFile.Refusal>
    let check: Configuration.ConnectorCheck
    let checkSource: Configuration.SourceCheck
    var sections: Configuration.SectionChoice = { _ in [] }

    func read() throws(ConfigurationError) -> Configuration {
        let faults = SettingsFaults()
        let own = try rootSettings()
        let changed = sections(own.json)
        let settings = changed.reduce(own) { $0.replacing($1) }
        let root = SettingsReader(settings, faults: faults, secrets: secrets)
        let digests = FileDigests()
        let content = digests.noting(content)
        let bytes = digests.noting(bytes)
        let plantReader = PlantReader(faults: faults, secrets: secrets, content: content, bytes: bytes)
        let plant = plantReader.read(root.section("plant") ?? empty("plant", in: root))
        let rulesReader = RulesReader(plant: plant, faults: faults, secrets: secrets)
        let rules = rulesReader.read(root.section("rules") ?? empty("rules", in: root))
        let connectors = ConnectorsReader(faults: faults, secrets: secrets, content: content, check: check).read(root)
        let sources = SourcesReader(faults: faults, secrets: secrets, check: checkSource).read(root)
        plantReader.check(
            plant, criticalities: rules.criticalities.names, connectors: connectors.map(\.name))

        let server = root.section("server").map(ServerSettings.init(reading:)) ?? ServerSettings()
        let intake = root.section("intake").map(IntakeSettings.init(reading:)) ?? IntakeSettings()
        let evidence = root.section("evidence").map(EvidenceSettings.init(reading:)) ?? EvidenceSettings()
        let ledger = root.section("ledger").map(LedgerSettings.init(reading:)) ?? LedgerSettings()
        let people = root.section("accounts")
        let certificates = people.map { CertificateRule.list(reading: $0) } ?? []
        let openID = people.flatMap { OpenIDSettings.read($0, publicURL: server.publicURL) }
        let accounts = people.map(AccountPolicy.init(reading:)) ?? AccountPolicy()
        if !certificates.isEmpty, server.tls?.clientCA == nil, let node = people?.raw("certificates") {
            faults.add("needs server.tls.clientCA: without it no client is asked for a certificate", at: node)
        }
        Self.check(connectors, server, faults, at: root)
        let network = root.section("network").map(NetworkSettings.init(reading:)) ?? NetworkSettings()
        let opcua = root.section("opcua").flatMap(Self.opcuaServer)
        let learnReader = LearnReader(plant: plant, classes: Set(rules.classes.keys), faults: faults)
        let learn = root.section("learn").map(learnReader.read) ?? LearnSettings()
        let shadow = ShadowReader(plant: plant, content: content)
        let candidate = root.section("shadow").flatMap { shadow.read($0) }
        let change = root.section("change").flatMap(Self.change)
        let tag = root.text("originTag", default: Configuration.originTagDefault)
        root.finish()

        let all =
            faults.faults.map { ConfigurationError.Fault(file: file, $0) } + plantReader.otherFiles
            + shadow.otherFiles
        guard all.isEmpty else { throw ConfigurationError(faults: sorted(all)) }
        return Configuration(
            server: server, intake: intake, evidence: evidence, ledger: ledger, accounts: accounts,
            certificates: certificates, openID: openID, plant: plant, rules: rules, change: change, settings: own.json,
            document: settings.document, sections: changed.map(\.name), files: digests.all, connectors: connectors,
            sources: sources, network: network, opcuaServer: opcua, learn: learn, shadow: candidate,
            originTag: ["off", "false"].contains(tag) ? nil : tag,
            warnings: (plantReader.warnings + rulesReader.warnings + learnReader.warnings).map {
                ConfigurationError.Fault(file: file, $0)
            })
    }

    /// A call that outlasts the lease would be cut short, and its order looked for each time.
    private static func check(
        _ connectors: [ConnectorEntry], _ server: ServerSettings, _ faults: SettingsFaults, at root: SettingsReader
    ) {
        guard server.database != nil, let node = root.raw("server") else { return }
        for entry in connectors where entry.common.timeout * 4 > server.lease * 3 {
            faults.add(
                "lease must be a third longer than the timeout of every connector; \(entry.name) has "
                    + "\(Quantity.text(entry.common.timeout))", at: node)
        }
    }

    private static func opcuaServer(_ reader: SettingsReader) -> OPCUAServerSettings? {
        let server = reader.section("server").map(OPCUAServerSettings.init(reading:))
        reader.finish()
        return server
    }

    private static func change(_ reader: SettingsReader) -> ConfigurationChange? {
        let (by, reason) = (reader.requiredText("by"), reader.requiredText("reason"))
        reader.finish()
        return by.isEmpty || reason.isEmpty ? nil : ConfigurationChange(by: by, reason: reason)
    }

    private func rootSettings() throws(ConfigurationError) -> Settings {
        switch content(file) {
        case .failure(let refusal):
            throw ConfigurationError(faults: [.init(file: file, message: refusal.reason)])
        case .success(let text):
            do {
                return try YAMLSettings.parse(text)
            } catch {
                throw ConfigurationError(faults: [.init(file: file, error)])
            }
        }
    }

    /// A section that is not written: every option has its default.
    private func empty(_ key: String, in root: SettingsReader) -> SettingsReader {
        SettingsReader(
            Settings(.null, line: root.node.line, column: root.node.column, path: key), faults: root.faults,
            secrets: secrets)
    }

    /// This file's faults first, each file's by line.
    private func sorted(_ faults: [ConfigurationError.Fault]) -> [ConfigurationError.Fault] {
        var seen: Set<ConfigurationError.Fault> = []
        return faults.filter { seen.insert($0).inserted }.sorted {
            ($0.file == file ? 0 : 1, $0.line, $0.column) < ($1.file == file ? 0 : 1, $1.line, $1.column)
        }
    }
}

extension SettingsReader {
    /// The entries of a section whose keys are names, with the keys' own places; a repeated key is one entry.
    func entries(_ key: String) -> [Settings.Entry] {
        _ = named(key)
        guard case .map(let entries) = raw(key)?.value else { return [] }
        return entries
    }

    /// The choice when the option is written, else nil.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, fallback: Choice) -> Choice?
    where Choice.RawValue == String {
        raw(key) == nil ? nil : choice(key, default: fallback)
    }

    func sub(_ settings: Settings) -> SettingsReader {
        SettingsReader(settings, faults: faults, secrets: secrets)
    }
}

extension SettingsFaults {
    func add(_ message: String, at entry: Settings.Entry) {
        add(
            SettingsFault(
                line: entry.keyLine, column: entry.keyColumn, path: entry.value.path, message: message,
                file: entry.value.file))
    }
}

/// A list of allowed words for a message, cut when there are many.
func allowed(_ names: some Sequence<String>, max: Int = 12) -> String {
    let all = Array(names)
    guard !all.isEmpty else { return "(there are none)" }
    let rest = all.count > max ? " and \(all.count - max) more" : ""
    return all.prefix(max).joined(separator: ", ") + rest
}
