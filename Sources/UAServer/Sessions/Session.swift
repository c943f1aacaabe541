import UACodec
import UASecurity
import UATransport

/// A client's session: who it is, the channel that it is bound to, and what waits for its answers (Part 4, 5.7).
final class Session {
    let id: NodeId
    /// Names the session in every request; nobody can guess it.
    let token: NodeId
    let name: String
    let client: UACodec.ApplicationDescription
    let policy: SecurityPolicy
    let mode: UASecurity.MessageSecurityMode
    /// The client application's certificate; nil under the policy None.
    let certificate: ValidatedCertificate?
    let createdAt: Int64
    /// Milliseconds without a request after which it ends.
    let timeout: Int64
    /// The channel that it is bound to; nil while its connection is lost.
    weak var connection: (any ServerConnection)?
    var address: String
    var lastUsed: Int64
    /// The last nonce that the server gave; a signature or secret is made over it.
    var nonce: [UInt8]
    var user: UserIdentity?
    var key: UserKey?
    var localeIds: [String] = []
    /// Whether an activation is being checked off the loop.
    var isActivating = false
    var isClosed = false
    var subscriptions: [UInt32: Subscription] = [:]
    var publishRequests = PublishQueue()
    /// Last words of subscriptions that are gone, for the next Publish requests.
    var statusMessages: [(subscription: UInt32, message: NotificationMessage)] = []

    static let statusMessagesMax = 40

    init(
        id: NodeId, token: NodeId, request: CreateSessionRequest, connection: any ServerConnection, timeout: Int64,
        nonce: [UInt8], now: Int64
    ) {
        self.id = id
        self.token = token
        name = request.sessionName ?? ""
        client = request.clientDescription
        policy = connection.peer.policy
        mode = connection.peer.mode
        certificate = connection.peer.certificate
        address = connection.peer.address
        self.connection = connection
        self.timeout = timeout
        self.nonce = nonce
        createdAt = now
        lastUsed = now
    }

    var isActivated: Bool { user != nil }

    func isBound(to other: any ServerConnection) -> Bool { connection === other }

    var owner: SubscriptionOwner? {
        guard let key else { return nil }
        return SubscriptionOwner(
            user: key, certificate: certificate?.certificate.der,
            application: certificate == nil ? client.applicationUri : nil,
            address: certificate == nil ? address : nil)
    }

    func add(_ message: NotificationMessage, of subscription: UInt32) {
        if statusMessages.count >= Self.statusMessagesMax { statusMessages.removeFirst() }
        statusMessages.append((subscription, message))
    }
}

/// A Publish request that waits for something to say.
struct PendingPublish {
    weak var connection: (any ServerConnection)?
    let requestId: UInt32
    let header: RequestHeader
    /// Results of the acknowledgements that came with it.
    let results: [StatusCode]
    /// When its client no longer waits for it; nil for never.
    let deadline: Int64?
}

/// The Publish requests of a session, the oldest first.
struct PublishQueue {
    private var requests: [PendingPublish] = []
    private var head = 0

    var count: Int { requests.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ request: PendingPublish) { requests.append(request) }

    mutating func popFirst() -> PendingPublish? {
        guard head < requests.count else { return nil }
        defer {
            head += 1
            if head == requests.count || head > 32 {
                requests.removeFirst(head)
                head = 0
            }
        }
        return requests[head]
    }

    /// Takes out those that fit.
    mutating func remove(where fits: (PendingPublish) -> Bool) -> [PendingPublish] {
        let waiting = requests[head...]
        let removed = waiting.filter(fits)
        if !removed.isEmpty || head > 0 {
            requests = waiting.filter { !fits($0) }
            head = 0
        }
        return removed
    }

    var nextDeadline: Int64? { requests[head...].lazy.compactMap(\.deadline).min() }
}
