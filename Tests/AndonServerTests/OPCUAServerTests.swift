import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("What a SCADA sees", .enabled(if: Scada.python != nil, Scada.reason))
struct OPCUAServerTests {
    private static func yaml(port: Int, _ more: String = "") -> String {
        """
        plant:
          name: Test
          site: BEDFORD
          timeZone: Europe/Berlin
          defaultLocation: PLANT
          assets:
            - { id: PRESS-07, name: Stamping press 7, criticality: A, line: LINE-1, station: ST-10, location: BR100 }
          zones: [{ id: Z1, name: Press hall }]
          cameras: [{ id: CAM-01, asset: PRESS-07, zone: Z1 }]
        rules:
          classes:
            scratch: { minConfidence: 0.5, minSeverity: 0.4 }
            drift: { minSeverity: 0 }
          charts:
            scratches:
              kind: c
              classes: [scratch]
              by: [asset]
              subgroup: { parts: 2 }
              limits: { centre: 1 }
              signal: drift
        opcua:
          server:
            listen: 127.0.0.1:\(port)
            names: [localhost, 127.0.0.1]
            every: 250ms
            orders: 5
            users:
              - { name: scada, password: { env: SCADA_PASSWORD }, may: [acknowledge, submit, respond] }
              - { name: screen, password: { env: SCREEN_PASSWORD } }
        \(more)
        """
    }

    private static let environment = ["SCADA_PASSWORD": "line-1 keeps running", "SCREEN_PASSWORD": "just looking"]

    private static func settings(
        _ server: ServerFixture, port: Int, user: String?, policy: String? = "Basic256Sha256",
        mode: String = "SignAndEncrypt"
    ) throws -> JSON {
        let own = try Scada.certificate(in: server.folder.path)
        return .object(present: [
            "url": .string("opc.tcp://127.0.0.1:\(port)"), "policy": policy.map { .string($0) }, "mode": .string(mode),
            "certificate": .string(own.certificate), "key": .string(own.key),
            "server": .string(server.data + "/pki/own/certs/own.der"), "user": user.map { .string($0) },
            "password": user.map { .string(environment["\($0.uppercased())_PASSWORD"] ?? "") },
            "thumbprint": .string(own.thumbprint),
        ])
    }

    /// A stranger is refused and listed; an administrator trusts it, and it comes in.
    private static func trusted(_ server: ServerFixture, _ settings: JSON) async throws -> Scada {
        let stranger = try Scada(settings)
        await #expect(throws: Scada.Failed.self) { try await stranger("connect") }
        stranger.end()
        let thumbprint = settings["thumbprint"]?.string ?? ""
        let list = try await AndonProcess.run(["opcua", "trust", "--server", server.process.address])
        #expect(list.status == 0 && list.output.contains(thumbprint), "\(list.output)")
        let page = try await server.client.get("/opcua").text
        #expect(
            page.contains(thumbprint) && page.contains("&lt;b") && !page.contains("SCADA <") && !page.contains("\\<b"))
        let trust = try await AndonProcess.run([
            "opcua", "trust", thumbprint, "--by", "M. Weber", "--reason", "the SCADA of hall 1", "--server",
            server.process.address,
        ])
        #expect(trust.status == 0 && trust.output.contains("trusted"), "\(trust.output)")
        #expect(try await server.entry("opcua.trusted", of: "opcua/\(thumbprint)")["by"] == "M. Weber")
        let scada = try Scada(settings)
        try await scada("connect")
        return scada
    }

    @Test(
        "From a report to an acknowledged alarm, and on until the order is closed: every way of looking says the same")
    func flow() async throws {
        let port = try freePort()
        let server = try ServerFixture(Self.yaml(port: port), environment: Self.environment)
        let settings = try Self.settings(server, port: port, user: "scada")
        let scada = try await Self.trusted(server, settings)
        let press = "Assets.PRESS-07"

        // The plant's hierarchy.
        #expect(try await scada("browse", "Andon").array?.compactMap(\.string).contains("Assets") == true)
        #expect(try await scada("browse", "Assets") == ["BEDFORD"])
        #expect(try await scada("browse", "Sites.BEDFORD") == ["LINE-1"])
        #expect(try await scada("browse", "Stations.LINE-1.ST-10") == ["PRESS-07"])
        let empty = try await scada(
            "read", [.string("\(press).LastDetection.Class"), .string("\(press).OpenWorkOrders")])
        #expect(empty.array?[0]["status"] == "BadNoData" && empty.array?[1]["value"] == 0)

        try await scada("watch", [.string("\(press).WorkOrderOpen"), .string("\(press).LastDetection.Id")])
        try await scada("watch_events")
        try await scada("watch_alarms")

        // A report comes in over HTTP.
        let answer = try await server.client.post("/api/v1/inspections", server.report("R-1", ["lot": "L-7"]))
        #expect(answer.status == 202)
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string)
        try await scada("change", .string("\(press).LastDetection.Id"), "R-1#0")
        try await scada("change", .string("\(press).WorkOrderOpen"), true)
        let fields = [
            "Id", "Class", "Confidence", "Severity", "Time", "Camera", "Zone", "Lot", "Outcome", "OrderReference",
        ]
        let read = try await scada("read", .array(fields.map { .string("\(press).LastDetection.\($0)") }))
        let values = read.array ?? []
        #expect(values.map { $0["value"]?.string ?? "" }.prefix(2) == ["R-1#0", "scratch"])
        #expect(values[2]["value"] == 0.9 && values[3]["value"] == 0.8)
        #expect(values[6]["value"] == "Z1" && values[7]["value"] == "L-7" && values[8]["value"] == "raised")
        #expect(values[9]["value"]?.string == reference)
        #expect(Set(values.compactMap { $0["time"]?.string }).count == 1, "one source time for all: \(read)")

        let alarm = "Alarms.\(press).WorkOrderOpen"
        let active = try await scada("event", ["ConditionName": "WorkOrderOpen", "ActiveState": "Active"])
        #expect(active["Message"]?.string?.contains(reference) == true, "\(active)")
        #expect(active["AckedState"] == "Unacknowledged" && active["Retain"] == true)
        // What is seen is acknowledged; the order stays open.
        #expect(try await scada("acknowledge", .string(alarm), "on my way") == "Good")
        let acked = try await scada("event", ["ConditionName": "WorkOrderOpen", "AckedState": "Acknowledged"])
        #expect(acked["ActiveState"] == "Active" && acked["ClientUserId"] == "scada", "\(acked)")
        #expect(try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "open")

        // The order is closed at the desk.
        try await server.close(reference)
        try await scada("change", .string("\(press).WorkOrderOpen"), false)
        let inactive = try await scada("event", ["ConditionName": "WorkOrderOpen", "ActiveState": "Inactive"])
        #expect(inactive["Retain"] == false, "\(inactive)")
        let entry = try await server.entry("alarm.acknowledged", of: alarm)
        #expect(entry["by"] == "scada" && entry["comment"] == "on my way" && entry["order"]?.string == reference)

        scada.end()
        try await server.end()
    }

    @Test("Events carry their own fields, and a chart's points are its variable's history")
    func eventsAndHistory() async throws {
        let port = try freePort()
        let server = try ServerFixture(Self.yaml(port: port), environment: Self.environment)
        let scada = try await Self.trusted(
            server, Self.settings(server, port: port, user: "screen", policy: "Aes256Sha256RsaPss"))
        try await scada("watch_events")
        for number in 0..<6 {
            _ = try await server.client.post("/api/v1/inspections", server.report("R-\(number)"))
        }
        let seen = try await scada("event", ["DetectionId": "R-5#0"])
        #expect(seen["Class"] == "scratch" && seen["Asset"] == "PRESS-07" && seen["Confidence"] == 0.9, "\(seen)")
        let raised = try await scada("event", ["Step": "acknowledged"])
        #expect(raised["Asset"] == "PRESS-07" && raised["Delivery"] == "acknowledged", "\(raised)")

        let stream = "Assets.PRESS-07.Spc.scratches"
        let names = ["Value", "Mean", "Ucl", "Status", "Point", "Value.EURange"]
        let values = try await scada("read", .array(names.map { .string("\(stream).\($0)") })).array ?? []
        #expect(values[0]["value"] == 2 && values[1]["value"] == 1 && values[2]["value"] == 4, "\(values)")
        #expect(values[3]["value"] == "in-control" && values[4]["value"] == 3)
        #expect(values[5]["value"] == [0, 7])
        let history = try await scada("history", .string("\(stream).Value"), 3600)
        #expect(history.array?.count == 3 && history.array?.allSatisfy { $0.array?.first == 2 } == true, "\(history)")
        let counts = try await scada("walk")
        #expect((counts["Variable"]?.integer ?? 0) > 100 && counts["Method"] == 2, "\(counts)")
        scada.end()
        try await server.end()
    }

    @Test("A report over OPC UA that finds no room is not refused for good: it can be sent again")
    func submitToFull() async throws {
        let port = try freePort()
        let server = try ServerFixture(
            Self.yaml(port: port, "intake: { underWayMax: 1 }"), environment: Self.environment)
        let scada = try await Self.trusted(server, try Self.settings(server, port: port, user: "scada"))
        func isUnderWay(_ count: Int) async throws -> Bool {
            try await eventually {
                try await server.client.get("/metrics").text.contains("\nandon_intake_under_way \(count)\n")
            }
        }
        let body = server.report("first").canonicalBytes
        let first = try RawConnection(port: server.process.port)
        first.send(
            "POST /api/v1/inspections HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.count)\r\n\r\n")
        #expect(try await isUnderWay(1))
        #expect(try await scada("submit", server.report("U-1")) == ["BadResourceUnavailable", []])
        first.send(body)
        #expect(try await isUnderWay(0))
        #expect(try await scada("submit", server.report("U-1")).array?[0] == "Good")
        scada.end()
        try await server.end()
    }

    @Test("A report over OPC UA is a report; whoever only looks hands in nothing and acknowledges nothing")
    func submit() async throws {
        let port = try freePort()
        let server = try ServerFixture(Self.yaml(port: port), environment: Self.environment)
        let settings = try Self.settings(server, port: port, user: "scada")
        let scada = try await Self.trusted(server, settings)
        let taken = try await scada("submit", server.report("U-1"))
        let outputs = taken.array?[1].array ?? []
        #expect(taken.array?[0] == "Good" && outputs.first == "U-1" && outputs[1] == false, "\(taken)")
        let reference = try #require(outputs[2].array?.first?.string, "\(taken)")
        // The id is another report's now: words, and a status that nobody takes for good.
        let other = try await scada("submit", server.report("U-1", ["lot": "L-9"]))
        #expect(other.array?[0] == "Uncertain", "\(other)")
        #expect(other.array?[1].array?[3].string?.contains("another report") == true, "\(other)")
        #expect(try await server.entry("opcua.submitted", of: "U-1")["by"] == "scada")
        #expect(try await scada("respond", .string(reference)) == ["Good", [1]])
        #expect(try await scada("respond", "NOSUCHNAME") == ["Uncertain", [2]])
        try await scada("watch_alarms")
        _ = try await scada("event", ["ConditionName": "WorkOrderOpen", "ActiveState": "Active"])

        let screen = try Scada(
            .object((settings.object ?? [:]).merging(["user": "screen", "password": "just looking"]) { $1 }))
        try await screen("connect")
        #expect(try await screen("submit", server.report("U-2")) == ["BadUserAccessDenied", []])
        try await screen("watch_alarms")
        _ = try await screen("event", ["ConditionName": "WorkOrderOpen", "ActiveState": "Active"])
        #expect(try await screen("acknowledge", "Alarms.Assets.PRESS-07.WorkOrderOpen", "no") == "BadUserAccessDenied")

        let wrong = try Scada(
            .object((settings.object ?? [:]).merging(["user": "screen", "password": "guess"]) { $1 }))
        await #expect(throws: Scada.Failed.self) { try await wrong("connect") }
        for one in [scada, screen, wrong] { one.end() }
        try await server.end()
    }

    @Test("open62541 sees the same, and without a name only where that is allowed")
    func other() async throws {
        let port = try freePort()
        let server = try ServerFixture(
            Self.yaml(port: port).replacing(
                "    users:", with: "    none: true\n    anonymous: read\n    users:"),
            environment: Self.environment)
        let answer = try await server.client.post("/api/v1/inspections", server.report("R-1"))
        #expect(answer.status == 202)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/glance.py").path
        let press = "Assets.PRESS-07"
        var seen: JSON?
        // A look comes every quarter of a second.
        let there = try await eventually(within: .seconds(60)) {
            let run = try await runProgram(
                URL(fileURLWithPath: Scada.python ?? ""),
                [
                    "-W", "ignore", script, "opc.tcp://127.0.0.1:\(port)", "\(press).LastDetection.Class",
                    "\(press).OpenWorkOrders", "\(press).WorkOrderOpen", "WorkOrders.01.Asset", "Totals.Detections",
                ])
            seen = run.output.split(separator: "\n").last.flatMap { try? JSON(parsing: String($0)) }
            return seen?["Totals.Detections"] == 1
        }
        #expect(there, "\(seen ?? .null)")
        #expect(seen?["\(press).LastDetection.Class"] == "scratch" && seen?["watched"] == "scratch", "\(seen ?? .null)")
        #expect(seen?["\(press).WorkOrderOpen"] == true && seen?["WorkOrders.01.Asset"] == "PRESS-07")
        try await server.end()
    }
}

extension ServerFixture {
    /// The repair is done, and said so at the desk.
    fileprivate func close(_ reference: String) async throws {
        let form = ["Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"]
        let there = try await eventually {
            try await self.client.get("/api/v1/orders/\(reference)").json["order"]?["delivery"] == "acknowledged"
        }
        #expect(there)
        let facts = "person=E.+Weber&hours=1.5&cause=WEAR&notes=Die+changed&verdict=confirmed"
        let answer = try await client.send(
            "POST", "/desk/\(reference)/close", headers: form, body: Data(facts.utf8))
        #expect(answer.status == 200, "\(answer.text.prefix(400))")
    }

    /// The body of the newest entry of a kind about a subject, once it is there.
    fileprivate func entry(_ kind: String, of subject: String) async throws -> JSON {
        var found: JSON?
        _ = try await eventually(within: .seconds(30)) {
            let answer = try await self.client.get("/api/v1/ledger")
            found =
                answer.json["entries"]?.array?.last { $0["kind"]?.string == kind && $0["subject"]?.string == subject }?[
                    "body"]
            return found != nil
        }
        return try #require(found, "no \(kind) of \(subject)")
    }
}
