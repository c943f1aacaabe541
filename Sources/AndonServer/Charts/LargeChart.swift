import AndonLearn

/// A stream with its limits, phases, repairs and causes as a picture. Colours come from classes and from the text around it,
/// so that it is right in light and dark; every mark has a shape or a word of its own.
struct LargeChart: Sendable {
    struct Point: Hashable, Sendable {
        var number: Int
        /// Nil, or no finite number: there is a gap.
        var value: Double?
        var centre: Double?
        var lower: Double?
        var upper: Double?
        var isSignal = false
        /// Left out when the limits were worked out.
        var isExcluded = false
        /// Reported after later points were judged.
        var isLate = false
        /// What happened before it: a repair, new limits.
        var event: String?
    }

    /// Points that a cause is about.
    struct Span: Hashable, Sendable {
        var first: Int
        var last: Int
        var name: String
    }

    /// A level that is no limit of control: a specification, a threshold.
    struct Level: Hashable, Sendable {
        var value: Double
        var name: String
    }

    /// The names of lines and axes, in the reader's language.
    struct Words: Sendable {
        var title: String
        var value: String
        var across: String
        var centre: String
        var lower: String
        var upper: String
    }

    var points: [Point]
    var spans: [Span] = []
    var levels: [Level] = []
    let words: Words
    /// How values are written.
    let figure: @Sendable (Double) -> String

    static let width = 960.0
    static let height = 420.0
    private static let left = 76.0
    private static let right = 92.0
    private static let top = 34.0
    private static let bottom = 78.0
    private static let labelsAcross = 12

    var svg: String {
        let head =
            "<svg class=\"chart-large\" viewBox=\"0 0 \(Self.width.fixed(0)) \(Self.height.fixed(0))\" role=\"img\" "
            + "aria-label=\"\(Plot.escaped(words.title))\" fill=\"currentColor\" font-size=\"13\" "
            + "xmlns=\"http://www.w3.org/2000/svg\">"
        guard let scale else { return head + "</svg>" }
        let parts = [
            axes(scale), levelLines(scale), limitLines(scale), events, spanMarks, valueLine(scale), names(scale),
        ]
        return head + parts.joined() + "</svg>"
    }

    /// Where the points lie; nil for a gap.
    var places: [Plot.Place?] {
        guard let scale else { return points.map { _ in nil } }
        return located(scale) { $0.value }
    }

    private var scale: PlotScale? {
        let own = points.flatMap { [$0.value, $0.centre, $0.lower, $0.upper] }.compactMap(\.self)
        return PlotScale(own.isEmpty ? [] : own + levels.map(\.value))
    }

    // MARK: Places

    private func x(_ index: Int) -> Double {
        let across = points.count > 1 ? Double(index) / Double(points.count - 1) : 0.5
        return Self.left + across * (Self.width - Self.left - Self.right)
    }

    private func y(_ value: Double, _ scale: PlotScale) -> Double {
        Self.height - Self.bottom - scale.share(value) * (Self.height - Self.bottom - Self.top)
    }

    /// Half the way to the next point.
    private var half: Double {
        points.count > 1 ? (Self.width - Self.left - Self.right) / Double(points.count - 1) / 2 : 12
    }

    private func located(_ scale: PlotScale, _ value: (Point) -> Double?) -> [Plot.Place?] {
        points.enumerated().map { index, point -> Plot.Place? in
            guard let value = value(point), value.isFinite else { return nil }
            return Plot.Place(x: x(index), y: y(value, scale))
        }
    }

    // MARK: Parts

    private func axes(_ scale: PlotScale) -> String {
        let end = Self.width - Self.right
        var parts = scale.ticks.map { tick -> String in
            let height = y(tick, scale).fixed(1)
            let line = Self.line("grid", Self.left.fixed(1), height, end.fixed(1), height)
            return line + text(figure(tick), Self.left - 8, y(tick, scale) + 4, "end")
        }
        let step = max(1, (points.count + Self.labelsAcross - 1) / Self.labelsAcross)
        for index in stride(from: 0, to: points.count, by: step) {
            parts.append(text("\(points[index].number)", x(index), Self.height - Self.bottom + 20, "middle"))
        }
        parts.append(text(words.across, (Self.left + end) / 2, Self.height - 8, "middle"))
        let middle = ((Self.top + Self.height - Self.bottom) / 2).fixed(0)
        parts.append(
            "<text transform=\"translate(16 \(middle)) rotate(-90)\" text-anchor=\"middle\">"
                + "\(Plot.escaped(words.value))</text>")
        return parts.joined()
    }

    private func levelLines(_ scale: PlotScale) -> String {
        levels.filter { $0.value.isFinite }.map { level -> String in
            let height = y(level.value, scale)
            let end = (Self.width - Self.right).fixed(1)
            return Self.line("level", Self.left.fixed(1), height.fixed(1), end, height.fixed(1))
                + text(level.name, Self.left + 6, height - 4, "start")
        }.joined()
    }

    private func limitLines(_ scale: PlotScale) -> String {
        let lines: [(String, (Point) -> Double?)] = [
            ("limit", { $0.lower }), ("limit", { $0.upper }), ("centre", { $0.centre }),
        ]
        return lines.map { name, value -> String in
            let path = Plot.path(located(scale, value))
            return path.isEmpty ? "" : "<path class=\"\(name)\" d=\"\(path)\" fill=\"none\"/>"
        }.joined()
    }

    /// At the right end, where the newest point's limits are.
    private func names(_ scale: PlotScale) -> String {
        guard let newest = points.last(where: { $0.centre != nil }) else { return "" }
        let named: [(String, Double?)] = [
            (words.upper, newest.upper), (words.centre, newest.centre), (words.lower, newest.lower),
        ]
        return named.map { name, value -> String in
            guard let value, value.isFinite else { return "" }
            return text(name, Self.width - Self.right + 10, y(value, scale) + 4, "start")
        }.joined()
    }

    private var events: String {
        points.enumerated().map { index, point -> String in
            guard let event = point.event else { return "" }
            let place = x(index) - half
            let line = Self.line(
                "event", place.fixed(1), Self.top.fixed(1), place.fixed(1), (Self.height - Self.bottom).fixed(1))
            let isRight = place > Self.width * 0.7
            return line + text(event, place + (isRight ? -4 : 4), Self.top - 8, isRight ? "end" : "start")
        }.joined()
    }

    private var spanMarks: String {
        guard let newest = points.last?.number else { return "" }
        return spans.map { span -> String in
            guard let begin = points.firstIndex(where: { $0.number >= span.first }), span.first <= newest,
                let end = points.lastIndex(where: { $0.number <= span.last }), begin <= end
            else { return "" }
            let from = max(Self.left - 8, x(begin) - half)
            let until = min(Self.width - Self.right + 8, x(end) + half)
            let row = Self.height - Self.bottom + 30
            let width = max(2, until - from).fixed(1)
            return
                "<rect class=\"cause\" x=\"\(from.fixed(1))\" y=\"\(row.fixed(1))\" width=\"\(width)\" height=\"6\"/>"
                + text(span.name, (from + until) / 2, row + 19, "middle")
        }.joined()
    }

    private func valueLine(_ scale: PlotScale) -> String {
        let places = located(scale) { $0.value }
        let path = Plot.path(places)
        let line = path.isEmpty ? "" : "<path class=\"value\" d=\"\(path)\" fill=\"none\"/>"
        return line + zip(points, places).map { point, place in place.map { Self.mark(point, $0) } ?? "" }.joined()
    }

    /// A diamond breaks a rule, a square was left out of the limits, a ring came late, a dot is a point like others.
    private static func mark(_ point: Point, _ place: Plot.Place) -> String {
        if point.isSignal { return Plot.diamond(place, 7, "signal") }
        let (across, down) = (place.x.fixed(1), place.y.fixed(1))
        if point.isExcluded {
            let (left, top) = ((place.x - 5).fixed(1), (place.y - 5).fixed(1))
            return "<rect class=\"excluded\" x=\"\(left)\" y=\"\(top)\" width=\"10\" height=\"10\"/>"
        }
        if point.isLate { return "<circle class=\"late\" cx=\"\(across)\" cy=\"\(down)\" r=\"4\"/>" }
        return "<circle class=\"point\" cx=\"\(across)\" cy=\"\(down)\" r=\"3\"/>"
    }

    private static func line(_ name: String, _ x1: String, _ y1: String, _ x2: String, _ y2: String) -> String {
        "<line class=\"\(name)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>"
    }

    private func text(_ words: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
        "<text x=\"\(x.fixed(1))\" y=\"\(y.fixed(1))\" text-anchor=\"\(anchor)\">\(Plot.escaped(words))</text>"
    }
}
