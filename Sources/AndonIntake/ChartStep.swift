import AndonDecide
import AndonLedger
import AndonModel
import AndonSPC

/// A chart in force, with the digest of what makes its points comparable.
public struct Charted: Sendable {
    public var chart: Chart
    public var definition: String

    public init(_ chart: Chart, definition: String) {
        self.chart = chart
        self.definition = definition
    }
}

/// What a report brought about in the charts.
struct Folded {
    /// By the defect's position in the report.
    var positions: [Int: [ChartPosition]] = [:]
    /// Points that break a rule of a chart whose signals are reported.
    var signals: [Signal] = []
    /// Streams with a new point whose trend is followed.
    var trends: [Trending] = []

    struct Signal {
        var chart: Chart
        var point: Monitor.Point
        var position: ChartPosition
    }

    struct Trending {
        var chart: Chart
        var trend: Chart.TrendRule
        var stratum: String
        var point: Monitor.Point
        var position: ChartPosition
    }
}

/// Counts reports in the control charts, in the transaction that keeps them: a chart never knows more or less than
/// the store.
struct ChartStep {
    let charts: [Charted]
    /// The shift that a moment belongs to.
    let shift: @Sendable (Timestamp) -> String?
    let cache: MonitorCache
    /// Streams of one chart. A stratum that never ends (a serial number for a lot) would fill the disk.
    static let streamsMax = 10_000

    func fold(_ report: ChartReport, in transaction: Transaction) throws -> Folded {
        var folded = Folded()
        for charted in charts where charted.chart.covers(report) {
            try fold(report, into: charted, &folded, in: transaction)
        }
        return folded
    }

    private func fold(
        _ report: ChartReport, into charted: Charted, _ folded: inout Folded, in transaction: Transaction
    ) throws {
        let chart = charted.chart
        let own = report.defects.indices.filter { chart.counts(report.defects[$0].defectClass) }
        let observation = chart.observation(of: report, own)
        let stratum = chart.stream(of: report, shift: shift(report.at))
        let isEmpty = chart.isEmpty(observation)
        let kept = try transaction.reader.chartStream(chart.name, stratum)
        // A report that says nothing to the chart begins no stream, and ends no repair.
        guard !isEmpty || kept?.definition == charted.definition else { return }
        let asset = chart.strata.contains(.asset) ? report.place.asset : nil
        guard var stream = try open(kept, charted, stratum, asset: asset, in: transaction) else { return }
        if !isEmpty {
            if let repair = stream.record.repair { try restart(&stream, behind: repair, chart, in: transaction) }
            let step = stream.monitor.add(observation, to: chart)
            try keep(step, &stream, of: chart, in: transaction)
            follow(step, stream, of: chart, &folded)
        }
        for ordinal in own {
            folded.positions[ordinal, default: []].append(
                ChartPosition(chart, stratum, stream.monitor, stream.monitor.last))
        }
    }

    private func follow(_ step: Monitor.Step, _ stream: ChartStream, of chart: Chart, _ folded: inout Folded) {
        for point in step.points {
            let position = ChartPosition(chart, stream.record.stratum, stream.monitor, point)
            if chart.signalClass != nil, !point.signals.isEmpty {
                folded.signals.append(Folded.Signal(chart: chart, point: point, position: position))
            }
            guard let trend = chart.trend, !point.isLate, point.number == step.points.last?.number else { continue }
            folded.trends.append(
                Folded.Trending(
                    chart: chart, trend: trend, stratum: stream.record.stratum, point: point, position: position))
        }
    }

    // MARK: Opening

    /// The stream as it was kept; a new one; or one whose chart means something else from now on. Nil for one too many.
    private func open(
        _ kept: ChartStreamRecord?, _ charted: Charted, _ stratum: String, asset: String?, in transaction: Transaction
    ) throws -> ChartStream? {
        guard let kept, kept.definition == charted.definition else {
            return try begin(charted, stratum, asset: asset, instead: kept, in: transaction)
        }
        return ChartStream(record: kept, monitor: try cache.monitor(of: kept))
    }

    private func begin(
        _ charted: Charted, _ stratum: String, asset: String?, instead kept: ChartStreamRecord?,
        in transaction: Transaction
    ) throws -> ChartStream? {
        let chart = charted.chart
        let reader = transaction.reader
        if kept == nil, try reader.chartStreamCount(chart.name) >= Self.streamsMax {
            try transaction.alarm(
                "chart-streams", subject: chart.name,
                "The chart \(chart.name) has \(Self.streamsMax) streams; further strata are not charted. Chart by less"
                    + " (rules.charts.\(chart.name).by).")
            return nil
        }
        let monitor = Monitor(
            chart, after: kept?.points ?? 0, version: try reader.chartLimitsVersion(chart.name, stratum) + 1)
        if let given = monitor.location {
            try transaction.insertLimits(
                chart: chart.name, stratum: stratum, version: given.limitsVersion, by: "configuration",
                reason: "given as rules.charts.\(chart.name).limits", document: Self.document(given.limits, nil))
        }
        var record = ChartStreamRecord(
            chart: chart.name, stratum: stratum, definition: charted.definition, points: kept?.points ?? 0, state: "",
            filling: "", asset: asset, begunAt: kept?.points ?? 0)
        record.planned = kept?.planned
        return ChartStream(record: record, monitor: monitor, isChanged: true)
    }

    /// Behind a repair another process runs: no run and no trend goes over it.
    private func restart(
        _ stream: inout ChartStream, behind repair: JSON, _ chart: Chart, in transaction: Transaction
    ) throws {
        stream.record.repair = nil
        stream.isChanged = true
        guard chart.beginsAnew(behind: repair["class"]?.string ?? "") else { return }
        let before = try values(stream, of: chart, after: stream.record.begunAt, transaction.reader)
        stream.monitor.restart()
        stream.record.begunAt = stream.monitor.count
        let reference = repair["reference"]?.string ?? ""
        try transaction.put(
            ChartRepairRecord(
                point: stream.record.begunAt, reference: reference,
                at: repair["at"]?.string.flatMap(Timestamp.init) ?? transaction.now, before: before.median),
            chart: chart.name, stratum: stream.record.stratum)
        try transaction.record(
            "chart.restarted", of: stream.record.name,
            ["behind": .string(reference), "point": .integer(stream.record.begunAt)])
    }

    // MARK: Keeping

    private func keep(
        _ step: Monitor.Step, _ stream: inout ChartStream, of chart: Chart, in transaction: Transaction
    ) throws {
        let filling = try cache.text(of: stream.monitor.filling)
        let stratum = stream.record.stratum
        guard !step.points.isEmpty || stream.isChanged else {
            return try transaction.putFilling(filling, chart: chart.name, stratum: stratum)
        }
        for point in step.points {
            try transaction.insert(ChartPointRecord(point), chart: chart.name, stratum: stratum)
        }
        if let frozen = step.frozen { try keep(frozen, stream, chart, in: transaction) }
        if !step.points.isEmpty {
            try learn(stream, chart, from: stream.record.points, in: transaction)
            try propose(&stream, chart, from: stream.record.points, in: transaction)
        }
        stream.record.points = stream.monitor.count
        stream.record.filling = filling
        stream.record.state = try cache.text(of: stream.monitor)
        try transaction.put(stream.record)
        cache.keep(stream.monitor, stream.record)
    }

    private func keep(
        _ frozen: Monitor.Frozen, _ stream: ChartStream, _ chart: Chart, in transaction: Transaction
    ) throws {
        let last = stream.monitor.last?.number ?? frozen.baseline.count
        let first = last - frozen.baseline.count
        let beyond = frozen.beyond.map { String(first + $0 + 1) }
        var reason = "made of points \(first + 1) to \(last); "
        reason +=
            beyond.isEmpty
            ? "all within them"
            : "beyond them \(beyond.joined(separator: ", ")), counted until someone leaves them out with a reason"
        if let advice = PhaseOne.advice(on: chart.kind, frozen.baseline) {
            reason += "; a \(advice.kind.rawValue) chart would suit better: \(advice.reason)"
        }
        try transaction.insertLimits(
            chart: chart.name, stratum: stream.record.stratum, version: frozen.version, by: "baseline", reason: reason,
            document: Self.document(frozen.location, frozen.dispersion))
    }

    /// Points behind a repair that its effect is learned from.
    static let effectPoints = 5

    /// A step back in the level is the repair's effect.
    private func learn(
        _ stream: ChartStream, _ chart: Chart, from before: Int, in transaction: Transaction
    ) throws {
        let wanted = stream.record.begunAt + Self.effectPoints
        guard before < wanted, stream.monitor.count >= wanted,
            var repair = try transaction.reader.chartRepairs(chart.name, stream.record.stratum).last,
            repair.point == stream.record.begunAt, repair.after == nil
        else { return }
        repair.after = try values(stream, of: chart, after: repair.point, transaction.reader).median
        try transaction.put(repair, chart: chart.name, stratum: stream.record.stratum)
        try transaction.record(
            "repair.effect", of: repair.reference,
            .object(present: [
                "chart": .string(stream.record.name), "before": repair.before.map { .number($0) },
                "after": repair.after.map { .number($0) }, "points": .integer(Self.effectPoints),
            ]))
    }

    /// After each baseline's worth of points against the same limits: do they still fit?
    private func propose(
        _ stream: inout ChartStream, _ chart: Chart, from before: Int, in transaction: Transaction
    ) throws {
        let start = max(stream.record.begunAt, stream.monitor.limitsSince)
        let since = stream.monitor.count - start
        guard stream.monitor.isPhaseTwo, chart.given == nil,
            since / chart.baseline > max(0, before - start) / chart.baseline
        else { return }
        let points = try transaction.reader.chartPoints(
            chart.name, stream.record.stratum, last: chart.baseline, after: stream.monitor.count - since)
        let samples = points.filter { !$0.isLate }.map(ChartSample.init)
        let subject = stream.record.name
        guard let proposal = LimitsProposal(chart, points: samples) else {
            stream.record.proposal = nil
            return try transaction.clearAlarm("limits-proposed", subject: subject)
        }
        stream.record.proposal = proposal.json
        try transaction.record("chart.limits-proposed", of: subject, proposal.json)
        try transaction.alarm(
            "limits-proposed", subject: subject,
            "\(subject): \(proposal.reason). Look at the chart, and put new limits in force with a reason (andon chart"
                + " limits) if the process has changed for good.")
    }

    private func values(
        _ stream: ChartStream, of chart: Chart, after number: Int, _ reader: Reader
    ) throws -> [Double] {
        try reader.chartPoints(chart.name, stream.record.stratum, last: Self.effectPoints, after: number)
            .filter { !$0.isLate }.compactMap { chart.value(of: $0)?.value }
    }

    static func document(_ limits: ChartLimits, _ dispersion: ChartLimits?) -> JSON {
        .object(present: ["location": limits.json, "dispersion": dispersion?.json])
    }
}

/// A stream in the hand of its step.
struct ChartStream {
    var record: ChartStreamRecord
    var monitor: Monitor
    /// Whether it must be kept although no point was made.
    var isChanged = false
}
