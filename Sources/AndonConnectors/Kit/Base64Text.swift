import Foundation

/// Base64 as servers send it: with or without line breaks (RFC 4648 section 4, RFC 2045 section 6.8).
enum Base64Text {
    static func bytes(_ text: String) -> [UInt8]? {
        Data(base64Encoded: text, options: .ignoreUnknownCharacters).map { Array($0) }
    }
}
