import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Limble")
struct LimbleTests {
    private static let cancelled = ["states": ["9": "cancelled"]]

    @Test("It keeps the contract of all connectors")
    func contract() async throws {
        let bench = try await LimbleBench(options: ["tag": "@AI Vision"], tables: Self.cancelled)
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("On a bad day every order, picture and note is there once")
    func once() async throws {
        let bench = try await LimbleBench(tables: Self.cancelled)
        try await OnceOnly(bench: bench).storm()
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await LimbleBench(
            options: ["tag": "@AI Vision"],
            tables: [
                "locations": ["BR100": "73", "BR200": "74"], "priorities": ["1": "Critical"], "dueWithin": ["1": "2h"],
            ])
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let task = try #require(bench.standIn.tasks(order.reference).first)
        let due = (order.detectedAt + .seconds(7200)).microseconds / 1_000_000
        let expected: [String: JSON] = [
            "name": "Scratch on PRESS-07 Stamping press 7 (severity 0.82 major, zone Z3)", "locationID": 73,
            "assetID": 1007, "type": 2, "due": .integer(due), "priority": 5, "requestName": "AI vision detection",
            "meta1": "A7K2M9QX3F", "meta2": "andon/ai-vision", "meta3": "scratch",
        ]
        for (name, value) in expected { #expect(task.fields[name] == value, "\(name)") }
        let text = try #require(task.fields["description"]?.string)
        for fact in ["Confidence: 0.94", "Lot: L-0815", "line LINE-1", "Recommended action: Replace tool"] {
            #expect(text.contains(fact), "\(fact)")
        }
        #expect(task.tags == ["@AI Vision"] && receipt.number == "#14730")
        let predicted = SampleOrder.make(
            Reference.fresh().text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:00:00Z"))
        _ = try await bench.connector.perform(.create(predicted), over: bench.wire)
        let planned = bench.standIn.tasks(predicted.reference).first?.fields
        #expect(planned?["type"] == 4 && planned?["due"] == 1_796_104_800)
        try await bench.stop()
    }

    @Test("The original picture is the task's image too; occurrences are at instructions only")
    func mainImage() async throws {
        let bench = try await LimbleBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let folder = try TemporaryFolder()
        for (role, content) in [(Attachment.Role.original, "first"), (.occurrence, "second")] {
            let path = folder.path + "/\(content)"
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
            let picture = Picture(
                sha256: String(repeating: content.first == "f" ? "a" : "b", count: 64), bytes: content.utf8.count,
                mediaType: .png)
            let attachment = Attachment(reference: order.reference, role: role, picture: picture)
            _ = try await bench.connector.perform(
                .attach(attachment, file: path, to: receipt.remoteID), over: bench.wire)
        }
        let task = try #require(bench.standIn.tasks(order.reference).first)
        #expect(task.mainImage == Array("first".utf8) && task.instructions.count == 2)
        try await bench.stop()
    }

    @Test("An upload that failed half-way goes on at the same instruction")
    func halfWay() async throws {
        let bench = try await LimbleBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let folder = try TemporaryFolder()
        try Data("picture".utf8).write(to: URL(fileURLWithPath: folder.path + "/p"))
        let attachment = Attachment(
            reference: order.reference, role: .occurrence,
            picture: Picture(sha256: String(repeating: "c", count: 64), bytes: 7, mediaType: .jpeg))
        let effect = Effect.attach(attachment, file: folder.path + "/p", to: receipt.remoteID)
        // List, make the instruction, and then the line is cut before the picture.
        bench.faults.queue(nil, nil, .dropBefore)
        await #expect(throws: ConnectorError.self) { try await bench.connector.perform(effect, over: bench.wire) }
        #expect(try await bench.connector.find(effect, over: bench.wire).isEmpty)
        _ = try await bench.connector.perform(effect, over: bench.wire)
        let task = try #require(bench.standIn.tasks(order.reference).first)
        #expect(task.instructions.count == 1 && task.instructions.first?.files.count == 1)
        try await bench.stop()
    }

    @Test("What Limble refuses comes back in its own words; an unknown asset makes no task")
    func refusals() async throws {
        let bench = try await LimbleBench(tables: ["priorities": ["1": "Urgent"]])
        func error(_ change: (inout WorkOrder) -> Void) async -> ConnectorError? {
            var order = SampleOrder.make(Reference.fresh().text)
            change(&order)
            return await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(order), over: bench.wire)
            }
        }
        #expect(await error { $0.place.asset = "GHOST" } == .refused("Limble has no asset \"GHOST\" at location 73"))
        #expect(await error { _ in } == .refused("Limble has no priority \"Urgent\"; it has critical, high, normal"))
        try await bench.stop()
        let nowhere = try await LimbleBench(options: ["location": "99"])
        let missing = await #expect(throws: ConnectorError.self) {
            try await nowhere.connector.perform(.create(SampleOrder.make(asset: "X")), over: nowhere.wire)
        }
        #expect(missing == .refused("Limble has nothing there: Location not found"))
        try await nowhere.stop()
        var setup = LimbleStandIn.Setup()
        setup.clientSecret = "another"
        let wrong = try await LimbleBench(setup: setup)
        let keys = await #expect(throws: ConnectorError.self) {
            try await wrong.connector.perform(.create(SampleOrder.make()), over: wrong.wire)
        }
        #expect(keys == .unauthorized("Limble refuses the keys: Forbidden"))
        try await wrong.stop()
    }

    @Test("The limit of calls is waited for as long as Limble says")
    func rateLimit() async throws {
        let bench = try await LimbleBench()
        bench.faults.queue(.answer(status: 429, headers: ["X-RateLimit-Minute-TTL": "17"], body: "{}"))
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(SampleOrder.make(asset: "X")), over: bench.wire)
        }
        guard case .busy(let after, _)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(after == .seconds(17))
        try await bench.stop()
    }

    @Test("A tag that cannot be put on leads to a search, not to a second task")
    func tagFails() async throws {
        var setup = LimbleStandIn.Setup()
        setup.tags = []
        let bench = try await LimbleBench(setup: setup, options: ["tag": "@AI Vision"])
        let order = SampleOrder.make(asset: "X")
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(order), over: bench.wire)
        }
        #expect(error?.name == "answer-lost" && error?.detail.contains("its tag @AI Vision") == true)
        #expect(bench.copies(order.reference) == 1)
        try await bench.stop()
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(members, tables: tables)
            _ = LimbleConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        let secret = ["clientSecret": ["env": "KEY"]]
        let right = ["url": "https://api.limblecmms.com", "clientId": "c", "location": "73"]
        #expect(faults(right, secret).isEmpty)
        #expect(
            faults(["url": "https://x", "clientId": "c"], secret).contains { $0.contains("\"location\" is required") })
        #expect(faults(right, [:]).contains { $0.contains("\"clientSecret\" is required") })
        for (table, rows) in [
            ("locations", ["BR100": "north"]), ("types", ["corrective": "1"]), ("priorities", ["high": "x"]),
            ("dueWithin", ["1": "soon"]), ("states", ["9": "gone"]), ("fields", ["meta1": ""]),
        ] {
            #expect(faults(right, secret.merging([table: rows]) { $1 }).count == 1, "\(table)")
        }
    }
}
