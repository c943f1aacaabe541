import AndonLedger
import AndonModel
import Foundation

/// Reports as intake keeps them: each with a detection and two entries, every tenth raises an order and has a third.
struct Facts {
    let store: Store
    private let plant = Plant(name: "benchmark", defaultConnector: "desk")

    init(store: Store) {
        self.store = store
    }

    private static let decided = Decision(
        outcome: .raised, joins: nil, kind: .corrective, priority: 2, severity: 0.71, severityBand: "major",
        criticality: "A", className: "scratch", classKnown: true, route: Route(target: .backlog),
        reason:
            "confidence 0.93 is at least 0.8, severity 0.71 at least 0.5, and no order is open for scratch on PRESS-07",
        rule: "class scratch, asset PRESS-07", rulesVersion: 3)

    func fill(_ count: Int, batch: Int = 1000) async throws {
        var random = SystemRandomNumberGenerator()
        for start in stride(from: 0, to: count, by: batch) {
            let seed = random.next()
            try await store.write { transaction in
                for number in start..<min(start + batch, count) { try keep(number, seed, in: transaction) }
            }
            if start % 50_000 == 0 { await store.checkpoint() }
        }
    }

    private func keep(_ number: Int, _ seed: UInt64, in transaction: Transaction) throws {
        let now = transaction.now
        let defect = Defect(defectClass: "scratch", confidence: 0.93, severity: .score(0.71))
        let inspection = Inspection(
            id: "report-\(number)", detectedAt: now, camera: "CAM-\(number % 50)", asset: "PRESS-\(number % 50)",
            lot: "L-\(number / 1000)",
            defects: [defect])
        let body: JSON = [
            "id": .string(inspection.id), "camera": .string(inspection.camera), "detectedAt": .time(now),
            "defects": [["class": "scratch", "confidence": 0.93, "severity": 0.71]],
        ]
        let asset = "PRESS-\(number % 50)"
        let digest = Hex.sha256(body.canonicalBytes)
        let seq = try transaction.insert(
            inspection, body: body, digest: digest, asset: asset, picture: nil, isSkewed: false)
        try transaction.record(
            "inspection.accepted", of: inspection.id,
            ["digest": .string(digest), "asset": .string(asset), "camera": .string(inspection.camera), "defects": 1])
        let partsAt = try transaction.countParts(1, asset: asset)
        let detection = Detection(
            inspectionID: inspection.id, ordinal: 0, kind: .detection, detectedAt: now, receivedAt: now,
            camera: inspection.camera, defect: defect, place: plant.place(of: inspection))
        var decision = Self.decided
        decision.outcome = number % 10 == 0 ? .raised : .recorded
        var reference: Reference?
        if decision.outcome == .raised {
            let order = WorkOrder(
                reference: Reference(from: SystemRandom()), detection: detection, decision: decision,
                inspection: inspection, picture: nil,
                recurrence: WorkOrder.Recurrence(detections: 1, orders: 0, previous: []), charts: [],
                timeZone: "Europe/Berlin", raisedAt: now, originTag: nil, link: nil)
            reference = order.reference
            try transaction.raise(order, policy: QueuePolicy())
            try transaction.record(
                "order.raised", of: order.reference.text,
                ["detection": .string(detection.id), "asset": .string(asset), "class": "scratch", "priority": 2])
        }
        try transaction.insert(
            detection, inspectionSeq: seq, partsAt: partsAt, decision: decision, reference: reference)
        try transaction.record(
            "detection.decided", of: detection.id,
            ["outcome": .string(decision.outcome.rawValue), "reason": .string(decision.reason), "rulesVersion": 3])
    }
}
