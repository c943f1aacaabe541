/// Texts as YAML that reads back as the same text.
enum YAMLText {
    /// Plain where nothing in it means anything to YAML, and in double quotes otherwise.
    ///
    /// - Parameter isInFlow: within `{ }` or `[ ]`, where a colon inside a plain text is not taken by every reader.
    static func scalar(_ text: String, isInFlow: Bool = false) -> String {
        isPlain(text, isInFlow) ? text : quoted(text)
    }

    private static func isPlain(_ text: String, _ isInFlow: Bool) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last, isWord(first),
            last != " ", last != ":", !["null", "Null", "NULL"].contains(text)
        else { return false }
        var before = first
        for scalar in text.unicodeScalars {
            let isColon = scalar == ":" && !isInFlow
            guard isWord(scalar) || isColon || " ._/-+@()".unicodeScalars.contains(scalar),
                !(before == ":" && scalar == " ")
            else { return false }
            before = scalar
        }
        return true
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }

    /// `&` and `*` go as numbers, because a reader that refuses aliases looks for them everywhere.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "&", "*": quoted += number(scalar, "x", 2)
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{a0}": quoted += number(scalar, "x", 2)
            case "\u{2028}", "\u{2029}", "\u{e000}"..."\u{ffff}": quoted += number(scalar, "u", 4)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func number(_ scalar: Unicode.Scalar, _ letter: String, _ digits: Int) -> String {
        let text = String(scalar.value, radix: 16)
        return "\\\(letter)" + String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// A text of several lines, moved so that its left edge stands behind `margin` spaces.
    static func block(_ text: String, margin: Int) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            String(line.reversed().drop(while: \.isWhitespace).reversed())
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        let edge = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { $0.isEmpty ? "" : String(repeating: " ", count: margin) + $0.dropFirst(edge) }
    }
}
