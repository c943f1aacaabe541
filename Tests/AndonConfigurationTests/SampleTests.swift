import AndonConfiguration
import AndonDecide
import AndonModel
import Foundation
import Testing

/// The files that ship with the program.
enum Example {
    static var path: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Examples/andon.yaml").path
    }

    static func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

@Suite("The shipped example and the smallest file")
struct SampleTests {
    @Test("The example loads without a fault or a warning")
    func example() throws {
        let found = try Configuration.load(path: Example.path, secrets: .none)
        #expect(found.warnings.isEmpty)
        #expect(
            found.plant.assets.keys.sorted() == ["CAP-04", "COAT-01", "MILL-03", "PRESS-07", "REFLOW-02", "WELD-05"])
        let camera = try #require(found.plant.cameras["CAM-01"])
        #expect(camera.asset == "PRESS-07" && camera.zone == "Z1")
        #expect(camera.position == PlanPoint(x: 110.0 / 800, y: 110.0 / 480))
        #expect(found.plant.zones.values.allSatisfy { $0.outline?.plan == "hall" })
        #expect(found.plant.timeZone == "Europe/Berlin" && found.plant.zones.count == 6)
        #expect(found.rules.classes.count == 9 && found.rules.routing.schedule.shifts.count == 4)
        #expect(found.rules.classes["coating_run"]?.rule.kind == .predictive)
        #expect(found.rules.classes["blister"]?.rule.frequency == Frequency(count: 2, within: .parts(50)))
        #expect(found.connectors.map(\.name) == ["desk"] && found.originTag == "AI vision detection")
    }

    @Test("The example writes the defaults, so that a reader sees them")
    func exampleIsTheDefaults() throws {
        let found = try Configuration.load(path: Example.path, secrets: .none)
        let smallest = try Configuration.load(yaml: "plant: { name: P }\n", secrets: .none)
        #expect(found.rules.bands == smallest.rules.bands)
        #expect(found.rules.criticalities == smallest.rules.criticalities)
        #expect(found.rules.priorities == smallest.rules.priorities)
        #expect(found.connectors.first?.common == smallest.connectors.first?.common)
        #expect(found.network.allowed == smallest.network.allowed)
        #expect(found.server.host == smallest.server.host && found.server.port == smallest.server.port)
        #expect(found.server.dataFolder == smallest.server.dataFolder)
        #expect(found.intake.pictureBytesMax == smallest.intake.pictureBytesMax)
        #expect(found.intake.clockSkewMax == smallest.intake.clockSkewMax)
        #expect(found.evidence == smallest.evidence)
    }

    @Test("A file with the plant's name alone is enough")
    func smallest() throws {
        let found = try Configuration.load(yaml: "plant: { name: P }\n", secrets: .none)
        #expect(found.server.host == "127.0.0.1" && found.server.port == 8080 && found.server.apiKey == nil)
        #expect(found.intake.bodyBytesMax == 1_000_000 && found.intake.lotLookup == nil)
        #expect(found.plant.defaultConnector == "desk" && found.plant.timeZone == "UTC")
        #expect(found.connectors.map(\.type) == ["desk"] && found.connectors.first?.common == ConnectorSettings())
        #expect(found.rules.routing.priorities.isEmpty && found.warnings.isEmpty)
    }

    @Test("The example decides as its comments say")
    func exampleDecides() throws {
        let found = try Configuration.load(path: Example.path, secrets: .none)
        func decide(_ label: String, _ confidence: Double, _ severity: Double, _ camera: String) -> Decision {
            let time = Timestamp(microseconds: 1_795_521_600_000_000)
            let inspection = Inspection(id: "i", detectedAt: time, camera: camera)
            return found.rules.decide(
                Detection(
                    inspectionID: "i", ordinal: 0, kind: .detection, detectedAt: time, receivedAt: time,
                    camera: camera,
                    defect: Defect(defectClass: label, confidence: confidence, severity: .score(severity)),
                    place: found.plant.place(of: inspection)), facts: Facts())
        }
        let press = decide("scratch", 0.78, 0.45, "CAM-01")
        #expect(press.outcome == .raised && press.priority == 2)
        #expect(decide("scratch", 0.84, 0.6, "CAM-02").rule == "classes.scratch.types.mill.minConfidence")
        let bridge = decide("solder_bridge", 0.98, 0.95, "CAM-03")
        #expect(bridge.priority == 1 && bridge.route.target == .onCall && bridge.route.assignee == "TECH-E")
        #expect(decide("coating_run", 0.76, 0.36, "CAM-04").kind == .predictive)
        #expect(decide("dent", 0.62, 0.25, "CAM-01").outcome == .recorded)
        #expect(decide("rust", 0.9, 0.9, "CAM-99").outcome == .raised)
    }
}
