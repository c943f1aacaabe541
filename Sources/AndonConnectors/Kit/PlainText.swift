import Foundation

/// Rich text as plain text: what people typed, without the marks around it.
enum PlainText {
    static func of(html: String) -> String {
        guard html.contains("<") || html.contains("&") else { return html }
        let lines = html.replacing(/<!--.*?-->/.dotMatchesNewlines(), with: "")
            .replacing(/<\s*(br|\/p|\/div|\/li|\/tr)[^>]*>/.ignoresCase(), with: "\n")
            .replacing(/<[^>]*>/, with: "")
        let entities = [
            ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"),
            ("&amp;", "&"),
        ]
        let text = entities.reduce(lines) { $0.replacing($1.0, with: $1.1) }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
