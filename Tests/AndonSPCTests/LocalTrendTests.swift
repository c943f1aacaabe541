import AndonSPC
import Testing

@Suite("The local linear trend")
struct LocalTrendTests {
    @Test("Two values give the line through them; a third of the same time joins its neighbour")
    func start() throws {
        let variances = LocalTrend.Variances(value: 2, level: 0, slope: 0)
        let two = try #require(LocalTrend([1, 3], [5, 9], variances: variances))
        #expect(two.level == 9 && two.slope == 2 && two.levelVariance == 2 && two.slopeVariance == 1)
        #expect(two.covariance == 1 && two.logLikelihood == 0)
        let three = try #require(LocalTrend([1, 3, 3], [5, 8, 10], variances: variances))
        #expect(three.level == 9 && three.slope == 2 && three.levelVariance == 1)
    }

    @Test("Without wandering it is the straight line by least squares, at any steps and with values missing")
    func line() throws {
        let seed: UInt64 = 5
        var random = SplitMix(seed: seed)
        var (times, values): ([Double], [Double]) = ([], [])
        for place in 0..<50 where random.uniform() > 0.3 {
            times.append(Double(place) + 0.5 * random.uniform())
            values.append(4 + 0.3 * Double(place) + random.normal())
        }
        let own = try #require(
            LocalTrend(times, values, variances: LocalTrend.Variances(value: 1, level: 0, slope: 0)))
        let line = try #require(Trend.line(times, values))
        #expect(close(own.slope, line.slope, 1e-9), "seed \(seed)")
        #expect(close(own.prediction(at: 80).mean, line.value(at: 80), 1e-8), "seed \(seed)")
        // The band of a line, less Student's quantile and the residual deviation.
        let t = StudentT(degrees: Double(line.count - 2)).quantile(0.975)
        let band = line.band(at: 80) / t / line.sigma
        #expect(close(own.prediction(at: 80).valueVariance, band * band, 1e-8), "seed \(seed)")
    }

    @Test("It follows a jump that a straight line smears out")
    func jump() throws {
        var random = SplitMix(seed: 8)
        let times = (0..<60).map(Double.init)
        let values = times.map { ($0 < 50 ? 1 : 6) + 0.3 * random.normal() }
        #expect(close(try #require(LocalTrend(times, values)).level, 6, 0.6))
    }

    @Test("What cannot be filtered is refused")
    func refused() {
        let variances = LocalTrend.Variances(value: 1, level: 0, slope: 0)
        #expect(LocalTrend([1], [1], variances: variances) == nil)
        #expect(LocalTrend([1, 1, 1], [1, 2, 3], variances: variances) == nil)
        #expect(LocalTrend([2, 1, 3], [1, 2, 3], variances: variances) == nil)
        #expect(LocalTrend([1, 2, .nan], [1, 2, 3], variances: variances) == nil)
        #expect(LocalTrend([1, 2, 3], [1, .infinity, 3], variances: variances) == nil)
        #expect(LocalTrend([1, 2], [1, 2, 3], variances: variances) == nil)
        #expect(LocalTrend([1, 2, 3], [1, 2, 3], variances: .init(value: -1, level: 0, slope: 0)) == nil)
        #expect(LocalTrend([1, 2, 3], [1, 2, 3], variances: .init(value: 0, level: 0, slope: 0)) == nil)
        #expect(LocalTrend([1, 2, 3, 4], [1, 2, 3, 4]) == nil)
    }
}
