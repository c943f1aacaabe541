import AndonSPC
import Foundation

/// What the forecasts of many lives were worth.
struct Tally: Sendable {
    static let windowMax = 100
    static let marks = [0.5, 0.7, 0.9]

    private struct Mark: Sendable {
        var dates = 0
        var covered = 0
        var errors: [Double] = []
    }

    private(set) var calls = 0
    private var crossings = 0
    private var withoutCrossing = 0
    private var falseDates = 0
    /// Of the first date, in shares of the life.
    private var leads: [Double] = []
    private var marks = Array(repeating: Mark(), count: Tally.marks.count)

    /// Plays a life value by value, as a stream comes in: each forecast sees the newest values only.
    mutating func play(_ life: Life, rising: Bool = true) {
        let settings = ForecastSettings(threshold: life.threshold, rising: rising)
        let whole = life.crossing.map { $0 - life.start }
        var first: Double?
        var mark = 0
        for end in 1...max(1, life.times.count) where end <= life.times.count {
            let window = max(0, end - Self.windowMax)..<end
            let time = life.times[end - 1]
            let forecast = Forecast(
                times: Array(life.times[window]), values: Array(life.values[window]), settings: settings)
            calls += 1
            if forecast.crossing != nil, first == nil { first = time }
            guard let whole, let truth = life.crossing, mark < Self.marks.count,
                time - life.start >= Self.marks[mark] * whole
            else { continue }
            if let crossing = forecast.crossing {
                marks[mark].dates += 1
                if crossing.first <= truth, truth <= crossing.last { marks[mark].covered += 1 }
                marks[mark].errors.append(abs(crossing.expected - truth) / whole)
            }
            mark += 1
        }
        guard let whole, let truth = life.crossing else {
            withoutCrossing += 1
            if first != nil { falseDates += 1 }
            return
        }
        crossings += 1
        if let first { leads.append((truth - first) / whole) }
    }

    /// One forecast from all values of a life, for its time alone.
    mutating func forecast(_ life: Life) {
        let settings = ForecastSettings(threshold: life.threshold)
        calls += Forecast(times: life.times, values: life.values, settings: settings).count
    }

    static let head = """
        | | dated before | median lead | missed | false dates | at 50 %: dated, covered, error | at 70 % | at 90 % |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        """

    func row(_ name: String) -> String {
        let cells =
            [
                Self.percent(leads.count, crossings), Self.median(leads).map(Self.percent) ?? "-",
                Self.percent(crossings - leads.count, crossings), Self.percent(falseDates, withoutCrossing),
            ]
            + marks.map { mark in
                mark.dates == 0
                    ? crossings > 0 ? "0 %" : "-"
                    : [
                        Self.percent(mark.dates, crossings), Self.percent(mark.covered, mark.dates),
                        Self.median(mark.errors).map(Self.percent) ?? "-",
                    ].joined(separator: ", ")
            }
        return "| \(name) | \(cells.joined(separator: " | ")) |"
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
    private static func percent(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "-" : percent(Double(part) / Double(whole))
    }

    private static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}
