import AndonConfiguration
import AndonDraw
import AndonModel
import AndonTesting
import Testing

@testable import AndonServer

/// What is drawn becomes a section of the settings, and is read again by the same reader as the file.
@Suite("Drawn zones as settings")
struct MapSectionsTests {
    private static let yaml = """
        plant:
          name: P
          floorPlans: { hall: { file: hall.svg }, loft: { file: hall.svg, units: shares } }
          assets: [{ id: PRESS }, { id: MILL }, { id: RACK }]
          zones:
            - { id: Z1, name: Press hall, plan: hall, box: [100, 50, 100, 100], assets: [RACK] }
            - { id: Z2, plan: loft, box: [0.5, 0.5, 0.25, 0.25], cameras: [C3] }
            - { id: Z3 }
          cameras:
            - { id: C1, asset: PRESS, zone: Z1, at: [150, 100] }
            - { id: C2, asset: MILL, zone: Z3 }
            - { id: C3, asset: MILL }
        rules:
          classes: { scratch: {} }
          charts: { all: { kind: c, classes: [scratch], subgroup: { parts: 1 }, zones: [Z3] } }

        """
    private static let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='100 50 400 200'/>"

    private static func load(_ sections: [SettingsSection] = []) throws -> Configuration {
        try Configuration.load(
            yaml: yaml, files: { $0.hasPrefix("hall.svg") || $0.hasPrefix("uploaded:") ? svg : nil },
            sections: { _ in sections })
    }

    private static func sections(_ configuration: Configuration) -> MapSections {
        MapSections(
            plant: configuration.plant, sheets: PlanSheets().sheets(of: configuration.plant.floorPlans),
            document: configuration.document, charted: ["Z3"])
    }

    private static func drawn(
        _ id: String, _ corners: [(Double, Double)] = [(100, 50), (200, 50), (150, 200)], name: String? = nil,
        assets: [String] = [], cameras: [String] = []
    ) -> DrawnZone {
        DrawnZone(
            id: id, name: name, polygon: PlanPolygon(corners.map { PlanSpot($0.0, $0.1) }), assets: assets,
            cameras: cameras)
    }

    /// The plant after the zones of the hall were saved.
    private static func saved(_ drawn: [DrawnZone], on plan: String = "hall") throws -> Plant {
        let before = try load()
        let document = try sections(before).zones(drawn, on: plan)
        return try load([SettingsSection(name: MapSections.zones, document: document)]).plant
    }

    private static func faults(_ drawn: [DrawnZone]) throws -> [Problem.Fault] {
        let sections = sections(try load())
        let problem = #expect(throws: Problem.self) { try sections.zones(drawn, on: "hall") }
        #expect(problem?.status == 422 && problem?.type == "invalid-zones")
        return problem?.errors ?? []
    }

    @Test("What was drawn is read back as it was drawn, and zones elsewhere stay as they are")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let before = try Self.load().plant
        for round in 0..<40 {
            // Fractions of a unit as a pointer leaves them, and corners on the plan's edge.
            let (x, y) = (Double(random.int(110_000...400_000)) / 1000, Double(random.int(60_000...150_000)) / 1000)
            let corners = [(100.0, 50.0), (x, 50.0), (x, y), (500.0, y), (500.0, 250.0), (100.0, 250.0)]
            let after = try Self.saved([Self.drawn("Z1", corners, name: "Hall", cameras: ["C1"])])
            let outline = try #require(after.zones["Z1"]?.outline)
            #expect(outline.corners.count == 6 && outline.plan == "hall", "seed \(seed), round \(round)")
            for (corner, wanted) in zip(outline.corners, corners) {
                #expect(abs(100 + corner.x * 400 - wanted.0) < 1e-5, "seed \(seed), round \(round)")
                #expect(abs(50 + corner.y * 200 - wanted.1) < 1e-5, "seed \(seed), round \(round)")
            }
            #expect(after.zones["Z1"]?.name == "Hall" && after.zones["Z1"]?.assets == [])
            #expect(after.zones["Z2"] == before.zones["Z2"] && after.zones["Z3"] == before.zones["Z3"])
            #expect(after.cameras["C1"]?.position == before.cameras["C1"]?.position)
        }
    }

    @Test("A zone that was taken away is gone, unless a camera's own entry or a chart names it: then it has no place")
    func takenAway() throws {
        let after = try Self.saved([Self.drawn("Z9", cameras: ["C1"])])
        #expect(after.zones["Z1"] == nil, "its camera went to another zone")
        #expect(after.cameras["C1"]?.zone == "Z9" && after.cameras["C1"]?.position == nil)
        let loft = try Self.saved([], on: "loft")
        #expect(loft.zones["Z2"] == nil && loft.cameras["C3"]?.zone == nil && loft.zones["Z1"]?.outline != nil)
        let drawn = try Self.load([
            SettingsSection(
                name: MapSections.zones,
                document: try Self.sections(Self.load()).zones(
                    [Self.drawn("Z1", cameras: ["C1"]), Self.drawn("Z3", cameras: ["C2"])], on: "hall"))
        ])
        let document = try Self.sections(drawn).zones([Self.drawn("Z1", cameras: ["C1"])], on: "hall")
        let again = try Self.load([SettingsSection(name: MapSections.zones, document: document)]).plant
        #expect(again.zones["Z3"]?.outline == nil && again.zones["Z3"] != nil && again.cameras["C2"]?.zone == "Z3")
    }

    @Test("An asset or a camera of another zone moves along; what a camera says itself is not said twice")
    func moved() throws {
        let after = try Self.saved([
            Self.drawn("Z1", assets: ["PRESS"], cameras: ["C1", "C3"]), Self.drawn("Z5", assets: ["RACK"]),
        ])
        #expect(after.zones["Z1"]?.cameras == ["C3"] && after.cameras["C3"]?.zone == "Z1")
        #expect(after.zones["Z2"]?.cameras == [] && after.cameras["C1"]?.zone == "Z1")
        #expect(after.zone(ofAsset: "RACK") == "Z5" && after.zone(ofAsset: "PRESS") == "Z1")
    }

    @Test("What cannot be is named with its place in what was sent")
    func refused() throws {
        #expect(
            try Self.faults([Self.drawn("Z2", cameras: ["C1"])])
                == [
                    .init(
                        pointer: "/zones/0/id",
                        detail: "the zone Z2 lies on the floor plan loft already; give this one another id")
                ])
        #expect(
            try Self.faults([Self.drawn("Z1")])
                == [
                    .init(
                        pointer: "/zones/0/cameras",
                        detail:
                            "the camera C1 is in the zone Z1 by the plant file; put it into another zone, or change "
                            + "the file")
                ])
        #expect(
            try Self.faults([
                Self.drawn("Z1", assets: ["PRESS", "NONE"], cameras: ["C1"]),
                Self.drawn("Z4", assets: ["PRESS"], cameras: ["C9"]),
            ]).map(\.detail) == [
                "the asset PRESS is in the zone Z1 and in the zone Z4; keep one", "there is no asset NONE",
                "there is no camera C9",
            ])
    }

    @Test("The version of a plan's zones changes with what an editor shows, and with nothing else")
    func versions() throws {
        let first = Self.sections(try Self.load())
        #expect(first.version(of: "hall") == Self.sections(try Self.load()).version(of: "hall"))
        #expect(first.version(of: "hall") != first.version(of: "loft"))
        let document = try first.zones([Self.drawn("Z1", cameras: ["C1", "C3"])], on: "hall")
        let second = Self.sections(try Self.load([SettingsSection(name: MapSections.zones, document: document)]))
        #expect(first.version(of: "hall") != second.version(of: "hall"))
        #expect(first.version(of: "loft") != second.version(of: "loft"), "its camera went away")
    }

    @Test("A new picture of a plan leaves every place where it is, as a share of the plan")
    func replaced() throws {
        let name = String(repeating: "0a", count: 32) + ".svg"
        let before = try Self.load()
        let document = Self.sections(before).adding("hall", file: name)
        #expect(document["hall"]?["uploaded"] == .string(name) && document["hall"]?["frame"] == [100, 50, 400, 200])
        let after = try Self.load([SettingsSection(name: MapSections.floorPlans, document: document)])
        #expect(after.plant.zones["Z1"] == before.plant.zones["Z1"])
        #expect(after.plant.cameras["C1"]?.position == PlanPoint(x: 0.125, y: 0.25))
        // And what is drawn on the new one is written in the old one's units.
        let zones = try Self.sections(after).zones([Self.drawn("Z1", cameras: ["C1"])], on: "hall")
        let both = try Self.load([
            SettingsSection(name: MapSections.floorPlans, document: document),
            SettingsSection(name: MapSections.zones, document: zones),
        ])
        #expect(both.plant.zones["Z1"]?.outline?.corners.first == PlanPoint(x: 0, y: 0))
    }

    @Test("A plan with zones is not removed, one without is")
    func removed() throws {
        let sections = Self.sections(try Self.load())
        let problem = #expect(throws: Problem.self) { try sections.removing("hall") }
        #expect(problem?.status == 409 && problem?.detail.contains("Zones lie on it: Z1.") == true)
        #expect(throws: Problem.self) { try sections.removing("yard") }
        let empty = try Self.load([
            SettingsSection(name: MapSections.zones, document: try sections.zones([], on: "loft"))
        ])
        #expect(try Self.sections(empty).removing("loft").object?.keys.sorted() == ["hall"])
    }
}
