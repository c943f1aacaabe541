import AndonModel

/// A signed token in the compact form (RFC 7515, section 3.1) whose signature holds.
struct CompactToken: Sendable {
    let algorithm: TokenAlgorithm
    let payload: [UInt8]

    /// Tokens with hundreds of groups have some ten thousand.
    static let bytesMax = 64 << 10
    private static let headerBytesMax = 8 << 10

    init(_ text: String, keys: KeySet) throws(ProviderFault) {
        guard text.utf8.count <= Self.bytesMax else {
            throw .malformed("the token has \(text.utf8.count) bytes, at most \(Self.bytesMax) are taken")
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw .malformed(
                parts.count == 5 ? "the token is encrypted; signed ones are taken" : "the token has not three parts")
        }
        guard let head = Base64URL.bytes(parts[0]), let payload = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2])
        else { throw .malformed("a part of the token is not base64url without padding") }
        let header = try JSON.ofProvider(head, "the token's header", bytesMax: Self.headerBytesMax)
        let wanted = try Self.wantedAlgorithm(header)
        let id = try Self.keyID(header)
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let candidates = try keys.candidates(id, for: wanted)
        guard candidates.contains(where: { $0.isValid(signature, over: signed, by: wanted) }) else {
            throw id == nil ? ProviderFault.noKey(nil) : ProviderFault.signature
        }
        (algorithm, self.payload) = (wanted, payload)
    }

    private static func wantedAlgorithm(_ header: JSON) throws(ProviderFault) -> TokenAlgorithm {
        // Who does not understand an extension must not take the token (RFC 7515, section 4.1.11).
        guard header["crit"] == nil else { throw .malformed("the token asks for extensions that are not known (crit)") }
        // An access token is no ID token, whoever signed it (RFC 8725, section 3.11).
        if let type = header["typ"] {
            guard let name = type.string?.lowercased(), name == "jwt" || name == "application/jwt" else {
                throw .malformed("the token is of another type than JWT")
            }
        }
        guard let name = header["alg"]?.string else {
            throw .malformed("the token does not say how it is signed (alg)")
        }
        guard let algorithm = TokenAlgorithm(rawValue: name) else {
            throw .algorithm("signatures by \"\(name.cut(to: 40))\" are not taken")
        }
        return algorithm
    }

    private static func keyID(_ header: JSON) throws(ProviderFault) -> String? {
        guard let id = header["kid"] else { return nil }
        guard let text = id.string else {
            throw .malformed("the token names its key by something that is no text (kid)")
        }
        return text
    }
}
