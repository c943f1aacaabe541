import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonConnectors

@Suite("Fiix")
struct FiixTests {
    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await FiixBench()
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("On a bad day every order, picture and note is there once, with its asset and one first task")
    func once() async throws {
        let bench = try await FiixBench()
        try await OnceOnly(bench: bench).storm(orders: 30)
        try await bench.stop()
    }

    @Test(
        "The signature is the vendor's, by the vectors of its own clients",
        arguments: [
            (
                "https://bedford.macmms.com/api/?action=AddRequest&service=cmms&accessKey=macmmsaakpEXAMPLE0002&appKey=macmmsackpEXAMPLE0001&timestamp=1795420800000&signatureVersion=1&signatureMethod=HmacSHA256",
                "bcf0586a77713f85b074b378198426fa17ae41cd5a9becd57b3c9c38f6dede23"
            ),
            (
                "https://bedford.macmms.com/api/?service=cmms&appKey=macmmsackpEXAMPLE0001&accessKey=macmmsaakpEXAMPLE0002&signatureMethod=HmacSHA256&signatureVersion=1",
                "515208cc88096c268c8041783a4e63d71fc6f239097d2973cd1951498512187e"
            ),
            (
                "http://127.0.0.1:24001/api/?action=AddRequest&service=cmms&accessKey=macmmsaakpEXAMPLE0002&appKey=macmmsackpEXAMPLE0001&timestamp=1795420800000&signatureVersion=1&signatureMethod=HmacSHA256",
                "535eed6abb90250217de8d86118cdddca647bd4ae199dfc74c2ef360a765444c"
            ),
        ])
    func signature(address: String, expected: String) {
        #expect(FiixClient.signature(of: address, secret: Secret("macmmsaskpEXAMPLE0003")) == expected)
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await FiixBench(tables: [
            "maintenanceTypes": ["predictive": "Predictive"], "priorities": ["3": "Low"],
        ])
        let order = SampleOrder.make(kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:00:00Z"))
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let record = try #require(bench.standIn.orders(order.reference).first)
        let expected: [String: JSON] = [
            "intSiteID": 20, "intWorkOrderStatusID": 9101, "intPriorityID": 8205, "intMaintenanceTypeID": 7303,
            "strNameUserGuest": "AI vision detection", "strAdminNotes": "andon-ref: A7K2M9QX3F",
            "intRequestedByUserID": 7, "dtmSuggestedCompletionDate": 1_796_104_800_000,
        ]
        for (name, value) in expected { #expect(record[name] == value, "\(name)") }
        let text = try #require(record["strDescription"]?.string)
        #expect(text.hasPrefix("Predicted: Scratch on PRESS-07") && text.hasSuffix("\nandon-ref: A7K2M9QX3F"))
        #expect(text.contains("Lot: L-0815") && receipt.number == "4101")
        #expect(bench.standIn.rows("WorkOrderAsset", of: order.reference).map { $0["intAssetID"] } == [1000])
        #expect(
            bench.standIn.rows("WorkOrderTask", of: order.reference).map { $0["strDescription"] } == ["Replace tool"])
        let low = SampleOrder.make(Reference.fresh().text, priority: 3)
        _ = try await bench.connector.perform(.create(low), over: bench.wire)
        #expect(bench.standIn.orders(low.reference).first?["intPriorityID"] == 8201)
        try await bench.stop()
    }

    @Test("An order whose asset link was lost on the way gets it when it is found")
    func missingLink() async throws {
        let bench = try await FiixBench()
        let order = SampleOrder.make()
        // Names and the asset: six calls; the order; then the line is cut before its link.
        _ = try await bench.connector.find(.create(order), over: bench.wire)
        bench.faults.queue(nil, nil, .dropBefore)
        await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(order), over: bench.wire)
        }
        #expect(bench.copies(order.reference) == 1)
        #expect(bench.standIn.rows("WorkOrderAsset", of: order.reference).isEmpty)
        #expect(try await bench.connector.find(.create(order), over: bench.wire).count == 1)
        #expect(bench.standIn.rows("WorkOrderAsset", of: order.reference).count == 1)
        #expect(bench.standIn.rows("WorkOrderTask", of: order.reference).count == 1)
        try await bench.stop()
    }

    @Test("An error with HTTP 200 is an error, by the leg on which it happened")
    func legs() async throws {
        let bench = try await FiixBench()
        _ = try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
        let cases: [(String, String)] = [
            (#"{"error":{"leg":"SERVER_REQUEST_RECEIVE","code":5,"message":"m"}}"#, "unauthorized"),
            (#"{"error":{"leg":"SERVER_RESPONSE_PACK","code":5,"message":"m"}}"#, "answer-lost"),
            (
                #"{"error":{"leg":"SERVER_REQUEST_PROCESS","code":1100,"message":"m","object":{"P_CLIENT_AUTO_RETRY_WAIT_ADVISORY_MS":9000}}}"#,
                "busy"
            ),
            (#"{"object":{}}"#, "answer-lost"),
        ]
        for (body, name) in cases {
            bench.faults.queue(.answer(status: 200, body: body))
            let error = await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(SampleOrder.make(Reference.fresh().text)), over: bench.wire)
            }
            #expect(error?.name == name, "\(body)")
            if case .busy(let after, _)? = error { #expect(after == .seconds(9)) }
        }
        try await bench.stop()
    }

    @Test("What is not there is refused in words before anything is made")
    func refusals() async throws {
        let bench = try await FiixBench()
        var order = SampleOrder.make()
        order.place.asset = "GHOST"
        let ghost = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(order), over: bench.wire)
        }
        #expect(
            ghost == .refused("Fiix has no asset with the code \"GHOST\" at the site")
                && bench.copies(order.reference) == 0)
        try await bench.stop()
        for (option, words) in [("site", "no site \"nowhere\""), ("user", "no user \"nowhere\"")] {
            let wrong = try await FiixBench(options: [option: "nowhere"])
            let error = await #expect(throws: ConnectorError.self) {
                try await wrong.connector.perform(.create(SampleOrder.make()), over: wrong.wire)
            }
            #expect(error?.detail.contains(words) == true)
            try await wrong.stop()
        }
        var setup = FiixStandIn.Setup()
        setup.secretKey = "another"
        let wrong = try await FiixBench(setup: setup)
        let keys = await #expect(throws: ConnectorError.self) {
            try await wrong.connector.perform(.create(SampleOrder.make()), over: wrong.wire)
        }
        #expect(keys == .unauthorized("keys, signature or clock: the signature does not match"))
        try await wrong.stop()
    }

    @Test("Statuses are read by their group, and by name only where the configuration says so")
    func states() async throws {
        let bench = try await FiixBench(tables: ["states": ["working": "done"]])
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        for (status, state) in [
            (9100, OrderState.open), (9101, .open), (9102, .done), (9103, .closed), (9104, .cancelled),
        ] {
            bench.standIn.change(order.reference, ["intWorkOrderStatusID": .integer(status)])
            #expect(try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state == state, "\(status)")
        }
        try await bench.stop()
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(members, tables: tables)
            _ = FiixConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        let secret = ["secretKey": ["env": "KEY"]]
        let right = ["url": "https://x", "appKey": "a", "accessKey": "b", "site": "S", "user": "u"]
        #expect(faults(right, secret).isEmpty)
        #expect(faults([:], [:]).count == 6)
        for (table, rows) in [
            ("priorities", ["top": "x"]), ("maintenanceTypes", ["other": "x"]), ("states", ["x": "finished"]),
            ("fields", ["strAdminNotes": "{lot}"]), ("fields", ["strDescription": "{nonsense}"]),
        ] {
            #expect(faults(right, secret.merging([table: rows]) { $1 }).count == 1, "\(table)")
        }
    }
}
