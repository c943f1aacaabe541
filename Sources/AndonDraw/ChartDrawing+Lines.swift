extension ChartDrawing {
    /// Steps of the line that `value` gives for each point: one run of corners for each stretch without a gap.
    func steps(_ value: (ChartFigure.Point) -> Double?) -> [[Spot]] {
        var runs: [[Spot]] = []
        var run: [Spot] = []
        for index in points.indices {
            guard let level = value(points[index]), level.isFinite else {
                runs.append(run)
                run = []
                continue
            }
            let y = layout.y(level)
            let left = layout.x(layout.abscissa.edge(before: index))
            let right = layout.x(layout.abscissa.edge(before: index + 1))
            if let last = run.last, last.y == y {
                run[run.count - 1].x = right
            } else {
                run += [Spot(left, y), Spot(right, y)]
            }
        }
        runs.append(run)
        return runs.filter { $0.count > 1 }
    }

    /// The zones of one and two sigma, where sigma is known.
    func drawZones(on canvas: borrowing Canvas) {
        let stroke = Stroke(.rule, 0.9 * unit, dashes: [1.5 * unit, 5 * unit])
        for distance in [-2.0, -1, 1, 2] where distance.magnitude < figure.sigmaWidth {
            let runs = steps { point in
                guard let centre = point.centre, let sigma = figure.sigma(of: point) else { return nil }
                let level = centre + distance * sigma
                return level < point.lower ?? -.infinity ? nil : level
            }
            for run in runs { canvas.line(run, stroke) }
        }
    }

    /// Control limits dashed, the centre solid, what the customer allows dash and dot, the threshold in long dashes.
    func drawLimits(on canvas: borrowing Canvas) {
        let dashed = Stroke(.limit, 2.2 * unit, dashes: [9 * unit, 6 * unit])
        for run in steps(\.upper) + steps(\.lower) { canvas.line(run, dashed) }
        for run in steps(\.centre) { canvas.line(run, Stroke(.centre, 2.4 * unit)) }
        let dotted = Stroke(.specification, 2.2 * unit, dashes: [14 * unit, 5 * unit, 2 * unit, 5 * unit])
        for bound in [figure.specification?.lower, figure.specification?.upper] { drawLevel(bound, dotted, on: canvas) }
        drawLevel(figure.threshold, Stroke(.ink, 3 * unit, dashes: [22 * unit, 7 * unit]), on: canvas)
    }

    private func drawLevel(_ value: Double?, _ stroke: Stroke, on canvas: borrowing Canvas) {
        guard let value, value.isFinite, !layout.isOff(value) else { return }
        let y = layout.y(value)
        canvas.line(Spot(layout.frame.left, y), Spot(layout.frame.right, y), stroke)
    }

    /// Names and numbers at the right, pushed apart where lines are close, each led back to its line.
    func drawEdgeLabels(on canvas: borrowing Canvas) {
        let body = layout.type.body
        let labels = layout.edgeLabels
        let gap = min(body.size * 1.12, layout.frame.height / Double(max(1, labels.count)))
        let top = layout.frame.top + body.size / 2
        let places = EdgeLabel.spread(
            labels.map { layout.y($0.value) }, gap: gap,
            in: top...max(top, layout.frame.bottom - body.size / 2))
        let left = layout.frame.right
        for (label, place) in zip(labels, places) {
            canvas.line(
                [
                    Spot(left, layout.y(label.value)), Spot(left + 8 * unit, layout.y(label.value)),
                    Spot(left + 18 * unit, place), Spot(left + 23 * unit, place),
                ], Stroke(label.stroke, 1.4 * unit))
            var lettering = body
            lettering.colour = label.stroke
            canvas.text(
                label.text, at: Spot(left + 26 * unit, place + body.size * 0.36), lettering,
                width: Double(canvas.width) - left - 28 * unit)
        }
    }

    // MARK: Forecast

    /// The line continued towards the threshold in the band in which single values are to be expected.
    func drawForecast(on canvas: borrowing Canvas) {
        guard let forecast = figure.forecast, let steps = forecastSteps(forecast), steps.count > 1 else { return }
        let line = steps.map { Spot($0.x, $0.value) }
        let band = steps.map { Spot($0.x, $0.upper) } + steps.reversed().map { Spot($0.x, $0.lower) }
        let top = layout.plot.top - 8 * unit
        let room = Box(
            left: layout.frame.left, top: top, width: layout.frame.width, height: layout.frame.bottom - top)
        canvas.clipped(to: room) {
            canvas.polygon(band, fill: .forecastBand)
            canvas.line(line, forecastStroke)
        }
        drawCrossings(forecast, on: canvas)
    }

    var forecastStroke: Stroke { Stroke(.data, 3 * unit, dashes: [4 * unit, 5 * unit]) }

    private struct Reach {
        var x: Double
        var value: Double
        var lower: Double
        var upper: Double
    }

    private func forecastSteps(_ forecast: ChartFigure.Forecast) -> [Reach]? {
        guard layout.abscissa.span != nil else { return nil }
        if forecast.path.count > 1 {
            return forecast.path.prefix(1000).compactMap { step in
                guard let fraction = layout.abscissa.fraction(of: step.time), step.value.isFinite else { return nil }
                return Reach(
                    x: layout.x(fraction), value: height(step.value), lower: height(step.lower),
                    upper: height(step.upper))
            }
        }
        return wedge(forecast)
    }

    /// From the newest point to the crossings of the threshold.
    private func wedge(_ forecast: ChartFigure.Forecast) -> [Reach]? {
        guard let threshold = figure.threshold, threshold.isFinite, let expected = forecast.expected,
            let end = layout.abscissa.fraction(of: expected),
            let index = points.lastIndex(where: { $0.value?.isFinite == true }), let start = layout.spot(at: index)
        else { return nil }
        let goal = Spot(layout.x(end), layout.y(threshold))
        func level(_ crossing: Int64?) -> Double {
            guard let crossing, let fraction = layout.abscissa.fraction(of: crossing) else { return goal.y }
            let run = layout.x(fraction) - start.x
            return run > 1 ? start.y + (goal.y - start.y) * (goal.x - start.x) / run : goal.y
        }
        let (lower, upper) = (level(forecast.last), level(forecast.first))
        var steps = [
            Reach(x: start.x, value: start.y, lower: start.y, upper: start.y),
            Reach(x: goal.x, value: goal.y, lower: lower, upper: upper),
        ]
        if let last = forecast.last.flatMap(layout.abscissa.fraction(of:)), goal.x > start.x, layout.x(last) > goal.x {
            let times = (layout.x(last) - start.x) / (goal.x - start.x)
            func on(_ y: Double) -> Double { start.y + (y - start.y) * times }
            steps.append(Reach(x: layout.x(last), value: on(goal.y), lower: on(lower), upper: on(upper)))
        }
        return steps
    }

    /// As ``ChartLayout/y(_:)``, but past the edge, where the frame cuts it.
    private func height(_ value: Double) -> Double {
        guard value.isFinite else { return layout.plot.middle.y }
        return layout.plot.bottom - min(max(layout.scale.fraction(value), -20), 20) * layout.plot.height
    }

    private func drawCrossings(_ forecast: ChartFigure.Forecast, on canvas: borrowing Canvas) {
        guard let threshold = figure.threshold, threshold.isFinite, !layout.isOff(threshold) else { return }
        let y = layout.y(threshold)
        for (time, radius) in [(forecast.first, 5.0), (forecast.expected, 9), (forecast.last, 5)] {
            guard let time, let fraction = layout.abscissa.fraction(of: time), (0...1).contains(fraction) else {
                continue
            }
            canvas.circle(
                Spot(layout.x(fraction), y), radius: radius * unit, fill: .paper, stroke: Stroke(.ink, 2.5 * unit))
        }
    }
}
