import AndonModel

/// The plant's provider of OpenID Connect, and who of its people is who here (`accounts.openID`).
public struct OpenIDSettings: Sendable, Equatable {
    /// How this server shows the provider who it is when it exchanges a code (OpenID Connect Core 1.0, section 9).
    public enum ClientAuthentication: String, Sendable, CaseIterable {
        case basic = "client_secret_basic"
        case post = "client_secret_post"
        /// A public client, which PKCE alone protects.
        case none
    }

    /// The provider's name, letter by letter as its document has it: an address of https, or of this machine.
    public var issuer: String
    /// This server's name at the provider.
    public var clientID: String
    /// Nil for a public client.
    public var clientSecret: Secret?
    public var clientAuthentication = ClientAuthentication.basic
    /// What is asked for; `openid` is among them.
    public var scopes = ["openid", "profile"]
    /// The claim with a person's roles: its name, or a JSON pointer like `/realm_access/roles`.
    public var rolesClaim = "roles"
    /// What each value of that claim gives.
    public var roles: [String: [Grant]] = [:]
    /// The claim with the name as people write it.
    public var nameClaim = "name"
    /// The claim with the login name.
    public var loginClaim = "preferred_username"
    /// What stands on the button of the sign-in page; nil for the page's own words.
    public var label: String?

    public init(issuer: String, clientID: String, clientSecret: Secret? = nil) {
        (self.issuer, self.clientID, self.clientSecret) = (issuer, clientID, clientSecret)
    }
}
