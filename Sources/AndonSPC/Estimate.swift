#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A number worked out of a sample, and the two-sided interval that covers the true one with the confidence asked for.
public struct Estimate: Codable, Hashable, Sendable {
    public var value: Double
    public var lower: Double
    public var upper: Double

    public init(value: Double, lower: Double, upper: Double) {
        self.value = value
        self.lower = lower
        self.upper = upper
    }

    /// With an interval that is even on the scale of the logarithm, for a number above 0.
    ///
    /// - Parameter logVariance: of the logarithm of `value`.
    /// - Returns: nil where a bound is beyond the range of a number, and for a confidence outside 0 to 1.
    init?(value: Double, logVariance: Double, confidence: Double) {
        guard confidence > 0, confidence < 1 else { return nil }
        let width = exp(Normal.quantile(0.5 + confidence / 2) * logVariance.squareRoot())
        self.init(value: value, lower: value / width, upper: value * width)
        guard lower > 0, upper.isFinite else { return nil }
    }
}
