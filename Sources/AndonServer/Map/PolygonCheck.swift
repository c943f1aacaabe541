import AndonDraw
import AndonModel

/// What is wrong with a zone that somebody drew. Corners and edges count from 1; edge n leads from corner n to the next.
enum PolygonFault: Equatable, Sendable {
    case count(Int)
    /// A coordinate is not a number that can be used.
    case notFinite(corner: Int)
    case outside(corner: Int)
    /// Two corners that follow each other lie on each other.
    case doubled(corner: Int, next: Int)
    /// An edge runs back over the one before it.
    case back(edge: Int, over: Int)
    case crossing(edge: Int, with: Int)
    case empty

    /// In a sentence, without a full stop.
    func words(on frame: FloorPlan.Frame) -> String {
        switch self {
        case .count(let count):
            "a zone has \(PolygonCheck.cornersMin) to \(PolygonCheck.cornersMax) corners, found \(count)"
        case .notFinite(let corner): "corner \(corner) is no place: give two numbers"
        case .outside(let corner):
            "corner \(corner) lies outside the floor plan, which reaches from "
                + "\(Self.text(frame.left)), \(Self.text(frame.top)) to "
                + "\(Self.text(frame.left + frame.width)), \(Self.text(frame.top + frame.height))"
        case .doubled(let corner, let next): "corner \(corner) and corner \(next) lie on each other: take one away"
        case .back(let edge, let over): "edge \(edge) runs back over edge \(over): take the corner between them away"
        case .crossing(let edge, let other):
            "edge \(edge) and edge \(other) cross or touch: move a corner of one of them"
        case .empty: "the outline encloses nothing that could be seen on the floor plan"
        }
    }

    private static func text(_ number: Double) -> String { JSON.ecmaScriptText(of: number) }
}

/// Holds an outline against its floor plan.
enum PolygonCheck {
    static let cornersMin = 3
    /// Corners of one zone.
    static let cornersMax = 200
    /// The least area, as a share of the plan's: what is smaller cannot be seen.
    private static let areaMin = 1e-6
    /// What rounding alone puts outside is inside; as a share of the plan's sides.
    private static let slack = 1e-9

    /// The first fault, in the order in which a person would look; nil for an outline that can be taken.
    static func fault(_ polygon: PlanPolygon, on frame: FloorPlan.Frame) -> PolygonFault? {
        let corners = polygon.corners
        guard (cornersMin...cornersMax).contains(corners.count) else { return .count(corners.count) }
        if let place = corners.firstIndex(where: { !$0.x.isFinite || !$0.y.isFinite }) {
            return .notFinite(corner: place + 1)
        }
        let shares = corners.map { share($0, on: frame) }
        let reach = -slack...1 + slack
        if let place = shares.firstIndex(where: { !reach.contains($0.x) || !reach.contains($0.y) }) {
            return .outside(corner: place + 1)
        }
        return neighbours(shares) ?? whole(ZoneOutline(plan: "", corners: shares))
    }

    private static func whole(_ outline: ZoneOutline) -> PolygonFault? {
        if let (edge, other) = outline.crossing { return .crossing(edge: edge, with: other) }
        return outline.area < areaMin ? .empty : nil
    }

    /// Corners that follow each other: what a look at crossings of other edges does not see.
    private static func neighbours(_ corners: [PlanPoint]) -> PolygonFault? {
        let count = corners.count
        for place in corners.indices {
            let next = (place + 1) % count
            if corners[place] == corners[next] { return .doubled(corner: place + 1, next: next + 1) }
        }
        for place in corners.indices {
            let (before, here, next) = (
                corners[(place + count - 1) % count], corners[place], corners[(place + 1) % count]
            )
            let (ax, ay, bx, by) = (here.x - before.x, here.y - before.y, next.x - here.x, next.y - here.y)
            let isStraight = abs(ax * by - ay * bx) < 1e-15
            if isStraight, ax * bx + ay * by < 0 {
                return .back(edge: place + 1, over: (place + count - 1) % count + 1)
            }
        }
        return nil
    }

    /// As the plant keeps it: 0...1 of the plan's width and height.
    static func share(_ spot: PlanSpot, on frame: FloorPlan.Frame) -> PlanPoint {
        PlanPoint(x: (spot.x - frame.left) / frame.width, y: (spot.y - frame.top) / frame.height)
    }

    /// The way back.
    static func spot(_ point: PlanPoint, on frame: FloorPlan.Frame) -> PlanSpot {
        PlanSpot(frame.left + point.x * frame.width, frame.top + point.y * frame.height)
    }
}
