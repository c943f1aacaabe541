#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The ages at which one unit had its events, and the age up to which it was watched.
public struct RepairHistory: Codable, Hashable, Sendable {
    public var events: [Double]
    public var end: Double

    public init(events: [Double], end: Double) {
        self.events = events
        self.end = end
    }

    var isValid: Bool { end.isFinite && end >= 0 && events.allSatisfy { $0 >= 0 && $0 <= end } }
}

/// The mean number of events a unit has had by each age (Nelson, Recurrent Events Data Analysis for Product Repairs,
/// Disease Recurrences, and Other Applications, SIAM 2003).
public struct MeanCumulative: Codable, Hashable, Sendable {
    /// An age at which some unit had an event.
    public struct Step: Codable, Hashable, Sendable {
        public var age: Double
        /// Units whose watch ended at this age or later.
        public var atRisk: Int
        /// Of all units.
        public var events: Int
        /// Events of a unit by this age.
        public var mean: Double
        /// Of `mean`, for events that fall on the units at risk by chance: every event adds (1/r^2) sum (d - 1/r)^2,
        /// d = 1 for its unit and 0 for the others at risk, which is (r - 1)/r^3. Events at one age are added one after
        /// the other. The variance of the program `reliability`; it does not see that some units are worse than
        /// others.
        public var variance: Double
        /// Of `mean`, without that assumption: over the units the sum of squares of their own sums of
        /// (d - events/r)/r, so units that keep failing widen it (Lawless and Nadeau, Technometrics 37(2), 1995).
        public var robustVariance: Double
    }

    /// By rising age; empty without an event.
    public var steps: [Step]

    /// A unit counts as at risk while the end of its watch is at the age or after it. Its cost grows with the units
    /// times the ages.
    ///
    /// - Returns: nil for an age that is negative, no finite number or after the end of its unit's watch.
    public init?(_ units: [RepairHistory]) {
        guard units.allSatisfy(\.isValid) else { return nil }
        // Longest watched first, so that those at risk are always the first of the list.
        let ends = units.map(\.end).sorted(by: >)
        let order = units.indices.sorted { units[$0].end > units[$1].end }
        let events = order.indices
            .flatMap { unit in units[order[unit]].events.map { (age: $0, unit: unit) } }
            .sorted { $0.age < $1.age }
        steps = []
        var deviations = Array(repeating: 0.0, count: units.count)
        var atRisk = units.count
        var mean = 0.0
        var variance = 0.0
        var next = 0
        while next < events.count {
            let age = events[next].age
            let same = events[next...].prefix { $0.age == age }
            next += same.count
            while ends[atRisk - 1] < age { atRisk -= 1 }
            let size = Double(atRisk)
            let step = Double(same.count) / size
            mean += step
            variance += Double(same.count) * (size - 1) / (size * size * size)
            for unit in 0..<atRisk { deviations[unit] -= step / size }
            for event in same { deviations[event.unit] += 1 / size }
            steps.append(
                Step(
                    age: age, atRisk: atRisk, events: same.count, mean: mean, variance: variance,
                    robustVariance: deviations.reduce(0) { $0 + $1 * $1 }))
        }
    }

    /// Events of a unit by `age`; NaN for NaN. Beyond the last age watched it is only the last value known.
    public func mean(at age: Double) -> Double {
        guard !age.isNaN else { return .nan }
        return steps.last { $0.age <= age }?.mean ?? 0
    }
}

/// The failures of one repairable system since its start, to be asked whether they come faster or slower.
///
/// Ask that first: a mean time between failures means something only where there is no trend.
public struct FailureProcess: Codable, Hashable, Sendable {
    /// What ended the watch.
    public enum Ending: Codable, Hashable, Sendable {
        /// This time came.
        case time(Double)
        /// The last failure came.
        case failure
    }

    /// Cumulative operating time at each failure, rising.
    public let times: [Double]
    /// Operating time at the end of the watch, above 0.
    public let end: Double
    public let ending: Ending

    /// - Parameter times: in any order.
    /// - Returns: nil without a failure; for a time that is negative, no finite number or after the end; for an end that
    ///   is not above 0.
    public init?(times: [Double], ending: Ending) {
        let sorted = times.filter { $0.isFinite && $0 >= 0 }.sorted()
        guard let last = sorted.last, sorted.count == times.count else { return nil }
        switch ending {
        case .time(let time): end = time
        case .failure: end = last
        }
        guard end.isFinite, end > 0, last <= end else { return nil }
        self.times = sorted
        self.ending = ending
    }

    /// The failures whose times are free: one that ended the watch is at its end by definition.
    var free: ArraySlice<Double> { ending == .failure ? times.dropLast() : times[...] }

    /// Sum of ln(end / t).
    var logSum: Double { times.reduce(0) { $0 + logRatio(end, $1) } }
}

/// The power law process: N(t) failures are expected by t, N(t) = lambda t^beta (Crow, Reliability Analysis for Complex,
/// Repairable Systems, AMSAA Technical Report 138, 1975; MIL-HDBK-189C).
public struct CrowAMSAA: Codable, Hashable, Sendable {
    /// Maximum likelihood. Below 1 failures come slower and slower, above 1 faster.
    public var beta: Double
    /// nil for one failure, or for two that a failure ended.
    public var unbiasedBeta: Double?
    /// Maximum likelihood, in failures per time to the power of beta; nil where it is beyond the range of a number.
    public var lambda: Double?
    /// Mean time between failures at the end of the watch, were it to stay as it is then.
    public var mtbf: Double
    /// With the unbiased beta.
    public var unbiasedMTBF: Double?
    public var failures: Int
    /// Of the chi-squared that 2 failures beta(true) / beta is: two for each failure but one that ended the watch.
    public var degrees: Int

    /// - Returns: nil where beta has no value: a failure at 0, all failures at the end of the watch.
    public init?(_ process: FailureProcess) {
        let sum = process.logSum
        failures = process.times.count
        degrees = 2 * process.free.count
        let count = Double(failures)
        guard sum.isFinite, sum > 0 else { return nil }
        beta = count / sum
        mtbf = process.end / (count * beta)
        guard beta.isFinite, mtbf.isFinite, mtbf > 0 else { return nil }
        let scale = count / pow(process.end, beta)
        lambda = scale.isFinite && scale > 0 ? scale : nil
        let corrected = process.ending == .failure ? count - 2 : count - 1
        guard corrected > 0 else { return }
        let unbiased = corrected / sum
        let life = process.end / (count * unbiased)
        guard unbiased.isFinite, life.isFinite else { return }
        unbiasedBeta = unbiased
        unbiasedMTBF = life
    }

    /// Beta with its exact interval from chi-squared (MIL-HDBK-189C, of one system, ended by time or by a failure). An
    /// interval that holds 1 shows no trend.
    ///
    /// - Parameter confidence: two-sided.
    /// - Returns: nil for a confidence outside 0 to 1, and where the upper bound is beyond the range of a number.
    public func betaEstimate(confidence: Double) -> Estimate? {
        guard confidence > 0, confidence < 1 else { return nil }
        let law = ChiSquared(degrees: Double(degrees))
        let unit = beta / (2 * Double(failures))
        let upper = unit * law.quantile(0.5 + confidence / 2)
        guard upper.isFinite else { return nil }
        return Estimate(value: beta, lower: unit * law.quantile(0.5 - confidence / 2), upper: upper)
    }
}

/// Laplace's test of a constant rate against one that rises or falls exponentially (Cox and Lewis, The Statistical
/// Analysis of Series of Events, 1966).
public struct Laplace: Codable, Hashable, Sendable {
    /// About standard normal for a constant rate; above 0 failures come faster, below 0 slower.
    public var u: Double
    /// Two-sided.
    public var p: Double

    /// - Returns: nil for a single failure that ended the watch.
    public init?(_ process: FailureProcess) {
        let free = process.free
        guard !free.isEmpty else { return nil }
        let count = Double(free.count)
        u = (free.reduce(0) { $0 + $1 / process.end } - count / 2) / (count / 12).squareRoot()
        p = 2 * Normal.cumulative(-abs(u))
    }
}

/// The test of MIL-HDBK-189 of a constant rate against the power law: 2 sum ln(end / t) is chi-squared.
public struct PowerLawTest: Codable, Hashable, Sendable {
    public var statistic: Double
    /// Two for each failure but one that ended the watch.
    public var degrees: Int
    /// P(chi-squared > statistic): near 0 failures come slower, near 1 faster. To about 1e-13, absolute.
    public var upperTail: Double

    /// - Returns: nil for a failure at 0 and for a single failure that ended the watch.
    public init?(_ process: FailureProcess) {
        degrees = 2 * process.free.count
        statistic = 2 * process.logSum
        guard degrees > 0, statistic.isFinite else { return nil }
        upperTail = min(1, max(0, 1 - ChiSquared(degrees: Double(degrees)).cumulative(statistic)))
    }
}
