/// One stream of a chart from its first unit on: subgroups fill, a baseline makes the limits, and every later
/// subgroup is judged against them.
///
/// A value without a clock or a file: written down and read again it goes on bit for bit. Time and memory are
/// constant but for phase I, which keeps its baseline.
public struct Monitor: Codable, Hashable, Sendable {
    /// Points that were made, late ones among them; the number of the last one.
    public private(set) var count = 0
    /// Nil in phase I.
    public private(set) var location: ControlStream?
    /// The ranges, standard deviations or moving ranges beside it.
    public private(set) var dispersion: ControlStream?
    /// Since when the stream has been out of control without a break.
    public private(set) var outSince: Int64?
    /// The newest point in the order of time.
    public private(set) var last: Point?
    /// Number of the last point before the limits in force.
    public private(set) var limitsSince = 0
    /// What the next limits are called.
    private var nextVersion: Int
    private var gathered: [Gathered] = []
    private var ewma: EWMA?
    private var cusum: CUSUM?
    /// Changes with every unit; all else only when a point is made. Not part of the coded form: keep both.
    public var filling = Filling()

    /// What has come since the last point.
    public struct Filling: Codable, Hashable, Sendable {
        var open: SubgroupSum?
        /// A subgroup of an earlier span of time, whose units come late.
        var late: SubgroupSum?
        /// The values since the limits came into force, where there is a specification.
        var measured: SubgroupSum?
        /// g: good units since the last defective one. t and moving ranges: the last event or value.
        var carried: Double?

        public init() {}
    }

    private enum CodingKeys: String, CodingKey {
        case count, location, dispersion, outSince, last, limitsSince, nextVersion, gathered, ewma, cusum
    }

    private struct Gathered: Codable, Hashable, Sendable {
        var at: Int64
        var sample: Sample
        var dispersion: Double?
    }

    /// A subgroup that was closed.
    public struct Point: Codable, Hashable, Sendable {
        public var number: Int
        public var at: Int64
        public var sample: Sample
        /// Range or standard deviation of the subgroup, where the chart has it.
        public var spread: Double?
        /// Nil in phase I, and where nothing can be said.
        public var plotted: Plotted?
        public var dispersion: Plotted?
        /// By their names; empty in control.
        public var signals: [String]
        /// Numbers of the points that make the first signal.
        public var points: [Int]
        public var standing: ControlStream.Standing?
        public var since: Int64?
        public var limitsVersion: Int?
        public var isLate: Bool
    }

    /// Limits that were made of a baseline.
    public struct Frozen: Hashable, Sendable {
        public var version: Int
        public var location: ChartLimits
        public var dispersion: ChartLimits?
        public var baseline: [Sample]
        /// Positions in the baseline, from 0, of the points beyond the limits that they made: counted all the same,
        /// until a person leaves them out.
        public var beyond: [Int]
    }

    /// What an observation brought about.
    public struct Step: Hashable, Sendable {
        public var points: [Point] = []
        public var frozen: Frozen?
    }

    /// - Parameters:
    ///   - before: points that the stream had under another definition of its chart; numbers go on behind them.
    ///   - version: of its first limits.
    public init(_ chart: Chart, after before: Int = 0, version: Int = 1) {
        count = before
        nextVersion = version
        guard let given = chart.given else { return }
        takeInForce(given, dispersion: nil, version: version, chart)
    }

    public var isPhaseTwo: Bool { location != nil }
    /// Samples of the baseline so far.
    public var gatheredCount: Int { gathered.count }

    /// Counts an observation. Spans of time end when an observation behind them comes.
    ///
    /// Late observations: where subgroups are numbers of units, a unit belongs to the subgroup that is open when it
    /// arrives. Where they are spans of time, units of an earlier span make a subgroup of their own, which closes
    /// when another span's units come; it is judged by its limits alone, and no run goes on with it.
    public mutating func add(_ seen: Chart.Observation, to chart: Chart) -> Step {
        var step = Step()
        judge(by: chart)
        if chart.specification != nil { measure(seen) }
        guard seen.units.isFinite, seen.units >= 0, seen.defects >= 0, seen.defectiveUnits >= 0 else { return step }
        switch (chart.kind, chart.quantity) {
        case (.g, _): countGoodUnits(seen, chart, &step)
        case (.t, _): countTime(seen, chart, &step)
        default:
            switch chart.subgroup {
            case .time(let length): countInSpan(seen, length, chart, &step)
            case .units(let size): countUnits(seen, size, chart, &step)
            }
        }
        return step
    }

    /// Begins again behind a repair: what went before is another process. The limits stay; a baseline that is not
    /// whole yet begins anew.
    public mutating func restart() {
        gathered = []
        location?.restart()
        dispersion?.restart()
        cusum?.reset()
        ewma = ewma.flatMap { EWMA(target: 0, sigma: 1, lambda: $0.lambda, width: $0.width) }
        outSince = nil
        filling = Filling()
    }

    /// Puts limits in force that a person accepted. Runs begin anew: points against other limits are no run.
    public mutating func accept(
        _ limits: ChartLimits, dispersion companion: ChartLimits?, version: Int, of chart: Chart
    ) {
        takeInForce(limits, dispersion: companion, version: version, chart)
        gathered = []
    }

    private mutating func takeInForce(
        _ limits: ChartLimits, dispersion companion: ChartLimits?, version: Int, _ chart: Chart
    ) {
        location = ControlStream(limits, version: version, settings: chart.rules)
        dispersion = companion.map { ControlStream($0, version: version, settings: .rule1) }
        nextVersion = version + 1
        limitsSince = count
        (ewma, cusum, outSince, filling.measured) = (nil, nil, nil, nil)
        remember(chart)
    }

    /// Run rules and memory may change while the limits stay.
    private mutating func judge(by chart: Chart) {
        guard let location else { return }
        self.location?.judge(by: chart.rules)
        let own =
            ewma.map { Chart.Memory.ewma(lambda: $0.lambda, width: $0.width) }
            ?? cusum.map { Chart.Memory.cusum(allowance: $0.allowance, decision: $0.decision) }
        guard own != chart.memory, location.limitsVersion > 0 else { return }
        (ewma, cusum) = (nil, nil)
        remember(chart)
    }

    private mutating func remember(_ chart: Chart) {
        switch chart.memory {
        case .ewma(let lambda, let width): ewma = EWMA(target: 0, sigma: 1, lambda: lambda, width: width)
        case .cusum(let allowance, let decision): cusum = CUSUM(target: 0, allowance: allowance, decision: decision)
        case nil: break
        }
    }
}

// MARK: Filling subgroups

extension Monitor {
    /// A bulk count fills whole subgroups of np and c charts up to this many; the units beyond are not charted.
    static let splitMax = 1000

    private mutating func countUnits(_ seen: Chart.Observation, _ size: Int, _ chart: Chart, _ step: inout Step) {
        let size = Double(max(1, size))
        if chart.isMeasured {
            for value in seen.values where value.isFinite {
                filling.open = filling.open ?? SubgroupSum(began: seen.at)
                filling.open?.count(Chart.Observation(at: seen.at, units: 1, values: [value]))
                if let full = filling.open, Double(full.values) >= size { closeOpen(full, chart, &step) }
            }
            return
        }
        var rest = seen
        // np and c charts need samples of one size: what goes beyond opens the next one.
        var splits = 0
        while [.np, .c].contains(chart.kind), (filling.open?.units ?? 0) + rest.units > size, splits < Self.splitMax {
            var part = rest
            part.units = size - (filling.open?.units ?? 0)
            part.defectiveUnits = min(rest.defectiveUnits, part.units)
            rest = Chart.Observation(
                at: rest.at, units: rest.units - part.units, defectiveUnits: rest.defectiveUnits - part.defectiveUnits)
            fill(part, size, chart, &step)
            splits += 1
        }
        if [.np, .c].contains(chart.kind) { rest.units = min(rest.units, size - (filling.open?.units ?? 0)) }
        fill(rest, size, chart, &step)
    }

    private mutating func fill(_ seen: Chart.Observation, _ size: Double, _ chart: Chart, _ step: inout Step) {
        filling.open = filling.open ?? SubgroupSum(began: seen.at)
        filling.open?.count(seen)
        if let full = filling.open, full.units >= size { closeOpen(full, chart, &step) }
    }

    private mutating func countInSpan(_ seen: Chart.Observation, _ length: Int64, _ chart: Chart, _ step: inout Step) {
        let length = max(1, length)
        let began = seen.at - ((seen.at % length) + length) % length
        if let full = filling.open, began > full.began {
            if let behind = filling.late { closeLate(behind, chart, &step) }
            closeOpen(full, chart, &step)
        }
        if let current = filling.open, began < current.began {
            if let behind = filling.late, behind.began != began { closeLate(behind, chart, &step) }
            filling.late = filling.late ?? SubgroupSum(began: began)
            filling.late?.count(seen)
            return
        }
        filling.open = filling.open ?? SubgroupSum(began: began)
        filling.open?.count(seen)
    }

    private mutating func closeOpen(_ full: SubgroupSum, _ chart: Chart, _ step: inout Step) {
        filling.open = nil
        guard let (sample, dispersion) = Self.sample(of: full, chart) else { return }
        close(sample, dispersion: dispersion, at: full.newest, chart, &step)
    }

    private mutating func closeLate(_ behind: SubgroupSum, _ chart: Chart, _ step: inout Step) {
        filling.late = nil
        guard let (sample, dispersion) = Self.sample(of: behind, chart), isPhaseTwo else { return }
        close(sample, dispersion: dispersion, at: behind.newest, chart, &step)
    }

    /// - Returns: nil where nothing was inspected or measured, or too few values for a subgroup of this size.
    private static func sample(of sum: SubgroupSum, _ chart: Chart) -> (Sample, Double?)? {
        switch chart.kind {
        case .mean:
            guard case .units(let n) = chart.subgroup, sum.values == n else { return nil }
            return (
                Sample(sum.mean, of: Double(n)),
                chart.dispersion == .range ? sum.range : sum.standardDeviation
            )
        case .individuals where chart.isMeasured: return sum.values > 0 ? (Sample(sum.mean), nil) : nil
        case .individuals: return sum.units > 0 ? (Sample(sum.defects / sum.units), nil) : nil
        default:
            guard sum.units > 0 else { return nil }
            let counted = chart.quantity == .defectiveUnits ? min(sum.defectiveUnits, sum.units) : sum.defects
            return (Sample(counted, of: sum.units), nil)
        }
    }

    private mutating func countGoodUnits(_ seen: Chart.Observation, _ chart: Chart, _ step: inout Step) {
        let defective = Int(min(seen.defectiveUnits, Double(Self.splitMax)))
        filling.carried = (filling.carried ?? 0) + max(0, seen.units - seen.defectiveUnits)
        for _ in 0..<defective {
            close(Sample(filling.carried ?? 0), dispersion: nil, at: seen.at, chart, &step)
            filling.carried = 0
        }
    }

    /// Times are hours; two defects at one moment are one event.
    private mutating func countTime(_ seen: Chart.Observation, _ chart: Chart, _ step: inout Step) {
        guard seen.defects > 0 else { return }
        let hours = Double(seen.at) / 3.6e9
        defer { filling.carried = max(filling.carried ?? hours, hours) }
        guard let before = filling.carried, hours > before else { return }
        close(Sample(hours - before), dispersion: nil, at: seen.at, chart, &step)
    }
}

// MARK: Judging

extension Monitor {
    private mutating func close(
        _ sample: Sample, dispersion spread: Double?, at time: Int64, _ chart: Chart, _ step: inout Step
    ) {
        count += 1
        guard location != nil else {
            let point = Point(
                number: count, at: time, sample: sample, spread: spread, plotted: nil, dispersion: nil, signals: [],
                points: [],
                standing: nil, since: nil, limitsVersion: nil, isLate: false)
            last = point
            step.points.append(point)
            gather(Gathered(at: time, sample: sample, dispersion: spread), chart, &step)
            return
        }
        let point = judge(sample, spread, at: time, chart)
        if !point.isLate { last = point }
        step.points.append(point)
    }

    private mutating func judge(_ sample: Sample, _ spread: Double?, at time: Int64, _ chart: Chart) -> Point {
        var point = Point(
            number: count, at: time, sample: sample, spread: spread, plotted: nil, dispersion: nil, signals: [],
            points: [],
            standing: nil, since: nil, limitsVersion: location?.limitsVersion, isLate: false)
        guard let verdict = location?.add(sample, at: time) else { return point }
        point.plotted = verdict.plotted
        point.isLate = verdict.isLate
        point.signals = verdict.broken.names
        point.standing = verdict.standing
        if let rule = RunRule.all.first(where: { verdict.broken.contains($0.rule) })?.rule, let location {
            let ago = verdict.isLate ? [0] : location.rules.points(of: rule, location.settings)
            point.points = ago.reversed().map { count - $0 }
        }
        guard !verdict.isLate else { return point }
        if companion(sample, spread, at: time, chart, &point) { point.signals.append("dispersion-beyond-limits") }
        if remembers(verdict.plotted.z) { point.signals.append(ewma == nil ? "cusum" : "ewma") }
        if !point.signals.isEmpty, point.standing == .inControl {
            point.standing = point.signals == ["dispersion-beyond-limits"] ? .isolated : .shift
        }
        if point.points.isEmpty, !point.signals.isEmpty { point.points = [count] }
        outSince = point.signals.isEmpty ? nil : outSince ?? time
        point.since = outSince
        return point
    }

    /// Whether the range, standard deviation or moving range is beyond its limits.
    private mutating func companion(
        _ sample: Sample, _ spread: Double?, at time: Int64, _ chart: Chart, _ point: inout Point
    ) -> Bool {
        guard dispersion != nil else { return false }
        var value = spread
        if chart.kind == .individuals {
            value = filling.carried.map { abs(sample.value - $0) }
            filling.carried = sample.value
        }
        guard let value, let verdict = dispersion?.add(Sample(value, of: max(1, sample.size)), at: time) else {
            return false
        }
        point.dispersion = verdict.plotted
        return !verdict.broken.isEmpty
    }

    private mutating func remembers(_ z: Double) -> Bool {
        if let signal = ewma?.add(z) { return signal.isBeyond }
        if let cusum = cusum?.add(z) { return [.high, .low].contains(cusum) }
        return false
    }

    /// Phase I. A baseline without any scatter (no defect yet, a stuck sensor) makes no limits: it goes on, with its
    /// oldest sample left out, until there is some.
    private mutating func gather(_ sample: Gathered, _ chart: Chart, _ step: inout Step) {
        gathered.append(sample)
        guard gathered.count >= chart.baseline else { return }
        let samples = gathered.map(\.sample)
        guard let made = try? Self.limits(chart, samples, gathered.map(\.dispersion)),
            samples.contains(where: { made.location.plot($0) != nil })
        else {
            if gathered.count >= chart.baseline * 10 { gathered.removeFirst() }
            return
        }
        let version = nextVersion
        takeInForce(made.location, dispersion: made.dispersion, version: version, chart)
        if chart.kind == .individuals { filling.carried = samples.last?.value }
        step.frozen = Frozen(
            version: version, location: made.location, dispersion: made.dispersion, baseline: samples,
            beyond: samples.indices.filter { made.location.plot(samples[$0])?.isBeyond == true })
        gathered = []
    }

    /// Limits of a chart and its companion from samples of it.
    ///
    /// - Parameter dispersions: of `mean` charts, one a sample.
    public static func limits(
        _ chart: Chart, _ samples: [Sample], _ dispersions: [Double?], excluding excluded: Set<Int> = []
    ) throws(SPCError) -> (location: ChartLimits, dispersion: ChartLimits?) {
        switch chart.kind {
        case .mean:
            let found = try PhaseOne.limits(
                means: samples.map(\.value), dispersions: dispersions.map { $0 ?? .nan }, by: chart.dispersion,
                n: samples.first.map { Int($0.size) } ?? 0, excluding: excluded, width: chart.width)
            return (found.location, found.dispersion)
        case .individuals:
            let location = try PhaseOne.limits(.individuals, samples, excluding: excluded, width: chart.width)
            return (location, try PhaseOne.limits(.movingRange, samples, excluding: excluded, width: chart.width))
        default:
            return (try PhaseOne.limits(chart.kind, samples, excluding: excluded, width: chart.width), nil)
        }
    }
}
