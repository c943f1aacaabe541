/// A process against frozen limits (phase II): one stream of samples, in constant time and memory.
///
/// The whole state is a value: written down and read again it goes on bit for bit.
public struct ControlStream: Codable, Hashable, Sendable {
    /// Names these limits wherever a verdict is kept; a recomputation has another one.
    public var limitsVersion: Int
    public var limits: ChartLimits
    public var settings: RunRuleSettings
    public private(set) var rules = RunRules()
    /// The place in time of the newest sample that was judged; in whatever unit the caller counts.
    public private(set) var newest: Int64?
    /// Since when the stream has been out of control without a break.
    public private(set) var outSince: Int64?

    /// - Parameter settings: rules that do not hold for the kind of chart are left out.
    public init(_ limits: ChartLimits, version: Int, settings: RunRuleSettings = .rule1) {
        self.limits = limits
        limitsVersion = version
        self.settings = settings
        self.settings.rules.formIntersection(limits.kind.rules)
    }

    /// Where a sample stands against the process.
    public enum Standing: String, Codable, Sendable {
        /// Inside the limits, with no rule broken.
        case inControl = "in-control"
        /// Beyond the limits, alone.
        case isolated
        /// Part of a run on one side, or of points that gather there.
        case shift
        /// Part of a steady rise or fall.
        case trend
        /// Another pattern: alternation, hugging, mixture.
        case pattern
    }

    /// Takes other run rules from the next sample on. Runs go on: they are made of points, not of rules.
    mutating func judge(by settings: RunRuleSettings) {
        self.settings = settings
        self.settings.rules.formIntersection(limits.kind.rules)
    }

    public struct Verdict: Codable, Hashable, Sendable {
        public var plotted: Plotted
        public var broken: RunRule
        public var standing: Standing
        public var limitsVersion: Int
        /// Since when the stream has been out of control; nil while it is in control.
        public var since: Int64?
        /// It came after a newer one: judged by its limits alone, and no run goes on with it.
        public var isLate: Bool
    }

    /// Judges a sample.
    ///
    /// A sample older than the newest is late. Runs are made of samples in the order of time, and what was said of them
    /// is already in orders: a late one is judged against the limits alone, and changes nothing.
    ///
    /// - Returns: nil where nothing can be said (nothing inspected, no number, limits without width); the stream stays
    ///   as it was.
    public mutating func add(_ sample: Sample, at time: Int64) -> Verdict? {
        guard let plotted = limits.plot(sample) else { return nil }
        if let newest, time < newest {
            let broken: RunRule = plotted.isBeyond ? settings.rules.intersection(.beyond3) : []
            return Verdict(
                plotted: plotted, broken: broken, standing: broken.isEmpty ? .inControl : .isolated,
                limitsVersion: limitsVersion, since: nil, isLate: true)
        }
        newest = time
        var broken = rules.add(plotted.value, z: plotted.z, settings)
        // Clipped or transformed limits decide, and a width other than three: z alone does not know them.
        if settings.rules.contains(.beyond3) {
            if plotted.isBeyond { broken.insert(.beyond3) } else { broken.remove(.beyond3) }
        }
        outSince = broken.isEmpty ? nil : outSince ?? time
        return Verdict(
            plotted: plotted, broken: broken, standing: Self.standing(broken), limitsVersion: limitsVersion,
            since: outSince, isLate: false)
    }

    static func standing(_ broken: RunRule) -> Standing {
        if broken.isEmpty { return .inControl }
        if broken.contains(.trend) { return .trend }
        if !broken.isDisjoint(with: [.side, .twoOfThree, .fourOfFive]) { return .shift }
        return broken == .beyond3 ? .isolated : .pattern
    }

    /// Begins again behind a repair: what went before it is another process. The limits stay.
    public mutating func restart() {
        rules = RunRules()
        outSince = nil
    }
}
