import AndonModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Above which score a picture counts as defective, found from good pictures that the model had not seen, and what can be
/// claimed of it.
public struct AnomalyThreshold: Sendable, Hashable, Codable {
    /// Of `AnomalyMap.score`: a picture above it is reported.
    public var score: Double
    /// The least score of a good picture; becomes 0.
    public var lower: Double
    /// The rate of false alarms that was asked for, and the confidence of the claim.
    public var falseAlarms: Double
    public var confidence: Double
    /// How many good pictures were held out, and how many of them lie above the threshold.
    public var pictures: Int
    public var above: Int
    /// At this confidence the rate of false alarms is at most this: the exact upper bound of Clopper and Pearson (Biometrika
    /// 26(4), 1934), one-sided.
    public var rateAtMost: Double

    /// Takes the lowest held-out score above which the rate asked for is shown. Where no score shows it, the threshold lies
    /// where an exponential tail, fitted to the highest quarter of the scores, has that rate, and never below the highest.
    ///
    /// - Parameters:
    ///   - scores: of good pictures that the model was not learned from, at least 4.
    ///   - falseAlarms: the share of good pictures that may be reported, above 0 and below 0.5.
    ///   - confidence: 0.5 to below 1.
    public init(scores: [Double], falseAlarms: Double = 0.01, confidence: Double = 0.95) throws(AnomalyModelError) {
        guard scores.count >= 4, scores.allSatisfy(\.isFinite) else {
            throw AnomalyModelError(
                "a threshold needs 4 scores of good pictures at the very least, found \(scores.count)")
        }
        guard falseAlarms > 0, falseAlarms < 0.5, confidence >= 0.5, confidence < 1 else {
            throw AnomalyModelError(
                "the rate of false alarms should be above 0 and below 0.5, and the confidence from 0.5 to below 1; found "
                    + "\(falseAlarms) and \(confidence)")
        }
        let sorted = scores.sorted()
        let allowed = (0..<sorted.count).prefix {
            Binomial.upperBound(hits: $0, trials: sorted.count, confidence: confidence) <= falseAlarms
        }
        let score =
            allowed.last.map { sorted[sorted.count - 1 - $0] }
            ?? max(sorted[sorted.count - 1], Self.tail(sorted, falseAlarms))
        self.score = score
        lower = min(sorted[0], score - max(1e-9, abs(score) * 1e-6))
        self.falseAlarms = falseAlarms
        self.confidence = confidence
        pictures = sorted.count
        above = sorted.count { $0 > score }
        rateAtMost = Binomial.upperBound(hits: above, trials: sorted.count, confidence: confidence)
    }

    /// Whether the pictures were enough to show the rate that was asked for.
    public var isShown: Bool { rateAtMost <= falseAlarms }

    /// What may be said of the rate, in words.
    public var claim: String {
        let bound =
            "\(above) of \(pictures) held-out good pictures lie above the threshold: with \(Self.percent(confidence)) "
            + "confidence at most \(Self.percent(rateAtMost)) of good pictures are reported"
        if isShown { return bound + ", as asked (\(Self.percent(falseAlarms)))" }
        let needed = Int((log(1 - confidence) / log(1 - falseAlarms)).rounded(.up))
        return bound + ". The \(Self.percent(falseAlarms)) asked for is estimated by a fitted tail and not shown; "
            + "\(needed) pictures without one above would show it"
    }

    /// 0...1 with the threshold at 0.5. Below it even; above it towards 1 without ever reaching it, with the same slope at
    /// the threshold. It is an order, no probability.
    public func normalised(_ raw: Double) -> Double {
        let distance = (raw - score) / (score - lower)
        return distance <= 0 ? max(0, 0.5 + 0.5 * distance) : 1 - 0.5 * exp(-distance)
    }

    /// Excesses over the upper quartile are taken to be exponential; the mean is the estimate of their scale.
    private static func tail(_ sorted: [Double], _ rate: Double) -> Double {
        let first = sorted.count * 3 / 4
        let excesses = sorted[first...].map { $0 - sorted[first - 1] }
        let scale = excesses.reduce(0, +) / Double(excesses.count)
        return sorted[first - 1] + scale * max(0, log(Double(excesses.count) / Double(sorted.count) / rate))
    }

    private static func percent(_ share: Double) -> String {
        JSON.ecmaScriptText(of: (share * 10_000).rounded() / 100) + " %"
    }
}

/// Exact statements about a share that was counted.
enum Binomial {
    /// The chance of at most `hits` of `trials` at this rate.
    static func atMost(_ hits: Int, of trials: Int, rate: Double) -> Double {
        guard hits >= 0 else { return 0 }
        guard rate > 0, hits < trials else { return 1 }
        guard rate < 1 else { return 0 }
        var term = Double(trials) * log1p(-rate)
        let odds = log(rate) - log1p(-rate)
        var sum = exp(term)
        for hit in 0..<hits {
            term += log(Double(trials - hit) / Double(hit + 1)) + odds
            sum += exp(term)
        }
        return min(1, sum)
    }

    /// The rate at which so few hits would be seen with a chance of 1 - confidence.
    static func upperBound(hits: Int, trials: Int, confidence: Double) -> Double {
        guard hits < trials else { return 1 }
        var (low, high) = (0.0, 1.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if atMost(hits, of: trials, rate: middle) > 1 - confidence { low = middle } else { high = middle }
        }
        return high
    }
}
