import UACodec

/// A security token with the keys that it stands for (Part 4, 5.6.2).
public struct ChannelToken: Sendable {
    public var id: UInt32
    /// Opens what comes in.
    public var receiving: any MessageSecurity
    /// Secures what goes out.
    public var sending: any MessageSecurity
    /// Milliseconds on any clock that only goes forward.
    public var createdAt: Int64
    /// Milliseconds, as the server revised it.
    public var lifetime: Int64

    public init(
        id: UInt32, receiving: any MessageSecurity, sending: any MessageSecurity, createdAt: Int64, lifetime: Int64
    ) {
        self.id = id
        self.receiving = receiving
        self.sending = sending
        self.createdAt = createdAt
        self.lifetime = lifetime
    }

    /// A token is taken for a quarter of its lifetime longer than it is good for, as messages are on their way.
    func isExpired(at now: Int64) -> Bool {
        let (age, overflow) = now.subtractingReportingOverflow(createdAt)
        return overflow || age > lifetime &+ lifetime / 4
    }
}

/// The tokens of a channel, the oldest first: the one in use, and those of renewals that the other side has not used.
///
/// A client sends with a new token at once. A server goes on with the old one until its client has used a newer one,
/// because it cannot know that the client has it. Either side forgets what is older than the token that the other
/// uses. A channel without traffic can be renewed more than once before a new token is used, so that one in between
/// has to be known as well.
struct ChannelTokens {
    private static let kept = 3

    private var tokens: [ChannelToken] = []
    private var isServer = false

    mutating func install(_ token: ChannelToken, isServer: Bool) {
        self.isServer = isServer
        tokens.append(token)
        // The first is what a server sends with, and what a client may still get.
        if tokens.count > Self.kept { tokens.remove(at: 1) }
    }

    var isEmpty: Bool { tokens.isEmpty }

    var sending: ChannelToken? { isServer ? tokens.first : tokens.last }

    /// The token that a chunk names. What the chunk holds is not checked yet, so nothing is forgotten for its sake.
    func receiving(_ id: UInt32, now: Int64) throws(TransportError) -> ChannelToken {
        guard let token = tokens.last(where: { $0.id == id }) else {
            throw TransportError(.badSecureChannelTokenUnknown, "token \(id)")
        }
        guard !token.isExpired(at: now) else {
            throw TransportError(.badSecureChannelTokenUnknown, "token \(id) has run out")
        }
        return token
    }

    /// Notes that a chunk under this token was opened.
    mutating func confirm(_ id: UInt32) {
        guard tokens.count > 1, let index = tokens.lastIndex(where: { $0.id == id }) else { return }
        tokens.removeFirst(index)
    }
}
