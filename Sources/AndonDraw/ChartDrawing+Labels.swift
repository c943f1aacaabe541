extension ChartDrawing {
    /// The name of each rule beside the last point that broke it, and the number of what lies beyond the axis.
    func drawPointLabels(on canvas: borrowing Canvas) {
        guard layout.detail.hasPointLabels else { return }
        var taken: [Box] = []
        let spots = points.indices.compactMap { layout.spot(at: $0) }
        let signals = points.indices.filter { !points[$0].signals.isEmpty }.compactMap { layout.spot(at: $0) }
        for (index, lines) in pointLabels {
            guard let spot = layout.spot(at: index) else { continue }
            let lettering = layout.type.strong
            let shown = lines.map { canvas.fitted($0, lettering, width: layout.plot.width * 0.5) }
            let width = shown.map { canvas.width(of: $0, lettering) }.max() ?? 0
            let size = (width + 8 * unit, Double(shown.count) * lettering.lineHeight + 4 * unit)
            let box = place(size, beside: spot, avoiding: spots, signals, taken)
            guard layout.frame.holds(box) else { continue }
            taken.append(box.grown(3 * unit))
            drawLeader(from: box, to: spot, on: canvas)
            canvas.fill(box, .paper.faded(0.82))
            for (row, line) in shown.enumerated() {
                let y = box.top + 2 * unit + Double(row) * lettering.lineHeight + lettering.size
                canvas.text(line, at: Spot(box.left + 4 * unit, y), lettering)
            }
        }
    }

    /// A label that stands away from its point is tied to it.
    private func drawLeader(from box: Box, to spot: Spot, on canvas: borrowing Canvas) {
        let edge = Spot(min(max(spot.x, box.left), box.right), min(max(spot.y, box.top), box.bottom))
        let (dx, dy) = (edge.x - spot.x, edge.y - spot.y)
        let distance = (dx * dx + dy * dy).squareRoot()
        let start = size(.signal) * 2.2
        guard distance > start * 1.6 else { return }
        let from = Spot(spot.x + dx * start / distance, spot.y + dy * start / distance)
        canvas.line(from, edge, Stroke(.ink, 1.6 * unit))
    }

    private static let labelsMax = 4
    private static let linesMax = 3

    private var pointLabels: [(index: Int, lines: [String])] {
        var named: Set<String> = []
        var labels: [(index: Int, lines: [String])] = []
        for index in points.indices.reversed() where labels.count < Self.labelsMax {
            guard let value = points[index].value, value.isFinite else { continue }
            let fresh = points[index].signals.filter { named.insert($0).inserted }
            let off = layout.isOff(value) ? [ChartFigure.text(value)] : []
            let lines = (off + fresh).prefix(Self.linesMax)
            if !lines.isEmpty { labels.append((index, Array(lines))) }
        }
        return labels
    }

    /// Of the places around `spot`, the one that hides least.
    private func place(
        _ size: (width: Double, height: Double), beside spot: Spot, avoiding spots: [Spot], _ signals: [Spot],
        _ taken: [Box]
    ) -> Box {
        let away = self.size(.marked) * 3.6
        let (width, height) = size
        let xs: [Double] = [
            away, -away - width, -width / 2, away * 2.5, -away * 2.5 - width, away * 5, -away * 5 - width,
        ]
        let ys: [Double] = [
            -height / 2, -away - height, away, -away * 2 - height, away * 2, -away * 4 - height, away * 4,
        ]
        var best = Box(left: spot.x + away, top: spot.y, width: width, height: height)
        var least = Double.infinity
        for (column, x) in xs.enumerated() {
            for (row, y) in ys.enumerated() {
                let left = max(layout.frame.left + 2, min(spot.x + x, layout.frame.right - width - 2))
                let box = Box(left: left, top: spot.y + y, width: width, height: height)
                let cost = cost(of: box, spots, signals, taken) + 0.1 * Double(column + row)
                guard cost < least else { continue }
                (best, least) = (box, cost)
            }
        }
        return best
    }

    private func cost(of box: Box, _ spots: [Spot], _ signals: [Spot], _ taken: [Box]) -> Double {
        let room = box.grown(4 * unit)
        let lines = layout.edgeLabels.count { layout.y($0.value) > box.top && layout.y($0.value) < box.bottom }
        let flags = layout.flags.count { $0.row >= 0 && $0.box.meets(box) }
        let wide = box.grown(size(.signal) * 2)
        let crossings = zip(spots, spots.dropFirst()).count { box.isCrossed(from: $0, to: $1) }
        var cost =
            Double(spots.count { room.contains($0) }) + 1.2 * Double(crossings) + 3
            * Double(signals.count { wide.contains($0) })
        cost += layout.frame.holds(box) ? 0 : 1000
        cost += 50 * Double(taken.count { $0.meets(box) })
        cost += 1.5 * Double(lines) + 20 * Double(flags)
        return cost
    }
}
