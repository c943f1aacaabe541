extension ChartDrawing {
    /// Radius of a point in control, in pixels: smaller where points are close.
    var dot: Double { min(max(layout.pitch * 0.36, 2.6 * unit), 6 * unit) }

    /// A signal and the ring stay large where ordinary points shrink.
    func size(_ marker: Marker) -> Double {
        switch marker {
        case .signal, .marked, .excluded: max(dot, 4.6 * unit)
        case .inControl, .late: dot
        }
    }

    func drawData(on canvas: borrowing Canvas) {
        drawCurve(on: canvas)
        let ordinary = points.indices.filter { Marker.of(points[$0]) != .signal }
        let signals = points.indices.filter { Marker.of(points[$0]) == .signal }
        for index in ordinary + signals {
            guard let spot = layout.spot(at: index), let value = points[index].value else { continue }
            let marker = Marker.of(points[index])
            if layout.isOff(value) {
                drawArrow(at: spot, isUp: value > layout.scale.high, marker, on: canvas)
            } else {
                marker.draw(at: spot, size: size(marker), on: canvas)
            }
        }
        for index in points.indices where points[index].isMarked {
            guard let spot = layout.spot(at: index) else { continue }
            Marker.marked.draw(at: spot, size: size(.marked), on: canvas)
        }
    }

    /// The line through the points, broken where nothing was plotted; thick where points make a pattern.
    private func drawCurve(on canvas: borrowing Canvas) {
        var before: (spot: Spot, isInPattern: Bool)?
        var run: [Spot] = []
        var runs: [[Spot]] = []
        var thick: [[Spot]] = []
        for index in points.indices where !points[index].isExcluded {
            guard let spot = layout.spot(at: index) else {
                runs.append(run)
                run = []
                before = nil
                continue
            }
            run.append(spot)
            let isInPattern = points[index].isInPattern
            if let before, before.isInPattern, isInPattern { thick.append([before.spot, spot]) }
            before = (spot, isInPattern)
        }
        for line in thick { canvas.line(line, Stroke(.signal.faded(0.35), 11 * unit)) }
        for line in runs + [run] { canvas.line(line, Stroke(.data, 1.6 * unit)) }
    }

    /// A point far beyond the axis: an arrow on the edge, with the number beside it.
    private func drawArrow(at spot: Spot, isUp: Bool, _ marker: Marker, on canvas: borrowing Canvas) {
        let reach = size(.signal) * 1.9
        let tip = isUp ? -reach : reach
        canvas.polygon(
            [
                Spot(spot.x, spot.y + tip), Spot(spot.x + reach, spot.y - tip * 0.7),
                Spot(spot.x - reach, spot.y - tip * 0.7),
            ], fill: marker == .signal ? .signal : .data, stroke: Stroke(.ink, 1.5 * unit))
    }
}
