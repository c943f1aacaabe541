/// Draws a chart from the ground up: what matters most is drawn last.
struct ChartDrawing {
    let layout: ChartLayout

    init(_ figure: ChartFigure, on canvas: borrowing Canvas) {
        layout = ChartLayout(figure, on: canvas)
    }

    var figure: ChartFigure { layout.figure }
    var unit: Double { layout.unit }
    var points: [ChartFigure.Point] { layout.abscissa.points }

    func draw(on canvas: borrowing Canvas) {
        drawPhases(on: canvas)
        drawGrid(on: canvas)
        drawZones(on: canvas)
        drawForecast(on: canvas)
        drawLimits(on: canvas)
        drawFlags(on: canvas)
        drawData(on: canvas)
        drawFrame(on: canvas)
        drawEdgeLabels(on: canvas)
        drawPointLabels(on: canvas)
        drawHeader(on: canvas)
        drawLegend(on: canvas)
        if !points.contains(where: { $0.value?.isFinite == true }) { drawNothing(on: canvas) }
    }

    private func drawNothing(on canvas: borrowing Canvas) {
        canvas.text(
            "no point with a value yet", at: layout.plot.middle, layout.type.body, .middle, width: layout.plot.width)
    }

    private func drawHeader(on canvas: borrowing Canvas) {
        let type = layout.type
        var top = 10 * unit
        for line in layout.title {
            canvas.text(line, at: Spot(14 * unit, top + type.title.size), type.title)
            top += type.title.lineHeight
        }
        for line in layout.subtitles {
            canvas.text(line, at: Spot(14 * unit, top + type.body.size), type.body)
            top += type.body.lineHeight
        }
        guard layout.detail.hasValueLabel else { return }
        canvas.text(
            figure.valueLabel, at: Spot(14 * unit, layout.frame.top - 8 * unit), type.small,
            width: Double(canvas.width) - 28 * unit)
    }

    private func drawFrame(on canvas: borrowing Canvas) {
        let frame = layout.frame
        let stroke = Stroke(.quiet, 1.5 * unit)
        canvas.line(
            [Spot(frame.left, frame.top), Spot(frame.left, frame.bottom), Spot(frame.right, frame.bottom)], stroke)
    }

    // MARK: Grid

    private func drawGrid(on canvas: borrowing Canvas) {
        let frame = layout.frame
        let small = layout.type.small
        for tick in layout.scale.ticks {
            let y = layout.y(tick.value)
            canvas.line(Spot(frame.left, y), Spot(frame.right, y), Stroke(.grid, unit))
            guard layout.detail.tickRows > 0 else { continue }
            canvas.text(
                tick.label, at: Spot(frame.left - 8 * unit, y + small.size * 0.36), small, .end,
                width: frame.left - 8 * unit)
        }
        guard layout.detail.tickRows > 0 else { return }
        if layout.abscissa.span == nil { drawNumbers(on: canvas) } else { drawTimes(on: canvas) }
    }

    private func drawTimes(on canvas: borrowing Canvas) {
        for tick in layout.times {
            guard let fraction = layout.abscissa.fraction(of: tick.at) else { continue }
            drawTick(layout.x(fraction), tick.label, tick.under, on: canvas)
        }
        drawAxisName("UTC", after: 0, on: canvas)
    }

    private func drawNumbers(on canvas: borrowing Canvas) {
        guard let first = points.first?.number, let last = points.last?.number else { return }
        let labels = points.compactMap(\.label).suffix(50).map { canvas.width(of: $0, layout.type.small) }
        let numbers = [first, last].map { canvas.width(of: String($0), layout.type.small) }
        let widest = min((numbers + labels).max() ?? 0, layout.plot.width / 3) + 18 * unit
        let room = max(1, layout.plot.width / widest)
        let step = Int(Scale.roundStep(max(1, Double(points.count) / room)).rounded(.up))
        // Where the last label ends, so that none runs into the next.
        var right = -Double.infinity
        for index in points.indices where points[index].number % step == 0 || points.count == 1 {
            let x = layout.x(at: index)
            guard x - widest / 2 >= right else { continue }
            drawTick(x, String(points[index].number), points[index].label, width: widest, on: canvas)
            right = x + widest / 2
        }
        drawAxisName("point", after: right, on: canvas)
    }

    private func drawTick(
        _ x: Double, _ label: String, _ under: String?, width: Double = .infinity, on canvas: borrowing Canvas
    ) {
        let small = layout.type.small
        let bottom = layout.frame.bottom
        canvas.line(Spot(x, bottom), Spot(x, bottom + 6 * unit), Stroke(.quiet, 1.5 * unit))
        let y = bottom + 8 * unit + small.size
        canvas.text(label, at: Spot(x, y), small, .middle, width: width)
        guard let under, layout.detail.tickRows > 1 else { return }
        canvas.text(under, at: Spot(x, y + small.lineHeight), small, .middle, width: width)
    }

    private func drawAxisName(_ name: String, after right: Double, on canvas: borrowing Canvas) {
        let small = layout.type.small
        let left = max(layout.frame.right + 26 * unit, right)
        canvas.text(
            name, at: Spot(left, layout.frame.bottom + 8 * unit + small.size), small,
            width: Double(canvas.width) - left - 4)
    }

    // MARK: Phases and flags

    private func drawPhases(on canvas: borrowing Canvas) {
        var index = 0
        while index < points.count {
            let start = index
            let phase = points[index].phase
            while index < points.count, points[index].phase == phase { index += 1 }
            guard phase == 1 else { continue }
            let left = layout.x(layout.abscissa.edge(before: start))
            let right = layout.x(layout.abscissa.edge(before: index))
            canvas.fill(
                Box(left: left, top: layout.frame.top, width: right - left, height: layout.frame.height), .shade)
            guard index < points.count else { continue }
            canvas.line(
                Spot(right, layout.frame.top), Spot(right, layout.frame.bottom), Stroke(.rule, 1.5 * unit))
        }
    }

    private func drawFlags(on canvas: borrowing Canvas) {
        for flag in layout.flags {
            if let stroke = flag.stroke {
                let top = flag.row < 0 ? layout.plot.top : flag.box.bottom
                canvas.line(Spot(flag.x, top), Spot(flag.x, layout.frame.bottom), stroke)
            }
            guard flag.row >= 0 else { continue }
            canvas.text(
                flag.shown, at: Spot(flag.box.left, flag.box.top + layout.type.small.size), layout.type.small)
        }
    }
}
