import AndonLearn

/// A stream's newest points as a small picture: the value, its limits, and signals by their shape.
enum Sparkline {
    struct Point: Hashable, Sendable {
        /// Nil, or no finite number: there is a gap.
        var value: Double?
        var centre: Double?
        var lower: Double?
        var upper: Double?
        /// Whether it breaks a rule.
        var isSignal = false
    }

    static let width = 240.0
    static let height = 72.0
    /// A diamond at the edge stays inside.
    static let inset = 7.0
    private static let signalSize = 5.0

    /// Where the points lie; nil for a gap. All lie inside the frame.
    static func places(_ points: [Point]) -> [Plot.Place?] { located(points, scale(points)) { $0.value } }

    /// - Parameter label: what the picture says, in words.
    static func svg(_ points: [Point], label: String) -> String {
        let scale = scale(points)
        func line(_ name: String, _ value: (Point) -> Double?) -> String {
            let path = Plot.path(located(points, scale, value))
            return path.isEmpty ? "" : "<path class=\"\(name)\" d=\"\(path)\" fill=\"none\"/>"
        }
        let lines = [
            line("limit", { $0.lower }), line("limit", { $0.upper }), line("centre", { $0.centre }),
            line("value", { $0.value }),
        ]
        let head =
            "<svg class=\"spark\" viewBox=\"0 0 \(width.fixed(0)) \(height.fixed(0))\" role=\"img\" "
            + "aria-label=\"\(Plot.escaped(label))\" xmlns=\"http://www.w3.org/2000/svg\">"
        return head + lines.joined() + marks(points, scale) + "</svg>"
    }

    private static func marks(_ points: [Point], _ scale: PlotScale?) -> String {
        let places = located(points, scale) { $0.value }
        let newest = places.lastIndex { $0 != nil }
        return zip(points, places).enumerated().map { index, pair -> String in
            guard let place = pair.1 else { return "" }
            if pair.0.isSignal { return Plot.diamond(place, signalSize, "signal") }
            let radius = index == newest ? "3" : "1.6"
            return "<circle class=\"point\" cx=\"\(place.x.fixed(1))\" cy=\"\(place.y.fixed(1))\" r=\"\(radius)\"/>"
        }.joined()
    }

    private static func scale(_ points: [Point]) -> PlotScale? {
        PlotScale(points.flatMap { [$0.value, $0.centre, $0.lower, $0.upper] }.compactMap(\.self))
    }

    private static func located(
        _ points: [Point], _ scale: PlotScale?, _ value: (Point) -> Double?
    ) -> [Plot.Place?] {
        points.enumerated().map { index, point -> Plot.Place? in
            guard let value = value(point), value.isFinite, let scale else { return nil }
            let across = points.count > 1 ? Double(index) / Double(points.count - 1) : 0.5
            return Plot.Place(
                x: inset + across * (width - 2 * inset),
                y: height - inset - scale.share(value) * (height - 2 * inset))
        }
    }
}
