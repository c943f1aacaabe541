import AndonIntake
import AndonLedger
import AndonModel
import Foundation

/// Records as the API shows them.
enum View {
    static func inspection(
        _ record: InspectionRecord, _ detections: [DetectionRecord], around frames: [EvidenceFrameRow]? = nil,
        withBody: Bool
    ) -> JSON {
        .object(present: [
            "id": .string(record.id), "receivedAt": .time(record.receivedAt), "detectedAt": .time(record.detectedAt),
            "camera": .string(record.camera), "asset": .string(record.asset), "lot": record.lot.map { .string($0) },
            "picture": record.picture.map { .string("/pictures/\($0)") },
            "pictureRemovedAt": record.pictureRemovedAt.map { .time($0) },
            "acceptSeconds": .number((record.receivedAt - record.detectedAt).seconds),
            "clockSkewed": .bool(record.isSkewed), "detections": .array(detections.map(detection)),
            "frames": frames.map { .array($0.map(frame)) }, "inspection": withBody ? record.body : nil,
        ])
    }

    /// Before or after the report's own picture.
    private static func frame(_ frame: EvidenceFrameRow) -> JSON {
        .object(present: [
            "offset": .integer(frame.offset), "capturedAt": .time(frame.capturedAt),
            "picture": .string("/pictures/\(frame.picture.sha256)"),
            "pictureRemovedAt": frame.removedAt.map { .time($0) },
        ])
    }

    static func detection(_ record: DetectionRecord) -> JSON {
        .object(present: [
            "id": .string("\(record.inspectionID)#\(record.ordinal)"), "class": .string(record.defectClass),
            "asset": .string(record.asset), "confidence": record.confidence.map { .number($0) },
            "severity": record.severity.map { .number($0) }, "outcome": .string(record.outcome.rawValue),
            "order": record.reference.map { .string($0.text) }, "priority": .integer(record.priority),
            "unmapped": .bool(record.isUnmapped), "rule": .string(record.rule),
            "rulesVersion": .integer(record.rulesVersion), "reason": .string(record.reason),
        ])
    }

    static func order(_ order: OrderRecord) -> JSON {
        .object(present: [
            "reference": .string(order.reference.text), "connector": .string(order.connector),
            "asset": .string(order.asset), "class": .string(order.defectClass), "kind": .string(order.kind.rawValue),
            "priority": .integer(order.priority), "priorityThere": order.remotePriority.map { .string($0) },
            "delivery": .string(order.delivery.rawValue), "state": .string(order.state.rawValue),
            "vendorState": order.vendorState.map { .string($0) }, "inspection": .string(order.inspectionID),
            "raisedAt": .time(order.raisedAt), "acknowledgedAt": order.acknowledgedAt.map { .time($0) },
            "completedAt": order.completedAt.map { .time($0) },
            "secondsToOrder": order.acknowledgedAt.map { .number(($0 - order.document.receivedAt).seconds) },
            "remoteId": order.remoteID.map { .string($0) }, "number": order.remoteNumber.map { .string($0) },
            "link": order.remoteLink.map { .string($0) }, "assignee": order.assignee.map { .string($0) },
            "mergedInto": order.mergedInto.map { .string($0) },
            "occurrences": .integer(order.occurrences), "lastSeenAt": .time(order.lastSeenAt),
            "worstSeverity": order.worstSeverity.map { .number($0) }, "endedAt": order.endedAt.map { .time($0) },
            "closure": order.closure.flatMap(json),
            "completeness": .number(OrderText(order.document).completeness.score),
        ])
    }

    static func attempt(_ record: AttemptRecord) -> JSON {
        .object(present: [
            "effect": .string(record.effect.rawValue), "attempt": .integer(record.number),
            "action": .string(record.action), "startedAt": .time(record.startedAt),
            "payloadSha256": .string(record.payloadDigest), "outcome": record.answer.map { .string($0.outcome) },
            "status": record.answer?.status.map { .integer($0) },
            "latencyMs": record.answer.map { .number($0.latency.milliseconds) },
            "remoteId": record.answer?.remoteID.map { .string($0) },
            "detail": record.answer?.detail.map { .string($0) }, "exchanges": record.answer?.exchanges,
        ])
    }

    static func json(_ value: some Encodable) -> JSON? {
        guard let data = try? JSONEncoder().encode(value) else { return nil }
        return try? JSON(parsing: Array(data))
    }
}
