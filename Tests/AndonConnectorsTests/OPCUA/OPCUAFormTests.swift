import AndonConfiguration
import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("OPC UA: each form's own ways", .serialized, .enabled(if: OPCUAStandIn.python != nil, OPCUAStandIn.reason))
struct OPCUAFormTests {
    // MARK: Job Control

    @Test("Every fact is in its place in the job order")
    func jobOrder() async throws {
        let bench = try await OPCUABench("jobControl", options: "priorities: { 1: 10 }\nworkMaster: VISION\n")
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        #expect(receipt == Receipt(remoteID: order.reference.text, number: order.reference.text))
        let there = bench.order(order.reference)
        #expect(there["JobOrderID"] == "A7K2M9QX3F" && there["Priority"] == 10)
        #expect(there["Description"] == [.string(OrderText(order).title)])
        #expect(there["WorkMasterID"]?[0]?["ID"] == "VISION")
        #expect(there["PhysicalAssetRequirements"]?[0]?["ID"] == "PRESS-07")
        #expect(there["PhysicalAssetRequirements"]?[0]?["PhysicalAssetUse"] == "Maintain")
        #expect(there["EquipmentRequirements"]?.array?.map { $0["ID"] ?? .null } == ["CAM-01", "Z3"])
        #expect(there["MaterialRequirements"]?[0]?["MaterialLotID"] == "L-0815")
        let parameters = Dictionary(
            (there["JobOrderParameters"]?.array ?? []).map { ($0["ID"]?.string ?? "", $0["Value"] ?? .null) },
            uniquingKeysWith: { first, _ in first })
        #expect(parameters["Confidence"] == ["type": "Double", "value": 0.94])
        #expect(parameters["DefectClass"] == ["type": "String", "value": "scratch"])
        #expect(parameters["DetectedAt"] == ["type": "DateTime", "value": "2026-11-23T21:09:00.000000Z"])
        #expect(parameters["LongText"]?["value"]?.string?.contains("Confidence: 0.94") == true)
        #expect(parameters["SpcStatus"] == nil && parameters["ImageSha256"] == nil, "what is not known is not there")
        try await bench.stop()
    }

    @Test("Receivers that describe no types, that answer 0 for success and early responses keep the contract as well")
    func others() async throws {
        let settings: [String: any Sendable] = ["describes": false, "enumeration": true, "lateResponses": false]
        let bench = try await OPCUABench("jobControl", options: "pictures: bytes\n", standIn: settings)
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("A full receiver makes the order wait, a repeat is the order that is there, a running one is left alone")
    func limits() async throws {
        let bench = try await OPCUABench("jobControl", standIn: ["max": 2])
        let first = SampleOrder.make(Reference.fresh().text)
        let receipt = try await bench.connector.perform(.create(first), over: bench.wire)
        #expect(try await bench.connector.perform(.create(first), over: bench.wire) == receipt)
        _ = try await bench.connector.perform(.create(SampleOrder.make(Reference.fresh().text)), over: bench.wire)
        let full = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(SampleOrder.make(Reference.fresh().text)), over: bench.wire)
        }
        #expect(full?.name == "busy" && full?.detail.contains("holds 2 job orders, and takes 2") == true)
        _ = bench.standIn.ask(["op": "run", "id": .string(first.reference.text)])
        #expect(try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state == .inProgress)
        var moved = first
        moved.scheduledAt = bench.wire.now()
        let refused = await #expect(throws: ConnectorError.self) {
            try await bench.connector.reschedule(moved, remoteID: receipt.remoteID, over: bench.wire)
        }
        #expect(refused?.name == "refused" && refused?.detail.contains("not in a state for that") == true)
        try await bench.stop()
    }

    @Test("Store alone leaves the release to people there; Store and Start are one order, on a bad day too")
    func store() async throws {
        let waits = try await OPCUABench("jobControl", options: "store: store\n")
        let order = SampleOrder.make()
        _ = try await waits.connector.perform(.create(order), over: waits.wire)
        #expect(
            try await waits.connector.read(order.reference.text, over: waits.wire)?.vendorState == "NotAllowedToStart")
        try await waits.stop()
        let both = try await OPCUABench("jobControl", options: "store: storeThenStart\n")
        try await OnceOnly(bench: both).storm(orders: 20)
        let other = SampleOrder.make()
        both.faults.queue(.dropAfter)
        await #expect(throws: ConnectorError.self) {
            try await both.connector.perform(.create(other), over: both.wire)
        }
        #expect(try await both.connector.find(.create(other), over: both.wire).count == 1)
        #expect(
            try await both.connector.read(other.reference.text, over: both.wire)?.vendorState == "AllowedToStart",
            "what was stored and not started is started when it is found")
        try await both.stop()
    }

    // MARK: Variables

    @Test("With Booleans in place of a counter the contract is kept, and on a bad day every order is there once")
    func boolean() async throws {
        let bench = try await OPCUABench("variables", options: "handshake: boolean\n", standIn: ["boolean": true])
        try await Contract(bench: bench).all()
        try await OnceOnly(bench: bench).storm(orders: 20, of: [.dropBefore, .dropAfter])
        try await bench.stop()
    }

    @Test("An order whose acknowledgement was lost is known, though another took its place; also after a restart")
    func overtaken() async throws {
        for restarts in [false, true] {
            let bench = try await OPCUABench("variables")
            let lost = SampleOrder.make(Reference.fresh().text)
            bench.faults.queue(.dropAfter)
            let error = await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(lost), over: bench.wire)
            }
            #expect(error?.name == "answer-lost")
            let connector = restarts ? try opcuaConnector("variables", bench.standIn.url) : bench.connector
            let next = SampleOrder.make(Reference.fresh().text)
            let receipt = try await connector.perform(.create(next), over: bench.wire)
            let found = try await connector.find(.create(lost), over: bench.wire)
            #expect(found.count == 1 && found.first != receipt)
            #expect(try await connector.perform(.create(lost), over: bench.wire) == found.first)
            #expect(bench.copies(lost.reference) == 1 && bench.copies(next.reference) == 1)
            try await bench.stop()
        }
    }

    @Test("An order that is not acknowledged in time is handed over, and no other goes before it is")
    func late() async throws {
        let bench = try await OPCUABench("variables", options: "acknowledgeWithin: 20ms\n")
        _ = bench.standIn.ask(["op": "answerLate", "seconds": 2])
        let order = SampleOrder.make(Reference.fresh().text)
        func error(_ body: () async throws -> Void) async -> ConnectorError? {
            await #expect(throws: ConnectorError.self) { try await body() }
        }
        #expect(
            await error { _ = try await bench.connector.perform(.create(order), over: bench.wire) }?.name
                == "handed-over")
        let other = SampleOrder.make(Reference.fresh().text)
        #expect(await error { _ = try await bench.connector.perform(.create(other), over: bench.wire) }?.name == "busy")
        #expect(
            await error { _ = try await bench.connector.find(.create(order), over: bench.wire) }?.name == "handed-over")
        let isThere = try await eventually(within: .seconds(60)) {
            (try? await bench.connector.find(.create(order), over: bench.wire).count) == 1
        }
        #expect(isThere && bench.copies(order.reference) == 1 && bench.copies(other.reference) == 0)
        let blind = try opcuaConnector(
            "variables", bench.standIn.url, "acknowledgeWithin: 20ms\n",
            replacing: ("lastReference: /PLC/LastReference\n", ""))
        #expect(!blind.traits.isSearchable)
        let lost = await error { _ = try await blind.perform(.create(other), over: bench.wire) }
        #expect(
            lost?.name == "answer-lost", "where nothing can be looked for, a person must: \(String(describing: lost))")
        try await bench.stop()
    }

    @Test("A variable without a usable value never looks like an order that is not there")
    func quality() async throws {
        let bench = try await OPCUABench("variables")
        func set(_ name: String, _ status: String) {
            _ = bench.standIn.ask(["op": "quality", "name": .string(name), "status": .string(status)])
        }
        let order = SampleOrder.make(Reference.fresh().text)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let fresh = try opcuaConnector("variables", bench.standIn.url)
        set("LastReference", "BadNoCommunication")
        let search = await #expect(throws: ConnectorError.self) {
            try await fresh.find(.create(order), over: bench.wire)
        }
        #expect(search?.name == "unreachable" && search?.detail.contains("BadNoCommunication") == true)
        let other = SampleOrder.make(Reference.fresh().text)
        let creation = await #expect(throws: ConnectorError.self) {
            try await fresh.perform(.create(other), over: bench.wire)
        }
        #expect(creation?.name == "unreachable" && bench.copies(other.reference) == 0)
        set("OrderIds", "BadDeviceFailure")
        let reading = await #expect(throws: ConnectorError.self) {
            try await fresh.read(receipt.remoteID, over: bench.wire)
        }
        #expect(reading?.name == "answer-lost" && reading?.detail.contains("BadDeviceFailure") == true)
        set("LastReference", "Good")
        #expect(try await fresh.find(.create(order), over: bench.wire) == [receipt])
        try await bench.stop()
        let method = try await OPCUABench("method")
        let misread = try opcuaConnector("method", method.standIn.url, replacing: ("id: OrderIds }", "id: Orders }"))
        let output = await #expect(throws: ConnectorError.self) {
            try await misread.find(.create(order), over: method.wire)
        }
        #expect(output?.name == "refused" && output?.detail.contains("has no output Orders") == true)
        try await method.stop()
    }

    // MARK: Configuration

    @Test("A method that nothing can be looked for with says so; what is written wrongly is named with its line")
    func configuration() throws {
        let blind = try opcuaConnector(
            "method", "opc.tcp://mes",
            replacing: (
                "find: { method: /MES/FindOrders, arguments: { Reference: \"{reference}\" }, outputs: { id: OrderIds } }\n",
                ""
            ))
        #expect(!blind.traits.isSearchable && blind.traits.cancels && blind.traits.reschedules)
        let wrong = [
            ("form: jobControl\n", "the option \"receiver\" is required here"),
            ("form: variables\n", "the option \"trigger\" is required here"),
            ("form: method\n", "the option \"create\" is required here"),
            ("receiver: Orders\n", "should be a node like nsu=urn:mes;s=Orders"),
            ("receiver: /x:Orders\n", "the prefix x: is not in namespaces"),
            ("receiver: /Orders\nsecurity: weak\n", "should be strongest, signed, none, or a policy"),
            ("receiver: /Orders\nuserCertificate: /a\n", "userCertificate and userKey belong together"),
            ("receiver: /Orders\npriorities: { 1: high }\n", "should be a whole number there"),
            ("receiver: /Orders\nstatus: { variables: { colour: i=1 } }\n", "colour is none of"),
            (
                "receiver: /Orders\ncreate: { arguments: { A: \"{asset}\" } }\n",
                "the option \"method\" is required here"
            ),
        ]
        for (section, words) in wrong {
            let error = #expect(throws: ConfigurationError.self) {
                try opcuaConnector("", "opc.tcp://mes", section)
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(section): \(String(describing: error))")
        }
        #expect(throws: ConfigurationError.self) { try opcuaConnector("method", "http://mes") }
    }
}
