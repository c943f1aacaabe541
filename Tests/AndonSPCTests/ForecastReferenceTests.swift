import AndonSPC
import Foundation
import Testing

/// Against statsmodels and pymannkendall: `forecast_reference.py` makes `forecast_reference.json`.
@Suite("Forecasts against independent programs")
struct ForecastReferenceTests {
    private struct Reference: Decodable {
        struct Serial: Decodable {
            struct Test: Decodable {
                var lags: Int?
                var `var`: Double
                var z, p: Double?
            }

            var kind: String
            var values: [Double]
            var s: Double
            var tests: [Test]
        }

        struct Local: Decodable {
            struct Ahead: Decodable {
                var step, mean, level, value: Double
            }

            var kind: String
            var times, values, variances: [Double]
            var level, slope, levelVariance, slopeVariance, covariance, logLikelihood, best: Double
            var ahead: [Ahead]
        }

        var serial: [Serial]
        var local: [Local]
    }

    private static func reference() throws -> Reference {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("forecast_reference.json")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: path))
    }

    private func near(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
        abs(a - b) <= tolerance * max(1, abs(b))
    }

    @Test("Hamed and Rao's variance, score and probability agree, for all lags and for three")
    func serial() throws {
        let all = try Self.reference().serial
        #expect(all.count == 15)
        var unknown = 0
        for row in all {
            let times = (1...row.values.count).map(Double.init)
            for expected in row.tests {
                let name = "\(row.kind) of \(row.values.count), lags \(expected.lags ?? 0)"
                let test = try #require(Trend.hamedRao(times, row.values, lags: expected.lags))
                #expect(test.s == row.s && near(test.variance, expected.var, 1e-9), "\(name): \(test) \(expected)")
                guard let z = expected.z, let p = expected.p else {
                    // A variance below zero: no score there, none here.
                    unknown += 1
                    #expect(test.z == 0 && test.p == 1, "\(name): \(test)")
                    continue
                }
                #expect(near(test.z, z, 1e-9) && near(test.p, p, 1e-9), "\(name): \(test) \(z) \(p)")
            }
        }
        #expect(unknown < 10)
    }

    @Test("The filtered local linear trend, its likelihood and its forecasts agree, at even and uneven steps")
    func filtered() throws {
        let all = try Self.reference().local
        #expect(all.count == 18)
        for row in all {
            let name = "\(row.kind) of \(row.values.count), \(row.variances)"
            let variances = LocalTrend.Variances(
                value: row.variances[0], level: row.variances[1], slope: row.variances[2])
            let own = try #require(LocalTrend(row.times, row.values, variances: variances))
            #expect(near(own.level, row.level, 1e-8) && near(own.slope, row.slope, 1e-8), "\(name): \(own)")
            #expect(near(own.levelVariance, row.levelVariance, 1e-8), "\(name): \(own)")
            #expect(near(own.slopeVariance, row.slopeVariance, 1e-8), "\(name): \(own)")
            #expect(near(own.covariance, row.covariance, 1e-8), "\(name): \(own)")
            #expect(near(own.logLikelihood, row.logLikelihood, 1e-8), "\(name): \(own) \(row.logLikelihood)")
            for ahead in row.ahead {
                let prediction = own.prediction(at: own.time + ahead.step)
                #expect(near(prediction.mean, ahead.mean, 1e-8), "\(name): \(prediction) \(ahead)")
                #expect(near(prediction.levelVariance, ahead.level, 1e-8), "\(name): \(prediction) \(ahead)")
                #expect(near(prediction.valueVariance, ahead.value, 1e-8), "\(name): \(prediction) \(ahead)")
            }
        }
    }

    @Test("The variances found are nearly as likely as the likeliest ones")
    func likeliest() throws {
        for row in try Self.reference().local {
            let own = try #require(LocalTrend(row.times, row.values))
            #expect(own.logLikelihood > row.best - 0.15, "\(row.kind) of \(row.values.count): \(own) \(row.best)")
            #expect(own.logLikelihood < row.best + 0.15, "\(row.kind) of \(row.values.count): \(own) \(row.best)")
        }
    }
}
