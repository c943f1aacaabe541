import AndonDecide
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonServer
import AndonTesting
import Foundation

/// A past made by the real intake in a real store: random reports, counts, closures and re-openings.
struct LivePast {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-past-\(UUID().uuidString)").path
    let store: Store
    let time = TestTime(.noon)
    let rules: Rules
    let plant: Plant
    private let accept: AcceptStep

    static let shifts: OnCallSchedule.Shift = .init(name: "day", from: 360, to: 1080, assignee: "TECH-1")

    init(_ rules: Rules) throws {
        self.rules = rules
        plant = Plant(
            name: "P", timeZone: "Europe/Berlin",
            assets: [
                "A1": Asset(id: "A1", type: "t1", group: "g1", criticality: "A"),
                "A2": Asset(id: "A2", type: "t2", group: "g1", criticality: "C"),
                "A3": Asset(id: "A3", type: "t1", criticality: "Z"),
            ],
            cameras: ["CAM-1": Camera(id: "CAM-1", asset: "A1", zone: "Z1"), "CAM-2": Camera(id: "CAM-2", asset: "A2")])
        store = try Store(folder: try TestDatabase.folder(folder), time: time)
        let force = InForce(
            plant: plant, rules: rules, queues: [:], originTag: nil, publicURL: nil, clockSkewMax: .seconds(1 << 40),
            charts: rules.charts.map { Charted($0, definition: Hex.sha256($0.definition.canonicalBytes)) },
            shift: { rules.routing.schedule.duty(at: $0)?.shift })
        accept = AcceptStep(store: store, random: SystemRandom(), inForce: { force })
    }

    /// - Parameters:
    ///   - steps: reports, counts and changes of orders together.
    ///   - tag: makes the ids of one call others than those of the next.
    func live(_ steps: Int, _ random: inout Seeded, tag: Int64 = 0) async throws {
        for step in 0..<steps {
            if random.chance(0.6) { time.advance(by: .seconds(Int.random(in: 0...4, using: &random) * 300)) }
            if random.chance(0.25) {
                try await change(&random)
            } else if random.chance(0.15) {
                let frames = (0..<2).map { _ in
                    FrameCount(
                        camera: random.one(of: ["CAM-1", "CAM-2", "CAM-9"]), from: time.now() - .seconds(600),
                        to: time.now(), inspected: Int.random(in: 1...40, using: &random))
                }
                _ = try await accept.accept(FrameCountBatch(id: "f-\(tag)-\(step)", frames: frames))
            } else {
                _ = try await accept.accept(report("r-\(tag)-\(step)", &random), picture: nil)
            }
        }
        time.advance(by: .seconds(1))
    }

    private func report(_ id: String, _ random: inout Seeded) -> Inspection {
        // Most come at once, some late, and a few from a clock that is ahead: all on whole spans, so that edges are met.
        var late = random.chance(0.8) ? 0 : Int.random(in: -2...12, using: &random) * 300
        if random.chance(0.05) { late = random.one(of: [-1, 1]) * Int.random(in: 10...60, using: &random) * 300 }
        let defects = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            Defect(
                defectClass: random.one(of: Seeded.classes + ["never seen"]),
                confidence: random.maybe(0.8) { $0.tenth() },
                severity: random.maybe(0.8) {
                    $0.chance(0.7) ? .score($0.tenth()) : .name($0.one(of: ["major", "MINOR", "odd"]))
                })
        }
        return Inspection(
            id: id, detectedAt: time.now() - .seconds(late), camera: random.one(of: ["CAM-1", "CAM-2", "CAM-9"]),
            zone: random.maybe(0.2) { $0.one(of: ["Z1", "Z2"]) },
            asset: random.maybe(0.4) { $0.one(of: Seeded.assets) },
            inspected: Int.random(in: 1...3, using: &random), defects: defects)
    }

    private func change(_ random: inout Seeded) async throws {
        let orders = try await store.read { try $0.orders(limit: 12) }
        guard !orders.isEmpty else { return }
        let order = random.one(of: orders)
        let state = random.one(of: OrderState.allCases)
        let closure = random.maybe(0.5) { random in
            Closure(
                closedAt: random.maybe(0.5) { _ in time.now() - .seconds(300) },
                verdict: random.one(of: [.confirmed, .falseAlarm, .wrongClass]))
        }
        let remote = RemoteOrder(
            remoteID: order.reference.text, reference: order.reference, state: state, vendorState: state.rawValue,
            closure: closure)
        _ = try await store.write { try $0.apply(remote, to: order) }
    }

    func end() throws {
        try store.close()
        try FileManager.default.removeItem(atPath: folder)
    }
}
