import UACodec

/// A subscription as the state machine of Part 4, 5.14.1.2. It is driven from outside: a cycle at its time, a message
/// when there is a request to answer.
final class Subscription {
    let id: UInt32
    /// Who may take it over.
    let owner: SubscriptionOwner
    /// Nil while no session has it.
    weak var session: Session?
    /// For whom its items are read.
    var caller: Caller
    /// Milliseconds.
    var publishingInterval: Int64
    var lifetimeCount: UInt32
    var keepAliveCount: UInt32
    /// Notifications of one message.
    var notificationsMax: Int
    var publishingEnabled: Bool
    var priority: UInt8
    private(set) var items: [UInt32: MonitoredItem] = [:]
    private var lastItemId: UInt32 = 0
    private var listed: [MonitoredItem] = []
    private var held: [MonitoredItem] = []
    private(set) var retransmission = Retransmission()
    private var nextNumber: UInt32 = 1
    private var cyclesIdle: UInt32 = 0
    private var cyclesAlone: UInt32 = 0
    private var hasSent = false
    /// The number of its place among those that wait for a Publish request; nil where it has nothing to say.
    var waitingSince: UInt64?
    private(set) var nextCycleAt: Int64
    /// When it goes unless a session takes it over; nil while one has it.
    var goesAt: Int64?
    /// Whether the states of conditions are on their way to it.
    var isRefreshing: Bool { items.values.contains { $0.isRefreshing } }

    init(
        id: UInt32, owner: SubscriptionOwner, session: Session, caller: Caller, settings: SubscriptionSettings,
        enabled: Bool, now: Int64
    ) {
        self.id = id
        self.owner = owner
        self.session = session
        self.caller = caller
        publishingInterval = settings.publishingInterval
        lifetimeCount = settings.lifetimeCount
        keepAliveCount = settings.keepAliveCount
        notificationsMax = settings.notificationsMax
        priority = settings.priority
        publishingEnabled = enabled
        nextCycleAt = now + settings.publishingInterval
    }

    func change(_ settings: SubscriptionSettings, now: Int64) {
        publishingInterval = settings.publishingInterval
        lifetimeCount = settings.lifetimeCount
        keepAliveCount = settings.keepAliveCount
        notificationsMax = settings.notificationsMax
        priority = settings.priority
        nextCycleAt = min(nextCycleAt, now + settings.publishingInterval)
        touch()
    }

    /// The client has spoken of it: its life begins anew.
    func touch() { cyclesAlone = 0 }

    // MARK: Items

    func nextItemId() -> UInt32 {
        repeat { lastItemId = lastItemId == UInt32.max ? 1 : lastItemId + 1 } while items[lastItemId] != nil
        return lastItemId
    }

    func add(_ item: MonitoredItem) { items[item.id] = item }

    func removeItem(_ id: UInt32) -> MonitoredItem? {
        guard let item = items.removeValue(forKey: id) else { return nil }
        item.clear()
        item.mode = .disabled
        // It is passed over where it is listed, until so many are that they are worth a look.
        if listed.count + held.count > 2 * items.count + 64 {
            listed.removeAll { items[$0.id] !== $0 }
            held.removeAll { items[$0.id] !== $0 }
        }
        return item
    }

    func removeItems() {
        items = [:]
        (listed, held) = ([], [])
    }

    /// Notes that an item has something to publish.
    func list(_ item: MonitoredItem) {
        guard !item.isListed else { return }
        item.isListed = true
        listed.append(item)
    }

    /// Notes that an item has a value that came before its time.
    func hold(_ item: MonitoredItem) {
        guard !item.isHeld else { return }
        item.isHeld = true
        held.append(item)
    }

    /// Reports what these items have queued, in the modes in which they do not by themselves.
    func trigger(_ ids: [UInt32]) {
        for id in ids {
            guard let item = items[id], item.mode == .sampling, item.hasNotifications else { continue }
            item.isTriggered = true
            list(item)
        }
    }

    /// Items that wait to be looked at, those that were deleted meanwhile included.
    var pendingCount: Int { listed.count + held.count }

    /// Whether there is something to publish.
    var hasNotifications: Bool {
        publishingEnabled && listed.contains { $0.isReporting && $0.hasNotifications }
    }

    // MARK: Cycles

    enum CycleResult { case quiet, ready, expired }

    /// The publishing timer has run out.
    ///
    /// - Parameter hasRequests: whether its session has Publish requests to answer: the client lives.
    func cycle(now: Int64, hasRequests: Bool) -> CycleResult {
        // Cycles that were missed, as the loop was held up or the clock leapt, count but are not made up for.
        let elapsed = max(1, (now - nextCycleAt) / publishingInterval + 1)
        nextCycleAt += elapsed * publishingInterval
        releaseHeld(now: now)
        cyclesAlone = hasRequests ? 0 : cyclesAlone.addingClamped(elapsed)
        guard cyclesAlone < lifetimeCount else { return .expired }
        if hasNotifications { return .ready }
        cyclesIdle = cyclesIdle.addingClamped(elapsed)
        return !hasSent || cyclesIdle >= keepAliveCount ? .ready : .quiet
    }

    private func releaseHeld(now: Int64) {
        guard !held.isEmpty else { return }
        held.removeAll { item in
            item.isHeld = item.releaseHeld(now: now)
            return !item.isHeld
        }
    }

    // MARK: Messages

    /// The next message: notifications where there are any, a keep-alive else.
    ///
    /// - Returns: the message, and whether there is more.
    func nextMessage(at time: DateTime, _ maker: any EventMaker) -> (NotificationMessage, more: Bool) {
        hasSent = true
        cyclesIdle = 0
        touch()
        guard hasNotifications else {
            return (NotificationMessage(sequenceNumber: nextNumber, publishTime: time), false)
        }
        var collector = NotificationCollector(limit: notificationsMax)
        collect(into: &collector, maker)
        let message = NotificationMessage(
            sequenceNumber: takeNumber(), publishTime: time, notificationData: collector.notificationData)
        retransmission.add(message, bytes: collector.bytes)
        return (message, hasNotifications)
    }

    /// A message that says what has become of the subscription; it is not kept.
    func statusMessage(_ status: StatusCode, at time: DateTime) -> NotificationMessage {
        NotificationMessage(
            sequenceNumber: takeNumber(), publishTime: time,
            notificationData: [ExtensionObject(StatusChangeNotification(status: status))])
    }

    func acknowledge(_ number: UInt32) -> StatusCode {
        touch()
        return retransmission.acknowledge(number) ? .good : .badSequenceNumberUnknown
    }

    private func collect(into collector: inout NotificationCollector, _ maker: any EventMaker) {
        var done = 0
        for item in listed {
            guard collector.hasRoom else { break }
            drain(item, into: &collector, maker)
            guard !(item.isReporting && item.hasNotifications) else { break }
            item.isListed = false
            item.isTriggered = false
            done += 1
        }
        listed.removeFirst(done)
    }

    private func drain(
        _ item: MonitoredItem, into collector: inout NotificationCollector, _ maker: any EventMaker
    ) {
        guard item.isReporting else { return }
        switch item.content {
        case .value(let values):
            while collector.hasRoom, let value = values.queue.popFirst() {
                collector.add(MonitoredItemNotification(clientHandle: item.clientHandle, value: value))
            }
        case .events(let events):
            while collector.hasRoom, let fields = events.next(for: item, maker) {
                collector.add(EventFieldList(clientHandle: item.clientHandle, eventFields: fields))
            }
        }
    }

    private func takeNumber() -> UInt32 {
        defer { nextNumber = nextNumber == UInt32.max ? 1 : nextNumber + 1 }
        return nextNumber
    }
}

/// The notifications of one message, within its bounds.
struct NotificationCollector {
    /// Bytes of one message, so that it fits what clients take.
    static let bytesMax = 512 << 10

    private var limit: Int
    private(set) var bytes = 0
    private var values: [MonitoredItemNotification] = []
    private var events: [EventFieldList] = []

    init(limit: Int) { self.limit = limit }

    /// One notification is taken whatever its size.
    var hasRoom: Bool { limit > 0 && (bytes < Self.bytesMax || bytes == 0) }

    mutating func add(_ value: MonitoredItemNotification) {
        values.append(value)
        limit -= 1
        bytes += 24 + (value.value.value?.approximateBytes ?? 0)
    }

    mutating func add(_ event: EventFieldList) {
        events.append(event)
        limit -= 1
        bytes += event.eventFields.reduce(8) { $0 + $1.approximateBytes }
    }

    var notificationData: [ExtensionObject] {
        var data: [ExtensionObject] = []
        if !values.isEmpty { data.append(ExtensionObject(DataChangeNotification(monitoredItems: values))) }
        if !events.isEmpty { data.append(ExtensionObject(EventNotificationList(events: events))) }
        return data
    }
}

extension UInt32 {
    func addingClamped(_ other: Int64) -> UInt32 { UInt32(clamping: Int64(self) + other) }
}

extension Variant {
    /// About how long it is on the wire: near enough to bound a message.
    var approximateBytes: Int {
        switch self {
        case .null: 1
        case .scalar(let scalar): scalar.approximateBytes
        case .array(let elements), .matrix(let elements, _): elements.approximateBytes
        }
    }
}

extension Variant.Scalar {
    var approximateBytes: Int {
        switch self {
        case .string(let text): 5 + (text?.utf8.count ?? 0)
        case .byteString(let bytes): 5 + (bytes?.bytes.count ?? 0)
        case .xmlElement(let element): 5 + (element?.text.utf8.count ?? 0)
        case .localizedText(let text): 11 + (text.text?.utf8.count ?? 0) + (text.locale?.utf8.count ?? 0)
        case .qualifiedName(let name): 7 + (name.name?.utf8.count ?? 0)
        case .nodeId, .expandedNodeId, .guid: 32
        case .extensionObject(let object): object.approximateBytes
        case .dataValue(let value): 24 + (value.value?.approximateBytes ?? 0)
        case .variant(let value): value.approximateBytes
        default: 9
        }
    }
}

extension Variant.Elements {
    var approximateBytes: Int {
        switch self {
        case .boolean, .sbyte, .byte: 8 + count
        case .int16, .uint16: 8 + 2 * count
        case .int32, .uint32, .float, .statusCode: 8 + 4 * count
        case .int64, .uint64, .double, .dateTime: 8 + 8 * count
        default: (0..<count).reduce(8) { $0 + self[$1].approximateBytes }
        }
    }
}

extension ExtensionObject {
    var approximateBytes: Int {
        switch body {
        case .none: 8
        case .binary(let bytes): 16 + bytes.bytes.count
        case .xml(let element): 16 + element.text.utf8.count
        case .structure: (try? binary().count) ?? 64
        }
    }
}
