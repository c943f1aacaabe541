/// Why somebody who comes by OpenID Connect is not let in.
public struct OpenIDRefusal: Error, Equatable, Sendable {
    /// The sign-in page has words for each, in each language.
    public enum Kind: String, Sendable, CaseIterable {
        /// The provider cannot be reached, or does not answer as it should.
        case away
        /// The person, or the provider, said no.
        case denied
        /// The provider answered with another error.
        case refused
        /// The answer is not to a sign-in that this browser began, was used, or came too late.
        case stale
        /// What the provider said of the person does not hold.
        case untrue
        /// No claim gives a login name.
        case noLogin = "no-login"
        /// No role of the provider's is one here.
        case noRole = "no-role"
        /// Another account has, or had, the login name.
        case loginTaken = "login-taken"
        case retired
        /// The account waits for its owner to set a password.
        case waiting
        case locked
        /// The account is not what the ledger says.
        case altered

        /// As the ledger says it.
        var why: String {
            switch self {
            case .away: "the provider is away"
            case .denied: "the provider says no"
            case .refused: "the provider answers with an error"
            case .stale: "the sign-in is not one that was begun here"
            case .untrue: "what the provider says does not hold"
            case .noLogin: "no claim gives a login name that is one"
            case .noRole: "no role of the provider's gives one here"
            case .loginTaken: "another account has or had the login name"
            case .retired: "the account is retired"
            case .waiting: "the account waits for a password"
            case .locked: "the account is locked"
            case .altered: "the account is not what the ledger says"
            }
        }
    }

    public var kind: Kind
    /// For the log; nothing secret is in it.
    public var detail: String

    public init(_ kind: Kind, _ detail: String) { (self.kind, self.detail) = (kind, detail) }
}
