import AndonModel

/// A place on a floor plan in the plan's own units: an SVG's viewBox, a picture's pixels.
struct PlanSpot: Hashable, Sendable {
    var x: Double
    var y: Double

    init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }

    var json: JSON { .array([.number(x), .number(y)]) }
}

/// A zone's outline in the plan's own units.
struct PlanPolygon: Hashable, Sendable {
    /// In turn.
    var corners: [PlanSpot]

    init(_ corners: [PlanSpot]) { self.corners = corners }

    var edges: [(from: PlanSpot, to: PlanSpot)] {
        corners.indices.map { (corners[$0], corners[($0 + 1) % corners.count]) }
    }

    /// Twice the area, with a sign for the direction of the corners (the shoelace formula).
    var doubleArea: Double {
        var sum = 0.0
        for edge in edges { sum += edge.from.x * edge.to.y - edge.to.x * edge.from.y }
        return sum
    }

    /// By even and odd crossings.
    func contains(_ spot: PlanSpot) -> Bool {
        crossings(at: spot.y).filter { $0 > spot.x }.count % 2 == 1
    }

    /// To the nearest edge.
    func distance(from spot: PlanSpot) -> Double {
        edges.map { Self.distance(spot, $0.from, $0.to) }.min() ?? 0
    }

    /// Where words about the zone have the most room: the widest place of some level cuts through it, or its centre of
    /// area. It lies inside whatever the shape is.
    var labelSpot: PlanSpot {
        let inside = candidates.filter(contains)
        let best = inside.max { distance(from: $0) < distance(from: $1) }
        return best ?? candidates.first ?? corners.first ?? PlanSpot(0, 0)
    }

    private static let cuts = 31

    private var candidates: [PlanSpot] {
        guard let top = corners.map(\.y).min(), let bottom = corners.map(\.y).max(), corners.count > 2 else {
            return []
        }
        var found = centreOfArea.map { [$0] } ?? []
        for step in 1...Self.cuts {
            let y = top + (bottom - top) * Double(step) / Double(Self.cuts + 1)
            let cuts = crossings(at: y)
            for index in stride(from: 0, to: cuts.count - 1, by: 2) {
                found.append(PlanSpot((cuts[index] + cuts[index + 1]) / 2, y))
            }
        }
        return found
    }

    private var centreOfArea: PlanSpot? {
        let area = doubleArea
        guard abs(area) > 1e-12 else { return nil }
        var (x, y) = (0.0, 0.0)
        for edge in edges {
            let cross = edge.from.x * edge.to.y - edge.to.x * edge.from.y
            x += (edge.from.x + edge.to.x) * cross
            y += (edge.from.y + edge.to.y) * cross
        }
        return PlanSpot(x / (3 * area), y / (3 * area))
    }

    /// Where the level line at `y` crosses the edges, from left to right.
    private func crossings(at y: Double) -> [Double] {
        var found: [Double] = []
        for edge in edges where (edge.from.y > y) != (edge.to.y > y) {
            let share = (y - edge.from.y) / (edge.to.y - edge.from.y)
            found.append(edge.from.x + share * (edge.to.x - edge.from.x))
        }
        return found.sorted()
    }

    private static func distance(_ spot: PlanSpot, _ from: PlanSpot, _ to: PlanSpot) -> Double {
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        let square = dx * dx + dy * dy
        let share = square > 0 ? ((spot.x - from.x) * dx + (spot.y - from.y) * dy) / square : 0
        let within = min(max(share, 0), 1)
        let (x, y) = (from.x + within * dx - spot.x, from.y + within * dy - spot.y)
        return (x * x + y * y).squareRoot()
    }
}
