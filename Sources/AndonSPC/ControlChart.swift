#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is plotted, and by which law its limits are made.
public enum ChartKind: String, Codable, CaseIterable, Sendable {
    /// Share of defective units, their number, defects, defects a unit; sizes may vary but for `np` and `c`.
    case p, np, c, u
    /// Laney's, for large samples whose counts scatter more than chance explains.
    case pPrime = "p-prime"
    case uPrime = "u-prime"
    /// Conforming units between two defects, and time between two defects.
    case g, t
    case individuals
    case movingRange = "moving-range"
    /// Means of subgroups, and their ranges or standard deviations.
    case mean, range
    case standardDeviation = "standard-deviation"

    /// Counts with few defects are far from normal: only these rules hold for them.
    public var rules: RunRule {
        switch self {
        case .individuals, .mean, .t: .nelson
        case .p, .np, .c, .u, .pPrime, .uPrime, .g, .range, .standardDeviation: .attribute
        // A spike stands in two moving ranges: runs of them mean nothing.
        case .movingRange: .beyond3
        }
    }
}

/// A subgroup as counted or measured.
public struct Sample: Codable, Hashable, Sendable {
    /// Defective units, defects, a measured value, a mean or a range, by the chart.
    public var value: Double
    /// Units looked at, or units of opportunity; 1 for measured values.
    public var size: Double

    public init(_ value: Double, of size: Double = 1) {
        self.value = value
        self.size = size
    }
}

/// A sample held against its limits.
public struct Plotted: Codable, Hashable, Sendable {
    public var value: Double
    public var centre: Double
    public var lower: Double
    public var upper: Double
    /// Distance from the centre in the point's own sigma.
    public var z: Double

    /// Strictly: a point on a limit is no signal.
    public var isBeyond: Bool { value > upper || value < lower }
}

/// Why limits cannot be made of a baseline.
public struct SPCError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// Limits of one chart, frozen once they are made.
public struct ChartLimits: Codable, Hashable, Sendable {
    public var kind: ChartKind
    /// In plotted units; of `t` in those of its transformation x^(1/3.6).
    public var centre: Double
    /// By kind: sigma of the plotted value; of `pPrime` and `uPrime` Laney's sigma_z; unused for p, np, c, u and g.
    public var spread: Double
    /// Of `np` the units of a sample, of the charts of subgroups their size; else 1.
    public var size: Double
    /// Half the width in sigma.
    public var width: Double
    /// Samples that the limits were made of.
    public var baseline: Int

    public init(
        kind: ChartKind, centre: Double, spread: Double = 1, size: Double = 1, width: Double = 3, baseline: Int = 0
    ) {
        self.kind = kind
        self.centre = centre
        self.spread = spread
        self.size = size
        self.width = width
        self.baseline = baseline
    }

    /// Nelson's exponent for times between events (Journal of Quality Technology 26(4), 1994).
    static let power = 1 / 3.6

    /// - Returns: nil where nothing can be said: an empty sample, a value that is no number, or limits without width.
    public func plot(_ sample: Sample) -> Plotted? {
        guard let value = value(of: sample), let sigma = sigma(size: sample.size), sigma > 0 else { return nil }
        let lower = centre - width * sigma
        let upper = centre + width * sigma
        let z = (value - centre) / sigma
        // Values near the end of the numbers have a sigma beyond it.
        guard lower.isFinite, upper.isFinite, z.isFinite else { return nil }
        let (floor, ceiling) = bounds
        guard kind != .t else {
            return Plotted(
                value: sample.value, centre: Self.time(centre), lower: Self.time(lower), upper: Self.time(upper),
                z: z)
        }
        return Plotted(
            value: value, centre: centre, lower: max(floor, lower), upper: min(ceiling, upper),
            z: z)
    }

    static func time(_ x: Double) -> Double { pow(max(0, x), 1 / power) }

    /// What a value of this kind cannot leave.
    var bounds: (Double, Double) {
        switch kind {
        case .individuals, .mean: (-.infinity, .infinity)
        case .p, .pPrime: (0, 1)
        default: (0, .infinity)
        }
    }

    /// The plotted value.
    func value(of sample: Sample) -> Double? {
        guard sample.value.isFinite, sample.size.isFinite, sample.size > 0 else { return nil }
        switch kind {
        case .p, .u, .pPrime, .uPrime: return sample.value / sample.size
        case .t: return sample.value > 0 ? pow(sample.value, Self.power) : nil
        default: return sample.value
        }
    }

    /// Sigma of a plotted value of a sample of `size`.
    func sigma(size: Double) -> Double? {
        guard size > 0 else { return nil }
        switch kind {
        case .p: return (centre * (1 - centre) / size).squareRoot()
        case .pPrime: return (centre * (1 - centre) / size).squareRoot() * spread
        case .u: return (centre / size).squareRoot()
        case .uPrime: return (centre / size).squareRoot() * spread
        case .np:
            let share = centre / self.size
            return (centre * (1 - share)).squareRoot()
        case .c: return centre.squareRoot()
        case .g: return (centre * (centre + 1)).squareRoot()
        default: return spread
        }
    }
}
