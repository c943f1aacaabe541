import AndonDecide
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC

/// Feeds a replay from the store: reports, counts and changes of orders, each in its turn.
///
/// It can go on where it stopped: a shadow's feed follows the live one for months.
struct HistoryFeed: Sendable {
    private var lanes: ReplayLanes
    private let windowsMax: (time: Duration?, parts: Int)
    let from: Timestamp
    private let context: History.Context
    /// The next report; from here on everything is new.
    private(set) var next: Int64
    private var lastFrame: Int64 = 0
    private var lastChange: Int64

    /// Stands at `from`: with the orders, windows and limits that were there at that moment.
    ///
    /// - Parameters:
    ///   - end: a replay that ends there is known to; the orders that ended before tell how long an order is open.
    ///   - processors: how many may decide side by side.
    init(
        rules: Rules, plant: Plant, from: Timestamp, to end: Timestamp, processors: Int = 1, _ reader: Reader
    ) throws {
        try reader.requireHistory()
        self.from = from
        next = try reader.firstReport(from: from)
        lastChange = try reader.lastChange(before: next)
        context = Self.context(rules.replayDepth)
        let assumed = Replay.OpenTimes(of: try reader.pastOrders(from: from < end ? from : nil, to: end))
        let starts = try Self.starts(rules.charts, at: from, reader)
        windowsMax = rules.windowsMax
        lanes = ReplayLanes(
            rules: rules, processors: processors,
            standing: try reader.ordersStanding(at: next, raisedBefore: from)
        ) { Replay(rules: rules, plant: plant, standing: $0, starts: starts, assumed: assumed) }
        try remember(before: end, reader)
    }

    private static func context(_ depth: ReplayDepth) -> History.Context {
        switch depth {
        case .detections: .none
        case .reports: .columns
        case .bodies:
            .bodies { try InspectionReader.forKept.read(Array($0.utf8)) }
        }
    }

    /// The newest limits of each stream whose chart has not changed its meaning since.
    private static func starts(_ charts: [Chart], at time: Timestamp, _ reader: Reader) throws -> [ChartStart] {
        var starts: [ChartStart] = []
        for chart in charts {
            let definition = Hex.sha256(chart.definition.canonicalBytes)
            var after = ""
            while true {
                let page = try reader.chartStreams(of: chart.name, after: after)
                for stream in page where stream.definition == definition {
                    let limits = try reader.chartLimits(chart.name, stream.stratum).last { $0.madeAt < time }
                    if let limits,
                        let start = ChartStart(
                            chart: chart.name, stratum: stream.stratum, version: limits.version,
                            document: limits.document)
                    {
                        starts.append(start)
                    }
                }
                guard let last = page.last else { break }
                after = "\(last.chart)|\(last.stratum)"
            }
        }
        return starts
    }

    /// Fills the windows with what came before. A report may come late, so the earliest detection of the period says
    /// how far back a window can reach.
    private mutating func remember(before end: Timestamp, _ reader: Reader) throws {
        let longest = windowsMax
        guard longest.time != nil || longest.parts > 0 else { return }
        let last = try from < end ? reader.firstReport(from: end) : reader.endOfReports()
        let earliest = try reader.earliestDetection(next..<max(next, last), receivedFrom: from)
        let since = longest.time.map { earliest - $0 }
        try reader.eachEarlierDetection(before: next, since: since, parts: longest.parts) { asset, detection, time in
            lanes.remember(detection, asset: asset, at: time)
        }
    }

    /// Goes on to what was received before `end`.
    mutating func advance(to end: Timestamp, _ reader: Reader) throws {
        let last = max(next, try reader.firstReport(from: end))
        try advance(next..<last, to: end, reader)
    }

    /// Goes on to all that is there.
    mutating func advance(_ reader: Reader) throws {
        let last = max(next, try reader.endOfReports())
        try advance(next..<last, to: Timestamp(microseconds: .max), reader)
    }

    private mutating func advance(_ range: Range<Int64>, to end: Timestamp, _ reader: Reader) throws {
        lanes.learn(try reader.pastSignals(range))
        var reports = try reader.pastReports(range, context)
        var frames = try reader.pastFrames(from: from, to: end, above: lastFrame)
        var changes = try reader.pastChanges(before: range.upperBound, above: lastChange)
        var (report, batch, change) = (try reports.next(), try frames.next(), try changes.next())
        try lanes.run { lanes in
            while true {
                let place = report?.seq ?? .max
                // What came behind a report comes before the next one. A batch that signals makes a report of its own,
                // so a change that came before it has the smaller place, or the same one.
                if let current = change, current.after < place, current.after <= batch?.after ?? .max {
                    lanes.take(current)
                    change = try changes.next()
                } else if let current = batch, current.after < place {
                    lanes.take(current)
                    batch = try frames.next()
                } else if let current = report {
                    lanes.take(current)
                    report = try reports.next()
                } else {
                    break
                }
            }
        }
        (next, lastFrame, lastChange) = (range.upperBound, frames.number, changes.number)
    }

    /// What the replay has found so far.
    var findings: ReplayFindings { lanes.findings }

    /// Looks at every decision of the replay; several processors speak at the same time.
    mutating func observe(_ observer: @escaping @Sendable (Replayed) -> Void) { lanes.observe(observer) }
}
