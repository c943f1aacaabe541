import AndonFloor
import AndonLedger
import AndonModel
import AndonTesting
import Testing
import UACodec
import UAServer

@Suite("What Andon shows over OPC UA")
struct SpaceTests {
    private static func watch(_ floor: Floor, days: Int? = 400) -> FloorWatch {
        FloorWatch(store: floor.store, view: { [view = floor.view] in view }, certificateDays: { days })
    }

    @Test("Nodes are below what they belong to, in the plant's own hierarchy, and are called the same wherever that is")
    func hierarchy() async throws {
        let floor = try Floor()
        let nodes = try await Self.watch(floor).look().nodes
        var parents: [String: String] = [:]
        for node in nodes {
            #expect(
                node.parent == nil || parents[node.parent ?? ""] != nil, "\(node.id) comes before \(node.parent ?? "")")
            #expect(parents.updateValue(node.parent ?? "", forKey: node.id) == nil, "\(node.id) is there twice")
        }
        #expect(parents["Assets.PRESS-07"] == "Stations.LINE-1.ST-10" && parents["Assets.DIE-71"] == "Assets.PRESS-07")
        #expect(parents["Assets.MILL-03"] == "Lines.LINE-1" && parents["Assets.OVEN%2E2"] == "Sites.BEDFORD")
        #expect(parents["Stations.LINE-1.ST-10"] == "Lines.LINE-1" && parents["Lines.LINE-1"] == "Sites.BEDFORD")

        var moved = floor.view
        moved.plant.assets["PRESS-07"]?.line = "LINE-9"
        let ids = Set(FloorNodes(moved).all(PlantSnapshot(at: floor.time.now())).map(\.id))
        #expect(ids.contains("Assets.PRESS-07.LastDetection.Class") && ids.contains("Lines.LINE-9"))
        try floor.end()
    }

    @Test("Every variable has a value, and every value a variable")
    func whole() async throws {
        let floor = try Floor()
        for number in 0..<6 { try await floor.report("r\(number)") }
        let update = try await Self.watch(floor).look()
        let variables = update.nodes.flatMap { node -> [String] in
            switch node.kind {
            case .variable: [node.id]
            case .analog: [node.id, node.id + ".EURange"]
            case .folder, .object: []
            }
        }
        #expect(Set(variables) == Set(update.values.map(\.id)))
        #expect(update.values.contains { $0.id == "Assets.PRESS-07.Spc.scratches.Ucl" })
        try floor.end()
    }

    @Test(
        "An alarm is active while its order is open, is to be acknowledged anew for another, and stays so after a restart"
    )
    func alarms() async throws {
        let floor = try Floor()
        let watch = Self.watch(floor)
        let key = AlarmKey(.workOrderOpen, "PRESS-07")
        let calm = try await watch.look().alarms.first { $0.key == key }
        #expect(calm?.standing.isActive == false)
        try await floor.report("a", ["dent"])
        let first = try #require(try await watch.look().alarms.first { $0.key == key })
        let reference = try #require(first.standing.reference)
        #expect(first.standing.isActive && !first.isFurther && first.standing.message.contains(reference.text))
        try await watch.record("acknowledged", key, by: "E. Weber", from: "10.0.0.7", comment: "seen")
        // The CMMS's number comes into the words, and is no further reason.
        try await floor.acknowledge(reference, number: "4711")
        let named = try #require(try await watch.look().alarms.first { $0.key == key })
        #expect(!named.isFurther && named.standing.message.contains("4711"))
        let again = try #require(try await Self.watch(floor).look().alarms.first { $0.key == key })
        #expect(again.acknowledged?.user == "E. Weber" && again.acknowledged?.comment == "seen")

        try await floor.report("b", ["chip"])
        let further = try #require(try await watch.look().alarms.first { $0.key == key })
        #expect(further.isFurther && further.standing.isActive)
        let restarted = try #require(try await Self.watch(floor).look().alarms.first { $0.key == key })
        #expect(restarted.acknowledged == nil)
        for order in try await floor.store.read({ try $0.openOrderLines() }) {
            try await floor.become(.closed, order.reference)
        }
        let over = try #require(try await watch.look().alarms.first { $0.key == key })
        #expect(!over.standing.isActive)
        try floor.end()
    }

    @Test(
        "The own certificate's end is an alarm from thirty days before on",
        arguments: [(29, true), (30, false), (-1, true)])
    func certificate(days: Int, isActive: Bool) async throws {
        let floor = try Floor()
        let update = try await Self.watch(floor, days: days).look()
        #expect(update.alarms.first { $0.key == AlarmKey(.certificateExpires) }?.standing.isActive == isActive)
        #expect(update.values.first { $0.id == "Andon.CertificateExpires" }?.value.value == Variant(isActive))
        try floor.end()
    }
}
