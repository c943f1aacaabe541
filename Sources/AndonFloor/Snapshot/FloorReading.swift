import AndonLedger
import AndonModel

/// Follows the store: read as a whole once, then only what is new. After any number of steps it is what a whole read would
/// be.
///
/// Detections and points of charts are only ever added, so the rows behind the last one seen are what is new. Orders,
/// queues and alarms change in place, but nothing happens to them without an entry of the ledger in the same transaction:
/// the entries behind the last one seen name them. What only time changes (a detection leaves its window) is known
/// beforehand by the oldest of each window.
public struct FloorReading: Sendable {
    public private(set) var snapshot: PlantSnapshot
    /// By asset, by class; of every asset that was ever seen, whether or not the plant has it.
    private var counts: [String: [String: DetectionCount]] = [:]
    private var newest: [String: SeenDetection] = [:]
    private var open: [String: OrderLine] = [:]
    private var openByAsset: [String: Set<String>] = [:]
    private var waiting: Set<String> = []
    private var dead: Set<String> = []
    private var points: [StreamKey: StreamPoint] = [:]
    private var backlogs: [String: Backlog] = [:]
    /// Connectors that an alarm of ours says are out of reach.
    private var unreachable: Set<String> = []
    private var place = Place()
    /// What was read and is not shown yet.
    private var newPoints: Set<StreamKey> = []
    private var hasNewOrders = true
    private var shownCharts: [String] = []

    /// Up to where the store was read.
    private struct Place {
        var detection: Int64 = 0
        var report: Int64 = 0
        var entry: Int64 = 0
        var point: Int64 = 0
    }

    static let day: Duration = .seconds(86_400)
    static let month: Duration = .seconds(30 * 86_400)
    /// Rows that are read at a time.
    private static let page = 2000
    /// An error of the longest waiting thing that is older than this means that the connector is down.
    static let patience: Duration = .seconds(60)
    /// Streams that are shown at most.
    public static let streamsMax = 5000
    /// Alarms that say that a connector does not get through.
    private static let connectorAlarms: Set<String> = ["credentials", "poll-failed"]

    /// Reads everything.
    public init(_ reader: Reader, _ view: FloorView, now: Timestamp) throws {
        snapshot = PlantSnapshot(at: now)
        place.detection = try reader.lastDetectionRow()
        place.entry = try reader.ledgerHead().size
        place.point = try reader.lastPointRow()
        try readDetections(reader, now)
        try readOrders(reader)
        for point in try reader.newestStreamPoints() { take(point) }
        try readQueues(reader, view)
        try readAlarms(reader)
        var changes = FloorChanges()
        show(view, &changes, now: now)
        snapshot.assets = Dictionary(
            uniqueKeysWithValues: view.plant.assets.keys.map { ($0, state(of: $0)) })
    }

    /// Reads what is new.
    public mutating func advance(_ reader: Reader, _ view: FloorView, now: Timestamp) throws -> FloorChanges {
        var changes = FloorChanges()
        let before = snapshot
        snapshot.at = now
        try followDetections(reader, now, &changes)
        try expire(reader, now, &changes)
        let marks = try newMarks(reader)
        try followOrders(reader, marks, &changes)
        try followPoints(reader, &changes)
        if !marks.isEmpty || backlogs.count != view.connectors.count { try readQueues(reader, view) }
        if marks.contains(where: { $0.kind.hasPrefix("alarm.") }) { try readAlarms(reader) }
        for asset in Set(view.plant.assets.keys).symmetricDifference(snapshot.assets.keys) {
            changes.assets.insert(asset)
        }
        for asset in changes.assets {
            snapshot.assets[asset] = view.plant.assets[asset].map { _ in state(of: asset) }
        }
        changes.assets = changes.assets.filter { before.assets[$0] != snapshot.assets[$0] }
        show(view, &changes, now: now)
        changes.assets.formUnion(
            changes.streams.compactMap { (snapshot.streams[$0] ?? before.streams[$0])?.asset }
                .filter { snapshot.assets[$0] != nil })
        changes.hasTotals = before.totals != snapshot.totals
        changes.hasOrders = before.orders != snapshot.orders || before.openOrders != snapshot.openOrders
        return changes
    }
}

// MARK: Detections

extension FloorReading {
    private mutating func readDetections(_ reader: Reader, _ now: Timestamp) throws {
        var newestRows: [String: Int64] = [:]
        for count in try reader.detectionCounts(day: now - Self.day, month: now - Self.month) {
            counts[count.asset, default: [:]][count.defectClass] = count
            newestRows[count.asset] = max(newestRows[count.asset] ?? 0, count.newest)
        }
        for (asset, row) in newestRows { newest[asset] = try reader.seenDetection(row: row) }
        let totals = try reader.flowTotals()
        snapshot.totals.inspections = totals.inspections
        snapshot.totals.recorded = totals.outcomes[.recorded] ?? 0
        snapshot.totals.grouped = totals.outcomes[.grouped] ?? 0
        snapshot.totals.raised = totals.outcomes[.raised] ?? 0
        place.report = try reader.reports(after: 0).last
    }

    private mutating func followDetections(
        _ reader: Reader, _ now: Timestamp, _ changes: inout FloorChanges
    ) throws {
        let reports = try reader.reports(after: place.report)
        snapshot.totals.inspections += reports.count
        place.report = reports.last
        while true {
            let (detections, row) = try reader.seenDetections(after: place.detection, limit: Self.page)
            place.detection = row
            for detection in detections { count(detection, now, &changes) }
            changes.detections = Array((changes.detections + detections).suffix(FloorChanges.eventsMax))
            if detections.count < Self.page { return }
        }
    }

    private mutating func count(_ seen: SeenDetection, _ now: Timestamp, _ changes: inout FloorChanges) {
        changes.assets.insert(seen.asset)
        newest[seen.asset] = seen
        switch seen.outcome {
        case .recorded: snapshot.totals.recorded += 1
        case .grouped: snapshot.totals.grouped += 1
        case .raised: snapshot.totals.raised += 1
        }
        var kept =
            counts[seen.asset]?[seen.defectClass]
            ?? DetectionCount(
                asset: seen.asset, defectClass: seen.defectClass, day: .init(), month: .init(), newest: place.detection)
        kept.newest = place.detection
        kept.day.add(seen.detectedAt, after: now - Self.day)
        kept.month.add(seen.detectedAt, after: now - Self.month)
        counts[seen.asset, default: [:]][seen.defectClass] = kept
    }

    /// Counts anew where the oldest of a window has left it.
    private mutating func expire(_ reader: Reader, _ now: Timestamp, _ changes: inout FloorChanges) throws {
        let (day, month) = (now - Self.day, now - Self.month)
        for (asset, classes) in counts {
            for (name, count) in classes where count.isBehind(day: day, month: month) {
                var fresh = count
                if count.day.isBehind(day) {
                    fresh.day = try reader.detectionWindow(asset: asset, defectClass: name, after: day)
                }
                if count.month.isBehind(month) {
                    fresh.month = try reader.detectionWindow(asset: asset, defectClass: name, after: month)
                }
                counts[asset]?[name] = fresh
                changes.assets.insert(asset)
            }
        }
    }

    private func state(of asset: String) -> AssetState {
        var state = AssetState()
        let classes = counts[asset] ?? [:]
        state.last = newest[asset]
        state.defectsOfDay = classes.values.reduce(0) { $0 + $1.day.count }
        state.recurrenceOfMonth = state.last.flatMap { classes[$0.defectClass]?.month.count } ?? 0
        let orders = (openByAsset[asset] ?? []).compactMap { open[$0] }
        state.openOrders = orders.count
        state.worst = orders.filter { !$0.isForetold }.min(by: Self.isWorse)
        state.foretold = orders.filter(\.isForetold).min(by: Self.isWorse)
        state.newestOrder = orders.filter { !$0.isForetold }.map(\.seq).max() ?? 0
        state.newestForetold = orders.filter(\.isForetold).map(\.seq).max() ?? 0
        return state
    }

    private static func isWorse(_ one: OrderLine, _ other: OrderLine) -> Bool {
        (one.priority, -one.seq) < (other.priority, -other.seq)
    }
}

extension DetectionCount {
    fileprivate func isBehind(day: Timestamp, month: Timestamp) -> Bool {
        self.day.isBehind(day) || self.month.isBehind(month)
    }
}

extension DetectionCount.Window {
    fileprivate func isBehind(_ edge: Timestamp) -> Bool { oldest.map { $0 <= edge } ?? false }

    fileprivate mutating func add(_ time: Timestamp, after edge: Timestamp) {
        guard time > edge else { return }
        count += 1
        oldest = min(oldest ?? time, time)
    }
}

// MARK: Orders

extension FloorReading {
    private mutating func readOrders(_ reader: Reader) throws {
        for line in try reader.openOrderLines() { keep(line) }
        waiting = try reader.references(delivery: .waiting)
        dead = try reader.references(delivery: .dead)
    }

    private mutating func newMarks(_ reader: Reader) throws -> [LedgerMark] {
        var marks: [LedgerMark] = []
        while true {
            let page = try reader.ledgerMarks(from: place.entry, limit: Self.page)
            if let last = page.last { place.entry = last.index + 1 }
            marks += page
            if page.count < Self.page { return marks }
        }
    }

    /// Entries about orders that are shown as events.
    static let steps: Set<String> = LedgerEntry.orderStateKinds.union([
        "order.raised", "order.acknowledged", "order.rescheduled", "order.taken-back", "order.raised-again",
        "outbox.dead", "outbox.revived",
    ])

    private mutating func followOrders(
        _ reader: Reader, _ marks: [LedgerMark], _ changes: inout FloorChanges
    ) throws {
        // A further occurrence is an entry of the detection: the detection names the order.
        var changed = Set(changes.detections.compactMap { $0.reference?.text })
        for mark in marks where Self.steps.contains(mark.kind) || mark.kind.hasPrefix("attempt.") {
            changed.insert(mark.subject)
        }
        var lines: [String: OrderLine] = [:]
        for text in changed {
            guard let line = try Reference(text).flatMap({ try reader.orderLine($0) }) else { continue }
            lines[text] = line
            changes.assets.insert(line.asset)
            keep(line)
            waiting.remove(text)
            dead.remove(text)
            if line.delivery == .waiting { waiting.insert(text) }
            if line.delivery == .dead { dead.insert(text) }
        }
        let steps = marks.filter { Self.steps.contains($0.kind) }.compactMap { mark in
            lines[mark.subject].map { OrderStep(kind: mark.kind, at: mark.at, order: $0) }
        }
        changes.steps = steps.suffix(FloorChanges.eventsMax)
    }

    private mutating func keep(_ line: OrderLine) {
        hasNewOrders = true
        let name = line.reference.text
        if line.state.takesOccurrences {
            open[name] = line
            openByAsset[line.asset, default: []].insert(name)
        } else if open.removeValue(forKey: name) != nil {
            openByAsset[line.asset]?.remove(name)
        }
    }
}

// MARK: Charts, queues, alarms

extension FloorReading {
    private mutating func followPoints(_ reader: Reader, _ changes: inout FloorChanges) throws {
        while true {
            let (found, row) = try reader.streamPoints(after: place.point, limit: Self.page)
            place.point = row
            for point in found { take(point) }
            if found.count < Self.page { return }
        }
    }

    private mutating func take(_ point: StreamPoint) {
        guard !point.point.isLate else { return }
        let key = StreamKey(chart: point.chart, stratum: point.stratum)
        points[key] = point
        newPoints.insert(key)
    }

    private mutating func readQueues(_ reader: Reader, _ view: FloorView) throws {
        backlogs = [:]
        for connector in view.connectors { backlogs[connector.name] = try reader.backlog(connector: connector.name) }
    }

    private mutating func readAlarms(_ reader: Reader) throws {
        let alarms = try reader.alarms()
        snapshot.totals.alarms = alarms.count
        unreachable = Set(alarms.filter { Self.connectorAlarms.contains($0.kind) }.map(\.subject))
    }

    /// What depends on the view, and on the time alone.
    private mutating func show(_ view: FloorView, _ changes: inout FloorChanges, now: Timestamp) {
        showStreams(view, &changes)
        showConnectors(view, &changes, now: now)
        if hasNewOrders || snapshot.orders.count != min(open.count, view.ordersShown) {
            snapshot.openOrders = open.count
            snapshot.orders = Array(open.values.sorted { $0.seq > $1.seq }.prefix(view.ordersShown))
            hasNewOrders = false
        }
        snapshot.totals.waiting = waiting.count
        snapshot.totals.dead = dead.count
        snapshot.totals.queued = snapshot.connectors.values.reduce(0) { $0 + $1.waiting }
    }

    private mutating func showStreams(_ view: FloorView, _ changes: inout FloorChanges) {
        let names = view.charts.map(\.name)
        guard !newPoints.isEmpty || names != shownCharts else { return }
        let charts = Dictionary(view.charts.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        if names != shownCharts {
            // The streams of charts that are not in force any more are history.
            changes.streams.formUnion(snapshot.streams.keys.filter { charts[$0.chart] == nil })
            snapshot.streams = snapshot.streams.filter { charts[$0.key.chart] != nil }
            newPoints = Set(points.keys)
            shownCharts = names
        }
        for key in newPoints.sorted() {
            guard let chart = charts[key.chart], let point = points[key],
                snapshot.streams[key] != nil || snapshot.streams.count < Self.streamsMax
            else { continue }
            let state = StreamState(point, plotted: chart.plotted(point.point))
            if snapshot.streams.updateValue(state, forKey: key) != state { changes.streams.insert(key) }
        }
        newPoints = []
    }

    private mutating func showConnectors(_ view: FloorView, _ changes: inout FloorChanges, now: Timestamp) {
        var connectors: [String: ConnectorState] = [:]
        for connector in view.connectors {
            guard let backlog = backlogs[connector.name] else { continue }
            connectors[connector.name] = ConnectorState(
                backlog, isUnreachable: unreachable.contains(connector.name), now: now)
        }
        // How long the oldest waits grows with every look.
        changes.connectors = Set(connectors.keys).union(snapshot.connectors.keys).filter {
            connectors[$0] != snapshot.connectors[$0] || connectors[$0]?.oldest != nil
        }
        snapshot.connectors = connectors
    }
}

extension StreamState {
    init(_ stream: StreamPoint, plotted: Double?) {
        let (point, judged) = (stream.point, stream.point.judged)
        func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
        asset = stream.asset
        number = point.number
        at = point.at
        value = finite(judged?.plotted ?? plotted)
        mean = finite(judged?.centre)
        upper = finite(judged?.upper)
        lower = finite(judged?.lower)
        status = judged == nil ? "no-limits" : point.standing ?? ChartPosition.Standing.inControl.rawValue
        rule = point.signals.joined(separator: ", ")
    }
}

extension ConnectorState {
    init(_ backlog: Backlog, isUnreachable: Bool, now: Timestamp) {
        waiting = backlog.waiting
        dead = backlog.dead
        oldest = backlog.oldest
        lastError = backlog.lastError
        let isStuck = backlog.lastError != nil && backlog.oldest.map { now - $0 > FloorReading.patience } ?? false
        if isUnreachable || isStuck {
            standing = .down
        } else if backlog.waiting == 0 {
            standing = .idle
        } else {
            standing = backlog.lastError == nil ? .working : .retrying
        }
    }
}
