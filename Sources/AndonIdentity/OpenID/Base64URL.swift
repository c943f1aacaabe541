import Foundation

/// Base64url of RFC 4648, section 5, without padding, as tokens have it (RFC 7515, section 2).
enum Base64URL {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil for every text that `text` would not have written: padding, other letters, bits behind the last byte.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var result: [UInt8] = []
        var word: UInt32 = 0
        var held: UInt32 = 0
        for letter in text.utf8 {
            guard let value = sextet(letter) else { return nil }
            word = word << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            result.append(UInt8(truncatingIfNeeded: word >> held))
            word &= (UInt32(1) << held) - 1
        }
        // A single letter holds no byte.
        return held < 6 && word == 0 ? result : nil
    }

    private static func sextet(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

/// Texts of an address's query and of a form's body.
enum FormText {
    /// Letters, digits, `-`, `.`, `_` and `~` stay (RFC 3986, section 2.3); every other byte is written `%XX`.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func fields(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }
}
