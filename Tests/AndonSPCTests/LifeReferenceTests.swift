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

    @Test("Weibull's intervals are those of the information that differentiating the likelihood gives")
    func weibulls() throws {
        #expect(reference.weibulls.count == 9)
        for row in reference.weibulls {
            let name = "\(row.kind) \(row.times.count)"
            let fit = try #require(WeibullFit(row.lives))
            #expect(fit.count == row.times.count && fit.failures == row.events.reduce(0, +), "\(name)")
            #expect(agrees(fit.shapeVariance, row.shapeVariance), "\(name): \(fit)")
            #expect(agrees(fit.scaleVariance, row.scaleVariance), "\(name): \(fit)")
            // A difference of products: to the digits that the variances leave it.
            let size = (row.shapeVariance * row.scaleVariance).squareRoot()
            #expect(close(fit.covariance, row.covariance, 1e-10 * size), "\(name): \(fit)")
            try expect(fit.shape(confidence: row.confidence), row.shape, name)
            try expect(fit.scale(confidence: row.confidence), row.scale, name)
            for quantile in row.quantiles {
                let own = fit.quantile(quantile[0], confidence: row.confidence)
                try expect(own, Array(quantile.dropFirst()), "\(name) \(quantile[0])")
            }
        }
    }

    private func expect(_ own: Estimate?, _ expected: [Double], _ name: String) throws {
        let own = try #require(own)
        #expect(agrees(own.value, expected[0]), "\(name): \(own) \(expected)")
        #expect(agrees(own.lower, expected[1]) && agrees(own.upper, expected[2]), "\(name): \(own) \(expected)")
    }

    @Test("The interval of Crow's beta is that of SciPy's chi-squared, ended by time and by a failure")
    func growth() throws {
        #expect(reference.growths.count == 16)
        for row in reference.growths {
            let ending = row.end.map(FailureProcess.Ending.time) ?? .failure
            let model = try #require(FailureProcess(times: row.times, ending: ending).flatMap(CrowAMSAA.init))
            let own = try #require(model.betaEstimate(confidence: row.confidence))
            #expect(agrees(own.value, row.beta) && own.value == model.beta, "\(own) \(row)")
            #expect(agrees(own.lower, row.lower) && agrees(own.upper, row.upper), "\(own) \(row)")
        }
    }

    @Test("Mann and Whitney's test is SciPy's, with ties")
    func ranks() throws {
        #expect(reference.samples.count == 13)
        for row in reference.samples {
            let own = try #require(MannWhitney(row.a, row.b))
            #expect(own.u == row.u && agrees(own.p, row.rankP), "\(row.kind) \(row.a.count): \(own) \(row.rankP)")
            #expect(own.share == row.u / Double(row.a.count * row.b.count))
        }
    }

    @Test(
        "Kolmogorov and Smirnov's distance, exact p and limit are SciPy's; of ties, those of all ways to deal them out")
    func distances() throws {
        #expect(reference.samples.count { $0.exactP != nil } >= 11)
        #expect(reference.samples.contains { $0.kind == "tied" && $0.exactP != nil })
        for row in reference.samples {
            let name = "\(row.kind) \(row.a.count)"
            let exact = try #require(KolmogorovSmirnov(row.a, row.b))
            #expect(agrees(exact.distance, row.distance) && exact.isExact, "\(name): \(exact)")
            if let p = row.exactP { #expect(agrees(exact.p, p), "\(name): \(exact) \(p)") }
            let limit = try #require(KolmogorovSmirnov(row.a, row.b, exactPairs: 0))
            #expect(agrees(limit.p, row.limitP) && !limit.isExact, "\(name): \(limit) \(row.limitP)")
        }
    }
}
