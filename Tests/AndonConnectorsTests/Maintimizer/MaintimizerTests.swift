import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("MaintiMizer by file exchange")
struct MaintimizerTests {
    @Test("It keeps the contract of all connectors, as far as files can")
    func contract() async throws {
        let bench = try await MaintimizerBench()
        try await Contract(bench: bench).all()
        #expect(bench.importer.halfFiles == 0)
        try await bench.stop()
    }

    @Test("On a bad day every request and picture is there once, with a quick importer and with a slow one")
    func once() async throws {
        let quick = try await MaintimizerBench()
        try await OnceOnly(bench: quick).storm()
        try await quick.stop()
        let slow = try await MaintimizerBench(isQuick: false, options: ["lookEvery": "100ms"])
        let importer = slow.importer
        let site = Task {
            while !Task.isCancelled {
                try importer.run()
                try await Task.sleep(for: .milliseconds(30))
            }
        }
        try await OnceOnly(bench: slow).storm(orders: 20)
        site.cancel()
        #expect(importer.halfFiles == 0)
        try await slow.stop()
    }

    @Test("Every column of the sheet arrives in its place and form, the picture before the request")
    func fields() async throws {
        let bench = try await MaintimizerBench(isQuick: false)
        let folder = try TemporaryFolder()
        try Data("picture".utf8).write(to: URL(fileURLWithPath: folder.path + "/p"))
        let picture = Picture(sha256: String(repeating: "a", count: 64), bytes: 7, mediaType: .jpeg)
        let order = SampleOrder.make(picture: picture)
        let effect = Effect.create(order, picture: folder.path + "/p")
        let waiting = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(effect, over: bench.wire)
        }
        #expect(waiting?.name == "handed-over")
        await #expect(throws: ConnectorError.self, "not a second file") {
            try await bench.connector.perform(effect, over: bench.wire)
        }
        try bench.importer.run()
        let receipt = try #require(try await bench.connector.find(effect, over: bench.wire).first)
        #expect(receipt == Receipt(remoteID: "A7K2M9QX3F", number: "W70000"))
        let cells = try #require(bench.importer.made["A7K2M9QX3F"]?.cells)
        let expected = [
            "RequestKey": "A7K2M9QX3F", "EquipmentID": "PRESS-07", "Location": "Z3", "Priority": "1", "Type": "CM",
            "Problem": "scratch", "Description": "AI: Scratch 0.82 PRESS-07 Z3", "RequestedBy": "AI VISION",
            "RequestDate": "11/23/2026", "RequestTime": "22:09", "Image": "andon-A7K2M9QX3F-original-aaaaaaaa.jpg",
        ]
        for (name, value) in expected { #expect(cells[name] == value, "\(name)") }
        #expect(cells["Details"]?.hasPrefix("AI vision detection\r\n") == true)
        #expect(cells["Details"]?.contains("Confidence: 0.94\r\n") == true)
        try await bench.stop()
    }

    @Test("Code page 1252 holds what it can, nothing begins a formula, and lengths are cut after that")
    func encoding() async throws {
        let bench = try await MaintimizerBench(isQuick: false, options: ["encoding": "windows1252"])
        var order = SampleOrder.make()
        order.className = "=cmd|' /C calc'!A0 ≥ 刮 é €"
        await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(order), over: bench.wire)
        }
        order.defectClass = "=1+1"
        let other = SampleOrder.make(Reference.fresh().text)
        var formula = other
        formula.defectClass = "=1+1"
        await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(formula), over: bench.wire)
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(bench.importer.folder)/in/\(other.reference).req.csv"))
        let text = String(data: bytes, encoding: .windowsCP1252) ?? ""
        #expect(text.contains(", =1+1,") && bytes.contains(0x0D))
        let first = try Data(contentsOf: URL(fileURLWithPath: "\(bench.importer.folder)/in/A7K2M9QX3F.req.csv"))
        let whole = String(data: first, encoding: .windowsCP1252) ?? ""
        #expect(whole.contains(">= ? é €") && first.contains(0xE9) && first.contains(0x80))
        try await bench.stop()
    }

    @Test("A share that is not mounted, an importer that stands still and a rejected request say so")
    func troubles() async throws {
        let bench = try await MaintimizerBench(
            isQuick: false, equipment: ["PRESS-07"],
            options: ["importWithin": "10m", "equipmentFile": "export/equipment.csv"])
        func error(_ change: (inout WorkOrder) -> Void = { _ in }) async -> ConnectorError? {
            var order = SampleOrder.make()
            change(&order)
            return await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(order), over: bench.wire)
            }
        }
        #expect(await error { $0.place.asset = "GHOST" }?.name == "refused")
        let root = bench.importer.folder
        try FileManager.default.moveItem(atPath: root + "/andon-drop.id", toPath: root + "/away")
        let unmounted = await error()
        #expect(unmounted?.name == "unreachable" && unmounted?.detail.contains("not mounted") == true)
        try FileManager.default.moveItem(atPath: root + "/away", toPath: root + "/andon-drop.id")
        #expect(await error()?.name == "handed-over")
        let past = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -3600)]
        try FileManager.default.setAttributes(past, ofItemAtPath: root + "/in/A7K2M9QX3F.req.csv")
        let still = await error()
        #expect(still?.name == "unauthorized" && still?.detail.contains("stands still") == true)
        try FileManager.default.moveItem(
            atPath: root + "/in/A7K2M9QX3F.req.csv", toPath: root + "/rejected/A7K2M9QX3F.req.csv")
        try Data("no such craft".utf8).write(to: URL(fileURLWithPath: root + "/rejected/A7K2M9QX3F.req.csv.reason.txt"))
        let rejected = await #expect(throws: ConnectorError.self) {
            try await bench.connector.find(.create(SampleOrder.make()), over: bench.wire)
        }
        #expect(rejected == .gone("the import rejected the request: no such craft"))
        #expect(await error()?.name == "handed-over", "sent again by a person")
        try bench.importer.run()
        #expect(bench.copies(SampleOrder.make().reference) == 1)
        try await bench.stop()
    }

    @Test("An export is read once it stands still, with the site's decimal comma; half a line is not there yet")
    func export() async throws {
        let bench = try await MaintimizerBench(options: ["decimalComma": "true"])
        let order = SampleOrder.make()
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.importer.close(
            order.reference, ["Status": "Completed", "LaborHours": "1,25", "Parts": "BRG-22 x 2; BELT-9 x 1"])
        let first = try await bench.connector.changes(after: nil, over: bench.wire)
        let closure = try #require(first.orders.first?.closure)
        #expect(first.orders.first?.state == .done && closure.labourHours == 1.25)
        #expect(closure.parts.map(\.code) == ["BRG-22", "BELT-9"] && closure.parts.first?.quantity == 2)
        #expect(try await bench.connector.changes(after: first.cursor, over: bench.wire).orders.isEmpty)
        let path = bench.importer.folder + "/export/completed.csv"
        try Data("RequestKey,Status\r\nA7K2M9QX3F,Closed".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try await bench.connector.changes(after: first.cursor, over: bench.wire).orders.isEmpty, "just written")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -9)], ofItemAtPath: path)
        #expect(try await bench.connector.changes(after: first.cursor, over: bench.wire).orders.isEmpty, "half a line")
        try await bench.stop()
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]] = [:]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(members, tables: tables)
            _ = MaintimizerConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        #expect(faults(["folder": "/mnt/drop"]).isEmpty)
        #expect(faults([:]).contains { $0.contains("\"folder\" is required") })
        for (key, value) in [("folder", "drop"), ("encoding", "ebcdic"), ("delimiter", "\""), ("newline", "cr")] {
            #expect(faults(["folder": "/mnt/drop"].merging([key: value]) { $1 }).count == 1, "\(key)")
        }
        #expect(faults(["folder": "/d"], ["fields": ["RequestKey": ""]]).count == 1)
    }
}
