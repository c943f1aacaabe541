import AndonModel
import Foundation

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as signing in by a code needs it.
public struct ProviderDocument: Sendable, Equatable {
    /// The same text as in the configuration, letter by letter.
    public let issuer: String
    /// Where a person's browser is sent.
    public let authorisationEndpoint: String
    /// Where a code is exchanged.
    public let tokenEndpoint: String
    public let keysAddress: String
    /// Where more claims are had, for a provider that leaves them out of the token; nil for none.
    public let userEndpoint: String?
    /// Whether its answers through the browser say whose they are (RFC 9207).
    public let namesItself: Bool

    /// Of the document; others are some thousand.
    public static let bytesMax = 256 << 10

    /// Where the document of an issuer is (section 4).
    public static func address(of issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// - Throws: ``ProviderFault``: no document, another issuer's, or endpoints that are neither https nor on this machine.
    public init(parsing bytes: [UInt8], issuer: String) throws(ProviderFault) {
        let json = try JSON.ofProvider(bytes, "the provider's document", bytesMax: Self.bytesMax)
        guard json["issuer"]?.string == issuer else {
            let found = json["issuer"]?.string.map { "\"\($0.cut(to: 200))\"" } ?? "none"
            throw .malformed(
                "the provider's document is of the issuer \(found), and the configuration has \"\(issuer)\"")
        }
        self.issuer = issuer
        authorisationEndpoint = try Self.endpoint(json, "authorization_endpoint")
        tokenEndpoint = try Self.endpoint(json, "token_endpoint")
        keysAddress = try Self.endpoint(json, "jwks_uri")
        if json["userinfo_endpoint"] == nil {
            userEndpoint = nil
        } else {
            userEndpoint = try Self.endpoint(json, "userinfo_endpoint")
        }
        namesItself = json["authorization_response_iss_parameter_supported"]?.bool ?? false
    }

    private static func endpoint(_ json: JSON, _ name: String) throws(ProviderFault) -> String {
        guard let address = json[name]?.string else { throw .malformed("the provider's document has no \(name)") }
        guard isSafe(address) else {
            throw .malformed("\(name) of the provider's document is no https address: \(address.cut(to: 200))")
        }
        return address
    }

    /// Whether secrets may go there: https, or http within this machine; without user, password and fragment.
    public static func isSafe(_ address: String) -> Bool {
        guard address.utf8.count <= 2000, address.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !address.contains("#"), let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil
        else { return false }
        switch parts.scheme?.lowercased() ?? "" {
        case "https": return true
        case "http": return isLoopback(host)
        default: return false
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil
            }
    }
}
