import AndonSPC
import Foundation
import Testing

/// The Kaplan-Meier band and Weibull's further digits are SciPy 1.17's (`stats.ecdf`, `stats.weibull_min.fit`), the
/// vectors those of the e-Handbook, of R's survival and of the program `reliability`.
@Suite("Lives, right censored")
struct LifeTests {
    private static let handbook =
        [54.0, 187, 216, 240, 244, 335, 361, 373, 375, 386].map(Lifetime.event)
        + Array(repeating: Lifetime.censored(500), count: 10)
    private static let maintained: [Lifetime] = [
        .event(9), .event(13), .censored(13), .event(18), .event(23), .censored(28), .event(31), .event(34),
        .censored(45), .event(48), .censored(161),
    ]

    @Test("Weibull's shape and scale are those of R, lifelines and SciPy")
    func weibull() throws {
        let fit = try #require(Weibull(fitting: Self.handbook))
        #expect(close(fit.shape, 1.720797, 5e-7) && close(fit.scale, 606.5276, 5e-5), "\(fit)")
        // What the e-Handbook printed, a last digit off in the scale.
        #expect(close(fit.shape, 1.7208, 5e-5) && close(fit.scale, 606.5280, 5e-4))
        #expect(close(fit.cumulative(fit.scale), 0.6321205588, 1e-10))
        #expect(close(fit.cumulative(fit.quantile(0.1)), 0.1, 1e-12))
        #expect(close(Weibull(shape: 1, scale: 7).mean, 7, 1e-12))
        #expect(close(Weibull(shape: 2, scale: 1).mean, Double.pi.squareRoot() / 2, 1e-12))
    }

    @Test("Weibull's fit finds the shape and scale that lives were drawn from")
    func recovery() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for truth in [Weibull(shape: 0.6, scale: 40), Weibull(shape: 1, scale: 0.01), Weibull(shape: 4, scale: 1e6)] {
            let lives = (0..<4000).map { _ in
                let life = truth.quantile(random.uniform())
                let end = truth.quantile(0.9) * random.uniform()
                return life <= end ? Lifetime.event(life) : .censored(end)
            }
            let fit = try #require(Weibull(fitting: lives))
            // Five standard deviations and more: about 1200 of the lives end with a failure.
            #expect(close(fit.shape / truth.shape, 1, 0.16), "seed \(seed): \(fit) of \(truth)")
            #expect(close(fit.cumulative(truth.scale), 0.632, 0.1), "seed \(seed): \(fit) of \(truth)")
        }
    }

    @Test("Any other shape or scale is less likely than Weibull's fit")
    func maximum() throws {
        func likelihood(_ shape: Double, _ scale: Double) -> Double {
            Self.handbook.reduce(0) { sum, life in
                let hazard = shape / scale * pow(life.time / scale, shape - 1)
                return sum + (life.isEvent ? log(hazard) : 0) - pow(life.time / scale, shape)
            }
        }
        let fit = try #require(Weibull(fitting: Self.handbook))
        let best = likelihood(fit.shape, fit.scale)
        for angle in stride(from: 0, to: 2 * Double.pi, by: 0.1) {
            for size in [0.001, 0.1] {
                let other = likelihood(fit.shape * (1 + size * cos(angle)), fit.scale * (1 + size * sin(angle)))
                #expect(other < best, "\(angle) \(size)")
            }
        }
    }

    @Test("Weibull's fit scales with the unit of time")
    func equivariance() throws {
        let fit = try #require(Weibull(fitting: Self.handbook))
        for factor in [1e-290, 1e-3, 24, 1e290] {
            let other = try #require(
                Weibull(fitting: Self.handbook.map { Lifetime(time: $0.time * factor, isEvent: $0.isEvent) }))
            #expect(close(other.shape, fit.shape, 1e-9) && close(other.scale / (fit.scale * factor), 1, 1e-9))
        }
        // One failure in ten watched equally long beyond it: the scale is past them all.
        let rare = [Lifetime.event(5)] + Array(repeating: .censored(10), count: 9)
        #expect(try #require(Weibull(fitting: rare)).scale > 10)
        // Watched for no time: nothing learnt.
        #expect(Weibull(fitting: Self.handbook + [.censored(0)]) == fit)
        // A quotient of these times is 0: their logarithms are 1381.551 apart, and the shape goes with 1 over that.
        let apart = try #require(Weibull(fitting: [.event(1e-300), .event(1e300)]))
        let near = try #require(Weibull(fitting: [.event(1e-3), .event(1e3)]))
        #expect(close(apart.shape * 100, near.shape, 1e-12), "\(apart) \(near)")
    }

    @Test(
        "Without a maximum of the likelihood there is no Weibull",
        arguments: [
            [], [.event(5)], [.event(0)], [.censored(0)], [.event(3), .event(3)], [.event(0), .event(3)],
            [.censored(5), .censored(7)], [.event(5), .censored(4)], [.event(1), .event(.nan)],
            [.event(1), .event(.infinity)], [.event(-1), .event(2)], [.event(1), .event(2), .censored(.infinity)],
        ] as [[Lifetime]])
    func noWeibull(_ lives: [Lifetime]) {
        #expect(Weibull(fitting: lives) == nil)
    }

    @Test("Kaplan-Meier agrees with R's maintained group and with SciPy's band")
    func kaplanMeier() throws {
        let curve = try #require(KaplanMeier(Self.maintained))
        let expected = [
            (9.0, 11, 0.909091, 0.5080802058, 0.9866738227), (13, 10, 0.818182, 0.4474286147, 0.9511622286),
            (18, 8, 0.715909, 0.3501903859, 0.8990239742), (23, 7, 0.613636, 0.2657520400, 0.8352992433),
            (31, 5, 0.490909, 0.1673309098, 0.7533997904), (34, 4, 0.368182, 0.0928295749, 0.6570408324),
            (48, 2, 0.184091, 0.0117384801, 0.5250148427),
        ]
        #expect(curve.steps.count == expected.count && curve.median == 31)
        for (step, (time, atRisk, survival, lower, upper)) in zip(curve.steps, expected) {
            #expect(step.time == time && step.atRisk == atRisk && step.events == 1)
            #expect(close(step.survival, survival, 5e-7) && curve.survival(at: time) == step.survival)
            #expect(close(step.lower, lower, 1e-9) && close(step.upper, upper, 1e-9), "\(step)")
        }
        #expect(curve.survival(at: 8.99) == 1 && curve.survival(at: 30.99) == curve.steps[3].survival)
        #expect(KaplanMeier(Self.maintained.reversed()) == curve)
        // Without censoring Greenwood's is the binomial variance: 0.909091 (1 - 0.909091) / 11.
        #expect(close(curve.steps[0].variance, 10.0 / 1331, 1e-15))
    }

    @Test("A censoring at the time of an event was still at risk; open intervals raise the median")
    func ties() throws {
        let curve = try #require(KaplanMeier([.censored(2), .event(2), .event(2), .event(5)]))
        #expect(curve.steps.map(\.atRisk) == [4, 1] && curve.steps.map(\.events) == [2, 1])
        #expect(curve.steps.map(\.survival) == [0.5, 0] && curve.median == 2)
        #expect(curve.steps[1].variance == nil && curve.steps[1].lower == nil && curve.steps[1].upper == nil)
        // Ten of ten: the product of 9/10, 8/9 ... passes a half but for its last bit.
        let whole = try #require(KaplanMeier((1...10).map { .event(Double($0)) }))
        #expect(whole.median == 5 && whole.quantile(0.9) == 9 && whole.quantile(1) == 10)
        #expect(whole.quantile(0) == nil && whole.quantile(.nan) == nil && whole.quantile(1.1) == nil)
        let open = try #require(KaplanMeier((1...10).map { Lifetime(time: Double($0), isEvent: $0.isMultiple(of: 2)) }))
        #expect(try #require(open.median) > 5)
    }

    @Test("Nothing to see gives no steps; what is no time gives nothing")
    func emptyCurve() throws {
        for lives in [[], [.censored(3)], [.censored(0), .censored(9)]] as [[Lifetime]] {
            let curve = try #require(KaplanMeier(lives))
            #expect(curve.steps.isEmpty && curve.median == nil && curve.survival(at: 1e9) == 1)
            #expect(curve.survival(at: .nan).isNaN)
        }
        for time in [-1, .nan, .infinity, -.infinity] as [Double] {
            #expect(KaplanMeier([.event(1), .event(time)]) == nil && KaplanMeier([.censored(time)]) == nil)
        }
        for confidence in [0, 1, -1, 2, .nan, .infinity] as [Double] {
            #expect(KaplanMeier([.event(1)], confidence: confidence) == nil)
        }
        #expect(try #require(KaplanMeier([.event(0), .event(1)])).survival(at: 0) == 0.5)
    }

    @Test("Whatever comes in, curves fall within their bands and no number is lost")
    func hostile() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for _ in 0..<3000 {
            let lives = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                Lifetime(time: wildTime(&random), isEvent: Bool.random(using: &random))
            }
            if let fit = Weibull(fitting: lives) {
                #expect(fit.shape > 0 && fit.shape.isFinite, "seed \(seed): \(lives)")
                #expect(fit.scale > 0 && fit.scale.isFinite, "seed \(seed): \(lives)")
            }
            let isValid = lives.allSatisfy { $0.time.isFinite && $0.time >= 0 }
            let curve = KaplanMeier(lives)
            #expect((curve != nil) == isValid, "seed \(seed): \(lives)")
            var last = 1.0
            for step in curve?.steps ?? [] {
                #expect(step.survival >= 0 && step.survival < last, "seed \(seed): \(lives)")
                #expect((step.variance == nil) == (step.survival == 0), "seed \(seed): \(lives)")
                if let lower = step.lower, let upper = step.upper {
                    #expect(lower >= 0 && lower <= step.survival, "seed \(seed): \(lives)")
                    #expect(upper <= 1 && upper >= step.survival, "seed \(seed): \(lives)")
                }
                last = step.survival
            }
        }
    }
}

@Suite("Recurrence: mean cumulative function and trend of failures")
struct RecurrenceTests {
    private static let units = [
        RepairHistory(events: [5, 10, 15], end: 17), RepairHistory(events: [6, 13, 17], end: 19),
        RepairHistory(events: [12, 20, 25], end: 26), RepairHistory(events: [13, 15], end: 24),
        RepairHistory(events: [16, 22, 25], end: 28),
    ]
    private static let times = [5.0, 40, 43, 175, 389, 712, 747, 795, 1299, 1478]

    @Test("The mean cumulative function and its variance are those of `reliability`")
    func meanCumulative() throws {
        let curve = try #require(MeanCumulative(Self.units))
        let expected = [
            (5.0, 0.2), (10, 0.6), (13, 1.2), (15, 1.6), (17, 2.0), (20, 2.3333), (22, 2.6667), (25, 3.6667),
        ]
        for (age, mean) in expected {
            #expect(close(curve.steps.first { $0.age == age }?.mean, mean, 5e-5), "\(age)")
            #expect(close(curve.mean(at: age), mean, 5e-5))
        }
        #expect(curve.steps.map(\.age) == [5, 6, 10, 12, 13, 15, 16, 17, 20, 22, 25])
        #expect(curve.steps.map(\.atRisk) == [5, 5, 5, 5, 5, 5, 5, 5, 3, 3, 2])
        #expect(curve.steps.map(\.events) == [1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 2])
        #expect(close(curve.steps.last?.variance, 0.718148, 5e-7))
        #expect(curve.mean(at: 4.9) == 0 && curve.mean(at: 11) == curve.mean(at: 10) && curve.mean(at: .nan).isNaN)
        #expect(MeanCumulative(Self.units.reversed())?.steps.map(\.age) == curve.steps.map(\.age))
    }

    @Test("Lawless and Nadeau's variance is the sum of squares over the units, worked out one by one")
    func robust() throws {
        let curve = try #require(MeanCumulative(Self.units))
        for step in curve.steps {
            let sums = Self.units.map { unit in
                curve.steps.filter { $0.age <= step.age && $0.age <= unit.end }.reduce(0) { sum, other in
                    let own = Double(unit.events.count { $0 == other.age })
                    let size = Double(other.atRisk)
                    return sum + (own - Double(other.events) / size) / size
                }
            }
            #expect(close(step.robustVariance, sums.reduce(0) { $0 + $1 * $1 }, 1e-12), "\(step)")
        }
        #expect(close(curve.steps.last?.robustVariance, 0.1451851852, 1e-9))
    }

    @Test("Of units watched equally long, the mean is that of their counts and the variance that of the mean")
    func counts() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let units = (0..<20).map { unit in
            RepairHistory(events: (0..<unit).map { _ in (random.uniform() * 40).rounded() }, end: 40)
        }
        let last = try #require(MeanCumulative(units)?.steps.last)
        #expect(close(last.mean, 9.5, 1e-9), "seed \(seed)")
        // The counts 0...19 have the variance 399/12; units this unequal are not what chance gives.
        #expect(close(last.robustVariance, 399.0 / 12 / 20, 1e-9), "seed \(seed)")
        #expect(last.robustVariance > 3 * last.variance, "seed \(seed)")
    }

    @Test("No unit and no event give no steps; an age outside its watch gives nothing")
    func emptyMean() throws {
        for units in [[], [RepairHistory(events: [], end: 5)]] {
            let curve = try #require(MeanCumulative(units))
            #expect(curve.steps.isEmpty && curve.mean(at: 3) == 0)
        }
        for (age, end) in [(6, 5), (-1, 5), (.nan, 5), (.infinity, 5), (1, .nan), (1, .infinity), (1, -1)] {
            #expect(MeanCumulative([RepairHistory(events: [age], end: end)]) == nil, "\(age) \(end)")
        }
        let one = try #require(MeanCumulative([RepairHistory(events: [0, 2], end: 2)]))
        #expect(one.steps.map(\.mean) == [1, 2] && one.steps.map(\.variance) == [0, 0])
    }

    @Test("Crow's model and both trend tests, ended by time, are those of the e-Handbook's failures")
    func timeTerminated() throws {
        let process = try #require(FailureProcess(times: Self.times, ending: .time(1500)))
        let model = try #require(CrowAMSAA(process))
        #expect(close(model.beta, 0.5372289, 5e-8) && close(model.unbiasedBeta, 0.4835060, 5e-8), "\(model)")
        #expect(close(model.lambda, 0.1966582, 5e-8))
        #expect(close(model.mtbf, 279.2106, 5e-5) && close(model.unbiasedMTBF, 310.2340, 5e-5))
        let laplace = try #require(Laplace(process))
        #expect(close(laplace.u, -1.326949, 5e-7) && laplace.p > 0.05)
        let handbook = try #require(PowerLawTest(process))
        #expect(close(handbook.statistic, 37.22808, 5e-6) && handbook.degrees == 20)
        #expect(close(handbook.upperTail, 0.0110, 5e-5) && close(handbook.upperTail, 0.01098635711579664, 1e-12))
    }

    @Test("Ended by the last failure, that one is not free: nine count in the tests, and the bias takes two")
    func failureTerminated() throws {
        let process = try #require(FailureProcess(times: Self.times.reversed(), ending: .failure))
        #expect(process.end == 1478 && process.times == Self.times)
        let model = try #require(CrowAMSAA(process))
        #expect(close(model.beta, 0.5415273530759089, 1e-12) && close(model.unbiasedBeta, 0.4332218824607271, 1e-12))
        #expect(close(model.lambda, 0.19210319749502122, 1e-12))
        #expect(close(model.mtbf, 272.9317349538982, 1e-9) && close(model.unbiasedMTBF, 341.16466869237274, 1e-9))
        #expect(close(Laplace(process)?.u, -1.910959077723714, 1e-12))
        let handbook = try #require(PowerLawTest(process))
        #expect(close(handbook.statistic, 36.93257577184008, 1e-11) && handbook.degrees == 18)
        #expect(close(handbook.upperTail, 0.0053475054165251, 1e-12))
    }

    @Test("Failures mirrored in time turn Laplace's sign; ones that come faster have a beta above 1")
    func direction() throws {
        let worse = try #require(FailureProcess(times: Self.times.map { 1500 - $0 }, ending: .time(1500)))
        #expect(close(Laplace(worse)?.u, 1.326949, 5e-7))
        #expect(try #require(CrowAMSAA(worse)).beta > 1)
        #expect(try #require(PowerLawTest(worse)).upperTail > 0.5)
    }

    @Test("At a constant rate both tests reject one time in twenty")
    func size() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        var laplace = 0
        var handbook = 0
        for _ in 0..<4000 {
            let times = (0..<12).map { _ in 1000 * random.uniform() }
            let process = try #require(FailureProcess(times: times, ending: .time(1000)))
            if try #require(Laplace(process)).p < 0.05 { laplace += 1 }
            if abs(try #require(PowerLawTest(process)).upperTail - 0.5) > 0.475 { handbook += 1 }
        }
        // 200 expected, standard deviation 14.
        #expect((130...270).contains(laplace) && (130...270).contains(handbook), "seed \(seed): \(laplace) \(handbook)")
    }

    @Test("What cannot be had is nil")
    func none() throws {
        #expect(FailureProcess(times: [], ending: .time(5)) == nil)
        #expect(FailureProcess(times: [], ending: .failure) == nil)
        for time in [-1, .nan, .infinity, 6] as [Double] {
            #expect(FailureProcess(times: [1, time], ending: .time(5)) == nil)
        }
        for end in [0, -1, .nan, .infinity] as [Double] {
            #expect(FailureProcess(times: [0], ending: .time(end)) == nil)
        }
        #expect(FailureProcess(times: [0], ending: .failure) == nil)
        let single = try #require(FailureProcess(times: [4], ending: .failure))
        #expect(CrowAMSAA(single) == nil && Laplace(single) == nil && PowerLawTest(single) == nil)
        let zero = try #require(FailureProcess(times: [0, 4], ending: .time(5)))
        #expect(CrowAMSAA(zero) == nil && PowerLawTest(zero) == nil && Laplace(zero) != nil)
        let pair = try #require(FailureProcess(times: [2, 4], ending: .failure))
        let two = try #require(CrowAMSAA(pair))
        #expect(two.unbiasedBeta == nil && two.unbiasedMTBF == nil)
        let late = try #require(FailureProcess(times: [1499.999], ending: .time(1500)))
        #expect(try #require(CrowAMSAA(late)).lambda == nil)
    }

    @Test("Whatever comes in, every number given is finite and in its range")
    func hostile() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for _ in 0..<3000 {
            let units = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let events = (0..<Int.random(in: 0...3, using: &random)).map { _ in wildTime(&random) }
                let longest = events.filter(\.isFinite).max() ?? 1
                return RepairHistory(events: events, end: Bool.random(using: &random) ? longest : wildTime(&random))
            }
            var last = 0.0
            for step in MeanCumulative(units)?.steps ?? [] {
                #expect(step.atRisk > 0 && step.events > 0 && step.mean > last, "seed \(seed): \(units)")
                #expect(step.variance >= 0 && step.robustVariance >= 0, "seed \(seed): \(units)")
                #expect(step.variance.isFinite && step.robustVariance.isFinite, "seed \(seed): \(units)")
                last = step.mean
            }
            let times = units.flatMap(\.events)
            let ending = Bool.random(using: &random) ? FailureProcess.Ending.failure : .time(wildTime(&random))
            guard let process = FailureProcess(times: times, ending: ending) else { continue }
            if let model = CrowAMSAA(process) {
                let given = [model.beta, model.mtbf, model.unbiasedBeta, model.unbiasedMTBF, model.lambda]
                let isSound = given.compactMap(\.self).allSatisfy { $0.isFinite && $0 > 0 }
                #expect(isSound, "seed \(seed): \(process) \(model)")
            }
            if let test = Laplace(process) {
                #expect(test.u.isFinite && (0...1).contains(test.p), "seed \(seed): \(process) \(test)")
            }
            if let test = PowerLawTest(process) {
                #expect(test.statistic >= 0 && test.statistic.isFinite, "seed \(seed): \(process) \(test)")
                #expect((0...1).contains(test.upperTail), "seed \(seed): \(process) \(test)")
            }
        }
    }
}

/// A few times that are equal, some from the ends of what a number holds, and few that are no times.
private func wildTime(_ random: inout SplitMix) -> Double {
    let odd: [Double] = [
        0, -0.0, 1, 1, 2, 2, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e300, 1e-300, 1.0.nextUp, 1.0.nextDown,
    ]
    let none: [Double] = [.nan, .infinity, -.infinity, -1]
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return none[Int.random(in: 0..<none.count, using: &random)]
    case 1..<11: return odd[Int.random(in: 0..<odd.count, using: &random)]
    default: return 100 * random.uniform()
    }
}
