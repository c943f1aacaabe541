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

    @Test("Orders of people are of a time by the account's clock, its first moment in and its last out")
    func oldOrders() async throws {
        let bench = try await EMaintBench()
        let dates = ["2026-11-23T05:59:59", "2026-11-23T06:00:00", "2026-11-24", "2026-11-24T06:00:00"]
        for date in dates { try await order(in: bench, ["ext_ref001": "", "date_wo": .string(date)]) }
        let found = try await listed(bench, "2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z")
        let expected: [Timestamp?] = [Timestamp("2026-11-23T12:00:00Z"), Timestamp("2026-11-24T06:00:00Z")]
        #expect(found.map(\.createdAt) == expected)
        #expect(found.map(\.number) == ["7002", "7003"] && found.allSatisfy { $0.asset == "PRESS-07" })
        try await bench.stop()
    }

    @Test("An order of the hour that the account's clock passes twice is of one time, not of none")
    func oldOrderOfTheHourTwice() async throws {
        let bench = try await EMaintBench()
        try await order(in: bench, ["ext_ref001": "", "date_wo": "2026-11-01T01:30:00"])
        #expect(try await listed(bench, "2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z").count == 1)
        #expect(try await listed(bench, "2026-11-01T07:00:00Z", "2026-11-01T12:00:00Z").isEmpty)
        try await bench.stop()
    }

    @Test("What a PM schedule generated is no order of people; one of ours is told by its reference")
    func scheduledOrders() async throws {
        let bench = try await EMaintBench()
        try await order(in: bench, ["ext_ref001": "", "wo_type": "PM        "])
        try await order(in: bench, ["ext_ref001": "", "wo_type": "EM        "])
        try await order(in: bench, ["wo_type": "PM        "])
        let found = try await listed(bench, "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z")
        #expect(found.map(\.number) == ["7002", "7003"])
        #expect(found.map { $0.remote.reference == nil } == [true, false])
        try await bench.stop()
    }

    @Test("A date that cannot be read, or a column that is not there, is said: no order is missing unseen")
    func unreadableDates() async throws {
        let bench = try await EMaintBench()
        try await order(in: bench, ["ext_ref001": "", "date_wo": "2026-11-23 PM"])
        let error = await #expect(throws: ConnectorError.self) {
            try await listed(bench, "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z")
        }
        #expect(error?.name == "refused" && error?.detail.contains("order 7001") == true)
        try await bench.stop()
        let other = try await EMaintBench(options: ["createdColumn": "made_001"])
        await #expect(throws: ConnectorError.refused("Column made_001 does not exist")) {
            try await listed(other, "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z")
        }
        try await other.stop()
    }

    private func order(in bench: EMaintBench, _ fields: [String: JSON]) async throws {
        let order = SampleOrder.make(Reference.fresh().text)
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.standIn.change(order.reference, fields)
    }

    private func listed(_ bench: EMaintBench, _ first: String, _ last: String) async throws -> [OldOrder] {
        let start = try #require(Timestamp(first))
        let end = try #require(Timestamp(last))
        return try await bench.connector.oldOrders(madeIn: start..<end, page: nil, over: bench.wire).orders
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
