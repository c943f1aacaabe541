import AndonLedger
import AndonModel

/// What becomes of a detection that made no order, if the rules in force looked at it now. Nothing is written.
///
/// Where the rules are still those that decided it, what they said then is what counts. Otherwise they are asked as though the
/// same were seen again at this moment; the control charts are not, as they move with what comes in alone.
public enum SecondLook: Sendable {
    /// The order that it would raise, under a reference that no order has.
    case raises(WorkOrder)
    /// It would join this one.
    case joins(Reference)
    /// It would make none, and why.
    case nothing(reason: String)

    /// Stands where an order's reference is drawn when it is raised.
    static let reference = "PREVIEW000"

    /// - Throws: `Problem` when the kept report cannot be read again.
    public init(
        at record: InspectionRecord, _ detection: DetectionRecord, _ current: InForce, _ reader: Reader, now: Timestamp
    ) throws {
        let inspection = try InspectionReader.forKept.read(Array(record.body.canonicalText.utf8))
        guard inspection.defects.indices.contains(detection.ordinal), !ChartEvent.isOurs(inspection.id),
            let reference = Reference(Self.reference)
        else {
            self = .nothing(reason: detection.reason)
            return
        }
        let place = current.plant.place(of: inspection)
        let kept = Detection(
            inspectionID: inspection.id, ordinal: detection.ordinal, kind: inspection.kind,
            detectedAt: inspection.detectedAt, receivedAt: record.receivedAt, camera: inspection.camera,
            defect: inspection.defects[detection.ordinal], place: place)
        var again = kept
        (again.detectedAt, again.receivedAt) = (now, now)
        let facts = try reader.facts(
            current.rules.factsWanted(for: again), for: again, partsAt: try reader.parts(of: place.asset))
        let decision = current.rules.decide(again, facts: facts)
        guard decision.rulesVersion != detection.rulesVersion else {
            self = .nothing(reason: detection.reason)
            return
        }
        switch decision.outcome {
        case .recorded:
            self = .nothing(reason: decision.reason)
        case .grouped:
            if let joined = decision.joins { self = .joins(joined) } else { self = .nothing(reason: decision.reason) }
        case .raised:
            let recurrence = try reader.recurrence(
                asset: place.asset, defectClass: kept.defect.defectClass, before: kept.detectedAt, days: 30)
            self = .raises(
                WorkOrder(
                    reference: reference, detection: kept, decision: decision, inspection: inspection,
                    picture: try record.picture.flatMap { try reader.picture($0) }, recurrence: recurrence,
                    timeZone: current.plant.timeZone, raisedAt: now, originTag: current.originTag,
                    link: current.publicURL.map { "\($0)/orders/\(reference)" }))
        }
    }
}
