import AndonDecide
import AndonModel

/// Rules that are not in force: to be tried on the past, or to run in the shadow.
extension Rules {
    /// Reads `rules` alone; all other sections of the text are left unread, so that neither files nor secrets are
    /// looked at.
    ///
    /// - Parameters:
    ///   - file: the text's name in the faults.
    ///   - plant: what the rules are checked against.
    /// - Throws: every fault with its line.
    public static func candidate(
        yaml: String, file: String, plant: Plant
    ) throws(ConfigurationError) -> Rules {
        let root: Settings
        do {
            root = try YAMLSettings.parse(yaml)
        } catch {
            throw ConfigurationError(faults: [.init(file: file, error)])
        }
        let faults = SettingsFaults()
        let none = SecretSource(environment: { _ in nil }, file: { _ in nil })
        let reader = SettingsReader(root, faults: faults, secrets: none)
        var rules = Rules()
        if let section = reader.section("rules") {
            rules = RulesReader(plant: plant, faults: faults, secrets: none).read(section)
        } else if faults.faults.isEmpty {
            reader.missing("rules")
        }
        guard faults.faults.isEmpty else {
            let all = faults.faults.map { ConfigurationError.Fault(file: file, $0) }
            throw ConfigurationError(faults: all.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
        }
        return rules
    }

    /// The same for a file.
    public static func candidate(path: String, plant: Plant) throws(ConfigurationError) -> Rules {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return try candidate(yaml: Configuration.text(path), file: name, plant: plant)
    }
}

extension Configuration {
    /// Whether the text has a plant of its own, and so is a whole configuration.
    public static func hasPlant(yaml: String) -> Bool {
        guard let root = try? YAMLSettings.parse(yaml), case .map(let entries) = root.value else { return false }
        return entries.contains { $0.key == "plant" }
    }

    /// The text of a file within the limits of configuration files.
    public static func text(_ path: String) throws(ConfigurationError) -> String {
        switch TextFile.read(path) {
        case .success(let text): return text
        case .failure(let refusal): throw ConfigurationError(faults: [.init(file: path, message: refusal.reason)])
        }
    }
}
