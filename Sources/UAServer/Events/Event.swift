import UACodec

/// Something that happened at a node, as the application tells it to the server (Part 5, 6.4.2).
///
/// EventId, ReceiveTime and the fields that follow from the properties here are filled in when it is raised. A field
/// that is not set is null to whoever asks for it.
public struct Event: Sendable {
    /// A subtype of BaseEventType that the address space has.
    public var type: NodeId
    /// The node that it is about; items that watch it, its notifiers or the Server object get the event.
    public var source: NodeId
    public var sourceName: String
    public var message: LocalizedText
    /// 1...1000; anything else is clamped.
    public var severity: UInt16
    /// When it happened; nil for the moment at which it is raised.
    public var time: DateTime?
    /// All other fields, those of the type among them.
    public var fields: [EventPath: Variant]

    public init(
        type: NodeId = EventType.base, source: NodeId, sourceName: String, message: LocalizedText,
        severity: UInt16 = 500, time: DateTime? = nil, fields: [EventPath: Variant] = [:]
    ) {
        self.type = type
        self.source = source
        self.sourceName = sourceName
        self.message = message
        self.severity = severity
        self.time = time
        self.fields = fields
    }
}

/// Types of events and conditions in namespace 0 (Part 5, 6.4; Part 9, 5).
public enum EventType {
    public static let base = NodeId(2041)
    public static let system = NodeId(2130)
    public static let queueOverflow = NodeId(3035)
    public static let condition = NodeId(2782)
    public static let acknowledgeableCondition = NodeId(2881)
    public static let alarmCondition = NodeId(2915)
    public static let offNormalAlarm = NodeId(10637)
    public static let refreshStart = NodeId(2787)
    public static let refreshEnd = NodeId(2788)
    public static let refreshRequired = NodeId(2789)
    public static let processConditionClass = NodeId(11164)
}

/// An event with all of its fields, as filters see it.
struct EventRecord: Sendable {
    let type: NodeId
    let source: NodeId
    /// The node of the condition whose state this is; nil for other events.
    var conditionId: NodeId?
    var fields: [EventPath: Variant]

    init(_ event: Event, id: ByteString, now: DateTime, conditionId: NodeId? = nil) {
        type = event.type
        source = event.source
        self.conditionId = conditionId
        fields = event.fields
        fields["EventId"] = Variant(id)
        fields["EventType"] = Variant(event.type)
        fields["SourceNode"] = Variant(event.source)
        fields["SourceName"] = Variant(event.sourceName)
        fields["Time"] = Variant(event.time ?? now)
        fields["ReceiveTime"] = Variant(now)
        fields["Message"] = Variant(event.message)
        fields["Severity"] = Variant(min(max(event.severity, 1), 1000))
    }
}
