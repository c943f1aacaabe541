import AndonModel
import AndonTesting

extension SeededRandom {
    /// Characters that JSON writers and readers stumble over.
    static let characters: [Unicode.Scalar] = [
        "a", "Z", "0", " ", "\"", "\\", "/", "\u{08}", "\u{0C}", "\n", "\r", "\t", "\u{00}", "\u{1F}", "\u{7F}",
        "\u{80}",
        "é", "ß", "\u{2028}", "中", "\u{FFFD}", "\u{FFFF}", "😀", "\u{10FFFF}",
    ]

    mutating func text(charactersMax: Int = 12) -> String {
        var text = ""
        for _ in 0..<int(0...charactersMax) { text.unicodeScalars.append(pick(Self.characters)) }
        return text
    }

    mutating func double() -> Double {
        switch int(0...5) {
        case 0: return Double(int(-1000...1000))
        case 1: return Double(int(-1_000_000...1_000_000)) / 1000
        case 2: return Double(Int64(truncatingIfNeeded: next()))
        case 3:
            return pick([
                0, -0.0, .leastNonzeroMagnitude, 1e21, 1e-7, 9_007_199_254_740_992, -9_223_372_036_854_775_808, 1e23,
            ])
        default:
            let value = Double(bitPattern: next())
            return value.isFinite ? value : 0.5
        }
    }

    mutating func json(depth: Int = 0) -> JSON {
        switch int(0...(depth < 5 ? 7 : 4)) {
        case 0: return .null
        case 1: return .bool(chance(50))
        case 2: return .number(double())
        case 3, 4: return .string(text())
        case 5: return .array((0..<int(0...5)).map { _ in json(depth: depth + 1) })
        default:
            var members: [String: JSON] = [:]
            for _ in 0..<int(0...5) { members[text()] = json(depth: depth + 1) }
            return .object(members)
        }
    }

    /// The value as a careless but correct writer puts it: any white space, any escapes, any spelling of a number.
    mutating func written(_ value: JSON) -> String {
        let text: String
        switch value {
        case .null, .bool: text = value.canonicalText
        case .number(let number): text = written(number)
        case .string(let string): text = written(string)
        case .array(let elements): text = "[" + elements.map { written($0) }.joined(separator: ",") + space() + "]"
        case .object(let members):
            let pairs = members.map { written($0.key) + space() + ":" + written($0.value) }
            text = "{" + pairs.map { space() + $0 }.joined(separator: ",") + space() + "}"
        }
        return space() + text + space()
    }

    private mutating func space() -> String {
        chance(80) ? "" : pick([" ", "\n", "\t", "\r\n", "   "])
    }

    private mutating func written(_ number: Double) -> String {
        let text = JSON.number(number).canonicalText
        switch int(0...3) {
        case 0: return text.uppercased()
        case 1 where !text.contains("e"): return text + (text.contains(".") ? "000" : ".0")
        case 2 where !text.contains("e"): return text + pick(["e0", "E+0", "e-0", "E00"])
        default: return text
        }
    }

    private mutating func written(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            guard mustEscape || chance(20) else {
                text.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16, uppercase: chance(50))
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return text + "\""
    }
}
