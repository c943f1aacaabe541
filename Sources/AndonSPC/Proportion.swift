/// A share that was counted, with its two-sided interval. `Share` has the exact one-sided bound.
public struct Proportion: Codable, Hashable, Sendable {
    public var hits: Int
    /// Above 0.
    public var trials: Int

    /// - Returns: nil without a trial, and for hits that are negative or more than the trials.
    public init?(hits: Int, trials: Int) {
        guard trials > 0, (0...trials).contains(hits) else { return nil }
        self.hits = hits
        self.trials = trials
    }

    public var share: Double { Double(hits) / Double(trials) }

    /// The share with Wilson's interval, the score test inverted (Journal of the American Statistical Association
    /// 22(158), 1927): within 0...1, and of use with few trials and with none or all of them hits.
    ///
    /// - Returns: nil for a confidence outside 0 to 1.
    public func estimate(confidence: Double = 0.95) -> Estimate? {
        guard confidence > 0, confidence < 1 else { return nil }
        let z = Normal.quantile(0.5 + confidence / 2)
        let size = Double(trials)
        let scale = 1 + z * z / size
        let centre = (share + z * z / (2 * size)) / scale
        let width = z * ((share * (1 - share) + z * z / (4 * size)) / size).squareRoot() / scale
        return Estimate(
            value: share, lower: hits == 0 ? 0 : max(0, centre - width),
            upper: hits == trials ? 1 : min(1, centre + width))
    }

    /// This share less `other`, from the Wilson intervals of both (Newcombe, Statistics in Medicine 17, 1998, method 10).
    ///
    /// - Returns: nil for a confidence outside 0 to 1.
    public func difference(from other: Proportion, confidence: Double = 0.95) -> Estimate? {
        guard let own = estimate(confidence: confidence), let others = other.estimate(confidence: confidence) else {
            return nil
        }
        func length(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
        let value = own.value - others.value
        return Estimate(
            value: value, lower: value - length(own.value - own.lower, others.upper - others.value),
            upper: value + length(own.upper - own.value, others.value - others.lower))
    }
}

/// p values of several questions asked at once.
public enum Holm {
    /// Each raised so that where those below a level are called findings, the chance of any false one is at most that
    /// level (Holm, Scandinavian Journal of Statistics 6(2), 1979).
    ///
    /// - Returns: in the order given; nil where one is outside 0...1.
    public static func adjusted(_ p: [Double]) -> [Double]? {
        guard p.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { return nil }
        var result = p
        var least = 0.0
        for (rank, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
            least = max(least, min(1, Double(p.count - rank) * p[index]))
            result[index] = least
        }
        return result
    }
}
