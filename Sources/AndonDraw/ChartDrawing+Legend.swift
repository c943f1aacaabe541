extension ChartDrawing {
    /// The numbers in words, and what the shapes mean, in a strip along the bottom.
    func drawLegend(on canvas: borrowing Canvas) {
        let box = layout.legendBox
        guard box.height > 0 else { return }
        canvas.polygon(box.corners, fill: .shade)
        let body = layout.type.body
        var top = box.top + 6 * unit
        for line in layout.legend {
            canvas.text(line, at: Spot(box.left + 12 * unit, top + body.size), body, width: box.width - 24 * unit)
            top += body.lineHeight
        }
        if layout.detail.hasKey { drawKey(in: box, top: top + 6 * unit, on: canvas) }
    }

    /// Only the shapes that occur.
    private func drawKey(in box: Box, top: Double, on canvas: borrowing Canvas) {
        let small = layout.type.small
        var x = box.left + 24 * unit
        for marker in Marker.allCases where occurs(marker) {
            let width = canvas.width(of: marker.name, small)
            guard x + 20 * unit + width <= box.right - 8 * unit else { break }
            let size = marker == .marked ? 3.4 * unit : 5 * unit
            marker.draw(at: Spot(x, top + small.size * 0.64), size: size, on: canvas)
            canvas.text(marker.name, at: Spot(x + 18 * unit, top + small.size), small)
            x += 54 * unit + width
        }
        guard let forecast = figure.forecast, layout.abscissa.span != nil else { return }
        let percent = NumberText.significant(forecast.confidence * 100, digits: 3)
        let name = "forecast, \(percent) % band"
        let line = Box(left: x - 10 * unit, top: top + 2 * unit, width: 44 * unit, height: small.size)
        guard line.right + 10 * unit + canvas.width(of: name, small) <= box.right else { return }
        canvas.fill(line, .forecastBand)
        canvas.line(Spot(line.left, line.middle.y), Spot(line.right, line.middle.y), forecastStroke)
        canvas.text(name, at: Spot(line.right + 8 * unit, top + small.size), small)
    }

    private func occurs(_ marker: Marker) -> Bool {
        points.contains { point in
            point.value?.isFinite == true && (marker == .marked ? point.isMarked : Marker.of(point) == marker)
        }
    }
}
