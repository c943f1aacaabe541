/// The mean life of those who were watched, counted up to a time at most: the area under the survival curve. It needs no
/// model and has a value where less than half had their event (Royston and Parmar, Statistics in Medicine 30, 2011).
public struct RestrictedMean: Codable, Hashable, Sendable {
    /// Lives that last longer count as this long.
    public var to: Double
    /// 0...to.
    public var mean: Double
    /// Of `mean`: over the events up to `to` the sum of (area to the right)^2 d / (n (n - d)), d of n at risk, which is
    /// Greenwood's variance carried on to the area (Kaplan and Meier, 1958; Klein and Moeschberger, Survival
    /// Analysis, 2nd edition, section 4.5). 0 without an event before `to`.
    public var variance: Double

    public init(to: Double, mean: Double, variance: Double) {
        self.to = to
        self.mean = mean
        self.variance = variance
    }

    /// How many times as long as in `other` a life lasts, with an interval by the delta method on the scale of the
    /// logarithm.
    ///
    /// - Parameter confidence: two-sided.
    /// - Returns: nil for means to different times, for a mean of 0, and for a confidence outside 0 to 1.
    public func ratio(to other: RestrictedMean, confidence: Double = 0.95) -> Estimate? {
        guard to == other.to, mean > 0, other.mean > 0 else { return nil }
        let own = variance.squareRoot() / mean
        let others = other.variance.squareRoot() / other.mean
        return Estimate(value: mean / other.mean, logVariance: own * own + others * others, confidence: confidence)
    }
}

/// The interval of a time read off a survival curve; nil for a bound that those watched do not give.
public struct TimeBounds: Codable, Hashable, Sendable {
    public var lower: Double?
    public var upper: Double?

    public init(lower: Double? = nil, upper: Double? = nil) {
        self.lower = lower
        self.upper = upper
    }
}

extension KaplanMeier {
    /// The interval of the median with the confidence of the band.
    public var medianInterval: TimeBounds { interval(ofQuantile: 0.5) }

    /// The times at which the band of the curve passes 1 - p, for 0 < p < 1; no bounds for another p (Brookmeyer and
    /// Crowley, Biometrics 38(1), 1982, on the scale of log(-log S)).
    ///
    /// Where the curve falls to 0 the band has no value: its lower bound is taken to fall with it, its upper one not, so
    /// that a handful of lives which all ended have no upper bound of their median.
    public func interval(ofQuantile p: Double) -> TimeBounds {
        guard p > 0, p < 1 else { return TimeBounds() }
        return TimeBounds(
            lower: steps.first { ($0.lower ?? $0.survival) <= 1 - p }?.time,
            upper: steps.first { $0.upper.map { $0 <= 1 - p } ?? false }?.time)
    }

    /// - Returns: nil for a time that is not above 0 or no finite number, and for one beyond the last time watched, unless
    ///   all had their event by then.
    public func restrictedMean(to time: Double) -> RestrictedMean? {
        guard time > 0, time.isFinite, time <= end || steps.last?.survival == 0 else { return nil }
        var area = 0.0
        var variance = 0.0
        var right = time
        // From the right, so that each event finds the area behind it summed.
        for step in steps.reversed() where step.time < time {
            area += step.survival * (right - step.time)
            right = step.time
            // The last ones at risk leave no area behind.
            guard step.survival > 0 else { continue }
            let (events, atRisk) = (Double(step.events), Double(step.atRisk))
            variance += area * area * (events / (atRisk * (atRisk - events)))
        }
        return RestrictedMean(to: time, mean: area + right, variance: variance)
    }
}
