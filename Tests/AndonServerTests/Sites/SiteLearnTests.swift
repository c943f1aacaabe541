import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("What Learn tells who has a role at one site")
struct SiteLearnTests {
    private static let questions = ["recurrence", "actions", "times", "change", "cost", "advice", "feedback"]

    /// Twenty orders of each site, and of an asset that is in no plant file.
    private static var file: String {
        var lines = ["ASSET,CLASS,DETECTED,FINISHED,ACTION,TECH"]
        for day in 10...29 {
            let date = "2025-03-\(day)"
            lines.append("PRESS-07,scratch,\(date)T08:00:00Z,\(date)T10:00:00Z,CLEAN,Nowak")
            lines.append("MILL-03,scratch,\(date)T08:00:00Z,\(date)T20:00:00Z,SWAP-IT,Ackroyd")
            lines.append("NOWHERE-1,scratch,\(date)T08:00:00Z,\(date)T22:00:00Z,LEAVE-IT,Nemo")
        }
        return lines.joined(separator: "\r\n")
    }

    private func bench() async throws -> SiteBench {
        let bench = try await SiteBench()
        let columns: JSON = [
            "asset": "ASSET", "class": "CLASS", "detected": "DETECTED", "finished": "FINISHED", "action": "ACTION",
            "technician": "TECH",
        ]
        let body: JSON = [
            "file": .string(Data(Self.file.utf8).base64EncodedString()), "mapping": ["columns": columns],
            "name": "old.csv", "by": "E. Planner", "reason": "baseline",
        ]
        let taken = try await bench.all.post("/api/v1/learn/histories", body)
        #expect(taken.status == 201, "\(taken.text)")
        for (name, asset) in [("dent", "PRESS-07"), ("scald", "MILL-03"), ("bruise", "NOWHERE-1")] {
            let missed: JSON = ["class": .string(name), "asset": .string(asset), "by": "E. Weber"]
            #expect(try await bench.all.post("/api/v1/learn/missed", missed).status == 201)
        }
        return bench
    }

    /// What came from the other site, or from nowhere.
    private static func others(in text: String) -> [String] {
        let words = ["NOWHERE-1", "SWAP-IT", "LEAVE-IT", "Ackroyd", "Nemo", "scald", "bruise", "Clean the mill"]
        return SiteBench.leaks(text) + words.filter { text.contains($0) }
    }

    @Test("Every question is answered of the own site's assets alone, for pages and programs, whoever asked before")
    func questions() async throws {
        let bench = try await bench()
        for question in Self.questions {
            let query = "\(question)?histories=both"
            let whole = try await bench.all.get("/api/v1/learn/\(query)")
            let part = try await bench.here.get("/api/v1/learn/\(query)")
            let again = try await bench.all.get("/api/v1/learn/\(query)")
            #expect(part.status == 200 && part.json["sites"] == ["BEDFORD"], "\(question): \(part.text)")
            #expect(Self.others(in: part.text).isEmpty, "\(question): \(Self.others(in: part.text)) in \(part.text)")
            #expect(whole.json["sites"] == nil && again.json["sites"] == nil, "\(question)")
            #expect(whole.text.contains("MILL-03") == again.text.contains("MILL-03"), "\(question)")
            let page = try await bench.here.page("/learn/\(query)")
            #expect(page.status == 200 && page.text.contains("BEDFORD"), "\(question): \(page.text)")
            #expect(Self.others(in: page.text).isEmpty, "\(question): \(Self.others(in: page.text)) in \(page.text)")
        }
        let german = try await bench.here.page("/learn/cost", language: "de")
        #expect(german.text.contains("Gezählt ist allein"), "\(german.text)")
        #expect(try await bench.here.page("/learn").status == 200)
        try await bench.server.stop()
    }

    @Test("The figures are those of the own site, and what came from no known asset counts for who sees all")
    func figures() async throws {
        let bench = try await bench()
        func first(_ client: TestClient, _ query: String) async throws -> String {
            let answer = try await client.get("/api/v1/learn/\(query)")
            return answer.json["sections"]?[0]?["sentences"]?[0]?.string ?? answer.text
        }
        for (query, all, here) in [
            ("times?histories=imported", "60 orders,", "20 orders,"),
            ("recurrence?histories=imported", "60 repairs;", "20 repairs;"),
            ("cost?histories=imported", "60 orders ended", "20 orders ended"),
            ("change", "Before: 60 orders", "Before: 20 orders"),
        ] {
            #expect(try await first(bench.all, query).hasPrefix(all), "\(query)")
            #expect(try await first(bench.here, query).hasPrefix(here), "\(query)")
        }
        let tasks = try await bench.here.get("/api/v1/learn/advice").json["sections"]?[0]?["table"]?["rows"]?.array
        #expect((tasks ?? []).compactMap { $0[0]?.string } == ["Clean the press", "Clean everything"])
        let feedback = try await bench.here.get("/api/v1/learn/feedback").json
        #expect(feedback["sections"]?[0]?["table"]?["rows"]?[0]?[0] == "dent", "\(feedback)")
        try await bench.server.stop()
    }

    @Test("An asset elsewhere is not there, as one of no plant; proposals are made on what is seen alone")
    func elsewhere() async throws {
        let bench = try await bench()
        for (asset, status) in [("PRESS-07", 200), ("MILL-03", 404), ("NOWHERE-1", 404), ("NEVER-1", 404)] {
            for path in ["/api/v1/learn/cost", "/learn/cost"] {
                #expect(try await bench.here.page("\(path)?asset=\(asset)").status == status, "\(path) \(asset)")
                #expect(try await bench.all.page("\(path)?asset=\(asset)").status == 200, "\(path) \(asset)")
            }
        }
        #expect(try await bench.here.get("/learn/proposals?task=Clean%20the%20mill").status == 404)
        let shared = try await bench.here.get("/learn/proposals?task=Clean%20everything")
        #expect(shared.status == 422 && SiteBench.leaks(shared.text).isEmpty, "\(shared.text)")
        func propose(_ task: String, _ asset: String?) async throws -> TestClient.Answer {
            var body: [String: JSON] = ["task": .string(task), "by": "A. Nowak", "reason": "too often"]
            body["asset"] = asset.map { .string($0) }
            return try await bench.here.post("/api/v1/learn/proposals", .object(body))
        }
        #expect(try await propose("Clean the mill", nil).status == 404)
        let wrong = try await propose("Clean everything", "MILL-03")
        #expect(wrong.status == 400 && SiteBench.leaks(wrong.text).isEmpty, "\(wrong.text)")
        for path in ["/api/v1/learn/labels?format=coco", "/api/v1/learn/histories"] {
            let refused = try await bench.here.get(path)
            #expect(refused.status == 403 && refused.json["detail"]?.string?.contains("all sites") == true, "\(path)")
        }
        #expect(try await !bench.here.page("/learn/feedback").text.contains("/api/v1/learn/labels"))
        #expect(try await bench.all.page("/learn/feedback").text.contains("/api/v1/learn/labels"))
        try await bench.server.stop()
    }
}
