import AndonModel
import UAClient
import UACodec

/// Warnings and errors of a vision system itself (OPC 40100-1, 11.4).
struct ConditionEvents: Sendable {
    enum Kind: Sendable, Hashable, CaseIterable {
        case warning, error, persistentError

        fileprivate var type: UInt32 {
            switch self {
            case .warning: 1034
            case .error: 1035
            case .persistentError: 1036
            }
        }
    }

    let settings: ConditionSettings

    /// Which kinds are watched.
    var kinds: [Kind] { settings.warningClass == nil ? [.error, .persistentError] : Kind.allCases }

    func query(_ kind: Kind) -> EventQuery {
        let condition = NodeId(2782)
        let acknowledgeable = NodeId(2881)
        let own = ResultModel.machineVision.namespace
        return EventQuery(
            EventQuery.baseFields + [
                EventField.conditionId, EventField("ConditionName", of: condition), EventField("Retain", of: condition),
                EventField(["AckedState", "Id"], of: acknowledgeable),
                EventField([BrowseName("ErrorCode", in: own)], of: NodeId(2041)),
            ], where: .ofType(ResultModel.machineVision.node(kind.type)))
    }

    /// - Returns: a report about the camera itself; nil where the condition is over, acknowledged, or below the severity.
    func document(_ event: EventNotification, _ kind: Kind, server: String, source: String) -> (id: String, JSON)? {
        let fields = FieldValue.object(
            Dictionary(zip(event.names, event.fields.map { FieldValue($0) }), uniquingKeysWith: { first, _ in first }))
        let severity = fields.value(at: "/Severity")?.number ?? 500
        guard fields.value(at: "/Retain") != .bool(false), fields.value(at: "/AckedState~1Id") != .bool(true),
            severity >= Double(settings.severityMin), let eventId = event["EventId"]?.value(as: ByteString.self),
            let time = fields.value(at: "/Time")?.words.flatMap({ Timestamp($0) })
        else { return nil }
        let key = EventKey(server: server, event: "event:\(eventId)")
        let defectClass = kind == .warning ? settings.warningClass ?? settings.errorClass : settings.errorClass
        let document = JSON.object(present: [
            "id": .string(key.id), "kind": "anomaly", "detectedAt": .time(time), "camera": .string(settings.camera),
            "asset": .string(settings.asset),
            "defects": [
                .object(present: [
                    "class": .string(defectClass), "severity": .number(min(max(severity, 1), 1000) / 1000),
                    "attributes": .object(present: [
                        "message": words("/Message", fields), "condition": words("/ConditionName", fields),
                        "errorCode": words("/ErrorCode", fields), "system": words("/SourceName", fields),
                        "stays": .bool(kind == .persistentError),
                    ]),
                ])
            ],
            "attributes": ["source": key.origin(source: source)],
        ])
        return (key.id, document)
    }

    private func words(_ place: String, _ fields: FieldValue) -> JSON? {
        fields.value(at: place)?.words.map { .string($0.cut(to: 500).asOneLine) }
    }
}
