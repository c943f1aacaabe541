import Foundation

/// Base 64 (RFC 4648 section 4) of exactly one spelling: with padding, without line breaks, unused bits zero.
public enum Base64 {
    public static func text(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

    /// Nil for every text that `text` would not have written.
    public static func bytes(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }

    /// A SHA-256 hash.
    static func hash(_ text: String) -> [UInt8]? { bytes(text).flatMap { $0.count == 32 ? $0 : nil } }
}

extension Int64 {
    /// A decimal number of 0 or more without a sign or leading zeros; nil for every other text.
    public init?(plainDecimal text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int64(text),
            String(value) == text
        else { return nil }
        self = value
    }
}
