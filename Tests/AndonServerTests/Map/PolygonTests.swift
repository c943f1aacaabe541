import AndonDraw
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("Outlines of zones")
struct PolygonTests {
    private static let frame = FloorPlan.Frame(left: 100, top: 50, width: 400, height: 200)

    private static func polygon(_ corners: [(Double, Double)]) -> PlanPolygon {
        PlanPolygon(corners.map { PlanSpot($0.0, $0.1) })
    }

    /// Whether a place is inside, by the angle that the corners turn around it: another way than the one under test.
    private static func winds(_ corners: [PlanSpot], around spot: PlanSpot) -> Bool {
        var turned = 0.0
        for (place, from) in corners.enumerated() {
            let to = corners[(place + 1) % corners.count]
            var angle = atan2(to.y - spot.y, to.x - spot.x) - atan2(from.y - spot.y, from.x - spot.x)
            if angle > .pi { angle -= 2 * .pi }
            if angle < -.pi { angle += 2 * .pi }
            turned += angle
        }
        return abs(turned) > .pi
    }

    /// A simple polygon: corners at rising angles around a middle, near and far in any order.
    private static func star(_ random: inout SeededRandom) -> PlanPolygon {
        let count = random.int(3...40)
        let (x, y) = (Double(random.int(-500...500)), Double(random.int(-500...500)))
        let stretch = Double(random.int(1...40)) / 10
        let corners = (0..<count).map { place -> PlanSpot in
            let angle = 2 * Double.pi * (Double(place) + Double(random.int(0...80)) / 100) / Double(count)
            let far = Double(random.int(1...100))
            return PlanSpot(x + far * stretch * cos(angle), y + far * sin(angle))
        }
        return PlanPolygon(corners)
    }

    /// A comb, whose centre of area lies between its teeth.
    private static func comb(_ random: inout SeededRandom) -> PlanPolygon {
        let teeth = random.int(2...12)
        let (back, tooth) = (Double(random.int(1...5)), Double(random.int(20...90)))
        var corners = [PlanSpot(0, 0), PlanSpot(0, back + tooth)]
        for number in 0..<teeth {
            let x = Double(number) * 10
            if number > 0 { corners += [PlanSpot(x, back), PlanSpot(x, back + tooth)] }
            corners.append(PlanSpot(x + 3, back + tooth))
            if number < teeth - 1 { corners.append(PlanSpot(x + 3, back)) }
        }
        corners.append(PlanSpot(Double(teeth - 1) * 10 + 3, 0))
        return PlanPolygon(corners)
    }

    @Test("The place of a zone's words is inside the zone, whatever its shape")
    func label() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for round in 0..<600 {
            let polygon = round % 3 == 0 ? Self.comb(&random) : Self.star(&random)
            let spot = polygon.labelSpot
            #expect(polygon.contains(spot), "seed \(seed), round \(round): \(polygon.corners) \(spot)")
            #expect(Self.winds(polygon.corners, around: spot), "seed \(seed), round \(round)")
            #expect(polygon.distance(from: spot) > 0, "seed \(seed), round \(round)")
        }
    }

    @Test("The words of a zone shaped like an L or a U stand in its wide part, and not where nothing is")
    func examples() {
        let l = Self.polygon([(0, 0), (100, 0), (100, 30), (30, 30), (30, 100), (0, 100)])
        #expect(l.contains(l.labelSpot) && l.distance(from: l.labelSpot) >= 14)
        let u = Self.polygon([(0, 0), (20, 0), (20, 80), (80, 80), (80, 0), (100, 0), (100, 100), (0, 100)])
        #expect(u.contains(u.labelSpot) && !u.contains(PlanSpot(50, 40)))
        let square = Self.polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
        #expect(square.labelSpot == PlanSpot(5, 5))
    }

    @Test(
        "What is wrong with an outline is said with its corners or edges",
        arguments: [
            ([(100, 50), (500, 50)], PolygonFault.count(2), "a zone has 3 to 200 corners, found 2"),
            (
                [(100, 50), (500, 50), (300, 251)], .outside(corner: 3),
                "corner 3 lies outside the floor plan, which reaches from 100, 50 to 500, 250"
            ),
            (
                [(100, 50), (500, 250), (500, 50), (100, 250)], .crossing(edge: 1, with: 3),
                "edge 1 and edge 3 cross or touch: move a corner of one of them"
            ),
            (
                [(100, 50), (300, 50), (300, 50), (300, 200)], .doubled(corner: 2, next: 3),
                "corner 2 and corner 3 lie on each other: take one away"
            ),
            (
                [(100, 50), (300, 50), (200, 50), (200, 200)], .back(edge: 2, over: 1),
                "edge 2 runs back over edge 1: take the corner between them away"
            ),
            (
                [(100, 50), (300, 50), (500, 50)], .back(edge: 1, over: 3),
                "edge 1 runs back over edge 3: take the corner between them away"
            ),
            (
                [(100, 50), (100.1, 50), (100, 50.1)], .empty,
                "the outline encloses nothing that could be seen on the floor plan"
            ),
            ([(100, 50), (.nan, 50), (300, 200)], .notFinite(corner: 2), "corner 2 is no place: give two numbers"),
        ] as [([(Double, Double)], PolygonFault, String)])
    func faults(_ corners: [(Double, Double)], _ fault: PolygonFault, _ words: String) {
        #expect(PolygonCheck.fault(Self.polygon(corners), on: Self.frame) == fault)
        #expect(fault.words(on: Self.frame) == words)
    }

    @Test("An outline along the edges of the plan, and one with 200 corners, can be taken; one with 201 cannot")
    func limits() {
        #expect(
            PolygonCheck.fault(Self.polygon([(100, 50), (500, 50), (500, 250), (100, 250)]), on: Self.frame) == nil)
        func round(_ count: Int) -> PlanPolygon {
            PlanPolygon(
                (0..<count).map { place in
                    let angle = 2 * Double.pi * Double(place) / Double(count)
                    return PlanSpot(300 + 90 * cos(angle), 150 + 90 * sin(angle))
                })
        }
        #expect(PolygonCheck.fault(round(200), on: Self.frame) == nil)
        #expect(PolygonCheck.fault(round(201), on: Self.frame) == .count(201))
    }
}
