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

/// The tokens of a channel: at most the one in use and the one of a renewal.
///
/// A client sends with a new token at once. A server goes on with the old one until its client has used the new one,
/// because it cannot know that the client has it. Either side forgets the old one when the other has used the new.
struct ChannelTokens {
    private var older: ChannelToken?
    private var newer: ChannelToken?
    private var sendsNewer = true

    mutating func install(_ token: ChannelToken, isServer: Bool) {
        // A renewal that nobody used is replaced; the token in use stays.
        older = sendsNewer ? newer : older
        newer = token
        sendsNewer = !isServer || older == nil
    }

    var isEmpty: Bool { newer == nil }

    var sending: ChannelToken? { sendsNewer ? newer : older }

    /// The token that a chunk names. What the chunk holds is not checked yet, so nothing is forgotten for its sake.
    func receiving(_ id: UInt32, now: Int64) throws(TransportError) -> ChannelToken {
        guard let token = [newer, older].compactMap({ $0 }).first(where: { $0.id == id }) else {
            throw TransportError(.badSecureChannelTokenUnknown, "token \(id)")
        }
        guard !token.isExpired(at: now) else {
            throw TransportError(.badSecureChannelTokenUnknown, "token \(id) has run out")
        }
        return token
    }

    /// Notes that a chunk under this token was opened.
    mutating func confirm(_ id: UInt32) {
        guard id == newer?.id else { return }
        older = nil
        sendsNewer = true
    }
}
