import AndonLearn

/// Curves of a report as an SVG picture: steps with their bands, axes with round numbers, a legend. Nothing in it can be
/// anything but a number or a text that was escaped.
struct CurveFigure {
    private let curves: [Report.Curve]
    private let writer: PhraseWriter
    private let width = 720.0
    private let left = 64.0
    private let bottom = 48.0
    private let right = 16.0
    /// Told apart by more than their colour: the style sheet dashes each in its own way as well (WCAG 1.4.1).
    private static let curvesMax = 6
    /// Points of a curve that are drawn: more than the picture has columns show nothing more.
    private static let pointsMax = 500

    init(_ curves: [Report.Curve], _ writer: PhraseWriter) {
        self.curves = Array(curves.prefix(Self.curvesMax))
        self.writer = writer
    }

    /// The legend stands above the plot, where no line can run through it.
    private var top: Double { 12 + 18 * Double(curves.count) }
    private var height: Double { 320 + top }

    var svg: String {
        let points = curves.flatMap(\.points)
        guard let rightmost = points.map(\.x).max(), rightmost > 0 else { return "" }
        let highest = max(points.map { $0.upper ?? $0.y }.max() ?? 1, 1e-9)
        let across = Self.ticks(to: rightmost)
        let up = Self.ticks(to: highest)
        let (xMax, yMax) = (across.last ?? rightmost, up.last ?? highest)
        func x(_ value: Double) -> String { (left + value / xMax * (width - left - right)).fixed(1) }
        func y(_ value: Double) -> String { (height - bottom - value / yMax * (height - bottom - top)).fixed(1) }
        var parts: [String] = []
        for tick in up {
            parts.append(
                "<line x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(y(tick))\" y2=\"\(y(tick))\" class=\"grid\"/>"
                    + "<text x=\"\(left - 6)\" y=\"\(y(tick))\" text-anchor=\"end\" dominant-baseline=\"middle\">\(label(tick))</text>"
            )
        }
        for tick in across {
            parts.append(
                "<text x=\"\(x(tick))\" y=\"\(height - bottom + 16)\" text-anchor=\"middle\">\(label(tick))</text>"
            )
        }
        for (place, curve) in curves.enumerated() {
            let thinned = Self.thinned(curve.points)
            parts.append(Self.band(thinned, "b\(place)", x, y))
            parts.append("<path class=\"c\(place)\" d=\"\(Self.steps(thinned, x, y))\" fill=\"none\"/>")
        }
        let legend = curves.enumerated().map { place, curve -> String in
            let row = (12 + Double(place) * 18).fixed(1)
            let line =
                "<line class=\"c\(place)\" x1=\"\(left)\" x2=\"\(left + 30)\" y1=\"\(row)\" y2=\"\(row)\" "
                + "stroke-width=\"2\"/>"
            return line
                + "<text x=\"\(left + 38)\" y=\"\(row)\" dominant-baseline=\"middle\">\(escaped(curve.called))</text>"
        }
        let (acrossName, upName) = (curves[0].across, curves[0].up)
        let words = escaped(
            Phrase("figure-over", "{up} over {across}", ["up": .phrase(upName), "across": .phrase(acrossName)]))
        return
            "<svg class=\"learn-figure\" viewBox=\"0 0 \(width) \(height)\" role=\"img\" aria-label=\"\(words)\" font-size=\"12\" "
            + "fill=\"currentColor\" xmlns=\"http://www.w3.org/2000/svg\">" + parts.joined() + legend.joined()
            + "<text x=\"\(width / 2)\" y=\"\(height - 8)\" text-anchor=\"middle\">\(escaped(acrossName))</text>"
            + "<text transform=\"translate(14 \(height / 2)) rotate(-90)\" text-anchor=\"middle\">\(escaped(upName))</text></svg>"
    }

    private func escaped(_ phrase: Phrase) -> String { Plot.escaped(writer.text(phrase)) }

    private static func steps(
        _ points: [Report.Curve.Point], _ x: (Double) -> String, _ y: (Double) -> String
    ) -> String {
        points.enumerated().map { place, point in
            place == 0 ? "M\(x(point.x)) \(y(point.y))" : "H\(x(point.x))V\(y(point.y))"
        }.joined()
    }

    private static func band(
        _ points: [Report.Curve.Point], _ name: String, _ x: (Double) -> String, _ y: (Double) -> String
    ) -> String {
        let known = points.filter { $0.lower != nil && $0.upper != nil }
        guard known.count > 1 else { return "" }
        let above = steps(known.map { .init(x: $0.x, y: $0.upper ?? $0.y) }, x, y)
        let below = known.reversed().enumerated().map { place, point in
            place == 0 ? "L\(x(point.x)) \(y(point.lower ?? point.y))" : "V\(y(point.lower ?? point.y))H\(x(point.x))"
        }.joined()
        return "<path class=\"band \(name)\" d=\"\(above)\(below)Z\"/>"
    }

    private static func thinned(_ points: [Report.Curve.Point]) -> [Report.Curve.Point] {
        guard points.count > pointsMax else { return points }
        let step = Double(points.count - 1) / Double(pointsMax - 1)
        return (0..<pointsMax).map { points[Int((Double($0) * step).rounded())] }
    }

    /// From 0 in round steps to at least `end`.
    private static func ticks(to end: Double) -> [Double] {
        var step = 1e-6
        while end / step > 10 { step *= 10 }
        for factor in [0.1, 0.2, 0.5] where end / (step * factor) <= 6 {
            step *= factor
            break
        }
        return (0...Int((end / step).rounded(.up))).map { Double($0) * step }
    }

    private func label(_ value: Double) -> String {
        var digits = 0
        while digits < 4, abs(value.rounded() - value) > 1e-9,
            abs((value * [1, 10, 100, 1000][digits]).rounded() - value * [1, 10, 100, 1000][digits]) > 1e-9
        {
            digits += 1
        }
        return writer.number(value, digits)
    }
}
