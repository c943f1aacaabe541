import AndonDecide
import AndonLedger
import AndonModel

/// Everything that holds while one report is taken in; a hot reload replaces it as a whole.
public struct InForce: Sendable {
    public var plant: Plant
    public var rules: any DecisionMaker
    /// By connector.
    public var queues: [String: QueuePolicy]
    public var originTag: String?
    /// Address under which people reach the server, without a slash at its end.
    public var publicURL: String?
    public var clockSkewMax: Duration
    public var refusesUnknownCameras: Bool
    /// Whether pictures that no order has are not kept at present, because the disk is short of space.
    public var isShortOfSpace: Bool
    public var charts: [Charted]
    /// The name of the shift that a moment belongs to.
    public var shift: @Sendable (Timestamp) -> String?

    public init(
        plant: Plant, rules: any DecisionMaker, queues: [String: QueuePolicy], originTag: String?, publicURL: String?,
        clockSkewMax: Duration = .seconds(300), refusesUnknownCameras: Bool = false, isShortOfSpace: Bool = false,
        charts: [Charted] = [], shift: @escaping @Sendable (Timestamp) -> String? = { _ in nil }
    ) {
        self.isShortOfSpace = isShortOfSpace
        self.charts = charts
        self.shift = shift
        self.plant = plant
        self.rules = rules
        self.queues = queues
        self.originTag = originTag
        self.publicURL = publicURL
        self.clockSkewMax = clockSkewMax
        self.refusesUnknownCameras = refusesUnknownCameras
    }
}

/// The answer to an accepted report.
public struct Accepted: Sendable {
    public var inspection: InspectionRecord
    public var detections: [DetectionRecord]
    /// Whether the report was here before; the answer is then the first one's.
    public var isRepeated: Bool
    /// Whether the bytes of the picture that came with it are to stay.
    public var isPictureKept: Bool
}

/// Takes a report in: event, decisions, orders and their outbox rows become durable in one transaction, so that
/// at every instant each detection has its outcome. Returns only when that transaction is on the disk.
public struct AcceptStep: Sendable {
    let store: Store
    private let random: any RandomSource
    let inForce: @Sendable () -> InForce
    private let lots: LotLookup?
    private let monitors = MonitorCache()

    /// `lots` is asked for the lot of a report that names none.
    public init(
        store: Store, random: any RandomSource, lots: LotLookup? = nil, inForce: @escaping @Sendable () -> InForce
    ) {
        self.store = store
        self.random = random
        self.lots = lots
        self.inForce = inForce
    }

    /// - Parameter picture: its bytes are durable already, unless the disk had no room for them.
    /// - Throws: `Problem` 409 when the id was used for another report, 422 for an unknown camera where the
    ///   configuration says so, 503 when it calls for an order whose picture has no room; `StoreError` when it could
    ///   not be made durable.
    public func accept(
        _ inspection: Inspection, picture: Picture?, hasBytes: Bool = true
    ) async throws -> Accepted {
        let current = inForce()
        try ChartEvent.refuseOurs(inspection.id)
        let body = InspectionReader.json(of: inspection)
        let digest = Hex.sha256(body.canonicalBytes + Array((picture?.sha256 ?? "").utf8))
        let place = current.plant.place(of: inspection)
        if current.refusesUnknownCameras, !place.cameraKnown {
            throw Problem(
                status: 422, type: "unknown-camera", title: "The camera is not in the plant file",
                detail: "This server refuses cameras that it does not know. Add \"\(inspection.camera)\" to cameras in "
                    + "the configuration, or set intake.unknownCamera to accept.",
                errors: [.init(pointer: "/camera", detail: "\"\(inspection.camera)\" is not configured")])
        }
        var kept = inspection
        let lookup = inspection.lot == nil ? await lots?.lot(of: inspection, asset: place.asset) : nil
        if case .found(let lot) = lookup { kept.lot = lot }
        let inspection = kept
        return try await store.write(seesEntries: false) { transaction in
            let seen = try transaction.reader.seen(inspection.id, picture: picture?.sha256)
            if let known = seen.inspection { return try repeated(known, digest: digest, in: transaction) }
            var accepted = try keep(
                inspection, body: body, digest: digest, place: place, picture: picture, lookup: lookup, current,
                in: transaction)
            if let picture, !seen.isPictureKept, current.isShortOfSpace || !hasBytes {
                try doWithout(picture, hasBytes: hasBytes, &accepted, in: transaction)
            }
            return accepted
        }
    }

    private func repeated(_ known: InspectionRecord, digest: String, in transaction: Transaction) throws -> Accepted {
        guard known.digest == digest else {
            throw Problem(
                status: 409, type: "id-in-use", title: "The id belongs to another report",
                detail: "A report with the id \"\(known.id)\" and other content was accepted at \(known.receivedAt). "
                    + "Give each report an id of its own; repeat a report only unchanged.",
                errors: [.init(pointer: "/id", detail: "already used for other content")])
        }
        return Accepted(
            inspection: known, detections: try transaction.reader.detections(of: known), isRepeated: true,
            isPictureKept: try known.picture.map { try transaction.reader.isPictureKept($0) } ?? true)
    }

    /// The disk is short of space: what makes no order goes on without its picture.
    private func doWithout(
        _ picture: Picture, hasBytes: Bool, _ accepted: inout Accepted, in transaction: Transaction
    ) throws {
        if try transaction.doNotKeep(picture, of: accepted.inspection.id) {
            accepted.isPictureKept = false
            accepted.inspection.pictureRemovedAt = transaction.now
        } else if !hasBytes {
            throw Problem(
                status: 503, type: "disk-full", title: "There is no room for the picture of an order",
                detail: "The report calls for an order, and the server's disk is full: its picture could not be kept. "
                    + "Nothing of it was taken. Send it again when there is room.")
        }
    }

    private func keep(
        _ inspection: Inspection, body: JSON, digest: String, place: Place, picture: Picture?,
        lookup: LotLookup.Finding?, _ current: InForce, in transaction: Transaction
    ) throws -> Accepted {
        let skew = transaction.now - inspection.detectedAt
        let isSkewed = skew < .zero - current.clockSkewMax || skew > current.clockSkewMax
        let seq = try transaction.insert(
            inspection, body: body, digest: digest, asset: place.asset, picture: picture, isSkewed: isSkewed)
        try transaction.record(
            "inspection.accepted", of: inspection.id,
            .object(present: [
                "digest": .string(digest), "picture": picture.map { .string($0.sha256) },
                "pictureBytes": picture.map { .integer($0.bytes) }, "camera": .string(inspection.camera),
                "asset": .string(place.asset), "defects": .integer(inspection.defects.count),
                "detectedAt": .time(inspection.detectedAt), "clockSkewed": .bool(isSkewed),
                "lot": inspection.lot.map { .string($0) }, "lotLookup": lookup.map { .string($0.word) },
            ]))
        let partsAt = try transaction.countParts(inspection.inspected, asset: place.asset)
        let folded = try chartStep(current).fold(ChartReport(inspection, at: place), in: transaction)
        let detections = try inspection.defects.enumerated().map { ordinal, defect in
            let detection = Detection(
                inspectionID: inspection.id, ordinal: ordinal, kind: inspection.kind,
                detectedAt: inspection.detectedAt, receivedAt: transaction.now, camera: inspection.camera,
                defect: defect, place: place)
            return try decide(
                detection, of: inspection, seq: seq, partsAt: partsAt, picture: picture,
                charts: folded.positions[ordinal] ?? [], current, in: transaction)
        }
        let cause = ChartCause(inspection: inspection, place: place, partsAt: partsAt)
        try follow(folded, from: cause, current, in: transaction)
        let record = InspectionRecord(
            seq: seq, id: inspection.id, digest: digest, receivedAt: transaction.now,
            detectedAt: inspection.detectedAt, camera: inspection.camera, asset: place.asset, lot: inspection.lot,
            picture: picture?.sha256, isSkewed: isSkewed, body: body)
        return Accepted(inspection: record, detections: detections, isRepeated: false, isPictureKept: true)
    }

    func chartStep(_ current: InForce) -> ChartStep {
        ChartStep(charts: current.charts, shift: current.shift, cache: monitors)
    }

    /// - Returns: the detection as it is kept, with the order that it raised or joined.
    @discardableResult
    func decide(
        _ detection: Detection, of inspection: Inspection, seq: Int64, partsAt: Int64, picture: Picture?,
        charts: [ChartPosition], _ current: InForce, in transaction: Transaction
    ) throws -> DetectionRecord {
        let wanted = current.rules.factsWanted(for: detection)
        var facts = try transaction.reader.facts(wanted, for: detection, partsAt: partsAt)
        facts.charts = charts
        if detection.prediction != nil {
            facts.stops = current.plant.plannedStops(at: detection.place, after: transaction.now)
        }
        let decision = current.rules.decide(detection, facts: facts)
        let queue = current.queues[detection.place.connector] ?? QueuePolicy()
        var reference = decision.joins
        switch decision.outcome {
        case .recorded: reference = nil
        case .grouped:
            if let reference {
                try transaction.group(detection, decision: decision, into: reference, policy: queue)
            }
        case .raised:
            let order = try order(
                for: detection, decision, of: inspection, picture: picture, charts: charts, current, in: transaction)
            reference = order.reference
            try transaction.raise(order, policy: queue)
            try recordRaised(order, for: detection, in: transaction)
        }
        let record = DetectionRecord(detection, decision, reference: reference)
        try transaction.insert(
            detection, inspectionSeq: seq, partsAt: partsAt, decision: decision, reference: reference)
        try transaction.record(
            "detection.decided", of: detection.id,
            .object(present: [
                "charts": charts.isEmpty ? nil : .array(charts.map(\.json)),
                "outcome": .string(decision.outcome.rawValue), "order": reference.map { .string($0.text) },
                "reason": .string(decision.reason), "rule": .string(decision.rule),
                "rulesVersion": .integer(decision.rulesVersion), "priority": .integer(decision.priority),
            ]))
        if let alarm = decision.route.alarm, decision.outcome == .raised, let reference {
            try transaction.alarm("nobody-on-call", subject: reference.text, alarm)
        }
        return record
    }

    private func order(
        for detection: Detection, _ decision: Decision, of inspection: Inspection, picture: Picture?,
        charts: [ChartPosition], _ current: InForce, in transaction: Transaction
    ) throws -> WorkOrder {
        var reference: Reference
        var (isTaken, recurrence) = (true, WorkOrder.Recurrence())
        repeat {
            reference = Reference(from: random)
            (isTaken, recurrence) = try transaction.reader.prospects(
                of: reference, asset: detection.place.asset, defectClass: detection.defect.defectClass,
                before: detection.detectedAt, days: 30)
        } while isTaken
        return WorkOrder(
            reference: reference, detection: detection, decision: decision, inspection: inspection, picture: picture,
            recurrence: recurrence, charts: charts, timeZone: current.plant.timeZone, raisedAt: transaction.now,
            originTag: current.originTag, link: current.publicURL.map { "\($0)/orders/\(reference)" })
    }

    private func recordRaised(_ order: WorkOrder, for detection: Detection, in transaction: Transaction) throws {
        try transaction.record(
            "order.raised", of: order.reference.text,
            [
                "detection": .string(detection.id), "connector": .string(detection.place.connector),
                "kind": .string(order.kind.rawValue), "priority": .integer(order.priority),
                "asset": .string(detection.place.asset), "class": .string(order.defectClass),
                "route": .string(order.route.target.rawValue),
            ])
    }
}
