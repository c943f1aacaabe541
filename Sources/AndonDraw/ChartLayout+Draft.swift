extension ChartLayout {
    /// Everything that is known before heights are shared out.
    struct Draft {
        let figure: ChartFigure
        let unit: Double
        let type: Typography
        let abscissa: Abscissa
        let scale: Scale
        let subtitles: [String]
        let legend: [String]
        let edgeLabels: [EdgeLabel]
        let left: Double
        let right: Double
        let times: [CivilTime.Tick]
        private let width: Double

        init(_ figure: ChartFigure, _ unit: Double, _ width: Double, on canvas: borrowing Canvas) {
            let type = Typography(unit)
            self.figure = figure
            self.unit = unit
            self.type = type
            self.width = width
            abscissa = Abscissa(figure, capacity: max(10, Int(width * 0.8 / (7.5 * unit))))
            scale = Scale(showing: abscissa.axisValues(figure), ticks: 7)
            edgeLabels = EdgeLabel.all(figure, abscissa, scale)
            let ticks = scale.ticks.map { canvas.width(of: $0.label, type.small) }.max() ?? 0
            left = min(ticks + 26 * unit, width * 0.25)
            let labels = edgeLabels.map { canvas.width(of: $0.text, type.body) }.max() ?? 0
            right = min(max(labels + 44 * unit, 30 * unit), width * 0.28)
            let date = canvas.width(of: "2026-11-23", type.small) * 1.3
            let count = max(1, Int((width - left - right) / date))
            times = abscissa.span.map { CivilTime.ticks(from: $0.lowerBound, to: $0.upperBound, atMost: count) } ?? []
            let room = width - 28 * unit
            subtitles = (figure.subtitles.prefix(3) + [Self.windowNote(figure, abscissa)].compactMap(\.self)).map {
                canvas.fitted($0, type.body, width: room)
            }
            legend = Self.packed(figure.facts, type.body, width: room - 24 * unit, on: canvas)
        }

        /// The title's lines and the heights in pixels above and below the plot, with this much detail.
        func made(_ detail: Detail, on canvas: borrowing Canvas) -> (Detail, title: [String], Heights) {
            let room = width - 28 * unit
            let title = canvas.lines(figure.title, type.title, width: room, maximum: detail.titleLines)
            return (detail, title, heights(detail, title.count))
        }

        /// Of what stands above the plot, below it, and of the legend's box below it.
        typealias Heights = (header: Double, footer: Double, legend: Double)

        private func heights(_ detail: Detail, _ lines: Int) -> Heights {
            var header = 10 * unit + Double(lines) * type.title.lineHeight
            header += Double(min(subtitles.count, detail.subtitleLines)) * type.body.lineHeight
            if detail.hasValueLabel { header += type.small.lineHeight + 6 * unit }
            let facts = Double(min(legend.count, detail.legendLines)) * type.body.lineHeight
            let key = detail.hasKey ? type.small.lineHeight + 6 * unit : 0
            let box = facts + key > 0 ? facts + key + 16 * unit : 0
            let ticks = Double(min(detail.tickRows, tickRows)) * type.small.lineHeight + 12 * unit
            return (header, ticks + box + 16 * unit, box)
        }

        /// A second row only where something is written in it.
        private var tickRows: Int {
            let isSecond =
                abscissa.span == nil
                ? abscissa.points.contains { $0.label?.isEmpty == false } : times.contains { $0.under != nil }
            return isSecond ? 2 : 1
        }

        private static let legendLinesMax = 4

        /// As many facts a line as fit; only a fact that is longer than a line is broken.
        private static func packed(
            _ facts: [String], _ lettering: Lettering, width: Double, on canvas: borrowing Canvas
        ) -> [String] {
            var packed: [String] = []
            for fact in facts where packed.count <= legendLinesMax {
                if let last = packed.last {
                    let joined = last + "  ·  " + fact
                    if canvas.width(of: joined, lettering) <= width {
                        packed[packed.count - 1] = joined
                        continue
                    }
                }
                packed += canvas.lines(fact, lettering, width: width, maximum: 2)
            }
            return Array(packed.prefix(legendLinesMax))
        }

        private static func windowNote(_ figure: ChartFigure, _ abscissa: Abscissa) -> String? {
            guard abscissa.hidden.before + abscissa.hidden.after > 0 else { return nil }
            let total = abscissa.points.count + abscissa.hidden.before + abscissa.hidden.after
            guard let first = abscissa.points.first?.number, let last = abscissa.points.last?.number else { return nil }
            let which = abscissa.hidden.after == 0 ? "the newest" : "those around this detection"
            return "points \(first) to \(last) are shown: \(which) \(abscissa.points.count) of \(total)"
        }
    }
}

extension Abscissa {
    /// How many widths of the control limits a value may lie outside them and still have the axis stretched for it.
    private static let stretchMax = 3.0

    /// The values that the axis must show.
    ///
    /// One wild value would press all others flat, so where there are limits, what lies far outside them is drawn on the
    /// edge with its number instead. The same holds for a specification or threshold, except that a forecast needs its
    /// threshold.
    func axisValues(_ figure: ChartFigure) -> [Double] {
        let limits = points.flatMap { [$0.centre, $0.lower, $0.upper] }.compactMap(\.self).filter(\.isFinite)
        let values = points.compactMap(\.value).filter(\.isFinite)
        let aim = figure.forecast == nil ? [] : [figure.threshold].compactMap(\.self).filter(\.isFinite)
        let asked = [figure.specification?.lower, figure.specification?.upper, figure.threshold].compactMap(\.self)
        let base = limits.isEmpty ? values + aim : limits + aim
        guard let low = base.min(), let high = base.max(), high > low else { return limits + values + aim }
        let reach = (high - low) * (limits.isEmpty ? 1 : Self.stretchMax)
        let near = (low - reach)...(high + reach)
        let shown = base + values.filter { near.contains($0) }
        guard let lowest = shown.min(), let highest = shown.max() else { return shown }
        let wide = highest - lowest
        return shown + asked.filter { $0 >= lowest - wide && $0 <= highest + wide }
    }
}
