import AndonModel
import Synchronization
import UACodec
import UAServer

/// Puts what Andon shows into a server: its address space, its alarms and its events. Those belong to the server's
/// isolation, and are handed over with each call.
public final class FloorSpace: Sendable {
    private let history: FloorHistory
    private let actions: FloorActions
    /// The index of ``FloorNames/namespace``.
    public let namespace: UInt16
    /// Conditions by their nodes, for what an operator does to one.
    private let alarms = Mutex<[NodeId: AlarmKey]>([:])

    /// Makes the types, the methods and the root; updates bring the rest.
    public init(
        _ space: AddressSpace, history: FloorHistory, actions: FloorActions
    ) throws(AddressSpace.Failure) {
        self.history = history
        self.actions = actions
        namespace = try space.addNamespace(FloorNames.namespace)
        try addEventType(FloorEvents.detection, FloorEvents.detectionFields, to: space)
        try addEventType(FloorEvents.workOrder, FloorEvents.workOrderFields, to: space)
        try space.addObject(
            id(FloorNames.root), name(FloorNames.root), under: NodeId(85), by: ReferenceType.organizes,
            text: LocalizedText("What Andon sees of the plant"), eventNotifier: 1)
        try space.addReference(from: NodeId(2253), ReferenceType.hasNotifier, to: id(FloorNames.root))
        try FloorMethods(actions).add(to: space, under: id(FloorNames.root), namespace: namespace)
    }

    private func id(_ text: String) -> NodeId { NodeId(text, namespace: namespace) }

    private func name(_ text: String) -> QualifiedName { QualifiedName(text, namespace: namespace) }

    private func addEventType(
        _ type: String, _ fields: [(name: String, type: BuiltInType)], to space: AddressSpace
    ) throws(AddressSpace.Failure) {
        try space.addEventType(id(type), name(type), fields: fields.map { (name($0.name), $0.type.nodeId) })
    }

    // MARK: Updates

    /// Shows a look at the plant: nodes and values first, so that whoever hears of an event finds them.
    public func apply(
        _ update: FloorUpdate, to space: AddressSpace, _ core: ServerCore
    ) throws(AddressSpace.Failure) {
        try apply(update, to: space)
        for key in update.removedAlarms {
            core.removeAlarm(id(key.node))
            alarms.withLock { $0[id(key.node)] = nil }
        }
        for change in update.alarms { show(change, on: core) }
        for event in update.events { core.raise(made(event)) }
    }

    /// Nodes and values alone.
    public func apply(_ update: FloorUpdate, to space: AddressSpace) throws(AddressSpace.Failure) {
        // The root has the methods, and stays.
        for node in update.removed where node != FloorNames.root { space.remove(id(node)) }
        for node in update.nodes where node.id != FloorNames.root { try add(node, to: space) }
        for value in update.values { space.setValue(value.value, of: id(value.id)) }
    }

    private func add(_ node: FloorNode, to space: AddressSpace) throws(AddressSpace.Failure) {
        let (own, parent) = (id(node.id), id(node.parent ?? FloorNames.root))
        let link = node.link == .organizes ? ReferenceType.organizes : ReferenceType.hasComponent
        let (shown, text) = (LocalizedText(node.displayName), LocalizedText(node.description))
        switch node.kind {
        case .folder, .object:
            try space.addObject(
                own, name(node.name), under: parent, by: link, type: NodeId(node.kind == .folder ? 61 : 58),
                displayName: shown, text: text, eventNotifier: node.isEventSource ? 1 : 0)
            guard node.isEventSource else { break }
            try space.addReference(from: id(FloorNames.root), ReferenceType.hasNotifier, to: own)
        case .variable(let type):
            try space.addVariable(
                own, name(node.name), under: parent, by: link, dataType: type.nodeId, displayName: shown, text: text)
        case .analog(let type):
            try space.addAnalog(
                own, name(node.name), under: parent, dataType: type.nodeId, range: ValueRange(low: 0, high: 1))
            if let key = node.stream { try space.addHistory(own, history.source(of: key)) }
        }
    }

    // MARK: Alarms and events

    private func show(_ change: AlarmChange, on core: ServerCore) {
        let node = id(change.key.node)
        let isNew = alarms.withLock { $0.updateValue(change.key, forKey: node) == nil }
        if isNew {
            core.add(
                AlarmDefinition(
                    nodeId: node, name: change.key.kind.rawValue, source: id(change.key.source),
                    sourceName: change.key.subject.isEmpty ? FloorNames.root : change.key.subject))
        }
        let standing = change.standing
        // A further reason is a further occasion: what was acknowledged was the one before.
        if change.isFurther { core.setAlarm(node, state(standing, isActive: false)) }
        core.setAlarm(node, state(standing, isActive: standing.isActive))
        if let before = change.acknowledged {
            core.apply(
                AlarmAction(
                    kind: .acknowledge, alarm: node, user: UserIdentity(name: before.user),
                    comment: LocalizedText(before.comment)))
        }
    }

    private func state(_ standing: AlarmStanding, isActive: Bool) -> AlarmState {
        AlarmState(
            isActive: isActive, message: standing.message, severity: standing.severity,
            fields: [EventPath(name("OrderReference")): Variant(standing.reference?.text ?? "")])
    }

    private func made(_ event: FloorEvent) -> Event {
        Event(
            type: id(event.type), source: id(event.source), sourceName: event.sourceName,
            message: LocalizedText(event.message, locale: "en"), severity: event.severity, time: event.time.opcua,
            fields: Dictionary(uniqueKeysWithValues: event.fields.map { (EventPath(name($0.key)), $0.value) }))
    }

    /// What an operator wants to do to an alarm: allowed to whoever has the right, and written down.
    public func operate(_ action: AlarmAction) -> StatusCode {
        guard action.user.roles.contains(FloorRight.acknowledge.role) else { return .badUserAccessDenied }
        guard let key = alarms.withLock({ $0[action.alarm] }) else { return .badNodeIdUnknown }
        actions.operate(action.kind, key, action.user.name, action.address, action.comment?.text ?? "")
        return .good
    }
}

extension FloorNode {
    /// Machines and connectors are what events are about.
    var isEventSource: Bool { kind == .object && (link == .organizes || parent == FloorNames.connectors) }
}
