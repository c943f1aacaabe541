import AndonDraw
import Testing

@Suite("Outlines of masks and polygons")
struct OutlineTests {
    private func annotation(_ box: [Double], _ rings: [[[Double]]], rank: Int = 0) -> Annotation {
        Annotation(
            marks: [.init(box: box, rings: rings, label: "d", band: "critical", rank: rank)], title: "T", legend: [])
    }

    private static func square(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> [[Double]] {
        [[left, top], [right, top], [right, bottom], [left, bottom]]
    }

    @Test("A line runs around each ring outside of what is covered", arguments: Orientation.allCases)
    func around(_ orientation: Orientation) throws {
        let rings = [
            Self.square(100, 60, 200, 160), Self.square(130, 90, 170, 130), Self.square(220, 100, 240, 120),
        ]
        let (isDrawn, _) = try drawn(annotation([100, 60, 140, 100], rings), 400, 300, orientation)
        func isCovered(_ x: Int, _ y: Int) -> Bool {
            (100..<200).contains(x) && (60..<160).contains(y) && !((130..<170).contains(x) && (90..<130).contains(y))
                || (220..<240).contains(x) && (100..<120).contains(y)
        }
        for y in 50..<170 {
            for x in 90..<250 where isCovered(x, y) { #expect(!isDrawn[y * 400 + x], "\(x), \(y) is the defect's own") }
        }
        let lines = [
            (98, 100), (202, 100), (150, 58), (150, 162), (132, 110), (168, 110), (150, 92), (218, 110), (242, 110),
        ]
        for (x, y) in lines { #expect(isDrawn[y * 400 + x], "\(x), \(y)") }
        #expect(!isDrawn[110 * 400 + 150], "the middle of the hole is free")
    }

    @Test("Where the defect ends with the picture the line lies inside, so that it is seen")
    func edge() throws {
        let (isDrawn, _) = try drawn(annotation([0, 0, 400, 300], [Self.square(0, 0, 400, 300)]), 400, 300)
        for (x, y) in [(1, 150), (398, 150), (200, 1)] { #expect(isDrawn[y * 400 + x], "\(x), \(y)") }
        #expect(!isDrawn[150 * 400 + 200])
        let (half, _) = try drawn(annotation([0, 100, 50, 80], [Self.square(0, 100, 50, 180)]), 400, 300)
        #expect(half[140 * 400 + 1] && half[140 * 400 + 52] && !half[140 * 400 + 25])
    }

    @Test("Every line of every mark is drawn within the rows that are said to be touched")
    func touched() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        for round in 0..<60 {
            let rings = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 3...9, using: &random)).map { _ in
                    [Double.random(in: 0...300, using: &random), Double.random(in: 0...200, using: &random)]
                }
            }
            let overlay = try AnnotationOverlay(
                annotation([0, 0, 10, 10], rings, rank: round % 4), width: 300, height: 200,
                orientation: Orientation.allCases[round % 8])
            let rows = 200 + overlay.stripRows
            let all = try overlay.draw(0..<rows) { $0.map { $0 >> 24 != 0 } }
            for row in 0..<200 where !overlay.touches(row..<row + 1) {
                #expect(!all[row * 300..<(row + 1) * 300].contains(true), "seed \(seed), round \(round), row \(row)")
            }
        }
    }
}
