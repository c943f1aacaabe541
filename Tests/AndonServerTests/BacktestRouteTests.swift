import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Other rules over HTTP and on the command line")
struct BacktestRouteTests {
    /// Four reports on two classes; the rules of the fixture raise an order for each class.
    private func serve(shadow: String = "") throws -> ServerFixture {
        try ServerFixture(ServerFixture.plant.replacing("scratch: {", with: "dent: {}\n    scratch: {") + shadow)
    }

    private func report(_ server: ServerFixture) async throws {
        for (index, (label, severity)) in [("scratch", 0.8), ("scratch", 0.5), ("dent", 0.9), ("dent", 0.2)]
            .enumerated()
        {
            let defect: JSON = ["class": .string(label), "confidence": 0.9, "severity": .number(severity)]
            let answer = try await server.client.post(
                "/api/v1/inspections", server.report("b-\(index)", ["defects": .array([defect])]))
            #expect(answer.status == 202)
        }
    }

    private static let strict = """
        rules:
          classes:
            scratch: { minSeverity: 0.4 }
            dent: { minSeverity: 0.95 }

        """

    @Test("Rules in a body are replayed beside what happened, and change nothing")
    func backtest() async throws {
        let server = try serve()
        try await report(server)
        let answer = try await server.client.post("/api/v1/backtest", text: Self.strict)
        #expect(answer.status == 200)
        let orders = answer.json["orders"]
        #expect(orders?["total"] == ["real": 2, "candidate": 1])
        #expect(orders?["byClass"]?["dent"] == ["real": 1, "candidate": 0])
        #expect(answer.json["detections"] == 4)
        #expect(answer.json["missed"]?["count"] == 1)
        #expect(answer.json["missed"]?["orders"]?.array?.first?["class"] == "dent")
        #expect(answer.json["outcomes"]?["recorded"]?["candidate"] == 2)
        #expect(answer.json["byRule"]?["classes.dent.minSeverity"]?["recorded"] == 2)
        #expect(try await server.client.get("/api/v1/orders").json["orders"]?.array?.count == 2)

        let file = server.folder.path + "/strict.yaml"
        try Data(Self.strict.utf8).write(to: URL(fileURLWithPath: file))
        let command = ["backtest", "--rules", file, "--config", server.config, "--data", server.data]
        let text = try await AndonProcess.run(command)
        #expect(
            text.status == 0 && text.output.contains("Real orders that would have been missed: 1"), "\(text.output)")
        #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(text.output)")
        let json = try await AndonProcess.run(command + ["--json"])
        #expect(json.status == 0 && json.output.contains("\"total\":{\"candidate\":1,\"real\":2}"), "\(json.output)")
        // A whole configuration brings its own plant; these are the rules that made the past.
        let same = try await AndonProcess.run(["backtest", "--rules", server.config, "--data", server.data, "--json"])
        #expect(same.output.contains("\"total\":{\"candidate\":2,\"real\":2}"), "\(same.output)")
        try await server.end()
    }

    @Test("Faults in the rules, the query and the file are named with their places")
    func faults() async throws {
        let server = try serve()
        let wrong = try await server.client.post(
            "/api/v1/backtest", text: "rules:\n  defaults:\n    minSeverity: 2\n  clases: {}\n")
        #expect(wrong.status == 422)
        let details = (wrong.json["errors"]?.array ?? []).compactMap { $0["detail"]?.string }
        #expect(
            details.contains { $0.hasPrefix("rules:3:") } && details.contains { $0.hasPrefix("rules:4:") }, "\(details)"
        )
        for body in ["", "x: 1\n", "rules: [\n"] {
            #expect(try await server.client.post("/api/v1/backtest", text: body).status == 422, "\(body)")
        }
        let long = String(repeating: "# long\n", count: 200_000)
        #expect(try await server.client.post("/api/v1/backtest", text: long).status == 413)
        for query in ["from=yesterday", "from=2026-11-02&to=2026-11-01"] {
            #expect(
                try await server.client.post("/api/v1/backtest?\(query)", text: Self.strict).status == 400, "\(query)")
        }
        for query in ["share=2", "share=x", "confidence=1"] {
            #expect(try await server.client.get("/api/v1/tune?\(query)").status == 400, "\(query)")
        }
        #expect(try await server.client.get("/api/v1/shadow").status == 404)
        let missing = try await AndonProcess.run(["backtest", "--rules", "/nowhere.yaml", "--data", server.data])
        #expect(missing.status == 1 && missing.output.contains("cannot be read"), "\(missing.output)")
        try await server.end()
    }

    @Test("Rules in the shadow count what they would have done, and make no order")
    func shadow() async throws {
        let folder = try TemporaryFolder("andon-shadow")
        let file = folder.path + "/candidate.yaml"
        try Data(Self.strict.utf8).write(to: URL(fileURLWithPath: file))
        let server = try serve(shadow: "shadow: { rulesFile: \(file), since: 2026-01-01T00:00:00Z }\n")
        try await report(server)
        // The shadow is a few seconds behind: its count is asked for until it is there.
        let counted = try await eventually {
            let report = try await server.client.get("/api/v1/shadow").json["report"]
            return report?["detections"] == 4 && report?["orders"]?["total"] == ["real": 2, "candidate": 1]
        }
        #expect(counted)
        #expect(try await server.client.get("/api/v1/orders").json["orders"]?.array?.count == 2)
        try await server.end()
    }

    @Test("Too few closures are said to be too few, over HTTP and on the command line")
    func tune() async throws {
        let server = try serve()
        try await report(server)
        let answer = try await server.client.get("/api/v1/tune?share=0.8")
        #expect(answer.status == 200 && answer.json["share"] == 0.8 && answer.json["groups"] == [])
        let text = try await AndonProcess.run(["tune", "--data", server.data])
        #expect(text.status == 0 && text.output.contains("No order of the period has ended"), "\(text.output)")
        #expect(try await AndonProcess.run(["tune", "--share", "1.5", "--data", server.data]).status == 1)
        try await server.end()
    }
}

extension TestClient {
    fileprivate func post(_ path: String, text: String) async throws -> Answer {
        try await send("POST", path, headers: ["Content-Type": "application/yaml"], body: Data(text.utf8))
    }
}
