import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Infor EAM")
struct InforTests {
    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await InforBench()
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("An order that somebody changes between our look and our change waits, and is not overwritten")
    func staleRecord() async throws {
        let bench = try await InforBench()
        var order = SampleOrder.make(
            Reference.fresh().text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        order.scheduledAt = Timestamp("2026-12-09T06:30:00Z")
        let reference = order.reference
        let wire = InterruptedWire(bench.wire, before: "PUT") { [standIn = bench.standIn] in
            standIn.change(reference) { $0.comments.append((type: "*", text: "A planner was here")) }
        }
        let moved = order
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.reschedule(moved, remoteID: receipt.remoteID, over: wire)
        }
        #expect(error?.name == "busy")
        #expect(bench.plannedDate(reference) == Timestamp("2026-12-01T06:30:00Z"))
        try await bench.connector.reschedule(moved, remoteID: receipt.remoteID, over: bench.wire)
        #expect(bench.plannedDate(reference) == moved.scheduledAt)
        try await bench.stop()
    }

    @Test("On a bad day every order, picture and comment is there once", arguments: [false, true])
    func once(ownCodes: Bool) async throws {
        let bench = try await InforBench(options: ["ownDocumentCodes": String(ownCodes)])
        try await OnceOnly(bench: bench).storm()
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await InforBench(
            options: ["department": "MAINT", "orderClass": "VISION"],
            tables: ["problemCodes": ["scratch": "VISDEF"], "locations": ["BR100": "BED-LINE1"]])
        let order = SampleOrder.make()
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let body = try #require(bench.standIn.orders(order.reference).first?.body)
        let expected: [String: JSON] = [
            "/WORKORDERID/DESCRIPTION": "AI vision: Scratch 0.82 PRESS-07 Z3", "/TYPE/TYPECODE": "CORR",
            "/STATUS/STATUSCODE": "R", "/PRIORITY/PRIORITYCODE": "1", "/DEPARTMENTID/DEPARTMENTCODE": "MAINT",
            "/EQUIPMENTID/EQUIPMENTCODE": "PRESS-07", "/EQUIPMENTID/ORGANIZATIONID/ORGANIZATIONCODE": "BEDFORD",
            "/LOCATIONID/LOCATIONCODE": "BED-LINE1", "/CLASSID/CLASSCODE": "VISION",
            "/CLASSID/ORGANIZATIONID/ORGANIZATIONCODE": "*", "/PROBLEMCODEID/PROBLEMCODE": "VISDEF",
            "/UserDefinedFields/UDFCHAR01": "A7K2M9QX3F", "/UserDefinedFields/UDFCHAR02": "AI-VISION",
            "/UserDefinedFields/UDFCHAR06": "L-0815", "/UserDefinedFields/UDFCHAR07": "Replace tool",
            "/UserDefinedFields/UDFNUM01/VALUE": 94, "/UserDefinedFields/UDFNUM01/NUMOFDEC": 2,
            // The second of January 2026; then the plant's wall clock.
            "/REPORTED/YEAR": 1_767_312_000_000, "/REPORTED/MONTH": 11, "/REPORTED/DAY": 23, "/REPORTED/HOUR": 22,
            "/REPORTED/MINUTE": 9,
        ]
        for (pointer, value) in expected { #expect(body.value(at: pointer) == value, "\(pointer)") }
        #expect(body.value(at: "/UserDefinedFields/UDFNOTE01")?.string?.contains("Confidence: 0.94") == true)
        try await bench.stop()
    }

    @Test("A date east of Greenwich keeps its year; a cancelled order with a completed one's system code is cancelled")
    func dates() async throws {
        let bench = try await InforBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.repair(order.reference)
        let closed = try await bench.connector.read(receipt.remoteID, over: bench.wire)
        #expect(closed?.closure?.closedAt == Timestamp("2026-12-31T23:30:00Z"))
        bench.cancel(order.reference)
        #expect(try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state == .cancelled)
        try await bench.stop()
    }

    @Test("Behind a gateway a token is fetched, and once more when it has run out")
    func gateway() async throws {
        let standIn = InforStandIn()
        let place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        func scalar(_ text: String) -> Settings { Settings(.scalar(text, quoted: true), line: 1, column: 1, path: "") }
        func map(_ members: [String: Settings]) -> Settings {
            Settings(
                .map(members.map { Settings.Entry(key: $0.key, keyLine: 1, keyColumn: 1, value: $0.value) }), line: 1,
                column: 1, path: "")
        }
        let secret = map(["env": scalar("KEY")])
        let settings = map([
            "url": scalar(place.url + "/axis/restservices"), "tenant": scalar("ACME_PRD"),
            "organization": scalar("BEDFORD"), "dataspy": scalar("101"), "signIn": scalar("gateway"),
            "gateway": map([
                "tokenUrl": scalar(place.url + "/sso/token"), "clientId": scalar("client"), "clientSecret": secret,
                "accountKey": scalar("ACME_PRD#key+/=="), "accountSecret": secret,
            ]),
        ])
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        let connector = InforConnector(InforConfiguration(reading: reader))
        #expect(faults.faults.isEmpty, "\(faults.faults)")
        for _ in 0..<2 {
            let order = SampleOrder.make(Reference.fresh().text)
            _ = try await connector.perform(.create(order), over: place.wire)
            #expect(standIn.orders(order.reference).count == 1)
            standIn.expireSessions()
        }
        try await place.stop()
    }

    @Test("What EAM refuses comes back in its own words; a question of its is no success")
    func refusals() async throws {
        let bench = try await InforBench()
        func error(_ change: (inout WorkOrder) -> Void = { _ in }) async -> ConnectorError? {
            var order = SampleOrder.make(Reference.fresh().text)
            change(&order)
            return await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(order), over: bench.wire)
            }
        }
        #expect(await error { $0.place.asset = "GHOST" } == .refused("EQUIPMENTID: Equipment GHOST was not found."))
        let question = """
            {"ErrorAlert":null,"ConfirmationAlert":[{"Message":"Checklist is incomplete. Continue?"}],"Result":null}
            """
        bench.faults.queue(.answer(status: 200, body: question))
        let asked = await error()
        #expect(asked?.name == "busy" && asked?.detail.contains("Checklist is incomplete") == true)
        bench.faults.queue(.answer(status: 200, body: "{\"Result\":null}"))
        #expect(await error()?.name == "answer-lost")
        try await bench.stop()
        let wrong = try await InforBench(options: ["tenant": "OTHER"])
        let tenant = await #expect(throws: ConnectorError.self) {
            try await wrong.connector.perform(.create(SampleOrder.make()), over: wrong.wire)
        }
        #expect(tenant?.name == "unauthorized")
        try await wrong.stop()
    }

    @Test("The defaults of the account's group come first and are overwritten by what we know")
    func defaults() async throws {
        let bench = try await InforBench(options: ["startFromDefaults": "true"])
        let order = SampleOrder.make()
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let body = bench.standIn.orders(order.reference).first?.body
        #expect(body?.value(at: "/DEPARTMENTID/DEPARTMENTCODE") == "MAINT")
        #expect(body?.value(at: "/STATUS/STATUSCODE") == "R")
        try await bench.stop()
    }

    @Test("A page whose orders were not kept is given again")
    func pagesAgain() async throws {
        let bench = try await InforBench()
        _ = try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
        let first = try await bench.connector.changes(after: nil, over: bench.wire)
        let again = try await bench.connector.changes(after: nil, over: bench.wire)
        #expect(first.orders.count == 1 && again.orders.count == 1)
        let quiet = try await bench.connector.changes(after: again.cursor, over: bench.wire)
        #expect(quiet.orders.isEmpty)
        try await bench.stop()
    }

    @Test("Bookings on more than one page are summed once")
    func manyBookings() async throws {
        let bench = try await InforBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.standIn.change(order.reference) { record in
            record.labour = (0..<250).map { _ in ["hours": "0.5", "employee": "RWI"] }
        }
        let remote = try await bench.connector.read(receipt.remoteID, over: bench.wire)
        #expect(remote?.closure?.labourHours == 125)
        try await bench.stop()
    }

    @Test("Equipment comes from the registry")
    func registry() async throws {
        let bench = try await InforBench()
        let page = try await bench.connector.assets(page: nil, over: bench.wire)
        #expect(page.assets.map(\.id) == ["PRESS-07"] && page.assets.first?.name == "PRESS-07 name")
        try await bench.stop()
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]] = [:]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(
                members, tables: ["password": ["env": "KEY"]].merging(tables) { $1 })
            _ = InforConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        let right = [
            "url": "https://eam/axis/restservices", "tenant": "T", "organization": "O", "user": "u", "dataspy": "1",
        ]
        #expect(faults(right).isEmpty)
        for key in ["tenant", "organization", "dataspy", "user"] {
            #expect(faults(right.filter { $0.key != key }).contains { $0.contains("\"\(key)\" is required") }, "\(key)")
        }
        #expect(faults(right, ["fields": ["UserDefinedFields.UDFCHAR01": ""]]).count == 1)
        #expect(faults(right.merging(["dateFormat": "MM/dd/yyyy"]) { $1 }).isEmpty)
        #expect(
            faults(right.merging(["dateFormat": "d.M.yy"]) { $1 }).contains { $0.contains("yyyy, MM or MMM, and dd") })
        #expect(faults(right.merging(["signIn": "gateway"]) { $1 }).contains { $0.contains("\"gateway\" is required") })
    }
}
