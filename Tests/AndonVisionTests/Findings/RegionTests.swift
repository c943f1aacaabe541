import AndonModel
import Testing

@testable import AndonVision

@Suite("Regions of masks and anomaly maps")
struct RegionTests {
    private static func regions(_ rows: [String], areaMin: Int = 1, max: Int = 100) -> Regions {
        let values = rows.flatMap { $0.map { $0 == "#" ? Float(1) : 0 } }
        return values.withUnsafeBufferPointer {
            Regions(
                $0, width: rows[0].count, height: rows.count, level: 0.5, areaMin: areaMin, regionsMax: max)
        }
    }

    /// Cells with an odd number of rings around their middle.
    private static func covered(_ rings: [[Point]], _ x: Int, _ y: Int) -> Bool {
        let (px, py) = (Double(x) + 0.5, Double(y) + 0.5)
        let crossings = rings.reduce(0) { sum, ring in
            sum
                + ring.indices.count {
                    let (from, to) = (ring[$0], ring[($0 + 1) % ring.count])
                    return (from.y > py) != (to.y > py) && from.x > px
                }
        }
        return crossings % 2 == 1
    }

    @Test("The rings around a region have exactly its cells in them, holes left out, and turn as they should")
    func rings() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        for _ in 0..<200 {
            let density = dice.unit()
            let rows = (0..<9).map { _ in String((0..<11).map { _ in dice.unit() < density ? "#" : "." }) }
            let found = Self.regions(rows)
            var cells = Set<Int>()
            for region in found.regions {
                let rings = try #require(found.rings(of: region, cornersMax: 1_000))
                let inside = (0..<99).filter { Self.covered(rings, $0 % 11, $0 / 11) }
                #expect(inside.count == region.cells)
                #expect(cells.isDisjoint(with: inside))
                cells.formUnion(inside)
                let finding = Finding(
                    defectClass: "a", score: 1, confidence: 1, isCalibrated: false,
                    box: Box(x: 0, y: 0, width: 1, height: 1), outline: rings)
                #expect(SeverityRule().area(of: finding) == Double(region.cells))
            }
            let filled = rows.joined().enumerated().filter { $0.element == "#" }.map(\.offset)
            #expect(cells == Set(filled))
        }
    }

    @Test("Corners connect, small ones go, the largest come first, and too many corners give no outline")
    func limits() throws {
        let found = Self.regions(["##..#", "##...", "..#..", "....."], areaMin: 2)
        let region = try #require(found.regions.first)
        #expect(found.regions.count == 1 && region.cells == 5)
        #expect(found.rings(of: region, cornersMax: 7) == nil)
        #expect(Self.regions(["#.##", "...."], max: 1).regions.map(\.left) == [2])
    }

    @Test("A mask's classes become findings with box and outline in the frame, the good one none")
    func segmentation() throws {
        var mask = [Float](repeating: 0.1, count: 2 * 100)
        for y in 3..<6 { for x in 2..<4 { mask[100 + y * 10 + x] = y == 3 ? 0.6 : 0.9 } }
        for cell in 0..<100 { mask[cell] = 0.95 }
        let card = PostprocessorTests.card(
            .segmentation(.init(mask: "m", areaMin: 2)), classes: ["good", "crack"], good: "good")
        let tensor = Tensor(shape: [1, 2, 10, 10], values: mask)
        let verdict = try PostprocessorTests.verdict(card, ["m": tensor])
        let finding = try #require(verdict.findings.first)
        #expect(verdict.findings.count == 1 && finding.defectClass == "crack")
        #expect(abs(finding.score - 0.8) < 1e-6 && abs(verdict.score - 0.9) < 1e-6)
        #expect(finding.box == Box(x: 40, y: 10, width: 40, height: 60))
        #expect(
            finding.outline == [
                [Point(x: 80, y: 10), Point(x: 80, y: 70), Point(x: 40, y: 70), Point(x: 40, y: 10)]
            ])
    }

    @Test("Softmax and sigmoid masks agree with scores made by hand")
    func activations() throws {
        for (activation, expected) in [
            (ModelCard.OutputSpec.Activation.softmax, Calibration.sigmoid(3)), (.sigmoid, Calibration.sigmoid(2)),
        ] {
            let card = PostprocessorTests.card(
                .segmentation(.init(mask: "m", activation: activation)), classes: ["good", "crack"], good: "good")
            let tensor = Tensor(shape: [1, 2, 1, 1], values: [-1, 2])
            let finding = try PostprocessorTests.verdict(card, ["m": tensor]).findings.first
            #expect(abs((finding?.score ?? 0) - expected) < 1e-6)
        }
    }

    @Test("An anomaly's box is the region of its map; with no region it has none")
    func anomaly() throws {
        var map = [Float](repeating: 2, count: 100)
        for cell in [34, 35, 44] { map[cell] = 11 }
        let tensors = ["s": Tensor(shape: [1], values: [9]), "m": Tensor(shape: [1, 1, 10, 10], values: map)]
        let card = PostprocessorTests.card(
            .anomaly(.init(score: "s", map: "m", scoreRange: 2...12)), classes: ["odd"])
        let verdict = try PostprocessorTests.verdict(card, tensors)
        #expect(verdict.findings.map(\.box) == [Box(x: 80, y: 10, width: 40, height: 40)])
        #expect(abs(verdict.score - 0.7) < 1e-9)
        let alone = PostprocessorTests.card(.anomaly(.init(map: "m", scoreRange: 2...12)), classes: ["odd"])
        #expect(abs(try PostprocessorTests.verdict(alone, tensors).score - 0.9) < 1e-9)
        let flat = ["s": Tensor(shape: [1], values: [9]), "m": Tensor(shape: [1, 2, 2], values: [3, 3, 3, 3])]
        let nowhere = try PostprocessorTests.verdict(card, flat)
        #expect(nowhere.findings.count == 1 && nowhere.findings.first?.box == nil)
        let quiet = ["s": Tensor(shape: [1], values: [4]), "m": Tensor(shape: [1, 10, 10], values: map)]
        let good = try PostprocessorTests.verdict(card, quiet)
        #expect(good.isGood && abs(good.score - 0.2) < 1e-9)
    }
}
