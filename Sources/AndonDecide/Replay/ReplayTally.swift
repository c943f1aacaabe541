import AndonModel

/// Orders counted by what they are and when they came.
public struct OrderTally: Sendable, Equatable {
    public private(set) var total = 0
    public private(set) var byClass: [String: Int] = [:]
    public private(set) var byAsset: [String: Int] = [:]
    public private(set) var byPriority: [Int: Int] = [:]
    public private(set) var byKind: [OrderKind: Int] = [:]
    /// By the hour in which they were raised: hours since 1970 on the plant's clock.
    private var byHour: [Int64: Int] = [:]
    private let clock: WallClock

    /// A `timeZone` that this machine does not know is taken as UTC.
    public init(timeZone: String) {
        clock = WallClock(identifier: timeZone) ?? .utc
    }

    mutating func count(asset: String, defectClass: String, priority: Int, kind: OrderKind, at time: Timestamp) {
        total += 1
        byClass[defectClass, default: 0] += 1
        byAsset[asset, default: 0] += 1
        byPriority[priority, default: 0] += 1
        byKind[kind, default: 0] += 1
        let seconds = Self.floored(time.microseconds, by: 1_000_000)
        byHour[Self.floored(clock.wall(at: seconds), by: 3600), default: 0] += 1
    }

    public mutating func count(_ order: PastOrder) {
        count(
            asset: order.asset, defectClass: order.defectClass, priority: order.priority, kind: order.kind,
            at: order.raisedAt)
    }

    /// Counts what another one has counted as well.
    mutating func add(_ other: OrderTally) {
        total += other.total
        byClass.merge(other.byClass, uniquingKeysWith: +)
        byAsset.merge(other.byAsset, uniquingKeysWith: +)
        byPriority.merge(other.byPriority, uniquingKeysWith: +)
        byKind.merge(other.byKind, uniquingKeysWith: +)
        byHour.merge(other.byHour, uniquingKeysWith: +)
    }

    /// A span of the plant's clock with the most orders.
    public struct Peak: Sendable, Equatable {
        /// `2026-11-24`, or `2026-11-24 14:00` of an hour.
        public var name: String
        public var orders: Int

        public init(name: String, orders: Int) {
            self.name = name
            self.orders = orders
        }
    }

    /// Nil without an order; of several, the first.
    public var busiestHour: Peak? {
        Self.peak(byHour).map { Peak(name: Self.text(hour: $0.key, digits: 16), orders: $0.value) }
    }

    public var busiestDay: Peak? {
        var days: [Int64: Int] = [:]
        for (hour, count) in byHour { days[Self.floored(hour, by: 24), default: 0] += count }
        return Self.peak(days).map { Peak(name: Self.text(hour: $0.key * 24, digits: 10), orders: $0.value) }
    }

    private static func peak(_ counts: [Int64: Int]) -> (key: Int64, value: Int)? {
        counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
    }

    private static func floored(_ value: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func text(hour: Int64, digits: Int) -> String {
        let text = Timestamp(microseconds: hour * 3_600_000_000).description
        return String(text.prefix(digits).map { $0 == "T" ? " " : $0 })
    }
}

/// What a replay counted.
public struct ReplayTally: Sendable {
    /// Detections of vision systems: by what really became of them, then by what the candidate says. In the order of
    /// the outcomes, in one row: a dictionary would cost more than the decision.
    private var cells = [Int](repeating: 0, count: Outcome.allCases.count * Outcome.allCases.count)
    /// Signals of the candidate's own charts.
    public private(set) var signals: [Outcome: Int] = [:]
    public internal(set) var raised: OrderTally
    /// Orders that were taken to be done after the usual time, because no real order said when.
    public internal(set) var assumedEnds = 0

    init(timeZone: String) {
        raised = OrderTally(timeZone: timeZone)
    }

    mutating func count(_ outcome: Outcome, really: Outcome?, isSignal: Bool) {
        if isSignal {
            signals[outcome, default: 0] += 1
        } else if let really {
            cells[really.place * Outcome.allCases.count + outcome.place] += 1
        }
    }

    /// Counts what another one has counted as well.
    mutating func add(_ other: ReplayTally) {
        for place in cells.indices { cells[place] += other.cells[place] }
        signals.merge(other.signals, uniquingKeysWith: +)
        raised.add(other.raised)
        assumedEnds += other.assumedEnds
    }

    /// How many of the detections that really had the one outcome have the other by the candidate.
    public func count(really: Outcome, candidate: Outcome) -> Int {
        cells[really.place * Outcome.allCases.count + candidate.place]
    }

    public var detections: Int { cells.reduce(0, +) }

    public func really(_ outcome: Outcome) -> Int {
        Outcome.allCases.reduce(0) { $0 + count(really: outcome, candidate: $1) }
    }

    public func candidate(_ outcome: Outcome) -> Int {
        Outcome.allCases.reduce(0) { $0 + count(really: $1, candidate: outcome) }
    }
}

extension Outcome {
    fileprivate var place: Int {
        switch self {
        case .raised: 0
        case .grouped: 1
        case .recorded: 2
        }
    }
}

/// How often each rule decided, with its place in the configuration written once for a stream and not each time.
struct RuleTally: Sendable {
    private struct Entry {
        var path: String
        var outcome: Outcome
        var count = 0
    }

    private var known = [Entry?](repeating: nil, count: Verdict.keys)
    /// Of verdicts whose place is not the same for all of a stream.
    private var others: [String: [Outcome: Int]] = [:]

    mutating func count(_ verdict: Verdict, in view: DetectionView) -> String {
        guard let key = verdict.key(in: view) else {
            let path = verdict.path(in: view)
            others[path, default: [:]][verdict.outcome, default: 0] += 1
            return path
        }
        known[key]?.count += 1
        if let path = known[key]?.path { return path }
        let path = verdict.path(in: view)
        known[key] = Entry(path: path, outcome: verdict.outcome, count: 1)
        return path
    }

    func add(to sum: inout [String: [Outcome: Int]]) {
        for case let entry? in known { sum[entry.path, default: [:]][entry.outcome, default: 0] += entry.count }
        for (path, counts) in others { sum[path, default: [:]].merge(counts, uniquingKeysWith: +) }
    }
}

extension Verdict {
    static let keys = 13

    /// The same number for the same place of the configuration, for one class on one asset; nil where the place
    /// depends on more.
    fileprivate func key(in view: DetectionView) -> Int? {
        switch self {
        case .below: view.confidence.passes ? 1 : 0
        case .joins: 2
        case .keptBeside: 3
        case .moreUrgent: 4
        case .cancelled: 5
        case .routine: 6
        case .tooFew: 7
        case .didNotHold: 8
        case .coolingDown: 9
        case .raised: view.severity.isCompared ? 10 : view.confidence.isCompared ? 11 : 12
        default: nil
        }
    }
}

extension DetectionView.Comparison {
    fileprivate var isCompared: Bool { value != nil && minimum != nil }
}
