import UACodec
import UASecurity

/// Where a client's channel leads, and how.
public struct ClientTarget: Sendable {
    public var host: String
    /// What is called in place of `host`: an address that somebody resolved and checked.
    public var address: String?
    public var port: Int
    /// As the server knows it; the address that is called is `host`.
    public var endpointUrl: String
    public var limits = TransportLimits()
    public var codec = CodecLimits.standard
    /// Nil for the policy None.
    public var security: ClientSecurity?
    /// What is asked for a token, which is renewed at three quarters of what is granted.
    public var lifetime: Duration = .seconds(3600)
    public var connectTimeout: Duration = .seconds(10)
    /// The wall clock, for times on the wire.
    public var now: @Sendable () -> DateTime

    public init(
        host: String, port: Int, endpointUrl: String, security: ClientSecurity? = nil,
        now: @escaping @Sendable () -> DateTime
    ) {
        self.host = host
        self.port = port
        self.endpointUrl = endpointUrl
        self.security = security
        self.now = now
    }

    var policy: SecurityPolicy { security?.policy ?? .none }
    var mode: UASecurity.MessageSecurityMode { security?.mode ?? .none }
}

/// How a client's channel is protected.
public struct ClientSecurity: Sendable {
    public var policy: SecurityPolicy
    public var mode: UASecurity.MessageSecurityMode
    public var own: ApplicationInstance
    /// The server's certificate, checked.
    public var server: ValidatedCertificate

    /// - Parameter policy: not None.
    public init(
        policy: SecurityPolicy, mode: UASecurity.MessageSecurityMode, own: ApplicationInstance,
        server: ValidatedCertificate
    ) {
        self.policy = policy
        self.mode = mode
        self.own = own
        self.server = server
    }
}
