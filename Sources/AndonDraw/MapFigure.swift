/// Where an order's defect is: a floor plan with one zone marked. A plain value, so that the same figure gives the same
/// picture each time.
public struct MapFigure: Sendable, Hashable {
    /// A place on the plan in shares of its width and height, from the top left: 0...1 each.
    public struct Place: Sendable, Hashable {
        public var x: Double
        public var y: Double

        public init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    public var plan: FloorPlan
    /// The zone's corners, in turn. With fewer than three nothing is marked.
    public var zone: [Place]
    /// Where the camera hangs; nil marks the middle of the zone.
    public var camera: Place?
    /// The way there, from the large to the small: site, line, asset, zone.
    public var path: [String]
    /// What else helps to find it: `station ST-10`, `grid C4`.
    public var details: [String]
    /// Below the plan, beside the zone's hatching and beside the mark.
    public var zoneName: String
    public var markName: String

    public init(
        plan: FloorPlan, zone: [Place], camera: Place? = nil, path: [String], details: [String] = [],
        zoneName: String, markName: String
    ) {
        self.plan = plan
        self.zone = zone
        self.camera = camera
        self.path = path
        self.details = details
        self.zoneName = zoneName
        self.markName = markName
    }
}

extension MapFigure {
    /// The map as a PNG file, as high as the plan needs. Shown at half of 1200 pixels its letters are still 11 pixels high.
    ///
    /// - Parameter width: in pixels, 300...4000.
    /// - Throws: also where the plan cannot be drawn.
    public func png(width: Int = 1200) throws(DrawError) -> [UInt8] { try drawn(.png, width) }

    /// The map as an SVG file without any reference to the outside: an SVG plan becomes part of it as shapes, a PNG plan lies in
    /// it as it is, letters are drawn as shapes, and ``facts`` are in it as text.
    ///
    /// Width and errors are as of ``png(width:)``.
    public func svg(width: Int = 1200) throws(DrawError) -> [UInt8] { try drawn(.svg, width) }

    /// What the map says, for those who cannot see it.
    var facts: [String] { (details + [zoneName, markName]).filter { !$0.isEmpty } }

    private func drawn(_ format: Canvas.Format, _ width: Int) throws(DrawError) -> [UInt8] {
        guard (300...4000).contains(width) else { throw .size(width: width, height: width) }
        let layout = MapLayout(self, width: Double(width), on: try Canvas(.png, width: width, height: 100))
        let canvas = try Canvas(format, width: width, height: layout.height)
        try MapDrawing(layout: layout).draw(on: canvas)
        return try canvas.bytes(title: path.asPath, description: facts.joined(separator: "\n"))
    }
}

/// Where everything of a map lies.
struct MapLayout {
    let figure: MapFigure
    /// A pixel of a map that is 1200 pixels wide.
    let unit: Double
    let header: [PlacedText]
    let plan: Box
    let zone: [Spot]
    let mark: Spot?
    /// The words at the mark, and the box around them.
    let label: PlacedText?
    let labelBox: Box
    let legend: [PlacedText]
    let zoneSwatch: Box
    let markSwatch: Spot
    let height: Int

    init(_ figure: MapFigure, width: Double, on canvas: borrowing Canvas) {
        let unit = width / 1200
        let margin = 24 * unit
        self.figure = figure
        self.unit = unit
        var column = TextColumn(left: margin, top: 14 * unit, width: width - 2 * margin)
        column.add(
            figure.path.asPath, Lettering(32 * unit, bold: true), maximum: 2, on: canvas)
        column.add(
            figure.details.joined(separator: " · "), Lettering(26 * unit, .quiet), maximum: 2, on: canvas)
        header = column.lines
        let room = Box(left: margin, top: column.y + 12 * unit, width: width - 2 * margin, height: 1100 * unit)
        var plan = figure.plan.fitted(into: room)
        plan.top = room.top
        self.plan = plan
        zone = figure.zone.map { Spot(plan.left + $0.x * plan.width, plan.top + $0.y * plan.height) }
        mark =
            figure.camera.map { Spot(plan.left + $0.x * plan.width, plan.top + $0.y * plan.height) }
            ?? zone.inside

        var legend = TextColumn(
            left: margin + 76 * unit, top: plan.bottom + 18 * unit, width: width - 2 * margin - 76 * unit)
        let lettering = Lettering(24 * unit)
        let first = legend.y
        legend.add(figure.zoneName, lettering, on: canvas)
        legend.skip(to: first + lettering.lineHeight)
        zoneSwatch = Box(left: margin, top: first + 1 * unit, width: 58 * unit, height: 27 * unit)
        legend.gap(10 * unit)
        markSwatch = Spot(margin + 29 * unit, legend.y + 30 * unit)
        let second = legend.y
        legend.add(figure.markName, lettering, on: canvas)
        legend.skip(to: second + lettering.lineHeight)
        self.legend = legend.lines
        height = max(Canvas.sides.lowerBound, Int((legend.y + 20 * unit).rounded(.up)))
        (label, labelBox) = Self.label(at: mark, in: plan, unit: unit, on: canvas)
    }

    /// Beside the mark, on the side where there is more room, and inside the plan.
    private static func label(
        at mark: Spot?, in plan: Box, unit: Double, on canvas: borrowing Canvas
    ) -> (PlacedText?, Box) {
        let lettering = Lettering(24 * unit, bold: true)
        let words = "you are here"
        let width = canvas.width(of: words, lettering) + 20 * unit
        let height = 38 * unit
        guard let mark, plan.width > width + 60 * unit, plan.height > height else {
            return (nil, Box(left: 0, top: 0, width: 0, height: 0))
        }
        let isLeft = mark.x > plan.middle.x
        let x = isLeft ? mark.x - 30 * unit - width : mark.x + 30 * unit
        let left = min(max(x, plan.left + 2 * unit), plan.right - width - 2 * unit)
        let top = min(max(mark.y - 34 * unit - height / 2, plan.top + 2 * unit), plan.bottom - height - 2 * unit)
        let box = Box(left: left, top: top, width: width, height: height)
        let text = PlacedText(
            text: words, spot: Spot(left + 10 * unit, top + 28 * unit), lettering: lettering,
            box: Box(left: left + 10 * unit, top: top, width: width - 20 * unit, height: height))
        return (text, box)
    }
}

extension [Spot] {
    /// A place inside the polygon: its centre of area where that lies inside, else the middle of the widest of some level
    /// cuts through it. nil for no polygon.
    var inside: Spot? {
        guard count > 2, allSatisfy(\.isFinite) else { return nil }
        if let centre = centreOfArea, holds(centre) { return centre }
        let ys = map(\.y)
        guard let top = ys.min(), let bottom = ys.max() else { return nil }
        var best: (width: Double, spot: Spot)?
        for step in 1...31 {
            let y = top + (bottom - top) * Double(step) / 32
            let cuts = crossings(at: y)
            for index in stride(from: 0, to: cuts.count - 1, by: 2)
            where cuts[index + 1] - cuts[index] > best?.width ?? 0 {
                best = (cuts[index + 1] - cuts[index], Spot((cuts[index] + cuts[index + 1]) / 2, y))
            }
        }
        return best?.spot ?? first
    }

    /// By even and odd crossings.
    func holds(_ spot: Spot) -> Bool {
        crossings(at: spot.y).filter { $0 > spot.x }.count % 2 == 1
    }

    /// Twice the area, positive where the corners turn clockwise on the screen (the shoelace formula).
    var doubleArea: Double {
        indices.reduce(0) { sum, index in
            let (from, to) = (self[index], self[(index + 1) % count])
            return sum + from.x * to.y - to.x * from.y
        }
    }

    private var centreOfArea: Spot? {
        let area = doubleArea
        guard abs(area) > 1e-9 else { return nil }
        var (x, y) = (0.0, 0.0)
        for index in indices {
            let (from, to) = (self[index], self[(index + 1) % count])
            let cross = from.x * to.y - to.x * from.y
            x += (from.x + to.x) * cross
            y += (from.y + to.y) * cross
        }
        return Spot(x / (3 * area), y / (3 * area))
    }

    /// Where the level line at `y` crosses the edges, from left to right.
    private func crossings(at y: Double) -> [Double] {
        indices.compactMap { index in
            let (from, to) = (self[index], self[(index + 1) % count])
            guard (from.y > y) != (to.y > y) else { return nil }
            return from.x + (y - from.y) / (to.y - from.y) * (to.x - from.x)
        }.sorted()
    }
}
