import AndonConfiguration
import AndonDecide
import AndonFloor
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonTesting
import Foundation
import Testing

/// Intake over a real store with a clock that the test moves, and a CMMS that the test plays.
final class Floor: Sendable {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-floor-\(UUID().uuidString)").path
    let time = TestTime()
    let store: Store
    let accept: AcceptStep
    let configuration: Configuration
    let view: FloorView
    static let queue = QueuePolicy(noteEvery: .zero)

    static let yaml = """
        plant:
          name: Plant
          site: BEDFORD
          defaultConnector: desk
          assets:
            - { id: PRESS-07, name: Stamping press 7, criticality: A, line: LINE-1, station: ST-10 }
            - { id: DIE-71, parent: PRESS-07 }
            - { id: MILL-03, criticality: B, line: LINE-1 }
            - { id: OVEN.2, criticality: C }
          zones: [{ id: Z1, name: Press hall }]
          cameras:
            - { id: CAM-1, asset: PRESS-07, zone: Z1 }
            - { id: CAM-2, asset: MILL-03 }
            - { id: CAM-3, asset: OVEN.2 }
            - { id: CAM-4, asset: DIE-71 }
        connectors: { desk: {} }
        rules:
          defaults: { minSeverity: 0.3, minConfidence: 0.5 }
          charts:
            scratches:
              kind: c
              classes: [scratch]
              by: [asset]
              subgroup: { parts: 5 }
              limits: { centre: 1 }
              signal: drift
          classes:
            scratch: {}
            dent: {}
            chip: { minSeverity: 0.6 }
            drift: { minSeverity: 0 }

        """

    init(_ more: String = "") throws {
        configuration = try Configuration.load(yaml: Self.yaml + more)
        store = try Store(folder: try TestDatabase.folder(folder), time: time)
        let charted = configuration.rules.charts.map {
            Charted($0, definition: Hex.sha256($0.definition.canonicalBytes))
        }
        let force = InForce(
            plant: configuration.plant, rules: configuration.rules, queues: ["desk": Self.queue], originTag: nil,
            publicURL: nil, charts: charted)
        accept = AcceptStep(store: store, random: SystemRandom(), inForce: { force })
        view = FloorView(
            plant: configuration.plant,
            charts: configuration.rules.charts.map { chart in
                ShownChart(name: chart.name, plotted: { chart.value(of: $0)?.value })
            }, connectors: [ShownConnector(name: "desk", system: "Desk")], ordersShown: 5,
            publicURL: "http://andon.plant.example")
    }

    func report(
        _ id: String, camera: String = "CAM-1", _ classes: [String] = ["scratch"], severity: Double? = 0.8,
        confidence: Double? = 0.9, age: Duration = .zero, lot: String? = nil
    ) async throws {
        let defects = classes.map {
            Defect(defectClass: $0, confidence: confidence, severity: severity.map { .score($0) })
        }
        _ = try await accept.accept(
            Inspection(id: id, detectedAt: time.now() - age, camera: camera, lot: lot, defects: defects), picture: nil)
    }

    func acknowledge(_ reference: Reference, number: String) async throws {
        try await store.write { transaction in
            try transaction.acknowledge(
                reference, Receipt(remoteID: number, number: number, link: nil))
            try transaction.record("order.acknowledged", of: reference.text, ["number": .string(number)])
        }
    }

    func become(_ state: OrderState, _ reference: Reference) async throws {
        try await store.write { transaction in
            guard let order = try transaction.reader.order(reference) else { return }
            try transaction.apply(
                RemoteOrder(
                    remoteID: order.remoteID ?? reference.text, reference: reference, state: state,
                    vendorState: state.rawValue), to: order)
        }
    }

    func read() async throws -> FloorReading {
        let (view, now) = (view, time.now())
        return try await store.read { try FloorReading($0, view, now: now) }
    }

    func advance(_ reading: FloorReading) async throws -> (FloorReading, FloorChanges) {
        let (view, now) = (view, time.now())
        return try await store.read { reader in
            var next = reading
            let changes = try next.advance(reader, view, now: now)
            return (next, changes)
        }
    }

    func end() throws {
        try store.close()
        try FileManager.default.removeItem(atPath: folder)
    }
}
