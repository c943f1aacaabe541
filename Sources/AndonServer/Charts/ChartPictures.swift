import AndonDecide
import AndonDraw
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC

/// What is drawn of a stream: its newest points up to one, the point of the detection, the repairs and changes of limits
/// between them, the specification and the degradation. Follows from what is kept, so it is the same each time.
struct ChartPicture {
    let chart: Chart
    let stratum: String
    /// Number of the last point that is drawn; nil for the newest.
    var through: Int?
    /// Whether that point is the one of a detection.
    var isMarked = false
    var prediction: Prediction?
    var pointsMax = 60

    func figure(_ reader: Reader) throws -> ChartFigure {
        let records = try reader.chartPoints(chart.name, stratum, last: pointsMax, through: through ?? .max)
        let limits = try reader.chartLimits(chart.name, stratum)
        let versions = Set(records.compactMap(\.limitsVersion))
        let excluded = limits.filter { versions.contains($0.version) }.flatMap { record in
            (record.document["excluded"]?.array ?? []).compactMap { $0["point"]?.integer }
        }
        let repairs = Dictionary(
            try reader.chartRepairs(chart.name, stratum).map { ($0.point, $0.reference) }, uniquingKeysWith: { $1 })
        let pattern = Set(isMarked ? records.last?.madeOf ?? [] : [])
        var version: Int?
        let points = records.map { record in
            defer { version = record.limitsVersion ?? version }
            var point = Self.point(record, chart)
            point.isMarked = isMarked && record.number == records.last?.number
            point.isInPattern = pattern.contains(record.number)
            point.isExcluded = excluded.contains(record.number)
            if let reference = repairs[record.number - 1] {
                point.annotation = "repair \(reference)"
            } else if let new = record.limitsVersion, let version, new != version {
                point.annotation = "limits v\(new)"
            }
            return point
        }
        return ChartFigure(
            title: "\(chart.kind.rawValue) chart: \(chart.name)",
            subtitles: [stratum, prediction?.sentence ?? ""].filter { !$0.isEmpty }, valueLabel: valueLabel,
            points: points, sigmaWidth: chart.width,
            specification: chart.specification.map { ChartFigure.Range(lower: $0.lower, upper: $0.upper) },
            threshold: chart.trend?.forecast.threshold, forecast: prediction.flatMap(Self.forecast))
    }

    private static func point(_ record: ChartPointRecord, _ chart: Chart) -> ChartFigure.Point {
        ChartFigure.Point(
            number: record.number, value: record.judged?.plotted ?? chart.value(of: record)?.value,
            time: record.at.microseconds, label: String(record.at.description.dropFirst(5).prefix(5)),
            centre: record.judged?.centre, lower: record.judged?.lower, upper: record.judged?.upper,
            sigmas: record.judged?.sigmas, signals: record.signals, isLate: record.isLate,
            phase: record.judged == nil ? 1 : 2)
    }

    private static func forecast(_ prediction: Prediction) -> ChartFigure.Forecast? {
        guard let slope = prediction.slope, let expected = prediction.expected else { return nil }
        return ChartFigure.Forecast(
            first: prediction.first?.microseconds, expected: expected.microseconds,
            last: prediction.last?.microseconds, slopePerDay: slope, confidence: prediction.confidence)
    }

    private var valueLabel: String {
        switch chart.kind {
        case .p, .pPrime: "share of defective units"
        case .np: "defective units"
        case .c: "defects"
        case .u, .uPrime: "defects per unit"
        case .g: "good units between defects"
        case .t: "hours between defects"
        case .individuals where !chart.isMeasured: "defects per unit"
        case .mean: "mean \(chart.quantity.text)"
        default: chart.quantity.text
        }
    }
}

extension ChartPicture {
    /// The chart as far as the picture of an order's position needs it: it is drawn as it was, whatever the rules say by now.
    static func chart(of position: ChartPosition, _ prediction: Prediction?) -> Chart {
        let forecast = prediction.map { ForecastSettings(threshold: $0.threshold, rising: $0.isRising) }
        return Chart(
            name: position.chart, kind: ChartKind(rawValue: position.kind) ?? .individuals,
            quantity: .measured("value"), trend: forecast.map { Chart.TrendRule(forecast: $0, orderClass: "") })
    }
}
