import AndonModel

/// One connector of the configuration: what all connectors have in common, and its own options unread.
public struct ConnectorEntry: Sendable {
    public var name: String
    /// Which connector it is; the entry's name when the file does not say.
    public var type: String
    /// The connector's own options: the section without the common ones.
    public var settings: Settings
    public var common: ConnectorSettings

    public init(name: String, type: String, settings: Settings, common: ConnectorSettings = ConnectorSettings()) {
        self.name = name
        self.type = type
        self.settings = settings
        self.common = common
    }

    /// The built-in desk, for a file that does not mention it.
    public static let desk = ConnectorEntry(
        name: "desk", type: "desk", settings: Settings(.map([]), line: 1, column: 1, path: "connectors.desk"))

    /// Reads the connector's own options; what it does not ask for is unknown.
    public func reader(faults: SettingsFaults, secrets: SecretSource) -> SettingsReader {
        SettingsReader(settings, faults: faults, secrets: secrets)
    }
}
