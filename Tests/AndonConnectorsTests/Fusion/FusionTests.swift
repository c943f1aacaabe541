import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Oracle Fusion Maintenance")
struct FusionTests {
    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await FusionBench()
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("On a bad day every order, picture and note is there once")
    func once() async throws {
        let bench = try await FusionBench()
        try await OnceOnly(bench: bench).storm()
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await FusionBench(
            options: ["operationName": "Repair", "workCenter": "MECH", "createStatus": "ORA_RELEASED"],
            tables: ["fields": ["WorkOrderDFF.andonOrigin": "{origin}", "WorkOrderDFF.andonLot": "{lot}"]])
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let fields = try #require(bench.standIn.orders(order.reference).first?.fields)
        let expected: [String: JSON] = [
            "OrganizationCode": "BEDFORD", "AssetNumber": "PRESS-07", "WorkOrderNumber": "AV-A7K2M9QX3F",
            "WorkOrderTypeCode": "CORRECTIVE", "WorkOrderSubTypeCode": "ORA_EMERGENCY", "WorkOrderPriority": 1,
            "WorkOrderStatusCode": "ORA_RELEASED", "PlannedStartDate": "2026-11-23T21:09:00+00:00",
            "WorkOrderDescription":
                "AI vision: Scratch on PRESS-07 Stamping press 7 (severity 0.82 major, zone Z3)",
        ]
        for (name, value) in expected { #expect(fields[name] == value, "\(name)") }
        #expect(fields["WorkOrderDFF"]?[0]?["andonLot"] == "L-0815")
        #expect(fields["WorkOrderOperation"]?[0]?["WorkCenterCode"] == "MECH")
        #expect(receipt == Receipt(remoteID: "300000071000001", number: "AV-A7K2M9QX3F"))
        let later = SampleOrder.make(
            Reference.fresh().text, priority: 3, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:00:00Z"))
        _ = try await bench.connector.perform(.create(later), over: bench.wire)
        let planned = bench.standIn.orders(later.reference).first?.fields
        #expect(
            planned?["WorkOrderSubTypeCode"] == "ORA_CONDITION_BASED" && planned?["WorkOrderTypeCode"] == "PREVENTIVE")
        #expect(planned?["PlannedStartDate"] == "2026-12-01T06:00:00+00:00")
        try await bench.stop()
    }

    @Test("A released order is open until somebody began; a status of the site's own counts by the one behind it")
    func states() async throws {
        let bench = try await FusionBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        func state(_ fields: [String: JSON]) async throws -> OrderState? {
            bench.standIn.change(order.reference) { $0.fields.merge(fields) { $1 } }
            return try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state
        }
        #expect(try await state(["WorkOrderStatusCode": "ORA_RELEASED"]) == .open)
        #expect(try await state(["ActualStartDate": "2026-11-24T07:00:00+00:00"]) == .inProgress)
        #expect(
            try await state(["WorkOrderStatusCode": "MY_DONE", "WorkOrderSystemStatusCode": "ORA_COMPLETED"]) == .done)
        try await bench.stop()
    }

    @Test("What Fusion refuses comes back in its own words; a token that ran out is fetched once more")
    func refusals() async throws {
        let bench = try await FusionBench(tables: ["fields": ["WorkOrderDFF.unknown": "{lot}"]])
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
        }
        #expect(error == .refused("/WorkOrderDFF/0/unknown: Attribute unknown is not defined [27024]"))
        bench.expireSessions()
        #expect(try await bench.connector.find(.create(SampleOrder.make()), over: bench.wire).isEmpty)
        #expect(bench.standIn.tokens == 2)
        try await bench.stop()
        var setup = FusionStandIn.Setup()
        setup.clientSecret = "another"
        let wrong = try await FusionBench(setup: setup)
        let keys = await #expect(throws: ConnectorError.self) {
            try await wrong.connector.perform(.create(SampleOrder.make()), over: wrong.wire)
        }
        #expect(keys == .unauthorized("the authorization server gives no token: invalid_client"))
        try await wrong.stop()
    }

    @Test("An order of people comes by the moment of its creation; what a maintenance program made is left out")
    func oldOrders() async throws {
        let bench = try await FusionBench(options: ["operationName": "Repair", "workCenter": "MECH"])
        let made = try #require(Timestamp("2026-03-01T10:00:00Z"))
        let (people, program) = (SampleOrder.make(), SampleOrder.make(Reference.fresh().text))
        for order in [people, program] {
            _ = try await bench.connector.perform(.create(order), over: bench.wire)
            bench.standIn.change(order.reference) { $0.fields["CreationDate"] = "2026-03-01T10:00:00.400+00:00" }
        }
        bench.standIn.change(program.reference) { $0.fields["MaintenanceProgramId"] = 300_000_071_009_001 }
        bench.disown(people.reference)
        func listed(_ from: Int, _ to: Int) async throws -> [OldOrder] {
            let times: Range<Timestamp> = made + .milliseconds(from)..<made + .milliseconds(to)
            return try await bench.connector.oldOrders(madeIn: times, page: nil, over: bench.wire).orders
        }
        let order = try #require(try await listed(400, 401).first)
        #expect(order.number == "WO300000071000001" && order.asset == "PRESS-07" && order.crew == "MECH")
        #expect(order.createdAt == made + .milliseconds(400) && order.remote.reference == nil)
        #expect(try await listed(0, 2000) == [order])
        #expect(try await listed(0, 400).isEmpty)
        #expect(try await listed(401, 2000).isEmpty)
        try await bench.stop()
    }

    @Test("A pod that knows no such time of creation is not taken for one without orders")
    func unknownCreation() async throws {
        let bench = try await FusionBench(tables: ["attributes": ["created": "MadeOn"]])
        let now = bench.wire.now()
        let times: Range<Timestamp> = now - .seconds(60)..<now + .seconds(60)
        let unknown = await #expect(throws: ConnectorError.self) {
            try await bench.connector.oldOrders(madeIn: times, page: nil, over: bench.wire)
        }
        #expect(unknown == .refused("/q: Attribute MadeOn is not queryable [27024]"))
        try await bench.stop()
    }

    @Test("Assets come from the registry")
    func registry() async throws {
        let bench = try await FusionBench()
        let page = try await bench.connector.assets(page: nil, over: bench.wire)
        #expect(page.assets.map(\.id) == ["PRESS-07"] && page.next == nil)
        try await bench.stop()
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]] = [:]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(
                members, tables: ["password": ["env": "KEY"]].merging(tables) { $1 })
            _ = FusionConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        let right = ["url": "https://pod", "organization": "O", "signIn": "basic", "user": "u"]
        #expect(faults(right).isEmpty, "\(faults(right))")
        #expect(faults(["url": "https://pod", "organization": "O"]).contains { $0.contains("\"oauth\" is required") })
        #expect(faults(right.merging(["numberPrefix": "A%"]) { $1 }).count == 1)
        #expect(faults(right.merging(["frameworkVersion": "1"]) { $1 }).count == 1)
        for (table, rows) in [
            ("labourUnits", ["DAY": "long"]), ("states", ["X": "y"]), ("fields", ["WorkOrderNumber": ""]),
        ] {
            #expect(faults(right, [table: rows]).count == 1, "\(table)")
        }
    }
}
