import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("MP2 by file exchange")
struct MP2DropTests {
    @Test("It keeps the contract of all connectors, as far as files can")
    func contract() async throws {
        let bench = try await MP2DropBench()
        try await Contract(bench: bench).all()
        #expect(bench.job.halfFiles == 0)
        try await bench.stop()
    }

    @Test("On a bad day every order is there once, and no file is ever seen half")
    func once() async throws {
        let bench = try await MP2DropBench()
        try await OnceOnly(bench: bench).storm(orders: 40)
        #expect(bench.job.halfFiles == 0)
        try await bench.stop()
    }

    @Test("Every column of the contract arrives in its place and form")
    func fields() async throws {
        let bench = try await MP2DropBench()
        let order = SampleOrder.make()
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let row = try #require(bench.job.made[receipt.remoteID])
        let expected = [
            "STATUS": "O", "WOTYPE": "VISION", "PRIORITY": "1", "ORIGINATOR": "AI VISION", "EQNUM": "PRESS-07",
            "TASKDESC": "AI: Scratch 0.82 PRESS-07 Z3 (major)", "REQUESTDATE": "2026-11-23", "REQUESTTIME": "22:09:00",
        ]
        for (name, value) in expected { #expect(row[name] == value, "\(name)") }
        #expect(row["TEXTS"]?.hasPrefix("Ref: A7K2M9QX3F\r\nAI vision detection\r\n") == true)
        try await bench.stop()
    }

    @Test("A file that waits is looked for again and never written twice; after a while somebody is told")
    func waits() async throws {
        let bench = try await MP2DropBench(isQuick: false)
        let order = SampleOrder.make()
        let path = "\(bench.folder.path)/AV\(order.reference.text.suffix(8)).wo.csv"
        func attempt() async -> ConnectorError? {
            await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(order), over: bench.wire)
            }
        }
        #expect(await attempt()?.name == "handed-over")
        let written = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        #expect(await attempt()?.name == "handed-over")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == written)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -700)], ofItemAtPath: path)
        let told = await attempt()
        #expect(told?.name == "unauthorized" && told?.detail.contains("the importer stands still") == true)
        try bench.job.run()
        #expect(
            try await bench.connector.perform(.create(order), over: bench.wire).remoteID
                == bench.number(order.reference))
        #expect(bench.copies(order.reference) == 1)
        try await bench.stop()
    }

    @Test("What the job rejects says why; a number that is another order's is not taken for ours")
    func refusals() async throws {
        let bench = try await MP2DropBench()
        var ghost = SampleOrder.make()
        ghost.place.asset = "GHOST"
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(ghost), over: bench.wire)
        }
        #expect(error == .refused("MP2's job rejected the order: unknown equipment GHOST"))
        let order = SampleOrder.make("B1K2M9QX3F")
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let twin = SampleOrder.make("C1K2M9QX3F")
        let refused = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(twin), over: bench.wire)
        }
        #expect(refused?.detail.contains("belongs to our order B1K2M9QX3F") == true)
        try FileManager.default.removeItem(atPath: bench.folder.path + "/andon-drop.id")
        let unmounted = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(SampleOrder.make("D0K2M9QX3F")), over: bench.wire)
        }
        #expect(unmounted?.name == "unreachable" && unmounted?.detail.contains("not mounted") == true)
        try await bench.stop()
    }

    @Test("A closing file of nonsense, of another number, or half written changes nothing")
    func badClosing() async throws {
        let bench = try await MP2DropBench()
        let order = SampleOrder.make()
        let number = try await bench.connector.perform(.create(order), over: bench.wire).remoteID
        let path = "\(bench.folder.path)/export/\(number).closed.csv"
        for text in ["", "\u{0}\u{1}", "WONUM,STATUS\r\nAV99999999,C\r\n", "WONUM,STATUS\r\n\(number),C"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: path)
            #expect(try await bench.connector.read(number, over: bench.wire)?.state == .open, "\(text)")
        }
        bench.repair(order.reference)
        #expect(try await bench.connector.read(number, over: bench.wire)?.closure?.labourHours == 1.5)
        try await bench.stop()
    }
}
