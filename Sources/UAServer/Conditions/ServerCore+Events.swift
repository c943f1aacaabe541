import UACodec

extension ServerCore: EventMaker {
    /// Tells the clients of an event.
    ///
    /// - Returns: its EventId, 16 random bytes.
    @discardableResult
    public func raise(_ event: Event) -> ByteString {
        let id = ByteString(environment.random(16))
        deliver(EventRecord(event, id: id, now: environment.time()))
        return id
    }

    func deliver(_ event: EventRecord) {
        guard watchers.hasEventItems else { return }
        for node in nodes.notifiers(of: event.source) {
            for item in watchers.events(of: node) where nodes.mayHear(of: event.source, item.subscription.caller) {
                item.offer(event, types: nodes)
            }
        }
    }

    // MARK: Alarms

    /// Adds an alarm, which is inactive. One that is there already goes.
    public func add(_ alarm: AlarmDefinition) {
        conditions[alarm.nodeId] = Condition(alarm, now: environment.time())
        show(false, of: alarm)
    }

    public func removeAlarm(_ node: NodeId) { conditions[node] = nil }

    /// Says what an alarm says now. Clients get an event where that is other than before.
    ///
    /// - Returns: whether there is such an alarm.
    @discardableResult
    public func setAlarm(_ node: NodeId, _ state: AlarmState) -> Bool {
        guard var condition = conditions[node] else { return false }
        let wasActive = condition.isActive
        guard condition.set(state, now: environment.time()) else { return true }
        tell(&condition)
        if wasActive != condition.isActive { show(condition.isActive, of: condition.definition) }
        return true
    }

    /// Acknowledges, confirms or comments an alarm from the application's own side, past the hook.
    ///
    /// - Returns: Bad_NodeIdUnknown, or what forbids it.
    @discardableResult
    public func apply(_ action: AlarmAction) -> StatusCode {
        guard var condition = conditions[action.alarm],
            let id = condition.event?.fields["EventId"]?.value(as: ByteString.self)
        else { return .badNodeIdUnknown }
        do throws(StatusError) { try condition.check(action.kind, eventId: id) } catch { return error.status }
        condition.apply(action, now: environment.time())
        tell(&condition)
        return .good
    }

    func tell(_ condition: inout Condition) {
        let event = condition.makeEvent(id: ByteString(environment.random(16)), now: environment.time())
        conditions[condition.definition.nodeId] = condition
        deliver(event)
    }

    private func show(_ isActive: Bool, of alarm: AlarmDefinition) {
        guard let variable = alarm.variable else { return }
        nodes.show(DataValue(Variant(isActive), sourceTimestamp: environment.time()), at: variable)
    }

    // MARK: What items are told besides

    /// Says that events of an item were lost (Part 5, 6.4.35).
    func overflowFields(_ plan: EventFilterPlan) -> [Variant] {
        plan.fields(of: serverEvent(EventType.queueOverflow, "Events were lost: the queue was full"), types: nodes)
    }

    /// What is next to be sent of a refresh to an item; nil at its end (Part 9, 5.5.7).
    func refreshFields(_ item: MonitoredItem, _ plan: EventFilterPlan, _ state: inout Refresh?) -> [Variant]? {
        guard var refresh = state else { return nil }
        defer { state = refresh }
        switch refresh.next {
        case .start:
            refresh.next = .condition(0)
            return plan.fields(of: serverEvent(EventType.refreshStart, "Refresh"), types: nodes)
        case .condition(let first):
            for index in first..<max(first, refresh.conditions.count) {
                guard let event = retained(refresh.conditions[index]), plan.accepts(event, types: nodes),
                    nodes.notifiers(of: event.source).contains(item.nodeId),
                    nodes.mayHear(of: event.source, item.subscription.caller)
                else { continue }
                refresh.next = .condition(index + 1)
                return plan.fields(of: event, types: nodes)
            }
            refresh.next = .done
            return plan.fields(of: serverEvent(EventType.refreshEnd, "End of refresh"), types: nodes)
        case .done: return nil
        }
    }

    private func retained(_ node: NodeId) -> EventRecord? {
        conditions[node].flatMap { $0.isRetained ? $0.event : nil }
    }

    private func serverEvent(_ type: NodeId, _ message: String) -> EventRecord {
        let event = Event(
            type: type, source: NodeId(2253), sourceName: "Server", message: LocalizedText(message, locale: "en"),
            severity: 1)
        return EventRecord(event, id: ByteString(environment.random(16)), now: environment.time())
    }
}

/// How far the sending of all conditions to one item has come. The events are made as they are sent, so that a
/// refresh takes no room, however many conditions there are.
struct Refresh {
    enum Next {
        case start
        case condition(Int)
        case done
    }

    let conditions: [NodeId]
    var next = Next.start

    init(_ conditions: [NodeId]) { self.conditions = conditions }

    var isDone: Bool { if case .done = next { true } else { false } }
}
