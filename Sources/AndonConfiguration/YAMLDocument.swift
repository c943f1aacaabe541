import AndonModel

/// A YAML text that is no configuration, as JSON: by the core schema of YAML 1.2, within the configuration's limits.
public enum YAMLDocument {
    public static func json(_ text: String) throws(SettingsFault) -> JSON { json(try YAMLSettings.parse(text)) }

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
