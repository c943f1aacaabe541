import AndonDraw
import Foundation
import Testing

@Suite("The words of an annotation")
struct LayoutTests {
    private func random(_ random: inout SplitMix, _ width: Int, _ height: Int) -> Annotation {
        let marks = (0..<Int.random(in: 1...14, using: &random)).map { index in
            let across = Double.random(in: 1...Double(width), using: &random)
            let down = Double.random(in: 1...Double(height), using: &random)
            return Annotation.Mark(
                box: [
                    Double.random(in: 0...(Double(width) - across), using: &random),
                    Double.random(in: 0...(Double(height) - down), using: &random), across, down,
                ], label: ["scratch 0.97", "d", "solder bridge between pads 0.5", "刮痕 0.8"][index % 4],
                band: ["critical", "", "minor"][index % 3], rank: index % 5)
        }
        return Annotation(marks: marks, title: "A7K2M9QX3F", legend: [.init("asset", "PRESS-07")])
    }

    @Test("They never cover the box that they name, nor each other, and never leave the picture")
    func apart() throws {
        var (placed, unplaced) = (0, 0)
        for seed in 1...300 {
            var source = SplitMix(seed: UInt64(seed))
            let (width, height) = (
                Int.random(in: 60...1600, using: &source), Int.random(in: 60...1200, using: &source)
            )
            let annotation = random(&source, width, height)
            let overlay = try AnnotationOverlay(annotation, width: width, height: height)
            let labels = overlay.labels
            for (place, label) in labels.enumerated() {
                let box = label.box
                #expect(
                    box[0] >= 0 && box[1] >= 0 && box[0] + box[2] <= Double(width)
                        && box[1] + box[3] <= Double(height), "seed \(seed): \(label)")
                #expect(!meets(box, annotation.marks[label.mark].box), "seed \(seed): \(label)")
                for other in labels[(place + 1)...] { #expect(!meets(box, other.box), "seed \(seed)") }
            }
            placed += labels.count
            let missing = annotation.marks.count - labels.count
            unplaced += missing
            // What has no words in the picture is in the strip, by its number.
            let strip = overlay.stripText.joined(separator: "\n")
            #expect(strip.contains("No room in the picture") == (missing > 0), "seed \(seed)")
        }
        #expect(placed > 1000 && unplaced > 20, "\(placed) \(unplaced)")
    }

    private func meets(_ one: [Double], _ other: [Double]) -> Bool {
        one[0] < other[0] + other[2] && other[0] < one[0] + one[2] && one[1] < other[1] + other[3]
            && other[1] < one[1] + one[3]
    }

    @Test("In a turned picture they stand upright as it is shown", arguments: Orientation.allCases)
    func orientation(_ orientation: Orientation) throws {
        let (width, height) = (480, 320)
        let swaps = orientation.rawValue > 4
        let stored = swaps ? (height, width) : (width, height)
        // A box that lies at the same place of the shown picture, whichever way it is stored.
        let shown = (x: 100.0, y: 60.0, width: 90.0, height: 50.0)
        let (w, h) = (Double(stored.0), Double(stored.1))
        let box: [Double] =
            switch orientation {
            case .upright: [shown.x, shown.y, shown.width, shown.height]
            case .mirrored: [w - shown.x - shown.width, shown.y, shown.width, shown.height]
            case .turnedHalf: [w - shown.x - shown.width, h - shown.y - shown.height, shown.width, shown.height]
            case .flipped: [shown.x, h - shown.y - shown.height, shown.width, shown.height]
            case .transposed: [shown.y, shown.x, shown.height, shown.width]
            case .turnedRight: [shown.y, h - shown.x - shown.width, shown.height, shown.width]
            case .transversed: [w - shown.y - shown.height, h - shown.x - shown.width, shown.height, shown.width]
            case .turnedLeft: [w - shown.y - shown.height, shown.x, shown.height, shown.width]
            }
        func annotation(_ box: [Double]) -> Annotation {
            Annotation(marks: [.init(box: box, label: "dent 0.9", band: "major", rank: 1)], title: "T", legend: [])
        }
        let overlay = try AnnotationOverlay(
            annotation(box), width: stored.0, height: stored.1, orientation: orientation)
        let upright = try AnnotationOverlay(
            annotation([shown.x, shown.y, shown.width, shown.height]), width: width, height: height)
        #expect(overlay.labels.first?.box == upright.labels.first?.box)
        let pixels = try overlay.draw(0..<stored.1) { Array($0) }
        let expected = try upright.draw(0..<height) { Array($0) }
        var differences = 0
        // Above the strip, which a turned picture has inside.
        for y in 0..<200 {
            for x in 0..<width {
                let place: (Int, Int) =
                    switch orientation {
                    case .upright: (x, y)
                    case .mirrored: (stored.0 - 1 - x, y)
                    case .turnedHalf: (stored.0 - 1 - x, stored.1 - 1 - y)
                    case .flipped: (x, stored.1 - 1 - y)
                    case .transposed: (y, x)
                    case .turnedRight: (y, stored.1 - 1 - x)
                    case .transversed: (stored.0 - 1 - y, stored.1 - 1 - x)
                    case .turnedLeft: (stored.0 - 1 - y, x)
                    }
                let (one, other) = (pixels[place.1 * stored.0 + place.0], expected[y * width + x])
                // Letters are smoothed a little differently when they are turned.
                if abs(Int(one >> 24) - Int(other >> 24)) > 96 || abs(Int(one & 0xFF) - Int(other & 0xFF)) > 96 {
                    differences += 1
                }
            }
        }
        #expect(differences < 60, "\(differences)")
    }

    @Test("Colour is not alone: each band has a line of its own")
    func bands() throws {
        let lines = try (0..<4).map { rank in
            let annotation = Annotation(
                marks: [.init(box: [50, 50, 300, 200], label: "d", band: "b", rank: rank)], title: "T", legend: [])
            let overlay = try AnnotationOverlay(annotation, width: 400, height: 300)
            // Along the upper line: where it is white between dashes.
            return try overlay.draw(0..<300) { pixels in
                (60..<340).map { pixels[48 * 400 + $0] & 0xFFFFFF == 0xFFFFFF }
            }
        }
        #expect(Set(lines).count == 4)
        #expect(!lines[0].contains(true) && lines[3].filter { $0 }.count > 80)
    }
}
