import AndonLedger
import AndonModel
import Logging
import UAClient
import UACodec

extension OPCUASource {
    var resultModel: ResultModel? {
        switch settings.form {
        case .machineVision: .machineVision
        case .machineryResult: .machinery
        case .event, .variables: nil
        }
    }

    /// Adds what the form watches to a subscription.
    func watch(_ subscription: Subscription, _ session: inout Session) async throws {
        let client = session.client
        var items: [(ItemRole, MonitoredItem)] = []
        switch settings.form {
        case .machineVision(let system):
            let start = system.flatMap { NodeText($0)?.expanded } ?? NodeId(85).expanded
            session.systems = try await ResultSystems.find(.machineVision, below: start, in: client)
            items = results(.machineVision, session.systems, onServer: system == nil)
        case .machineryResult:
            session.systems = try await ResultSystems.find(.machinery, below: NodeId(85).expanded, in: client)
            items = results(.machinery, session.systems, onServer: true)
        case .event(let form):
            let type = try await ResultSystems.eventType(form, in: client)
            let notifier = form.notifier.flatMap { NodeText($0)?.expanded } ?? NodeId(2253).expanded
            items = [(.event, MonitoredItem(events: form.query(type: type), of: notifier, queueSize: queue))]
        case .variables(let form):
            guard let node = NodeText(form.trigger) else { throw ClientError.configuration("no trigger") }
            items = [(.trigger, variable(node))]
            if form.taking == .monitor {
                items += form.nodes.sorted { $0.key < $1.key }.compactMap { name, text in
                    NodeText(text).map { (.field(name), variable($0)) }
                }
            }
        }
        if let condition = settings.condition {
            let events = ConditionEvents(settings: condition)
            items += events.kinds.map { (.condition($0), MonitoredItem(events: events.query($0), queueSize: queue)) }
        }
        let statuses = try await subscription.add(items.map(\.1))
        var refused: [String] = []
        for ((role, item), status) in zip(items, statuses) {
            if status.status.isBad { refused.append("\(item.node): \(status.status.name)") }
            session.items[status.id] = status.status.isBad ? nil : role
        }
        // A ResultManagement that sends no events of its own is the rule: the server object does.
        let isEssential =
            resultModel == nil || !session.items.values.contains { if case .result = $0 { true } else { false } }
        if !refused.isEmpty {
            guard !isEssential else {
                throw ClientError.missing("the server does not let us watch \(refused.joined(separator: ", "))")
            }
            log(.debug, "not watched: \(refused.joined(separator: ", "))")
        }
    }

    private var queue: UInt32 { UInt32(settings.queue) }

    private func results(
        _ model: ResultModel, _ systems: [ResultSystems.Found], onServer: Bool
    ) -> [(ItemRole, MonitoredItem)] {
        var items = systems.map { system -> (ItemRole, MonitoredItem) in
            (.result(system.node), MonitoredItem(events: model.query, of: system.node, queueSize: queue))
        }
        if onServer || systems.isEmpty {
            items.append((.result(nil), MonitoredItem(events: model.query, queueSize: queue)))
        }
        return items
    }

    /// The trigger is exception based: each of its changes counts.
    private func variable(_ node: NodeText) -> MonitoredItem {
        MonitoredItem(
            node.expanded, filter: DataChangeFilter(trigger: .statusValueTimestamp), samplingInterval: .zero,
            queueSize: queue)
    }

    // MARK: A message

    func take(_ notification: Notification) async throws {
        let publishedAt = notification.publishTime.timestamp ?? now
        var events: [SourceEvent] = []
        var hasOverflow = false
        for event in notification.events {
            switch session?.items[event.item] {
            case .result(let node):
                if Self.isOverflow(event) { hasOverflow = true } else { events += result(event, of: node) }
            case .event:
                if Self.isOverflow(event) { hasOverflow = true } else { events += plain(event) }
            case .condition(let kind): try await condition(event, kind)
            case .trigger, .field, nil: continue
            }
        }
        if !notification.events.isEmpty { board.update { $0.lastEventAt = publishedAt } }
        try await settle(events, publishedAt: publishedAt)
        if !notification.changes.isEmpty { hasOverflow = try await take(notification.changes) || hasOverflow }
        if hasOverflow {
            try await catchUp(from: cursor?.heardTime, why: "the server's queue overflowed")
        }
        heard(at: publishedAt + (session?.ahead ?? .zero))
        try await keepCursor()
    }

    /// EventQueueOverflowEventType.
    private static func isOverflow(_ event: EventNotification) -> Bool {
        event["EventType"]?.value(as: NodeId.self) == NodeId(3035)
    }

    private func result(_ event: EventNotification, of node: ExpandedNodeId?) -> [SourceEvent] {
        guard let model = resultModel else { return [] }
        return result(model.fields(of: event), model, of: node, isFetched: false)
    }

    /// A result as it came or was fetched; none for what is no result to take in.
    func result(
        _ fields: FieldValue, _ model: ResultModel, of node: ExpandedNodeId?, isFetched: Bool
    ) -> [SourceEvent] {
        guard let facts = ResultFacts(fields, model) else {
            skip("without an id")
            return []
        }
        if let reason = facts.skipReason {
            skip(reason)
            return []
        }
        return [
            SourceEvent(
                key: "result:\(facts.id)", fields: fields, at: facts.createdAt, result: facts, system: node,
                isFetched: isFetched)
        ]
    }

    func skip(_ reason: String) { board.update { $0.skipped[reason, default: 0] += 1 } }

    /// The EventId is the server's own name for the event, and the same whenever it is delivered.
    private func plain(_ event: EventNotification) -> [SourceEvent] {
        guard let id = event["EventId"]?.value(as: ByteString.self), !id.bytes.isEmpty else {
            skip("without an EventId")
            return []
        }
        return [
            SourceEvent(
                key: "event:\(id)", fields: EventForm.fields(of: event),
                at: event["Time"]?.value(as: DateTime.self)?.timestamp)
        ]
    }

    private func condition(_ event: EventNotification, _ kind: ConditionEvents.Kind) async throws {
        guard let settings = settings.condition, let session,
            let (id, document) = ConditionEvents(settings: settings)
                .document(event, kind, server: session.server, source: name)
        else { return }
        try await put(document, .none, id: id, event: SourceEvent(key: id, fields: .null, at: nil))
    }
}
