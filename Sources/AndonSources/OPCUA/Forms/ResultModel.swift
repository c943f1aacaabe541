import AndonModel
import UAClient
import UACodec

/// The two companion specifications by which vision systems tell of results.
enum ResultModel: Sendable, Hashable {
    /// OPC 40100-1.
    case machineVision
    /// OPC 40001-101.
    case machinery

    var namespace: String {
        switch self {
        case .machineVision: "http://opcfoundation.org/UA/MachineVision"
        case .machinery: "http://opcfoundation.org/UA/Machinery/Result/"
        }
    }

    /// ResultReadyEventType.
    var eventType: ExpandedNodeId { node(self == .machineVision ? 1024 : 1002) }

    /// ResultManagementType.
    var managementType: ExpandedNodeId { node(self == .machineVision ? 1007 : 1004) }

    /// VisionSystemType of 40100-1.
    static let visionSystemType = ResultModel.machineVision.node(1003)

    /// Properties of ResultReadyEventType of 40100-1 (8.3.8.4). 40001-101 has one component with all of them.
    private static let properties = [
        "ResultId", "IsPartial", "IsSimulated", "ResultState", "MeasId", "PartId", "ExternalRecipeId",
        "InternalRecipeId", "ProductId", "ExternalConfigurationId", "InternalConfigurationId", "JobId", "CreationTime",
        "ProcessingTimes", "ResultContent",
    ]

    func node(_ number: UInt32) -> ExpandedNodeId { ExpandedNodeId(.numeric(number), in: namespace) }

    var query: EventQuery {
        let names = self == .machineVision ? Self.properties : ["Result"]
        let fields = names.map { EventField([BrowseName($0, in: namespace)], of: NodeId(2041)) }
        return EventQuery([EventField("EventType")] + fields, where: .ofType(eventType))
    }

    /// A result's fields, the same whether it came as an event or was fetched: what only an event has is left out.
    func fields(of event: EventNotification) -> FieldValue {
        var members: [String: FieldValue] = [:]
        for (name, value) in zip(event.names, event.fields) where name != "EventType" {
            let value = FieldValue(value)
            if value != .null { members[name] = value }
        }
        switch self {
        case .machineVision: return .object(members)
        case .machinery: return Self.flat(members["Result"] ?? .null)
        }
    }

    /// The same of a ResultDataType.
    func fields(of result: FieldValue) -> FieldValue {
        switch self {
        case .machineVision:
            guard case .object(var members) = result else { return result }
            members["HasTransferableDataOnFile"] = nil
            return .object(members.filter { $0.value != .null })
        case .machinery: return Self.flat(result)
        }
    }

    /// ResultMetaData's members beside ResultContent, as the older specification has them.
    private static func flat(_ result: FieldValue) -> FieldValue {
        guard case .object(let members) = result else { return result }
        guard case .object(var flat)? = members["ResultMetaData"] else { return result }
        flat["ResultContent"] = members["ResultContent"]
        return .object(flat.filter { $0.value != .null })
    }
}

/// A result, as far as it has to be understood before any mapping.
struct ResultFacts: Sendable, Hashable {
    var id: String
    /// By the system's clock.
    var createdAt: Timestamp?
    /// Why it is not taken in at all; nil for one that is.
    var skipReason: String?
    var hasContent: Bool

    /// - Returns: nil for what has no ResultId.
    init?(_ fields: FieldValue, _ model: ResultModel) {
        let place = model == .machineVision ? "/ResultId/Id" : "/ResultId"
        guard let id = fields.value(at: place)?.words else { return nil }
        self.id = id
        createdAt = fields.value(at: "/CreationTime")?.words.flatMap { Timestamp($0) }
        if case .list(let elements)? = fields.value(at: "/ResultContent") {
            hasContent = !elements.isEmpty
        } else {
            hasContent = false
        }
        skipReason = Self.reason(fields)
    }

    /// ResultStateDataType (40100-1, 12.19): 2 is being processed, 3 aborted, 4 failed.
    private static func reason(_ fields: FieldValue) -> String? {
        if fields.value(at: "/IsPartial") == .bool(true) { return "partial" }
        if fields.value(at: "/IsSimulated") == .bool(true) { return "simulated" }
        switch fields.value(at: "/ResultState")?.number {
        case 2: return "being processed"
        case 3: return "aborted"
        case 4: return "failed"
        default: return nil
        }
    }
}
