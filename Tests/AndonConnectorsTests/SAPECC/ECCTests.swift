import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonConnectors

@Suite("SAP ECC")
struct ECCTests {
    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await ECCBench()
        // Only the commit stores: what the contract says of an answer that was lost is said of that one.
        bench.standIn.fail(onlyAt: "BAPI_TRANSACTION_COMMIT")
        do { try await Contract(bench: bench).all() } catch { Issue.record("\(error)") }
        try await bench.stop()
    }

    @Test("It keeps the contract with one function of the customer's and without a session")
    func oneStep() async throws {
        var setup = ECCStandIn.Setup()
        setup.isStateful = false
        setup.oneStepFunction = "Z_ANDON_NOTIF_CREATE"
        let bench = try await ECCBench(setup: setup, options: ["createFunction": "Z_ANDON_NOTIF_CREATE"])
        bench.standIn.fail(onlyAt: "Z_ANDON_NOTIF_CREATE")
        let contract = Contract(bench: bench)
        do {
            try await contract.createsAndFinds()
            try await contract.findsWhatWasAnsweredByNobody()
            try await contract.namesTheKindOfFailure()
            try await contract.takesAnyText()
        } catch { Issue.record("\(error)") }
        try await bench.stop()
    }

    @Test("Without a session a date moves by a function of the customer's, or not at all")
    func oneStepDate() async throws {
        var setup = ECCStandIn.Setup()
        setup.isStateful = false
        setup.oneStepFunction = "Z_ANDON_NOTIF_CREATE"
        setup.oneStepModifyFunction = "Z_ANDON_NOTIF_MODIFY"
        let functions = ["createFunction": "Z_ANDON_NOTIF_CREATE"]
        for extra in [[:], ["modifyFunction": "Z_ANDON_NOTIF_MODIFY"]] {
            let bench = try await ECCBench(setup: setup, options: functions.merging(extra) { $1 })
            #expect(bench.connector.traits.reschedules == !extra.isEmpty)
            var order = SampleOrder.make(
                Reference.fresh().text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
            let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
            let others = bench.facts(order.reference)
            order.scheduledAt = Timestamp("2027-01-01T00:15:00Z")
            do throws(ConnectorError) {
                try await bench.connector.reschedule(order, remoteID: receipt.remoteID, over: bench.wire)
                #expect(!extra.isEmpty && bench.plannedDate(order.reference) == order.scheduledAt)
            } catch {
                #expect(extra.isEmpty && error.name == "refused" && error.detail.contains("modifyFunction"), "\(error)")
            }
            #expect(bench.facts(order.reference) == others)
            try await bench.stop()
        }
    }

    @Test("On a bad day every notification and item is there once")
    func once() async throws {
        let bench = try await ECCBench()
        try await OnceOnly(bench: bench).storm()
        #expect(bench.standIn.openSessions <= 200)
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await ECCBench(
            options: [
                "planningPlant": "BF01", "plannerGroup": "010", "workCenterID": "10000000",
                "originCodeGroup": "VISION", "originCode": "AI01", "damageCodeGroup": "VISDEF",
            ], tables: ["damageCodes": ["scratch": "SCRA"]])
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let made = try #require(bench.standIn.notifications(order.reference).first)
        let expected = [
            "NOTIF_TYPE": "M2", "SHORT_TEXT": "Scratch 0.82 PRESS-07 Z3", "PRIORITY": "1", "EQUIPMENT": "PRESS-07",
            "PLANPLANT": "BF01", "PLANGROUP": "010", "PM_WKCTR": "10000000", "CODE_GROUP": "VISION", "CODING": "AI01",
            "REPORTEDBY": "ANDON", "STRMLFNDATE": "2026-11-23", "STRMLFNTIME": "22:09:00",
            "DEVICEDATA": "AND-A7K2M9QX3F",
        ]
        for (name, value) in expected { #expect(made.header[name] == value, "\(name)") }
        #expect(made.items.first?["DESCRIPT"] == "scratch, confidence 0.94")
        #expect(made.items.first?["D_CODE"] == "SCRA")
        #expect(receipt.number == "10000020" && receipt.link?.contains("QMNUM=10000020") == true)
        #expect(bench.standIn.openSessions == 0, "the session is ended")
        try await bench.stop()
    }

    @Test("The long text is whole, in rows of 132 characters, with the picture's hash in it")
    func longText() async throws {
        let bench = try await ECCBench()
        var order = SampleOrder.make(Reference.fresh().text)
        order.reason = String(repeating: "word ", count: 100) + String(repeating: "x", count: 300) + "刮痕🏭"
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let rows = try #require(bench.standIn.notifications(order.reference).first).longText
        var text = ""
        for row in rows {
            let line = row["TEXT_LINE"] ?? ""
            text += row["FORMAT_COL"] == "=" ? line : "\n" + line
        }
        #expect(text.dropFirst() == OrderText(order).longText.withoutControls)
        #expect(order.picture.map { text.contains($0.sha256) } ?? true)
        try await bench.stop()
    }

    @Test("Pieces of any line make the line again", arguments: [UInt64(1), 7, 42])
    func pieces(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let signs = ["a", " ", "word", "🏭", "é", "刮", "👩‍👩‍👧‍👦", "  ", "<", "&"]
            let line = (0..<random.int(0...399)).map { _ in random.pick(signs) }.joined()
            let pieces = ECCOrder.pieces(line)
            #expect(pieces.joined() == line, "seed \(seed)")
            #expect(pieces.allSatisfy { $0.utf16.count <= 132 }, "seed \(seed)")
        }
    }

    @Test("A number of an equipment is filled with zeros as SAP keeps it")
    func zeros() async throws {
        let bench = try await ECCBench()
        var order = SampleOrder.make(Reference.fresh().text)
        order.place.asset = "210100094"
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(bench.standIn.notifications(order.reference).first?.header["EQUIPMENT"] == "000000000210100094")
        let assets = try await bench.connector.assets(page: nil, over: bench.wire).assets
        #expect(assets.map(\.id) == ["210100094", "PRESS-07"] && assets.first?.criticality == "A")
        try await bench.stop()
    }

    @Test(
        "What fails before the commit left nothing, and is simply done again",
        arguments: ["BAPI_ALM_NOTIF_CREATE", "BAPI_ALM_NOTIF_SAVE"], [StandInFault.dropBefore, .dropAfter])
    func beforeTheCommit(function: String, fault: StandInFault) async throws {
        let bench = try await ECCBench()
        let order = SampleOrder.make(Reference.fresh().text)
        bench.standIn.fail(onlyAt: function)
        bench.faults.queue(fault)
        await #expect { try await bench.connector.perform(.create(order), over: bench.wire) } throws: { error in
            (error as? ConnectorError)?.name == "unreachable"
        }
        #expect(bench.copies(order.reference) == 0)
        // A session that was used again would commit the first attempt as well.
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(bench.copies(order.reference) == 1)
        try await bench.stop()
    }

    @Test("A refusal is in SAP's words, rolled back, and its session is ended")
    func refusals() async throws {
        let bench = try await ECCBench(options: ["originCodeGroup": "VISION", "originCode": "NONE"])
        let order = SampleOrder.make(Reference.fresh().text)
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(order), over: bench.wire)
        }
        #expect(error?.name == "refused")
        #expect(error?.detail == "E QC/224: The coding is not in the catalogue")
        #expect(bench.standIn.calls.last == "BAPI_TRANSACTION_ROLLBACK" && bench.standIn.openSessions == 0)
        try await bench.stop()
    }

    @Test("Without a session the refusal says what to ask for")
    func noSession() async throws {
        var setup = ECCStandIn.Setup()
        setup.isStateful = false
        let bench = try await ECCBench(setup: setup)
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
        }
        #expect(error?.name == "refused" && error?.detail.contains("createFunction") == true)
        try await bench.stop()
    }

    @Test("Tables that may not be read are a matter of permissions, not of the order")
    func permissions() async throws {
        var setup = ECCStandIn.Setup()
        setup.allowsTables = false
        let bench = try await ECCBench(setup: setup)
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.find(.create(SampleOrder.make()), over: bench.wire)
        }
        #expect(error?.name == "unauthorized" && error?.detail.contains("not authorized") == true)
        try await bench.stop()
    }

    @Test("A number of ours is a key: a second attempt finds the first one's notification")
    func externalNumbers() async throws {
        var setup = ECCStandIn.Setup()
        setup.takesNumbers = true
        let bench = try await ECCBench(setup: setup, options: ["externalNumberPrefix": "AN"])
        let order = SampleOrder.make(Reference.fresh().text)
        let first = try await bench.connector.perform(.create(order), over: bench.wire)
        let second = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(first.number == "AN\(order.reference)" && second == first && bench.copies(order.reference) == 1)
        try await bench.stop()
    }

    @Test("A notification that is completed before its order does not close")
    func orderDecides() async throws {
        let bench = try await ECCBench()
        let order = SampleOrder.make(Reference.fresh().text)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.standIn.change(order.reference) { $0.header["SYS_STATUS"] = "NOCO ORAS" }
        bench.standIn.plan(order.reference, status: "REL  NMAT PRC", row: ["PHAS1": "X"])
        #expect(try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state == .open)
        bench.standIn.plan(order.reference, status: "TECO CNF  NMAT", row: ["PHAS2": "X", "IDAT2": "20261124"])
        #expect(try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state == .done)
        try await bench.stop()
    }

    @Test("An order that is completed is seen though nobody touched its notification")
    func completedOrder() async throws {
        let bench = try await ECCBench()
        let order = SampleOrder.make(Reference.fresh().text)
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.standIn.plan(order.reference, status: "REL", row: ["PHAS1": "X"])
        let first = try await bench.connector.changes(after: nil, over: bench.wire)
        #expect(first.orders.map(\.state) == [.open])
        let second = try await bench.connector.changes(after: first.cursor, over: bench.wire)
        #expect(second.orders.isEmpty, "nothing moved")
        bench.standIn.plan(order.reference, status: "CLSD", row: ["PHAS3": "X"])
        let third = try await bench.connector.changes(after: second.cursor, over: bench.wire)
        #expect(third.orders.map(\.state) == [.closed])
        try await bench.stop()
    }

    @Test("What a plan made, what is of quality and what is of another plant is no order of people here")
    func people() async throws {
        let bench = try await ECCBench(options: ["workCenterID": "10000000", "planningPlant": "BF01"])
        var orders: [(reference: Reference, number: String)] = []
        for _ in 0..<5 {
            let order = SampleOrder.make(Reference.fresh().text)
            let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
            orders.append((order.reference, receipt.remoteID))
        }
        bench.standIn.change(orders[1].reference) { $0.maintenancePlan = "000000000017" }
        bench.standIn.change(orders[2].reference) { $0.header["NOTIF_TYPE"] = "Q1" }
        bench.standIn.change(orders[3].reference) { $0.header["PLANPLANT"] = "BF02" }
        bench.standIn.change(orders[4].reference) { notification in
            notification.header["EQUIPMENT"] = nil
            notification.header["FUNCT_LOC"] = "BR100"
            notification.header["STRMLFNDATE"] = "0000-00-00"
        }
        func listed(_ times: Range<Timestamp>) async throws -> [OldOrder] {
            try await bench.connector.oldOrders(madeIn: times, page: nil, over: bench.wire).orders
        }
        let now = bench.wire.now()
        let found = try await listed(now - .seconds(3600)..<now + .seconds(3600))
        #expect(found.map(\.number) == [orders[0].number, orders[4].number])
        #expect(found.map(\.asset) == ["PRESS-07", "BR100"])
        #expect(found.map(\.crew) == ["MECH", "MECH"])
        let first = try #require(found.first)
        let made = try #require(first.createdAt)
        #expect(first.reportedAt == Timestamp("2026-11-23T22:09:00Z") && first.remote.reference == orders[0].reference)
        #expect(found.last?.reportedAt == found.last?.createdAt)
        let second = Duration.seconds(1)
        #expect(try await listed(made..<made + second).contains(first))
        #expect(try await !listed(made - second..<made).contains(first))
        try await bench.stop()
    }

    @Test("Where the list may not be read there are no orders of people, and its condition is the plant's")
    func history() async throws {
        let closed = try await ECCBench(options: ["historyTable": ""])
        #expect(!closed.connector.traits.hasOldOrders)
        try await closed.stop()
        let bench = try await ECCBench(options: ["historyTable": "QMEL", "historyCondition": "QMART LIKE 'Z%'"])
        _ = try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
        let now = bench.wire.now()
        let times = now - .seconds(3600)..<now + .seconds(3600)
        #expect(try await bench.connector.oldOrders(madeIn: times, page: nil, over: bench.wire).orders.isEmpty)
        try await bench.stop()
    }

    @Test("Free text stays text in a message, and nothing that XML has no character for goes")
    func markup() throws {
        let text = "<b>&amp;</b>]]><!-- \u{0}\u{7}\u{FFFE} \"q\" 'a' 🏭"
        let bytes = SOAPText.envelope("F", [("A", .structure([("B", text)])), ("T", .table([[("C", text)]]))])
        let call = try #require(XMLText.parse(bytes)?["Body"]?["F"])
        let kept = "<b>&amp;</b>]]><!--  \"q\" 'a' 🏭"
        #expect(call["A"]?.value("B") == kept && call.rows("T").first?.value("C") == kept)
    }
}
