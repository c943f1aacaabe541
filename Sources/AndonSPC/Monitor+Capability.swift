extension Monitor {
    /// How the process lies in the chart's specification, with what it rests on.
    public struct CapabilityStudy: Codable, Hashable, Sendable {
        public var capability: Capability
        /// Values since the limits came into force.
        public var count: Int
        public var mean: Double
        /// Sigma within subgroups, of the limits in force; and of all values.
        public var within: Double
        public var overall: Double
        /// Of 95 percent.
        public var cp: ClosedRange<Double>?
        public var cpk: ClosedRange<Double>?
        public var pp: ClosedRange<Double>?
        public var ppk: ClosedRange<Double>?
        /// The indices of a process that is out of control foretell nothing.
        public var isStable: Bool
    }

    /// - Returns: nil without a specification, in phase I, of charts whose points are not made of single values, and
    ///   for fewer than two values or values without scatter.
    public func capability(_ chart: Chart) -> CapabilityStudy? {
        guard let specification = chart.specification, let values = filling.measured, values.values > 1,
            let limits = location?.limits, let within = Self.within(limits, chart)
        else { return nil }
        let overall = values.standardDeviation
        guard
            let found = Capability(
                mean: values.mean, within: within, overall: overall, lower: specification.lower,
                upper: specification.upper, target: specification.target)
        else { return nil }
        let n = values.values
        // What the estimate from the baseline is worth: of k moving ranges of two about 0.62 (k - 1) degrees of
        // freedom, of k ranges about 0.9 k (n - 1) (Wheeler, Advanced Topics in Statistical Process Control, 1995).
        let baseline = Double(max(2, limits.baseline))
        let share = chart.dispersion == .range ? 0.9 : 1
        let degrees = chart.kind == .mean ? share * baseline * (limits.size - 1) : max(1, 0.62 * (baseline - 1))
        return CapabilityStudy(
            capability: found, count: n, mean: values.mean, within: within, overall: overall,
            cp: found.cp.flatMap { Capability.interval(of: $0, degrees: degrees) },
            cpk: found.cpk.flatMap { Capability.interval(ofCpk: $0, n: n) },
            pp: found.pp.flatMap { Capability.interval(of: $0, degrees: Double(n - 1)) },
            ppk: found.ppk.flatMap { Capability.interval(ofCpk: $0, n: n) }, isStable: outSince == nil)
    }

    /// Sigma of a single value.
    private static func within(_ limits: ChartLimits, _ chart: Chart) -> Double? {
        switch (chart.kind, chart.subgroup) {
        case (.individuals, .units(1)): limits.spread
        case (.mean, _): limits.spread * limits.size.squareRoot()
        default: nil
        }
    }

    mutating func measure(_ seen: Chart.Observation) {
        for value in seen.values where value.isFinite {
            filling.measured = filling.measured ?? SubgroupSum(began: seen.at)
            filling.measured?.measure(value)
        }
    }
}
