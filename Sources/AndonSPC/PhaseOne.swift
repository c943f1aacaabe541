#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Limits from a baseline (phase I). Points with an assignable cause are left out and named.
public enum PhaseOne {
    /// - Parameters:
    ///   - samples: in the order of time. Of `movingRange` the values themselves.
    ///   - excluded: indices, from 0, that are not counted. Differences go from one counted sample to the next.
    /// - Throws: what is missing, in words.
    public static func limits(
        _ kind: ChartKind, _ samples: [Sample], excluding excluded: Set<Int> = [], width: Double = 3
    ) throws(SPCError) -> ChartLimits {
        let used = samples.enumerated().filter { !excluded.contains($0.offset) }.map(\.element)
            .filter { $0.value.isFinite && $0.size.isFinite && $0.size > 0 }
        guard !used.isEmpty else { throw SPCError("there is no sample to make limits of") }
        var limits = ChartLimits(kind: kind, centre: 0, width: width, baseline: used.count)
        switch kind {
        case .p, .u, .pPrime, .uPrime:
            limits.centre = sum(used.map(\.value)) / sum(used.map(\.size))
            if kind == .p || kind == .pPrime, used.contains(where: { $0.value > $0.size || $0.value < 0 }) {
                throw SPCError("a sample has more defective units than units")
            }
            if kind == .pPrime || kind == .uPrime { limits.spread = try laney(used, limits) }
        case .np:
            guard Set(used.map(\.size)).count == 1 else {
                throw SPCError("an np chart needs samples of one size; take a p chart")
            }
            limits.size = used[0].size
            limits.centre = mean(used.map(\.value))
        case .c:
            guard Set(used.map(\.size)).count == 1 else {
                throw SPCError("a c chart needs one area of opportunity; take a u chart")
            }
            limits.centre = mean(used.map(\.value))
        case .g: limits.centre = mean(used.map(\.value))
        case .t: (limits.centre, limits.spread) = try individuals(used.map { pow(max(0, $0.value), ChartLimits.power) })
        case .individuals: (limits.centre, limits.spread) = try individuals(used.map(\.value))
        case .movingRange:
            let sigma = try individuals(used.map(\.value)).sigma
            limits.centre = sigma * ControlConstants.ofTwo.d2
            limits.spread = sigma * ControlConstants.ofTwo.d3
        case .mean, .range, .standardDeviation:
            throw SPCError("a chart of subgroups is made from means with ranges or standard deviations")
        }
        return limits
    }

    private static func individuals(_ values: [Double]) throws(SPCError) -> (centre: Double, sigma: Double) {
        guard values.count > 1 else { throw SPCError("a moving range needs two values") }
        let steps = zip(values.dropFirst(), values).map { abs($0 - $1) }
        return (mean(values), mean(steps) / ControlConstants.ofTwo.d2)
    }

    /// The scatter of standardised values, from their moving ranges (Laney, Quality Engineering 14(4), 2002).
    private static func laney(_ samples: [Sample], _ limits: ChartLimits) throws(SPCError) -> Double {
        guard samples.count > 1 else { throw SPCError("Laney's charts need two samples") }
        let standardised = samples.map { sample in
            limits.sigma(size: sample.size).map { (sample.value / sample.size - limits.centre) / $0 } ?? 0
        }
        guard standardised.allSatisfy(\.isFinite) else { return 1 }
        return try individuals(standardised).sigma
    }

    /// Where the dispersion within subgroups comes from.
    public enum Dispersion: String, Codable, Sendable {
        case range, standardDeviation
    }

    /// The two charts of subgroups.
    public struct SubgroupLimits: Codable, Hashable, Sendable {
        public var location: ChartLimits
        public var dispersion: ChartLimits
        /// Of a single value, from within the subgroups.
        public var sigma: Double
    }

    /// - Parameters:
    ///   - means, dispersions: of each subgroup, in the order of time.
    ///   - n: values of a subgroup, 2...1000.
    public static func limits(
        means: [Double], dispersions: [Double], by dispersion: Dispersion, n: Int, excluding excluded: Set<Int> = [],
        width: Double = 3
    ) throws(SPCError) -> SubgroupLimits {
        guard let constants = ControlConstants(n) else { throw SPCError("a subgroup has 2 to 1000 values, not \(n)") }
        guard means.count == dispersions.count else { throw SPCError("there are not as many means as dispersions") }
        let used = means.indices.filter {
            !excluded.contains($0) && means[$0].isFinite && dispersions[$0].isFinite
        }
        guard !used.isEmpty else { throw SPCError("there is no subgroup to make limits of") }
        let centre = mean(used.map { means[$0] })
        let average = mean(used.map { dispersions[$0] })
        let sigma = average / (dispersion == .range ? constants.d2 : constants.c4)
        let own = dispersion == .range ? constants.d3 : (1 - constants.c4 * constants.c4).squareRoot()
        return SubgroupLimits(
            location: ChartLimits(
                kind: .mean, centre: centre, spread: sigma / Double(n).squareRoot(), size: Double(n), width: width,
                baseline: used.count),
            dispersion: ChartLimits(
                kind: dispersion == .range ? .range : .standardDeviation, centre: average, spread: sigma * own,
                size: Double(n), width: width, baseline: used.count), sigma: sigma)
    }

    /// A point that was left out, and why.
    public struct Exclusion: Codable, Hashable, Sendable {
        public var index: Int
        public var reason: String

        public init(index: Int, reason: String) {
            self.index = index
            self.reason = reason
        }
    }

    /// Limits made again without the points beyond them until none is left, as far as a person asked for it.
    ///
    /// - Parameters:
    ///   - excluded: those that a person has left out already, with the reasons.
    ///   - roundsMax: how often limits may be made again.
    /// - Returns: the limits and all that was left out.
    public static func revised(
        _ kind: ChartKind, _ samples: [Sample], excluding excluded: [Exclusion] = [], roundsMax: Int = 10
    ) throws(SPCError) -> (limits: ChartLimits, excluded: [Exclusion]) {
        try revised(
            samples, excluding: excluded, roundsMax: max(1, roundsMax), location: { $0 },
            making: { (left: Set<Int>) throws(SPCError) in try limits(kind, samples, excluding: left) })
    }

    /// The same for limits of any form.
    ///
    /// - Parameters:
    ///   - roundsMax: 0 makes them once.
    ///   - location: those of them that the samples are held against.
    ///   - make: limits without the samples at these indices.
    public static func revised<Limits>(
        _ samples: [Sample], excluding excluded: [Exclusion], roundsMax: Int, location: (Limits) -> ChartLimits,
        making make: (Set<Int>) throws(SPCError) -> Limits
    ) throws(SPCError) -> (limits: Limits, excluded: [Exclusion]) {
        var out = excluded
        var limits = try make(Set(out.map(\.index)))
        for round in 0..<max(0, roundsMax) {
            let known = Set(out.map(\.index))
            let frozen = location(limits)
            let beyond = samples.indices.filter { !known.contains($0) && frozen.plot(samples[$0])?.isBeyond == true }
            // Half of a baseline and more is no outlier: it is another process.
            guard !beyond.isEmpty, (known.count + beyond.count) * 2 < samples.count else { break }
            out += beyond.map { Exclusion(index: $0, reason: "beyond the limits of round \(round + 1)") }
            limits = try make(Set(out.map(\.index)))
        }
        return (limits, out)
    }

    /// Which chart suits counts like these.
    ///
    /// - Returns: another kind with the reason, or nil when `kind` is right.
    public static func advice(on kind: ChartKind, _ samples: [Sample]) -> (kind: ChartKind, reason: String)? {
        let size = sum(samples.map(\.size))
        guard size > 0, let smallest = samples.map(\.size).min() else { return nil }
        let rate = sum(samples.map(\.value)) / size
        let sizes = Set(samples.map(\.size)).count
        switch kind {
        case .np where sizes > 1: return (.p, "sample sizes differ")
        case .c where sizes > 1: return (.u, "areas of opportunity differ")
        case .p, .np, .u, .c:
            if rate < 0.001 { return (.g, "defects are rarer than one in a thousand") }
            if smallest > 2000 {
                return (kind == .p || kind == .np ? .pPrime : .uPrime, "samples of thousands flood a plain chart")
            }
            return nil
        default: return nil
        }
    }

    static func sum(_ values: [Double]) -> Double { values.reduce(0, +) }
    static func mean(_ values: [Double]) -> Double { sum(values) / Double(values.count) }
}
