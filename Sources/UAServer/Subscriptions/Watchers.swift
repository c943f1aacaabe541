import UACodec

/// Which items watch which nodes, and what is read at which time.
struct Watchers {
    private struct Sampler {
        var nextAt: Int64
        var items: [MonitoredItem]
    }

    private var values: [NodeId: [MonitoredItem]] = [:]
    private var events: [NodeId: [MonitoredItem]] = [:]
    private var samplers: [Int64: Sampler] = [:]
    private(set) var count = 0
    private(set) var eventCount = 0
    /// Places in the queues of all items.
    private(set) var places = 0

    var nextSample: Int64? { samplers.values.lazy.map(\.nextAt).min() }

    var hasEventItems: Bool { !events.isEmpty }

    func values(of node: NodeId) -> [MonitoredItem] { values[node] ?? [] }

    func events(of node: NodeId) -> [MonitoredItem] { events[node] ?? [] }

    mutating func add(_ item: MonitoredItem, now: Int64) {
        count += 1
        places += item.queueSize
        if item.watchesEvents {
            eventCount += 1
            events[item.nodeId, default: []].append(item)
        } else if item.isSampled {
            let interval = max(1, Int64(item.samplingInterval))
            samplers[interval, default: Sampler(nextAt: now + interval, items: [])].items.append(item)
        } else {
            values[item.nodeId, default: []].append(item)
        }
    }

    /// - Precondition: the item's interval and queue are those with which it was added.
    mutating func remove(_ item: MonitoredItem) {
        count -= 1
        places -= item.queueSize
        if item.watchesEvents {
            eventCount -= 1
            Self.remove(item, from: &events, item.nodeId)
        } else if item.isSampled {
            let interval = max(1, Int64(item.samplingInterval))
            samplers[interval]?.items.removeAll { $0 === item }
            if samplers[interval]?.items.isEmpty == true { samplers[interval] = nil }
        } else {
            Self.remove(item, from: &values, item.nodeId)
        }
    }

    private static func remove(_ item: MonitoredItem, from all: inout [NodeId: [MonitoredItem]], _ node: NodeId) {
        all[node]?.removeAll { $0 === item }
        if all[node]?.isEmpty == true { all[node] = nil }
    }

    /// Takes out all items of a subscription at once, looking at each node and each time once.
    mutating func remove(_ items: [MonitoredItem], of subscription: Subscription) {
        count -= items.count
        places -= items.reduce(0) { $0 + $1.queueSize }
        eventCount -= items.lazy.filter(\.watchesEvents).count
        for node in Set(items.map(\.nodeId)) {
            Self.remove(subscription, from: &values, node)
            Self.remove(subscription, from: &events, node)
        }
        for interval in Array(samplers.keys) {
            samplers[interval]?.items.removeAll { $0.subscription === subscription }
            if samplers[interval]?.items.isEmpty == true { samplers[interval] = nil }
        }
    }

    private static func remove(
        _ subscription: Subscription, from all: inout [NodeId: [MonitoredItem]], _ node: NodeId
    ) {
        all[node]?.removeAll { $0.subscription === subscription }
        if all[node]?.isEmpty == true { all[node] = nil }
    }

    /// The items whose values are to be read now.
    mutating func due(now: Int64) -> [MonitoredItem] {
        var due: [MonitoredItem] = []
        for (interval, sampler) in samplers where sampler.nextAt <= now {
            due += sampler.items
            // Samples that were missed are not made up for.
            samplers[interval]?.nextAt += ((now - sampler.nextAt) / interval + 1) * interval
        }
        return due
    }
}

extension ServerCore {
    func watch(_ item: MonitoredItem) {
        watchers.add(item, now: environment.now())
        if !item.watchesEvents { nodes.countWatchers(of: item.nodeId, by: 1) }
    }

    func unwatch(_ item: MonitoredItem) {
        watchers.remove(item)
        if !item.watchesEvents { nodes.countWatchers(of: item.nodeId, by: -1) }
    }

    /// A variable has a new value. It goes to all items that watch it.
    ///
    /// - Parameter value: with its source timestamp, and the server timestamp where it is to have another than now.
    public func valueChanged(of node: NodeId, to value: DataValue) {
        let items = watchers.values(of: node)
        guard !items.isEmpty else { return }
        var value = value
        if value.serverTimestamp == nil { value.serverTimestamp = environment.time() }
        let now = environment.now()
        for item in items { item.offer(item.part(of: value), now: now) }
    }

    func sample(now: Int64) {
        let due = watchers.due(now: now)
        guard !due.isEmpty else { return }
        let time = environment.time()
        for item in due where item.mode != .disabled {
            item.offer(nodes.read(item.target, for: item.subscription.caller, at: time), now: now)
        }
    }
}
