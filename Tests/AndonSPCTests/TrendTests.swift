import AndonSPC
import Testing

@Suite("Capability, trend and the date of a crossing")
struct TrendTests {
    private static let wear = [2.1, 2.4, 1.9, 2.6, 2.8, 2.5, 3.1, 3.0, 3.4, 3.3, 3.9, 3.7, 4.2, 4.1, 4.6, 4.8]
    private static let times = (0..<16).map(Double.init)

    @Test("Mann-Kendall, Theil-Sen and the line agree with four other programs")
    func vector() throws {
        let test = try #require(Trend.mannKendall(Self.wear))
        #expect(test.s == 104 && close(test.variance, 493.3333, 1e-4) && close(test.z, 4.637319, 1e-6))
        #expect(close(test.p, 3.52957e-6, 1e-11) && close(test.tau, 0.866667, 1e-6))
        let slope = try #require(Trend.theilSen(Self.times, Self.wear))
        #expect(close(slope.slope, 0.18, 1e-9) && close(slope.lower, 0.15, 1e-9) && close(slope.upper, 0.20, 1e-9))
        #expect(slope.isSure)
        let line = try #require(Trend.line(Self.times, Self.wear))
        #expect(close(line.intercept, 1.929412, 1e-6) && close(line.slope, 0.1794118, 1e-7))
        #expect(close(line.sigma, 0.2213405, 1e-7))
        let crossing = try #require(line.crossing(6))
        #expect(close(crossing.expected, 22.688525, 1e-6))
        #expect(close(crossing.first, 19.465580, 1e-6) && close(crossing.last, 26.550161, 1e-6))
        #expect(close(line.value(at: crossing.first) + line.band(at: crossing.first), 6, 1e-9))
        #expect(close(line.value(at: crossing.last) - line.band(at: crossing.last), 6, 1e-9))
    }

    @Test("Without a trend there is no date; too few values, one time and no number give nothing")
    func none() throws {
        let flat = [3.0, 3.1, 2.9, 3.0, 3.1, 2.9, 3.0, 3.1]
        let times = (0..<8).map(Double.init)
        #expect(try #require(Trend.theilSen(times, flat)).isSure == false)
        #expect(Trend.line(times, flat)?.crossing(6) == nil)
        #expect(Trend.line(times, Array(repeating: 3, count: 8))?.crossing(6) == nil)
        #expect(Trend.mannKendall([1, 2]) == nil && Trend.line([1, 2], [1, 2]) == nil)
        #expect(Trend.line([1, 1, 1], [1, 2, 3]) == nil && Trend.theilSen([1, 1, 1], [1, 2, 3]) == nil)
        #expect(Trend.mannKendall([1, .nan, 3]) == nil)
        let tied = try #require(Trend.mannKendall([2, 2, 2, 2]))
        #expect(tied.s == 0 && tied.z == 0 && tied.p == 1)
    }

    @Test("Holt's level, trend and forecasts are those of the reference")
    func holt() throws {
        let data = [
            17.5534, 21.86, 23.8866, 26.9293, 26.8885, 28.8314, 30.0751, 30.9535, 30.1857, 31.5797, 32.5776, 33.4774,
            39.0216, 41.3864, 41.5966,
        ]
        var holt = try #require(Holt(level: 15.57, trend: 2.102, alpha: 0.8, beta: 0.2))
        for value in data { holt.add(value) }
        #expect(close(holt.level, 41.903745, 1e-6) && close(holt.trend, 1.787680, 1e-6))
        for (steps, expected) in [(1.0, 43.691425), (2, 45.479106), (3, 47.266786)] {
            #expect(close(holt.forecast(steps), expected, 1e-6))
        }
        holt.add(.nan)
        #expect(close(holt.level, 41.903745, 1e-6))
    }

    @Test("Capability is that of the handbook and of qcc")
    func capability() throws {
        let handbook = try #require(Capability(mean: 16, within: 2, overall: 2, lower: 8, upper: 20))
        #expect(close(handbook.cp, 1, 1e-12) && close(handbook.cpk, 0.6667, 1e-4))
        #expect(close(handbook.cpUpper, 0.6667, 1e-4) && close(handbook.cpLower, 1.3333, 1e-4))
        let pistons = try #require(
            Capability(
                mean: 74.001176, within: 0.009785338, overall: 0.01006997, lower: 73.95, upper: 74.05, target: 74))
        #expect(close(pistons.cp, 1.7032, 1e-4) && close(pistons.cpLower, 1.7433, 1e-4))
        #expect(close(pistons.cpk, 1.6632, 1e-4) && close(pistons.cpm, 1.6911, 1e-4))
        #expect(close(pistons.pp, 1.6551, 1e-4) && close(pistons.ppk, 1.6162, 1e-4))
        let oneSided = try #require(Capability(mean: 16, within: 2, overall: 2, lower: nil, upper: 20))
        #expect(oneSided.cp == nil && close(oneSided.cpk, 0.6667, 1e-4) && oneSided.cpLower == nil)
        #expect(Capability(mean: 16, within: 0, overall: 2, lower: 8, upper: 20) == nil)
        #expect(Capability(mean: 16, within: 2, overall: 2, lower: nil, upper: nil) == nil)
    }

    @Test("Quantiles are those of the tables")
    func quantiles() throws {
        #expect(close(Normal.quantile(0.975), 1.959963984540054, 1e-14))
        #expect(close(Normal.quantile(0.00135), -2.999976992703, 1e-9) && Normal.quantile(0) == -.infinity)
        #expect(close(Normal.cumulative(1.96), 0.9750021048517795, 1e-15))
        #expect(close(StudentT(degrees: 14).quantile(0.975), 2.1447866879, 1e-9))
        #expect(close(StudentT(degrees: 1).quantile(0.975), 12.7062047362, 1e-8))
        #expect(close(StudentT(degrees: 5).quantile(0.05), -2.0150483733, 1e-9))
        #expect(close(ChiSquared(degrees: 20).quantile(0.95), 31.4104328442, 1e-8))
        #expect(close(ChiSquared(degrees: 24).quantile(0.025), 12.4011502175, 1e-8))
        let interval = try #require(Capability.interval(of: 1.0, degrees: 24))
        #expect(close(interval.lowerBound, 0.718829, 1e-6) && close(interval.upperBound, 1.280691, 1e-6))
        let cpk = try #require(Capability.interval(ofCpk: 1.33, n: 50))
        #expect(close(cpk.lowerBound, 1.050939, 1e-6) && close(cpk.upperBound, 1.609061, 1e-6))
    }
}
