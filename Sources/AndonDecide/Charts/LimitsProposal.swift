import AndonModel
import AndonSPC

/// Limits that the newest points would make, and why they are offered to a person. Nothing puts them in force by itself.
public struct LimitsProposal: Hashable, Sendable {
    /// Numbers of the points that they are made of.
    public var first: Int
    public var last: Int
    public var location: ChartLimits
    public var dispersion: ChartLimits?
    public var reason: String

    public init(first: Int, last: Int, location: ChartLimits, dispersion: ChartLimits?, reason: String) {
        self.first = first
        self.last = last
        self.location = location
        self.dispersion = dispersion
        self.reason = reason
    }

    public var json: JSON {
        .object(present: [
            "from": .integer(first), "to": .integer(last), "location": location.json, "dispersion": dispersion?.json,
            "reason": .string(reason),
        ])
    }
}

/// A kept point as far as limits are made of it.
public struct ChartSample: Hashable, Sendable {
    public var number: Int
    public var sample: Sample
    /// Range or standard deviation of the subgroup.
    public var spread: Double?
    /// Distance from the centre line in force.
    public var z: Double?

    public init(number: Int, sample: Sample, spread: Double?, z: Double?) {
        self.number = number
        self.sample = sample
        self.spread = spread
        self.z = z
    }
}

extension LimitsProposal {
    /// Whether the limits in force still describe the newest points: their standardised distances have mean 0 and
    /// variance 1 when they do. Asked at the tail areas of three sigma: the mean by the normal law, the variance by
    /// chi-squared.
    ///
    /// - Parameter points: of phase II, in the order of time.
    /// - Returns: nil while they do, and when no limits can be made of the points.
    public init?(_ chart: Chart, points: [ChartSample]) {
        let z = points.compactMap(\.z)
        guard z.count == points.count, z.count > 2, let first = points.first, let last = points.last else { return nil }
        let n = Double(z.count)
        let mean = z.reduce(0, +) / n
        let variance = z.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        let law = ChiSquared(degrees: n - 1)
        var doubts: [String] = []
        func text(_ value: Double) -> String { JSON.ecmaScriptText(of: (value * 100).rounded() / 100) }
        if abs(mean) * n.squareRoot() > 3 { doubts.append("their mean lies \(text(mean)) sigma from the centre line") }
        if (n - 1) * variance < law.quantile(0.00135) || (n - 1) * variance > law.quantile(0.99865) {
            doubts.append("their scatter is \(text(variance.squareRoot())) times that of the limits")
        }
        guard !doubts.isEmpty, let made = try? Monitor.limits(chart, points.map(\.sample), points.map(\.spread)),
            points.contains(where: { made.location.plot($0.sample) != nil })
        else { return nil }
        self.init(
            first: first.number, last: last.number, location: made.location, dispersion: made.dispersion,
            reason: "the points \(first.number) to \(last.number) fit the limits in force no more: "
                + doubts.joined(separator: " and "))
    }
}

extension ChartLimits {
    /// As they are kept and shown.
    public var json: JSON {
        [
            "kind": .string(kind.rawValue), "centre": .number(centre), "spread": .number(spread),
            "size": .number(size), "width": .number(width), "baseline": .integer(baseline),
        ]
    }
}
