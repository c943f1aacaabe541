/// A text taken apart at what stands in its braces. `{{` is a plain brace.
public struct BracedText: Hashable, Sendable {
    public enum Part: Hashable, Sendable {
        case text(String)
        /// What stood between `{` and `}`.
        case braced(String)
    }

    public struct Fault: Error, Hashable, Sendable {
        public var reason: String

        public init(reason: String) { self.reason = reason }
    }

    /// None is an empty text.
    public let parts: [Part]

    /// - Throws: where a brace is not closed.
    public init(_ source: String) throws(Fault) {
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
                throw Fault(reason: "a { is not closed in \"\(source.cut(to: 60))\"; write {{ for a plain brace")
            }
            parts.append(.braced(String(rest[..<end])))
            rest = rest[rest.index(after: end)...]
        }
        parts.append(.text(String(rest)))
        self.parts = parts.filter { $0 != .text("") }
    }
}
