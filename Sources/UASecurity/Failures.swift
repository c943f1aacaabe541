/// Something that came over the wire failed a check of its protection.
///
/// There is one such error whatever was wrong, so that no peer can learn from the answer which check failed.
/// Answer it with `statusCode`, close the channel, and write `reason` to the log only.
public struct SecurityChecksFailed: Error, Sendable, Equatable, CustomStringConvertible {
    /// Bad_SecurityChecksFailed (OPC 10000-6, A.2).
    public static let statusCode: UInt32 = 0x8013_0000

    /// What was wrong, for the log of this side. Never send it.
    public enum Reason: String, Sendable, Equatable {
        case length = "the chunk's length does not fit its parts"
        case decryption = "the RSA blocks do not decrypt with this application's key"
        case signature = "the signature does not fit the content"
        case padding = "the padding is wrong"
        case secret = "the user token's secret does not decrypt to a password for this session"
    }

    public let reason: Reason

    public init(_ reason: Reason) { self.reason = reason }

    /// Says no more than the wire does.
    public var description: String { "Bad_SecurityChecksFailed" }
}

/// This side asked for something that the policy does not allow: an error of configuration or of the program, not of the peer.
public enum SecurityUseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A key whose length, in bits, is outside `SecurityPolicy.keyLengths`.
    case keyLength(bits: Int)
    /// The policy `None` has no keys, signatures or secrets.
    case noAlgorithm
    /// A header too short to hold the message's size, or of the wrong kind.
    case header
    /// A chunk would pass the four bytes of its size.
    case tooLong
    /// A password over `UserTokenSecret.longestPassword` bytes.
    case passwordTooLong(bytes: Int)
    /// A private key that is not RSA in PEM form, or under 2048 bits.
    case unreadableKey
    /// The cryptographic library refused; its words.
    case library(String)

    public var description: String {
        switch self {
        case .keyLength(let bits):
            "an RSA key of \(bits) bits was given; OPC UA's policies take \(SecurityPolicy.keyLengths.lowerBound) to "
                + "\(SecurityPolicy.keyLengths.upperBound): make a new certificate"
        case .noAlgorithm: "the security policy None has no algorithm for this: choose another policy"
        case .header: "the chunk's header is shorter than its own size field"
        case .tooLong: "the chunk is longer than its size field can say: cut the message into more chunks"
        case .passwordTooLong(let bytes):
            "a password of \(bytes) bytes cannot travel in this form; it takes \(UserTokenSecret.longestPassword): "
                + "choose a shorter one, or a certificate"
        case .unreadableKey: "the private key is not an RSA key of 2048 bits or more in PEM form"
        case .library(let words): "the cryptographic library refused: \(words)"
        }
    }
}
