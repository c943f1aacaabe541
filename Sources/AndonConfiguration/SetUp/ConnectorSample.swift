import AndonModel

/// A connector's options as its sample file shows them, for a form that asks for them.
public struct ConnectorSample: Sendable {
    public struct Option: Sendable, Equatable {
        public enum Kind: Sendable {
            case text
            /// `{ env: NAME }` or `{ file: /path }`.
            case secret
            /// A section or a list: written as YAML.
            case section
        }

        public var key: String
        public var kind: Kind
        /// The value in the sample: of a secret the name of its variable or file.
        public var example: String
        /// What the sample says about it.
        public var hint: String
        /// Whether it stands in the sample without a comment sign: most systems need it.
        public var isUsual: Bool
    }

    /// The connector's type.
    public let type: String
    /// All options with their comments, as they stand below the connector's name.
    public let text: String
    /// In the sample's order, each key once.
    public let options: [Option]

    /// - Parameter yaml: a `sample.yaml`: `connectors:`, a line with the type, and its options four spaces in.
    /// - Returns: nil for another text.
    public init?(yaml: String) {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count > 2, lines[0] == "connectors:", let head = lines[1].wholeMatch(of: #/  ([a-z0-9-]+):/#) else {
            return nil
        }
        type = String(head.1)
        let own = lines.dropFirst(2)
        text = own.map { String($0.dropFirst(min(4, $0.prefix { $0 == " " }.count))) }.joined(separator: "\n")
        var options: [Option] = []
        for line in own {
            guard let option = Self.option(line), !options.contains(where: { $0.key == option.key }) else { continue }
            options.append(option)
        }
        self.options = options
    }

    private static func option(_ line: String) -> Option? {
        guard let match = line.wholeMatch(of: #/    (# )?([A-Za-z][A-Za-z0-9]*):(?: (.*))?/#) else { return nil }
        let (value, hint) = split(match.3.map(String.init) ?? "")
        var option = Option(
            key: String(match.2), kind: .text, example: value, hint: hint, isUsual: match.1 == nil)
        if let reference = value.wholeMatch(of: /\{ (?:env|file): (.+) \}/) {
            (option.kind, option.example) = (.secret, String(reference.1))
        } else if value.isEmpty || value.hasPrefix("{") || value.hasPrefix("[") {
            option.kind = .section
        } else if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
            option.example = String(value.dropFirst().dropLast())
        }
        return option
    }

    /// The value and the comment behind it.
    private static func split(_ text: String) -> (value: String, hint: String) {
        var isQuoted = false
        var before: Character = " "
        for index in text.indices {
            let character = text[index]
            if character == "\"" || character == "'" { isQuoted.toggle() }
            if character == "#", before == " ", !isQuoted {
                return (String(text[..<index]).trimmed, String(text[text.index(after: index)...]).trimmed)
            }
            before = character
        }
        return (text.trimmed, "")
    }
}
