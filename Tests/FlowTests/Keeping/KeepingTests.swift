import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIntake

@Suite("Retention, holds and crashes")
struct KeepingTests {
    @Test("The same bytes in a good, a recorded and an order's report are kept as long as the order wants")
    func longestRight() async throws {
        let bench = try KeepingBench()
        let bytes = KeepingBench.png(1)
        try await bench.report("good", bytes, defectClass: nil)
        try await bench.report("dust", bytes, defectClass: "dust")
        let order = try await bench.report("order", bytes, defectClass: "order")
        let reference = try #require(order.detections.first?.reference)
        let digest = try #require(order.inspection.picture)
        // A newer good picture, so that only the order speaks for the first.
        let newer = try await bench.report("newer", KeepingBench.png(2), defectClass: nil)
        func good(before report: String) async throws -> String? {
            try await bench.store.read {
                try $0.newestGoodPicture(camera: "CAM-01", before: report)?.picture.sha256
            }
        }
        #expect(try await good(before: newer.inspection.id) == digest)
        func isThereAfter(_ time: Duration) async throws -> Bool {
            bench.time.advance(by: time)
            try await bench.sweeper.sweep()
            return try bench.files().contains(digest)
        }
        #expect(try await isThereAfter(Retention.year * 30), "the order is open, and the CMMS does not have it")
        try await bench.deliverAll()
        #expect(try await isThereAfter(Retention.year * 30), "the order is open")
        try await bench.set(reference, .closed)
        #expect(try await isThereAfter(Retention.year - Retention.day))
        let kept = try #require(try await bench.store.read { try $0.keptPicture(digest) })
        #expect(kept.kind == .order && kept.until(KeepingBench.retention) == bench.time.now() + Retention.day)
        #expect(try await isThereAfter(Retention.day) == false)
        #expect(try await good(before: newer.inspection.id) == nil, "what is not kept is no picture to show")
        let removal = try #require(try bench.removal(digest))
        #expect(removal.reason == .retention && removal.at == bench.time.now())
        let entry = try #require(
            try await bench.store.read { try $0.ledgerEntries(from: removal.entry, limit: 1) }.first)
        #expect(entry.kind == "picture.removed" && entry.body["reason"]?.string == "retention")
        #expect(
            entry.body["pictures"]?.array?.first
                == [
                    "sha256": .string(digest), "bytes": .integer(bytes.count), "class": "order",
                    "until": .time(removal.at),
                ])
        let record = try #require(try await bench.store.read { try $0.inspection("order") })
        #expect(record.picture == digest && record.pictureRemovedAt == removal.at, "the record stays")
        try bench.end()
    }

    @Test("A CMMS that says an order was closed in 1970 does not make its picture go at once")
    func closedInThePast() async throws {
        let bench = try KeepingBench()
        let order = try await bench.report("order", KeepingBench.png(1), defectClass: "order")
        let reference = try #require(order.detections.first?.reference)
        try await bench.deliverAll()
        try await bench.store.write { transaction in
            let record = try #require(try transaction.reader.order(reference))
            try transaction.apply(
                RemoteOrder(
                    remoteID: "R-\(reference)", reference: reference, state: .closed, vendorState: "CLOSE",
                    closure: Closure(closedAt: Timestamp(microseconds: 0))), to: record)
        }
        try await bench.sweeper.sweep()
        #expect(try bench.files().count == 1)
        try bench.end()
    }

    @Test("A dead letter keeps its picture although the order has ended: it can be sent again")
    func deadLetter() async throws {
        let bench = try KeepingBench()
        let order = try await bench.report("order", KeepingBench.png(1), defectClass: "order")
        let reference = try #require(order.detections.first?.reference)
        try await bench.deliver(1)
        try await bench.store.write { transaction in
            let claim = try #require(try transaction.claim(connector: "cmms", limit: 1).first)
            #expect(claim.row.effect == .attach)
            try transaction.finish(claim.row, dead: "too large there")
        }
        try await bench.set(reference, .closed)
        bench.time.advance(by: Retention.year * 2)
        try await bench.sweeper.sweep()
        #expect(try bench.files().count == 1)
        #expect(try await bench.store.write { try $0.revive(reference, connector: nil, by: "planner") } == 1)
        try await bench.deliverAll()
        try await bench.sweeper.sweep()
        #expect(try bench.files().isEmpty)
        try bench.end()
    }

    @Test("A hold of a line reaches its assets and their parts, grows with the plant, and shrinks never")
    func reach() async throws {
        let bench = try KeepingBench()
        for (number, asset) in ["PRESS", "DIE", "MILL", "NEW"].enumerated() {
            try await bench.report(
                "r-\(number)", KeepingBench.png(number), defectClass: "dust", asset: asset)
        }
        var plant = Plant(
            name: "P", site: "BEDFORD",
            assets: [
                "PRESS": Asset(id: "PRESS", line: "LINE-1"), "DIE": Asset(id: "DIE", parent: "PRESS"),
                "MILL": Asset(id: "MILL", line: "LINE-2"),
            ])
        let hold = try await bench.store.write { [plant] in
            try $0.place(.asset("LINE-1"), by: "A", reason: "b") { HoldReach(plant.names(below: $0)) }
        }
        func reached() async throws -> HoldReach { try await bench.store.read { try $0.reach(ofHold: hold.id) } }
        #expect(try await reached() == .assets(["LINE-1", "PRESS", "DIE"]))
        #expect(try await bench.store.read { try $0.pictures(heldBy: hold.id).count } == 2)
        // The die is moved to the other line, and the line gets a new asset.
        plant.assets["DIE"]?.parent = "MILL"
        plant.assets["NEW"] = Asset(id: "NEW", line: "LINE-1")
        try await bench.store.write { [plant] in
            try $0.extendHolds { HoldReach(plant.names(below: $0)) }
            try $0.extendHolds { HoldReach(plant.names(below: $0)) }
        }
        #expect(try await reached() == .assets(["LINE-1", "PRESS", "DIE", "NEW"]))
        bench.time.advance(by: Retention.day * 100)
        #expect(try await bench.sweeper.sweep().count == 1, "the mill's alone")
        let site = try await bench.store.write { [plant] in
            try $0.place(.asset("BEDFORD"), by: "A", reason: "b") { HoldReach(plant.names(below: $0)) }
        }
        try await bench.report("r-9", KeepingBench.png(9), defectClass: "dust", asset: "UNKNOWN")
        #expect(try await bench.store.read { try $0.reach(ofHold: site.id) } == .everything)
        _ = try await bench.store.write { try $0.releaseHold(hold.id, by: "A", reason: "b") }
        bench.time.advance(by: Retention.day * 100)
        #expect(try await bench.sweeper.sweep().count == 0, "the site's hold reaches what no plant file knows")
        _ = try await bench.store.write { try $0.releaseHold(site.id, by: "A", reason: "b") }
        #expect(try await bench.sweeper.sweep().count == 4)
        let entries = try await bench.store.read {
            try $0.count("SELECT COUNT(*) FROM ledger WHERE kind = 'hold.extended'")
        }
        #expect(entries == 3, "placed, grown, and the site's")
        try bench.end()
    }

    @Test("What a hold covers stays, by order, asset, lot and camera, until it is released with who and why")
    func holds() async throws {
        let bench = try KeepingBench()
        let start = bench.time.now()
        var digests: [String] = []
        for (number, lot) in ["L-1", "L-2"].enumerated() {
            let accepted = try await bench.report(
                "r-\(number)", KeepingBench.png(number), defectClass: "dust", camera: "CAM-\(number)",
                asset: "A-\(number)", lot: lot)
            digests.append(try #require(accepted.inspection.picture))
        }
        bench.time.advance(by: Retention.day * 100)
        let scopes: [HoldScope] = [
            .lot("L-1"), .asset("A-0"), .camera("CAM-0", from: start, to: start + .seconds(1)),
            .camera("CAM-0", from: start, to: nil),
        ]
        var holds: [Hold] = []
        for scope in scopes {
            holds.append(try await bench.store.write { try $0.place(scope, by: "A. Nowak", reason: "claim 4711") })
        }
        let besides: [HoldScope] = [
            .lot("L-3"), .asset("CAM-1"), .camera("CAM-1", from: start + .seconds(1), to: nil),
            .camera("CAM-1", from: start - .seconds(9), to: start - .seconds(1)),
        ]
        for scope in besides {
            _ = try await bench.store.write { try $0.place(scope, by: "A. Nowak", reason: "something else") }
        }
        for hold in holds {
            let covered = try await bench.store.read { try $0.pictures(heldBy: hold.id) }
            #expect(covered.count == 1 && covered.bytes == KeepingBench.png(0).count, "\(hold.scope)")
        }
        for hold in holds {
            try await bench.sweeper.sweep()
            bench.disk.resize(0)
            try await bench.guardian.look()
            #expect(try bench.files() == [digests[0]])
            let released = try await bench.store.write {
                try $0.releaseHold(hold.id, by: "B. Adeyemi", reason: "settled")
            }
            #expect(released?.release?.by == "B. Adeyemi" && released?.release?.reason == "settled")
        }
        try await bench.sweeper.sweep()
        #expect(try bench.files().isEmpty)
        let all = try await bench.store.read { try $0.holds(withReleased: true) }
        let inForce = try await bench.store.read { try $0.holds() }
        #expect(all.count == 8 && inForce.count == 4)
        let first = try #require(holds.first?.id)
        let kinds = try await bench.store.read { try $0.ledgerEntries(of: "hold \(first)") }.map(\.kind)
        #expect(kinds == ["hold.placed", "hold.released"])
        try bench.end()
    }

    @Test(
        "Killed between the transaction and the unlinking, the next start ends what was begun",
        arguments: [true, false])
    func crash(comesAgain: Bool) async throws {
        let bench = try KeepingBench()
        let digest = try #require(
            try await bench.report("r", KeepingBench.png(1), defectClass: "dust").inspection.picture)
        bench.time.advance(by: Retention.day * 91)
        let leaving = try await bench.store.write {
            try $0.removePictures([digest], for: .retention, KeepingBench.retention)
        }
        #expect(leaving.count == 1)
        try bench.restart()
        #expect(try bench.files() == [digest] && bench.pending() == 1)
        if comesAgain {
            try await bench.report("again", KeepingBench.png(1), defectClass: "dust")
            #expect(try bench.pending() == 0)
        }
        try await bench.sweeper.finish()
        #expect(try bench.files() == (comesAgain ? [digest] : []))
        #expect(try bench.rows() == (comesAgain ? [digest] : []) && bench.pending() == 0)
        // The other crash: unlinked, and not yet written down.
        if comesAgain {
            bench.time.advance(by: Retention.day * 91)
            _ = try await bench.store.write {
                try $0.removePictures([digest], for: .retention, KeepingBench.retention)
            }
            let picture = try #require(try await bench.store.read { try $0.picture(digest) })
            try FileManager.default.removeItem(atPath: bench.pictures.path(of: picture))
            try bench.restart()
            try await bench.sweeper.finish()
            #expect(try bench.pending() == 0 && bench.files().isEmpty)
        }
        try bench.end()
    }

    /// Where, between the question to the tables and the unlinking, a report with the same bytes goes.
    enum Interleaving: CaseIterable {
        case acceptedBeforeTheAnswer
        case acceptedAfterTheAnswer
        case stillUnderWay
        case refused
    }

    @Test("A report that brings the bytes in the moment of their removal keeps them", arguments: Interleaving.allCases)
    func interleaved(_ moment: Interleaving) async throws {
        let bench = try KeepingBench()
        let bytes = KeepingBench.png(1)
        let digest = try #require(try await bench.report("r", bytes, defectClass: "dust").inspection.picture)
        let picture = try #require(try await bench.store.read { try $0.picture(digest) })
        bench.time.advance(by: Retention.day * 91)
        _ = try await bench.store.write { try $0.removePictures([digest], for: .retention, KeepingBench.retention) }
        var lease: PictureLease?
        func isKept() throws -> Bool { try bench.store.readNow { try $0.isPictureKept(digest) } }
        // The intake's steps by hand, for they come within the question.
        func acceptNow() throws {
            try #require(lease).end(isKept: true)
        }
        if moment == .acceptedBeforeTheAnswer { try await bench.report("again", bytes, defectClass: "dust") }
        let isRemoved = try bench.pictures.remove(picture) {
            let answer = try isKept()
            guard moment != .acceptedBeforeTheAnswer else { return answer }
            let (incoming, sealed) = try bench.incoming(bytes)
            lease = try incoming.keep(sealed)
            switch moment {
            case .acceptedBeforeTheAnswer, .stillUnderWay: break
            case .acceptedAfterTheAnswer: try acceptNow()
            case .refused: try #require(lease).end(isKept: false)
            }
            return answer
        }
        #expect(!isRemoved)
        #expect(try bench.files().isEmpty == (moment == .refused))
        if moment == .stillUnderWay {
            try await bench.sweeper.finish()
            #expect(try bench.files() == [digest] && bench.pending() == 1, "it waits for the lease")
            lease?.end(isKept: true)
        }
        if moment != .acceptedBeforeTheAnswer {
            // Nobody's row says kept, so the next pass takes the file.
            try await bench.sweeper.finish()
            #expect(try bench.files().isEmpty && bench.pending() == 0)
        } else {
            #expect(try bench.rows() == [digest])
        }
        try bench.end()
    }

    @Test("Of two reports with the same bytes under way, the refusal of one does not take the other's picture")
    func twoLeases() throws {
        let bench = try KeepingBench()
        let (first, picture) = try bench.incoming(KeepingBench.png(1))
        let (second, _) = try bench.incoming(KeepingBench.png(1))
        let refused = try #require(try first.keep(picture))
        let accepted = try #require(try second.keep(picture))
        // The refused one has asked the tables before the other was accepted.
        accepted.end(isKept: true)
        refused.end(isKept: false)
        #expect(try bench.files() == [picture.sha256])
        let (third, other) = try bench.incoming(KeepingBench.png(2))
        try #require(try third.keep(other)).end(isKept: false)
        #expect(try bench.files() == [picture.sha256], "alone, a refused one goes")
        try bench.store.close()
    }

    @Test("While reports bring the same bytes again and again, a sweeper beside them loses none")
    func race() async throws {
        let bench = try KeepingBench()
        let (sweeper, guardian) = (bench.sweeper, bench.guardian)
        let intakes = (0..<4).map { _ in (bench.accept, bench.pictures) }
        let time = bench.time
        bench.disk.resize(0)
        let sweeping = Task {
            while !Task.isCancelled {
                time.advance(by: Retention.day * 91)
                try await sweeper.sweep()
                try await guardian.look()
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (lane, (accept, pictures)) in intakes.enumerated() {
                group.addTask {
                    for number in 0..<60 {
                        let incoming = try pictures.receive(limits: IntakeLimits(), bytesMax: 1 << 20)
                        try incoming.feed(KeepingBench.png(number % 3))
                        let picture = try incoming.seal(claimedDigest: nil)
                        let lease = try #require(try incoming.keep(picture))
                        let accepted = try await accept.accept(
                            Inspection(
                                id: "\(lane)-\(number)", detectedAt: time.now(), camera: "C",
                                defects: [Defect(defectClass: "dust")]), picture: picture)
                        // While the lease lasts, the file is there whatever the sweeper does.
                        #expect(FileManager.default.fileExists(atPath: pictures.path(of: picture)))
                        lease.end(isKept: accepted.isPictureKept)
                    }
                }
            }
            try await group.waitForAll()
        }
        sweeping.cancel()
        _ = try? await sweeping.value
        try await sweeper.finish()
        #expect(try bench.files() == bench.rows())
        try bench.end()
    }

    @Test("Old drawn files go, young ones and links stay, and a folder that is not there is none")
    func derived() async throws {
        let folder = try TemporaryFolder("andon-derived")
        let charts = folder.path + "/charts"
        try FileManager.default.createDirectory(atPath: charts + "/ab", withIntermediateDirectories: true)
        let now = SystemTime().now()
        for (name, days) in [("old.png", 31), ("ab/old.png", 400), ("young.png", 29)] {
            let path = charts + "/" + name
            try Data("12345".utf8).write(to: URL(fileURLWithPath: path))
            let at = Date(timeIntervalSince1970: Double((now - Retention.day * days).microseconds) / 1e6)
            try FileManager.default.setAttributes([.modificationDate: at], ofItemAtPath: path)
        }
        try FileManager.default.createSymbolicLink(atPath: charts + "/link", withDestinationPath: "/etc/hostname")
        let removed = try await DerivedFolders([charts, folder.path + "/texts"])
            .sweep(olderThan: Retention.day * 30, now: now)
        #expect(removed == PictureCount(count: 2, bytes: 10))
        #expect(try FileManager.default.contentsOfDirectory(atPath: charts).sorted() == ["ab", "link", "young.png"])
    }
}
