import AndonSPC
import AndonTesting
import Testing

@testable import AndonLearn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Before and after")
struct MeasuredChangeTests {
    private static let limits = ChangeLimits(horizon: 100)

    /// Repair times of a class, log-normal at even quantiles.
    private func orders(_ defect: String, _ count: Int, median: Double, open: Int = 0) -> [TimedPeriod.Order] {
        (0..<count).map { index in
            let z = Normal.quantile((Double(index) + 0.5) / Double(count))
            return TimedPeriod.Order(defect: defect, life: .event(median * exp(0.8 * z)))
        } + (0..<open).map { _ in TimedPeriod.Order(defect: defect, life: .censored(median)) }
    }

    private func change(_ before: [TimedPeriod.Order], _ after: [TimedPeriod.Order]) throws -> MeasuredChange {
        try MeasuredChange(
            before: TimedPeriod(definition: "detection to closure", orders: before),
            after: TimedPeriod(definition: "detection to closure", orders: after), limits: Self.limits)
    }

    @Test("A reduction by half over many orders shows the claim of forty") func aReductionByHalfOverMany() throws {
        let change = try change(orders("leak", 400, median: 10), orders("leak", 400, median: 5))
        #expect(change.verdict == .shown)
        #expect(change.meanRatio.upper <= 0.6)
        let medians = try #require(change.medianRatio)
        #expect(abs(medians.value - 0.5) < 0.01)
        #expect(medians.lower < 0.5 && medians.upper > 0.5)
        #expect(
            change.sentence
                == "A reduction by 40 % is shown: from detection to closure, the mean up to 100 went from 13.7 to 6.87, a "
                + "reduction by 50 % (95 % 43 % to 56 %). 400 orders before (0 open) and 400 after (0 open), at one mix of "
                + "1 class.")
    }

    @Test("A small reduction over many orders refutes it") func aSmallReductionOverManyOrders() throws {
        #expect(try change(orders("leak", 400, median: 10), orders("leak", 400, median: 9)).verdict == .refuted)
    }

    @Test("Over few orders it cannot be told") func overFewOrdersItCannotBe() throws {
        let change = try change(orders("leak", 12, median: 10), orders("leak", 12, median: 5))
        #expect(change.verdict == .cannotBeTold)
        #expect(change.sentence.hasPrefix("Whether there is a reduction by 40 % cannot be told"))
    }

    @Test("More of the quick class is no reduction") func moreOfTheQuickClassIs() throws {
        let before = orders("quick", 100, median: 2) + orders("slow", 300, median: 20)
        let after = orders("quick", 300, median: 2) + orders("slow", 100, median: 20)
        let raw =
            try #require(KaplanMeier(after.map(\.life))?.restrictedMean(to: 100)).mean
            / #require(KaplanMeier(before.map(\.life))?.restrictedMean(to: 100)).mean
        #expect(raw < 0.6)
        let change = try change(before, after)
        #expect(change.mix == ["quick": 0.5, "slow": 0.5])
        #expect(change.verdict == .refuted)
        #expect(abs(change.meanRatio.value - 1) < 0.02)
        #expect(try abs(#require(change.medianRatio).value - 1) < 0.1)
    }

    @Test("Open orders count for as long as they are open") func openOrdersCountForAsLong() throws {
        let closed = try change(orders("leak", 200, median: 10), orders("leak", 100, median: 5))
        // Half of the new orders are still open, and no quicker than before.
        let late = (0..<100).map { _ in TimedPeriod.Order(defect: "leak", life: .censored(60)) }
        let all = try change(orders("leak", 200, median: 10), orders("leak", 100, median: 5) + late)
        #expect(all.after.open == 100)
        #expect(closed.meanRatio.value < 0.6)
        #expect(all.meanRatio.value > 1)
        #expect(all.horizon == 60)
        #expect(all.verdict == .refuted)
    }

    @Test("The horizon ends where a class is no longer watched") func theHorizonEndsWhereAClass() throws {
        let open = (0..<10).map { _ in TimedPeriod.Order(defect: "leak", life: .censored(12)) }
        let change = try change(orders("leak", 50, median: 4), orders("leak", 20, median: 2) + open)
        #expect(change.horizon == 12)
    }

    @Test("A class with too few orders in a period is left out and named") func aClassWithTooFewOrders() throws {
        let before = orders("leak", 50, median: 10) + orders("crack", 4, median: 90)
        let change = try change(before, orders("leak", 50, median: 10) + orders("crack", 60, median: 10))
        #expect(change.leftOut == ["crack": 64])
        #expect(change.mix == ["leak": 1])
        #expect(change.before.orders == 50)
    }

    @Test("Times of two definitions are not compared") func timesOfTwoDefinitionsAreNot() {
        let orders = orders("leak", 50, median: 10)
        #expect(throws: MeasuredChangeError.differentDefinitions(before: "detection", after: "start")) {
            try MeasuredChange(
                before: TimedPeriod(definition: "detection", orders: orders),
                after: TimedPeriod(definition: "start", orders: orders), limits: Self.limits)
        }
    }

    @Test("Without a common class or a time there is nothing to compare") func withoutACommonClassOrA() {
        #expect(throws: MeasuredChangeError.noCommonClass(least: 5)) {
            try change(orders("leak", 50, median: 10), orders("crack", 50, median: 10))
        }
        let opened = (0..<10).map { _ in TimedPeriod.Order(defect: "leak", life: .censored(0)) }
        #expect(throws: MeasuredChangeError.noTime(horizon: 100)) { try change(opened, opened) }
    }

    @Test("The interval covers the true ratio as often as it says") func theIntervalCoversTheTrueRatio() throws {
        let seed: UInt64 = 40
        var random = SeededRandom(seed: seed)
        let rounds = 400
        var covered = 0
        var coveredMedian = 0
        var shown = 0
        func draw(_ defect: String, _ count: Int, _ median: Double) -> [TimedPeriod.Order] {
            (0..<count).map { _ in
                let time = median * exp(0.8 * random.normal())
                let seen = 160 * random.uniform()
                return TimedPeriod.Order(defect: defect, life: time <= seen ? .event(time) : .censored(seen))
            }
        }
        func truth(_ change: MeasuredChange) -> Double {
            func mean(_ factor: Double) -> Double {
                change.mix.reduce(0) { sum, part in
                    let median = factor * (part.key == "quick" ? 5 : 12)
                    let steps = 1000
                    let area = (0..<steps).reduce(0.0) {
                        let time = change.horizon * (Double($1) + 0.5) / Double(steps)
                        return $0 + Normal.cumulative(-log(time / median) / 0.8) * change.horizon / Double(steps)
                    }
                    return sum + part.value * area
                }
            }
            return mean(0.6) / mean(1)
        }
        for _ in 0..<rounds {
            let change = try change(
                draw("quick", 40, 5) + draw("slow", 25, 12), draw("quick", 25, 3) + draw("slow", 40, 7.2))
            let truth = truth(change)
            if change.meanRatio.lower <= truth, change.meanRatio.upper >= truth { covered += 1 }
            if let median = change.medianRatio, median.lower <= 0.6, median.upper >= 0.6 { coveredMedian += 1 }
            // The claim is on the limit, or just missed where the horizon cuts the longest times.
            if change.verdict == .shown { shown += 1 }
        }
        print(
            "seed \(seed): of \(rounds) intervals \(covered) cover the ratio of means, \(coveredMedian) that of medians; "
                + "\(shown) claims shown that are on the limit")
        // 95 percent less three deviations of 1.1.
        #expect(Double(covered) >= 0.917 * Double(rounds))
        #expect(Double(coveredMedian) >= 0.917 * Double(rounds))
        #expect(Double(shown) <= 0.05 * Double(rounds))
    }
}
