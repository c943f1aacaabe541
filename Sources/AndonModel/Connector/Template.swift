/// A text with `{name}` placeholders, as the field mappings of connectors have them. `{{` is a plain brace.
///
/// A template made of one placeholder alone whose value is not known gives nil, and the field is left out: a
/// missing value stays missing. Within other text an unknown value is empty.
public struct Template: Hashable, Sendable {
    public let source: String
    private let parts: [BracedText.Part]

    /// The template that is always an empty text.
    public static let empty = Template()

    private init() {
        source = ""
        parts = []
    }

    public typealias Fault = BracedText.Fault

    /// Throws when a brace is not closed or a name is not one of `names`.
    public init(_ source: String, names: Set<String>) throws(Fault) {
        self.source = source
        parts = try BracedText(source).parts
        if let name = self.names.subtracting(names).min() {
            throw Fault(
                reason: "{\(name)} is not a known value; known are \(names.sorted().joined(separator: ", "))")
        }
    }

    /// The values that it has places for.
    public var names: Set<String> {
        Set(parts.compactMap { if case .braced(let name) = $0 { name } else { nil } })
    }

    /// Whether its own text has words in it, and not only marks like the `T` between a date and a time.
    public var hasWords: Bool {
        parts.contains { part in
            guard case .text(let text) = part else { return false }
            return zip(text, text.dropFirst()).contains { $0.isLetter && $1.isLetter }
        }
    }

    public func filled(with values: [String: String]) -> String? {
        if parts.count == 1, case .braced(let name) = parts[0] { return values[name] }
        return parts.map { part in
            switch part {
            case .text(let text): text
            case .braced(let name): values[name] ?? ""
            }
        }.joined()
    }
}

/// What a system counts when it says how long a text may be.
public enum TextUnit: Sendable {
    /// What people see as one character.
    case characters
    /// UTF-16 code units, as ABAP, Java and .NET count: an emoji is two or more.
    case utf16
    /// Bytes in UTF-8, as databases with byte semantics count.
    case utf8

    public func count(_ text: some StringProtocol) -> Int {
        switch self {
        case .characters: text.count
        case .utf16: text.utf16.count
        case .utf8: text.utf8.count
        }
    }
}

extension String {
    /// Without white space at either end.
    public var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// The text cut to `limit` units at a word, with an ellipsis when something is missing; a character is never
    /// cut in two.
    public func cut(to limit: Int, in unit: TextUnit = .characters) -> String {
        guard unit.count(self) > limit else { return self }
        let mark = unit.count("…")
        guard limit > mark else { return String(prefix(limit, in: unit)) }
        let head = prefix(limit - mark, in: unit)
        guard let space = head.lastIndex(of: " "), unit.count(head[space...]) < limit / 2 else { return head + "…" }
        return head[..<space] + "…"
    }

    private func prefix(_ limit: Int, in unit: TextUnit) -> Substring {
        var room = limit
        return prefix { character in
            room -= unit.count(String(character))
            return room >= 0
        }
    }

    /// One line: blanks, tabs and line breaks together are one blank, and control characters are gone.
    public var asOneLine: String {
        split(whereSeparator: \.isWhitespace).joined(separator: " ").withoutControls
    }

    /// Without the control characters that text formats cannot hold; line breaks and tabs stay.
    public var withoutControls: String {
        let isHeld = { (scalar: UnicodeScalar) in
            scalar.value >= 0x20 && scalar.value != 0x7F || "\n\r\t".unicodeScalars.contains(scalar)
        }
        guard !unicodeScalars.allSatisfy(isHeld) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.filter(isHeld)))
    }
}
