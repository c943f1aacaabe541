import AndonDecide
import AndonModel
import AndonSPC

/// Reads `rules.charts.NAME.trend`.
struct TrendReader {
    let faults: SettingsFaults
    let classes: Set<String>
    let criticalities: Criticalities

    func read(_ reader: SettingsReader?, of chart: Chart) -> Chart.TrendRule? {
        guard let reader else { return nil }
        defer { reader.finish() }
        let range = -1e12...1e12
        let threshold = reader.number("threshold", in: range)
        if reader.raw("threshold") == nil { reader.missing("threshold") }
        var forecast = ForecastSettings(threshold: threshold ?? 0)
        forecast.rising = reader.choice("direction", default: Direction.rising) == .rising
        forecast.confidence = reader.number("confidence", in: 0.5...0.999) ?? forecast.confidence
        forecast.significance = reader.number("significance", in: 0.0001...0.2) ?? forecast.significance
        forecast.pointsMin = reader.integer("pointsMin", in: 5...500) ?? forecast.pointsMin
        forecast.slopeMax = reader.number("slopeMax", in: 1e-12...1e12)
        forecast.horizon =
            reader.duration("horizon", in: .seconds(60) ... .seconds(3650 * 86_400))
            .map { $0.seconds / 86_400 } ?? 60
        var trend = Chart.TrendRule(forecast: forecast, orderClass: orderClass(reader, chart))
        trend.window = reader.integer("points", in: 5...500) ?? trend.window
        if trend.window < forecast.pointsMin, let node = reader.raw("points") {
            faults.add("should be at least pointsMin, \(forecast.pointsMin); found \(node.kindName)", at: node)
        }
        trend.leadTimes = leadTimes(reader)
        trend.moveBy = reader.duration("moveBy").map(\.microseconds) ?? trend.moveBy
        trend.calmPoints = reader.integer("calmPoints", in: 1...100) ?? trend.calmPoints
        if chart.strata.contains(.lot), let node = reader.raw("threshold") {
            faults.add("a trend needs a stream that goes on; a chart by lot begins anew with each lot", at: node)
        }
        return trend
    }

    private enum Direction: String, CaseIterable {
        case rising, falling
    }

    private func orderClass(_ reader: SettingsReader, _ chart: Chart) -> String {
        guard let node = reader.raw("class"), let text = reader.text(of: node) else {
            return chart.signalClass ?? (chart.classes.count == 1 ? chart.classes.first : nil) ?? chart.name
        }
        if !classes.contains(text) {
            faults.add("should be one of the classes \(allowed(classes.sorted())); found \(node.kindName)", at: node)
        }
        return text
    }

    /// One span for all, or one for each criticality.
    private func leadTimes(_ reader: SettingsReader) -> [String: Int64] {
        guard let node = reader.raw("leadTime") else { return [:] }
        if case .scalar = node.value {
            let one = reader.duration("leadTime")?.microseconds ?? 0
            return Dictionary(uniqueKeysWithValues: criticalities.names.map { ($0, one) })
        }
        guard let section = reader.section("leadTime") else { return [:] }
        var found: [String: Int64] = [:]
        for name in criticalities.names {
            if section.raw(name) == nil { section.missing(name) }
            found[name] = section.duration(name)?.microseconds
        }
        section.finish()
        return found
    }
}
