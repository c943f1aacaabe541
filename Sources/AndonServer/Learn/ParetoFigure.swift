import AndonLearn
import AndonModel

/// The greatest of something as bars, with the share that they have together as a line. The table beside it says the same.
struct ParetoFigure {
    let pareto: Report.Pareto
    let writer: PhraseWriter

    static let width = 720.0
    static let height = 400.0
    private static let left = 72.0
    private static let right = 56.0
    private static let top = 16.0
    private static let bottom = 120.0
    private static let nameMax = 22

    private var across: Double { Self.width - Self.left - Self.right }
    private var up: Double { Self.height - Self.top - Self.bottom }
    private var base: Double { Self.height - Self.bottom }

    /// Empty where there is nothing to draw.
    var svg: String {
        let greatest = pareto.bars.map(\.value).filter(\.isFinite).max() ?? 0
        guard greatest > 0 else { return "" }
        let words = writer.text(
            Phrase(
                "figure-pareto", "{measure}, the greatest first, with the cumulated share",
                ["measure": .phrase(pareto.measure)]))
        let head =
            "<svg class=\"learn-figure\" viewBox=\"0 0 \(Self.width.fixed(0)) \(Self.height.fixed(0))\" role=\"img\" "
            + "aria-label=\"\(Plot.escaped(words))\" font-size=\"12\" fill=\"currentColor\" "
            + "xmlns=\"http://www.w3.org/2000/svg\">"
        return head + axes(greatest) + bars(greatest) + line + "</svg>"
    }

    /// Where the corners of the line lie: above the middle of each bar.
    var corners: [Plot.Place] {
        pareto.bars.enumerated().map { index, bar in
            Plot.Place(x: middle(index), y: base - min(1, max(0, bar.cumulated)) * up)
        }
    }

    private var step: Double { across / Double(max(1, pareto.bars.count)) }

    private func middle(_ index: Int) -> Double { Self.left + (Double(index) + 0.5) * step }

    private func axes(_ greatest: Double) -> String {
        let parts = [0, 0.25, 0.5, 0.75, 1].map { (share: Double) -> String in
            let y = (base - share * up).fixed(1)
            let (from, until) = (Self.left.fixed(1), (Self.width - Self.right).fixed(1))
            let line = "<line class=\"grid\" x1=\"\(from)\" x2=\"\(until)\" y1=\"\(y)\" y2=\"\(y)\"/>"
            let value = writer.number(greatest * share, greatest < 10 ? 2 : 0)
            return line
                + "<text x=\"\((Self.left - 6).fixed(1))\" y=\"\(y)\" text-anchor=\"end\">\(value)</text>"
                + "<text x=\"\((Self.width - Self.right + 6).fixed(1))\" y=\"\(y)\">\((share * 100).fixed(0)) %</text>"
        }
        let middle = (Self.top + up / 2).fixed(0)
        return parts.joined()
            + "<text transform=\"translate(14 \(middle)) rotate(-90)\" text-anchor=\"middle\">"
            + "\(Plot.escaped(writer.text(pareto.measure)))</text>"
    }

    private func bars(_ greatest: Double) -> String {
        pareto.bars.enumerated().map { index, bar -> String in
            let value = bar.value.isFinite ? max(0, bar.value) : 0
            let tall = value / greatest * up
            let (x, wide) = ((middle(index) - step * 0.4).fixed(1), (step * 0.8).fixed(1))
            let rect =
                "<rect class=\"bar\" x=\"\(x)\" y=\"\((base - tall).fixed(1))\" width=\"\(wide)\" "
                + "height=\"\(tall.fixed(1))\"/>"
            let place = "translate(\((middle(index) + 4).fixed(1)) \((base + 14).fixed(1))) rotate(-40)"
            return rect
                + "<text transform=\"\(place)\" text-anchor=\"end\">\(Plot.escaped(bar.name.cut(to: Self.nameMax)))</text>"
        }.joined()
    }

    private var line: String {
        let path = Plot.path(corners)
        return "<path class=\"cumulated\" d=\"\(path)\" fill=\"none\"/>"
    }
}
