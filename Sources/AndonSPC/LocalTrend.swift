#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A level that wanders and a slope that wanders, seen through noise: the local linear trend model, filtered by Kalman's
/// recursions (Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd edition, chapters 3 and 4).
///
/// Steps may be uneven: the noise of a step of length d is that of the model in continuous time (their chapter 3),
/// so that a missing value is just a longer step. The start is the exact diffuse one (their chapter 5): level and slope
/// are taken from the first two times, and those two values do not count in the likelihood.
public struct LocalTrend: Codable, Hashable, Sendable {
    /// What makes the values vary, each >= 0, and not all zero.
    public struct Variances: Codable, Hashable, Sendable {
        /// Of one value about the level.
        public var value: Double
        /// Of the level's wandering in a unit of time.
        public var level: Double
        /// Of the slope's wandering in a unit of time.
        public var slope: Double

        public init(value: Double, level: Double, slope: Double) {
            self.value = value
            self.level = level
            self.slope = slope
        }
    }

    public struct Prediction: Codable, Hashable, Sendable {
        /// Of the level; the mean of a value is the same.
        public var mean: Double
        public var levelVariance: Double
        /// Of one further value.
        public var valueVariance: Double
    }

    public private(set) var variances: Variances
    /// Of the last value.
    public private(set) var time: Double
    /// Filtered: given all values up to the last.
    public private(set) var level: Double
    /// A unit of time, filtered.
    public private(set) var slope: Double
    public private(set) var levelVariance: Double
    public private(set) var slopeVariance: Double
    public private(set) var covariance: Double
    /// Of the values after the first two, given the first two.
    public private(set) var logLikelihood: Double

    /// Filters with given variances.
    ///
    /// - Parameters:
    ///   - times: rising; values of equal times count as one value, their mean.
    ///   - values: one for each time.
    /// - Returns: nil for fewer than two times, values that are no numbers, times that fall, or no variance at all.
    public init?(_ times: [Double], _ values: [Double], variances: Variances) {
        guard let series = Series(times, values), series.count > 1,
            min(variances.value, variances.level, variances.slope) >= 0,
            let run = Run(series, variances)
        else { return nil }
        self.init(run, variances, time: series.times[series.count - 1])
    }

    /// Filters with the variances that make the values likeliest.
    ///
    /// The variance of the values is concentrated out of the likelihood (Durbin and Koopman, section 2.10),
    /// and the two others are sought as shares of it: a grid, then a few halvings about its best point.
    /// - Returns: nil for fewer than five times, or values that are no numbers.
    public init?(_ times: [Double], _ values: [Double]) {
        guard let series = Series(times, values), series.count > 4,
            let best = Search(series).best(), let run = Run(series, best)
        else { return nil }
        self.init(run, best, time: series.times[series.count - 1])
    }

    private init?(_ run: Run, _ variances: Variances, time: Double) {
        guard [run.level, run.slope, run.p11, run.p22, run.p12, run.logLikelihood].allSatisfy(\.isFinite) else {
            return nil
        }
        self.variances = variances
        self.time = time
        (level, slope) = (run.level, run.slope)
        (levelVariance, slopeVariance, covariance) = (run.p11, run.p22, run.p12)
        logLikelihood = run.logLikelihood
    }

    /// - Parameter time: of the axis of the values, at or after the last.
    public func prediction(at time: Double) -> Prediction {
        let step = max(0, time - self.time)
        let variance =
            levelVariance + step * (2 * covariance + step * slopeVariance)
            + step * (variances.level + step * step * variances.slope / 3)
        return Prediction(
            mean: level + slope * step, levelVariance: variance, valueVariance: variance + variances.value)
    }
}

/// Values in the order of time, those of one time put together.
private struct Series {
    var times: [Double] = []
    var values: [Double] = []
    var sizes: [Double] = []
    var count: Int { times.count }

    init?(_ all: [Double], _ values: [Double]) {
        guard all.count == values.count, all.allSatisfy(\.isFinite), values.allSatisfy(\.isFinite) else { return nil }
        for (time, value) in zip(all, values) {
            guard let last = times.last, last != time else {
                if times.isEmpty {
                    append(time, value)
                } else {
                    let place = times.count - 1
                    sizes[place] += 1
                    self.values[place] += (value - self.values[place]) / sizes[place]
                }
                continue
            }
            guard time > last else { return nil }
            append(time, value)
        }
    }

    private mutating func append(_ time: Double, _ value: Double) {
        times.append(time)
        values.append(value)
        sizes.append(1)
    }
}

/// One pass of the filter.
private struct Run {
    var level: Double
    var slope: Double
    var p11: Double
    var p12: Double
    var p22: Double
    /// Of the squared innovations, each over its variance.
    var squares = 0.0
    /// Of the logarithms of the variances of the innovations.
    var logs = 0.0
    var count = 0

    var logLikelihood: Double { -0.5 * (Double(count) * log(2 * Double.pi) + logs + squares) }

    init?(_ series: Series, _ variances: LocalTrend.Variances) {
        let (times, values, sizes) = (series.times, series.values, series.sizes)
        let first = times[1] - times[0]
        let noise = (variances.value / sizes[0], variances.value / sizes[1])
        let (q11, q12, q22) = Self.wandering(variances, first)
        level = values[1]
        slope = (values[1] - values[0]) / first
        p11 = noise.1
        p12 = noise.1 / first
        p22 = (noise.0 + noise.1 + q11) / (first * first) + q22 - 2 * q12 / first
        // Multiplying is much cheaper than a logarithm of each.
        var product = 1.0
        for i in 2..<max(2, times.count) {
            let step = times[i] - times[i - 1]
            let (q11, q12, q22) = Self.wandering(variances, step)
            let cross = p12 + step * p22
            p11 += step * (p12 + cross) + q11
            p12 = cross + q12
            p22 += q22
            level += step * slope
            let total = p11 + variances.value / sizes[i]
            guard total > 0 else { return nil }
            let miss = values[i] - level
            let (gain, gainSlope) = (p11 / total, p12 / total)
            level += gain * miss
            slope += gainSlope * miss
            p22 -= gainSlope * p12
            p12 -= gain * p12
            p11 -= gain * p11
            squares += miss * miss / total
            product *= total
            if product < 1e-150 || product > 1e150 {
                logs += log(product)
                product = 1
            }
            count += 1
        }
        logs += log(product)
    }

    private static func wandering(_ variances: LocalTrend.Variances, _ step: Double) -> (Double, Double, Double) {
        let slope = variances.slope * step
        return (step * (variances.level + slope * step / 3), slope * step / 2, slope)
    }
}

/// The likeliest variances.
private struct Search {
    private let series: Series
    private let step: Double
    /// What the variance of the values is at least: values on a line have none.
    private let least: Double

    init(_ series: Series) {
        self.series = series
        step = (series.times[series.count - 1] - series.times[0]) / Double(series.count - 1)
        let mean = PhaseOne.mean(series.values)
        let square = series.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(series.count)
        least = max(square * 1e-24, 1e-300)
    }

    /// Shares of the noise of a value that the level and the slope take up in a mean step, as powers of ten.
    private static let floor = -9.0
    private static let levels = [floor, -2, -1, 0, 1]
    private static let slopes = [floor, -5, -4, -3, -2, -1]

    func best() -> LocalTrend.Variances? {
        var best: (level: Double, slope: Double, value: Double)?
        func look(_ level: Double, _ slope: Double) {
            let value = fit(level, slope).likelihood
            if value > best?.value ?? -.infinity { best = (level, slope, value) }
        }
        for level in Self.levels {
            for slope in Self.slopes { look(level, slope) }
        }
        var width = 0.5
        for _ in 0..<3 {
            guard let centre = best else { return nil }
            for shift in [-width, width] where centre.level > Self.floor { look(centre.level + shift, centre.slope) }
            guard let centre = best else { return nil }
            for shift in [-width, width] where centre.slope > Self.floor { look(centre.level, centre.slope + shift) }
            width /= 2
        }
        guard let best else { return nil }
        return fit(best.level, best.slope).variances
    }

    private func fit(_ level: Double, _ slope: Double) -> (variances: LocalTrend.Variances, likelihood: Double) {
        let shares = LocalTrend.Variances(
            value: 1, level: level > Self.floor ? pow(10, level) / step : 0,
            slope: slope > Self.floor ? pow(10, slope) / (step * step * step) : 0)
        guard let run = Run(series, shares), run.count > 0 else { return (shares, -.infinity) }
        let scale = max(least, run.squares / Double(run.count))
        let variances = LocalTrend.Variances(
            value: scale, level: shares.level * scale, slope: shares.slope * scale)
        return (variances, -0.5 * (Double(run.count) * log(scale) + run.logs))
    }
}
