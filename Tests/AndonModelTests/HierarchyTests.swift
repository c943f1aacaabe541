import AndonModel
import Testing

@Suite("What stands below in the plant")
struct HierarchyTests {
    private let plant = Plant(
        name: "P", site: "BEDFORD",
        assets: [
            "PRESS": Asset(id: "PRESS", line: "LINE-1"), "DIE": Asset(id: "DIE", parent: "PRESS"),
            "INSERT": Asset(id: "INSERT", parent: "DIE"), "MILL": Asset(id: "MILL"),
            "OVEN": Asset(id: "OVEN", line: "LINE-2"), "X": Asset(id: "X", parent: "Y"),
            "Y": Asset(id: "Y", parent: "X"),
        ],
        cameras: [
            "C1": Camera(id: "C1", asset: "MILL", zone: "Z1"), "C2": Camera(id: "C2", asset: "OVEN", zone: "Z1"),
            "C3": Camera(id: "C3", zone: "Z1"),
        ],
        zones: ["Z1": Zone(id: "Z1", line: "LINE-1")])

    @Test("Below an asset are its parts and theirs, and nothing beside it")
    func asset() {
        #expect(plant.names(below: "PRESS") == ["PRESS", "DIE", "INSERT"])
        #expect(plant.names(below: "DIE") == ["DIE", "INSERT"])
        #expect(plant.names(below: "INSERT") == ["INSERT"])
        #expect(plant.names(below: "unknown") == ["unknown"])
    }

    @Test("A line has its assets, what its zones' cameras see, and what these report without an asset")
    func line() {
        #expect(plant.names(below: "LINE-1") == ["LINE-1", "PRESS", "DIE", "INSERT", "MILL", "unmapped:C3"])
        #expect(plant.names(below: "LINE-2") == ["LINE-2", "OVEN"], "an asset's own line wins over its camera's zone")
    }

    @Test("The site has everything; circles end")
    func edges() {
        #expect(plant.names(below: "BEDFORD") == nil)
        #expect(plant.names(below: "X") == ["X", "Y"])
    }

    @Test("Every asset is below each of its ancestors, and below nothing else")
    func property() {
        let seed = UInt64.random(in: .min ... .max)
        print("HierarchyTests.property seed \(seed)")
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var parents: [Int: Int] = [:]
        for number in 1..<60 where next(5) > 0 { parents[number] = next(number) }
        let assets = (0..<60).map { Asset(id: "\($0)", parent: parents[$0].map { "\($0)" }) }
        let plant = Plant(name: "P", assets: Dictionary(uniqueKeysWithValues: assets.map { ($0.id, $0) }))
        for number in 0..<60 {
            var ancestors: Set<String> = []
            var at: Int? = number
            while let here = at {
                ancestors.insert("\(here)")
                at = parents[here]
            }
            let above = Set((0..<60).map { "\($0)" }.filter { plant.names(below: $0)?.contains("\(number)") == true })
            #expect(above == ancestors, "seed \(seed)")
        }
    }
}
