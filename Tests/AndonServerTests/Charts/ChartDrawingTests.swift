import AndonLearn
import AndonTesting
import AndonWeb
import Foundation
import Testing

@testable import AndonServer

@Suite("Charts as they are drawn on pages")
struct ChartDrawingTests {
    private static func point(_ value: Double?, isSignal: Bool = false) -> Sparkline.Point {
        Sparkline.Point(value: value, centre: 5, lower: 2, upper: 8, isSignal: isSignal)
    }

    @Test("A small chart has its limits, its value with gaps, and a diamond where a rule is broken")
    func small() {
        let points = [Self.point(5), Self.point(nil), Self.point(6), Self.point(9, isSignal: true)]
        let svg = Sparkline.svg(points, label: "4 points & a <signal>")
        #expect(svg.contains("aria-label=\"4 points &amp; a &lt;signal&gt;\""))
        #expect(svg.components(separatedBy: "class=\"limit\"").count == 3, "two limits: \(svg)")
        #expect(svg.components(separatedBy: "<circle").count == 3 && svg.contains("<path class=\"signal\""))
        #expect(!svg.contains("style=") && !svg.contains("fill=\"#"), "colours are the style sheet's")
        let places = Sparkline.places(points)
        #expect(places.count == 4 && places[1] == nil)
        #expect(places[3]?.x == Sparkline.width - Sparkline.inset && places[3]?.y == Sparkline.inset)
    }

    @Test("A series that does not change lies in the middle, a single point too, and none at all is an empty picture")
    func constant() {
        let flat = Sparkline.places(Array(repeating: Sparkline.Point(value: 3), count: 5))
        #expect(flat.allSatisfy { $0?.y == Sparkline.height / 2 })
        let single = Sparkline.places([Sparkline.Point(value: -1e300)])
        #expect(single == [Plot.Place(x: Sparkline.width / 2, y: Sparkline.height / 2)])
        let empty = Sparkline.svg([], label: "nothing")
        #expect(empty.hasPrefix("<svg") && !empty.contains("<path") && !empty.contains("<circle"))
    }

    /// Values of a sensor at its best and at its worst.
    private static func value(_ random: inout SeededRandom) -> Double? {
        switch random.int(0...9) {
        case 0: return nil
        case 1: return Double.nan
        case 2: return Double.infinity
        case 3: return -Double.greatestFiniteMagnitude
        case 4: return Double.greatestFiniteMagnitude
        case 5: return 0
        case 6: return Double.leastNonzeroMagnitude
        default: return Double(random.int(-1_000_000...1_000_000)) / 997
        }
    }

    @Test("Whatever the values are, every point that has one lies inside the frame, and what has none is a gap")
    func property() {
        let seed: UInt64 = 20_261_128
        var random = SeededRandom(seed: seed)
        print("drawing of charts: seed \(seed)")
        for round in 0..<400 {
            let points = (0..<random.int(0...40)).map { _ in
                Sparkline.Point(
                    value: Self.value(&random), centre: Self.value(&random), lower: Self.value(&random),
                    upper: Self.value(&random), isSignal: random.int(0...3) == 0)
            }
            let places = Sparkline.places(points)
            #expect(places.count == points.count)
            for (point, place) in zip(points, places) {
                let isThere = point.value?.isFinite == true
                #expect((place != nil) == isThere, "round \(round), seed \(seed)")
                guard let place else { continue }
                let isInside =
                    place.x >= Sparkline.inset && place.x <= Sparkline.width - Sparkline.inset
                    && place.y >= Sparkline.inset && place.y <= Sparkline.height - Sparkline.inset
                #expect(isInside, "\(place), round \(round), seed \(seed)")
            }
            let svg = Sparkline.svg(points, label: "round \(round)")
            #expect(!svg.contains("nan") && !svg.contains("inf"), "\(svg), seed \(seed)")
            let large = Self.large(points)
            #expect(
                large.places.compactMap(\.self).allSatisfy { place in
                    place.x >= 0 && place.x <= LargeChart.width && place.y >= 0 && place.y <= LargeChart.height
                }, "round \(round), seed \(seed)")
            #expect(!large.svg.contains("nan") && !large.svg.contains("\"inf"), "round \(round), seed \(seed)")
        }
    }

    private static let words = LargeChart.Words(
        title: "u: scratches", value: "share", across: "point", centre: "centre", lower: "lower", upper: "upper")

    private static func large(_ points: [Sparkline.Point]) -> LargeChart {
        LargeChart(
            points: points.enumerated().map { index, point in
                LargeChart.Point(
                    number: index + 1, value: point.value, centre: point.centre, lower: point.lower,
                    upper: point.upper, isSignal: point.isSignal)
            }, words: words, figure: { _ in "1" })
    }

    @Test("The large chart says what each mark is: causes, events, levels, points that were left out or late")
    func marks() {
        var chart = Self.large((0..<10).map { Self.point(Double($0)) })
        chart.points[2].isExcluded = true
        chart.points[3].isLate = true
        chart.points[5].event = "limits v2"
        chart.spans = [.init(first: 4, last: 6, name: "C7"), .init(first: 40, last: 50, name: "C8")]
        chart.levels = [.init(value: 9.5, name: "threshold <x>")]
        let svg = chart.svg
        for part in [
            "class=\"excluded\"", "class=\"late\"", ">limits v2<", "class=\"cause\"", ">C7<", ">threshold &lt;x&gt;<",
            ">upper<", ">share<",
        ] {
            #expect(svg.contains(part), "\(part) is missing in \(svg)")
        }
        #expect(!svg.contains("C8") && !svg.contains("style="))
    }

    @Test("Ticks are round, within the values, and few")
    func ticks() throws {
        #expect(try #require(PlotScale([0, 10])).ticks == [0, 2, 4, 6, 8, 10])
        #expect(PlotScale([.nan]) == nil)
        for values in [[1e-9, 3e-9], [-5, 1e12], [0.1, 0.1], [-1e308, 1e308]] {
            let scale = try #require(PlotScale(values))
            #expect((1...8).contains(scale.ticks.count), "\(values): \(scale.ticks)")
        }
    }

    @Test("A Pareto's line rises to the whole, and its bars are as many as there are names")
    func pareto() {
        let bars: [(String, Double, Double)] = [
            ("edge <chip>, MILL-03", 6.0, 0.6), ("dent, OVEN-02", 3, 0.9), ("scratch, COAT-01", 1, 1),
        ]
        let writer = PhraseWriter(formats: Formats(.english, timeZone: "UTC"))
        let figure = ParetoFigure(
            pareto: Report.Pareto(
                measure: .name("hours, h"), bars: bars.map { .init(name: $0.0, value: $0.1, cumulated: $0.2) }),
            writer: writer)
        let svg = figure.svg
        #expect(svg.components(separatedBy: "class=\"bar\"").count == 4 && svg.contains("edge &lt;chip&gt;"))
        #expect(svg.contains("class=\"cumulated\"") && svg.contains(">100 %<") && !svg.contains("style="))
        let heights = figure.corners.map(\.y)
        #expect(heights == heights.sorted(by: >) && heights.count == 3)
        #expect(ParetoFigure(pareto: Report.Pareto(measure: .name("hours"), bars: []), writer: writer).svg.isEmpty)
    }
}
