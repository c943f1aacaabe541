/// How a process lies in its specification (ISO 22514-2). Of a process that is not stable it says nothing.
public struct Capability: Codable, Hashable, Sendable {
    public var cp: Double?
    public var cpLower: Double?
    public var cpUpper: Double?
    public var cpk: Double?
    public var cpm: Double?
    public var pp: Double?
    public var ppk: Double?

    /// - Parameters:
    ///   - within: sigma from within subgroups or from moving ranges.
    ///   - overall: the sample standard deviation of all values.
    /// - Returns: the indices that can be had; of a one-sided specification the index of that side as `cpk` and `ppk`.
    public init?(
        mean: Double, within: Double, overall: Double, lower: Double?, upper: Double?, target: Double? = nil
    ) {
        guard within > 0, overall > 0, mean.isFinite, lower != nil || upper != nil else { return nil }
        if let lower, let upper {
            guard lower < upper else { return nil }
            cp = (upper - lower) / (6 * within)
            pp = (upper - lower) / (6 * overall)
            if let target {
                let miss = mean - target
                cpm = (upper - lower) / (6 * (within * within + miss * miss).squareRoot())
            }
        }
        cpUpper = upper.map { ($0 - mean) / (3 * within) }
        cpLower = lower.map { (mean - $0) / (3 * within) }
        cpk = [cpUpper, cpLower].compactMap { $0 }.min()
        ppk = [upper.map { ($0 - mean) / (3 * overall) }, lower.map { (mean - $0) / (3 * overall) }].compactMap { $0 }
            .min()
    }

    /// The interval of Cp or Pp that was estimated with `degrees` of freedom (chi-squared; Montgomery, 8.3).
    public static func interval(of cp: Double, degrees: Double, confidence: Double = 0.95) -> ClosedRange<Double>? {
        guard cp >= 0, degrees >= 1, confidence > 0, confidence < 1 else { return nil }
        let law = ChiSquared(degrees: degrees)
        let tail = (1 - confidence) / 2
        let low = cp * (law.quantile(tail) / degrees).squareRoot()
        return low...max(low, cp * (law.quantile(1 - tail) / degrees).squareRoot())
    }

    /// The interval of Cpk or Ppk of `n` values (Bissell, Applied Statistics 39(3), 1990).
    public static func interval(ofCpk cpk: Double, n: Int, confidence: Double = 0.95) -> ClosedRange<Double>? {
        guard n > 1, confidence > 0, confidence < 1, cpk.isFinite else { return nil }
        let z = Normal.quantile(1 - (1 - confidence) / 2)
        let half = z * (1 / (9 * Double(n)) + cpk * cpk / (2 * Double(n - 1))).squareRoot()
        return (cpk - half)...(cpk + half)
    }
}
