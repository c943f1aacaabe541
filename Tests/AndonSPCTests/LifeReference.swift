import AndonSPC
import Foundation

/// What `life_reference.py` made.
struct LifeReference: Decodable {
    struct LogRankCase: Decodable {
        var kind: String
        var strata: Int
        var sizes, events, layer: [Int]
        var times, observed, expected: [Double]
        var chiSquared, p: Double

        /// By stratum and group.
        var lives: [[[Lifetime]]] {
            var result = Array(repeating: Array(repeating: [Lifetime](), count: sizes.count), count: strata)
            let groups = sizes.indices.flatMap { Array(repeating: $0, count: sizes[$0]) }
            for index in times.indices {
                result[layer[index]][groups[index]].append(
                    Lifetime(time: times[index], isEvent: events[index] == 1))
            }
            return result
        }
    }

    struct CurveCase: Decodable {
        var kind: String
        var confidence: Double
        var times, otherTimes: [Double]
        var events, otherEvents: [Int]
        /// Time, survival, lower and upper.
        var steps: [[Double]]
        var median, medianLower, medianUpper: Double?
        var to, mean, variance, common, ratio, ratioLower, ratioUpper: Double

        var lives: [Lifetime] { LifeReference.lives(times, events) }
        var others: [Lifetime] { LifeReference.lives(otherTimes, otherEvents) }
    }

    struct WeibullCase: Decodable {
        var kind: String
        var confidence: Double
        var times: [Double]
        var events: [Int]
        /// Value, lower and upper.
        var shape, scale: [Double]
        var shapeVariance, scaleVariance, covariance: Double
        /// Share, value, lower and upper.
        var quantiles: [[Double]]

        var lives: [Lifetime] { LifeReference.lives(times, events) }
    }

    struct GrowthCase: Decodable {
        var times: [Double]
        var end: Double?
        var confidence, beta, lower, upper: Double
    }

    struct SampleCase: Decodable {
        var kind: String
        var a, b: [Double]
        var distance, limitP, u, rankP: Double
        var exactP: Double?
    }

    struct ShareCase: Decodable {
        var hits, trials, otherHits, otherTrials: Int
        var confidence, lower, upper, differenceLower, differenceUpper: Double
    }

    struct HolmCase: Decodable {
        var p, adjusted: [Double]
    }

    struct Tail: Decodable {
        var x, degrees, p: Double
    }

    var logRanks: [LogRankCase]
    var curves: [CurveCase]
    var weibulls: [WeibullCase]
    var growths: [GrowthCase]
    var samples: [SampleCase]
    var shares: [ShareCase]
    var holm: [HolmCase]
    var tails: [Tail]

    static func read() throws -> LifeReference {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("life_reference.json")
        return try JSONDecoder().decode(LifeReference.self, from: Data(contentsOf: file))
    }

    private static func lives(_ times: [Double], _ events: [Int]) -> [Lifetime] {
        zip(times, events).map { Lifetime(time: $0, isEvent: $1 == 1) }
    }
}

/// Whether `a` is `b` to `digits` significant digits, or both are nil.
func agrees(_ a: Double?, _ b: Double?, digits: Int = 9) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= 0.5 * pow(10, 1 - Double(digits)) * abs(b)
}
