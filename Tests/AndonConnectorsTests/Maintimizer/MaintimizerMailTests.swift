import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Testing

/// Work requests by mail to a real relay. What counts as one request is one Message-ID.
final class MaintimizerMailBench: Bench {
    let relay: RealMailRelay
    let connector: any Connector
    let wire: any Wire
    let faults = FaultPlan()
    let folder: TemporaryFolder
    private let importer: MaintimizerImporter
    private let live: LiveWire

    var takesCopies: Bool { false }
    var speaksHTTP: Bool { false }
    var seesRemoval: Bool { false }

    init(options extra: [String: String] = [:]) async throws {
        relay = try RealMailRelay()
        folder = try TemporaryFolder("andon-mail-drop")
        importer = try MaintimizerImporter(folder: folder.path)
        let time = SystemTime()
        live = LiveWire(egress: EgressGuard(time: time, allows: { _ in true }), time: time)
        wire = FaultyWire(live, faults: faults, applies: { $0.method == "SEND" })
        let faults = SettingsFaults()
        let settings = options(
            [
                "way": "mail", "mailServer": "127.0.0.1:\(relay.port)", "mailSecurity": "none",
                "mailFrom": "andon@plant.example", "mailTo": "planner@plant.example", "folder": folder.path,
                "encoding": "utf8", "timeZone": "Europe/Berlin",
            ].merging(extra) { $1 })
        let configuration = MaintimizerConfiguration(
            reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
        if let fault = faults.faults.first { throw fault }
        connector = MaintimizerConnector.make(configuration)
    }

    private func messages(_ reference: Reference) -> [RealMailRelay.Message] {
        relay.messages.filter { $0.id.hasPrefix("<\(reference)@") }
    }

    func copies(_ reference: Reference) -> Int { Set(messages(reference).map(\.id)).count }

    /// None but that of the message itself.
    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] { [] }
    func notes(_ reference: Reference) -> [String] { [] }
    func repair(_ reference: Reference) {}
    func cancel(_ reference: Reference) {}
    func remove(_ reference: Reference) {}
    func expireSessions() {}
    func stop() async throws { await live.close() }

    /// The site's export has the request, which somebody typed in.
    func export(_ reference: Reference, _ closing: [String: String]) {
        importer.enter(reference, closing)
    }
}

@Suite("Maintimizer by mail")
struct MaintimizerMailTests {
    @Test("On a bad day every request is in the box, and each under one Message-ID")
    func once() async throws {
        let bench = try await MaintimizerMailBench()
        try await OnceOnly(bench: bench).storm(
            orders: 30,
            of: [.dropBefore, .dropAfter, .dropAfter, .answer(status: 421), .answer(status: 451, body: "greylisted")])
        try await bench.stop()
    }

    @Test("A message says everything in the agreed words, in any script, with the picture as it was")
    func message() async throws {
        let bench = try await MaintimizerMailBench()
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let path = bench.folder.path + "/picture.jpg"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        var order = SampleOrder.make(
            picture: Picture(sha256: String(repeating: "a", count: 64), bytes: bytes.count, mediaType: .jpeg))
        order.className = "Kratzer 刮痕 🔧 شق\r\nBcc: spy@evil.example"
        let receipt = try await bench.connector.perform(.create(order, picture: path), over: bench.wire)
        #expect(receipt.remoteID == "A7K2M9QX3F")
        let message = try #require(bench.relay.messages.first)
        #expect(message.id == "<A7K2M9QX3F@andon.plant.example>")
        #expect(message.to == ["planner@plant.example"] && message.from == "andon@plant.example")
        #expect(
            message.subject
                == "[AI VISION] Kratzer 刮痕 🔧 شق Bcc: spy@evil.example at PRESS-07, priority 1")
        for line in [
            "Request key: A7K2M9QX3F", "Equipment: PRESS-07", "Priority: 1", "Detected on: 11/23/2026",
            "Detected at: 22:09", "AI vision detection", "Confidence: 0.94",
        ] {
            #expect(message.text.contains(line), "\(line)")
        }
        let file = try #require(message.files.first)
        #expect(message.files.count == 1 && file.bytes == bytes && file.type == "image/jpeg")
        #expect(file.name.hasPrefix("andon-A7K2M9QX3F") && file.name.hasSuffix(".jpg"))
        try await bench.stop()
    }

    @Test("What was mailed is not confirmed until the site's export has it; its closing comes from there")
    func confirmed() async throws {
        let bench = try await MaintimizerMailBench()
        let order = SampleOrder.make()
        let id = try await bench.connector.perform(.create(order), over: bench.wire).remoteID
        let sent = try await bench.connector.read(id, over: bench.wire)
        #expect(sent?.state == .open && sent?.vendorState == "mailed, not confirmed")
        bench.export(
            order.reference,
            ["Status": "Closed", "CompletedDate": "11/24/2026", "CompletedTime": "13:30", "LaborHours": "1.5"])
        let changes = try await bench.connector.changes(after: nil, over: bench.wire)
        #expect(changes.orders.map(\.state) == [.closed] && changes.orders.first?.closure?.labourHours == 1.5)
        try await bench.stop()
    }

    @Test("A box that is not there is refused for good, a relay that is busy is tried again, one that is away too")
    func errors() async throws {
        func error(_ options: [String: String], _ fault: StandInFault? = nil) async throws -> ConnectorError? {
            let bench = try await MaintimizerMailBench(options: options)
            bench.faults.queue(fault)
            let error = await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
            }
            try await bench.stop()
            return error
        }
        let nobody = try await error(["mailTo": "nobody@plant.example"])
        #expect(nobody?.name == "refused" && nobody?.detail.contains("550 5.1.1 no such box") == true)
        #expect(try await error(["mailTo": "later@plant.example"])?.name == "busy")
        #expect(try await error(["mailServer": "127.0.0.1:1"])?.name == "unreachable")
        #expect(try await error([:], .dropAfter)?.name == "busy")
        #expect(try await error(["mailsAgain": "false"], .dropAfter)?.name == "answer-lost")
        #expect(try await error([:], .answer(status: 535))?.name == "unauthorized")
    }

    @Test("Faults in the options are named before the first order")
    func faults() {
        func faults(_ members: [String: String]) -> [String] {
            let faults = SettingsFaults()
            let good = [
                "way": "mail", "mailServer": "relay.plant.example:25", "mailFrom": "a@b.example",
                "mailTo": "c@d.example",
            ]
            _ = MaintimizerConfiguration(
                reading: SettingsReader(
                    options(good.merging(members) { $1 }), faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        #expect(faults([:]).isEmpty)
        #expect(faults(["mailTo": "c@d.example, e@f.example"]).isEmpty)
        #expect(faults(["mailTo": "c@d.example> RCPT TO:<x@y"]).count == 1)
        #expect(faults(["mailFrom": "nobody"]).count == 1)
        #expect(faults(["mailServer": "http://relay"]).count == 1)
        #expect(faults(["mailUser": "andon", "mailSecurity": "none"]).first?.contains("for all to read") == true)
    }
}
