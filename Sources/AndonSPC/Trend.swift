/// Whether a stream degrades, how fast, and when it crosses a limit.
public enum Trend {
    /// Mann and Kendall's test for a trend in one direction. It takes the values to be independent: serially correlated
    /// ones give false trends.
    public struct MannKendall: Codable, Hashable, Sendable {
        public var s: Double
        public var variance: Double
        public var z: Double
        /// Two-sided.
        public var p: Double
        public var tau: Double
    }

    /// - Returns: nil for fewer than three values.
    public static func mannKendall(_ values: [Double]) -> MannKendall? {
        let n = values.count
        guard n > 2, values.allSatisfy(\.isFinite) else { return nil }
        var s = 0.0
        for i in 0..<n {
            for j in i + 1..<n { s += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0 }
        }
        let size = Double(n)
        var ties: [Double: Double] = [:]
        for value in values { ties[value, default: 0] += 1 }
        let tied = ties.values.reduce(0) { $0 + $1 * ($1 - 1) * (2 * $1 + 5) }
        let variance = (size * (size - 1) * (2 * size + 5) - tied) / 18
        let z = s == 0 || variance <= 0 ? 0 : (s - (s > 0 ? 1 : -1)) / variance.squareRoot()
        return MannKendall(
            s: s, variance: variance, z: z, p: 2 * Normal.cumulative(-abs(z)), tau: s / (size * (size - 1) / 2))
    }

    public struct Slope: Codable, Hashable, Sendable {
        public var slope: Double
        public var lower: Double
        public var upper: Double

        /// A slope whose interval holds zero is no slope.
        public var isSure: Bool { lower > 0 || upper < 0 }
    }

    /// Theil and Sen's: the median of the slopes of all pairs, which a third of wild values does not move; its interval
    /// by ranks (Sen, Journal of the American Statistical Association 63, 1968).
    ///
    /// - Parameter times: the real axis; pairs of equal times are left out.
    /// - Returns: nil for fewer than three values, or where all times are one.
    public static func theilSen(_ times: [Double], _ values: [Double], confidence: Double = 0.95) -> Slope? {
        guard times.count == values.count, let test = mannKendall(values), times.allSatisfy(\.isFinite) else {
            return nil
        }
        var pairs = PairSlopes(times, values)
        return pairs.slope(confidence: confidence, variance: test.variance)
    }

    /// A straight line by least squares.
    public struct Line: Codable, Hashable, Sendable {
        public var intercept: Double
        public var slope: Double
        /// Residual standard deviation, with n - 2 degrees of freedom.
        public var sigma: Double
        public var count: Int
        var meanTime: Double
        var spread: Double

        public func value(at time: Double) -> Double { intercept + slope * time }

        /// Half the width of the prediction interval of one further value at `time`.
        public func band(at time: Double, confidence: Double = 0.95) -> Double {
            let size = Double(count)
            let t = StudentT(degrees: size - 2).quantile(1 - (1 - confidence) / 2)
            let away = time - meanTime
            return t * sigma * (1 + 1 / size + away * away / spread).squareRoot()
        }

        /// When the line, and when the edges of its prediction band first and last, reach `threshold`.
        ///
        /// Solves value(x) ± band(x) = threshold, a quadratic in the distance from the mean time.
        /// - Returns: nil when the line is level, or when its band never closes: then no date can be named.
        public func crossing(_ threshold: Double, confidence: Double = 0.95) -> Crossing? {
            guard slope != 0, slope.isFinite else { return nil }
            let size = Double(count)
            let t = StudentT(degrees: size - 2).quantile(1 - (1 - confidence) / 2)
            let reach = t * t * sigma * sigma
            let gap = value(at: meanTime) - threshold
            // (gap + slope d)² = reach (1 + 1/n + d²/spread)
            let a = slope * slope - reach / spread
            let b = 2 * gap * slope
            let c = gap * gap - reach * (1 + 1 / size)
            let root = b * b - 4 * a * c
            guard a > 0, root >= 0 else { return nil }
            let first = (-b - root.squareRoot()) / (2 * a)
            let last = (-b + root.squareRoot()) / (2 * a)
            return Crossing(
                first: meanTime + first, expected: (threshold - intercept) / slope, last: meanTime + last)
        }
    }

    public struct Crossing: Codable, Hashable, Sendable {
        public var first: Double
        public var expected: Double
        public var last: Double
    }

    /// - Returns: nil for fewer than three values or a single time.
    public static func line(_ times: [Double], _ values: [Double]) -> Line? {
        let count = times.count
        guard count == values.count, count > 2, (times + values).allSatisfy(\.isFinite) else { return nil }
        let meanTime = PhaseOne.mean(times)
        let meanValue = PhaseOne.mean(values)
        let spread = PhaseOne.sum(times.map { ($0 - meanTime) * ($0 - meanTime) })
        guard spread > 0 else { return nil }
        let slope = PhaseOne.sum(zip(times, values).map { ($0 - meanTime) * ($1 - meanValue) }) / spread
        let intercept = meanValue - slope * meanTime
        let residual = PhaseOne.sum(
            zip(times, values).map { time, value in
                let miss = value - intercept - slope * time
                return miss * miss
            })
        return Line(
            intercept: intercept, slope: slope, sigma: (residual / Double(count - 2)).squareRoot(), count: count,
            meanTime: meanTime, spread: spread)
    }
}

/// Holt's linear smoothing: a level and a trend that follow the data (Hyndman and Athanasopoulos, Forecasting, 8.2).
public struct Holt: Codable, Hashable, Sendable {
    /// 0 < alpha <= 1, and 0 <= beta <= 1 (their beta*).
    public var alpha: Double
    public var beta: Double
    public private(set) var level: Double
    public private(set) var trend: Double

    public init?(level: Double, trend: Double, alpha: Double = 0.3, beta: Double = 0.1) {
        guard alpha > 0, alpha <= 1, (0...1).contains(beta), level.isFinite, trend.isFinite else { return nil }
        self.alpha = alpha
        self.beta = beta
        self.level = level
        self.trend = trend
    }

    /// A value that is no number changes nothing.
    public mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        let before = level
        level = alpha * value + (1 - alpha) * (level + trend)
        trend = beta * (level - before) + (1 - beta) * trend
    }

    public func forecast(_ steps: Double) -> Double { level + steps * trend }
}
