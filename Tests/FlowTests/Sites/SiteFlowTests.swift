import AndonIntake
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Foundation
import Logging
import Testing

@testable import AndonSites

/// The server of a company: a store and what takes the records of sites.
private struct Company {
    let folder: TemporaryFolder
    let store: Store
    let sites: SiteIntake

    init(_ folder: TemporaryFolder? = nil, settings: SitesSettings = SitesSettings()) throws {
        self.folder = try folder ?? TemporaryFolder("andon-company")
        store = try Store(folder: try TestDatabase.folder(self.folder.path + "/data"), time: SystemTime())
        sites = SiteIntake(
            store: store,
            folder: try SitePictureFolder(folder: store.folder + "/pictures-of-sites", bytesMax: 1 << 20),
            settings: settings, logger: Self.logger)
    }

    static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    func site(_ name: String = "BEDFORD") async throws -> (site: SiteRecord, sums: SiteSums)? {
        try await store.read { reader in try reader.site(name).map { ($0, try reader.sums(ofSite: $0)) } }
    }

    func end() async throws {
        let facts = try await store.read { try $0.verifyFacts() }
        #expect(facts.isWhole && facts.uncovered.isEmpty, "\(facts)")
        #expect(try await store.read { try $0.verifyLedger() }.isWhole)
        try store.close()
    }
}

extension Harness {
    fileprivate func forwarder(_ wire: LoopWire, _ change: (inout UpstreamSettings) -> Void = { _ in }) -> Forwarder {
        var settings = UpstreamSettings(url: "https://company", site: "BEDFORD")
        settings.heartbeat = .zero
        change(&settings)
        return Forwarder(
            settings, store: store, wire: wire, random: SeededSource(seed: 1),
            picture: { [pictures] in pictures.path(of: $0) }, logger: Company.logger)
    }

    /// A report with a picture whose bytes are on the disk.
    fileprivate func pictured(_ id: String, bytes count: Int, _ random: inout SeededRandom) async throws {
        let bytes = (0..<count).map { _ in UInt8(random.int(0...255)) }
        let picture = Picture(sha256: Hex.sha256(bytes), bytes: count, mediaType: .png)
        try Data(bytes).write(to: URL(fileURLWithPath: pictures.path(of: picture)))
        _ = try await report(id, asset: "ASSET-\(random.int(1...5))", picture: picture)
    }

    fileprivate var isSettled: Bool {
        get async throws {
            try await store.read { try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0 }
        }
    }
}

@Suite("A site forwards its records, each once")
struct SiteFlowTests {
    /// Rounds until the company has everything; what is lost in between is tried again.
    private static func forward(_ forwarder: Forwarder, _ company: Company, from edge: Harness) async throws {
        var failures = 0
        for _ in 0..<2000 {
            _ = await forwarder.attempt(&failures)
            guard let (site, sums) = try await company.site() else { continue }
            let size = try await edge.store.read { try $0.ledgerSize() }
            if site.position == size, sums.pictures["wanted"] ?? 0 == 0 { return }
        }
        Issue.record("it does not come to an end: \(forwarder.standing)")
    }

    private static func compare(_ company: Company, _ edge: Harness) async throws {
        let (site, sums) = try #require(try await company.site())
        let own = try await edge.store.read { try $0.reconcile() }
        #expect(
            sums.reports == own.inspections && sums.defects == own.detections && sums.holds,
            "\(sums.json.canonicalText)")
        #expect(sums.outcomes[.raised] ?? 0 == own.raised && sums.outcomes[.grouped] ?? 0 == own.grouped)
        #expect(sums.orders[.acknowledged] ?? 0 == own.acknowledged && sums.held == own.raised)
        #expect(site.tree.root == (try await edge.store.read { try $0.ledgerRoot(size: site.position) }))
        let kept = try await edge.store.read {
            try $0.rows("SELECT sha256 FROM picture").map { $0["sha256"] as String }
        }
        for sha256 in kept {
            let (picture, state) = try #require(
                try await company.store.read { try $0.sitePicture(sha256, site: "BEDFORD") })
            let bytes = try Data(contentsOf: URL(fileURLWithPath: company.sites.folder.path(of: picture)))
            #expect(state == "kept" && Hex.sha256(Array(bytes)) == sha256)
        }
        // Nothing of it is an order of the company's own.
        #expect(try await company.store.read { try $0.reconcile() }.raised == 0)
        let orders = try await edge.store.read { try $0.orders(limit: 1000) }
        let joint = try await company.store.read { try $0.jointOrders(JointQuery(), limit: 1000) }
        #expect(Set(joint.map(\.reference)) == Set(orders.map(\.reference.text)) && joint.count == orders.count)
        for order in orders {
            let there = joint.first { $0.reference == order.reference.text }
            #expect(there?.state == order.state.rawValue && there?.delivery == order.delivery.rawValue)
        }
    }

    @Test(
        "Whatever is lost between the two, and whichever side is restarted, each report, order and picture is there once",
        arguments: [20_261_129, UInt64.random(in: 1...(1 << 32))])
    func once(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let edge = try await Harness()
        var company = try Company()
        let wire = LoopWire(to: company.sites, seed: seed)
        wire.fail(percent: 15)
        var forwarder = edge.forwarder(wire)
        var failures = 0
        for number in 0..<60 {
            if random.chance(50) {
                try await edge.pictured("p-\(number)", bytes: random.int(1...700_000), &random)
            } else {
                _ = try await edge.report(
                    "r-\(number)", asset: "ASSET-\(random.int(1...5))", defects: random.int(0...2))
            }
            if random.chance(60) { _ = await forwarder.attempt(&failures) }
            if random.chance(5) { forwarder = edge.forwarder(wire) }
            if random.chance(5) {
                try company.store.close()
                company = try Company(company.folder)
                wire.lead(to: company.sites)
            }
        }
        try await edge.until("the CMMS has all") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        #expect(try await edge.isSettled)
        try await Self.forward(forwarder, company, from: edge)
        wire.fail(percent: 0)
        try await Self.forward(forwarder, company, from: edge)
        try await Self.compare(company, edge)
        print("sites: seed \(seed), \(wire.batches.count) batches")
        try await company.end()
        try await edge.end()
    }

    @Test(
        "A company that was put back to an earlier state is sent again what it lost",
        .disabled(if: TestDatabase.isPostgres))
    func companyRestored() async throws {
        var random = SeededRandom(seed: 3)
        let edge = try await Harness()
        let company = try Company()
        let wire = LoopWire(to: company.sites)
        let forwarder = edge.forwarder(wire)
        for number in 0..<10 { try await edge.pictured("a-\(number)", bytes: 2000, &random) }
        try await edge.until("the CMMS has all") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        try await Self.forward(forwarder, company, from: edge)
        await company.store.checkpoint()
        let backup = try TemporaryFolder("andon-company-backup")
        try FileManager.default.copyItem(atPath: company.folder.path + "/data", toPath: backup.path + "/data")
        for number in 0..<10 { try await edge.pictured("b-\(number)", bytes: 2000, &random) }
        try await edge.until("the CMMS has all") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        try await Self.forward(forwarder, company, from: edge)
        try company.store.close()
        let restored = try Company(backup)
        #expect(try #require(try await restored.site()).sums.reports == 10)
        wire.lead(to: restored.sites)
        try await Self.forward(forwarder, restored, from: edge)
        try await Self.compare(restored, edge)
        try await restored.end()
        try await edge.end()
    }

    @Test("Days offline are many small batches, and the site's memory and answers do not wait for them")
    func backlog() async throws {
        let edge = try await Harness()
        let company = try Company()
        let wire = LoopWire(to: company.sites)
        wire.fail(percent: 100)
        let forwarder = edge.forwarder(wire)
        for _ in 0..<3 { await #expect(throws: ForwardError.self) { try await forwarder.round() } }
        let body = JSON.string(String(repeating: "x", count: 300))
        try await edge.store.write { transaction in
            for number in 0..<20_000 { try transaction.record("note.test", of: "n-\(number % 10)", ["text": body]) }
        }
        _ = try await edge.report("after")
        wire.fail(percent: 0)
        try await edge.until("the CMMS has all") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        try await Self.forward(forwarder, company, from: edge)
        #expect(wire.batches.count > 20 && wire.batches.allSatisfy { $0 < SiteBatch.bytesMax })
        #expect(wire.batches.max() ?? 0 < 100_000, "what no view needs goes as its hash alone")
        try await Self.compare(company, edge)
        try await company.end()
        try await edge.end()
    }

    @Test(
        "Another ledger under a site's name is refused on both sides until a person takes it, and the old orders stay")
    func forked() async throws {
        let (first, second) = (try await Harness(), try await Harness())
        let company = try Company()
        let wire = LoopWire(to: company.sites)
        for number in 0..<5 { _ = try await first.report("old-\(number)", asset: "OLD-\(number)") }
        try await first.until("the CMMS has all") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        try await Self.forward(first.forwarder(wire), company, from: first)
        // First shorter than what was forwarded, then longer.
        for (number, words) in ["put back to an earlier state", "other ones than"].enumerated() {
            for place in 0..<(number == 0 ? 1 : 20) { _ = try await second.report("new-\(number)-\(place)") }
            try await second.until("the CMMS has all") {
                try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
            }
            let forwarder = second.forwarder(wire)
            let fork = await #expect(throws: ForkedHistory.self) { try await forwarder.round() }
            #expect(fork?.description.contains(words) == true, "\(String(describing: fork))")
            let (site, _) = try #require(try await company.site())
            #expect(site.refusal?.contains(words) == true, "\(site.refusal ?? "")")
            #expect(try await company.store.read { try $0.isUp("site-forked", subject: "site/BEDFORD") })
        }
        let history = try await company.store.write {
            try $0.beginHistory(ofSite: "BEDFORD", by: "R. Wilson", reason: "a new disk")
        }
        #expect(history == 2)
        try await Self.forward(second.forwarder(wire), company, from: second)
        let (site, sums) = try #require(try await company.site())
        #expect(site.refusal == nil && sums.former == 5 && sums.holds)
        #expect(try await company.store.read { try !$0.isUp("site-forked", subject: "site/BEDFORD") })
        let joint = try await company.store.read { try $0.jointOrders(JointQuery(), limit: 100) }
        #expect(joint.filter(\.isFormer).count == 5)
        try await company.end()
        try await first.end()
        try await second.end()
    }

    @Test("A picture that the company lacks is not removed for its age, and one that it has is")
    func retention() async throws {
        var random = SeededRandom(seed: 5)
        let edge = try await Harness()
        let company = try Company()
        try await edge.store.write { try $0.keepForUpstream(true) }
        try await edge.pictured("p", bytes: 5000, &random)
        func isForwarding() async throws -> Bool? {
            try await edge.store.read { reader in
                let sha256: String = try #require(try reader.row("SELECT sha256 FROM picture"))["sha256"]
                return try reader.keptPicture(sha256)?.isForwarding
            }
        }
        #expect(try await isForwarding() == true)
        try await edge.until("the CMMS has all") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        let forwarder = edge.forwarder(LoopWire(to: company.sites))
        try await Self.forward(forwarder, company, from: edge)
        _ = try await forwarder.round()
        #expect(try await isForwarding() == false)
        try await company.end()
        try await edge.end()
    }

    @Test(
        "A batch that is not one, that leaves a gap or whose checkpoint is of other entries is refused with its reason")
    func refusals() async throws {
        let company = try Company()
        let leaf = MerkleHash.leaf([1])
        let now = company.store.time.now()
        func batch(_ change: (inout SiteBatch) -> Void = { _ in }) -> SiteBatch {
            var batch = SiteBatch(
                site: "BEDFORD", first: 0, next: 1, base: MerkleHash.empty, leaves: [leaf],
                ledger: .init(size: 5, at: now))
            change(&batch)
            return batch
        }
        func refusal(_ bytes: [UInt8]) async throws -> Problem? {
            do {
                _ = try await company.sites.take(bytes, ofSite: "BEDFORD", from: "edge")
                return nil
            } catch let problem as Problem { return problem }
        }
        #expect(try await refusal(batch().document.canonicalBytes) == nil)
        #expect(try await refusal(batch().document.canonicalBytes) == nil, "the same again is taken as it was")
        #expect(try await company.store.read { try $0.count("SELECT COUNT(*) FROM site_batch") } == 1)
        let checkpoint = try Checkpoint(origin: "other", size: 2, root: leaf)
        let cases: [(SiteBatch, String)] = [
            (batch { ($0.first, $0.next) = (3, 4) }, "other-position"),
            (batch { ($0.first, $0.next, $0.base) = (1, 2, leaf.reversed()) }, "forked-history"),
            (batch { ($0.site) = "DERBY" }, "other-site"),
            (
                batch {
                    ($0.first, $0.next, $0.base, $0.checkpoint) = (1, 2, leaf, "\(checkpoint)\n— other AAAAAAAA\n")
                },
                "untrue-checkpoint"
            ),
        ]
        for (batch, type) in cases {
            let found = try await refusal(batch.document.canonicalBytes)
            #expect(found?.type == type, "\(String(describing: found))")
        }
        for text in [
            "", "[]", "{}", String(repeating: "[", count: 100), batch().document.canonicalText.dropLast() + ",}",
        ] {
            let found = try await refusal(Array(text.utf8))
            #expect(found?.status == 400 || found?.status == 422, "\(text): \(String(describing: found))")
        }
        #expect(try await company.site()?.site.position == 1)
        try await company.end()
    }
}
