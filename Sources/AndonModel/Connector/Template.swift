/// A text with `{name}` placeholders, as the field mappings of connectors have them. `{{` is a plain brace.
///
/// A template made of one placeholder alone whose value is not known gives nil, and the field is left out: a
/// missing value stays missing. Within other text an unknown value is empty.
public struct Template: Hashable, Sendable {
    public let source: String
    private let parts: [Part]

    private enum Part: Hashable, Sendable {
        case text(String)
        case field(String)
    }

    /// The template that is always an empty text.
    public static let empty = Template()

    private init() {
        source = ""
        parts = []
    }

    public struct Fault: Error, Hashable, Sendable {
        public var reason: String
    }

    /// Throws when a brace is not closed or a name is not one of `names`.
    public init(_ source: String, names: Set<String>) throws(Fault) {
        self.source = source
        var parts: [Part] = []
        var rest = Substring(source)
        while let brace = rest.firstIndex(of: "{") {
            parts.append(.text(String(rest[..<brace])))
            rest = rest[rest.index(after: brace)...]
            if rest.first == "{" {
                parts.append(.text("{"))
                rest = rest.dropFirst()
                continue
            }
            guard let end = rest.firstIndex(of: "}") else {
                throw Fault(reason: "a { is not closed in \"\(source)\"; write {{ for a plain brace")
            }
            let name = String(rest[..<end])
            guard names.contains(name) else {
                throw Fault(
                    reason: "{\(name)} is not a known value; known are \(names.sorted().joined(separator: ", "))")
            }
            parts.append(.field(name))
            rest = rest[rest.index(after: end)...]
        }
        parts.append(.text(String(rest)))
        self.parts = parts.filter { $0 != .text("") }
    }

    public func filled(with values: [String: String]) -> String? {
        if parts.count == 1, case .field(let name) = parts[0] { return values[name] }
        return parts.map { part in
            switch part {
            case .text(let text): text
            case .field(let name): values[name] ?? ""
            }
        }.joined()
    }
}

extension String {
    /// The text cut to `limit` characters at a word, with an ellipsis when something is missing.
    public func cut(to limit: Int) -> String {
        guard count > limit, limit > 1 else { return String(prefix(limit)) }
        let head = prefix(limit - 1)
        guard let space = head.lastIndex(of: " "), head.distance(from: space, to: head.endIndex) < limit / 2 else {
            return head + "…"
        }
        return head[..<space] + "…"
    }
}
