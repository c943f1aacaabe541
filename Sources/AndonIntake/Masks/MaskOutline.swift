import AndonModel

/// The outline of a mask as it is kept and drawn: exact where it is short, else with a stated error.
enum MaskOutline {
    /// Pixels that the outline may be off where it has too many points to be exact: just more than half the diagonal of a
    /// pixel, so that the stairs of a slanting line become a line.
    static let tolerance = 0.75

    /// The rings of the mask, at most `ringsMax` (the smallest are left out first) with at most `pointsMax` points in all.
    ///
    /// With more points than that, each lies within ``tolerance`` of the outline; where even then there are too many, within
    /// twice as much, and so on.
    static func rings(of mask: Mask, ringsMax: Int, pointsMax: Int) -> [[Point]] {
        let exact = largest(MaskBorder.rings(of: mask), ringsMax).map { ring in
            ring.map { Point(x: Double($0.x), y: Double($0.y)) }
        }
        var (rings, tolerance) = (exact, tolerance)
        // At four times the mask's sides every ring has become a triangle.
        while rings.reduce(0, { $0 + $1.count }) > pointsMax, tolerance < 4 * Double(mask.width + mask.height) {
            rings = exact.map { simplified($0, tolerance: tolerance) }
            tolerance *= 2
        }
        return rings
    }

    private static func largest(_ rings: [[MaskBorder.Corner]], _ ringsMax: Int) -> [[MaskBorder.Corner]] {
        guard rings.count > ringsMax else { return rings }
        let areas = rings.map { doubleArea($0).magnitude }
        let kept = rings.indices.sorted { (areas[$0], -$0) > (areas[$1], -$1) }.prefix(ringsMax)
        return kept.sorted().map { rings[$0] }
    }

    /// Twice the area, positive around covered pixels and negative around holes.
    static func doubleArea(_ ring: [MaskBorder.Corner]) -> Int {
        ring.indices.reduce(0) { sum, index in
            let (from, to) = (ring[index], ring[(index + 1) % ring.count])
            return sum + from.x * to.y - to.x * from.y
        }
    }

    /// Leaves out points that lie within `tolerance` of the line drawn instead, in time that grows with their number only
    /// (Sklansky and Gonzalez, "Fast polygonal approximation of digitized curves", Pattern Recognition 12, 1980).
    ///
    /// - Returns: at least three of the ring's own points, in its own turn.
    static func simplified(_ ring: [Point], tolerance: Double) -> [Point] {
        guard ring.count > 3, let first = ring.first else { return ring }
        var kept = [first]
        var cone = Cone(at: first, tolerance: tolerance)
        var last = first
        for point in ring.dropFirst() + [first] {
            if !cone.takes(point) {
                kept.append(last)
                cone = Cone(at: last, tolerance: tolerance)
                _ = cone.takes(point)
            }
            last = point
        }
        let isFlat = kept.count < 3 || kept.count == 3 && height(kept[2], kept[0], kept[1]) == 0
        return isFlat ? widened(kept, ring) : kept
    }

    /// For a ring that is thinner than the tolerance, of which a line is left: with the point farthest beside it, so that it
    /// still covers something.
    private static func widened(_ line: [Point], _ ring: [Point]) -> [Point] {
        let start = ring[0]
        let end = (line.count > 1 ? line : ring).max { distance(start, $0) < distance(start, $1) } ?? start
        let widest = ring.max { height($0, start, end) < height($1, start, end) } ?? start
        let kept = line + (line.count > 1 ? [] : [end]) + [widest]
        return kept.compactMap { ring.firstIndex(of: $0) }.sorted().map { ring[$0] }
    }

    /// How far a point lies beside a line, times the line's length.
    private static func height(_ point: Point, _ start: Point, _ end: Point) -> Double {
        ((end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)).magnitude
    }

    private static func distance(_ one: Point, _ other: Point) -> Double {
        ((one.x - other.x) * (one.x - other.x) + (one.y - other.y) * (one.y - other.y)).squareRoot()
    }

    /// The directions from a point in which a line passes all points so far within the tolerance: most of it is for what
    /// lies beside the line, the rest for what lies beyond its end where the ring turns back.
    private struct Cone {
        let apex: Point
        /// Their squares sum to that of the tolerance, so that no point is farther from the line than it.
        let beside: Double
        let beyond: Double
        /// As vectors; nil while every direction will do.
        private var edges: (right: Point, left: Point)?
        private var reach = 0.0

        init(at apex: Point, tolerance: Double) {
            self.apex = apex
            beside = tolerance * 0.91.squareRoot()
            beyond = tolerance * 0.3
        }

        /// Whether a line from the apex to `point` passes all points so far; it is then one of them.
        mutating func takes(_ point: Point) -> Bool {
            let way = Point(x: point.x - apex.x, y: point.y - apex.y)
            let length = (way.x * way.x + way.y * way.y).squareRoot()
            guard length >= reach - beyond else { return false }
            if let edges, Self.cross(edges.right, way) < 0 || Self.cross(way, edges.left) < 0 { return false }
            reach = max(reach, length)
            guard length > beside else { return true }
            // The tangents to the circle around the point.
            let sine = beside / length
            let cosine = (1 - sine * sine).squareRoot()
            let right = Point(x: way.x * cosine + way.y * sine, y: way.y * cosine - way.x * sine)
            let left = Point(x: way.x * cosine - way.y * sine, y: way.y * cosine + way.x * sine)
            if let known = edges {
                edges = (
                    right: Self.cross(known.right, right) > 0 ? right : known.right,
                    left: Self.cross(known.left, left) < 0 ? left : known.left
                )
            } else {
                edges = (right, left)
            }
            return true
        }

        private static func cross(_ one: Point, _ other: Point) -> Double { one.x * other.y - one.y * other.x }
    }
}
