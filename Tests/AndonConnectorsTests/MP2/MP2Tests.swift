import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Testing

@Suite("MP2 by its database")
struct MP2Tests {
    @Test("It keeps the contract of all connectors, as far as tables can")
    func contract() async throws {
        let bench = try await MP2Bench()
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("On a real PostgreSQL, whose driver tells errors apart, it keeps the contract as well")
    func postgres() async throws {
        for way in [MP2Bench.Way.orders, .requests] {
            let bench = try await MP2Bench(way, in: try RealPostgres())
            try await Contract(bench: bench).all()
            try await OnceOnly(bench: bench).storm(orders: 20)
            try await bench.stop()
        }
    }

    @Test("As work requests it keeps the contract, and on a bad day every request is there once")
    func requests() async throws {
        let bench = try await MP2Bench(.requests)
        try await Contract(bench: bench).all()
        try await bench.stop()
        let other = try await MP2Bench(.requests)
        try await OnceOnly(bench: other).storm(orders: 40)
        try await other.stop()
    }

    @Test("A request is followed through the planner's hands: it waits, becomes an order of another number, is closed")
    func released() async throws {
        let bench = try await MP2Bench(.requests)
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(receipt.remoteID == "AV" + order.reference.text.suffix(8) && receipt.number == receipt.remoteID)
        let head = try #require(bench.rows("WOREQ", order.reference).first)
        #expect(head["REQUESTEDBY"] == "AI VISION" && head["WOTYPE"] == "VISION")
        #expect(head["DATERELEASED"]?.string?.hasPrefix("1900-01-01") == true)
        #expect(bench.rows("WOREQLI", order.reference).first?["DESCRIPTION"] == "Stamping press 7")
        let waiting = try await bench.connector.read(receipt.remoteID, over: bench.wire)
        #expect(waiting?.state == .open && waiting?.vendorState == "request waits for a planner")
        #expect(waiting?.reference == order.reference)
        let number = bench.release(order.reference)
        let found = try await bench.connector.find(.create(order), over: bench.wire)
        #expect(found == [Receipt(remoteID: receipt.remoteID, number: number)])
        let open = try #require(try await bench.connector.read(receipt.remoteID, over: bench.wire))
        #expect(open.remoteID == receipt.remoteID && open.state == .open && open.vendorState == "O")
        let changes = try await bench.connector.changes(after: nil, over: bench.wire)
        #expect(changes.orders.map(\.remoteID) == [receipt.remoteID])
        #expect(try await bench.connector.changes(after: changes.cursor, over: bench.wire).orders.isEmpty)
        try await bench.stop()
    }

    @Test("On a bad day every order and picture is there once")
    func once() async throws {
        let bench = try await MP2Bench()
        try await OnceOnly(bench: bench).storm(orders: 40)
        try await bench.stop()
    }

    @Test("Every column of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await MP2Bench(tables: ["fields": ["WOEQLIST.UD1": "{class}"]])
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(receipt.remoteID == "AV" + order.reference.text.suffix(8) && receipt.remoteID.count == 10)
        let head = try #require(bench.rows("WO", order.reference).first)
        let expected: [String: JSON] = [
            "TASKDESC": "AI: Scratch 0.82 PRESS-07 Z3 (major)", "WOTYPE": "VISION", "STATUS": "O",
            "ORIGINATOR": "AI VISION",
        ]
        for (name, value) in expected { #expect(head[name] == value, "\(name)") }
        #expect(head["CLOSEDATE"]?.string?.hasPrefix("1900-01-01 00:00:00") == true)
        #expect(head["REQUESTDATE"]?.string?.hasPrefix("2026-11-23 00:00:00") == true)
        #expect(head["REQUESTTIME"]?.string?.hasPrefix("1900-01-01 22:09:00") == true)
        #expect(head["PRIORITY"]?.string.flatMap { Double($0) } == 1)
        let listed = try #require(bench.rows("WOEQLIST", order.reference).first)
        #expect(listed["LOCATION"] == "BEDFORD" && listed["SUBLOCATION2"] == "ZONE-B" && listed["SUBLOCATION3"] == "")
        #expect(listed["EQDESC"] == "Stamping press 7" && listed["DEPARTMENT"] == "STAMP" && listed["UD1"] == "scratch")
        let text = try #require(bench.rows("WOC", order.reference).first?["TEXTS"]?.string)
        #expect(text.hasPrefix("Ref: A7K2M9QX3F\r\nAI vision detection\r\n") && text.contains("Confidence: 0.94\r\n"))
        try await bench.stop()
    }

    @Test("An order that is closed is found, though the table would take its number again")
    func closed() async throws {
        let bench = try await MP2Bench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.repair(order.reference)
        #expect(try await bench.connector.find(.create(order), over: bench.wire) == [receipt])
        #expect(try await bench.connector.perform(.create(order), over: bench.wire) == receipt)
        #expect(bench.copies(order.reference) == 1)
        try await bench.stop()
    }

    @Test("Unknown equipment, one out of service and an unknown type are refused, and nothing is written")
    func refusals() async throws {
        let bench = try await MP2Bench(tables: ["workTypes": ["predictive": "NONE"]])
        func error(_ change: (inout WorkOrder) -> Void) async -> ConnectorError? {
            var order = SampleOrder.make()
            change(&order)
            return await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(order), over: bench.wire)
            }
        }
        #expect(await error { $0.place.asset = "GHOST" } == .refused("MP2 has no equipment \"GHOST\""))
        #expect(await error { $0.place.asset = "OLD-1" }?.detail.contains("not in service") == true)
        #expect(await error { $0.kind = .predictive }?.detail.contains("no work order type \"NONE\"") == true)
        #expect(bench.copies(SampleOrder.make().reference) == 0)
        #expect(bench.rows("WOEQLIST", SampleOrder.make().reference).isEmpty)
        try await bench.stop()
    }

    @Test("Values are bound, not written into the statement; a failed statement leaves nothing of the others")
    func transactions() async throws {
        let bench = try await MP2Bench()
        try await bench.run(["INSERT INTO WOTYPE VALUES (?)"], ["x'); DROP TABLE WO; --"])
        #expect(try await bench.run(["SELECT COUNT(*) AS N FROM WOTYPE"]) == [[["N": "2"]]])
        await #expect(throws: MP2Bench.Failure.self) {
            try await bench.run(["INSERT INTO WOTYPE VALUES ('A')", "INSERT INTO NOWHERE VALUES ('B')"])
        }
        #expect(try await bench.run(["SELECT COUNT(*) AS N FROM WOTYPE"]) == [[["N": "2"]]])
        try await bench.stop()
    }

    @Test("A driver that is not there and a database that cannot be opened say what to do, without the password")
    func noDriver() async throws {
        let time = SystemTime()
        let wire = LiveWire(egress: EgressGuard(time: time, allows: { _ in false }), time: time)
        let faults = SettingsFaults()
        let settings = options(
            ["connection": "Driver=none.so;Server=x", "user": "andon"], tables: ["password": ["env": "PASS"]])
        let connector = MP2Connector.make(
            MP2Configuration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets)))
        let error = await #expect(throws: ConnectorError.self) {
            try await connector.perform(.create(SampleOrder.make()), over: wire)
        }
        #expect(["unauthorized", "unreachable"].contains(error?.name), "\(String(describing: error))")
        #expect(error?.detail.contains("none.so") == true && error?.detail.contains("secret") == false)
        await wire.close()
    }

    @Test("Equipment comes from the registry; faults in the options are named before the first order")
    func registryAndOptions() async throws {
        let bench = try await MP2Bench()
        #expect(
            try await bench.connector.assets(page: nil, over: bench.wire).assets.map(\.id) == ["OLD-1", "PRESS-07"])
        try await bench.stop()
        func faults(_ members: [String: String], fields: [String: String] = [:]) -> [String] {
            let faults = SettingsFaults()
            _ = MP2Configuration(
                reading: SettingsReader(
                    options(members, tables: ["fields": fields]), faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        #expect(faults(["connection": "Driver=x"]).isEmpty)
        #expect(faults([:]).contains { $0.contains("\"connection\" is required") })
        #expect(faults(["connection": "Driver=x;PWD=y"]).count == 1)
        #expect(faults(["connection": "Driver=x", "numberPrefix": "A1"]).count == 1)
        #expect(faults(["connection": "Driver=x", "share": "/mnt/x"]).count == 1)
        #expect(faults(["connection": "Driver=x"], fields: ["A) --": "{class}"]).count == 1)
        #expect(faults(["way": "folder"]).contains { $0.contains("\"folder\" is required") })
        #expect(faults(["way": "folder", "folder": "/mnt/drop"]).isEmpty)
        #expect(faults(["way": "mail", "connection": "Driver=x"]).count == 1)
    }
}
