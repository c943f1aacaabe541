import AndonSPC
import Foundation
import Testing

/// Against lifelines, SciPy, statsmodels and reliability: `life_reference.py` makes `life_reference.json`.
@Suite("Statistics of lives, shares and samples against independent programs")
struct LifeReferenceTests {
    private let reference: LifeReference

    init() throws { reference = try LifeReference.read() }

    @Test("The log-rank test is that of lifelines, in strata that of statsmodels, far into the tail")
    func logRank() throws {
        #expect(reference.logRanks.count == 25)
        #expect(reference.logRanks.contains { $0.p < 1e-8 })
        for row in reference.logRanks {
            let name = "\(row.kind) \(row.sizes) in \(row.strata)"
            let test = try #require(LogRank(strata: row.lives))
            #expect(agrees(test.chiSquared, row.chiSquared), "\(name): \(test) \(row.chiSquared)")
            #expect(agrees(test.p, row.p), "\(name): \(test.p) \(row.p)")
            #expect(test.degrees == row.sizes.count - 1 && test.groups.map(\.count) == row.sizes, "\(name)")
            for (group, (observed, expected)) in zip(test.groups, zip(row.observed, row.expected)) {
                #expect(Double(group.observed) == observed && agrees(group.expected, expected), "\(name): \(group)")
            }
        }
    }

    @Test("Kaplan-Meier's curve, its band and the interval of its median are those of lifelines")
    func curves() throws {
        #expect(reference.curves.count == 12)
        #expect(reference.curves.contains { $0.medianUpper == nil } && reference.curves.contains { $0.median == nil })
        for row in reference.curves {
            let name = "\(row.kind) \(row.times.count)"
            let curve = try #require(KaplanMeier(row.lives, confidence: row.confidence))
            #expect(curve.steps.count == row.steps.count && curve.end == row.times.max(), "\(name)")
            for (step, expected) in zip(curve.steps, row.steps) {
                #expect(step.time == expected[0] && agrees(step.survival, expected[1]), "\(name): \(step)")
                guard step.survival > 0 else { continue }
                #expect(agrees(step.lower, expected[2]) && agrees(step.upper, expected[3]), "\(name): \(step)")
            }
            let bounds = curve.medianInterval
            #expect(curve.median == row.median, "\(name)")
            #expect(bounds.lower == row.medianLower && bounds.upper == row.medianUpper, "\(name): \(bounds)")
        }
    }

    @Test("Restricted means, their variance and their ratio are those worked out from single lives")
    func restrictedMeans() throws {
        for row in reference.curves {
            let name = "\(row.kind) \(row.times.count)"
            let curve = try #require(KaplanMeier(row.lives))
            let mean = try #require(curve.restrictedMean(to: row.to))
            #expect(agrees(mean.mean, row.mean) && agrees(mean.variance, row.variance), "\(name): \(mean)")
            let other = try #require(KaplanMeier(row.others)?.restrictedMean(to: row.common))
            let common = try #require(curve.restrictedMean(to: row.common))
            let ratio = try #require(common.ratio(to: other, confidence: row.confidence))
            #expect(agrees(ratio.value, row.ratio), "\(name): \(ratio)")
            #expect(agrees(ratio.lower, row.ratioLower) && agrees(ratio.upper, row.ratioUpper), "\(name): \(ratio)")
        }
    }

    @Test("Wilson's and Newcombe's intervals and Holm's p values are those of statsmodels")
    func shares() throws {
        #expect(reference.shares.count == 24 && reference.holm.count == 5)
        for row in reference.shares {
            let share = try #require(Proportion(hits: row.hits, trials: row.trials))
            let other = try #require(Proportion(hits: row.otherHits, trials: row.otherTrials))
            let own = try #require(share.estimate(confidence: row.confidence))
            #expect(close(own.lower, row.lower, 1e-12) && close(own.upper, row.upper, 1e-12), "\(own) \(row)")
            let difference = try #require(share.difference(from: other, confidence: row.confidence))
            #expect(agrees(difference.lower, row.differenceLower), "\(difference) \(row)")
            #expect(agrees(difference.upper, row.differenceUpper), "\(difference) \(row)")
        }
        for row in reference.holm {
            let own = try #require(Holm.adjusted(row.p))
            #expect(own.count == row.p.count)
            for (a, b) in zip(own, row.adjusted) { #expect(agrees(a, b, digits: 12), "\(own) \(row.adjusted)") }
        }
    }

    @Test("The upper tail of chi-squared is SciPy's where next to nothing is left")
    func tails() {
        #expect(reference.tails.count == 30 && reference.tails.contains { $0.p < 1e-250 })
        for row in reference.tails {
            let own = ChiSquared(degrees: row.degrees).upperTail(row.x)
            #expect(agrees(own, row.p, digits: 10), "\(row): \(own)")
        }
    }
}
