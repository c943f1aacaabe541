import UACodec
import UASecurity

/// What a client says who its user is, with the proof checked as far as the stack can: a password still has to be.
public enum UserCredentials: Sendable {
    case anonymous
    case userName(String, password: [UInt8])
    /// The user's certificate, whose key signed and which the trust list of users has.
    case certificate(ValidatedCertificate)
}

/// A user that the application knows.
public struct UserIdentity: Hashable, Sendable {
    /// For audits and for ClientUserId of acknowledgements; empty for an anonymous one.
    public var name: String
    /// The nodes of the roles that the user has, such as Operator (i=15680).
    public var roles: Set<NodeId>

    public init(name: String, roles: Set<NodeId> = []) {
        self.name = name
        self.roles = roles
    }
}

/// Decides who a user is; nil refuses. It is asked for every log-in, of anonymous users too, and off the loop.
public typealias Authenticate = @Sendable (UserCredentials, _ address: String) async -> UserIdentity?

/// One user for counting and for the ownership of subscriptions.
enum UserKey: Hashable {
    /// All that come from one address are one.
    case anonymous(address: String)
    case named(String)
    case certificate(thumbprint: [UInt8])
}
