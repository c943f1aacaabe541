/// A floor plan's file, an SVG or a PNG, as it was when the configuration was read.
public struct PlanFile: Hashable, Sendable {
    public var bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}

/// A place on a floor plan in shares of its width and height, 0...1 each, from the top left.
public struct PlanPoint: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// Where a zone lies.
public struct ZoneOutline: Hashable, Sendable, Codable {
    /// The floor plan's name.
    public var plan: String
    /// In turn; three at least.
    public var corners: [PlanPoint]

    public init(plan: String, corners: [PlanPoint]) {
        self.plan = plan
        self.corners = corners
    }
}

extension ZoneOutline {
    /// Numbers, from 1, of the first two edges that cross or touch each other without being neighbours; nil for a simple
    /// outline. Edge n leads from corner n to the next.
    public var crossing: (Int, Int)? {
        for first in corners.indices {
            for second in corners.indices.dropFirst(first + 1) {
                let areNeighbours = second == first + 1 || (first == 0 && second == corners.count - 1)
                if !areNeighbours, Self.meet(edge(first), edge(second)) { return (first + 1, second + 1) }
            }
        }
        return nil
    }

    /// As a share of the plan's (the shoelace formula).
    public var area: Double {
        abs(corners.indices.reduce(0) { $0 + edge($1).0.x * edge($1).1.y - edge($1).1.x * edge($1).0.y }) / 2
    }

    private func edge(_ index: Int) -> (PlanPoint, PlanPoint) {
        (corners[index], corners[(index + 1) % corners.count])
    }

    private static func meet(_ one: (PlanPoint, PlanPoint), _ other: (PlanPoint, PlanPoint)) -> Bool {
        func side(_ a: PlanPoint, _ b: PlanPoint, _ c: PlanPoint) -> Double {
            (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
        }
        func isWithin(_ a: PlanPoint, _ b: PlanPoint, _ c: PlanPoint) -> Bool {
            (min(a.x, b.x)...max(a.x, b.x)).contains(c.x) && (min(a.y, b.y)...max(a.y, b.y)).contains(c.y)
        }
        let sides = (
            side(one.0, one.1, other.0), side(one.0, one.1, other.1), side(other.0, other.1, one.0),
            side(other.0, other.1, one.1)
        )
        if sides.0 * sides.1 < 0, sides.2 * sides.3 < 0 { return true }
        return (sides.0 == 0 && isWithin(one.0, one.1, other.0)) || (sides.1 == 0 && isWithin(one.0, one.1, other.1))
            || (sides.2 == 0 && isWithin(other.0, other.1, one.0))
            || (sides.3 == 0 && isWithin(other.0, other.1, one.1))
    }
}
