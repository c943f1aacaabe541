import UACodec

/// One alarm and its state: enabled always, active, acknowledged, confirmed (Part 9, 5.5 to 5.8). There are no
/// branches: an alarm that comes again before it was acknowledged is the same one, to be acknowledged anew.
struct Condition {
    /// Ids of earlier events of this occurrence that are still told from unknown ones.
    static let eventIdsMax = 32

    let definition: AlarmDefinition
    private(set) var isActive = false
    private(set) var isAcknowledged = true
    private(set) var isConfirmed = true
    private var message = ""
    private var severity: UInt16 = 1
    private var lastSeverity: UInt16 = 1
    private var quality = StatusCode.good
    private var comment = LocalizedText.null
    private var clientUser = ""
    private var fields: [EventPath: Variant] = [:]
    private var times: Times
    /// Of this occurrence, the newest last.
    private var eventIds: [ByteString] = []
    /// The newest event, as it was sent: a refresh sends it again.
    private(set) var event: EventRecord?

    private struct Times {
        var event: DateTime
        var active: DateTime
        var acknowledged: DateTime
        var confirmed: DateTime
        var comment: DateTime
        var severity: DateTime
        var quality: DateTime
    }

    init(_ definition: AlarmDefinition, now: DateTime) {
        self.definition = definition
        times = Times(
            event: now, active: now, acknowledged: now, confirmed: now, comment: now, severity: now, quality: now)
    }

    /// Whether it is of interest to an operator: active, or something is left to be done.
    var isRetained: Bool { isActive || !isAcknowledged || !isConfirmed }

    // MARK: Changes

    /// - Returns: whether anything is other than before.
    mutating func set(_ state: AlarmState, now: DateTime) -> Bool {
        let time = state.time ?? now
        let severity = min(max(state.severity, 1), 1000)
        let isNews =
            state.isActive != isActive || state.message != message || severity != self.severity
            || state.quality != quality || state.fields != fields
        guard isNews else { return false }
        if state.isActive, !isActive {
            (isAcknowledged, isConfirmed) = (false, !definition.needsConfirmation)
            (times.acknowledged, times.confirmed) = (time, time)
            eventIds = []
        }
        if state.isActive != isActive { times.active = time }
        if severity != self.severity { (lastSeverity, times.severity) = (self.severity, time) }
        if state.quality != quality { times.quality = time }
        (isActive, message, self.severity, quality) = (state.isActive, state.message, severity, state.quality)
        fields = state.fields
        times.event = time
        return true
    }

    /// Whether an action is allowed on the event that the operator saw.
    func check(_ kind: AlarmAction.Kind, eventId: ByteString) throws(StatusError) {
        guard eventIds.contains(eventId) else { throw StatusError(.badEventIdUnknown) }
        switch kind {
        case .comment: break
        case .acknowledge: if isAcknowledged { throw StatusError(.badConditionBranchAlreadyAcked) }
        case .confirm:
            if isConfirmed { throw StatusError(.badConditionBranchAlreadyConfirmed) }
            if !isAcknowledged { throw StatusError(.badInvalidState) }
        }
    }

    mutating func apply(_ action: AlarmAction, now: DateTime) {
        switch action.kind {
        case .comment: break
        case .acknowledge: (isAcknowledged, times.acknowledged) = (true, now)
        case .confirm: (isConfirmed, times.confirmed) = (true, now)
        }
        clientUser = action.user.name
        if let comment = action.comment { (self.comment, times.comment) = (comment, now) }
        times.event = now
    }

    // MARK: Events

    /// Makes the event that tells of the state as it is now.
    mutating func makeEvent(id: ByteString, now: DateTime) -> EventRecord {
        if eventIds.count >= Self.eventIdsMax { eventIds.removeFirst() }
        eventIds.append(id)
        let event = Event(
            type: definition.type, source: definition.source, sourceName: definition.sourceName,
            message: LocalizedText(message, locale: "en"), severity: severity, time: times.event, fields: allFields)
        let record = EventRecord(event, id: id, now: now, conditionId: definition.nodeId)
        self.event = record
        return record
    }

    private var allFields: [EventPath: Variant] {
        var all = fields
        all["ConditionClassId"] = Variant(definition.conditionClass)
        all["ConditionClassName"] = Variant(LocalizedText(definition.conditionClassName, locale: "en"))
        all["ConditionName"] = Variant(definition.name)
        all["BranchId"] = Variant(NodeId.null)
        all["Retain"] = Variant(isRetained)
        all["Quality"] = Variant(quality)
        all["Quality/SourceTimestamp"] = Variant(times.quality)
        all["LastSeverity"] = Variant(lastSeverity)
        all["LastSeverity/SourceTimestamp"] = Variant(times.severity)
        all["Comment"] = Variant(comment)
        all["Comment/SourceTimestamp"] = Variant(times.comment)
        all["ClientUserId"] = Variant(clientUser)
        all["SuppressedOrShelved"] = Variant(false)
        all["InputNode"] = Variant(NodeId.null)
        all["NormalState"] = Variant(NodeId.null)
        add("EnabledState", true, "Enabled", "Disabled", times.event, to: &all)
        add("ActiveState", isActive, "Active", "Inactive", times.active, to: &all)
        add("AckedState", isAcknowledged, "Acknowledged", "Unacknowledged", times.acknowledged, to: &all)
        add("ConfirmedState", isConfirmed, "Confirmed", "Unconfirmed", times.confirmed, to: &all)
        return all
    }

    private func add(
        _ name: String, _ value: Bool, _ yes: String, _ no: String, _ time: DateTime,
        to all: inout [EventPath: Variant]
    ) {
        all[EventPath(QualifiedName(name))] = Variant(LocalizedText(value ? yes : no, locale: "en"))
        all[EventPath(QualifiedName(name), QualifiedName("Id"))] = Variant(value)
        all[EventPath(QualifiedName(name), QualifiedName("TransitionTime"))] = Variant(time)
    }
}

/// All alarms, in the order in which they were added.
struct ConditionTable {
    private var conditions: [NodeId: Condition] = [:]
    private(set) var order: [NodeId] = []

    subscript(_ node: NodeId) -> Condition? {
        get { conditions[node] }
        set {
            if conditions[node] == nil, newValue != nil { order.append(node) }
            if newValue == nil { order.removeAll { $0 == node } }
            conditions[node] = newValue
        }
    }
}
