import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("What is kept, over random histories")
struct KeepingPropertyTests {
    @Test(
        "Nothing goes before its time, all that is overdue goes, and the disk holds what the tables say",
        arguments: 1...10)
    func history(seed: UInt64) async throws {
        let history = try RandomHistory(seed: seed)
        for step in 0..<150 { try await history.step(step) }
        #expect(history.removed > 0 && history.shed > 0, "seed \(seed) removed nothing: it proves nothing")
        try await history.endOfTime()
        try history.bench.end()
    }
}

/// Lets things happen, and keeps books of its own, by which it judges what was removed.
private final class RandomHistory {
    let bench: KeepingBench
    private(set) var removed = 0
    private(set) var shed = 0
    private let seed: UInt64
    private var random: SeededRandom
    private var reports: [Report] = []
    private var holds: [Int64: HoldScope] = [:]
    private var orders: [Reference: OrderBook] = [:]

    private struct Report {
        var sha256: String
        var at: Timestamp
        var camera: String
        var asset: String
        var lot: String
        var isGood: Bool
        var order: Reference?
    }

    private struct OrderBook {
        var endedAt: Timestamp?
        /// Effects that the CMMS still has to get.
        var isWaiting = true
    }

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        bench = try KeepingBench()
        bench.disk.resize(10_000_000)
    }

    func step(_ number: Int) async throws {
        let before = try bench.rows()
        let newest = newestGood(before)
        var mayGo: (String) -> Bool = { _ in false }
        switch random.int(1...20) {
        case 1...8: try await report(number)
        case 9...10: try await deliver()
        case 11...12: try await changeOrder()
        case 13: try await changeHolds()
        case 14: bench.time.advance(by: .seconds(random.int(1...60) * 86_400))
        case 15...16:
            try await bench.sweeper.sweep()
            mayGo = { self.isDue($0) }
            for kept in try bench.rows() {
                #expect(!isDue(kept), "overdue and there: \(kept), step \(number), seed \(seed)")
            }
            #expect(try bench.pending() == 0)
            removed += try before.subtracting(bench.rows()).count
        case 17...18:
            bench.disk.resize(
                random.chance(50) ? 10_000_000 : FakeDisk.used(bench.pictures.folder) + random.int(0...150_000))
            try await bench.guardian.look()
            mayGo = { self.isSheddable($0) }
            shed += try before.subtracting(bench.rows()).count
        case 19: try await crash { mayGo = { self.isDue($0) } }
        default: try bench.restart()
        }
        for gone in try before.subtracting(bench.rows()) {
            #expect(mayGo(gone) && !newest.contains(gone), "\(gone) should be there, step \(number), seed \(seed)")
        }
        try compare(number)
    }

    /// Everything ends: what is left are the newest good pictures of each camera.
    func endOfTime() async throws {
        try await bench.deliverAll()
        for (reference, book) in orders where book.endedAt == nil { try await bench.set(reference, .closed) }
        for id in holds.keys {
            _ = try await bench.store.write { try $0.releaseHold(id, by: "A. Nowak", reason: "the end") }
        }
        let newest = newestGood(try bench.rows())
        bench.time.advance(by: Retention.year * 5)
        try await bench.sweeper.sweep()
        #expect(try bench.files() == newest, "seed \(seed)")
        #expect(try bench.rows() == newest, "seed \(seed)")
    }

    // MARK: What happens

    private func report(_ number: Int) async throws {
        // A few contents come again and again, in reports of every kind.
        let content = random.chance(60) ? random.int(1...8) : 1000 + number
        let bytes = KeepingBench.png(content, padding: 20_000 + content % 10 * 1000)
        let kind = random.int(0...2)
        let (camera, asset, lot) = ("CAM-\(random.int(1...3))", "A-\(random.int(1...3))", "L-\(random.int(1...3))")
        let accepted = try await bench.report(
            "r-\(number)", bytes, defectClass: [nil, "dust", "order"][kind], camera: camera, asset: asset, lot: lot)
        let digest = try #require(accepted.inspection.picture)
        let order = accepted.detections.first?.reference
        if let order {
            #expect(accepted.isPictureKept, "an order's picture is kept on any disk, seed \(seed)")
            orders[order, default: OrderBook()].isWaiting = true
        }
        #expect(try bench.rows().contains(digest) == accepted.isPictureKept, "seed \(seed)")
        reports.append(
            Report(
                sha256: digest, at: bench.time.now(), camera: camera, asset: asset, lot: lot, isGood: kind == 0,
                order: order))
    }

    private func deliver() async throws {
        try await bench.deliver(random.int(1...4))
        for reference in orders.keys { orders[reference]?.isWaiting = try await isWaiting(reference) }
    }

    private func isWaiting(_ reference: Reference) async throws -> Bool {
        try await bench.store.read { reader in
            try [Effect.Kind.create, .attach, .append].contains { try reader.hasOpenRow(reference, effect: $0) }
        }
    }

    private func changeOrder() async throws {
        guard let reference = orders.keys.sorted(by: { $0.text < $1.text }).randomElement(using: &random) else {
            return
        }
        let ends = random.chance(70)
        try await bench.set(reference, ends ? random.pick([.closed, .done, .cancelled, .missing]) : .open)
        if !ends {
            orders[reference]?.endedAt = nil
        } else if orders[reference]?.endedAt == nil {
            orders[reference]?.endedAt = bench.time.now()
        }
        // A reopened order may have a note to send.
        orders[reference]?.isWaiting = try await isWaiting(reference)
    }

    private func changeHolds() async throws {
        if random.chance(40), let id = holds.keys.sorted().randomElement(using: &random) {
            _ = try await bench.store.write { try $0.releaseHold(id, by: "A. Nowak", reason: "over") }
            holds[id] = nil
            return
        }
        let from = bench.time.now() - .seconds(random.int(0...40) * 86_400)
        var scopes: [HoldScope] = [
            .asset("A-\(random.int(1...3))"), .lot("L-\(random.int(1...3))"),
            .camera("CAM-\(random.int(1...3))", from: from, to: random.chance(50) ? from + Retention.day * 20 : nil),
        ]
        if let order = orders.keys.sorted(by: { $0.text < $1.text }).first { scopes.append(.order(order)) }
        let scope = random.pick(scopes)
        let hold = try await bench.store.write { try $0.place(scope, by: "A. Nowak", reason: "claim") }
        holds[hold.id] = scope
    }

    /// The power goes between the transaction and the unlinking.
    private func crash(_ note: () -> Void) async throws {
        note()
        let digests = try bench.rows().sorted()
        _ = try await bench.store.write { try $0.removePictures(digests, for: .retention, KeepingBench.retention) }
        try bench.restart()
        if random.chance(50) { try await bench.sweeper.finish() }
    }

    // MARK: What the books say

    private func isDue(_ sha256: String) -> Bool {
        let now = bench.time.now()
        guard !isBound(sha256) else { return false }
        return reports.allSatisfy { report in
            guard report.sha256 == sha256 else { return true }
            guard let order = report.order.flatMap({ orders[$0] }) else {
                return report.at + (report.isGood ? Retention.day * 30 : Retention.day * 90) <= now
            }
            return order.endedAt.map { max($0, report.at) + Retention.year <= now } ?? false
        }
    }

    private func isSheddable(_ sha256: String) -> Bool {
        !isBound(sha256) && reports.allSatisfy { $0.sha256 != sha256 || $0.order == nil }
    }

    private func isBound(_ sha256: String) -> Bool {
        let mine = reports.filter { $0.sha256 == sha256 }
        if mine.contains(where: { report in report.order.flatMap { orders[$0] }?.isWaiting == true }) { return true }
        if mine.contains(where: { report in holds.values.contains { covers($0, report) } }) { return true }
        return newestGood((try? bench.rows()) ?? []).contains(sha256)
    }

    private func covers(_ scope: HoldScope, _ report: Report) -> Bool {
        switch scope {
        case .order(let reference): report.order == reference
        case .asset(let asset): report.asset == asset
        case .lot(let lot): report.lot == lot
        case .camera(let camera, let from, let to):
            report.camera == camera && report.at >= from && (to.map { report.at <= $0 } ?? true)
        }
    }

    /// Of each camera, the newest good picture among those that are kept.
    private func newestGood(_ kept: Set<String>) -> Set<String> {
        var newest: [String: String] = [:]
        for report in reports where report.isGood && kept.contains(report.sha256) {
            newest[report.camera] = report.sha256
        }
        return Set(newest.values)
    }

    private func compare(_ number: Int) throws {
        let (files, rows) = (try bench.files(), try bench.rows())
        #expect(rows.isSubset(of: files), "kept and not on the disk, step \(number), seed \(seed)")
        let pending = try bench.store.readNow { try $0.pendingRemovals(limit: 10_000).map(\.picture.sha256) }
        #expect(files.subtracting(rows).isSubset(of: pending), "on the disk and not kept, step \(number), seed \(seed)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.pictures.folder + "/incoming").isEmpty)
    }
}
