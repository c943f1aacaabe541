import AndonModel
import AndonSPC

/// One report as every chart sees it.
public struct ChartReport: Sendable {
    public var at: Timestamp
    public var camera: String
    public var lot: String?
    /// Units that it stands for; at least 1, or 0 where it only tells of something else.
    public var units: Int
    public var place: Place
    public var model: String?
    public var defects: [Defect]
    public var attributes: [String: JSON]

    public init(_ inspection: Inspection, at place: Place) {
        at = inspection.detectedAt
        camera = inspection.camera
        lot = inspection.lot
        units = inspection.inspected
        self.place = place
        model = inspection.model?.name
        defects = inspection.defects
        attributes = inspection.attributes
    }

    /// Good parts, counted.
    public init(_ count: FrameCount, at place: Place) {
        at = count.from
        camera = count.camera
        lot = count.lot
        units = count.inspected
        self.place = place
        defects = []
        attributes = [:]
    }
}

extension Chart {
    public func counts(_ defectClass: String) -> Bool { classes.isEmpty || classes.contains(defectClass) }

    public func covers(_ report: ChartReport) -> Bool {
        (assets.isEmpty || assets.contains(report.place.asset))
            && (cameras.isEmpty || cameras.contains(report.camera))
            && (zones.isEmpty || zones.contains(report.place.zone ?? ""))
    }

    /// What stands in a stream's name for a value that the report does not have.
    public static let unstated = "not stated"

    /// The stream that a report belongs to, for example `asset=PRESS-07, shift=early`; empty where there is one.
    ///
    /// - Parameter shift: the name of the shift that the report was made in.
    public func stream(of report: ChartReport, shift: @autoclosure () -> String?) -> String {
        strata.map { stratum in
            let value: String? =
                switch stratum {
                case .asset: report.place.asset
                case .camera: report.camera
                case .zone: report.place.zone
                case .lot: report.lot
                case .shift: shift()
                case .product: report.attributes["product"]?.string
                case .model: report.model
                }
            return "\(stratum.rawValue)=\(value ?? Self.unstated)"
        }.joined(separator: ", ")
    }

    /// What the report brings to its stream.
    ///
    /// - Parameter own: positions of the defects that the chart counts.
    public func observation(of report: ChartReport, _ own: [Int]) -> Observation {
        let defects = own.map { report.defects[$0] }
        let values: [Double?]
        switch quantity {
        case .defects, .defectiveUnits: values = []
        case .confidence: values = defects.map(\.confidence)
        case .severity:
            values = defects.map { defect in
                guard case .score(let score) = defect.severity else { return nil }
                return score
            }
        case .area: values = defects.map { $0.region?.area }
        case .measured(let name):
            // Good parts are measured too: their values come with the report.
            values =
                [report.attributes[name]?.number]
                + defects.map { $0.measurement?.name == name ? $0.measurement?.value : $0.attributes[name]?.number }
        }
        let count = Double(defects.count)
        return Observation(
            at: report.at.microseconds, units: Double(report.units), defects: count,
            defectiveUnits: min(count, Double(report.units)), values: values.compactMap { $0 })
    }

    /// Whether the observation says nothing to this chart.
    public func isEmpty(_ observation: Observation) -> Bool {
        switch quantity {
        case .defects, .defectiveUnits: kind == .t ? observation.defects == 0 : observation.units <= 0
        default: observation.values.isEmpty
        }
    }
}

extension ChartPosition {
    /// Where a point of a stream stands; the newest one's position goes with every detection of the stream.
    public init(_ chart: Chart, _ stratum: String, _ monitor: Monitor, _ point: Monitor.Point?) {
        self.init(
            chart: chart.name, stratum: stratum, kind: chart.kind.rawValue, point: point?.number ?? 0,
            phase: monitor.isPhaseTwo ? 2 : 1, rules: point?.signals ?? [], points: point?.points ?? [],
            standing: point?.standing.flatMap { Standing(rawValue: $0.rawValue) })
        at = point.map { Timestamp(microseconds: $0.at) }
        value = point?.plotted?.value
        size = point?.sample.size
        centre = point?.plotted?.centre
        lower = point?.plotted?.lower
        upper = point?.plotted?.upper
        sigmas = point?.plotted?.z
        limitsVersion = point?.limitsVersion ?? monitor.location?.limitsVersion
        since = point?.since.map { Timestamp(microseconds: $0) }
        guard !monitor.isPhaseTwo else { return }
        gathered = monitor.gatheredCount
        baseline = chart.baseline
    }
}
