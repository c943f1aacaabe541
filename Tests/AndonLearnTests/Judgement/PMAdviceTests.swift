import AndonSPC
import Testing

@testable import AndonLearn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Advice on planned tasks")
struct PMAdviceTests {
    private func task(every interval: Double, planned: Double? = nil, failure: Double? = nil) -> TimedTask {
        TimedTask(
            name: "Replace seal", interval: interval, defects: ["leak"], assets: ["press-1"], plannedCost: planned,
            failureCost: failure)
    }

    /// Lives at even quantiles, the longer ones censored at `watched`.
    private func lives(_ count: Int, shape: Double, scale: Double, watched: Double = .infinity) -> [Lifetime] {
        (0..<count).map { index in
            let time = Weibull(shape: shape, scale: scale).quantile((Double(index) + 0.5) / Double(count))
            return time <= watched ? .event(time) : .censored(watched)
        }
    }

    /// Failures at t with (t / end)^beta evenly spread.
    private func processes(_ beta: Double = 1, count: Int = 20) -> [FailureProcess] {
        let times = (0..<count).map { 700 * pow((Double($0) + 0.5) / Double(count), 1 / beta) }
        return FailureProcess(times: times, ending: .time(700)).map { [$0] } ?? []
    }

    private func advice(
        _ task: TimedTask, _ lives: [Lifetime], beta: Double = 1, hasForecast: Bool = false
    ) -> PMAdvice {
        PMAdvice(for: task, TaskRecord(lives: lives, processes: processes(beta), hasForecast: hasForecast))
    }

    @Test("With wear and no costs the interval is the time by which a tenth has failed") func withWearAndNoCostsThe()
        throws
    {
        let advice = advice(task(every: 90), lives(60, shape: 3, scale: 100))
        #expect(advice.kind == .shorter)
        #expect(advice.reason == .wear)
        let days = try #require(advice.recommended)
        #expect(abs(days.value - Weibull(shape: 3, scale: 100).quantile(0.1)) < 3)
        #expect(days.upper < 90)
        #expect(try abs(#require(advice.failedThen) - 0.1) < 1e-9)
        #expect(
            advice.sentence
                == "\"Replace seal\" every 90 days: shorter, 48 days (95 % 39.3 to 57.8). Weibull shape 3.04 (2.49 to 3.7) "
                + "from 60 failures in 60 lives; 52 % fail before the task now, 10 % then. Trend test (MIL-HDBK-189) over "
                + "20 failures of 1 asset: no trend, p 1, beta 1.02.")
    }

    @Test("A task that comes long before the wear is to come later") func aTaskThatComesLongBefore() throws {
        let advice = advice(task(every: 20), lives(60, shape: 3, scale: 100))
        #expect(advice.kind == .longer)
        #expect(try #require(advice.recommended).lower > 20)
        #expect(!advice.isCut)
    }

    @Test("An interval within what the data ask for is kept") func anIntervalWithinWhatTheData() {
        let advice = advice(task(every: 48), lives(60, shape: 3, scale: 100))
        #expect(advice.kind == .keep)
        #expect(advice.reason == .wear)
    }

    @Test("With costs the interval is the cheapest one") func withCostsTheIntervalIsThe() throws {
        let advice = advice(task(every: 90, planned: 100, failure: 1000), lives(100, shape: 3, scale: 100))
        #expect(advice.kind == .shorter)
        let days = try #require(advice.recommended)
        #expect(days.lower < days.value && days.value < days.upper)
        let now = try #require(advice.costNow)
        let then = try #require(advice.costThen)
        #expect(then < now)
        #expect(advice.sentence.contains("Cost a day"))
    }

    @Test(
        "The cheapest age is the one that a search over all ages finds",
        arguments: [(1.5, 5.0), (2, 10), (3, 3), (4, 20)])
    func theCheapestAgeIsTheOne(shape: Double, ratio: Double) throws {
        let life = Weibull(shape: shape, scale: 80)
        let replacement = AgeReplacement(life: life, planned: 1, failure: ratio)
        let optimum = try #require(replacement.optimum)
        // The area under the survival curve by the trapezoid rule, apart from the incomplete gamma function.
        var best = (age: 0.0, cost: Double.infinity)
        var area = 0.0
        let step = 0.01
        for number in 1...40_000 {
            let age = Double(number) * step
            area += step * (2 - life.cumulative(age) - life.cumulative(age - step)) / 2
            let cost = (1 + (ratio - 1) * life.cumulative(age)) / area
            if cost < best.cost { best = (age, cost) }
        }
        #expect(abs(optimum - best.age) < 0.2)
        #expect(abs(replacement.cost(at: optimum) - best.cost) < 1e-5)
        #expect(replacement.cost(at: optimum) < replacement.cost(at: .infinity))
    }

    @Test("A failure that costs no more than the task is left to happen") func aFailureThatCostsNoMore() {
        let advice = advice(task(every: 30, planned: 100, failure: 80), lives(60, shape: 3, scale: 100))
        #expect(advice.kind == .longer)
        #expect(advice.reason == .cheapFailure)
        #expect(advice.recommended == nil)
    }

    @Test("Failures by chance ask for no interval") func failuresByChanceAskForNo() {
        let advice = advice(task(every: 30), lives(100, shape: 1, scale: 100))
        #expect(advice.kind == .longer)
        #expect(advice.reason == .chance)
        #expect(advice.recommended == nil)
        #expect(advice.sentence.contains("an interval brings nothing"))
    }

    @Test("A shape that may be chance or wear is not decided") func aShapeThatMayBeChance() {
        let advice = advice(task(every: 30), lives(12, shape: 1.2, scale: 100))
        #expect(advice.kind == .keep)
        #expect(advice.reason == .shapeUndecided)
        #expect(advice.recommended == nil)
    }

    @Test("Failures soon after the repair ask for a better repair and not for a shorter interval")
    func failuresSoonAfterTheRepairAsk() {
        let advice = advice(task(every: 30), lives(60, shape: 0.6, scale: 100))
        #expect(advice.kind == .keep)
        #expect(advice.reason == .earlyFailure)
        #expect(advice.sentence.contains("Look at the quality of the repair"))
    }

    @Test(
        "With a trend no interval follows however well the lives fit",
        arguments: [(2.5, PMAdvice.Reason.failuresComeFaster), (0.4, .failuresComeSlower)])
    func withATrendNoIntervalFollows(beta: Double, reason: PMAdvice.Reason) throws {
        let advice = advice(task(every: 90), lives(60, shape: 3, scale: 100), beta: beta)
        #expect(advice.kind == .keep)
        #expect(advice.reason == reason)
        #expect(advice.recommended == nil)
        #expect(try #require(advice.trend).p < 0.05)
    }

    @Test("The trend of several assets is tested together though they fail at rates of their own")
    func theTrendOfSeveralAssetsIs() throws {
        let limits = AdviceLimits()
        let often = processes(count: 30)
        let seldom = processes(count: 3)
        let trend = try #require(PMAdvice.Trend(often + seldom, limits))
        #expect(trend.failures == 33)
        #expect(trend.degrees == 66)
        #expect(trend.p > 0.5)
        #expect(PMAdvice.Trend(seldom, limits) == nil)
    }

    @Test("Where a failure can be forecast the task is done by condition") func whereAFailureCanBeForecast() {
        let advice = advice(task(every: 90), lives(60, shape: 3, scale: 100), hasForecast: true)
        #expect(advice.kind == .conditionBased)
        #expect(advice.recommended == nil)
    }

    @Test("Too few failures advise nothing") func tooFewFailuresAdviseNothing() {
        let few = advice(task(every: 90), lives(9, shape: 3, scale: 100))
        #expect(few.kind == .tooFew)
        #expect(few.needed == 10)
        let untested = PMAdvice(
            for: task(every: 90), TaskRecord(lives: lives(60, shape: 3, scale: 100), processes: [], hasForecast: false))
        #expect(untested.kind == .tooFew)
        #expect(untested.recommended == nil)
        #expect(untested.sentence.contains("No trend test: too few failures."))
    }

    @Test("Nothing is recommended beyond what was watched") func nothingIsRecommendedBeyondWhatWas() throws {
        // Replaced every 20 days, so that nobody knows the life after that; a failure is hardly dearer than the task.
        let seen = lives(300, shape: 3, scale: 40, watched: 20)
        let advice = advice(task(every: 20, planned: 100, failure: 150), seen)
        #expect(advice.kind == .keep)
        #expect(advice.reason == .notWatchedLonger)
        let farther = self.advice(task(every: 15, planned: 100, failure: 150), seen)
        #expect(farther.kind == .longer)
        #expect(farther.isCut)
        #expect(try #require(farther.recommended).value == 20)
    }
}
