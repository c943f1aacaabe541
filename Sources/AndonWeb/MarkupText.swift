import Mustache

/// Escapes text for HTML scalar by scalar. The library's own way goes by whole characters, and a `<` with a combining mark
/// behind it is another character than `<`: it would go out as it is, and browsers take it for the beginning of a tag.
struct MarkupText: MustacheContentType {
    /// As templates name it, in their first line.
    static let name = "ANDON"
    static let pragma = "{{% CONTENT_TYPE:\(name)}}\n"

    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
