import Foundation

/// Rich text as plain text: what people typed, without the marks around it. Linear in the text, whatever it holds:
/// it comes from outside.
enum PlainText {
    private static let breaking: Set<String> = ["br", "/p", "/div", "/li", "/tr"]

    static func of(html: String) -> String {
        guard html.contains("<") || html.contains("&") else { return html }
        var text = ""
        var rest = Substring(html)
        while let open = rest.firstIndex(of: "<") {
            text += rest[..<open]
            rest = rest[open...]
            let end =
                rest.hasPrefix("<!--")
                ? rest.firstRange(of: "-->")?.upperBound : after(rest.firstIndex(of: ">"), in: rest)
            // A mark that never ends is no mark: what follows was typed.
            guard let end else { break }
            let name = rest[..<end].dropFirst().prefix { $0.isLetter || $0 == "/" }.lowercased()
            if breaking.contains(name.last == "/" ? String(name.dropLast()) : name) { text += "\n" }
            rest = rest[end...]
        }
        text += rest
        return trimmed(decoded(text))
    }

    private static func after(_ index: String.Index?, in text: Substring) -> String.Index? {
        index.map { text.index(after: $0) }
    }

    private static func decoded(_ text: String) -> String {
        let entities = [
            ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"),
            ("&amp;", "&"),
        ]
        return entities.reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    private static func trimmed(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension PlainText {
    /// Words as rich text: what could be markup is escaped, and line ends are breaks.
    static func html(of text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("\r\n", with: "\n").replacing("\n", with: "<br/>")
    }
}
