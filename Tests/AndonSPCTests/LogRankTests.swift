import AndonSPC
import Foundation
import Testing

@Suite("Log-rank test, restricted means and shares: what holds of any lives")
struct LogRankTests {
    private static func draw(_ random: inout SplitMix, size: Int, scale: Double, tied: Bool) -> [Lifetime] {
        (0..<size).map { _ in
            let life = scale * pow(-log(random.uniform()), 0.7)
            let end = 2 * scale * random.uniform()
            let time = min(life, end)
            return Lifetime(time: tied ? (3 * time / scale).rounded(.up) : time, isEvent: life <= end)
        }
    }

    @Test("As many events are expected in all as were seen; order of groups and unit of time change nothing")
    func invariance() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for round in 0..<100 {
            let groups = (0..<4).map { _ in
                Self.draw(&random, size: 20, scale: 1 + random.uniform(), tied: round.isMultiple(of: 2))
            }
            let test = try #require(LogRank(groups))
            let seen = test.groups.reduce(0) { $0 + Double($1.observed) }
            let expected = test.groups.reduce(0) { $0 + $1.expected }
            #expect(agrees(expected, seen, digits: 12) && test.degrees == 3, "seed \(seed) \(round): \(test)")
            let turned = try #require(LogRank(Array(groups.reversed())))
            #expect(agrees(turned.chiSquared, test.chiSquared), "seed \(seed) \(round)")
            let hours = groups.map { $0.map { Lifetime(time: 24 * $0.time, isEvent: $0.isEvent) } }
            #expect(agrees(LogRank(hours)?.chiSquared, test.chiSquared), "seed \(seed) \(round)")
            // Two groups as two strata each against nobody: nothing to compare.
            let apart = [[groups[0], [], [], []], [[], groups[1], [], []]]
            #expect(LogRank(strata: apart) == nil, "seed \(seed) \(round)")
            // The same stratum twice doubles the statistic.
            let twice = try #require(LogRank(strata: [groups, groups]))
            #expect(agrees(twice.chiSquared, 2 * test.chiSquared), "seed \(seed) \(round)")
        }
    }

    @Test("Tables give the test of their rounded times")
    func tables() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let lists = (0..<2).map { _ in
            (0..<3).map { Self.draw(&random, size: 300, scale: 100 * Double($0 + 1), tied: false) }
        }
        let rounded = try lists.map {
            try $0.map {
                try $0.map {
                    Lifetime(time: try #require(LifeTable.rounded($0.time)), isEvent: $0.isEvent)
                }
            }
        }
        let tables = try lists.map { try $0.map { try #require(LifeTable($0)) } }
        #expect(LogRank(tables[0]) == LogRank(rounded[0]), "seed \(seed)")
        #expect(LogRank(strata: tables) == LogRank(strata: rounded), "seed \(seed)")
        #expect(agrees(LogRank(tables[0])?.chiSquared, LogRank(lists[0])?.chiSquared, digits: 2), "seed \(seed)")
    }

    @Test("Groups alike are told apart one time in twenty, in strata that differ too")
    func size() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        var plain = 0
        var stratified = 0
        for round in 0..<2000 {
            let strata = [1.0, 30].map { scale in
                (0..<3).map { _ in Self.draw(&random, size: 20, scale: scale, tied: round.isMultiple(of: 2)) }
            }
            if try #require(LogRank(strata[0])).p < 0.05 { plain += 1 }
            if try #require(LogRank(strata: strata)).p < 0.05 { stratified += 1 }
        }
        // 100 expected, standard deviation 10.
        #expect((55...150).contains(plain) && (55...150).contains(stratified), "seed \(seed): \(plain) \(stratified)")
    }

    @Test("Without two groups at risk at an event, or with all events at once, there is no test")
    func nothing() {
        let some: [Lifetime] = [.event(1), .event(2), .censored(3)]
        for groups in [
            [], [some], [some, []], [[], []], [some, [.censored(0.5)]], [[.censored(1)], [.censored(2)]],
            [[.event(2), .event(2)], [.event(2)]], [some, [.event(-1)]], [some, [.censored(.nan)]],
            [some, [.event(.infinity)]],
        ] as [[[Lifetime]]] {
            #expect(LogRank(groups) == nil, "\(groups)")
        }
        #expect(LogRank([some, [.event(1.5)]]) != nil && LogRank([LifeTable(), LifeTable()]) == nil)
        #expect(LogRank(strata: [[some, some], [some]]) == nil && LogRank(strata: [] as [[LifeTable]]) == nil)
    }

    @Test("A group never at risk at an event takes no degree and changes nothing")
    func emptyGroup() throws {
        let a: [Lifetime] = [.event(1), .event(4), .censored(6), .event(7)]
        let b: [Lifetime] = [.event(2), .event(2), .event(3), .censored(5)]
        let pair = try #require(LogRank([a, b]))
        for idle in [[], [.censored(0.5), .censored(0)]] as [[Lifetime]] {
            let test = try #require(LogRank([a, idle, b]))
            #expect(test.degrees == 1 && agrees(test.chiSquared, pair.chiSquared) && agrees(test.p, pair.p))
            #expect(test.groups[1].expected == 0 && test.groups[1].variance == 0)
            #expect(test.groups[1].count == idle.count)
        }
        // Strata of two groups each with none in common: one degree for each stratum.
        let apart = try #require(LogRank(strata: [[a, b, [], []], [[], [], a, b]]))
        #expect(apart.degrees == 2 && agrees(apart.chiSquared, 2 * pair.chiSquared))
    }

    @Test("A small group beside two of many thousand keeps its digits")
    func uneven() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let large = (0..<2).map { _ in Self.draw(&random, size: 50_000, scale: 10, tied: true) }
        let small = Self.draw(&random, size: 3, scale: 10, tied: true)
        let test = try #require(LogRank([large[0], small, large[1]]))
        let turned = try #require(LogRank([small, large[1], large[0]]))
        #expect(test.degrees == 2 && agrees(test.chiSquared, turned.chiSquared, digits: 8), "seed \(seed)")
    }

    @Test("A restricted mean of lives all seen is the mean of the lives cut off there, with the variance of a mean")
    func wholeMean() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let times = (0..<50).map { _ in (20 * random.uniform()).rounded(.up) }
        let curve = try #require(KaplanMeier(times.map(Lifetime.event)))
        for end in [5, 12.5, 20, 1000] as [Double] {
            let cut = times.map { min($0, end) }
            let mean = cut.reduce(0, +) / 50
            let own = try #require(curve.restrictedMean(to: end))
            #expect(agrees(own.mean, mean, digits: 12), "seed \(seed): \(own)")
            let squares = cut.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            #expect(agrees(own.variance, squares / 2500), "seed \(seed): \(own)")
        }
    }

    @Test("Where the curve is not known there is no restricted mean; where nothing happened it is the time itself")
    func noMean() throws {
        let open = try #require(KaplanMeier([.event(2), .censored(5)]))
        #expect(open.restrictedMean(to: 5)?.mean == 3.5 && open.restrictedMean(to: 5.01) == nil)
        for time in [0, -1, .nan, .infinity] as [Double] { #expect(open.restrictedMean(to: time) == nil) }
        let closed = try #require(KaplanMeier([.event(2), .event(4)]))
        #expect(closed.restrictedMean(to: 100) == RestrictedMean(to: 100, mean: 3, variance: 0.5))
        let quiet = try #require(KaplanMeier([.censored(5), .censored(7)]))
        #expect(quiet.restrictedMean(to: 7) == RestrictedMean(to: 7, mean: 7, variance: 0))
        #expect(quiet.restrictedMean(to: 8) == nil && KaplanMeier([] as [Lifetime])?.restrictedMean(to: 1) == nil)
        #expect(try #require(KaplanMeier([.event(0)])).restrictedMean(to: 3)?.mean == 0)
        let seven = try #require(quiet.restrictedMean(to: 7))
        let none = RestrictedMean(to: 7, mean: 0, variance: 0)
        #expect(seven.ratio(to: none) == nil && none.ratio(to: seven) == nil)
        #expect(
            seven.ratio(to: try #require(open.restrictedMean(to: 5))) == nil
                && seven.ratio(to: seven, confidence: 1) == nil)
        #expect(seven.ratio(to: seven) == Estimate(value: 1, lower: 1, upper: 1))
    }

    @Test("The interval of a quantile covers the true one nineteen times in twenty, and lies about the estimate")
    func coverage() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let truth = 10 * pow(log(2.0), 0.7)
        let mean = 10 * Double.pi.squareRoot() / 2
        var hits = 0
        var meanHits = 0
        for _ in 0..<1000 {
            let lives = Self.draw(&random, size: 60, scale: 10, tied: false)
            let curve = try #require(KaplanMeier(lives))
            let bounds = curve.medianInterval
            #expect(bounds.lower ?? .infinity <= curve.median ?? .infinity, "seed \(seed)")
            #expect(curve.median ?? .infinity <= bounds.upper ?? .infinity, "seed \(seed)")
            if bounds.lower ?? .infinity <= truth, truth <= bounds.upper ?? .infinity { hits += 1 }
            let all = (0..<60).map { _ in Lifetime.event(10 * (-log(random.uniform())).squareRoot()) }
            let own = try #require(KaplanMeier(all)?.restrictedMean(to: 1e9))
            if abs(own.mean - mean) <= 1.96 * own.variance.squareRoot() { meanHits += 1 }
        }
        // 950 expected, standard deviation 7; bands of few lives are a little off.
        #expect((900...985).contains(hits) && (900...985).contains(meanHits), "seed \(seed): \(hits) \(meanHits)")
    }

    @Test("Few or tied lives leave bounds of the median open")
    func openBounds() throws {
        let tied = try #require(KaplanMeier([.event(3), .event(3), .event(3)]))
        #expect(tied.medianInterval == TimeBounds(lower: 3, upper: nil))
        let three = try #require(KaplanMeier([.event(1), .event(2), .event(3)]))
        #expect(three.medianInterval == TimeBounds(lower: 1, upper: nil))
        for lives in [[], [.censored(3)], (1...29).map { .censored(Double($0)) } + [.event(1)]] as [[Lifetime]] {
            #expect(try #require(KaplanMeier(lives)).medianInterval == TimeBounds())
        }
        for p in [0, 1, -1, 2, .nan] as [Double] { #expect(three.interval(ofQuantile: p) == TimeBounds()) }
    }

    @Test("A share stays within its interval and its interval within 0 to 1; no trial, no share")
    func shares() throws {
        for (hits, trials) in [(0, 0), (-1, 3), (4, 3), (1, 0), (0, -1)] {
            #expect(Proportion(hits: hits, trials: trials) == nil)
        }
        for trials in [1, 2, 3, 7, 50, 1_000_003] {
            for hits in Set([0, 1, trials / 2, trials - 1, trials]) {
                let share = try #require(Proportion(hits: hits, trials: trials))
                let own = try #require(share.estimate())
                #expect(own.lower >= 0 && own.upper <= 1 && own.lower < own.upper, "\(own)")
                #expect((own.lower == 0) == (hits == 0) && (own.upper == 1) == (hits == trials), "\(own)")
                #expect(own.lower <= own.value && own.value <= own.upper && own.value == share.share, "\(own)")
                let same = try #require(share.difference(from: share))
                #expect(same.value == 0 && close(same.lower, -same.upper, 1e-15), "\(same)")
                #expect(same.lower >= -1 && same.upper <= 1)
                for confidence in [0, 1, -1, .nan] as [Double] {
                    #expect(share.estimate(confidence: confidence) == nil)
                    #expect(share.difference(from: share, confidence: confidence) == nil)
                }
            }
        }
    }

    @Test("Holm never lowers a p value, keeps their order and takes what is none for no answer")
    func holm() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for size in 0..<30 {
            let p = (0..<size).map { _ in pow(random.uniform(), 3) }
            let own = try #require(Holm.adjusted(p))
            #expect(zip(own, p).allSatisfy { $0 >= $1 && $0 <= 1 }, "seed \(seed)")
            let order = p.indices.sorted { p[$0] < p[$1] }
            #expect(zip(order, order.dropFirst()).allSatisfy { own[$0] <= own[$1] }, "seed \(seed)")
        }
        for p in [-0.1, 1.1, .nan, .infinity] as [Double] { #expect(Holm.adjusted([0.5, p]) == nil) }
    }
}
