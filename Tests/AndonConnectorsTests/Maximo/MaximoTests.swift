import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Maximo")
struct MaximoTests {
    @Test("It keeps the contract of all connectors, with a key and with a session")
    func contract() async throws {
        let withKey = try await MaximoBench()
        try await Contract(bench: withKey).all()
        try await withKey.stop()
        let withSession = try await MaximoBench(
            options: ["signIn": "native", "user": "andon"], tables: ["password": ["env": "PASS"]])
        try await Contract(bench: withSession).createsAndFinds()
        try await Contract(bench: withSession).bringsTheRepairBack()
        try await Contract(bench: withSession).signsInAgain()
        await withSession.connector.signOut(over: withSession.wire)
        try await Contract(bench: withSession).createsAndFinds()
        try await withSession.stop()
        let basic = try await MaximoBench(
            options: ["signIn": "basic", "user": "andon"], tables: ["password": ["env": "PASS"]])
        try await Contract(bench: basic).createsAndFinds()
        try await basic.stop()
    }

    @Test("A date moves in every field that is made of it alone, and in no other; none is promised where there is none")
    func plannedFields() async throws {
        let fields = [
            "wobeginnote": "begin {scheduledAt} at the latest", "targstartdate": "{scheduledAt}",
            "targcompnote": "{scheduledAt}",
        ]
        let bench = try await MaximoBench(tables: ["fields": fields])
        var order = SampleOrder.make(
            Reference.fresh().text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        order.scheduledAt = Timestamp("2026-12-09T06:30:00Z")
        try await bench.connector.reschedule(order, remoteID: receipt.remoteID, over: bench.wire)
        let record = try #require(bench.standIn.record(order.reference)).fields
        #expect(record["targstartdate"] == "2026-12-09T06:30:00+00:00")
        #expect(record["targcompnote"]?.string?.hasPrefix("2026-12-09") == true)
        #expect(record["wobeginnote"]?.string?.hasPrefix("begin 2026-12-01") == true, "people may have written there")
        order.scheduledAt = nil
        let dateless = order
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.reschedule(dateless, remoteID: receipt.remoteID, over: bench.wire)
        }
        #expect(error?.name == "refused")
        try await bench.stop()
        let without = try await MaximoBench(tables: ["fields": ["targstartdate": ""]])
        #expect(!without.connector.traits.reschedules)
        try await Contract(bench: without).movesThePlannedDate()
        try await without.stop()
    }

    @Test("A date in a form that Maximo does not take is refused in its words, and the old one stays")
    func plannedForm() async throws {
        let bench = try await MaximoBench(tables: ["fields": ["schedstart": "{scheduledAt}"]])
        var order = SampleOrder.make(Reference.fresh().text, kind: .predictive)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        order.scheduledAt = Timestamp("2026-12-09T06:30:00Z")
        let moved = order
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.reschedule(moved, remoteID: receipt.remoteID, over: bench.wire)
        }
        #expect(error?.name == "refused" && error?.detail.contains("BMXAA4150E") == true)
        #expect(bench.plannedDate(order.reference) == nil)
        try await bench.stop()
    }

    @Test("On a bad day every order, picture and note is there once")
    func once() async throws {
        let bench = try await MaximoBench()
        try await OnceOnly(bench: bench).storm()
        try await bench.stop()
    }

    @Test("Every field of the sheet arrives in its place and form")
    func fields() async throws {
        let bench = try await MaximoBench(tables: ["apiKey": ["env": "KEY"], "priorities": ["1": "10"]])
        let scheduled = Timestamp("2026-12-01T06:00:00Z")
        let order = SampleOrder.make(kind: .predictive, scheduledAt: scheduled)
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let fields = try #require(bench.standIn.record(order.reference)?.fields)
        let expected: [String: JSON] = [
            "siteid": "BEDFORD", "assetnum": "PRESS-07", "location": "BR100", "worktype": "CP", "wopriority": 10,
            "description": "Predicted: Scratch on PRESS-07 Stamping press 7 (severity 0.82 major, zone Z3)",
            "reportdate": "2026-11-23T21:09:00+00:00", "faildate": "2026-11-23T21:09:00+00:00",
            "targstartdate": "2026-12-01T06:00:00+00:00", "lead": "TECH-E", "failurecode": "VISDEF",
            "problemcode": "SCRATCH", "externalrefid": "A7K2M9QX3F", "sourcesysid": "ANDON",
        ]
        for (name, value) in expected { #expect(fields[name] == value, "\(name)") }
        let text = try #require(fields["description_longdescription"]?.string)
        for fact in [
            "Confidence: 0.94", "Lot: L-0815", "4 earlier detections and 1 earlier orders", "line LINE-1",
            "station ST-10", "zone Z3 Press hall", "2026-11-23 22:09:00 Europe/Berlin (2026-11-23T21:09:00.250000Z)",
            "Origin: AI vision detection", "x 10, y 20, 110 x 40 pixels", "Recommended action: Replace tool",
        ] { #expect(text.contains(fact), "\(fact)") }
        try await bench.stop()
    }

    @Test("An order for an asset that nobody knows goes to the default location and says so")
    func unknownAsset() async throws {
        let bench = try await MaximoBench()
        let order = SampleOrder.make(asset: "GHOST-1")
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let fields = try #require(bench.standIn.record(order.reference)?.fields)
        #expect(fields["assetnum"] == nil && fields["location"] == "PLANT")
        #expect(fields["description_longdescription"]?.string?.contains("GHOST-1 (not in the asset registry") == true)
        try await bench.stop()
    }

    @Test("The origin tag can be switched off, and fields renamed, added, templated and removed")
    func mapping() async throws {
        let bench = try await MaximoBench(
            options: ["sourceSystem": "VISION"],
            tables: [
                "apiKey": ["env": "KEY"],
                "fields": [
                    "plantlot": "{lot}", "description": "{className} {severityBand}", "lead": "", "faildate": "",
                ],
            ])
        let order = SampleOrder.make(originTag: nil)
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let fields = try #require(bench.standIn.record(order.reference)?.fields)
        #expect(fields["plantlot"] == "L-0815" && fields["description"] == "scratch major")
        #expect(fields["lead"] == nil && fields["faildate"] == nil && fields["sourcesysid"] == "VISION")
        #expect(fields["description_longdescription"]?.string?.contains("Origin:") == false)
        try await bench.stop()
    }

    @Test("What Maximo refuses comes back in its own words, and is not tried again")
    func refusals() async throws {
        let bench = try await MaximoBench()
        func refusal(_ change: (inout WorkOrder) -> Void) async -> String {
            var order = SampleOrder.make(Reference.fresh().text)
            change(&order)
            do {
                _ = try await bench.connector.perform(.create(order), over: bench.wire)
                return "accepted"
            } catch ConnectorError.refused(let words) {
                return words
            } catch {
                return "\(error)"
            }
        }
        #expect(await refusal { $0.place.asset = "OLD-01" }.contains("BMXAA0090E"))
        #expect(await refusal { $0.place.location = "NOWHERE" }.contains("BMXAA2661E"))
        #expect(await refusal { $0.place.site = "MARS" }.contains("BMXAA4153E"))
        #expect(await refusal { $0.orderType = "ZZ" }.contains("BMXAA4191E - The value ZZ is not valid"))
        #expect(await refusal { $0.place.site = nil }.contains("set plant.site"))
        // Never cut: what is left of a code may be another code.
        #expect(await refusal { $0.place.asset = "PRESS-07-TOO-LONG" }.contains("assetnum takes 12 characters"))
        #expect(await refusal { $0.classCode = "SCRATCHES" }.contains("problemcode takes 8 characters"))
        #expect(await refusal { $0.className = String(repeating: "long ", count: 60) } == "accepted")
        try await bench.stop()
    }

    @Test("A key without rights, a wrong key and a sign-in page are told apart")
    func credentials() async throws {
        let reader = try await MaximoBench(tables: ["apiKey": ["env": "READ_KEY"]])
        let order = SampleOrder.make()
        await #expect(throws: ConnectorError.refused("BMXAA9301E - This key may read only")) {
            try await reader.connector.perform(.create(order), over: reader.wire)
        }
        try await reader.stop()
        var setup = MaximoBench.setup
        setup.apiKey = "another"
        let wrong = try await MaximoBench(setup: setup)
        let error = await #expect(throws: ConnectorError.self) {
            try await wrong.connector.perform(.create(order), over: wrong.wire)
        }
        #expect(error?.name == "unauthorized" && error?.detail.contains("BMXAA7901E") == true)
        #expect(error?.detail.contains("test-key") == false)
        setup.password = "changed"
        let page = try await MaximoBench(
            setup: setup, options: ["signIn": "native", "user": "andon"], tables: ["password": ["env": "PASS"]])
        let redirect = await #expect(throws: ConnectorError.self) {
            try await page.connector.perform(.create(order), over: page.wire)
        }
        #expect(redirect?.name == "unauthorized" && redirect?.detail.contains("sign-in page") == true)
        try await wrong.stop()
        try await page.stop()
    }

    @Test("A transaction that Maximo remembers is asked for, not sent as another")
    func transactionIDs() async throws {
        let bench = try await MaximoBench(options: ["transactionIds": "true"])
        let order = SampleOrder.make(Reference.fresh().text)
        _ = try await bench.connector.perform(.create(order), over: bench.wire)
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(.create(order), over: bench.wire)
        }
        #expect(error?.name == "answer-lost")
        #expect(bench.copies(order.reference) == 1)
        try await bench.stop()
    }

    @Test("A picture that was cut off on the way is not taken for the whole one")
    func truncatedPicture() async throws {
        var setup = MaximoBench.setup
        setup.attachmentBytesMax = 1000
        let bench = try await MaximoBench(setup: setup, options: ["attachmentBytesMax": "1KB"])
        #expect(bench.connector.traits.attachmentBytesMax == 1000)
        let order = SampleOrder.make(Reference.fresh().text)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        let folder = try TemporaryFolder()
        try Data(repeating: 1, count: 600).write(to: URL(fileURLWithPath: folder.path + "/p"))
        func attachment(_ bytes: Int) -> Effect {
            let picture = Picture(sha256: String(repeating: "0", count: 64), bytes: bytes, mediaType: .png)
            return .attach(
                Attachment(reference: order.reference, role: .original, picture: picture), file: folder.path + "/p",
                to: receipt.remoteID)
        }
        _ = try await bench.connector.perform(attachment(600), over: bench.wire)
        #expect(try await bench.connector.find(attachment(600), over: bench.wire).count == 1)
        #expect(try await bench.connector.find(attachment(900), over: bench.wire).isEmpty)
        try Data(repeating: 1, count: 1001).write(to: URL(fileURLWithPath: folder.path + "/p"))
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.perform(attachment(1001), over: bench.wire)
        }
        #expect(error?.name == "refused" && error?.detail.contains("BMXAA4485E") == true)
        try await bench.stop()
    }

    @Test("A status that only this site has is mapped by a table, and a history record is ended")
    func states() async throws {
        let bench = try await MaximoBench(tables: ["apiKey": ["env": "KEY"], "states": ["REPAIRED": "done"]])
        let order = SampleOrder.make(Reference.fresh().text)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        func state(_ fields: [String: JSON]) async throws -> OrderState? {
            bench.standIn.change(order.reference, fields)
            return try await bench.connector.read(receipt.remoteID, over: bench.wire)?.state
        }
        #expect(try await state(["status": "INPRG"]) == .inProgress)
        #expect(try await state(["status": "REPAIRED"]) == .done)
        #expect(try await state(["status": "PARKED"]) == .open)
        #expect(try await state(["status": "PARKED", "historyflag": true]) == .closed)
        try await bench.stop()
    }

    @Test("The asset registry is read page by page, with criticality by the table")
    func registry() async throws {
        var setup = MaximoBench.setup
        for number in 1...450 {
            setup.assets["P-\(1000 + number)"] = [
                "siteid": "BEDFORD", "description": "Pump", "priority": 3, "assettype": "PUMP",
            ]
        }
        let bench = try await MaximoBench(
            setup: setup, tables: ["apiKey": ["env": "KEY"], "criticalities": ["1": "A", "3": "C"]])
        var assets: [Asset] = []
        var page: String?
        repeat {
            let found = try await bench.connector.assets(page: page, over: bench.wire)
            assets += found.assets
            page = found.next
        } while page != nil
        #expect(assets.count == 452)
        #expect(Set(assets.map(\.id)).count == 452)
        let press = assets.first { $0.id == "PRESS-07" }
        #expect(press == Asset(id: "PRESS-07", name: "Stamping press 7", criticality: "A", location: "BR100"))
        #expect(assets.first { $0.id == "P-1001" }?.type == "PUMP")
        try await bench.stop()
    }

    @Test("Faults in the options are named before the first order")
    func options() {
        func faults(_ members: [String: String], _ tables: [String: [String: String]] = [:]) -> [String] {
            let faults = SettingsFaults()
            let settings = AndonConnectorsTests.options(members, tables: tables)
            _ = MaximoConfiguration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets))
            return faults.faults.map(\.message)
        }
        let key = ["apiKey": ["env": "KEY"]]
        #expect(faults(["url": "http://m/maximo"], key).isEmpty)
        #expect(faults([:], key).contains { $0.contains("\"url\" is required") })
        #expect(faults(["url": "http://m/maximo"]).contains { $0.contains("\"apiKey\" is required") })
        #expect(faults(["url": "maximo.example"], key).contains { $0.contains("should be an address like") })
        #expect(faults(["url": "http://me@m/maximo"], key).contains { $0.contains("should be an address like") })
        #expect(faults(["url": "http://m", "apiKey": "written"]).contains { $0.contains("a secret is not written") })
        #expect(faults(["url": "http://m", "signIn": "native"], key).contains { $0.contains("\"user\" is required") })
        let more: [(String, [String: String], String)] = [
            ("fields", ["description": "{nonsense}"], "{nonsense} is not a known value"),
            ("fields", ["externalrefid": ""], "cannot be left out"),
            ("states", ["X": "finished"], "should be one of open"),
            ("priorities", ["1": "1000"], "0...999"), ("criticalities", ["high": "A"], "whole number"),
        ]
        for (table, rows, words) in more {
            let found = faults(["url": "http://m"], key.merging([table: rows]) { $1 })
            #expect(found.count == 1 && found.first?.contains(words) == true, "\(table): \(found)")
        }
        #expect(
            faults(["url": "http://m", "worktypes": "x"], key).first?.contains("did you mean \"workTypes\"") == true)
    }
}
