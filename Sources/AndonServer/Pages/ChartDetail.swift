import AndonDecide
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb

/// One stream with all that a page shows of it, as it was read at one moment.
struct ChartDetail: Sendable {
    let record: ChartStreamRecord
    let chart: Chart?
    let monitor: Monitor
    let points: [ChartPointRecord]
    let limits: [ChartLimitsRecord]
    let repairs: [ChartRepairRecord]
    let causes: [AssignableCause]
    let prediction: Prediction?
    /// Whether the newest point is among those that are shown.
    let isNewest: Bool

    /// - Parameters:
    ///   - count: points at most.
    ///   - through: number of the last one; nil for the newest.
    init(_ record: ChartStreamRecord, _ chart: Chart?, count: Int, through: Int?, _ reader: Reader) throws {
        (self.record, self.chart) = (record, chart)
        monitor = try Monitor(record)
        points = try reader.chartPoints(record.chart, record.stratum, last: count, through: through ?? .max)
        limits = try reader.chartLimits(record.chart, record.stratum)
        repairs = try reader.chartRepairs(record.chart, record.stratum)
        causes = try reader.chartCauses(record.chart, record.stratum, limit: 200)
        prediction = try chart.flatMap { try ChartView.prediction(record, $0, reader) }
        isNewest = through.map { $0 >= record.points } ?? true
    }

    func plotted(_ point: ChartPointRecord) -> Double? { point.judged?.plotted ?? chart?.value(of: point)?.value }

    var line: ChartLine {
        let newest = monitor.last
        return ChartLine(
            chart: record.chart, stratum: record.stratum, asset: record.asset, standing: newest?.standing?.rawValue,
            isJudged: monitor.isPhaseTwo, planned: record.planned?["reference"]?.string,
            isProposed: record.proposal != nil)
    }

    /// Causes that hold for a point.
    func causes(of point: Int) -> [AssignableCause] { causes.filter { $0.withdrawal == nil && $0.covers(point) } }
}

/// A stream as its template shows it.
struct ChartDetailValues {
    let detail: ChartDetail
    let words: ChartsWords

    private var record: ChartStreamRecord { detail.record }
    private var chart: Chart? { detail.chart }

    var values: [String: Any] {
        let state = detail.line.state(inForce: chart == nil ? [] : [record.chart])
        var values: [String: Any] = [:]
        values["name"] = record.chart
        if !record.stratum.isEmpty { values["stream"] = record.stratum }
        values["path"] = "/charts/\(ChartAddress.encoded(record.chart))"
        values["state"] = words["state-\(state.rawValue)"]
        values["tag"] = state.tag
        values["facts"] = facts(state)
        values["figure"] = figure.svg
        values["hasPoints"] = !detail.points.isEmpty
        values["points"] = detail.points.reversed().map(point)
        if let older { values["older"] = older }
        if !detail.isNewest { values["newest"] = ChartAddress.page(record.chart, record.stratum) }
        values["limits"] = detail.limits.reversed().map(limits)
        values["hasLimits"] = !detail.limits.isEmpty
        values["repairs"] = detail.repairs.reversed().map(repair)
        values["hasRepairs"] = !detail.repairs.isEmpty
        values["causes"] = detail.causes.reversed().map(cause)
        values["hasCauses"] = !detail.causes.isEmpty
        if let study = chart.flatMap({ detail.monitor.capability($0) }) { values["capability"] = capability(study) }
        if let proposal = record.proposal?["reason"]?.string { values["proposal"] = proposal }
        values["prediction"] = prediction
        return values
    }

    private var older: String? {
        guard let first = detail.points.first?.number, first > 1 else { return nil }
        return ChartAddress.page(record.chart, record.stratum, "through=\(first - 1)")
    }

    // MARK: Facts

    private func facts(_ state: ChartState) -> [[String: Any]] {
        var facts: [(String, String)] = []
        if let chart {
            facts.append((words["kind"], words.word("kind", chart.kind.rawValue)))
            facts.append((words["quantity"], words.valueLabel(chart)))
            if !chart.classes.isEmpty {
                facts.append((words["classes"], chart.classes.sorted().joined(separator: ", ")))
            }
            facts.append((words["rules"], words.rules(chart.rules.rules.names)))
        }
        if state == .baseline, let chart {
            let counts = ["count": "\(detail.monitor.gatheredCount)", "of": "\(chart.baseline)"]
            facts.append((words["phase"], words.texts.text(ChartsWords.page, "gathered", counts)))
        }
        if let newest = detail.monitor.last {
            let at = words.formats.time(Timestamp(microseconds: newest.at))
            facts.append((words["newest"], "\(words.figure(newest.plotted?.value)) (\(newest.number), \(at))"))
            if !newest.signals.isEmpty { facts.append((words["broken"], words.rules(newest.signals))) }
            if let since = newest.since {
                facts.append((words["since"], words.formats.time(Timestamp(microseconds: since))))
            }
        }
        return facts.map { ["name": $0.0, "value": $0.1] }
    }

    private var prediction: [String: Any]? {
        guard let found = detail.prediction else { return nil }
        var facts: [(String, String)] = [
            (words["trend"], words.word("trend", found.standing.rawValue)),
            (words["trend-points"], words.formats.number(found.points)),
            (words["threshold"], words.figure(found.threshold)),
        ]
        if let slope = found.slope {
            var text = words.figure(slope)
            if let lower = found.slopeLower, let upper = found.slopeUpper {
                text += " (\(words.figure(lower)) – \(words.figure(upper)))"
            }
            facts.append((words["slope"], text))
        }
        if let p = found.significance { facts.append((words["significance"], words.figure(p))) }
        if let first = found.first, let expected = found.expected, let last = found.last {
            let days = [expected, first, last].map { words.formats.day($0) }
            facts.append((words["crossing"], "\(days[0]) (\(days[1]) – \(days[2]))"))
        }
        var values: [String: Any] = ["facts": facts.map { ["name": $0.0, "value": $0.1] }]
        values["planned"] = record.planned?["reference"]?.string
        return values
    }

    private func capability(_ study: Monitor.CapabilityStudy) -> [String: Any] {
        let found = study.capability
        let indices: [(String, Double?, ClosedRange<Double>?)] = [
            ("Cp", found.cp, study.cp), ("Cpk", found.cpk, study.cpk), ("Pp", found.pp, study.pp),
            ("Ppk", found.ppk, study.ppk), ("Cpm", found.cpm, nil),
        ]
        var values: [String: Any] = [:]
        values["rows"] = indices.compactMap { name, value, interval -> [String: Any]? in
            guard let value else { return nil }
            var row: [String: Any] = ["name": name]
            row["value"] = words.formats.number(value, digits: 2)
            row["lower"] = interval.map { words.formats.number($0.lowerBound, digits: 2) } ?? "–"
            row["upper"] = interval.map { words.formats.number($0.upperBound, digits: 2) } ?? "–"
            return row
        }
        values["basis"] = words.texts.text(
            ChartsWords.page, "capability-basis",
            [
                "count": words.formats.number(study.count), "mean": words.figure(study.mean),
                "within": words.figure(study.within), "overall": words.figure(study.overall),
            ])
        values["isUnstable"] = !study.isStable
        return values
    }

    // MARK: Rows

    private func point(_ point: ChartPointRecord) -> [String: Any] {
        let judged = point.judged
        let causes = detail.causes(of: point.number)
        var row: [String: Any] = [:]
        row["number"] = "\(point.number)"
        row["at"] = words.formats.time(point.at)
        row["machineTime"] = Formats.machine(point.at)
        row["value"] = words.figure(detail.plotted(point))
        row["size"] = words.figure(point.size)
        row["centre"] = words.figure(judged?.centre)
        row["lower"] = words.figure(judged?.lower)
        row["upper"] = words.figure(judged?.upper)
        row["sigmas"] = judged.map { words.formats.number($0.sigmas, digits: 2) } ?? "–"
        if !point.signals.isEmpty { row["rules"] = words.rules(point.signals) }
        if point.isLate { row["isLate"] = true }
        if !causes.isEmpty { row["because"] = causes.map { "\(name($0)): \($0.cause)" }.joined(separator: "; ") }
        if record.asset != nil {
            let stream = record.stratum.isEmpty ? "" : "?stream=\(ChartAddress.encoded(record.stratum))"
            row["detections"] = "/charts/\(ChartAddress.encoded(record.chart))/points/\(point.number)\(stream)"
        }
        row["mark"] = ChartAddress.page(
            record.chart, record.stratum, "from=\(point.number)&to=\(point.number)#causes")
        return row
    }

    /// As the picture has it.
    private func name(_ cause: AssignableCause) -> String { "C\(cause.number)" }

    private func limits(_ limits: ChartLimitsRecord) -> [String: Any] {
        let document = limits.document
        let excluded = (document["excluded"]?.array ?? []).compactMap { entry -> String? in
            entry["point"]?.integer.map { "\($0): \(entry["reason"]?.string ?? "")" }
        }
        var row: [String: Any] = [:]
        row["version"] = "\(limits.version)"
        row["at"] = words.formats.time(limits.madeAt)
        row["by"] = limits.madeBy
        row["reason"] = limits.reason
        row["centre"] = words.figure(document["location"]?["centre"]?.number)
        row["baseline"] = words.figure(document["location"]?["baseline"]?.number)
        row["isInForce"] = limits.version == detail.monitor.location?.limitsVersion
        if !excluded.isEmpty { row["excluded"] = excluded.joined(separator: "; ") }
        return row
    }

    private func repair(_ repair: ChartRepairRecord) -> [String: Any] {
        var row: [String: Any] = [:]
        row["reference"] = repair.reference
        row["point"] = "\(repair.point)"
        row["at"] = words.formats.time(repair.at)
        row["before"] = words.figure(repair.before)
        row["after"] = words.figure(repair.after)
        return row
    }

    private func cause(_ cause: AssignableCause) -> [String: Any] {
        var row: [String: Any] = [:]
        row["number"] = "\(cause.number)"
        row["name"] = name(cause)
        row["points"] = cause.first == cause.last ? "\(cause.first)" : "\(cause.first)–\(cause.last)"
        row["cause"] = cause.cause
        row["code"] = cause.code ?? "–"
        row["by"] = cause.by
        row["at"] = words.formats.time(cause.at)
        row["holds"] = cause.withdrawal == nil
        if let withdrawal = cause.withdrawal {
            row["withdrawn"] = words.texts.text(
                ChartsWords.page, "withdrawn",
                ["at": words.formats.time(withdrawal.at), "by": withdrawal.by, "reason": withdrawal.reason])
        }
        return row
    }

    // MARK: The picture

    private var figure: LargeChart {
        let (formats, label) = (words.formats, chart.map { words.valueLabel($0) } ?? words["value"])
        let names = LargeChart.Words(
            title: words.texts.text(
                ChartsWords.page, "picture", ["name": record.name, "count": "\(detail.points.count)"]),
            value: label, across: words["across"], centre: words["centre"], lower: words["lower"],
            upper: words["upper"])
        let spans = detail.causes.filter { $0.withdrawal == nil }.map {
            LargeChart.Span(first: $0.first, last: $0.last, name: name($0))
        }
        return LargeChart(
            points: drawn, spans: spans, levels: levels, words: names, figure: { formats.significant($0) })
    }

    private var levels: [LargeChart.Level] {
        var levels: [LargeChart.Level] = []
        func add(_ value: Double?, _ key: String) {
            if let value { levels.append(LargeChart.Level(value: value, name: words[key])) }
        }
        add(chart?.specification?.lower, "specification-lower")
        add(chart?.specification?.upper, "specification-upper")
        add(chart?.trend?.forecast.threshold, "threshold")
        return levels
    }

    private var drawn: [LargeChart.Point] {
        let versions = Set(detail.points.compactMap(\.limitsVersion))
        let excluded = Set(
            detail.limits.filter { versions.contains($0.version) }.flatMap { record in
                (record.document["excluded"]?.array ?? []).compactMap { $0["point"]?.integer }
            })
        let repairs = Dictionary(
            detail.repairs.map { ($0.point, $0.reference) }, uniquingKeysWith: { $1 })
        let first = detail.points.first?.number
        var version: Int?
        return detail.points.map { point in
            defer { version = point.limitsVersion ?? version }
            var drawn = LargeChart.Point(
                number: point.number, value: detail.plotted(point), centre: point.judged?.centre,
                lower: point.judged?.lower, upper: point.judged?.upper)
            drawn.isSignal = !point.signals.isEmpty
            drawn.isExcluded = excluded.contains(point.number)
            drawn.isLate = point.isLate
            if let reference = repairs[point.number - 1] {
                drawn.event = words.texts.text(ChartsWords.page, "event-repair", ["order": reference])
            } else if let new = point.limitsVersion, new != version, point.number != first {
                drawn.event = words.texts.text(ChartsWords.page, "event-limits", ["version": "\(new)"])
            }
            return drawn
        }
    }
}
