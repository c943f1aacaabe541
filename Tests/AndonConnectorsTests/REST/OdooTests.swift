import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Testing

@Suite("Odoo by its mapping file")
struct OdooTests {
    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await OdooBench()
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("On a bad day every request, picture and message is there once")
    func once() async throws {
        let bench = try await OdooBench()
        try await OnceOnly(bench: bench).storm()
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await OdooBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let made = try #require(bench.standIn.requests(order.reference).first)
        #expect(made["name"] == "Scratch on PRESS-07 Stamping press 7 (severity 0.82 major, zone Z3)")
        #expect(made["equipment_id"]?[0] == 11 && made["priority"] == "3" && made["maintenance_type"] == "corrective")
        let text = try #require(made["description"]?.string)
        #expect(text.hasPrefix("<p>Origin: AI vision detection</p>") && text.contains("Confidence: 0.94<br/>"))
        #expect(receipt.number == "#\(receipt.remoteID)" && receipt.link?.hasSuffix("/\(receipt.remoteID)") == true)
        var other = SampleOrder.make(Reference.fresh().text)
        other.place.asset = "GHOST"
        _ = try await bench.connector.perform(.create(other), over: bench.wire)
        #expect(
            bench.standIn.requests(other.reference).first?["equipment_id"] == nil, "without an equipment, not refused")
        try await bench.stop()
    }

    @Test("The requests of people come with number, equipment and team, without the turns of a plan")
    func people() async throws {
        let bench = try await OdooBench()
        func made(_ asset: String, _ fields: [String: JSON] = [:]) async throws -> String {
            var order = SampleOrder.make(Reference.fresh().text)
            order.place.asset = asset
            let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
            bench.standIn.change(order.reference, fields)
            bench.disown(order.reference)
            return receipt.remoteID
        }
        let ids = [try await made("PRESS-07"), try await made("GHOST")]
        _ = try await made("PRESS-07", ["maintenance_type": "preventive", "recurring_maintenance": true])
        let now = bench.wire.now()
        let times = now - .seconds(3600)..<now + .seconds(3600)
        let orders = try await bench.connector.oldOrders(madeIn: times, page: nil, over: bench.wire).orders
        #expect(orders.map(\.remote.remoteID) == ids)
        #expect(orders.map(\.number) == ids.map { "#\($0)" })
        #expect(orders.map(\.asset) == ["PRESS-07", nil])
        #expect(orders.map(\.crew) == ["Internal Maintenance", "Internal Maintenance"])
        #expect(orders.allSatisfy { $0.createdAt.map(times.contains) ?? false })
        let later = now + .seconds(3600)..<now + .seconds(7200)
        #expect(try await bench.connector.oldOrders(madeIn: later, page: nil, over: bench.wire).orders.isEmpty)
        try await bench.stop()
    }

    @Test("A wrong password, a wrong database and a refusal are told apart, though all come with status 200")
    func refusals() async throws {
        var setup = OdooStandIn.Setup()
        setup.password = "another"
        let wrong = try await OdooBench(setup: setup)
        let denied = await #expect(throws: ConnectorError.self) {
            try await wrong.connector.perform(.create(SampleOrder.make()), over: wrong.wire)
        }
        #expect(denied?.name == "unauthorized")
        try await wrong.stop()
        let elsewhere = try await OdooBench(database: "none")
        let database = await #expect(throws: ConnectorError.self) {
            try await elsewhere.connector.perform(.create(SampleOrder.make()), over: elsewhere.wire)
        }
        #expect(database?.name == "unauthorized" && database?.detail.contains("does not exist") == true)
        try await elsewhere.stop()
        let bench = try await OdooBench()
        _ = try await bench.connector.find(.create(SampleOrder.make()), over: bench.wire)
        let refusal = """
            {"jsonrpc":"2.0","id":1,"result":{"ids":false,"messages":[{"type":"error","message":"Value is not in it"}]}}
            """
        bench.faults.queue(nil, .answer(status: 200, body: refusal))
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
        }
        #expect(error == .refused("Value is not in it"))
        try await bench.stop()
    }

    private static let real = ProcessInfo.processInfo.environment["ANDON_TEST_ODOO_URL"]

    @Test("The same mapping file carries an order to a real Odoo", .enabled(if: OdooTests.real != nil))
    func realOdoo() async throws {
        let environment = ProcessInfo.processInfo.environment
        let url = try #require(Self.real)
        let mapping = try Repository.text("Examples/odoo.yaml")
        let password = environment["ANDON_TEST_ODOO_PASSWORD"] ?? "admin"
        let connector = try restConnector(
            """
                url: \(url)
                mappingFile: odoo.yaml
                user: \(environment["ANDON_TEST_ODOO_USER"] ?? "admin")
                password: { env: ODOO }
                variables: { db: \(environment["ANDON_TEST_ODOO_DB"] ?? "odoo") }
            """, files: { $0 == "odoo.yaml" ? mapping : nil }, secrets: ["ODOO": password])
        let time = SystemTime()
        let wire = LiveWire(egress: EgressGuard(time: time, allows: { _ in true }), time: time)
        let order = SampleOrder.make(Reference.fresh().text)
        let receipt = try await connector.perform(.create(order), over: wire)
        #expect(try await connector.find(.create(order), over: wire) == [receipt])
        #expect(try await connector.read(receipt.remoteID, over: wire)?.reference == order.reference)
        try await connector.withdraw(receipt.remoteID, reason: "test", over: wire)
        #expect(try await connector.read(receipt.remoteID, over: wire)?.state == .cancelled)
        await wire.close()
    }
}
