import AndonModel

/// One vision system that the server listens to: what it is, and its own options unread.
public struct SourceEntry: Sendable {
    public var name: String
    public var type: String
    /// The source's own options: the section without `type`.
    public var settings: Settings

    public init(name: String, type: String, settings: Settings) {
        self.name = name
        self.type = type
        self.settings = settings
    }

    /// Reads the source's own options; what it does not ask for is unknown.
    public func reader(faults: SettingsFaults, secrets: SecretSource) -> SettingsReader {
        SettingsReader(settings, faults: faults, secrets: secrets)
    }
}

/// Reads the section `sources`, and leaves the options to each source.
struct SourcesReader {
    let faults: SettingsFaults
    let secrets: SecretSource
    let check: Configuration.SourceCheck

    func read(_ root: SettingsReader) -> [SourceEntry] {
        root.entries("sources").compactMap { written in
            guard let entry = entry(written) else { return nil }
            check(entry, entry.reader(faults: faults, secrets: secrets))
            return entry
        }
    }

    private func entry(_ written: Settings.Entry) -> SourceEntry? {
        guard case .map(let members) = written.value.value else {
            faults.add("should be a section with options, found \(written.value.kindName)", at: written.value)
            return nil
        }
        if !ConnectorsReader.isName(written.key) {
            faults.add("a source's name has letters, digits, \"-\" and \"_\" only, at most 40", at: written)
        }
        var section = written.value
        section.value = .map(members.filter { $0.key == "type" })
        let reader = SettingsReader(section, faults: faults, secrets: secrets)
        let type = reader.text("type", default: "opcua")
        section.value = .map(members.filter { $0.key != "type" })
        return SourceEntry(name: written.key, type: type, settings: section)
    }
}
