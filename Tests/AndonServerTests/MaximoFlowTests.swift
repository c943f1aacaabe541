import AndonModel
import AndonTesting
import Foundation
import Testing

/// The whole main job against a Maximo: from a picture over HTTP to the closed order's facts.
@Suite("From a camera to Maximo and back")
struct MaximoFlowTests {
    private func server(_ maximo: MaximoStandIn, _ standIn: StandInServer, _ options: String = "") throws
        -> ServerFixture
    {
        try ServerFixture(
            ServerFixture.plant.replacing("plant:\n", with: "plant:\n  defaultConnector: maximo\n") + """
                connectors:
                  maximo:
                    url: \(standIn.address)/maximo
                    apiKey: { env: MAXIMO_KEY }
                    failureCode: VISDEF
                    criticalities: { 1: A, 3: C }
                    searchAgainAfter: 10ms
                    retryBase: 10ms
                    retryCap: 50ms
                    appendAtMostEvery: 0s
                \(options)

                """, environment: ["MAXIMO_KEY": "test-key"])
    }

    private func maximo() async throws -> (MaximoStandIn, StandInServer) {
        var setup = MaximoStandIn.Setup()
        setup.assets = [
            "PRESS-07": ["siteid": "BEDFORD", "priority": 1, "location": "BR100"],
            "PUMP-3": ["siteid": "BEDFORD", "priority": 3, "description": "Coolant pump", "location": "BR100"],
        ]
        let maximo = MaximoStandIn(setup: setup)
        return (maximo, try await maximo.serve())
    }

    private func order(_ server: ServerFixture, _ reference: Reference) async throws -> JSON {
        try await server.client.get("/api/v1/orders/\(reference)").json["order"] ?? .null
    }

    private func raise(_ server: ServerFixture, _ id: String, _ changes: [String: JSON] = [:]) async throws -> Reference
    {
        let answer = try await server.client.report(server.report(id, changes), picture: try samplePicture("scratch"))
        let text = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
        return try #require(Reference(text))
    }

    @Test("A picture becomes an order with its picture; its repair comes back, by webhook, to the detection")
    func wholeWay() async throws {
        let (maximo, standIn) = try await maximo()
        let server = try server(maximo, standIn)
        let reference = try await raise(server, "m-1")
        #expect(try await eventually { try await order(server, reference)["completedAt"] != nil })
        let record = try #require(maximo.record(reference))
        #expect(record.fields["wopriority"] == 1 && record.fields["assetnum"] == "PRESS-07")
        #expect(Data(record.files.first?.bytes ?? []) == (try samplePicture("scratch")))
        let kept = try await order(server, reference)
        #expect(kept["number"]?.string == record.fields["wonum"]?.string)
        #expect(kept["link"]?.string?.contains("uniqueid=") == true)
        #expect((kept["secondsToOrder"]?.number ?? 0) > 0, "measured; how long it takes is Benchmarks/latency")
        // The further occurrence is told there, with its picture.
        let second = try await server.client.report(server.report("m-2"), picture: try samplePicture("dent"))
        #expect(second.json["detections"]?[0]?["outcome"] == "grouped")
        #expect(try await eventually { maximo.record(reference)?.files.count == 2 })
        #expect(maximo.record(reference)?.fields["worklog"]?.array?.count == 1)
        maximo.change(
            reference,
            [
                "status": "CLOSE", "actfinish": "2026-11-24T09:00:00+01:00",
                "labtrans": [["laborcode": "WILSON", "regularhrs": 2.0]],
                "failurereport": [["type": "CAUSE", "failurecode": "WEAR"]],
                "matusetrans": [["itemnum": "DIE-4", "positivequantity": 1, "issuetype": "ISSUE"]],
                "worklog": [["description": "New die"]],
            ])
        #expect(try await server.client.send("POST", "/api/v1/connectors/maximo/webhook").status == 202)
        #expect(try await eventually { try await order(server, reference)["state"] == "closed" })
        let closure = try #require(try await order(server, reference)["closure"])
        #expect(closure["technician"] == "WILSON" && closure["labourHours"] == 2 && closure["causeCode"] == "WEAR")
        #expect(closure["parts"]?[0]?["code"] == "DIE-4" && closure["notes"] == "New die")
        let record2 = try await server.client.get("/api/v1/orders/\(reference)").json
        #expect(record2["detections"]?.array?.count == 2)
        let exchanges = record2["transmission"]?[0]?["exchanges"]?[0]
        #expect(exchanges?["status"] == 201 && exchanges?["requestSha256"]?.string?.count == 64)
        #expect(!record2.canonicalText.contains("test-key"))
        try await server.end()
        try await standIn.stop()
    }

    @Test("The CMMS's registry makes assets known and says how critical they are, with its age in the order")
    func registry() async throws {
        let (maximo, standIn) = try await maximo()
        let server = try server(maximo, standIn)
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/connectors").json["connectors"]?.array?
                    .contains { $0["name"] == "maximo" && $0["registryAssets"] == 2 } == true
            })
        let reference = try await raise(server, "r-1", ["asset": "PUMP-3"])
        let text = try await server.client.get("/orders/\(reference)").text
        #expect(text.contains("PUMP-3 Coolant pump, criticality C (read from the asset registry 20"), "\(text)")
        try await server.end()
        try await standIn.stop()
    }

    @Test("An order that was deleted there is alarmed, or raised again where the configuration says so")
    func missing() async throws {
        let (maximo, standIn) = try await maximo()
        let server = try server(maximo, standIn, "    onMissing: raiseAgain\n    census: 1s\n    poll: 1s")
        let reference = try await raise(server, "g-1")
        #expect(try await eventually { try await order(server, reference)["completedAt"] != nil })
        let number = try await order(server, reference)["number"]
        maximo.remove(reference)
        #expect(
            try await eventually {
                let now = try await order(server, reference)
                return now["delivery"] == "acknowledged" && now["number"] != number
            })
        let kinds =
            try await server.client.get("/api/v1/orders/\(reference)").json["ledger"]?.array?
            .compactMap { $0["kind"]?.string } ?? []
        #expect(kinds.contains("order.missing") && kinds.contains("order.raised-again"))
        #expect(try await eventually { maximo.record(reference)?.files.count == 1 })
        try await server.end()
        try await standIn.stop()
    }

    @Test("A text longer than the field is cut there, and goes as a file beside it")
    func longText() async throws {
        let (maximo, standIn) = try await maximo()
        let server = try server(maximo, standIn)
        let note = String(repeating: "a long remark of the vision system ", count: 1500)
        let reference = try await raise(server, "t-1", ["attributes": ["remark": .string(note)]])
        #expect(try await eventually { maximo.record(reference)?.files.count == 2 })
        let record = try #require(maximo.record(reference))
        #expect((record.fields["description_longdescription"]?.string?.count ?? 0) <= 32_000)
        let text = try #require(record.files.first { $0.name.hasSuffix(".txt") })
        #expect(String(decoding: text.bytes, as: UTF8.self).contains(note))
        try await server.end()
        try await standIn.stop()
    }

    @Test("A refused order is a loud dead letter; mended there, one command sends it again")
    func deadLetter() async throws {
        let (maximo, standIn) = try await maximo()
        let server = try server(maximo, standIn)
        let reference = try await raise(server, "x-1", ["asset": "PRESS-07"])
        #expect(try await eventually { try await order(server, reference)["completedAt"] != nil })
        maximo.faults.queue(
            .answer(status: 400, body: #"{"Error":{"reasonCode":"BMXAA4153E","message":"not a valid site"}}"#))
        let dead = try await raise(server, "x-2", ["asset": "PUMP-9"])
        #expect(try await eventually { try await order(server, dead)["delivery"] == "dead" })
        let alarms = try await server.client.get("/api/v1/alarms").text
        #expect(alarms.contains("dead-letter") && alarms.contains("BMXAA4153E: not a valid site"))
        let list = try await AndonProcess.run(["connector", "list", "--server", server.process.address])
        #expect(list.status == 0 && list.output.contains("1 dead"), "\(list.output)")
        let retried = try await AndonProcess.run(
            ["connector", "retry", "maximo", "--by", "planner", "--server", server.process.address])
        #expect(retried.status == 0, "\(retried.output)")
        #expect(try await eventually { try await order(server, dead)["delivery"] == "acknowledged" })
        #expect(try await server.client.get("/api/v1/alarms").json["alarms"] == [])
        try await server.end()
        try await standIn.stop()
    }

    @Test("A CMMS outside the configured networks gets no byte; the order waits and says why")
    func egress() async throws {
        let (maximo, standIn) = try await maximo()
        let server = try server(maximo, standIn, "network: { allowed: [10.0.0.0/8] }")
        let reference = try await raise(server, "e-1")
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").text.contains("outside the networks")
            })
        #expect(try await order(server, reference)["delivery"] == "waiting")
        #expect(maximo.requests == 0)
        try await server.end()
        try await standIn.stop()
    }
}
