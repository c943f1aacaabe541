/// What a point looks like. Every kind has a shape of its own, so that no meaning rests on a colour.
enum Marker: Sendable, CaseIterable {
    case inControl, signal, excluded, late, marked

    /// As the key names it.
    var name: String {
        switch self {
        case .inControl: "breaks no rule"
        case .signal: "breaks a rule"
        case .excluded: "excluded"
        case .late: "reported late"
        case .marked: "this detection"
        }
    }

    /// What `point` is drawn as, the ring of the marked point apart.
    static func of(_ point: ChartFigure.Point) -> Marker {
        if point.isExcluded { return .excluded }
        if !point.signals.isEmpty { return .signal }
        return point.isLate ? .late : .inControl
    }

    /// - Parameter size: the radius of the small circle in pixels.
    func draw(at spot: Spot, size: Double, on canvas: borrowing Canvas) {
        switch self {
        case .inControl:
            canvas.circle(spot, radius: size, fill: .data)
        case .signal:
            let reach = size * 1.9
            canvas.polygon(
                [
                    Spot(spot.x, spot.y - reach), Spot(spot.x + reach, spot.y), Spot(spot.x, spot.y + reach),
                    Spot(spot.x - reach, spot.y),
                ], fill: .signal, stroke: Stroke(.ink, size * 0.3))
        case .excluded:
            let reach = size * 1.2
            let stroke = Stroke(.quiet, size * 0.55)
            canvas.line(Spot(spot.x - reach, spot.y - reach), Spot(spot.x + reach, spot.y + reach), stroke)
            canvas.line(Spot(spot.x - reach, spot.y + reach), Spot(spot.x + reach, spot.y - reach), stroke)
        case .late:
            let box = Box(left: spot.x, top: spot.y, width: 0, height: 0).grown(size * 1.1)
            canvas.polygon(box.corners, fill: .paper, stroke: Stroke(.data, size * 0.5))
        case .marked:
            canvas.circle(spot, radius: size * 3.1, stroke: Stroke(.paper, size * 1.1))
            canvas.circle(spot, radius: size * 3.1, stroke: Stroke(.mark, size * 0.75))
        }
    }
}
