/// One value of a configuration file with the place where it stands, whatever the file's format.
///
/// The configuration room makes it from YAML; each connector reads its own part of it, so that its options live
/// in its own folder.
public struct Settings: Sendable {
    public indirect enum Value: Sendable {
        /// The text as written and whether it stood in quotes (then it is never a number or a null).
        case scalar(String, quoted: Bool)
        case list([Settings])
        case map([Entry])
        case null
    }

    public struct Entry: Sendable {
        public var key: String
        public var keyLine: Int
        public var keyColumn: Int
        public var value: Settings

        public init(key: String, keyLine: Int, keyColumn: Int, value: Settings) {
            self.key = key
            self.keyLine = keyLine
            self.keyColumn = keyColumn
            self.value = value
        }
    }

    public var value: Value
    /// From 1.
    public var line: Int
    public var column: Int
    /// The way from the document's root, for example `connectors.maximo.url`.
    public var path: String
    /// The file that it stands in, when that is not the configuration itself.
    public var file: String?

    public init(_ value: Value, line: Int, column: Int, path: String, file: String? = nil) {
        self.value = value
        self.line = line
        self.column = column
        self.path = path
        self.file = file
    }

    /// What a person calls this kind of value.
    public var kindName: String {
        switch value {
        case .scalar(let text, _): "\"\(text.cut(to: 40))\""
        case .list: "a list"
        case .map: "a section"
        case .null: "nothing"
        }
    }
}

/// One mistake in the configuration.
public struct SettingsFault: Error, Hashable, Sendable, CustomStringConvertible {
    public var line: Int
    public var column: Int
    public var path: String
    public var message: String
    /// The file that it stands in, when that is not the configuration itself.
    public var file: String?

    public init(line: Int, column: Int, path: String, message: String, file: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }

    public var description: String { "line \(line), column \(column): \(path.isEmpty ? "" : "\(path): ")\(message)" }
}

/// Every mistake of a file, collected in one pass: a person mends them all at once.
public final class SettingsFaults {
    public private(set) var faults: [SettingsFault] = []
    /// The path of every option that a reader asked for, written or not: what the documentation must name.
    public internal(set) var asked: Set<String> = []

    public init() {}

    public func add(_ message: String, at node: Settings) {
        faults.append(
            SettingsFault(line: node.line, column: node.column, path: node.path, message: message, file: node.file))
    }

    public func add(_ fault: SettingsFault) {
        faults.append(fault)
    }
}

/// A value that must not be printed. Only the connector that uses it asks for `reveal()`.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    public init(_ value: String) {
        self.value = value
    }

    public func reveal() -> String { value }
    public var description: String { "[secret]" }
    public var debugDescription: String { "[secret]" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where secrets come from: the environment and files, never the configuration file itself.
public struct SecretSource: Sendable {
    public var environment: @Sendable (String) -> String?
    /// The content of a file, or nil when it cannot be read.
    public var file: @Sendable (String) -> String?

    public init(
        environment: @escaping @Sendable (String) -> String?, file: @escaping @Sendable (String) -> String?
    ) {
        self.environment = environment
        self.file = file
    }
}
