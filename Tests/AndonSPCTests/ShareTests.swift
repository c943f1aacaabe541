import AndonSPC
import Testing

/// The values are SciPy 1.17's: `stats.beta.ppf`, and `stats.binomtest(...).proportion_ci(c).low`.
@Suite("Beta quantiles and exact bounds of a share")
struct ShareTests {
    @Test(
        "Quantiles agree to nine digits",
        arguments: [
            (0.05, 14.0, 1.0, 0.8073638243498646), (0.05, 80, 21, 0.7227997503290864),
            (0.0025, 190, 11, 0.8905179315020094), (0.5, 0.5, 0.5, 0.5), (0.975, 2, 30, 0.16702111623022772),
            (1e-06, 5, 5, 0.024380981416890612), (0.99, 1000, 3, 0.9995644851479041),
            (0.01, 3, 2000, 0.00021788990439125644),
        ])
    func quantiles(_ p: Double, _ a: Double, _ b: Double, _ expected: Double) {
        let own = Beta(a: a, b: b).quantile(p)
        #expect(abs(own - expected) <= 1e-9 * expected, "\(own) \(expected)")
    }

    @Test(
        "Lower bounds agree to nine digits",
        arguments: [
            (14, 14, 0.95, 0.8073638243498648), (8, 10, 0.95, 0.4930986989367977), (95, 100, 0.99, 0.8741482693023064),
            (1, 20, 0.9, 0.005254174069903227),
        ])
    func bounds(_ hits: Int, _ trials: Int, _ confidence: Double, _ expected: Double) {
        let own = Share.lowerBound(hits: hits, trials: trials, confidence: confidence)
        #expect(abs(own - expected) <= 1e-9 * expected, "\(own) \(expected)")
    }

    @Test("No hit bounds nothing, and the ends of the quantile are the ends of the share")
    func ends() {
        #expect(Share.lowerBound(hits: 0, trials: 9, confidence: 0.95) == 0)
        #expect(Share.lowerBound(hits: 0, trials: 0, confidence: 0.95) == 0)
        let beta = Beta(a: 3, b: 2)
        #expect(beta.quantile(0) == 0 && beta.quantile(1) == 1 && beta.quantile(1.1).isNaN)
    }

    @Test("The trials needed are the fewest whose bound reaches the share", arguments: [0.1, 0.5, 0.8, 0.95, 0.999])
    func needed(_ share: Double) throws {
        for confidence in [0.5, 0.9, 0.95, 0.9999] {
            let n = try #require(Share.trialsNeeded(share: share, confidence: confidence))
            #expect(Share.lowerBound(hits: n, trials: n, confidence: confidence) >= share - 1e-12, "\(share) \(n)")
            if n > 1 {
                #expect(
                    Share.lowerBound(hits: n - 1, trials: n - 1, confidence: confidence) < share, "\(share) \(n)")
            }
        }
        #expect(Share.trialsNeeded(share: 1, confidence: 0.95) == nil)
    }
}
