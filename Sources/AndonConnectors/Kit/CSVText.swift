import AndonModel
import Foundation

/// Delimited text as spreadsheets and importers have it (RFC 4180, with other delimiters and encodings).
struct CSVText: Sendable {
    enum Encoding: String, CaseIterable, Sendable {
        case windows1252, utf8
    }

    var delimiter: Character = ","
    var newline = "\r\n"
    var encoding = Encoding.windows1252

    // MARK: Writing

    /// Header and one record. No cell begins a formula: planners open such files in a spreadsheet.
    func file(_ cells: [(name: String, value: String)]) -> [UInt8] {
        let lines = [cells.map(\.name), cells.map { Self.harmless($0.value) }].map { row in
            row.map(quoted).joined(separator: String(delimiter)) + newline
        }
        return bytes(lines.joined())
    }

    /// A blank before `=`, `+`, `@`, a tab, or a `-` that begins no number.
    static func harmless(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        let begins = "=+@\t\r".unicodeScalars.contains(first) || first == "-" && Double(text) == nil
        return begins ? " " + text : text
    }

    private func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == delimiter || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }

    private func bytes(_ text: String) -> [UInt8] {
        encoding == .utf8 ? Array(text.utf8) : text.unicodeScalars.map { Self.byte(of: $0) ?? UInt8(ascii: "?") }
    }

    /// What the encoding can hold of a text; characters that have an equivalent get it. To be asked before a text is cut.
    func holdable(_ text: String) -> String {
        guard encoding == .windows1252 else { return text }
        return text.unicodeScalars.map { scalar in
            if Self.byte(of: scalar) != nil { return String(Character(scalar)) }
            return Self.equivalents[scalar] ?? "?"
        }.joined()
    }

    private static let equivalents: [UnicodeScalar: String] = [
        "≥": ">=", "≤": "<=", "≠": "!=", "→": "->", "←": "<-", "−": "-", "×": "x", "µ": "u", "\u{2011}": "-",
        "\u{202F}": " ", "\u{2009}": " ", "σ": "sigma", "Ω": "Ohm", "✓": "ok",
    ]

    /// 0x80 to 0x9F of code page 1252; the rest is that of ISO 8859-1.
    private static let high: [UnicodeScalar: UInt8] = [
        "€": 0x80, "‚": 0x82, "ƒ": 0x83, "„": 0x84, "…": 0x85, "†": 0x86, "‡": 0x87, "ˆ": 0x88, "‰": 0x89, "Š": 0x8A,
        "‹": 0x8B, "Œ": 0x8C, "Ž": 0x8E, "‘": 0x91, "’": 0x92, "“": 0x93, "”": 0x94, "•": 0x95, "–": 0x96, "—": 0x97,
        "˜": 0x98, "™": 0x99, "š": 0x9A, "›": 0x9B, "œ": 0x9C, "ž": 0x9E, "Ÿ": 0x9F,
    ]
    private static let scalars = Dictionary(uniqueKeysWithValues: high.map { ($0.value, $0.key) })

    private static func byte(of scalar: UnicodeScalar) -> UInt8? {
        if scalar.value < 0x80 || (0xA0...0xFF).contains(scalar.value) { return UInt8(scalar.value) }
        return high[scalar]
    }

    // MARK: Reading

    private func text(_ bytes: [UInt8]) -> String {
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            return String(decoding: bytes.dropFirst(3), as: UTF8.self)
        }
        if encoding == .utf8 { return String(decoding: bytes, as: UTF8.self) }
        var text = String.UnicodeScalarView()
        while let byte = bytes.popFirst() { text.append(Self.scalars[byte] ?? UnicodeScalar(byte)) }
        return String(text)
    }

    /// The records below the header, by the header's names. A last line without its end is not there yet; a record
    /// with another number of cells is left out.
    func records(_ bytes: [UInt8]) -> [[String: String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        var wasQuote = false
        for character in text(bytes) {
            if isQuoted {
                if wasQuote {
                    wasQuote = false
                    if character == "\"" {
                        cell.append("\"")
                        continue
                    }
                    isQuoted = false
                } else if character == "\"" {
                    wasQuote = true
                    continue
                } else {
                    cell.append(character)
                    continue
                }
            }
            if character == delimiter {
                row.append(cell)
                cell = ""
            } else if character.isNewline {
                rows.append(row + [cell])
                row = []
                cell = ""
            } else if character == "\"", cell.isEmpty {
                isQuoted = true
            } else {
                cell.append(character)
            }
        }
        guard let header = rows.first else { return [] }
        return rows.dropFirst().filter { $0.count == header.count }.map { row in
            Dictionary(zip(header, row), uniquingKeysWith: { first, _ in first })
        }
    }
}
