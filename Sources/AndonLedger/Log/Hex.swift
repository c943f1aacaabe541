import AndonModel
import Crypto

/// Hexadecimal, lower case.
public enum Hex {
    public static func text(_ bytes: some Sequence<UInt8>) -> String { bytes.hexadecimal }

    /// SHA-256 of `bytes`, as text.
    public static func sha256(_ bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }
}

extension Hex {
    /// The bytes of a text of two lower-case digits each; nil for any other text.
    public static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { place in
            UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16)
        }
        return Self.text(bytes) == text ? bytes : nil
    }
}
