import AndonFloor
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("What the store counts for who sees some assets alone")
struct SiteStoreTests {
    private static let hidden: Set<String> = ["MILL-03"]

    @Test("Alarms of orders and charts elsewhere are not shown, and those of the server are")
    func alarms() async throws {
        let bench = try NowBench()
        let here = try #require(try await bench.report("h", asset: "PRESS-07", .raised).first)
        let there = try #require(try await bench.report("t", asset: "MILL-03", .raised).first)
        let streams: [(chart: String, stratum: String, asset: String?)] = [
            ("width", "asset=PRESS-07", "PRESS-07"), ("width (mm)", "asset=MILL-03", "MILL-03"),
            ("width", "shift=A", nil),
            ("all", "", nil),
        ]
        let names = streams.map { stream -> String in
            stream.stratum.isEmpty ? stream.chart : "\(stream.chart) (\(stream.stratum))"
        }
        let subjects: [String] = [here.text, there.text, "desk", "account/2"] + names
        try await bench.store.write { transaction in
            for stream in streams {
                try transaction.put(
                    ChartStreamRecord(
                        chart: stream.chart, stratum: stream.stratum, definition: "d", points: 1, state: "{}",
                        filling: "{}", asset: stream.asset))
            }
            for subject in subjects { try transaction.alarm("test", subject: subject, "look at \(subject)") }
        }
        let shown = try await bench.store.read { try $0.shownAlarms(hiding: Self.hidden).map(\.subject) }
        #expect(Set(shown) == [here.text, "desk", "account/2", "width (asset=PRESS-07)"], "\(shown)")
        let all = try await bench.store.read { try $0.shownAlarms(hiding: []).map(\.subject) }
        #expect(all == Array(subjects.reversed()))
        try bench.store.close()
    }

    @Test("What waits, was tried and is dead at a connector is counted without orders elsewhere")
    func queues() async throws {
        let bench = try NowBench()
        for number in 0..<3 { try await bench.report("t\(number)", asset: "MILL-03", .raised) }
        try await bench.report("h", asset: "PRESS-07", .raised)
        let connector = SampleOrder.make().place.connector
        let (all, here, none) = try await bench.store.read { reader in
            (
                try reader.queueStanding(connector: connector),
                try reader.queueStanding(connector: connector, hiding: Self.hidden),
                try reader.queueStanding(connector: connector, hiding: ["MILL-03", "PRESS-07"])
            )
        }
        #expect(all.waiting == 4 && here.waiting == 1 && none.waiting == 0 && none.oldestAt == nil)
        let (dead, tried) = try await bench.store.read { reader in
            (
                try reader.deadLetters(connector: connector, limit: 10, hiding: Self.hidden),
                try reader.recentAttempts(connector: connector, limit: 10, hiding: Self.hidden)
            )
        }
        #expect(dead.isEmpty && tried.isEmpty)
        try bench.store.close()
    }

    @Test("The OPC UA server shows one plant to all, so roles at single sites open nothing there")
    func floor() {
        #expect(PlantServer.rights([Grant(.administrator, at: "BEDFORD"), Grant(.technician, at: "LEEDS")]) == nil)
        #expect(PlantServer.rights([Grant(.viewer), Grant(.administrator, at: "BEDFORD")]) == [])
        #expect(PlantServer.rights([Grant(.technician)]) == [.acknowledge])
        #expect(PlantServer.rights([Grant(.administrator)]) == Set(FloorRight.allCases))
    }
}
