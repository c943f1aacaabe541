import AndonDecide
import AndonLedger
import AndonModel
import AndonSPC

/// The report that completed a subgroup: what the chart says then speaks of its place.
struct ChartCause {
    var inspection: Inspection
    var place: Place
    var partsAt: Int64
}

/// What a chart has to say, as an event like any other: kept, decided on and answered for, with an id that makes it one.
struct ChartEvent {
    var id: String
    var ledgerKind: String
    var label: String
    var measurement: Measurement
    var at: Timestamp
    var chart: Chart
    var position: ChartPosition
    var prediction: Prediction?

    /// What the ids begin with, and no sender's may.
    static let prefixes = ["spc:", "trend:", MaintenanceProposal.prefix]

    static func isOurs(_ id: String) -> Bool { prefixes.contains(where: id.hasPrefix) }

    static func refuseOurs(_ id: String) throws {
        guard let prefix = prefixes.first(where: id.hasPrefix) else { return }
        throw Problem(
            status: 422, type: "reserved-id", title: "The id is one of ours",
            detail:
                "Ids that begin with \(prefix) name what the control charts say, or a proposal. Begin with another word.",
            errors: [.init(pointer: "/id", detail: "begins with \(prefix)")])
    }

    private static func id(_ prefix: String, _ name: String, _ point: Int) -> String {
        let id = "\(prefix)\(name):\(point)"
        return id.utf8.count <= 128 ? id : "\(prefix)\(Hex.sha256(Array(id.utf8)))"
    }

    /// Nil where the chart reports no signals.
    init?(_ signal: Folded.Signal) {
        guard let label = signal.chart.signalClass, let plotted = signal.point.plotted else { return nil }
        id = Self.id("spc:", signal.position.name, signal.point.number)
        ledgerKind = "chart.signal"
        self.label = label
        measurement = Measurement(
            name: signal.chart.name, value: plotted.value, limit: plotted.z < 0 ? plotted.lower : plotted.upper)
        at = Timestamp(microseconds: signal.point.at)
        chart = signal.chart
        position = signal.position
    }

    init(_ trending: Folded.Trending, _ prediction: Prediction) {
        id = Self.id("trend:", prediction.name, prediction.point)
        ledgerKind = "chart.trend"
        label = trending.trend.orderClass
        measurement = Measurement(
            name: trending.chart.name, value: prediction.level ?? 0, limit: prediction.threshold)
        at = Timestamp(microseconds: trending.point.at)
        chart = trending.chart
        position = trending.position
        self.prediction = prediction
    }
}

extension AcceptStep {
    /// What the charts have to say of a report.
    func follow(
        _ folded: Folded, from cause: ChartCause, _ current: InForce, in transaction: Transaction
    ) throws {
        for event in folded.signals.compactMap(ChartEvent.init) {
            try report(event, from: cause, current, in: transaction)
        }
        for trending in folded.trends { try follow(trending, from: cause, current, in: transaction) }
    }

    /// - Returns: the order that it raised or joined.
    @discardableResult
    func report(
        _ event: ChartEvent, from cause: ChartCause, _ current: InForce, in transaction: Transaction
    ) throws -> Reference? {
        let place = cause.place
        let picture = try transaction.reader.newestPicture(asset: place.asset, classes: event.chart.classes)
            .flatMap { try transaction.reader.picture($0) }
        let defect = Defect(defectClass: event.label, measurement: event.measurement)
        let from = cause.inspection
        let inspection = Inspection(
            id: event.id, kind: .threshold, detectedAt: event.at, camera: from.camera, zone: from.zone,
            asset: from.asset, lot: from.lot, model: from.model, inspected: 0, defects: [defect])
        // It stands for no part, which a sender's report cannot say.
        let body = JSON.object((InspectionReader.json(of: inspection).object ?? [:]).filter { $0.key != "inspected" })
        let digest = Hex.sha256(body.canonicalBytes)
        let seq = try transaction.insert(
            inspection, body: body, digest: digest, asset: place.asset, picture: picture, isSkewed: false)
        try transaction.record(
            event.ledgerKind, of: event.id,
            .object(present: [
                "digest": .string(digest), "asset": .string(place.asset), "position": event.position.json,
                "prediction": event.prediction?.json, "completedBy": .string(from.id),
                "picture": picture.map { .string($0.sha256) },
            ]))
        let detection = Detection(
            inspectionID: event.id, ordinal: 0, kind: .threshold, detectedAt: event.at, receivedAt: transaction.now,
            camera: from.camera, defect: defect, place: place, isSignal: true, prediction: event.prediction)
        return try decide(
            detection, of: inspection, seq: seq, partsAt: cause.partsAt, picture: picture, charts: [event.position],
            current, in: transaction
        ).reference
    }

    /// Good parts move the charts as bad ones do, and may complete the subgroup that signals.
    func fold(_ count: FrameCount, _ current: InForce, in transaction: Transaction) throws {
        let stand = Inspection(id: "frames", detectedAt: count.from, camera: count.camera, lot: count.lot)
        let place = current.plant.place(of: stand)
        let folded = try chartStep(current).fold(ChartReport(count, at: place), in: transaction)
        guard !folded.signals.isEmpty || !folded.trends.isEmpty else { return }
        let partsAt = try transaction.countParts(0, asset: place.asset)
        let cause = ChartCause(inspection: stand, place: place, partsAt: partsAt)
        try follow(folded, from: cause, current, in: transaction)
    }
}
