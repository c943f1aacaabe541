/// Which points are shown, and how far each stands from the left: 0 at the left edge of the plot, 1 at the right.
struct Abscissa: Sendable {
    let points: [ChartFigure.Point]
    /// How many came before the first shown and after the last.
    let hidden: (before: Int, after: Int)
    /// The moments at the left and the right edge of an axis of time.
    let span: ClosedRange<Int64>?

    /// - Parameter capacity: how many points the plot can tell apart.
    init(_ figure: ChartFigure, capacity: Int) {
        let isTime = figure.axis == .time && figure.points.contains { $0.time != nil }
        let all = isTime ? figure.points.filter { $0.time != nil } : figure.points
        let window = Self.window(all, isTime ? max(capacity, Self.dotsMax) : max(1, capacity))
        points = Array(all[window])
        hidden = (window.lowerBound, all.count - window.upperBound)
        span = isTime ? Self.span(points.compactMap(\.time), figure.forecast) : nil
    }

    /// On an axis of time points may lie as close as they like.
    private static let dotsMax = 2000

    /// The newest, or those around the marked point where it is older.
    private static func window(_ all: [ChartFigure.Point], _ capacity: Int) -> Swift.Range<Int> {
        guard all.count > capacity else { return 0..<all.count }
        let marked = all.lastIndex(where: \.isMarked) ?? all.count - 1
        let end = marked >= all.count - capacity ? all.count : min(all.count, marked + capacity / 4 + 1)
        return max(0, end - capacity)..<end
    }

    /// Up to the last crossing, but so that the past keeps a third of the width.
    private static func span(_ times: [Int64], _ forecast: ChartFigure.Forecast?) -> ClosedRange<Int64>? {
        let held = times.map(CivilTime.held)
        guard let first = held.min(), let newest = held.max() else { return nil }
        let past = max(newest - first, CivilTime.second)
        let ahead = [forecast?.first, forecast?.expected, forecast?.last, forecast?.path.last?.time].compactMap(\.self)
        let end = max(newest, min(ahead.map(CivilTime.held).max() ?? newest, newest + 2 * past))
        let room = max((end - first) / 25, CivilTime.second)
        return first - room...end + room
    }

    func fraction(of time: Int64) -> Double? {
        guard let span else { return nil }
        return (Double(CivilTime.held(time)) - Double(span.lowerBound))
            / (Double(span.upperBound) - Double(span.lowerBound))
    }

    func fraction(at index: Int) -> Double {
        points[index].time.flatMap(fraction(of:)) ?? (Double(index) + 0.5) / Double(points.count)
    }

    /// Where the ground of point `index` begins: limits are steps that change half-way between points.
    func edge(before index: Int) -> Double {
        guard index > 0 else { return 0 }
        guard index < points.count else { return 1 }
        return (fraction(at: index - 1) + fraction(at: index)) / 2
    }
}
