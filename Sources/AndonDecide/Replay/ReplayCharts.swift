import AndonModel
import AndonSPC

/// Limits that a replay begins with: those that were in force at its start.
public struct ChartStart: Sendable {
    public var chart: String
    public var stratum: String
    public var version: Int
    public var location: ChartLimits
    public var dispersion: ChartLimits?

    public init(
        chart: String, stratum: String, version: Int, location: ChartLimits, dispersion: ChartLimits?
    ) {
        self.chart = chart
        self.stratum = stratum
        self.version = version
        self.location = location
        self.dispersion = dispersion
    }
}

/// The charts of a candidate, kept in memory: the same points as the live ones make of the same reports.
struct ReplayCharts: Sendable {
    private var charts: [(chart: Chart, streams: [String: Stream])]

    private struct Stream {
        var monitor: Monitor
        /// The asset that all its units come from, once one has come.
        var asset: String?
    }

    /// Streams of one chart at most, as in the live flow.
    static let streamsMax = 10_000

    init(_ charts: [Chart], starts: [ChartStart]) {
        self.charts = charts.map { chart in
            var streams: [String: Stream] = [:]
            for start in starts where start.chart == chart.name && start.location.kind == chart.kind {
                var monitor = Monitor(chart, version: start.version)
                monitor.accept(start.location, dispersion: start.dispersion, version: start.version, of: chart)
                streams[start.stratum] = Stream(monitor: monitor)
            }
            return (chart, streams)
        }
    }

    var isEmpty: Bool { charts.isEmpty }

    /// A point that breaks a rule of a chart whose signals are reported.
    struct Signal {
        var defectClass: String
        var at: Timestamp
        var position: ChartPosition
    }

    /// - Returns: where each defect stands, by its position in the report, and the signals that the report completed.
    mutating func fold(
        _ report: ChartReport, shift: (Timestamp) -> String?
    ) -> (positions: [Int: [ChartPosition]], signals: [Signal]) {
        var positions: [Int: [ChartPosition]] = [:]
        var signals: [Signal] = []
        for index in charts.indices where charts[index].chart.covers(report) {
            let chart = charts[index].chart
            let own = report.defects.indices.filter { chart.counts(report.defects[$0].defectClass) }
            let observation = chart.observation(of: report, own)
            let isEmpty = chart.isEmpty(observation)
            let stratum = chart.stream(of: report, shift: shift(report.at))
            guard var stream = charts[index].streams[stratum] ?? begin(index, isEmpty: isEmpty) else { continue }
            var monitor: Monitor { stream.monitor }
            if !isEmpty {
                charts[index].streams[stratum] = nil
                let step = stream.monitor.add(observation, to: chart)
                stream.asset = chart.strata.contains(.asset) ? report.place.asset : nil
                charts[index].streams[stratum] = stream
                if let label = chart.signalClass {
                    signals += step.points.filter { !$0.signals.isEmpty && $0.plotted != nil }.map { point in
                        Signal(
                            defectClass: label, at: Timestamp(microseconds: point.at),
                            position: ChartPosition(chart, stratum, monitor, point))
                    }
                }
            }
            for ordinal in own {
                positions[ordinal, default: []].append(ChartPosition(chart, stratum, monitor, monitor.last))
            }
        }
        return (positions, signals)
    }

    private func begin(_ index: Int, isEmpty: Bool) -> Stream? {
        guard !isEmpty, charts[index].streams.count < Self.streamsMax else { return nil }
        return Stream(monitor: Monitor(charts[index].chart))
    }

    /// Streams of a repaired asset begin anew, as the live ones did.
    mutating func restart(asset: String, behind repairedClass: String) {
        for index in charts.indices where charts[index].chart.beginsAnew(behind: repairedClass) {
            for (name, stream) in charts[index].streams where stream.asset == asset {
                charts[index].streams[name]?.monitor.restart()
            }
        }
    }
}

extension ChartStart {
    /// Limits as the store keeps them; nil when the document has none.
    public init?(chart: String, stratum: String, version: Int, document: JSON) {
        guard let location = document["location"].flatMap(ChartLimits.init(kept:)) else { return nil }
        self.init(
            chart: chart, stratum: stratum, version: version, location: location,
            dispersion: document["dispersion"].flatMap(ChartLimits.init(kept:)))
    }
}

extension ChartLimits {
    fileprivate init?(kept json: JSON) {
        guard let kind = json["kind"]?.string.flatMap(ChartKind.init), let centre = json["centre"]?.number,
            let spread = json["spread"]?.number, let size = json["size"]?.number, let width = json["width"]?.number
        else { return nil }
        self.init(
            kind: kind, centre: centre, spread: spread, size: size, width: width,
            baseline: json["baseline"]?.integer ?? 0)
    }
}

/// How much of each past report a replay must read.
public enum ReplayDepth: Sendable, Equatable {
    /// Detections only.
    case detections
    /// Every report, of good parts too, but not its body.
    case reports
    /// The body: measurements, areas, attributes, the model.
    case bodies
}

extension Rules {
    /// What the charts of these rules ask of the past.
    public var replayDepth: ReplayDepth {
        guard !charts.isEmpty else { return .detections }
        let needsBodies = charts.contains { chart in
            switch chart.quantity {
            case .measured, .area: return true
            case .defects, .defectiveUnits, .confidence, .severity:
                return chart.strata.contains(.product) || chart.strata.contains(.model)
            }
        }
        return needsBodies ? .bodies : .reports
    }
}
