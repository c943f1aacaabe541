/// Where everything in a chart's picture goes.
struct ChartLayout {
    let figure: ChartFigure
    /// One pixel of a picture of 1200 by 640.
    let unit: Double
    let type: Typography
    let abscissa: Abscissa
    let scale: Scale
    let title: [String]
    let subtitles: [String]
    let legend: [String]
    let edgeLabels: [EdgeLabel]
    let flags: [Flag]
    /// On an axis of time.
    let times: [CivilTime.Tick]
    let detail: Detail
    /// The plot with the rows of flags above it.
    let frame: Box
    /// Where values are drawn.
    let plot: Box
    let legendBox: Box

    /// Sizes of letters.
    struct Typography {
        var title: Lettering
        var body: Lettering
        var small: Lettering
        var strong: Lettering

        init(_ unit: Double) {
            title = Lettering(max(8, 29 * unit), .ink, bold: true)
            body = Lettering(max(7, 22 * unit), .ink)
            small = Lettering(max(6.5, 20 * unit), .quiet)
            strong = Lettering(max(7, 22 * unit), .ink, bold: true)
        }
    }

    /// What is left out of small pictures, so that the plot keeps its room.
    struct Detail {
        var titleLines = 2
        var subtitleLines = 3
        var legendLines = 4
        var hasKey = true
        var hasPointLabels = true
        var tickRows = 2
        var hasValueLabel = true
        var flagRows = 3

        /// From everything down to the bare plot.
        static let levels: [Detail] = [
            Detail(),
            Detail(titleLines: 1, subtitleLines: 2, legendLines: 3),
            Detail(titleLines: 1, subtitleLines: 1, legendLines: 2, flagRows: 2),
            Detail(
                titleLines: 1, subtitleLines: 0, legendLines: 2, hasKey: false, hasPointLabels: false, tickRows: 1,
                flagRows: 1),
            Detail(
                titleLines: 1, subtitleLines: 0, legendLines: 1, hasKey: false, hasPointLabels: false, tickRows: 1,
                flagRows: 0),
            Detail(
                titleLines: 1, subtitleLines: 0, legendLines: 0, hasKey: false, hasPointLabels: false, tickRows: 1,
                hasValueLabel: false, flagRows: 0),
            Detail(
                titleLines: 0, subtitleLines: 0, legendLines: 0, hasKey: false, hasPointLabels: false, tickRows: 0,
                hasValueLabel: false, flagRows: 0),
        ]
    }

    init(_ figure: ChartFigure, on canvas: borrowing Canvas) {
        let size = (width: Double(canvas.width), height: Double(canvas.height))
        let unit = max(0.3, min(size.width / 1200, size.height / 640))
        let least = size.height * 0.4
        let draft = Draft(figure, unit, size.width, on: canvas)
        // From the fullest down: the first that leaves the plot its room.
        var (detail, title, parts) = draft.made(Detail.levels[0], on: canvas)
        for level in Detail.levels.dropFirst() where size.height - parts.header - parts.footer < least {
            (detail, title, parts) = draft.made(level, on: canvas)
        }
        self.figure = figure
        self.unit = unit
        self.detail = detail
        type = draft.type
        abscissa = draft.abscissa
        scale = draft.scale
        edgeLabels = draft.edgeLabels
        times = draft.times
        self.title = title
        subtitles = Array(draft.subtitles.prefix(detail.subtitleLines))
        legend = Array(draft.legend.prefix(detail.legendLines))
        frame = Box(
            left: draft.left, top: parts.header, width: max(10, size.width - draft.left - draft.right),
            height: max(10, size.height - parts.header - parts.footer))
        legendBox = Box(
            left: 12 * unit, top: size.height - parts.legend - 10 * unit, width: size.width - 24 * unit,
            height: parts.legend)
        flags = Flag.placed(
            Flag.wanted(figure, abscissa, draft.type), in: frame, rows: detail.flagRows, draft.type.small, on: canvas)
        let rows = Double((flags.map(\.row).max() ?? -1) + 1)
        let above = rows * draft.type.small.lineHeight + 14 * unit
        let below = 14 * unit
        plot = Box(
            left: frame.left, top: frame.top + above, width: frame.width,
            height: max(4, frame.height - above - below))
    }

    func x(_ fraction: Double) -> Double { plot.left + fraction * plot.width }
    func x(at index: Int) -> Double { x(abscissa.fraction(at: index)) }

    /// Values beyond the axis lie on the plot's edge.
    func y(_ value: Double) -> Double { plot.bottom - min(max(scale.fraction(value), 0), 1) * plot.height }

    func isOff(_ value: Double) -> Bool { value < scale.low || value > scale.high }

    /// Where the point at `index` is drawn; nil where there is nothing to draw.
    func spot(at index: Int) -> Spot? {
        guard let value = abscissa.points[index].value, value.isFinite else { return nil }
        return Spot(x(at: index), y(value))
    }

    /// Between two neighbouring points, in pixels.
    var pitch: Double { plot.width / Double(max(1, abscissa.points.count)) }
}
