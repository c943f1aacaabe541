import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("SAP S/4HANA")
struct SAPTests {
    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await SAPBench()
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("On a bad day every notification, picture and item is there once", arguments: [false, true])
    func once(withOrder: Bool) async throws {
        let bench = try await SAPBench(options: withOrder ? ["create": "notification+order"] : [:])
        try await OnceOnly(bench: bench).storm()
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await SAPBench(
            options: [
                "planningPlant": "BF01", "plannerGroup": "010", "workCenter": "MECH", "detectionCodeGroup": "VISION",
                "detectionCode": "AI01", "damageCodeGroup": "VISDEF",
            ], tables: ["damageCodes": ["scratch": "SCRA"]])
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let made = try #require(bench.standIn.notifications(order.reference).first)
        let expected: [String: JSON] = [
            "NotificationType": "M2", "NotificationText": "Scratch 0.82 PRESS-07 Z3", "MaintPriority": "1",
            "TechnicalObject": "PRESS-07", "TechObjIsEquipOrFuncnlLoc": "EAMS_EQUI",
            "MaintenancePlanningPlant": "BF01", "MaintenancePlannerGroup": "010", "MainWorkCenter": "MECH",
            "MainWorkCenterPlant": "BF01", "MaintNotifExtReferenceNumber": "AND-A7K2M9QX3F", "ReportedByUser": "ANDON",
            "MaintNotifDetectionCodeGroup": "VISION", "MaintNotifDetectionCode": "AI01",
            // 23 November, 22:09 on the plant's wall: midnight UTC of that day.
            "MalfunctionStartDate": "/Date(1795392000000)/", "MalfunctionStartTime": "PT22H09M00S",
            "LocationDescription": "Press hall",
        ]
        for (name, value) in expected { #expect(made.fields[name] == value, "\(name)") }
        #expect(made.items.first?["MaintNotifItemText"] == "scratch, confidence 0.94")
        #expect(made.items.first?["MaintNotificationDamageCode"] == "SCRA")
        let text = try #require(made.fields["MaintNotifLongTextForEdit"]?.string)
        #expect(text.utf16.count <= 1333 && text.contains("AI vision detection"))
        #expect(receipt.number == "10000020" && receipt.link?.contains("QMNUM=10000020") == true)
        try await bench.stop()
    }

    @Test("A predictive order keeps its date, which a priority would overwrite")
    func predictive() async throws {
        let bench = try await SAPBench()
        let order = SampleOrder.make(
            Reference.fresh().text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let fields = bench.standIn.notifications(order.reference).first?.fields
        #expect(fields?["NotificationType"] == "M1" && fields?["MaintPriority"] == nil)
        #expect(fields?["RequiredEndDate"] == "/Date(1796083200000)/" && fields?["RequiredEndTime"] == "PT07H30M00S")
        try await bench.stop()
    }

    @Test(
        "The date moves in the notification and in the order that was made with it, not in a planner's",
        arguments: [true, false])
    func reschedules(withOrder: Bool) async throws {
        let bench = try await SAPBench(
            options: ["create": withOrder ? "notification+order" : "notification", "planningPlant": "BF01"])
        var order = SampleOrder.make(
            Reference.fresh().text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        if !withOrder { bench.standIn.plan(order.reference, ["MaintOrdBasicStartDateTime": "/Date(1+0000)/"]) }
        order.scheduledAt = Timestamp("2027-01-01T00:15:00Z")
        try await bench.connector.reschedule(order, remoteID: receipt.remoteID, over: bench.wire)
        #expect(bench.plannedDate(order.reference) == order.scheduledAt)
        let start = bench.standIn.orders(order.reference).first?["MaintOrdBasicStartDateTime"]
        #expect(start == (withOrder ? "/Date(1798762500000+0000)/" : "/Date(1+0000)/"))
        try await bench.stop()
    }

    @Test("A notification that somebody changes between our look and our change waits, and is not overwritten")
    func staleMark() async throws {
        let bench = try await SAPBench()
        var order = SampleOrder.make(
            Reference.fresh().text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        order.scheduledAt = Timestamp("2026-12-09T06:30:00Z")
        let reference = order.reference
        let wire = InterruptedWire(bench.wire, before: "PATCH") { [standIn = bench.standIn] in
            standIn.change(reference) { $0.fields["NotificationText"] = "A planner was here" }
        }
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.reschedule(order, remoteID: receipt.remoteID, over: wire)
        }
        #expect(error?.name == "busy")
        #expect(bench.plannedDate(reference) == Timestamp("2026-12-01T06:30:00Z"))
        try await bench.connector.reschedule(order, remoteID: receipt.remoteID, over: bench.wire)
        #expect(bench.plannedDate(reference) == order.scheduledAt)
        #expect(bench.standIn.notifications(reference).first?.fields["NotificationText"] == "A planner was here")
        try await bench.stop()
    }

    @Test("With orders switched on, each notification gets one order, also after a cut between the two")
    func orders() async throws {
        let bench = try await SAPBench(options: ["create": "notification+order", "planningPlant": "BF01"])
        let order = SampleOrder.make()
        // The token, the search, the notification, the order's search; then the line is cut.
        bench.faults.queue(nil, nil, nil, nil, nil, .dropBefore)
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(order), over: bench.wire)
        }
        #expect(error?.name == "answer-lost")
        #expect(bench.copies(order.reference) == 1 && bench.standIn.orders(order.reference).isEmpty)
        #expect(try await bench.connector.find(.create(order), over: bench.wire).isEmpty)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(bench.copies(order.reference) == 1)
        let made = try #require(bench.standIn.orders(order.reference).first)
        #expect(made["MaintenanceOrderType"] == "PM01" && made["Equipment"] == "PRESS-07")
        #expect(receipt.number == made["MaintenanceOrder"]?.string)
        #expect(try await bench.connector.find(.create(order), over: bench.wire) == [receipt])
        try await bench.stop()
    }

    @Test("An order closes only when the order does; its codes are read whole, the strongest counts")
    func states() async throws {
        let bench = try await SAPBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        func state(_ fields: [String: JSON]) async throws -> OrderState? {
            bench.standIn.plan(order.reference, fields)
            return try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state
        }
        bench.standIn.change(order.reference) { $0.fields["NotifProcessingPhase"] = "4" }
        #expect(try await state(["SystemStatusText": "REL  PRC  MANC"]) == .open)
        #expect(try await state(["SystemStatusText": "REL  PCNF GMPS"]) == .inProgress)
        #expect(try await state(["SystemStatusText": "TECO CNF  GMPS"]) == .done)
        #expect(try await state(["SystemStatusText": "", "MaintOrdProcessSubPhaseCode": "0095"]) == .closed)
        #expect(try await state(["SystemStatusText": "FREI", "MaintOrdProcessSubPhaseCode": ""]) == .inProgress)
        try await bench.stop()
    }

    @Test("A change of the order alone is seen by the poll")
    func orderChanges() async throws {
        let bench = try await SAPBench(options: ["pollOverlap": "0s"])
        let order = SampleOrder.make()
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.standIn.plan(order.reference, [:])
        let first = try await bench.connector.changes(after: nil, over: bench.wire)
        // SAP keeps whole seconds.
        let later = try #require(first.cursor.flatMap { Timestamp($0) }) + .seconds(1)
        let quiet = try await bench.connector.changes(after: later.description, over: bench.wire)
        #expect(quiet.orders.isEmpty)
        let soon = SystemTime().now() - .seconds(2)
        bench.standIn.plan(order.reference, ["SystemStatusText": "TECO CNF"])
        bench.standIn.change(order.reference) { $0.fields["LastChangeDateTime"] = "/Date(1000+0000)/" }
        bench.standIn.change(order.reference) { _ in }
        let changed = try await bench.connector.changes(after: soon.description, over: bench.wire)
        #expect(changed.orders.map(\.state) == [.done])
        try await bench.stop()
    }

    @Test("A token that went stale is fetched once more, and the order is there once")
    func tokens() async throws {
        let bench = try await SAPBench()
        _ = try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
        #expect(bench.standIn.fetches == 1)
        bench.expireSessions()
        let order = SampleOrder.make(Reference.fresh().text)
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(bench.standIn.fetches == 2 && bench.copies(order.reference) == 1)
        let stale = StandInFault.answer(
            status: 403, headers: ["x-csrf-token": "Required"], body: "CSRF token validation failed")
        bench.faults.queue(stale, nil, stale)
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(SampleOrder.make(Reference.fresh().text)), over: bench.wire)
        }
        #expect(error?.name == "unauthorized" && error?.detail.contains("cookies") == true)
        try await bench.stop()
    }

    @Test("What SAP refuses comes back in its own words, sorted by what must happen next")
    func refusals() async throws {
        let bench = try await SAPBench(options: ["detectionCodeGroup": "VISION", "detectionCode": "NO"])
        func error(_ change: (inout WorkOrder) -> Void = { _ in }) async -> ConnectorError? {
            var order = SampleOrder.make(Reference.fresh().text)
            change(&order)
            return await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(order), over: bench.wire)
            }
        }
        #expect(await error()?.detail.contains("Code VISION/NO does not exist in the catalog") == true)
        #expect(
            await error { $0.place.asset = "GHOST" }
                == .refused(
                    "[IM/063] Equipment GHOST does not exist (transaction 5F1AFBB7B05E0340E0066B5E7B2D9C1A)"))
        let locked = """
            {"error":{"code":"IM/046","message":{"lang":"en","value":"Notification is locked by user MILLER"}}}
            """
        bench.faults.queue(.answer(status: 400, body: locked))
        #expect(await error()?.name == "busy")
        bench.faults.queue(.answer(status: 403, body: "No authorization"))
        #expect(await error()?.name == "unauthorized")
        try await bench.stop()
        var setup = SAPStandIn.Setup()
        setup.services = ["API_MAINTNOTIFICATION"]
        let small = try await SAPBench(setup: setup)
        let order = SampleOrder.make()
        let receipt = try await small.connector.perform(.create(order), over: small.wire)
        small.standIn.plan(order.reference, [:])
        let missing = await #expect(throws: ConnectorError.self) {
            try await small.connector.read(receipt.remoteID, over: small.wire)
        }
        #expect(missing?.detail.contains("No service found") == true)
        try await small.stop()
        let alone = try await SAPBench(setup: setup, options: ["readOrders": "false"])
        let other = try await alone.connector.perform(.create(order), over: alone.wire)
        #expect(try await alone.connector.read(other.remoteID, over: alone.wire)?.state == .open)
        try await alone.stop()
    }

    @Test("Equipment comes from the registry with its ABC indicator as criticality")
    func registry() async throws {
        let bench = try await SAPBench()
        let page = try await bench.connector.assets(page: nil, over: bench.wire)
        #expect(page.assets.map(\.id) == ["PRESS-07"] && page.assets.first?.criticality == "A" && page.next == nil)
        try await bench.stop()
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]] = [:]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(
                members, tables: ["password": ["env": "KEY"]].merging(tables) { $1 })
            _ = SAPConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        let right = ["url": "https://sap:44300", "client": "100", "user": "ANDON"]
        #expect(faults(right).isEmpty)
        #expect(faults(right.filter { $0.key != "client" }).contains { $0.contains("\"client\" is required") })
        for (key, value) in [
            ("create", "order"), ("timeZone", "Mars/Base"), ("referencePrefix", "A'"), ("attachmentBytesMax", "big"),
        ] {
            #expect(faults(right.merging([key: value]) { $1 }).count == 1, "\(key)")
        }
        for (table, rows) in [
            ("phases", ["4": "gone"]), ("orderStates", ["X": "y"]), ("priorities", ["high": "1"]),
            ("fields", ["MaintNotifExtReferenceNumber": ""]),
        ] {
            #expect(faults(right, [table: rows]).count == 1, "\(table)")
        }
    }
}
