import AndonModel

/// The keys by which a provider signs (RFC 7517, section 5).
public struct KeySet: Sendable {
    public static let bytesMax = 512 << 10
    static let keysMax = 100

    let keys: [WebKey]

    /// Keys of unknown kinds are left out, as section 5 asks for.
    ///
    /// - Throws: ``ProviderFault``: no set, too many keys, or none of a kind that is taken.
    public init(parsing bytes: [UInt8]) throws(ProviderFault) {
        let json = try JSON.ofProvider(bytes, "the key set", bytesMax: Self.bytesMax)
        guard let all = json["keys"]?.array else { throw .malformed("the key set has no list of keys") }
        guard all.count <= Self.keysMax else {
            throw .malformed("the key set has \(all.count) keys, at most \(Self.keysMax) are taken")
        }
        keys = all.compactMap { WebKey($0) }
        guard !keys.isEmpty else {
            throw .malformed(
                "the key set has no RSA key of 2048 bits or more, and none on P-256, P-384, P-521 or Ed25519")
        }
    }

    /// The keys that may have made a signature.
    ///
    /// - Parameter id: as the token names its key.
    func candidates(_ id: String?, for algorithm: TokenAlgorithm) throws(ProviderFault) -> [WebKey] {
        guard let id else {
            // Without a name there must be no choice (OpenID Connect Core 1.0, section 10.1).
            let fitting = keys.filter { $0.fits(algorithm) }
            guard fitting.count == 1 else { throw .noKey(nil) }
            return fitting
        }
        let named = keys.filter { $0.id == id }
        guard !named.isEmpty else { throw .noKey(id) }
        let fitting = named.filter { $0.fits(algorithm) }
        guard !fitting.isEmpty else {
            throw .algorithm("\(algorithm.rawValue) does not fit the key \"\(id.cut(to: 60))\"")
        }
        return fitting
    }
}
