import UACodec

/// One thing that a subscription watches: an attribute, or the events of a node (Part 4, 5.13.1).
final class MonitoredItem {
    enum Content {
        case value(ValueQueue)
        case events(EventQueue)
    }

    let id: UInt32
    let target: ReadValueId
    /// Parsed from the target's text.
    let range: IndexRange?
    /// Whether its value is read by a timer, as nobody tells when it changes.
    let isSampled: Bool
    unowned let subscription: Subscription
    var timestamps: TimestampsToReturn
    var clientHandle: UInt32
    var mode: MonitoringMode
    var content: Content
    /// Milliseconds; 0 where every change is taken as it comes.
    var samplingInterval: Double
    /// Whether it stands in its subscription's list of items with something to publish.
    var isListed = false
    /// Whether it stands in its subscription's list of items with a value that came before its time.
    var isHeld = false
    /// Set by a triggering item: what is queued goes out once though the mode is sampling.
    var isTriggered = false
    /// Whether the user may no longer see what it watches: nothing feeds it any more.
    var isDenied = false
    /// Items that report when this one does.
    var triggered: [UInt32] = []

    init(
        id: UInt32, target: ReadValueId, range: IndexRange?, isSampled: Bool, subscription: Subscription,
        timestamps: TimestampsToReturn, clientHandle: UInt32, mode: MonitoringMode, content: Content,
        samplingInterval: Double
    ) {
        self.id = id
        self.target = target
        self.range = range
        self.isSampled = isSampled
        self.subscription = subscription
        self.timestamps = timestamps
        self.clientHandle = clientHandle
        self.mode = mode
        self.content = content
        self.samplingInterval = samplingInterval
    }

    var nodeId: NodeId { target.nodeId }

    var watchesEvents: Bool { if case .events = content { true } else { false } }

    var hasNotifications: Bool {
        switch content {
        case .value(let queue): !queue.queue.isEmpty
        case .events(let queue): !queue.isEmpty
        }
    }

    /// Whether what is queued may be published now.
    var isReporting: Bool { mode == .reporting || isTriggered }

    var queueSize: Int {
        switch content {
        case .value(let queue): queue.queue.capacity
        case .events(let queue): queue.queue.capacity
        }
    }

    // MARK: Values

    /// What the item's index range names of a value.
    func part(of value: DataValue) -> DataValue {
        guard let range, let whole = value.value else { return value }
        var part = value
        part.value = range.select(from: whole)
        if part.value == nil { part.status = .badIndexRangeNoData }
        return part
    }

    /// Takes a value that is new at this moment.
    ///
    /// - Parameter now: milliseconds.
    func offer(_ value: DataValue, now: Int64) {
        guard mode != .disabled, case .value(let queue) = content else { return }
        guard queue.isDue(now: now, interval: samplingInterval) else {
            queue.held = value
            return subscription.hold(self)
        }
        take(value, into: queue, now: now)
    }

    /// Takes the newest value that came too soon after another, if its time has come.
    ///
    /// - Returns: whether it still has to wait.
    func releaseHeld(now: Int64) -> Bool {
        guard case .value(let queue) = content, let value = queue.held else { return false }
        guard queue.isDue(now: now, interval: samplingInterval) else { return true }
        queue.held = nil
        take(value, into: queue, now: now)
        return false
    }

    private func take(_ value: DataValue, into queue: ValueQueue, now: Int64) {
        queue.held = nil
        queue.sampledAt = now
        guard queue.add(value, timestamps) else { return }
        notify()
    }

    /// Queues a value whether or not it is new: the first one, and after ResendData.
    func resend(_ value: DataValue, now: Int64) {
        guard mode != .disabled, case .value(let queue) = content else { return }
        queue.sampledAt = now
        queue.force(value, timestamps)
        notify()
    }

    // MARK: Events

    func offer(_ event: EventRecord, types: any EventTypes) {
        guard mode != .disabled, case .events(let queue) = content, queue.plan.accepts(event, types: types) else {
            return
        }
        queue.add(queue.plan.fields(of: event, types: types))
        notify()
    }

    /// Sends the states of all conditions before anything else.
    func begin(_ refresh: Refresh) {
        guard mode == .reporting, case .events(let queue) = content else { return }
        queue.refresh = refresh
        notify()
    }

    var isRefreshing: Bool { if case .events(let queue) = content { queue.refresh != nil } else { false } }

    func endRefresh() { if case .events(let queue) = content { queue.refresh = nil } }

    private func notify() {
        if isReporting { subscription.list(self) }
        if mode != .disabled, !triggered.isEmpty { subscription.trigger(triggered) }
    }

    /// What was queued is worth nothing any more: the item was disabled.
    func clear() {
        isTriggered = false
        switch content {
        case .value(let queue): queue.clear()
        case .events(let queue): queue.clear()
        }
    }
}

/// What an item that watches an attribute keeps.
final class ValueQueue {
    var plan: DataChangePlan
    var discardOldest: Bool
    var queue: NotificationQueue<DataValue>
    /// The newest value that came before its time.
    var held: DataValue?
    var sampledAt: Int64?
    private var last: DataValue?

    init(plan: DataChangePlan, queueSize: Int, discardOldest: Bool) {
        self.plan = plan
        self.discardOldest = discardOldest
        queue = NotificationQueue(capacity: queueSize)
    }

    func isDue(now: Int64, interval: Double) -> Bool {
        guard interval > 0, let sampledAt else { return true }
        return Double(now - sampledAt) >= interval
    }

    /// - Returns: whether the value is reported.
    func add(_ value: DataValue, _ timestamps: TimestampsToReturn) -> Bool {
        if let last, !plan.reports(value, after: last) { return false }
        force(value, timestamps)
        return true
    }

    func force(_ new: DataValue, _ timestamps: TimestampsToReturn) {
        last = new
        let value = new.returning(timestamps)
        if !queue.isFull { return queue.append(value) }
        if queue.capacity == 1 { return queue.changeFirst { $0 = value } }
        if discardOldest {
            _ = queue.popFirst()
            queue.changeFirst { $0.status = $0.effectiveStatus.withOverflow() }
            queue.append(value)
        } else {
            queue.changeLast {
                $0 = value
                $0.status = value.effectiveStatus.withOverflow()
            }
        }
    }

    func resize(to capacity: Int, discardOldest: Bool) {
        self.discardOldest = discardOldest
        guard queue.resize(to: capacity, discardOldest: discardOldest), capacity > 1 else { return }
        let mark: (inout DataValue) -> Void = { $0.status = $0.effectiveStatus.withOverflow() }
        if discardOldest { queue.changeFirst(mark) } else { queue.changeLast(mark) }
    }

    func clear() {
        queue.removeAll()
        (held, last, sampledAt) = (nil, nil, nil)
    }
}

/// What an item that watches events keeps. A mark takes an extra place where events were lost.
final class EventQueue {
    var plan: EventFilterPlan
    var discardOldest: Bool
    var queue: NotificationQueue<[Variant]>
    /// What is left of a refresh; it goes before the queue.
    var refresh: Refresh?
    private(set) var hasOverflow = false

    init(plan: EventFilterPlan, queueSize: Int, discardOldest: Bool) {
        self.plan = plan
        self.discardOldest = discardOldest
        queue = NotificationQueue(capacity: queueSize)
    }

    var isEmpty: Bool { queue.isEmpty && !hasOverflow && refresh == nil }

    func add(_ fields: [Variant]) {
        if !queue.isFull { return queue.append(fields) }
        hasOverflow = true
        if discardOldest {
            _ = queue.popFirst()
            queue.append(fields)
        } else {
            queue.changeLast { $0 = fields }
        }
    }

    /// The next notification. The event that says that others were lost stands before the oldest kept one or behind
    /// the newest, wherever they are missing.
    func next(for item: MonitoredItem, _ maker: any EventMaker) -> [Variant]? {
        if refresh != nil {
            defer { if refresh?.isDone ?? true { refresh = nil } }
            if let fields = maker.refreshFields(item, plan, &refresh) { return fields }
        }
        if hasOverflow, discardOldest || queue.isEmpty {
            hasOverflow = false
            return maker.overflowFields(plan)
        }
        return queue.popFirst()
    }

    func resize(to capacity: Int, discardOldest: Bool) {
        self.discardOldest = discardOldest
        if queue.resize(to: capacity, discardOldest: discardOldest) { hasOverflow = true }
    }

    func clear() {
        queue.removeAll()
        hasOverflow = false
        refresh = nil
    }
}

/// Makes the events that are not raised by anyone: they are made when they are sent.
protocol EventMaker {
    func overflowFields(_ plan: EventFilterPlan) -> [Variant]
    /// What is next of a refresh; nil, with the refresh done, at its end.
    func refreshFields(_ item: MonitoredItem, _ plan: EventFilterPlan, _ refresh: inout Refresh?) -> [Variant]?
}

extension DataValue {
    /// The value with the timestamps that a client asked for.
    func returning(_ timestamps: TimestampsToReturn) -> DataValue {
        var value = self
        if timestamps == .server || timestamps == .neither {
            value.sourceTimestamp = nil
            value.sourcePicoseconds = nil
        }
        if timestamps == .source || timestamps == .neither {
            value.serverTimestamp = nil
            value.serverPicoseconds = nil
        }
        return value
    }
}
