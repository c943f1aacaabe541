import AndonDecide
import AndonModel
import AndonSPC
import Synchronization
import Testing

@Suite("What a replay takes for granted, and what it reports")
struct ReplayTests {
    private let plant = Plant(name: "P", assets: ["A1": Asset(id: "A1", criticality: "A")])

    private func report(
        _ seq: Int64, at minutes: Int, severity: Double = 0.8, _ outcome: Outcome = .recorded,
        _ reference: Reference? = nil
    ) -> PastReport {
        let time = Timestamp.noon + .seconds(minutes * 60)
        let defect = Defect(defectClass: "scratch", confidence: 0.9, severity: .score(severity))
        return PastReport(
            seq: seq, detectedAt: time, receivedAt: time, asset: "A1",
            detections: [
                PastDetection(ordinal: 0, defect: defect, partsAt: seq, outcome: outcome, reference: reference)
            ])
    }

    private func order(
        _ text: String, at minutes: Int, ended: Int? = nil, _ verdict: Closure.Verdict? = nil
    ) -> PastOrder {
        let time = Timestamp.noon + .seconds(minutes * 60)
        return PastOrder(
            reference: .named(text), seq: Int64(minutes), asset: "A1", defectClass: "scratch", kind: .corrective,
            priority: 1, raisedAt: time, detectedAt: time, state: ended == nil ? .open : .closed,
            endedAt: ended.map { .noon + .seconds($0 * 60) }, verdict: verdict)
    }

    private func summary(_ replay: Replay, _ orders: [PastOrder] = []) -> BacktestReport {
        BacktestReport(ReplayFindings(replay), from: .noon, to: .noon + .seconds(86_400), orders: orders, signals: [])
    }

    @Test(
        "Orders that a higher threshold would not have raised are missed when confirmed, spared when nothing was found")
    func missed() throws {
        var replay = Replay(rules: .scratch(Rule(minSeverity: 0.9)), plant: plant)
        let (first, second, third) = (
            Reference.named("AAAAAAAAAA"), Reference.named("BBBBBBBBBB"), Reference.named("CCCCCCCCCC")
        )
        replay.take(report(1, at: 0, .raised, first))
        replay.take(report(2, at: 10, severity: 0.95, .raised, second))
        replay.take(report(3, at: 20, .raised, third))
        let found = summary(
            replay,
            [
                order("AAAAAAAAAA", at: 0, ended: 5, .falseAlarm), order("BBBBBBBBBB", at: 10),
                order("CCCCCCCCCC", at: 20, ended: 30, .confirmed),
            ])
        #expect(found.missed.map(\.reference) == [third] && found.spared.map(\.reference) == [first])
        #expect(found.real.total == 3 && found.tally.raised.total == 1 && found.newOrders == 0)
        #expect(found.text.contains("Real orders that would have been missed: 1 (1 confirmed)"))
        #expect(found.text.contains("found no fault and would not have been raised: 1\n  AAAAAAAAAA"))
    }

    @Test("An order that nothing real corresponds to is new, and ends after the usual time")
    func assumed() {
        let usual = Replay.OpenTimes(of: [
            order("AAAAAAAAAA", at: 0, ended: 10), order("BBBBBBBBBB", at: 0, ended: 30),
            order("CCCCCCCCCC", at: 0, ended: 50), order("DDDDDDDDDD", at: 0),
        ])
        #expect(usual.all == .seconds(1800) && usual.byClass == ["scratch": .seconds(1800)])
        var replay = Replay(rules: .scratch(Rule()), plant: plant, assumed: usual)
        replay.take(report(1, at: 0))
        replay.take(report(2, at: 29))
        #expect(replay.tally.raised.total == 1 && replay.tally.assumedEnds == 0)
        replay.take(report(3, at: 30))
        #expect(replay.tally.raised.total == 2 && replay.tally.assumedEnds == 1)
        #expect(ReplayFindings(replay).newOrders == ["scratch": 2])
        // With nothing to go by it stays open.
        var unsure = Replay(rules: .scratch(Rule()), plant: plant)
        for seq in 1...3 { unsure.take(report(Int64(seq), at: seq * 600)) }
        #expect(unsure.tally.raised.total == 1)
    }

    @Test("An order without a real one ends with the next real order for its class on its asset")
    func nextEnd() {
        var replay = Replay(rules: .scratch(Rule()), plant: plant)
        replay.take(report(1, at: 0))
        func end(_ asset: String) -> PastChange {
            PastChange(
                after: 1, reference: .named("EEEEEEEEEE"), asset: asset, defectClass: "scratch", state: .closed,
                endedAt: .noon + .seconds(60))
        }
        replay.take(end("A2"))
        replay.take(report(2, at: 5))
        #expect(replay.tally.raised.total == 1)
        replay.take(end("A1"))
        replay.take(report(3, at: 6))
        #expect(replay.tally.raised.total == 2)
    }

    @Test("A candidate's chart goes on from the limits that it is given, and makes its own signals")
    func charts() throws {
        var rules = Rules.scratch(Rule(minSeverity: 0.99))
        rules.charts = [
            Chart(name: "bad", kind: .c, quantity: .defects, subgroup: .units(10), signalClass: "unstable")
        ]
        let limits = ChartLimits(kind: .c, centre: 1, size: 10, baseline: 25)
        let start = ChartStart(
            chart: "bad", stratum: "asset=A1", version: 3, location: limits, dispersion: nil)
        for starts in [[start], []] {
            var replay = Replay(rules: rules, plant: plant, starts: starts)
            for seq in 1...10 {
                var past = report(Int64(seq), at: seq)
                past.context = PastReport.Context(camera: "CAM-1", units: 1)
                replay.take(past)
            }
            // Ten defects in ten parts where one is usual; without limits the baseline is still being gathered.
            #expect(replay.tally.signals == (starts.isEmpty ? [:] : [.raised: 1]))
            #expect(ReplayFindings(replay).newOrders.keys.map { $0 } == (starts.isEmpty ? [] : ["unstable"]))
        }
    }

    @Test("The busiest hour is one of the plant's clock, and says how many a day that would be")
    func busiest() {
        var tally = OrderTally(timeZone: "Europe/Berlin")
        for minutes in [0, 59, 60, 61, 62, 24 * 60] { tally.count(order("AAAAAAAAAA", at: minutes)) }
        #expect(tally.busiestHour == .init(name: "2026-11-24 14:00", orders: 3))
        #expect(tally.busiestDay == .init(name: "2026-11-24", orders: 5))
        #expect(OrderTally(timeZone: "Nowhere/At all").busiestHour == nil)
    }
}
