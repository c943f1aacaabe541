import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Old orders over HTTP and by the command")
struct HistoryTests {
    private static let mapping = """
        columns: { asset: ASSETNUM, class: PROBLEM, detected: REPORTDATE, finished: ACTFINISH }
        dates: ["MM/dd/yyyy hh:mm a"]
        timeZone: Europe/Berlin
        classes: { CRK: crack }

        """

    private static func file(faults: Int) -> String {
        var lines = ["WONUM,ASSETNUM,PROBLEM,REPORTDATE,ACTFINISH,LEAD"]
        for day in 1...30 {
            let date = "03/\(day < 10 ? "0" : "")\(day)/2025"
            let finish = day <= faults ? "sometime" : "\(date) 11:30 PM"
            lines.append("\(day),PRESS-07,CRK,\(date) 08:00 AM,\(finish),\"Nowak, A.\"")
        }
        return lines.joined(separator: "\r\n")
    }

    @Test("A file is looked at, refused, taken in once, asked about and taken out again")
    func wholeWay() async throws {
        let folder = try TemporaryFolder("andon-history")
        let data = folder.path + "/data"
        let config = folder.path + "/andon.yaml"
        try Data(ServerFixture.plant.utf8).write(to: URL(fileURLWithPath: config))
        func put(_ name: String, _ text: String) throws -> String {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
            return "\(folder.path)/\(name)"
        }
        let mapping = try put("map.yaml", Self.mapping)
        let (good, bad) = (try put("good.csv", Self.file(faults: 0)), try put("bad.csv", Self.file(faults: 3)))
        let process = try AndonProcess(config: config, data: data)
        let client = TestClient(process.address)
        func bring(_ arguments: [String]) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(
                ["learn", "import"] + arguments + ["--mapping", mapping, "--server", process.address])
        }
        let signed = ["--by", "E. Planner", "--reason", "baseline"]

        let look = try await bring([bad, "--dry-run"])
        #expect(look.output.contains("27 orders fit, 3 do not: too many"), "\(look.output)")
        #expect(look.output.contains("line 2, ACTFINISH, \"sometime\""))
        let refused = try await bring([bad] + signed)
        #expect(refused.status != 0 && refused.output.contains("Nothing was taken in"), "\(refused.output)")
        #expect(try await client.get("/api/v1/learn/histories").json["histories"]?.array == [])

        let taken = try await bring([good] + signed)
        #expect(taken.status == 0 && taken.output.contains("30 orders taken in"), "\(taken.output)")
        let again = try await bring([good] + signed)
        #expect(again.status != 0 && again.output.contains("was imported"), "\(again.output)")
        let history = try await client.get("/api/v1/learn/histories").json["histories"]?[0]
        let digest = Hex.sha256(Array(Self.file(faults: 0).utf8))
        #expect(history?["digest"]?.string == digest)
        let copy = "\(data)/histories/\(digest).csv"
        #expect(FileManager.default.contents(atPath: copy) == Data(Self.file(faults: 0).utf8))

        let times = try await client.get("/api/v1/learn/times?histories=imported&by=technician").json
        let restoration = times["sections"]?.array?.first { $0["heading"]?.string?.contains("restoration") == true }
        let row = restoration?["table"]?["rows"]?[1]
        #expect(
            row?[0]?.string == "Nowak, A." && row?[1]?.integer == 30 && row?[5]?.number == 15.5,
            "\(times.canonicalText)")
        let apart = try await client.get("/api/v1/learn/cost?by=asset")
        #expect(apart.status == 400 && apart.text.contains("recurrence and times do"), "\(apart.text)")
        let change = try await client.get("/api/v1/learn/change?claim=25").json
        #expect(change["sections"]?[0]?["sentences"]?[0]?.string?.hasPrefix("Before: 30 orders") == true)
        #expect(try await client.get("/api/v1/learn/change?beforeFrom=2025-01-01").status == 400)

        let id = try #require(history?["id"]?.integer)
        func histories(_ arguments: [String]) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(["learn", "histories"] + arguments + ["--server", process.address])
        }
        let list = try await histories([])
        #expect(list.output.contains("\(id)  good.csv, 30 orders from "), "\(list.output)")
        #expect(try await histories(["--remove", "\(id)"]).output.contains("say who (--by) and why (--reason)"))
        let unknown = try await histories(["--remove", "77", "--by", "E. Planner", "--reason", "none"])
        #expect(unknown.status != 0 && unknown.output.contains("77"), "\(unknown.output)")
        let gone = try await histories(["--remove", "\(id)", "--by", "E. Planner", "--reason", "the wrong plant"])
        #expect(gone.status == 0 && gone.output.contains("taken out: \(id)  good.csv"), "\(gone.output)")
        #expect(!FileManager.default.fileExists(atPath: copy))
        #expect(try await histories([]).output.contains("None was brought in"))
        #expect(try await client.get("/api/v1/learn/histories").json["histories"]?.array == [])
        _ = try await process.stop()
    }
}
