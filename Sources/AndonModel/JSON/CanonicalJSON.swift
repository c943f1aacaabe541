extension JSON {
    /// The canonical bytes of RFC 8785 (JCS): member names sorted by UTF-16 code units, numbers as ECMAScript
    /// writes them, no space. Equal values give equal bytes on every machine, so a digest of them is a digest of
    /// the value. A NaN or an infinity cannot come from the parser; as a defence both are written as null.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        appendCanonical(to: &bytes)
        return bytes
    }

    /// The canonical form as text.
    public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    private func appendCanonical(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let value): bytes.append(contentsOf: Self.ecmaScriptText(of: value).utf8)
        case .string(let value): Self.appendQuoted(value, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.appendCanonical(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, name) in Self.sortedNames(members).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.appendQuoted(name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                members[name]?.appendCanonical(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// For ASCII names, order of bytes and order of UTF-16 code units are the same.
    private static func sortedNames(_ members: [String: JSON]) -> [String] {
        let names = Array(members.keys)
        if names.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) {
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        return names.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
    }

    private static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        // Most texts, and the long ones above all, have nothing to escape.
        let isPlain: Bool? = text.utf8.withContiguousStorageIfAvailable { utf8 in
            for byte in utf8 where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                return false
            }
            bytes.append(contentsOf: utf8)
            return true
        }
        if isPlain != true { appendEscaped(text, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        let hex: StaticString = "0123456789abcdef"
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case 0x08: bytes.append(contentsOf: "\\b".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0C: bytes.append(contentsOf: "\\f".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(hex.utf8Start[Int(byte >> 4)])
                bytes.append(hex.utf8Start[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
    }

    /// `Number::toString` of ECMA-262 (section 6.1.6.1.20): the shortest digits that read back as the same
    /// double, plain between 1e-6 and 1e21, with an exponent outside.
    public static func ecmaScriptText(of value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == 0 { return "0" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        // Swift writes the same digits, and without an exponent in the same way.
        let text = value.description
        if value.magnitude < 0x1p53, !text.utf8.contains(UInt8(ascii: "e")) { return text }
        let sign = value < 0 ? "-" : ""
        let (digits, point) = shortestDigits(of: abs(value))
        let count = digits.count
        if count <= point, point <= 21 {
            return sign + digits + String(repeating: "0", count: point - count)
        }
        if 0 < point, point <= 21 {
            return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        }
        if -6 < point, point <= 0 {
            return sign + "0." + String(repeating: "0", count: -point) + digits
        }
        let exponent = point - 1
        let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst()
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + String(abs(exponent))
    }

    /// Digits d and a point position n with value = 0.d × 10^n. Swift's description has the shortest digits.
    private static func shortestDigits(of value: Double) -> (digits: String, point: Int) {
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let all = whole + fraction
        let leadingZeros = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leadingZeros)
        while digits.last == "0" { digits.removeLast() }
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return (String(digits), whole.count - leadingZeros + exponent)
    }
}
