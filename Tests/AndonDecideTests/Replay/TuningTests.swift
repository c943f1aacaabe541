import AndonDecide
import AndonModel
import AndonSPC
import Testing

@Suite("Thresholds from closed orders")
struct TuningTests {
    private func order(
        _ verdict: Closure.Verdict, severity: Double?, confidence: Double? = 0.9, on asset: String = "A1"
    ) -> JudgedOrder {
        JudgedOrder(
            reference: .first, asset: asset, defectClass: "dent", verdict: verdict, severity: severity,
            confidence: confidence)
    }

    private func many(_ count: Int, _ order: JudgedOrder) -> [JudgedOrder] { Array(repeating: order, count: count) }

    @Test("The lowest threshold that reaches the share is proposed, with what it costs and spares")
    func lowest() throws {
        let orders =
            many(100, order(.confirmed, severity: 0.9)) + many(20, order(.wrongClass, severity: 0.6))
            + many(60, order(.falseAlarm, severity: 0.5)) + many(5, order(.confirmed, severity: 0.5))
        let tuning = Tuning(orders, share: 0.8, confidence: 0.95)
        let group = try #require(tuning.groups.first)
        #expect(tuning.groups.count == 1 && group.asset == nil && group.orders == 185 && group.useful == 125)
        guard case .proposal(let found) = group.severity else {
            Issue.record("\(group.severity)")
            return
        }
        #expect(found.minimum == 0.6 && found.orders == 120 && found.useful == 120)
        #expect(found.usefulLost == 5 && found.uselessSpared == 60)
        // Three sets of orders were looked at, so each has a third of the doubt.
        let bound = Share.lowerBound(hits: 120, trials: 120, confidence: 1 - 0.05 / 3)
        #expect(found.lowerBound == bound)
        #expect(tuning.text.contains("minSeverity    0.6: 120 of 120 useful"))
        // All state the same confidence: no threshold changes anything, and 125 of 185 are not enough.
        guard case .outOfReach(let nearest) = group.confidence else {
            Issue.record("\(group.confidence)")
            return
        }
        #expect(nearest.orders == 185 && nearest.changesNothing)
    }

    @Test("Too few closures are said to be too few, with how many are needed")
    func tooFew() throws {
        let tuning = Tuning(many(13, order(.confirmed, severity: 0.5)), share: 0.8, confidence: 0.95)
        #expect(tuning.groups.first?.severity == .tooFew(orders: 13, needed: 14))
        #expect(tuning.text.contains("too few closures: 13 of the 14 needed"))
        let enough = Tuning(many(14, order(.confirmed, severity: 0.5)), share: 0.8, confidence: 0.95)
        guard case .proposal(let found) = enough.groups.first?.severity else {
            Issue.record("14 are enough")
            return
        }
        #expect(found.changesNothing)
    }

    @Test("An order that stated no value stays whatever the threshold")
    func unstated() throws {
        let orders = many(40, order(.falseAlarm, severity: nil)) + many(40, order(.confirmed, severity: 0.7))
        let group = try #require(Tuning(orders, share: 0.9, confidence: 0.9).groups.first)
        guard case .outOfReach(let nearest) = group.severity else {
            Issue.record("\(group.severity)")
            return
        }
        #expect(nearest.orders == 80)
        #expect(
            Tuning(many(40, order(.confirmed, severity: nil)), share: 0.9, confidence: 0.9).groups.first?.severity
                == .unstated)
    }

    @Test("An asset stands by itself where it has orders enough, and only there")
    func assets() {
        let orders =
            many(30, order(.confirmed, severity: 0.5, on: "A1")) + many(3, order(.falseAlarm, severity: 0.5, on: "A2"))
        let tuning = Tuning(orders, share: 0.8, confidence: 0.95)
        #expect(tuning.groups.map(\.asset) == [nil, "A1"])
    }

    /// The promise itself: where chance made the past, a proposal is wrong no more often than the confidence allows.
    @Test("Of proposals from random pasts at most one in twenty keeps less than the wanted share")
    func honest() {
        var (proposals, wrong) = (0, 0)
        for seed in 1...200 {
            var random = Seeded(seed)
            // The worse the defect looked, the more often it was there: from 70 % at 0 to all at 1.
            let orders = (0..<1500).map { _ -> JudgedOrder in
                let severity = Double.random(in: 0..<1, using: &random)
                return order(random.chance(0.7 + 0.3 * severity) ? .confirmed : .falseAlarm, severity: severity)
            }
            guard case .proposal(let found) = Tuning(orders, share: 0.9, confidence: 0.95).groups.first?.severity else {
                continue
            }
            proposals += 1
            // Above a minimum m the truth is 0.85 + 0.15 m.
            if 0.85 + 0.15 * found.minimum < 0.9 { wrong += 1 }
        }
        #expect(proposals > 100, "\(proposals) proposals")
        #expect(wrong <= 10, "\(wrong) wrong of \(proposals) proposals from 200 pasts")
    }
}
