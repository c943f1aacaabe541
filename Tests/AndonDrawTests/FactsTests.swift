import AndonDraw
import Testing

@Suite("A chart's facts in words")
struct FactsTests {
    @Test("The marked point comes first, then limits, distance, rules and the newest point")
    func marked() {
        let facts = ChartFigure.sample(last: 31, signals: ["beyond-3-sigma"], marked: 19).facts
        #expect(
            facts == [
                "this detection, point 20 at 2026-11-19 06:06:40 UTC: 31 defects a wafer",
                "LCL 4, centre 16, UCL 28", "+3.75 sigma from the centre", "breaks beyond-3-sigma",
                "20 points, 1 breaking a rule",
            ])
        let older = ChartFigure.sample(marked: 4).facts
        #expect(older.first?.hasPrefix("this detection, point 5 ") == true)
        #expect(older.contains("breaks no rule") && older.contains("newest point 20: 16"))
        #expect(older.contains("its limits: LCL 4, centre 16, UCL 28"))
    }

    @Test("Sigma is named only where the limits tell it: symmetric, or with the lower one cut at zero")
    func sigma() {
        func words(_ lower: Double?, _ upper: Double?, sigmas: Double? = nil) -> String? {
            let point = ChartFigure.Point(
                number: 1, value: 8, centre: 4, lower: lower, upper: upper, sigmas: sigmas)
            let figure = ChartFigure(title: "", valueLabel: "", points: [point])
            return figure.facts.first { $0.contains("sigma") }
        }
        #expect(words(-2, 10) == "+2 sigma from the centre")
        #expect(words(0, 10) == "+2 sigma from the centre", "3 sigma below the centre would be less than nothing")
        #expect(words(0, 7) == nil, "3 sigma below the centre is 1, and the limit is not there")
        #expect(words(0, 22) == "+0.667 sigma from the centre")
        #expect(words(1, 10) == nil && words(nil, nil) == nil)
        #expect(words(1, 10, sigmas: 2.5) == "+2.5 sigma from the centre")
        #expect(words(1, 10, sigmas: .nan) == nil)
    }

    @Test("A forecast is told with its slope and three dates, or with the lack of a date")
    func forecast() {
        var figure = ChartFigure.degrading
        #expect(
            figure.facts.suffix(2) == [
                "slope +0.05 a day",
                "crosses the threshold about 2027-01-17 (first 2027-01-06, last 2027-01-27; 95 % band)",
            ])
        figure.forecast?.expected = nil
        #expect(figure.facts.last == "no crossing of the threshold can be dated")
    }

    @Test("No points and no values have words too")
    func empty() {
        #expect(ChartFigure(title: "", valueLabel: "", points: []).facts == ["no point with a value yet"])
        let nothing = ChartFigure(title: "", valueLabel: "", points: [.init(number: 1, value: .nan)])
        #expect(nothing.facts == ["no point with a value yet"])
    }
}
