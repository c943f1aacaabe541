import AndonModel

/// A YAML text that is no configuration, as JSON: by the core schema of YAML 1.2, within the configuration's limits.
public enum YAMLDocument {
    public static func json(_ text: String) throws(SettingsFault) -> JSON { json(try YAMLSettings.parse(text)) }

    /// The same with the place of each value, for who reads it as settings.
    ///
    /// - Parameter file: the file's name; faults then name it.
    public static func settings(_ text: String, file: String) throws(SettingsFault) -> Settings {
        try YAMLSettings.parse(text, file: file)
    }

    private static func json(_ settings: Settings) -> JSON {
        switch settings.value {
        case .null: .null
        case .list(let elements): .array(elements.map(json))
        case .map(let entries): .object(Dictionary(entries.map { ($0.key, json($0.value)) }, uniquingKeysWith: { $1 }))
        case .scalar(let text, true): .string(text)
        case .scalar("true", false): .bool(true)
        case .scalar("false", false): .bool(false)
        case .scalar(let text, false): Double(text).flatMap { $0.isFinite ? .number($0) : nil } ?? .string(text)
        }
    }
}
