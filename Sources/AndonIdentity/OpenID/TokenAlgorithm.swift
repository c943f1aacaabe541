import Crypto

/// How a token may be signed (RFC 7518, section 3.1; RFC 8037, section 3.1). `none` and the keyed hashes are not among them:
/// whoever knows the public key could make those.
enum TokenAlgorithm: String, CaseIterable, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case eddsa = "EdDSA"

    /// The left half of the text's digest by the algorithm's hash: what `at_hash` is made of (OpenID Connect Core 1.0,
    /// section 3.1.3.6). Ed25519 hashes with SHA-512.
    func leftHalf(of text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let digest: [UInt8] =
            switch self {
            case .rs256, .ps256, .es256: Array(SHA256.hash(data: bytes))
            case .rs384, .ps384, .es384: Array(SHA384.hash(data: bytes))
            case .rs512, .ps512, .es512, .eddsa: Array(SHA512.hash(data: bytes))
            }
        return Array(digest.prefix(digest.count / 2))
    }
}
