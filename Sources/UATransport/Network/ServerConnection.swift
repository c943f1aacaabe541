import UACodec
import UASecurity

/// Who is at the other end of a server's connection, and how its channel is protected. It does not change while the
/// channel lives: a renewal has the same policy, mode and certificate.
public struct ChannelPeer: Sendable {
    public var policy: SecurityPolicy
    public var mode: UASecurity.MessageSecurityMode
    /// The client application's certificate, checked; nil under the policy None.
    public var certificate: ValidatedCertificate?
    /// The address that the connection comes from, without its port.
    public var address: String
    /// The URL that the client said in its Hello.
    public var endpointUrl: String?

    public init(
        policy: SecurityPolicy = .none, mode: UASecurity.MessageSecurityMode = .none,
        certificate: ValidatedCertificate? = nil, address: String = "", endpointUrl: String? = nil
    ) {
        self.policy = policy
        self.mode = mode
        self.certificate = certificate
        self.address = address
        self.endpointUrl = endpointUrl
    }
}

/// A connection with an open secure channel, as a server's services see it. It belongs to one event loop, and so do
/// they: nothing here may be called from anywhere else.
public protocol ServerConnection: AnyObject {
    var channelId: UInt32 { get }
    var peer: ChannelPeer { get }
    /// Bytes that were handed over and are not with the socket yet: the client does not read.
    var waitingBytes: Int { get }

    /// Sends a response. Where it is over the client's limits, the client gets a ServiceFault with
    /// Bad_ResponseTooLarge in its place.
    func send(_ response: some ServiceResponse, requestId: UInt32)

    /// Takes messages of full size from now on: a session was activated.
    func trust()

    /// Ends the connection, with an error message where there is a reason.
    func close(_ reason: StatusCode?)
}

/// What a server does with its connections. All of it is called on the event loop of the connections.
public protocol ServerConnectionDelegate: AnyObject {
    /// A channel was opened.
    func opened(_ connection: any ServerConnection)
    /// A request came in, still encoded.
    func received(_ body: [UInt8], requestId: UInt32, from connection: any ServerConnection)
    /// The connection is over, whatever ended it.
    func closed(_ connection: any ServerConnection)
}
