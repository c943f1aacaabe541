import AndonDecide
import AndonLedger
import AndonModel

/// Another interval for a planned task, as a person asks the plant for it. What becomes of it is decided where orders are
/// done; no plan of the CMMS is changed.
public struct MaintenanceProposal: Sendable {
    /// What the ids of proposals begin with, and no sender's may.
    public static let prefix = "learn:"

    public var task: String
    /// The asset that the order is for.
    public var asset: String
    /// The class of its order, which the rules decide by.
    public var orderClass: String
    /// The same for the same advice on the same task.
    public var figures: String
    /// What is advised, in words with its figures.
    public var advice: String
    public var person: String
    public var reason: String
    /// The state that the advice was computed from.
    public var basis: JSON

    public init(
        task: String, asset: String, orderClass: String, figures: String, advice: String, person: String,
        reason: String, basis: JSON
    ) {
        self.task = task
        self.asset = asset
        self.orderClass = orderClass
        self.figures = figures
        self.advice = advice
        self.person = person
        self.reason = reason
        self.basis = basis
    }

    /// One of a task with these figures.
    public var id: String {
        let id = "\(Self.prefix)\(task):\(figures)"
        return id.utf8.count <= 128 ? id : "\(Self.prefix)\(Hex.sha256(Array(id.utf8)))"
    }
}

extension AcceptStep {
    /// Takes a proposal in like a report of its own kind: kept, decided on by the rules, with an order where they say so,
    /// all in one transaction.
    ///
    /// - Returns: the detection with what became of it.
    /// - Throws: `Problem` 409 where the same was proposed before, 422 without a person or a reason.
    public func propose(_ proposal: MaintenanceProposal) async throws -> DetectionRecord {
        guard !proposal.person.isEmpty, !proposal.reason.isEmpty else {
            throw Problem(
                status: 422, type: "unsigned-proposal", title: "Nobody proposes it",
                detail: "Say who proposes it (by) and why (reason).")
        }
        let current = inForce()
        return try await store.write { transaction in
            if let known = try transaction.reader.inspection(proposal.id) {
                throw Self.proposedBefore(known, try transaction.reader.detections(of: known).first?.reference)
            }
            try keep(proposal, current, in: transaction)
            guard let record = try transaction.reader.inspection(proposal.id),
                let detection = try transaction.reader.detections(of: record).first
            else { throw StoreError.inconsistent("the proposal \(proposal.id) was kept and is not there") }
            return detection
        }
    }

    private static func proposedBefore(_ known: InspectionRecord, _ reference: Reference?) -> Problem {
        Problem(
            status: 409, type: "proposed-before", title: "The same was proposed before",
            detail: "This advice was proposed at \(known.receivedAt)"
                + (reference.map { ", and the order \($0) has it." } ?? "; the rules made no order of it.")
                + " Other figures make another proposal.")
    }

    private func keep(_ proposal: MaintenanceProposal, _ current: InForce, in transaction: Transaction) throws {
        let camera = current.plant.cameras.values.filter { $0.asset == proposal.asset }.map(\.id).min()
        let defect = Defect(defectClass: proposal.orderClass)
        let inspection = Inspection(
            id: proposal.id, kind: .threshold, detectedAt: transaction.now, camera: camera ?? "",
            asset: proposal.asset, inspected: 0, defects: [defect],
            attributes: [
                "advice": .string(proposal.advice), "task": .string(proposal.task),
                "proposedBy": .string(proposal.person), "proposedBecause": .string(proposal.reason),
            ])
        let place = current.plant.place(of: inspection)
        // It stands for no part, which a sender's report cannot say.
        let body = JSON.object((InspectionReader.json(of: inspection).object ?? [:]).filter { $0.key != "inspected" })
        let digest = Hex.sha256(body.canonicalBytes)
        let seq = try transaction.insert(
            inspection, body: body, digest: digest, asset: place.asset, picture: nil, isSkewed: false)
        try transaction.record(
            "learn.proposed", of: proposal.id,
            [
                "digest": .string(digest), "asset": .string(place.asset), "task": .string(proposal.task),
                "figures": .string(proposal.figures), "advice": .string(proposal.advice),
                "by": .string(proposal.person), "reason": .string(proposal.reason), "basis": proposal.basis,
            ], names: ["/by"])
        let detection = Detection(
            inspectionID: proposal.id, ordinal: 0, kind: .threshold, detectedAt: transaction.now,
            receivedAt: transaction.now, camera: inspection.camera, defect: defect, place: place, isSignal: true)
        let partsAt = try transaction.countParts(0, asset: place.asset)
        try decide(
            detection, of: inspection, seq: seq, partsAt: partsAt, picture: nil, charts: [], current,
            in: transaction)
    }
}
