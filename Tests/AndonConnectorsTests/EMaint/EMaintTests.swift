import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonConnectors

@Suite("eMaint")
struct EMaintTests {
    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await EMaintBench(tables: ["fields": ["sched_001": "{plannedAtAccount}"]])
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("Without a column for it no date is promised to move, and a move is refused")
    func withoutColumn() async throws {
        let bench = try await EMaintBench()
        #expect(!bench.connector.traits.reschedules)
        try await Contract(bench: bench).movesThePlannedDate()
        try await bench.stop()
    }

    @Test("On a bad day every order is there once, with its note once and its picture at least once")
    func once() async throws {
        let bench = try await EMaintBench()
        try await OnceOnly(bench: bench).storm(orders: 30, copiesOfPictures: 20)
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form, in the account's own time")
    func fields() async throws {
        let bench = try await EMaintBench(
            tables: ["priorities": ["1": "1"], "fields": ["lot_001": "{lot}"]])
        let order = SampleOrder.make(kind: .predictive)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let row = try #require(bench.standIn.orders(order.reference).first)
        let expected: [String: JSON] = [
            "compid": "PRESS-07", "wo_type": "PDM", "priority": "1", "date_wo": "2026-11-23T15:09:00",
            "ext_ref001": "A7K2M9QX3F", "origin001": "AI-VISION", "lot_001": "L-0815",
        ]
        for (name, value) in expected { #expect(row[name] == value, "\(name)") }
        #expect(row["brief_desc"]?.string?.hasPrefix("AI vision: Predicted: Scratch on PRESS-07") == true)
        #expect(row["brief_desc"]?.string.map { $0.count <= 60 } == true && receipt.number == "7001")
        #expect(bench.standIn.logins == 1)
        try await bench.stop()
    }

    @Test("A refusal is one with status 400 and with status 200, in eMaint's words")
    func refusals() async throws {
        for with200 in [false, true] {
            var setup = EMaintStandIn.Setup()
            setup.refusesWith200 = with200
            let bench = try await EMaintBench(setup: setup)
            var order = SampleOrder.make()
            order.orderType = "XX"
            let error = await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(order), over: bench.wire)
            }
            #expect(error == .refused("wo_type: XX is not in the list"))
            try await bench.stop()
        }
        var setup = EMaintStandIn.Setup()
        setup.password = "another"
        let wrong = try await EMaintBench(setup: setup)
        let error = await #expect(throws: ConnectorError.self) {
            try await wrong.connector.perform(.create(SampleOrder.make()), over: wrong.wire)
        }
        #expect(error == .unauthorized("eMaint refuses the user or token: Login failed"))
        try await wrong.stop()
    }

    @Test("A query that fails with status 200 is not an empty list")
    func failedQuery() async throws {
        let bench = try await EMaintBench()
        let order = SampleOrder.make()
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        for body in [#"{"valid":true,"message":""}"#, #"{"valid":"false","message":"busy"}"#, "<xml/>"] {
            bench.faults.queue(.answer(status: 200, body: body))
            await #expect(throws: ConnectorError.self, "\(body)") {
                try await bench.connector.find(.create(order), over: bench.wire)
            }
        }
        try await bench.stop()
    }

    @Test(
        "The account's clock is read back, over its change too",
        arguments: [
            "2026-11-23T15:09:00", "2026-07-01T00:00:00", "2026-11-01T00:30:00", "2026-11-01T03:30:00",
            "2026-03-08T03:00:00",
        ])
    func clock(text: String) throws {
        let clock = LocalTime(zone: try #require(TimeZone(identifier: "America/Chicago")))
        let time = try #require(clock.time(text))
        #expect(clock.text(time) == text)
        #expect(clock.time("no time") == nil)
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(members, tables: tables)
            _ = EMaintConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        let secret = ["password": ["env": "KEY"]]
        let right = ["url": "https://x46.emaint.com", "user": "u"]
        #expect(faults(right, secret).isEmpty)
        #expect(faults([:], [:]).count == 3)
        #expect(faults(right.merging(["timeZone": "Mars"]) { $1 }, secret).count == 1)
        for (table, rows) in [("priorities", ["x": "1"]), ("states", ["X": "gone"]), ("fields", ["ext_ref001": ""])] {
            #expect(faults(right, secret.merging([table: rows]) { $1 }).count == 1, "\(table)")
        }
    }
}
