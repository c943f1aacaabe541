#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An exponentially weighted moving average (Roberts, Technometrics 1(3), 1959): sees small shifts that no single point
/// shows.
public struct EWMA: Codable, Hashable, Sendable {
    public var target: Double
    /// Of the plotted mean.
    public var sigma: Double
    /// 0 < lambda <= 1; 0.05...0.3 usual.
    public var lambda: Double
    /// Half the width in sigma; 2.7...3 usual.
    public var width: Double
    public private(set) var level: Double
    public private(set) var count = 0
    /// (1 - lambda)^(2 count): what is left of the start.
    private var remainder = 1.0

    /// - Returns: nil for a lambda or sigma outside of their ranges.
    public init?(target: Double, sigma: Double, lambda: Double = 0.2, width: Double = 3) {
        guard lambda > 0, lambda <= 1, sigma > 0, sigma.isFinite, target.isFinite, width > 0 else { return nil }
        self.target = target
        self.sigma = sigma
        self.lambda = lambda
        self.width = width
        level = target
    }

    /// The average with limits that widen from the first point on; nil for a value that is no number.
    public mutating func add(_ value: Double) -> Plotted? {
        guard value.isFinite else { return nil }
        level = lambda * value + (1 - lambda) * level
        count += 1
        remainder *= (1 - lambda) * (1 - lambda)
        let own = sigma * (lambda / (2 - lambda) * (1 - remainder)).squareRoot()
        return Plotted(
            value: level, centre: target, lower: target - width * own, upper: target + width * own,
            z: (level - target) / own)
    }

    /// The limits of a long-running average.
    public var steady: (lower: Double, upper: Double) {
        let half = width * sigma * (lambda / (2 - lambda)).squareRoot()
        return (target - half, target + half)
    }
}

/// Two one-sided cumulative sums (Page, Biometrika 41, 1954), in the units of the value.
public struct CUSUM: Codable, Hashable, Sendable {
    public var target: Double
    /// K, half the shift to be seen.
    public var allowance: Double
    /// H.
    public var decision: Double
    public private(set) var high = 0.0
    public private(set) var low = 0.0
    /// Points since each sum was last zero: where the shift began.
    public private(set) var highRun = 0
    public private(set) var lowRun = 0

    public enum Side: String, Codable, Sendable {
        case high, low
    }

    /// - Returns: nil unless the decision interval is above zero and the allowance not below.
    public init?(target: Double, allowance: Double, decision: Double) {
        guard target.isFinite, allowance >= 0, decision > 0, decision.isFinite, allowance.isFinite else { return nil }
        self.target = target
        self.allowance = allowance
        self.decision = decision
    }

    /// - Returns: the side that signals; nil for none, and for a value that is no number.
    public mutating func add(_ value: Double) -> Side? {
        guard value.isFinite else { return nil }
        high = max(0, high + value - target - allowance)
        low = max(0, low + target - allowance - value)
        highRun = high > 0 ? highRun + 1 : 0
        lowRun = low > 0 ? lowRun + 1 : 0
        return high > decision ? .high : low > decision ? .low : nil
    }

    /// After a signal that was answered, or a repair.
    public mutating func reset() {
        (high, low) = (0, 0)
        (highRun, lowRun) = (0, 0)
    }
}
