import AndonSPC
import Foundation
import Testing

@Suite("Intervals of Weibull's and Crow's numbers")
struct IntervalTests {
    private static let handbook =
        [54.0, 187, 216, 240, 244, 335, 361, 373, 375, 386].map(Lifetime.event)
        + Array(repeating: Lifetime.censored(500), count: 10)

    @Test(
        "The fit is Weibull's own, of a table that of its rounded times; the interval is even on the logarithm's scale")
    func fit() throws {
        let fit = try #require(WeibullFit(Self.handbook))
        #expect(fit.weibull == Weibull(fitting: Self.handbook) && fit.count == 20 && fit.failures == 10)
        // Whole hours are not rounded.
        #expect(WeibullFit(try #require(LifeTable(Self.handbook))) == fit)
        #expect(close(fit.weibull.shape, 1.720797, 5e-7) && close(fit.weibull.scale, 606.5276, 5e-5))
        for estimate in [fit.shape(confidence: 0.9), fit.scale(confidence: 0.9), fit.quantile(0.1, confidence: 0.9)] {
            let own = try #require(estimate)
            #expect(own.lower < own.value && own.value < own.upper, "\(own)")
            #expect(agrees(own.lower * own.upper, own.value * own.value, digits: 12), "\(own)")
        }
        #expect(fit.quantile(0.1, confidence: 0.9)?.value == fit.weibull.quantile(0.1))
        // At 63.2 percent the quantile is the scale.
        let scale = try #require(fit.scale(confidence: 0.8))
        let quantile = try #require(fit.quantile(-expm1(-1), confidence: 0.8))
        #expect(agrees(quantile.lower, scale.lower) && agrees(quantile.upper, scale.upper))
    }

    @Test("Twice the lives halve the variances; the unit of time changes none")
    func scaling() throws {
        let fit = try #require(WeibullFit(Self.handbook))
        let double = try #require(WeibullFit(Self.handbook + Self.handbook))
        #expect(agrees(double.shapeVariance * 2, fit.shapeVariance))
        #expect(agrees(double.scaleVariance * 2, fit.scaleVariance))
        let minutes = try #require(
            WeibullFit(Self.handbook.map { Lifetime(time: 60 * $0.time, isEvent: $0.isEvent) }))
        #expect(agrees(minutes.shapeVariance, fit.shapeVariance) && agrees(minutes.covariance, fit.covariance))
        #expect(agrees(minutes.scale(confidence: 0.95)?.upper, fit.scale(confidence: 0.95).map { 60 * $0.upper }))
    }

    @Test("Nineteen of twenty intervals hold the shape, scale and quantile that lives were drawn from")
    func coverage() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let truth = Weibull(shape: 1.6, scale: 30)
        var hits = [0, 0, 0]
        for _ in 0..<1000 {
            let lives = (0..<100).map { _ in
                let life = truth.quantile(random.uniform())
                let end = 80 * random.uniform()
                return life <= end ? Lifetime.event(life) : .censored(end)
            }
            let fit = try #require(WeibullFit(lives))
            let estimates = [
                fit.shape(confidence: 0.95), fit.scale(confidence: 0.95), fit.quantile(0.1, confidence: 0.95),
            ]
            for (index, (estimate, value)) in zip(estimates, [1.6, 30, truth.quantile(0.1)]).enumerated() {
                let own = try #require(estimate)
                if own.lower <= value, value <= own.upper { hits[index] += 1 }
            }
        }
        // 950 expected, standard deviation 7.
        #expect(hits.allSatisfy { (905...985).contains($0) }, "seed \(seed): \(hits)")
    }

    @Test(
        "Without a fit there is no interval",
        arguments: [
            [], [.event(5)], [.event(3), .event(3)], [.censored(5), .censored(7)], [.event(0), .event(3)],
            [.event(1), .event(.nan)],
        ] as [[Lifetime]])
    func noFit(_ lives: [Lifetime]) {
        #expect(WeibullFit(lives) == nil)
    }

    @Test("A confidence or share outside 0 to 1 has no interval; one failure has a wide one")
    func outside() throws {
        let fit = try #require(WeibullFit(Self.handbook))
        let process = try #require(FailureProcess(times: [2, 5, 7], ending: .time(10)))
        let model = try #require(CrowAMSAA(process))
        for value in [0, 1, -1, 2, .nan, .infinity] as [Double] {
            #expect(fit.shape(confidence: value) == nil && fit.scale(confidence: value) == nil)
            #expect(fit.quantile(0.5, confidence: value) == nil && fit.quantile(value, confidence: 0.9) == nil)
            #expect(model.betaEstimate(confidence: value) == nil)
        }
        let rare = try #require(WeibullFit([.event(5)] + Array(repeating: .censored(10), count: 9)))
        let shape = try #require(rare.shape(confidence: 0.95))
        #expect(shape.upper / shape.lower > 20, "\(shape)")
    }

    @Test("Crow's interval holds the beta that failures came by nineteen times in twenty, exactly")
    func crow() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        var timed = 0
        var failed = 0
        for _ in 0..<2000 {
            // Of a power law given their number, failures are independent with P(T <= t) = (t / end)^beta; the last is
            // the end of a watch that a failure ended.
            let times = (0..<6).map { _ in 100 * pow(random.uniform(), 1 / 1.5) }
            let byTime = try #require(FailureProcess(times: times, ending: .time(100)).flatMap(CrowAMSAA.init))
            let byFailure = try #require(FailureProcess(times: times, ending: .failure).flatMap(CrowAMSAA.init))
            let a = try #require(byTime.betaEstimate(confidence: 0.95))
            let b = try #require(byFailure.betaEstimate(confidence: 0.95))
            #expect(byTime.degrees == 12 && byFailure.degrees == 10 && byTime.failures == 6)
            if a.lower <= 1.5, 1.5 <= a.upper { timed += 1 }
            if b.lower <= 1.5, 1.5 <= b.upper { failed += 1 }
        }
        // 1900 expected, standard deviation 10.
        #expect((1848...1950).contains(timed) && (1848...1950).contains(failed), "seed \(seed): \(timed) \(failed)")
    }

    @Test("Whatever comes in, intervals hold their value and no number is lost")
    func hostile() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let odd: [Double] = [0, 1, 1, 1.0.nextUp, 2, 1e-300, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        for _ in 0..<3000 {
            let lives = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                let isOdd = Bool.random(using: &random)
                let time = isOdd ? odd[Int.random(in: 0..<odd.count, using: &random)] : 100 * random.uniform()
                return Lifetime(time: time, isEvent: Bool.random(using: &random))
            }
            let fit = WeibullFit(lives)
            let mean = KaplanMeier(lives)?.restrictedMean(to: 50)
            let estimates = [
                fit?.shape(confidence: 0.9), fit?.scale(confidence: 0.9), fit?.quantile(0.1, confidence: 0.9),
                mean.flatMap { $0.ratio(to: $0) },
            ]
            for estimate in estimates.compactMap(\.self) {
                let isSound = estimate.lower > 0 && estimate.upper.isFinite && estimate.lower <= estimate.upper
                #expect(isSound && estimate.lower <= estimate.value, "seed \(seed): \(lives) \(estimate)")
                #expect(estimate.value <= estimate.upper, "seed \(seed): \(lives) \(estimate)")
            }
            if let mean {
                let isSound = (0...50).contains(mean.mean) && mean.variance >= 0 && mean.variance.isFinite
                #expect(isSound, "seed \(seed): \(lives) \(mean)")
            }
            let cut = lives.count / 2
            if let test = LogRank([Array(lives[..<cut]), Array(lives[cut...])]) {
                let isSound = test.chiSquared >= 0 && test.chiSquared.isFinite && (0...1).contains(test.p)
                #expect(isSound && test.degrees == 1, "seed \(seed): \(lives) \(test)")
            }
        }
    }
}
