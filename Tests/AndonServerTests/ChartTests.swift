import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Control charts over HTTP and by the commands")
struct ChartTests {
    private static let stream = "stream=asset%3DPRESS-07"

    private func send(_ counts: [Int], from first: Int, to server: ServerFixture) async throws {
        for (number, count) in counts.enumerated() {
            let defect: JSON = ["class": "scratch", "confidence": 0.9, "severity": 0.1]
            let report = server.report(
                "j\(first + number)",
                ["inspected": 50, "defects": .array(Array(repeating: defect, count: count))])
            #expect(try await server.client.post("/api/v1/inspections", report).status == 202)
        }
    }

    @Test("The published limits of the orange juice come out, and again without the points that a person leaves out")
    func limits() async throws {
        let server = try ServerFixture(JuiceCharts.rules)
        try await send(JuiceCharts.counts, from: 1, to: server)
        let first = try await server.client.get("/api/v1/charts/scratches?\(Self.stream)").json
        let made = try #require(first["limits"]?.array?.first)
        #expect(abs((made["limits"]?["location"]?["centre"]?.number ?? 0) - 0.2313333) < 1e-6)
        #expect(made["reason"]?.string?.contains("beyond them 15, 23") == true, "\(made)")
        #expect(first["phase"]?.integer == 2 && first["points"]?.array?.count == 30)

        // Without a reason nothing is left out, and without a name nothing comes into force.
        func ask(_ changes: [String: JSON], trial: Bool = false) async throws -> TestClient.Answer {
            let body: [String: JSON] = ["stream": "asset=PRESS-07", "from": 1, "to": 30]
            return try await server.client.post(
                "/api/v1/charts/scratches/limits?trial=\(trial)", .object(body.merging(changes) { $1 }))
        }
        #expect(try await ask(["by": "A. Nowak"]).status == 422)
        let bare = try await ask(["exclude": [["point": 15]], "by": "A. Nowak", "reason": "new valve"])
        #expect(bare.status == 422 && bare.json["detail"]?.string == "Say why point 15 is left out.", "\(bare.text)")
        #expect(try await ask(["exclude": [["point": 31, "reason": "x"]]], trial: true).status == 422)
        #expect(try await ask(["from": 29, "to": 400], trial: true).status == 200, "what is there of them counts")
        #expect(try await ask(["from": 40, "to": 400], trial: true).status == 422)
        #expect(try await ask(["stream": "asset=NONE"], trial: true).status == 404)
        let exclusions: JSON = [
            ["point": 15, "reason": "other supplier of cardboard"], ["point": 23, "reason": "new operator"],
        ]
        let trial = try await ask(["exclude": exclusions], trial: true)
        #expect(trial.status == 200 && trial.json["beyond"]?.array?.compactMap(\.integer) == [21], "\(trial.text)")
        let again = try await ask(["exclude": exclusions, "by": "A. Nowak", "reason": "causes found"])
        #expect(again.json["version"]?.integer == 2)
        #expect(abs((again.json["location"]?["centre"]?.number ?? 0) - 0.215) < 1e-9)
        let rounds = try await ask(["excludeBeyond": true], trial: true)
        #expect(rounds.json["excluded"]?.array?.compactMap { $0["point"]?.integer } == [15, 21, 23])
        #expect(abs((rounds.json["location"]?["centre"]?.number ?? 0) - 0.2081481) < 1e-6)

        // Sample 41 of the published second phase lies below the limits that are in force now.
        try await send([9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2], from: 31, to: server)
        let later = try await server.client.get("/api/v1/charts/scratches?\(Self.stream)&points=1").json
        let point = try #require(later["points"]?.array?.last)
        #expect(point["number"]?.integer == 41 && point["limitsVersion"]?.integer == 2)
        #expect(point["rules"]?.array?.first?.string == "beyond-3-sigma")
        let ledger = try await server.client.get("/api/v1/ledger?from=0").json["entries"]?.array ?? []
        #expect(
            ledger.filter { $0["kind"]?.string == "chart.limits" }.compactMap { $0["body"]?["by"]?.string }
                == ["baseline", "A. Nowak"])
        try await server.end()
    }

    @Test("The commands list, show, draw and set limits")
    func commands() async throws {
        let server = try ServerFixture(JuiceCharts.rules)
        try await send(JuiceCharts.counts, from: 1, to: server)
        func andon(_ arguments: [String]) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(arguments + ["--server", server.process.address])
        }
        let list = try await andon(["chart", "list"])
        #expect(list.status == 0 && list.output.contains("scratches  asset=PRESS-07  30 points"), "\(list.output)")
        let stream = ["--stream", "asset=PRESS-07"]
        let set = try await andon(
            ["chart", "limits", "scratches", "--from", "1", "--to", "30", "--exclude", "15=new cardboard"] + stream
                + ["--by", "Nowak", "--reason", "cause found"])
        #expect(set.status == 0 && set.output.contains("in force as version 2"), "\(set.output)")
        #expect(set.output.contains("left out: 15, new cardboard"), "\(set.output)")
        let refused = try await andon(["chart", "limits", "scratches", "--from", "1", "--to", "30"] + stream)
        #expect(refused.status != 0 && refused.output.contains("Say who"), "\(refused.output)")
        let show = try await andon(["chart", "show", "scratches", "--points", "5"] + stream)
        #expect(show.output.contains("limits version 2") && show.output.contains("cause found"), "\(show.output)")
        for name in ["chart.svg", "chart.png"] {
            let file = server.folder.path + "/" + name
            let drawn = try await andon(["chart", "figure", "scratches", "--write", file] + stream)
            #expect(drawn.status == 0, "\(drawn.output)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(bytes.starts(with: name == "chart.png" ? [0x89, 0x50, 0x4E, 0x47] : Array("<?xml".utf8)))
        }
        #expect(try await andon(["chart", "show", "nothing"]).status != 0)
        try await server.end()
    }

    @Test("Capability stands beside its interval, and an unstable process is warned of")
    func capability() async throws {
        let server = try ServerFixture(JuiceCharts.rules)
        var random = SeededRandom(seed: 4)
        for number in 0..<60 {
            let value = 10 + 0.5 * (Double(random.int(0...1000)) + Double(random.int(0...1000)) - 1000) / 1000
            _ = try await server.client.post(
                "/api/v1/inspections",
                server.report("w\(number)", ["defects": [], "attributes": ["width": .number(value)]]))
        }
        let path = "/api/v1/charts/width?\(Self.stream)"
        let study = try #require(try await server.client.get(path).json["capability"])
        #expect(study["values"]?.integer == 40 && study["stable"]?.bool == true)
        for name in ["cp", "cpk", "pp", "ppk"] {
            let index = try #require(study[name])
            let value = try #require(index["value"]?.number)
            #expect((index["lower"]?.number ?? 9) < value && value < (index["upper"]?.number ?? 0), "\(name)")
        }
        _ = try await server.client.post(
            "/api/v1/inspections", server.report("far", ["defects": [], "attributes": ["width": 30]]))
        let unstable = try await server.client.get(path).json["capability"]
        #expect(unstable?["stable"]?.bool == false && unstable?["warning"] != nil)
        try await server.end()
    }

    @Test("The picture of the chart is attached to the order, and every fault in a query is named")
    func pictures() async throws {
        let yaml =
            ServerFixture.plant + """
                  charts:
                    scratches: { kind: c, classes: [scratch], subgroup: { parts: 1 }, limits: { centre: 0.05 } }

                """
        let server = try ServerFixture(yaml)
        _ = try await server.client.post("/api/v1/inspections", server.report("a"))
        let reference = try #require(
            try await server.client.get("/api/v1/orders").json["orders"]?.array?.first?["reference"]?.string)
        var desk = ""
        for _ in 0..<400 where !desk.contains("/chart?format=svg\"") {
            desk = try await server.client.get("/desk/\(reference)").text
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(desk.contains("/orders/\(reference)/chart"), "the desk shows it")
        let picture = try await server.client.get("/orders/\(reference)/chart")
        #expect(picture.headers["content-type"] == "image/png" && picture.body.count > 5000)
        let page = try await server.client.get("/orders/\(reference)/chart?format=svg")
        #expect(page.headers["content-type"] == "image/svg+xml" && page.text.contains("<svg"))
        let name = "andon-\(reference)-chart-\(Hex.sha256(Array(picture.body)).prefix(8)).png"
        let sent = try await server.client.get("/api/v1/orders/\(reference)").json["transmission"]?.array ?? []
        #expect(sent.contains { $0["remoteId"]?.string == name }, "\(name) in \(sent)")
        for (path, status) in [
            ("scratches/figure?\(Self.stream)&format=gif", 400), ("scratches/figure?\(Self.stream)&width=9", 400),
            ("scratches?\(Self.stream)&points=0", 400), ("scratches", 404), ("none?\(Self.stream)", 404),
            ("scratches/figure?\(Self.stream)&width=99999999999999999999", 400),
        ] {
            let answer = try await server.client.get("/api/v1/charts/\(path)")
            #expect(answer.status == status && answer.json["detail"] != nil, "\(path): \(answer.text)")
        }
        #expect(try await server.client.get("/api/v1/charts?limit=0").status == 400)
        let bad = try await server.client.send(
            "POST", "/api/v1/charts/scratches/limits", body: Data("{\"from\":".utf8))
        #expect(bad.status == 400)
        let reserved = try await server.client.post("/api/v1/inspections", server.report("spc:mine"))
        #expect(reserved.status == 422 && reserved.json["detail"]?.string?.contains("spc:") == true)
        try await server.end()
    }
}
