import AndonConfiguration
import AndonDraw
import AndonLedger
import AndonModel
import AndonTesting
import Testing

@testable import AndonServer

@Suite("What the plant map shows")
struct MapReckoningTests {
    static let svg = Array("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 80 40'/>".utf8)

    static let time = Timestamp(microseconds: 1_800_000_000_000_000)

    /// A press hall that names its camera, a mill whose camera names the zone, a store that names an asset, a zone without a
    /// place, and a machine of the hall on its edge.
    private static func plant(_ changes: (inout Plant) -> Void = { _ in }) -> Plant {
        func outline(_ left: Double, _ right: Double) -> ZoneOutline {
            ZoneOutline(
                plan: "hall",
                corners: [(left, 0.1), (right, 0.1), (right, 0.9), (left, 0.9)].map { PlanPoint(x: $0.0, y: $0.1) })
        }
        var plant = Plant(
            name: "P",
            assets: [
                "PRESS": Asset(id: "PRESS"), "MILL": Asset(id: "MILL"), "RACK": Asset(id: "RACK"),
                "DOOR": Asset(id: "DOOR", parent: "RACK"), "LONE": Asset(id: "LONE"),
            ],
            cameras: [
                "C1": Camera(id: "C1", asset: "PRESS", zone: "Z1"), "C2": Camera(id: "C2", asset: "MILL", zone: "Z2"),
                "C3": Camera(id: "C3", asset: "PRESS", zone: "Z2"),
            ],
            zones: [
                "Z1": Zone(id: "Z1", name: "Press hall", outline: outline(0, 0.3), cameras: ["C1"]),
                "Z2": Zone(id: "Z2", outline: outline(0.3, 0.6)),
                "Z3": Zone(id: "Z3", outline: outline(0.6, 0.9), assets: ["RACK"]), "Z4": Zone(id: "Z4"),
            ], floorPlans: ["hall": PlanFile(bytes: svg)])
        plant.assetZones = ["RACK": "Z3"]
        changes(&plant)
        return plant
    }

    private static func count(
        _ asset: String, zone: String? = nil, priority: Int = 3, _ orders: Int = 1, dead: Int = 0, age: Int64 = 0
    ) -> OpenOrderCount {
        OpenOrderCount(
            asset: asset, zone: zone, priority: priority, orders: orders, dead: dead,
            oldest: Timestamp(microseconds: time.microseconds - age))
    }

    private static func stream(_ asset: String, judged: Bool = true, _ signals: [String] = []) -> StreamStanding {
        StreamStanding(
            chart: "scratches", stratum: "asset=\(asset)", asset: asset, at: time, isJudged: judged, signals: signals)
    }

    private static func map(
        _ orders: [OpenOrderCount] = [], _ streams: [StreamStanding] = [], plant: Plant = Self.plant(),
        sees: (String) -> Bool = { _ in true }
    ) throws -> PlantMap {
        let sheet = try #require(PlanSheet(PlanFile(bytes: svg)))
        let facts = MapFacts(plant: plant, sheets: ["hall": sheet], orders: orders, streams: streams, at: time)
        return PlantMap(facts, sees: sees)
    }

    private static func zone(_ id: String, _ map: PlantMap) throws -> PlantMap.Zone {
        try #require((map.plans.flatMap(\.zones) + map.unplaced).first { $0.id == id })
    }

    @Test("A plan has its zones in its own units, with what is in them; a zone without a place stands apart")
    func plans() throws {
        let map = try Self.map()
        let plan = try #require(map.plans.first)
        #expect(map.plans.count == 1 && plan.name == "hall" && plan.sheet.mediaType == "image/svg+xml")
        #expect(plan.sheet.frame == FloorPlan.Frame(left: 0, top: 0, width: 80, height: 40))
        #expect(plan.zones.map(\.id) == ["Z1", "Z2", "Z3"] && map.unplaced.map(\.id) == ["Z4"])
        let press = try Self.zone("Z1", map)
        #expect(press.polygon?.corners == [PlanSpot(0, 4), PlanSpot(24, 4), PlanSpot(24, 36), PlanSpot(0, 36)])
        #expect(press.label == PlanSpot(12, 20) && press.title == "Press hall (Z1)")
        #expect(press.cameras == ["C1"] && press.assets == [] && press.assetsByCamera == ["PRESS"])
        #expect(try Self.zone("Z2", map).cameras == ["C2", "C3"])
        #expect(try Self.zone("Z2", map).assetsByCamera == ["MILL", "PRESS"])
        #expect(try Self.zone("Z3", map).assets == ["RACK"])
        #expect(press.state == .clear && press.control == .none && map.elsewhere.open == 0)
    }

    @Test("An order belongs to the zone that it was raised for, else to its asset's; none is lost")
    func orders() throws {
        let map = try Self.map([
            Self.count("PRESS", zone: "Z2", priority: 2, 3), Self.count("PRESS", zone: "GONE", priority: 1, age: 9),
            Self.count("PRESS", priority: 4, 2, dead: 1), Self.count("DOOR", priority: 5), Self.count("LONE", 7),
            Self.count("unmapped:C9", priority: 1), Self.count("MILL", zone: "Z4"),
        ])
        let press = try Self.zone("Z1", map)
        #expect(press.orders.counts == [1: 1, 4: 2] && press.orders.open == 3 && press.orders.worst == 1)
        #expect(press.orders.dead == 1 && press.state == .urgent)
        #expect(press.orders.oldest == Timestamp(microseconds: Self.time.microseconds - 9))
        let (mill, store, bare) = (
            try Self.zone("Z2", map), try Self.zone("Z3", map), try Self.zone("Z4", map)
        )
        #expect(mill.orders.counts == [2: 3] && mill.state == .high)
        #expect(store.orders.counts == [5: 1] && store.state == .open, "a part belongs where its machine is")
        #expect(bare.orders.open == 1)
        #expect(map.elsewhere.counts == [1: 1, 3: 7])
    }

    @Test("A zone shows the worst of its assets' charts, and an asset of two zones shows in both")
    func control() throws {
        let map = try Self.map(
            [Self.count("RACK", priority: 3)],
            [
                Self.stream("PRESS"), Self.stream("PRESS", ["beyond3"]), Self.stream("MILL", judged: false),
                Self.stream("RACK"), Self.stream("RACK", judged: false, ["beyond3"]),
            ])
        let press = try Self.zone("Z1", map)
        #expect(press.control == .signalled && press.state == .signalled)
        #expect(
            press.signals
                == [.init(chart: "scratches", stratum: "asset=PRESS", asset: "PRESS", rules: ["beyond3"])])
        #expect(try Self.zone("Z2", map).control == .signalled)
        let store = try Self.zone("Z3", map)
        #expect(store.control == .unjudged && store.signals.isEmpty && store.state == .open)
        #expect(try Self.zone("Z4", map).control == .none)
        let calm = try Self.zone("Z1", Self.map([], [Self.stream("PRESS"), Self.stream("PRESS")]))
        #expect(calm.control == .inControl && calm.state == .clear)
    }

    @Test("What hangs on an asset that somebody may not see is left out for them")
    func sites() throws {
        let map = try Self.map(
            [Self.count("PRESS", priority: 1), Self.count("LONE"), Self.count("RACK")],
            [Self.stream("PRESS", ["beyond3"])], sees: { $0 != "PRESS" && $0 != "LONE" })
        #expect(map.plans.map { $0.zones.map(\.id) } == [["Z2", "Z3"]], "nothing else is in Z1")
        #expect(map.unplaced.map(\.id) == ["Z4"], "an empty zone is everybody's")
        let mill = try Self.zone("Z2", map)
        #expect(mill.cameras == ["C2"] && mill.assetsByCamera == ["MILL"] && mill.control == .none)
        #expect(try Self.zone("Z3", map).orders.open == 1)
        #expect(map.elsewhere.open == 0)
        let none = try Self.map([Self.count("OTHER", zone: "Z1")], sees: { $0 == "OTHER" })
        #expect(none.unplaced.map(\.id) == ["Z4"] && none.plans.isEmpty)
        #expect(none.elsewhere.open == 1, "one's own order is not lost with the zone")
    }

    @Test("Every open order is counted once, whatever the plant looks like")
    func conservation() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let plant = Self.plant { plant in
                for camera in plant.cameras.keys.sorted() where random.chance(50) {
                    plant.cameras[camera]?.zone = random.chance(30) ? nil : random.pick(["Z1", "Z2", "Z3", "Z4"])
                }
                if random.chance(40) { plant.zones["Z2"] = nil }
                if random.chance(40) { plant.assetZones["PRESS"] = "Z4" }
            }
            let counts = (0..<random.int(0...12)).map { _ in
                Self.count(
                    random.pick(["PRESS", "MILL", "RACK", "DOOR", "LONE", "unmapped:C9"]),
                    zone: random.chance(50) ? random.pick(["Z1", "Z2", "Z4", "GONE"]) : nil,
                    priority: random.int(1...5), random.int(1...9))
            }
            let map = try Self.map(counts, plant: plant)
            let zones = map.plans.flatMap(\.zones) + map.unplaced
            let shown = zones.reduce(map.elsewhere.open) { $0 + $1.orders.open }
            #expect(shown == counts.reduce(0) { $0 + $1.orders }, "seed \(seed), round \(round)")
        }
    }
}
