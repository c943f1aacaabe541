import AndonDecide
import AndonLedger
import AndonModel
import AndonSPC
import AndonTesting
import Synchronization
import Testing

@testable import AndonServer

@Suite("A replay of the past")
struct BacktestTests {
    /// What a replay said of the pictures' detections and of the charts' signals, in the order in which it said it.
    private final class Said: Sendable {
        let all = Mutex<[Replayed]>([])
        func note(_ replayed: Replayed) { all.withLock { $0.append(replayed) } }
    }

    private func replayed(_ past: LivePast, from: Timestamp, to: Timestamp) throws -> (HistoryFeed, [Replayed]) {
        let said = Said()
        let feed = try past.store.readNow { reader in
            var feed = try HistoryFeed(rules: past.rules, plant: past.plant, from: from, to: to, reader)
            feed.observe { said.note($0) }
            try feed.advance(to: to, reader)
            return feed
        }
        return (feed, said.all.withLock { $0 })
    }

    /// Detections as they were kept, oldest first.
    private func kept(_ past: LivePast, from: Timestamp, to: Timestamp) throws -> [DetectionRecord] {
        var found: [DetectionRecord] = []
        try past.store.readNow { try $0.eachDetection(from: from, to: to) { detection, _ in found.append(detection) } }
        return found
    }

    private func expectTheSame(
        _ records: [DetectionRecord], _ said: [Replayed], orders: inout [Reference: Int], _ words: Comment
    ) {
        #expect(records.count == said.count, words)
        var places: [Int: Reference] = [:]
        for (record, replayed) in zip(records, said) {
            #expect(record.outcome == replayed.outcome, "\(words): \(record) \(replayed)")
            #expect(record.rule == replayed.rule, "\(words): \(record) \(replayed)")
            #expect(record.priority == replayed.priority, "\(words): \(record) \(replayed)")
            #expect((record.reference == nil) == (replayed.order == nil), "\(words)")
            guard let reference = record.reference, let order = replayed.order else { continue }
            #expect(orders[reference, default: order] == order, "\(words): \(reference) is one order")
            #expect(places[order, default: reference] == reference, "\(words): \(order) is one order")
            (orders[reference], places[order]) = (order, reference)
        }
    }

    private func expectTheSame(_ past: LivePast, from: Timestamp, _ words: Comment) throws {
        let to = past.time.now()
        let (feed, said) = try replayed(past, from: from, to: to)
        let records = try kept(past, from: from, to: to)
        var orders: [Reference: Int] = [:]
        let signals = records.filter { $0.inspectionID.hasPrefix("spc:") }
        expectTheSame(
            records.filter { !$0.inspectionID.hasPrefix("spc:") }, said.filter { !$0.isSignal }, orders: &orders, words)
        expectTheSame(signals, said.filter(\.isSignal), orders: &orders, words)
        let report = try past.store.readNow { try Backtest.report(feed, to: to, $0) }
        #expect(report.real == report.tally.raised, words)
        #expect(report.missed.isEmpty && report.spared.isEmpty && report.newOrders == 0, words)
    }

    @Test("The rules in force give what really happened, order by order, from the start and from any moment")
    func sameRules() async throws {
        var (decisions, ends, joined) = (0, 0, 0)
        for seed in 1...60 {
            var random = Seeded(seed)
            let past = try LivePast(random.rules())
            try await past.live(120, &random)
            try expectTheSame(past, from: .noon, "seed \(seed)")
            let middle = Timestamp.noon + .seconds(Int.random(in: 1...24, using: &random) * 600)
            try expectTheSame(past, from: middle, "seed \(seed) from \(middle)")
            let all = try kept(past, from: .noon, to: past.time.now())
            decisions += all.count
            joined += all.filter { $0.outcome == .grouped }.count
            ends += try past.store.readNow { try $0.pastOrders(from: nil, to: past.time.now()) }
                .filter { $0.endedAt != nil }.count
            try past.end()
        }
        // The random past must have met what it is there to test.
        #expect(decisions > 5000 && ends > 300 && joined > 300, "\(decisions) \(ends) \(joined)")
    }

    @Test("So do charts, their verdicts and their signals")
    func sameCharts() async throws {
        var signals = 0
        for seed in 1...30 {
            var random = Seeded(seed)
            var rules = random.rules()
            rules.defaults.whenInControl = random.one(of: Rule.WhenInControl.allCases)
            rules.defaults.whenOutOfControl = random.one(of: Rule.WhenOutOfControl.allCases)
            rules.charts = [
                Chart(
                    name: "all", kind: .u, quantity: .defects, strata: [random.one(of: [.asset, .camera, .zone])],
                    subgroup: .units(1), baseline: 5, width: 1, signalClass: random.one(of: ["a", "signal"])),
                Chart(
                    name: "bad", kind: .p, quantity: .defectiveUnits, classes: ["a", "b"], strata: [.shift],
                    subgroup: .units(1), baseline: 8, width: 1.5, signalClass: random.maybe(0.5) { _ in "b" }),
            ]
            let past = try LivePast(rules)
            try await past.live(120, &random)
            try expectTheSame(past, from: .noon, "seed \(seed)")
            signals += try kept(past, from: .noon, to: past.time.now()).filter { $0.inspectionID.hasPrefix("spc:") }
                .count
            try past.end()
        }
        #expect(signals > 100, "\(signals)")
    }

    @Test("A replay that goes on now and then says what one says that goes through at once")
    func incremental() async throws {
        for seed in 1...12 {
            var random = Seeded(seed)
            let past = try LivePast(random.rules())
            var feed = try past.store.readNow {
                try HistoryFeed(rules: past.rules, plant: past.plant, from: .noon, to: .noon, $0)
            }
            let said = Said()
            feed.observe { said.note($0) }
            for _ in 0..<6 {
                try await past.live(Int.random(in: 0...40, using: &random), &random, tag: feed.next)
                try past.store.readNow { try feed.advance($0) }
            }
            let records = try kept(past, from: .noon, to: past.time.now())
            var orders: [Reference: Int] = [:]
            expectTheSame(records, said.all.withLock { $0 }, orders: &orders, "seed \(seed)")
            try past.end()
        }
    }

    @Test("Several processors find together what one finds, with charts by asset and over all assets")
    func processors() async throws {
        for seed in 1...20 {
            var random = Seeded(seed)
            var live = random.rules()
            live.charts = [
                Chart(
                    name: "density", kind: .u, quantity: .defects,
                    strata: seed % 4 == 0 ? [.shift] : [.asset, .shift], subgroup: .units(1), baseline: 5, width: 1,
                    signalClass: "a")
            ]
            let past = try LivePast(live)
            try await past.live(150, &random)
            var candidate = random.rules()
            candidate.charts = live.charts
            let from = Timestamp.noon + .seconds(Int.random(in: 0...12, using: &random) * 600)
            let reports = try [1, 2, 5].map { processors in
                try Backtest.run(
                    rules: candidate, plant: past.plant, from: from, to: past.time.now(), processors: processors,
                    in: past.store
                ).json
            }
            #expect(reports[0] == reports[1] && reports[0] == reports[2], "seed \(seed)")
            #expect(reports[0]["detections"]?.integer ?? 0 > 0, "seed \(seed)")
            try past.end()
        }
    }

    @Test("What open windows can still see of the time before is found, wherever it lies")
    func earlier() async throws {
        var found = 0
        for seed in 1...20 {
            var random = Seeded(seed)
            let past = try LivePast(random.rules())
            try await past.live(150, &random)
            for _ in 0..<20 {
                let first = Int64.random(in: 1...130, using: &random)
                let since = random.maybe(0.7) { .noon + .seconds(Int.random(in: -10...20, using: &$0) * 300) }
                let parts = random.maybe(0.7) { Int.random(in: 1...60, using: &$0) } ?? 0
                let backMax = random.one(of: [1, 10, 200_000])
                var (seen, wanted): ([String], [String]) = ([], [])
                try past.store.readNow { reader in
                    try reader.eachEarlierDetection(before: first, since: since, parts: parts, backMax: backMax) {
                        seen.append("\($0) \($1.ordinal) \($1.defect) \($1.partsAt) \($2)")
                    }
                    var all: [PastReport] = []
                    var reports = try reader.pastReports(1..<first, .none)
                    while let report = try reports.next() { all.append(report) }
                    let counters = Dictionary(
                        all.flatMap { report in report.detections.map { (report.asset, $0.partsAt) } },
                        uniquingKeysWith: max)
                    for report in all {
                        for detection in report.detections
                        where since.map({ report.detectedAt > $0 }) ?? false
                            || detection.partsAt > (counters[report.asset] ?? 0) - Int64(parts)
                        {
                            wanted.append(
                                "\(report.asset) \(detection.ordinal) \(detection.defect) \(detection.partsAt) "
                                    + "\(report.detectedAt)")
                        }
                    }
                }
                #expect(seen == wanted, "seed \(seed) before \(first) since \(String(describing: since)) \(parts)")
                found += wanted.count
            }
            try past.end()
        }
        #expect(found > 5000, "\(found)")
    }
}
