import AndonModel

/// What a provider says of a person who has signed in there (OpenID Connect Core 1.0, section 2), checked as section 3.1.3.7
/// asks for.
public struct IDToken: Sendable {
    /// What a token must be for.
    public struct Expectation: Sendable {
        public var issuer: String
        public var clientID: String
        /// The one that went with this person's browser.
        public var nonce: String
        /// What came along with the token, for `at_hash`; nil where none did.
        public var accessToken: String?
        public var now: Timestamp

        public init(issuer: String, clientID: String, nonce: String, accessToken: String? = nil, now: Timestamp) {
            (self.issuer, self.clientID, self.nonce) = (issuer, clientID, nonce)
            (self.accessToken, self.now) = (accessToken, now)
        }
    }

    /// All claims, an object.
    public let claims: JSON
    /// Who the person is there: 1 to 255 bytes, never given to another one.
    public let subject: String

    /// How far the provider's clock may be off.
    public static let leeway: Duration = .seconds(60)
    static let subjectBytesMax = 255

    /// - Parameter text: as the provider sent it.
    /// - Throws: ``ProviderFault``: what does not hold. Nothing of the token is to be believed then.
    public init(_ text: String, keys: KeySet, expected: Expectation) throws(ProviderFault) {
        let token = try CompactToken(text, keys: keys)
        claims = try JSON.ofProvider(token.payload, "the token's content", bytesMax: CompactToken.bytesMax)
        subject = try Self.subject(claims)
        guard claims["iss"]?.string == expected.issuer else { throw .claim("iss", "is not the configured issuer") }
        try Self.checkAudience(claims, expected.clientID)
        try Self.checkTimes(claims, expected.now)
        guard claims["nonce"]?.string == expected.nonce else {
            throw .claim("nonce", "is not the one that this sign-in began with")
        }
        try Self.checkAccessToken(claims, expected.accessToken, token.algorithm)
    }

    /// The claims with further ones of the same person, which the provider told besides (section 5.3.2). Where both have one,
    /// the token's stands.
    ///
    /// - Parameter answer: what the provider's endpoint for users answered.
    public func claims(with answer: [UInt8]) throws(ProviderFault) -> JSON {
        let more = try JSON.ofProvider(answer, "the answer about the person", bytesMax: CompactToken.bytesMax)
        guard more["sub"]?.string == subject else { throw .claim("sub", "of the further claims is another person's") }
        return .object((more.object ?? [:]).merging(claims.object ?? [:]) { $1 })
    }

    private static func subject(_ claims: JSON) throws(ProviderFault) -> String {
        guard let subject = claims["sub"]?.string, (1...subjectBytesMax).contains(subject.utf8.count),
            subject.withoutControls == subject
        else { throw .claim("sub", "is not a text of 1 to \(subjectBytesMax) bytes") }
        return subject
    }

    /// Who the token is for, and with several, who asked for it.
    private static func checkAudience(_ claims: JSON, _ clientID: String) throws(ProviderFault) {
        let audience = claims["aud"]?.array ?? claims["aud"].map { [$0] } ?? []
        guard audience.contains(.string(clientID)) else { throw .claim("aud", "does not name this client") }
        if let party = claims["azp"] {
            guard party.string == clientID else { throw .claim("azp", "is another client") }
        } else if audience.count > 1 {
            throw .claim("azp", "is missing, and the token is for several")
        }
    }

    private static func checkTimes(_ claims: JSON, _ now: Timestamp) throws(ProviderFault) {
        let (now, leeway) = (Double(now.microseconds) / 1e6, leeway.seconds)
        guard let expiry = try seconds(claims, "exp") else { throw .claim("exp", "is missing") }
        guard now < expiry + leeway else { throw .claim("exp", "is over") }
        guard let issued = try seconds(claims, "iat") else { throw .claim("iat", "is missing") }
        guard issued <= now + leeway else { throw .claim("iat", "is in the future: compare the two clocks") }
        if let start = try seconds(claims, "nbf"), start > now + leeway {
            throw .claim("nbf", "is in the future: compare the two clocks")
        }
    }

    /// Since 1970.
    private static func seconds(_ claims: JSON, _ name: String) throws(ProviderFault) -> Double? {
        guard let value = claims[name] else { return nil }
        guard let number = value.number else { throw .claim(name, "is not a number") }
        return number
    }

    /// The access token is the one that the ID token came with.
    private static func checkAccessToken(
        _ claims: JSON, _ accessToken: String?, _ algorithm: TokenAlgorithm
    ) throws(ProviderFault) {
        guard let hash = claims["at_hash"], let accessToken else { return }
        guard hash.string == Base64URL.text(algorithm.leftHalf(of: accessToken)) else {
            throw .claim("at_hash", "is not of the access token beside it")
        }
    }
}
