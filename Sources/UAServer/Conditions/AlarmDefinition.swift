import UACodec

/// An alarm of one kind at one source: a condition whose node never changes, so that clients can be configured for it
/// (Part 9, 5.8).
public struct AlarmDefinition: Sendable {
    /// The condition's own node; it need not be in the address space.
    public var nodeId: NodeId
    /// The kind, such as `Defect limit`.
    public var name: String
    public var source: NodeId
    public var sourceName: String
    /// A type derived from AlarmConditionType.
    public var type: NodeId
    public var conditionClass: NodeId
    public var conditionClassName: String
    /// Whether an operator has to confirm what was done, after acknowledging.
    public var needsConfirmation: Bool
    /// A Boolean variable that is true while the alarm is active, for clients that know nothing of alarms.
    public var variable: NodeId?

    public init(
        nodeId: NodeId, name: String, source: NodeId, sourceName: String, type: NodeId = EventType.offNormalAlarm,
        conditionClass: NodeId = EventType.processConditionClass, conditionClassName: String = "Process",
        needsConfirmation: Bool = false, variable: NodeId? = nil
    ) {
        self.nodeId = nodeId
        self.name = name
        self.source = source
        self.sourceName = sourceName
        self.type = type
        self.conditionClass = conditionClass
        self.conditionClassName = conditionClassName
        self.needsConfirmation = needsConfirmation
        self.variable = variable
    }
}

/// What an alarm says now.
public struct AlarmState: Sendable {
    public var isActive: Bool
    public var message: String
    /// 1...1000.
    public var severity: UInt16
    /// When it came to be so; nil for now.
    public var time: DateTime?
    /// How far the source is to be believed.
    public var quality: StatusCode
    /// Fields of the alarm's own type.
    public var fields: [EventPath: Variant]

    public init(
        isActive: Bool, message: String, severity: UInt16 = 500, time: DateTime? = nil, quality: StatusCode = .good,
        fields: [EventPath: Variant] = [:]
    ) {
        self.isActive = isActive
        self.message = message
        self.severity = severity
        self.time = time
        self.quality = quality
        self.fields = fields
    }
}

/// What an operator wants to do to an alarm. The application is asked first, and writes it down.
public struct AlarmAction: Sendable {
    public enum Kind: String, Sendable { case acknowledge, confirm, comment }

    public let kind: Kind
    public let alarm: NodeId
    public let user: UserIdentity
    public let address: String
    /// Nil where the operator said nothing.
    public let comment: LocalizedText?

    public init(
        kind: Kind, alarm: NodeId, user: UserIdentity, address: String = "", comment: LocalizedText? = nil
    ) {
        self.kind = kind
        self.alarm = alarm
        self.user = user
        self.address = address
        self.comment = comment
    }
}
