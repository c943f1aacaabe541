import AndonConfiguration
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonSources

@Suite("Events that are sent here")
struct EventsFlowTests {
    private static let webhook: [String: JSON] = ["mapping": ["camera": "/cam", "class": "/class", "unit": "/unit"]]
    private static func event(_ unit: String) -> JSON { ["cam": "CAM-01", "class": "scratch", "unit": .string(unit)] }

    @Test("Without an id of the sender's the same words are the same event, and other words another")
    func sameWords() async throws {
        let bench = try EventsBench(Self.webhook)
        let first = try await bench.take(Self.event("1"))
        bench.time.advance(by: .seconds(60))
        let second = try await bench.take(Self.event("1"))
        let third = try await bench.take(Self.event("1"), picture: [1])
        #expect(second[0].isRepeated && first[0].id == second[0].id)
        #expect(!third[0].isRepeated && bench.reports.count == 2)
    }

    @Test("What no report can be made of is kept, and goes in with a mended mapping after a restart")
    func refusals() async throws {
        let bench = try EventsBench(["mapping": ["camera": "/kamera", "class": "/class", "unit": "/unit"]])
        let outcomes = try await bench.take(.array([Self.event("1"), "text", Self.event("2")]))
        #expect(outcomes.allSatisfy { $0.refusal != nil })
        #expect(outcomes[0].refusal?.hasPrefix("/kamera is not there") == true)
        #expect(try await bench.refusals().count == 3 && bench.source.board.now.refused == 3)
        let mended = try bench.again(Self.webhook)
        let running = Task { await mended.run() }
        #expect(try await eventually { try await bench.refusals().count == 1 })
        running.cancel()
        await running.value
        #expect(Set(bench.reports.compactMap { $0["unit"]?.string }) == ["1", "2"])
        // The sender's own second attempt finds it there.
        let again = try await mended.take(bench.delivery(Self.event("1")))
        #expect(again[0].isRepeated && bench.reports.count == 2)
    }

    @Test("A refusal is forgotten once its event was taken in")
    func forgotten() async throws {
        let bench = try EventsBench(Self.webhook)
        bench.intake.answer { $0 == 1 ? Problem(status: 422, type: "x", title: "no", detail: "no.") : nil }
        let first = try await bench.take(Self.event("1"))
        #expect(first[0].refusal == "the intake refuses the report: no." && bench.reports.isEmpty)
        #expect(try await bench.refusals().count == 1)
        try await bench.take(Self.event("1"))
        #expect(bench.reports.count == 1)
        #expect(try await bench.refusals().isEmpty)
    }

    @Test("Without room the sender is told, and its next attempt neither loses nor doubles")
    func full() async throws {
        let bench = try EventsBench(Self.webhook)
        bench.intake.answer { if $0 == 2 { throw StoreError.full("no room") } else { nil } }
        await #expect(throws: StoreError.self) {
            try await bench.take(.array((1...3).map { Self.event("\($0)") }))
        }
        let outcomes = try await bench.take(.array((1...3).map { Self.event("\($0)") }))
        #expect(outcomes.map(\.isRepeated) == [true, false, false] && bench.reports.count == 3)
    }

    @Test("Who may not report of a camera gets nothing of the delivery in")
    func permission() async throws {
        struct No: Error {}
        let bench = try EventsBench(Self.webhook)
        let body: JSON = [Self.event("1"), ["cam": "CAM-02", "class": "dent", "unit": "2"]]
        await #expect(throws: No.self) {
            try await bench.source.take(bench.delivery(body)) { camera, _ in if camera == "CAM-02" { throw No() } }
        }
        #expect(bench.reports.isEmpty && bench.source.board.now.received == 0)
    }

    @Test(
        "Pictures come from a part, from a field in base64, or from a folder; a missing one is told, and the report goes in"
    )
    func pictures() async throws {
        let files = try TemporaryFolder("andon-event-pictures")
        try Data([7, 8]).write(to: URL(fileURLWithPath: files.path + "/a.jpg"))
        let field = try EventsBench(Self.webhook.merging(["picture": ["field": "/image"]]) { $1 })
        func with(_ image: JSON, _ unit: String) -> JSON {
            ["cam": "CAM-01", "class": "scratch", "unit": .string(unit), "image": image]
        }
        try await field.take(with("data:image/jpeg;base64,AQID", "1"))
        try await field.take(with("AQID", "2"), picture: [9])
        try await field.take(with("no base64!", "3"))
        try await field.take(with(.null, "4"))
        try await field.take(with(.string(Data(count: 2000).base64EncodedString()), "5"))
        let pictures = field.reports.map { $0["id"]?.string.flatMap { field.intake.now.pictures[$0] } }
        #expect(
            pictures == [
                .bytes([1, 2, 3]), .bytes([9]), .missing("the field /image is not base64"),
                .missing("the field /image holds no text"),
                .missing("the picture has more than 1000 bytes (intake.pictureBytesMax)"),
            ])
        // The long text is not kept beside the report.
        #expect(field.reports[4]["attributes"]?["message"]?["image"] == ["bytes": 2668])
        let folder = try EventsBench(
            Self.webhook.merging([
                "picture": ["folder": .string(files.path), "path": "{/unit}.jpg", "stableFor": "0s", "wait": "0s"]
            ]) { $1 })
        try await folder.take(Self.event("a"))
        try await folder.take(Self.event("../a"))
        let found = folder.reports.map { $0["id"]?.string.flatMap { folder.intake.now.pictures[$0] } }
        #expect(found == [.bytes([7, 8]), .missing("the path \"../a.jpg\" does not stay within the folder")])
    }

    @Test("Reports that come late for a minute raise an alarm, which goes after a minute in time")
    func late() async throws {
        let mapping: JSON = ["camera": "C", "class": "/class", "detectedAt": "/t"]
        let bench = try EventsBench(["mapping": mapping, "deadline": "100ms", "network": "50ms"])
        func report(_ unit: Int, age: Duration) async throws {
            try await bench.take(["class": "scratch", "unit": .integer(unit), "t": .time(bench.time.now() - age)])
        }
        func alarms() async throws -> [String] {
            try await bench.store.read { try $0.alarms().filter { $0.subject == "source/edge" }.map(\.kind) }
        }
        let running = Task { await bench.source.run() }
        for unit in 0..<10 { try await report(unit, age: .milliseconds(200)) }
        #expect(bench.source.board.now.received == 10)
        // Time stands still while reports come, and goes on while it is waited for.
        func alarmsBecome(_ expected: [String]) async throws -> Bool {
            try await eventually {
                bench.time.advance(by: .milliseconds(500))
                return try await alarms() == expected
            }
        }
        #expect(try await alarmsBecome(["vision-slow"]))
        #expect(bench.source.board.now.isSlow && bench.source.board.now.latency?.p95 == .milliseconds(200))
        for unit in 10..<1100 { try await report(unit, age: .milliseconds(5)) }
        #expect(try await alarmsBecome([]))
        running.cancel()
        bench.time.advance(by: .seconds(2))
        await running.value
    }

    @Test("More messages than are taken at once are refused as a whole, and what is no object too")
    func limits() async throws {
        let bench = try EventsBench(Self.webhook)
        let many = try await bench.take(.array((0...EventMapper.messagesMax).map { Self.event("\($0)") }))
        #expect(many.count == 1 && many[0].refusal?.contains("at most 1000 are taken") == true)
        for body in ["text", 7, .null, true] as [JSON] {
            let outcome = try await bench.take(body)
            #expect(outcome[0].refusal?.contains("not a structure with fields") == true)
        }
        #expect(bench.reports.isEmpty)
    }

    @Test(
        "Whatever comes, the same becomes of it each time, and it is a report, a skip or a refusal",
        arguments: EventDialect.allCases)
    func anything(_ dialect: EventDialect) throws {
        let seed = UInt64.random(in: 0..<UInt64.max)
        print("events: dialect \(dialect.rawValue), seed \(seed)")
        var random = SeededRandom(seed: seed)
        let (settings, faults) = EventsBench.settings([
            "dialect": .string(dialect.rawValue), "mapping": ["camera": "C", "class": "/class"],
        ])
        #expect(faults == [])
        let mapper = EventMapper(source: "edge", settings: settings)
        for _ in 0..<2000 {
            let body = Self.anything(&random, depth: 0)
            let delivery = EventDelivery(body: body, receivedAt: Timestamp(microseconds: 0))
            let first = mapper.mapped(delivery)
            #expect(first == mapper.mapped(delivery))
            // A workflow's answer for no picture stands for no report.
            let isNothing = (body.array ?? [body]).allSatisfy { $0["outputs"]?.array?.isEmpty == true }
            #expect(!first.isEmpty || isNothing, "\(body.canonicalText)")
        }
    }

    /// Members that the dialects look for, with anything in them.
    private static let names = [
        "objects", "object", "sensor", "bbox", "messageid", "id", "after", "type", "box", "outputs", "predictions",
        "image",
        "event_schema", "event_data", "images", "class", "top", "predicted_classes", "anomaly_score", "found",
        "$request",
        "confidence", "x", "rle_mask", "points", "false_positive", "result",
    ]

    private static func anything(_ random: inout SeededRandom, depth: Int) -> JSON {
        func number(_ below: Int) -> Int { Int(random.next() % UInt64(below)) }
        switch depth > 4 ? number(5) : number(9) {
        case 0: return .null
        case 1: return .bool(number(2) == 0)
        case 2: return .number(Double(number(2000)) / 7 - 100)
        case 3:
            return .string(
                ["scratch", "pass", "quality_check", "1|2|3|4|5|dent|#|0.5", "|||||", "", "2026-11-29T08:00:00Z"][
                    number(7)])
        case 4: return .string(String(repeating: "é", count: number(3000)))
        case 5: return .array((0..<number(4)).map { _ in anything(&random, depth: depth + 1) })
        default:
            var members: [String: JSON] = [:]
            for _ in 0..<number(8) { members[names[number(names.count)]] = anything(&random, depth: depth + 1) }
            return .object(members)
        }
    }

    @Test("Each mistake of the configuration is named with its place and what is right")
    func mistakes() {
        let (_, faults) = EventsBench.settings([
            "dialect": "deepstream", "messages": "/x", "skip": ["type": "y"],
            "picture": ["field": "/a", "folder": "/b"],
            "mapping": ["detectedAtOffset": "east", "clas": "x"], "deadlines": "1s",
        ])
        for words in [
            "sources.edge.messages: only dialect: webhook has to say where its messages are",
            "should be a place like /after/false_positive",
            "sources.edge.mapping.detectedAtOffset: should be an offset like",
            "sources.edge.mapping.clas: unknown option; did you mean \"class\"?",
            "name a field with the picture in base64, or a folder and the path within it",
            "sources.edge.deadlines: unknown option; did you mean \"deadline\"?",
        ] {
            #expect(faults.contains { $0.contains(words) }, "\(words)\n\(faults)")
        }
        #expect(EventsBench.settings([:]).1 == ["sources.edge: the option \"mapping\" is required here"])
        #expect(EventsBench.settings(["dialect": "frigate"]).1 == [])
    }

    @Test("The examples in the document are right, and name every option that is read")
    func document() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/events.md"), encoding: .utf8)
        let examples = text.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(examples.count >= 4)
        var asked: Set<String> = []
        for example in examples {
            let found = try Configuration.load(
                yaml: "plant: { name: P }\n" + example,
                checkSource: { _, reader in
                    _ = EventsSettings(reading: reader)
                    asked.formUnion(reader.faults.asked)
                })
            #expect(!found.sources.isEmpty)
        }
        let names = Set(
            asked.filter { $0.hasPrefix("sources.") }.compactMap { $0.split(separator: ".").last.map(String.init) })
        let missing = try names.filter { try text.firstMatch(of: Regex("(^|[\\s{#])\($0):")) == nil }
        #expect(names.count > 40 && missing.isEmpty, "\(names.count) names, missing \(missing.sorted())")
    }
}
