import AndonSPC
import Foundation
import Testing

/// Against SciPy, statsmodels and pymannkendall: `reference.py` makes `reference.json`.
@Suite("Statistics against independent programs")
struct ReferenceTests {
    private struct Reference: Decodable {
        struct Quantile: Decodable {
            var p, degrees, normal, t, chi2: Double
        }

        struct Series: Decodable {
            var kind: String
            var times, values, holt: [Double]
            var s, `var`, z, p, slope, slopeLower, slopeUpper, intercept, line, at, upper, lower: Double
        }

        var quantiles: [Quantile]
        var trends: [Series]
    }

    private static func reference() throws -> Reference {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("reference.json")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: path))
    }

    private func near(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
        abs(a - b) <= tolerance * max(1, abs(b))
    }

    @Test("Quantiles agree to nine digits, far into the tails")
    func quantiles() throws {
        let all = try Self.reference().quantiles
        #expect(all.count == 48)
        for row in all {
            let own = (
                Normal.quantile(row.p), StudentT(degrees: row.degrees).quantile(row.p),
                ChiSquared(degrees: row.degrees).quantile(row.p)
            )
            #expect(near(own.0, row.normal, 1e-9), "normal \(row.p): \(own.0) \(row.normal)")
            #expect(near(own.1, row.t, 1e-9), "t \(row.degrees) \(row.p): \(own.1) \(row.t)")
            #expect(near(own.2, row.chi2, 1e-9), "chi2 \(row.degrees) \(row.p): \(own.2) \(row.chi2)")
        }
    }

    @Test("Trend tests, slopes, prediction bands and forecasts agree, with ties and uneven times")
    func trends() throws {
        let all = try Self.reference().trends
        #expect(all.count == 18)
        for row in all {
            let name = "\(row.kind) of \(row.values.count)"
            let test = try #require(Trend.mannKendall(row.values))
            #expect(test.s == row.s && near(test.variance, row.var, 1e-12) && near(test.z, row.z, 1e-12), "\(name)")
            #expect(near(test.p, row.p, 1e-12), "\(name): \(test.p) \(row.p)")
            let slope = try #require(Trend.theilSen(row.times, row.values))
            #expect(near(slope.slope, row.slope, 1e-12), "\(name): \(slope) \(row.slope)")
            #expect(
                near(slope.lower, row.slopeLower, 1e-12) && near(slope.upper, row.slopeUpper, 1e-12),
                "\(name): \(slope) \(row.slopeLower) \(row.slopeUpper)")
            let line = try #require(Trend.line(row.times, row.values))
            #expect(near(line.intercept, row.intercept, 1e-9) && near(line.slope, row.line, 1e-9), "\(name)")
            let (value, band) = (line.value(at: row.at), line.band(at: row.at))
            #expect(near(value + band, row.upper, 1e-9) && near(value - band, row.lower, 1e-9), "\(name)")
            var holt = try #require(Holt(level: row.values[0], trend: 0.1, alpha: 0.3, beta: 0.1))
            for value in row.values { holt.add(value) }
            for (step, expected) in row.holt.enumerated() {
                #expect(near(holt.forecast(Double(step + 1)), expected, 1e-9), "\(name)")
            }
        }
    }
}
