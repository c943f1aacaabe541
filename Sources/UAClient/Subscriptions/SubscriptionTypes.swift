import UACodec

/// How a subscription is asked for. The server revises all of it.
public struct SubscriptionOptions: Sendable, Hashable {
    public enum Acknowledgement: Sendable, Hashable {
        /// A message is acknowledged as soon as it waits for the consumer: what the process holds is lost with it.
        case onReceipt
        /// A message is acknowledged when ``Subscription/confirm(_:)`` was called for it. Until then the server keeps it,
        /// as far as its queue reaches.
        case onConfirmation
    }

    public var publishingInterval: Duration
    /// Publishing intervals without news after which the server says that it is there.
    public var keepAliveCount: UInt32
    /// Publishing intervals without a Publish request after which the server drops the subscription; at least three
    /// times the keep-alive count (Part 4, 5.14.2.2).
    public var lifetimeCount: UInt32
    /// Notifications in one message; 0 for as many as the server likes.
    public var notificationsPerPublish: UInt32
    public var priority: UInt8
    public var acknowledgement: Acknowledgement

    public init(
        publishingInterval: Duration = .milliseconds(500), keepAliveCount: UInt32 = 10, lifetimeCount: UInt32 = 1_200,
        notificationsPerPublish: UInt32 = 1_000, priority: UInt8 = 0, acknowledgement: Acknowledgement = .onReceipt
    ) {
        self.publishingInterval = publishingInterval
        self.keepAliveCount = keepAliveCount
        self.lifetimeCount = max(lifetimeCount, keepAliveCount.multipliedReportingOverflow(by: 3).partialValue)
        self.notificationsPerPublish = notificationsPerPublish
        self.priority = priority
        self.acknowledgement = acknowledgement
    }
}

/// What a subscription watches.
public struct MonitoredItem: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case data(DataChangeFilter?)
        case events(EventQuery)
    }

    public var node: ExpandedNodeId
    public var attribute: UInt32
    public var kind: Kind
    /// Nil for the publishing interval, zero for every change.
    public var samplingInterval: Duration?
    /// Values or events that the server keeps between two messages.
    public var queueSize: UInt32
    public var discardsOldest: Bool

    /// Changes of a value.
    public init(
        _ node: some NodeNaming, attribute: AttributeId = .value, filter: DataChangeFilter? = nil,
        samplingInterval: Duration? = nil, queueSize: UInt32 = 10, discardsOldest: Bool = true
    ) {
        self.node = node.expanded
        self.attribute = attribute.rawValue
        kind = .data(filter)
        self.samplingInterval = samplingInterval
        self.queueSize = queueSize
        self.discardsOldest = discardsOldest
    }

    /// Events of an object, by default of the server.
    public init(events: EventQuery, of node: some NodeNaming = NodeId(2253), queueSize: UInt32 = 1_000) {
        self.node = node.expanded
        attribute = AttributeId.eventNotifier.rawValue
        kind = .events(events)
        samplingInterval = .zero
        self.queueSize = queueSize
        discardsOldest = true
    }
}

/// What became of a monitored item.
public struct MonitoredItemStatus: Sendable, Hashable {
    /// Names the item in notifications. It stays the same when the subscription has to be made anew.
    public var id: UInt32
    /// An item with a bad status is not watched.
    public var status: StatusCode
    public var samplingInterval: Duration
    public var queueSize: UInt32
    /// What the server thinks of an event filter's clauses.
    public var filterResult: EventFilterResult?
}

/// A change of a value.
public struct DataChange: Sendable, Hashable {
    public var item: UInt32
    public var value: DataValue
}

/// An event with the fields that were selected.
public struct EventNotification: Sendable, Hashable {
    public var item: UInt32
    /// In the order of the query; null where the event has no such field.
    public var fields: [Variant]
    public var names: [String]

    /// A field by its name in the query.
    public subscript(name: String) -> Variant? {
        names.firstIndex(of: name).flatMap { $0 < fields.count ? fields[$0] : nil }
    }
}

/// One message of a subscription: what changed, in the order of the server.
public struct Notification: Sendable, Hashable {
    public var sequenceNumber: UInt32
    public var publishTime: DateTime
    public var changes: [DataChange]
    public var events: [EventNotification]
    /// Whether it had been lost on its way and was asked for again.
    public var isRepublished: Bool
    /// Counts how often the subscription had to be made anew: a message of an earlier one cannot be confirmed any more.
    let epoch: Int
}

/// Where notifications are or may be missing: fetch from the source what may have been missed.
public struct SubscriptionGap: Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        /// The server had dropped these messages before they could be asked for again.
        case messages(count: Int)
        /// The server had dropped the subscription, and it was made anew.
        case recreated
    }

    public var reason: Reason
    /// Items that the server does not watch any more, by their ids.
    public var failedItems: [UInt32: StatusCode] = [:]
}

/// What a subscription brings, in order.
public enum SubscriptionElement: Sendable, Hashable {
    case notification(Notification)
    case gap(SubscriptionGap)
}
