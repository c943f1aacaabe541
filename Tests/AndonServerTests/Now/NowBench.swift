import AndonLedger
import AndonModel
import AndonTesting
import Foundation

@testable import AndonServer

/// A store that the test fills, and the feed that follows it. Nothing runs by itself: the test says when to look.
final class NowBench: Sendable {
    let folder: TemporaryFolder
    let time = TestTime()
    let store: Store
    let feed: NowFeed

    init(subscribersMax: Int = NowFeed.subscribersMax, queueMax: Int = NowFeed.queueMax) throws {
        folder = try TemporaryFolder("andon-now")
        store = try Store(folder: try TestDatabase.folder(folder.path), time: time)
        feed = NowFeed(store: store, subscribersMax: subscribersMax, queueMax: queueMax)
    }

    /// A report with defects, all of one outcome. Each that raises has an order of its own.
    ///
    /// - Returns: the orders that were raised.
    @discardableResult
    func report(
        _ id: String, asset: String = "PRESS-07", defects: [Defect] = [Defect(defectClass: "scratch")],
        _ outcome: Outcome = .recorded
    ) async throws -> [Reference] {
        let references = defects.indices.map { Self.reference("\(id)-\($0)") }
        let inspection = Inspection(
            id: id, detectedAt: time.now(), camera: "CAM-01", asset: asset, defects: defects)
        try await store.write { transaction in
            let seq = try transaction.insert(
                inspection, body: ["id": .string(id)], digest: "d", asset: asset, picture: nil, isSkewed: false)
            _ = try transaction.record("test.report", of: id, [:])
            for (ordinal, defect) in defects.enumerated() {
                let detection = Detection(
                    inspectionID: id, ordinal: ordinal, kind: .detection, detectedAt: inspection.detectedAt,
                    receivedAt: transaction.now, camera: inspection.camera, defect: defect,
                    place: Plant(name: "P").place(of: inspection))
                let decision = Self.decision(defect, outcome)
                let reference = outcome == .raised ? references[ordinal] : nil
                if let reference {
                    var order = SampleOrder.make(reference.text)
                    order.place.asset = asset
                    order.raisedAt = transaction.now
                    try transaction.raise(order, policy: QueuePolicy())
                }
                try transaction.insert(
                    detection, inspectionSeq: seq, partsAt: 1, decision: decision, reference: reference)
            }
        }
        return outcome == .raised ? references : []
    }

    private static func decision(_ defect: Defect, _ outcome: Outcome) -> Decision {
        var severity: Double?
        if case .score(let score)? = defect.severity { severity = score }
        return Decision(
            outcome: outcome, kind: .corrective, priority: 2, severity: severity, severityBand: "major",
            criticality: "B", className: defect.defectClass, classKnown: true, route: Route(target: .backlog),
            reason: "test", rule: "test", rulesVersion: 1)
    }

    /// Ten characters that follow from a text.
    private static func reference(_ text: String) -> Reference {
        let name = "R\(Hex.sha256(Array(text.utf8)).uppercased().prefix(9))"
        return Reference(name) ?? Reference(from: SeededSource(seed: 1))
    }

    func acknowledge(_ reference: Reference) async throws {
        try await store.write { transaction in
            try transaction.acknowledge(reference, Receipt(remoteID: "1", number: "WO-\(reference)"))
            _ = try transaction.record("test.acknowledged", of: reference.text, [:])
        }
    }

    func head() async throws -> NowPlace { try await store.read { try NowPlace($0) } }

    func subscribe(from place: NowPlace? = nil) async throws -> NowFeed.Subscription? {
        guard case .following(let subscription) = try await feed.subscribe(from: place) else { return nil }
        return subscription
    }

    /// What waits in a queue that has ended.
    static func drain(_ subscription: NowFeed.Subscription) async -> [NowFeed.Message] {
        var found: [NowFeed.Message] = []
        for await message in subscription.messages { found.append(message) }
        return found
    }
}

/// A browser: what it was told, as far as it arrived.
struct NowClient {
    private(set) var place: NowPlace
    /// Rows of the detections that a stream brought, in the order of arrival.
    private(set) var told: [Int64] = []
    /// Rows that were on a page that it read.
    private(set) var read: Set<Int64> = []
    private(set) var deliveries: [Reference: Delivery] = [:]

    enum Step {
        case detection(ShownDetection, NowPlace)
        case order(ShownOrder)
        case place(NowPlace)
    }

    init(place: NowPlace) { self.place = place }

    /// The events of a stream, as the teller makes them of changes.
    static func steps(_ changes: [NowChange], from place: NowPlace) -> [Step] {
        var progress = NowProgress(place: place)
        var steps: [Step] = []
        for change in changes {
            steps += progress.take(change).map { Step.detection($0.detection, $0.place) }
            steps += change.orders.map { Step.order($0) }
            steps.append(.place(progress.place))
        }
        return steps
    }

    mutating func take(_ step: Step) {
        switch step {
        case .detection(let detection, let place):
            told.append(detection.row)
            if let order = detection.order { deliveries[order.reference] = order.delivery }
            self.place = place
        case .order(let order):
            if deliveries[order.reference] != nil { deliveries[order.reference] = order.delivery }
        case .place(let place): self.place = place
        }
    }

    /// Loads the page: all that there is.
    mutating func load(_ detections: [ShownDetection], at place: NowPlace) {
        for detection in detections {
            read.insert(detection.row)
            if let order = detection.order { deliveries[order.reference] = order.delivery }
        }
        self.place = place
    }
}
