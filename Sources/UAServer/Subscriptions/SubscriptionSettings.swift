import UACodec

/// What a client wants of a subscription, revised to what this server gives (Part 4, 5.14.2): nothing is refused.
struct SubscriptionSettings {
    var publishingInterval: Int64
    var lifetimeCount: UInt32
    var keepAliveCount: UInt32
    var notificationsMax: Int
    var priority: UInt8

    init(
        interval: Double, lifetime: UInt32, keepAlive: UInt32, notifications: UInt32, priority: UInt8,
        limits: SubscriptionLimits
    ) {
        publishingInterval = limits.publishingInterval(interval)
        let longest = UInt32(clamping: max(3, limits.lifetimeMax / publishingInterval))
        keepAliveCount = min(max(keepAlive == 0 ? limits.keepAliveCountStandard : keepAlive, 1), longest / 3)
        lifetimeCount = min(max(lifetime, keepAliveCount * 3), longest)
        notificationsMax =
            notifications == 0 ? limits.notificationsMax : min(Int(notifications), limits.notificationsMax)
        self.priority = priority
    }
}

/// Whose a subscription is: only they may take it over (Part 4, 5.14.7; open62541-SA-2026-0005).
struct SubscriptionOwner: Hashable {
    var user: UserKey
    /// The client's certificate in DER; where there is none, its URI and address.
    var certificate: [UInt8]?
    var application: String?
    var address: String?
}

/// Bounds of subscriptions and what is in them.
public struct SubscriptionLimits: Sendable {
    public var perSession = 20
    /// Of one user, those that no session has included.
    public var perUser = 40
    public var inAll = 100
    public var itemsInAll = 10_000
    /// Of these, those that watch events: each has a filter that every event goes through.
    public var eventItemsInAll = 1000
    /// Notifications that one item queues.
    public var queueSizeMax = 1000
    /// What an item that watches events queues where it is not said.
    public var eventQueueSizeStandard = 100
    /// Places in all queues together.
    public var queuedInAll = 1_000_000
    public var publishRequestsPerSubscription = 10
    /// Publish requests of a session on top of those of its subscriptions.
    public var publishRequestsExtra = 10
    /// Milliseconds.
    public var publishingIntervalMin: Int64 = 10
    public var publishingIntervalMax: Int64 = 3_600_000
    /// The shortest interval, in milliseconds, at which values that are computed are read.
    public var samplingIntervalMin: Int64 = 100
    public var samplingIntervalMax: Int64 = 3_600_000
    /// The longest life of a subscription that its client does not ask after, in milliseconds.
    public var lifetimeMax: Int64 = 3_600_000
    /// How long a subscription is kept that no session has, in milliseconds.
    public var detachedMax: Int64 = 600_000
    public var keepAliveCountStandard: UInt32 = 10
    /// Notifications of one message.
    public var notificationsMax = 10_000
    /// Links of one triggering item.
    public var triggeredMax = 100

    public init() {}

    func publishingInterval(_ asked: Double) -> Int64 {
        // Not a number, zero and below: as fast as can be.
        guard asked > 0 else { return publishingIntervalMin }
        guard asked < Double(publishingIntervalMax) else { return publishingIntervalMax }
        return max(publishingIntervalMin, Int64(asked.rounded(.up)))
    }

    /// Milliseconds between samples; 0 for every change as it comes.
    func samplingInterval(_ asked: Double, publishing: Int64, isComputed: Bool) -> Double {
        let fastest = isComputed ? Double(samplingIntervalMin) : 0
        guard asked >= 0 else { return max(fastest, Double(publishing)) }
        // Under a millisecond there is nothing to thin.
        return min(max(asked < 1 ? 0 : asked, fastest), Double(samplingIntervalMax))
    }

    func queueSize(_ asked: UInt32, left: Int) -> Int {
        min(max(1, min(Int(asked), queueSizeMax)), max(1, left))
    }
}
