/// A vertical line with words above the plot: a repair, new limits, the day of a crossing.
struct Flag {
    var x: Double
    var text: String
    var stroke: Stroke?
    var row = 0
    /// Where the words stand, as shown; empty where there was no room for them.
    var box = Box(left: 0, top: 0, width: 0, height: 0)
    var shown = ""

    /// In order of importance. `x` is a fraction of the plot's width here.
    static func wanted(_ figure: ChartFigure, _ abscissa: Abscissa, _ type: ChartLayout.Typography) -> [Flag] {
        let width = type.small.size / 10
        var flags: [Flag] = []
        if let forecast = figure.forecast {
            let dates = [
                ("expected", forecast.expected, [Double]()), ("first", forecast.first, [2, 4]),
                ("last", forecast.last, [2, 4]),
            ]
            for (name, time, dashes) in dates {
                guard let time, let fraction = abscissa.fraction(of: time) else { continue }
                flags.append(
                    Flag(
                        x: fraction, text: "\(name) \(CivilTime.date(time))" + (fraction > 1 ? " →" : ""),
                        stroke: fraction > 1 ? nil : Stroke(.ink, width * 0.8, dashes: dashes.map { $0 * width })))
            }
        }
        for index in abscissa.points.indices {
            guard abscissa.points[index].phase == 1, index == 0 || abscissa.points[index - 1].phase != 1 else {
                continue
            }
            flags.append(Flag(x: abscissa.edge(before: index), text: "phase I (baseline)", stroke: nil))
        }
        for index in abscissa.points.indices.reversed() {
            guard let note = abscissa.points[index].annotation, !note.isEmpty else { continue }
            let stroke = Stroke(.quiet, width, dashes: [6 * width, 3 * width, 1.5 * width, 3 * width])
            flags.append(Flag(x: abscissa.fraction(at: index), text: note, stroke: stroke))
        }
        return Array(flags.prefix(flagsMax))
    }

    private static let flagsMax = 200

    /// Words stand on top of their lines. Those that do not fit beside the others in `rows` rows are left out; their
    /// lines stay.
    static func placed(
        _ wanted: [Flag], in frame: Box, rows: Int, _ lettering: Lettering, on canvas: borrowing Canvas
    ) -> [Flag] {
        var placed: [Flag] = []
        for flag in wanted {
            var made = flag
            made.x = frame.left + min(max(flag.x, 0), 1) * frame.width
            made.shown = canvas.fitted(flag.text, lettering, width: frame.width * 0.45)
            made.box.width = canvas.width(of: made.shown, lettering)
            made.box.height = lettering.lineHeight
            // Above its line's middle, else to either side of it.
            let width = made.box.width
            let starts = flag.stroke == nil ? [lettering.size * 0.35] : [-width / 2, -2, 2 - width]
            let lefts = starts.map { max(frame.left + 2, min(made.x + $0, frame.right - width)) }
            let choices = lefts.flatMap { left in
                (0..<max(0, rows)).map { made.at(left: left, row: $0, of: frame) }
            }.filter { choice in
                !choice.shown.isEmpty && !placed.contains { choice.covers($0) }
            }
            let clear = choices.first { choice in
                !placed.contains { choice.isCrossed(by: $0) || $0.isCrossed(by: choice) }
            }
            made.row = -1
            placed.append(clear ?? choices.first ?? made)
        }
        return placed
    }

    private func at(left: Double, row: Int, of frame: Box) -> Flag {
        var other = self
        other.row = row
        other.box.left = left
        other.box.top = frame.top + Double(row) * box.height
        return other
    }

    private func covers(_ other: Flag) -> Bool {
        row == other.row && box.grown(box.height * 0.2).meets(other.box)
    }

    /// A line begins below its words and runs through all rows below.
    private func isCrossed(by other: Flag) -> Bool {
        other.stroke != nil && other.row < row && (box.left - 2...box.right + 2).contains(other.x)
    }
}
