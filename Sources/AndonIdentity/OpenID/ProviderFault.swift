import AndonModel

/// Why an answer of a provider of OpenID Connect is not taken: words for the log, with nothing secret in them.
public enum ProviderFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// It does not look like what it should be.
    case malformed(String)
    /// Signed in a way that is not taken, or that does not fit the key.
    case algorithm(String)
    /// The key that a token names is not among the provider's; nil where it names none and the choice is not clear, or no
    /// key made its signature.
    case noKey(String?)
    /// The named key did not make the signature.
    case signature
    /// A claim that does not hold, and why.
    case claim(String, String)
    /// The provider's own error code (RFC 6749, sections 4.1.2.1 and 5.2).
    case refused(String)

    public var description: String {
        switch self {
        case .malformed(let what): what
        case .algorithm(let what): what
        case .noKey(.some(let id)): "the provider has no key \"\(id.cut(to: 60))\""
        case .noKey(.none): "the token names no key, and none of the provider's is the one by itself"
        case .signature: "the signature is not by the key that the token names"
        case .claim(let name, let why): "the claim \(name) \(why)"
        case .refused(let code): "the provider refused: \(code)"
        }
    }
}

extension JSON {
    /// An object that came from a provider.
    ///
    /// - Parameter what: as the words call it: "the key set".
    static func ofProvider(_ bytes: [UInt8], _ what: String, bytesMax: Int) throws(ProviderFault) -> JSON {
        let value: JSON
        do throws(JSONSyntaxError) {
            value = try JSON(
                parsing: bytes,
                limits: JSONLimits(bytesMax: bytesMax, depthMax: 16, valuesMax: 20_000, stringBytesMax: 64 << 10))
        } catch {
            // Not where in it: names of members may be as long as the sender likes.
            throw .malformed("\(what) is not JSON that is taken: \(error.reason) (at byte \(error.offset))")
        }
        guard case .object = value else { throw .malformed("\(what) is not an object") }
        return value
    }
}
