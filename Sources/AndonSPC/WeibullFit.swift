#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Weibull's distribution fitted to right-censored lives, and how far its numbers may be off.
///
/// The variances are the inverse of the observed information of (log shape, log scale): with u = shape ln(t / scale) of
/// each life and d failures, sum u^2 exp u + d, -shape sum u exp u and shape^2 d (Meeker and Escobar, Statistical Methods
/// for Reliability Data, 1998, section 8.4; Lawless, Statistical Models and Methods for Lifetime Data, 2nd edition,
/// section 5.2). Intervals are even on the scale of the logarithm. With fewer than some ten failures they are too narrow.
public struct WeibullFit: Codable, Hashable, Sendable {
    public var weibull: Weibull
    /// Lives, and those of them that failed.
    public var count: Int
    public var failures: Int
    /// Of log shape; its root is the relative standard error of the shape.
    public var shapeVariance: Double
    /// Of log scale.
    public var scaleVariance: Double
    /// Of log shape and log scale.
    public var covariance: Double

    /// Maximum likelihood.
    ///
    /// - Returns: nil where the likelihood has no maximum, as `Weibull(fitting:)` says.
    public init?(_ lives: [Lifetime]) {
        guard let rows = LifeTable.rows(of: lives) else { return nil }
        self.init(rows)
    }

    /// The fit to the times as the table has rounded them.
    public init?(_ table: LifeTable) { self.init(table.rows) }

    private init?(_ rows: [LifeTable.Row]) {
        guard let weibull = Weibull(fitting: rows) else { return nil }
        self.weibull = weibull
        count = rows.reduce(0) { $0 + $1.count }
        failures = rows.reduce(0) { $0 + $1.events }
        var first = 0.0
        var second = 0.0
        for row in rows where row.time > 0 {
            let u = weibull.shape * logRatio(row.time, weibull.scale)
            let hazard = Double(row.count) * exp(u)
            first += hazard * u
            second += hazard * u * u
        }
        let shape = weibull.shape
        let events = Double(failures)
        let determinant = events * (second + events) - first * first
        shapeVariance = events / determinant
        scaleVariance = (second + events) / (shape * shape * determinant)
        covariance = first / (shape * determinant)
        guard shapeVariance > 0, shapeVariance.isFinite, scaleVariance.isFinite, covariance.isFinite else { return nil }
    }

    /// - Parameter confidence: two-sided.
    /// - Returns: nil for a confidence outside 0 to 1, and where a bound is beyond the range of a number.
    public func shape(confidence: Double) -> Estimate? {
        Estimate(value: weibull.shape, logVariance: shapeVariance, confidence: confidence)
    }

    /// - Parameter confidence: two-sided.
    /// - Returns: nil for a confidence outside 0 to 1, and where a bound is beyond the range of a number.
    public func scale(confidence: Double) -> Estimate? {
        Estimate(value: weibull.scale, logVariance: scaleVariance, confidence: confidence)
    }

    /// The time by which the share `p` has failed.
    ///
    /// - Parameter confidence: two-sided.
    /// - Returns: nil for a share or a confidence outside 0 to 1, and where a bound is beyond the range of a number.
    public func quantile(_ p: Double, confidence: Double) -> Estimate? {
        guard p > 0, p < 1 else { return nil }
        // log t = log scale + log(-log(1 - p)) / shape.
        let slope = log(-log1p(-p)) / weibull.shape
        let variance = scaleVariance + slope * (slope * shapeVariance - 2 * covariance)
        return Estimate(value: weibull.quantile(p), logVariance: max(0, variance), confidence: confidence)
    }
}
