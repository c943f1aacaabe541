/// A place in the picture: pixels from the top left.
struct Spot: Hashable, Sendable {
    var x: Double
    var y: Double

    init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }

    var isFinite: Bool { x.isFinite && y.isFinite }
}

/// An upright rectangle in pixels.
struct Box: Hashable, Sendable {
    var left: Double
    var top: Double
    var width: Double
    var height: Double

    var right: Double { left + width }
    var bottom: Double { top + height }
    var middle: Spot { Spot(left + width / 2, top + height / 2) }

    /// Clockwise from the top left.
    var corners: [Spot] { [Spot(left, top), Spot(right, top), Spot(right, bottom), Spot(left, bottom)] }

    func contains(_ spot: Spot) -> Bool {
        (left...max(left, right)).contains(spot.x) && (top...max(top, bottom)).contains(spot.y)
    }

    func holds(_ other: Box) -> Bool {
        other.left >= left && other.right <= right && other.top >= top && other.bottom <= bottom
    }

    func meets(_ other: Box) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    /// The smallest one that reaches to `spot` too.
    func united(with spot: Spot) -> Box {
        let (left, top) = (min(left, spot.x), min(top, spot.y))
        return Box(left: left, top: top, width: max(right, spot.x) - left, height: max(bottom, spot.y) - top)
    }

    /// The area that both cover.
    func shared(with other: Box) -> Double {
        max(0, min(right, other.right) - max(left, other.left))
            * max(0, min(bottom, other.bottom) - max(top, other.top))
    }

    /// Whether the line from one place to another runs through it (Liang and Barsky 1984).
    func isCrossed(from start: Spot, to end: Spot) -> Bool {
        var (enter, leave) = (0.0, 1.0)
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        for (step, room) in [
            (-dx, start.x - left), (dx, right - start.x), (-dy, start.y - top), (dy, bottom - start.y),
        ] {
            if step == 0 {
                guard room >= 0 else { return false }
            } else if step < 0 {
                enter = max(enter, room / step)
            } else {
                leave = min(leave, room / step)
            }
        }
        return enter < leave
    }

    func grown(_ by: Double) -> Box {
        Box(left: left - by, top: top - by, width: width + 2 * by, height: height + 2 * by)
    }
}

/// How a line is drawn: width and dashes in pixels.
struct Stroke: Hashable, Sendable {
    var colour: Colour
    var width: Double
    var dashes: [Double]

    init(_ colour: Colour, _ width: Double, dashes: [Double] = []) {
        self.colour = colour
        self.width = width
        self.dashes = dashes
    }
}

/// How text is set: size is the height of the font's square in pixels.
struct Lettering: Hashable, Sendable {
    var size: Double
    var colour: Colour
    var isBold: Bool

    init(_ size: Double, _ colour: Colour = .ink, bold: Bool = false) {
        self.size = size
        self.colour = colour
        isBold = bold
    }

    /// From one line to the next.
    var lineHeight: Double { size * 1.28 }
}
