/// Our name for one order, carried in a field of the CMMS that can be asked for.
///
/// Ten characters of A-Z and 0-9, because the narrowest field (Maximo's `externalrefid`) holds ten. It is drawn
/// once, before the first attempt, is unique by a constraint in the store, and never changes.
public struct Reference: Hashable, Sendable, CustomStringConvertible, Codable {
    public let text: String

    /// Nil when `text` is not ten characters of A-Z and 0-9.
    public init?(_ text: String) {
        guard text.utf8.count == 10,
            text.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
        else { return nil }
        self.text = text
    }

    /// Draws a reference: the first character is a letter, so that no spreadsheet takes it for a number.
    /// 26 × 36^9 ≈ 2.6e15 of them: with a million orders a collision has a chance of 1 in 5,000, and the store's
    /// constraint has the last word.
    public init(from random: any RandomSource) {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
        var word = random.next()
        var bytes = [letters[Int(word % 26)]]
        word /= 26
        for _ in 0..<9 {
            bytes.append(letters[Int(word % 36)])
            word /= 36
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    public var description: String { text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Reference(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a reference: \(text)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
