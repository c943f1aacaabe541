import UACodec
import UASecurity

/// What a server offers on its port, and what it bears.
public struct ListenerConfiguration: Sendable {
    /// How channels may be protected. What is not in here is refused.
    public var security: [(policy: SecurityPolicy, mode: UASecurity.MessageSecurityMode)]
    public var own: ApplicationInstance
    public var trust: TrustList
    /// What holds once a session is activated.
    public var limits = TransportLimits()
    /// What a connection may send before (a stranger's messages are short).
    public var strangerMessageBytes = 256 << 10
    public var strangerChunkCount = 4
    /// Connections at once; where there is no room, the oldest without a session has to go.
    public var connections = 64
    public var connectionsPerAddress = 16
    /// Bytes of messages that are not whole, over all connections.
    public var pendingBytes = 32 << 20
    /// Bytes that wait for a client to read them before its requests are read no more.
    public var writeBufferBytes = 1 << 20
    /// Seconds from the connection to its Hello, and from that to its channel.
    public var handshakeSeconds: Int64 = 5
    /// Seconds from the connection to an activated session, or to its end for those who only ask what there is.
    public var sessionSeconds: Int64 = 30
    /// Lifetimes of tokens that are granted, in milliseconds.
    public var tokenLifetime: ClosedRange<UInt32> = 60_000...3_600_000
    /// Openings with RSA that one address may ask for: at once, and again in each second.
    public var openingBurst = 60
    public var openingsPerSecond = 20
    /// The wall clock, for times on the wire.
    public var now: @Sendable () -> DateTime

    public init(
        security: [(policy: SecurityPolicy, mode: UASecurity.MessageSecurityMode)], own: ApplicationInstance,
        trust: TrustList, now: @escaping @Sendable () -> DateTime
    ) {
        self.security = security
        self.own = own
        self.trust = trust
        self.now = now
    }

    func offers(_ policy: SecurityPolicy) -> Bool { security.contains { $0.policy == policy } }

    func offers(_ policy: SecurityPolicy, _ mode: UASecurity.MessageSecurityMode) -> Bool {
        security.contains { $0 == (policy, mode) }
    }
}

/// What one address may still ask for: a bucket that fills again with time.
struct OpeningAllowance {
    private var left: [String: (tokens: Double, at: Int64)] = [:]

    /// Whether one more opening is allowed.
    ///
    /// - Parameter now: milliseconds.
    mutating func take(_ address: String, burst: Int, perSecond: Int, now: Int64) -> Bool {
        // Full buckets say nothing: they are dropped before the addresses can grow without bound.
        if left.count > 4096 { left = left.filter { now - $0.value.at < Int64(1000 * burst / max(1, perSecond)) } }
        let last = left[address] ?? (Double(burst), now)
        let filled = min(Double(burst), last.tokens + Double(perSecond) * Double(now - last.at) / 1000)
        left[address] = (max(0, filled - 1), now)
        return filled >= 1
    }
}

/// The last nonces of clients: one that comes again is a replay (Part 4, 5.6.2).
struct NonceMemory {
    private var seen: Set<ByteString> = []
    private var order: [ByteString] = []
    private var oldest = 0
    private static let kept = 4096

    /// Whether the nonce is new; it is not any more then.
    mutating func isNew(_ nonce: ByteString) -> Bool {
        guard seen.insert(nonce).inserted else { return false }
        if order.count < Self.kept {
            order.append(nonce)
        } else {
            seen.remove(order[oldest])
            order[oldest] = nonce
            oldest = (oldest + 1) % Self.kept
        }
        return true
    }
}
