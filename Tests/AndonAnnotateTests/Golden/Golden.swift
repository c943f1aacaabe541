import Foundation
import Testing

@testable import AndonDraw

/// A picture as it was drawn, with the places of its words.
struct Drawn {
    var pixels: Pixels
    /// In pixels of the picture.
    var words: [Box]
    /// The side of the cells that change as a whole: 16 where a JPEG's colours are sampled at half, else 1.
    var cell = 1
}

/// Compares a picture with the one that people have looked at and that lies in `Golden/pictures`.
///
/// Outside the words every pixel is the same. In no square of a line of words, as wide as the line is high, may more than
/// ``share`` of the pixels (and three, where that is more) differ by more than ``step`` of 255 in a channel: versions of
/// fonts and of what smooths them differ by less, another letter by more.
///
/// `ANDON_GOLDEN=write swift test --filter GoldenTests` writes them anew; look at each before it is committed.
enum Golden {
    static let share = 0.03
    static let step = 48.0

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "pictures")
    private static let isWriting = ProcessInfo.processInfo.environment["ANDON_GOLDEN"] == "write"

    static func check(
        _ name: String, _ drawn: Drawn, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appendingPathComponent("\(name).png")
        if isWriting {
            try Data(Tool.run(["pnmtopng", "-compression", "9"], drawn.pixels.netpbm)).write(to: file)
            print("golden: wrote \(file.path)")
        }
        let bytes = try #require(
            FileManager.default.contents(atPath: file.path),
            "\(file.path) is missing; write it with ANDON_GOLDEN=write and look at it", sourceLocation: sourceLocation)
        let golden = try Tool.decoded(png: Array(bytes))
        guard let difference = Difference(drawn, golden) else { return }
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("andon-golden")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        var paths = [place.appendingPathComponent("\(name)-actual.png")]
        try Data(Tool.png(drawn.pixels)).write(to: paths[0])
        if let picture = difference.picture {
            paths.append(place.appendingPathComponent("\(name)-difference.png"))
            try Data(Tool.png(picture)).write(to: paths[1])
        }
        let names = paths.map(\.path).joined(separator: " and ")
        Issue.record("\(name): \(difference); see \(names)", sourceLocation: sourceLocation)
    }

    /// What is beyond the tolerance; nil where nothing is.
    struct Difference: CustomStringConvertible {
        /// Pixels outside the words that are others.
        private(set) var outside = 0
        /// Boxes of words with too many others.
        private(set) var words = 0
        private(set) var worst = (x: 0, y: 0, by: 0.0)
        private(set) var sizes: String?
        /// The picture in pale grey, with what differs in red, and in orange where words are.
        private(set) var picture: Pixels?

        var description: String {
            sizes
                ?? "\(outside) pixels outside the words and \(words) lines of words differ, "
                + "most of all at \(worst.x), \(worst.y): by \(Int(worst.by)) of 255"
        }

        init?(_ drawn: Drawn, _ golden: Pixels) {
            let (one, other) = (drawn.pixels.coloured, golden.coloured)
            guard one.width == other.width, one.height == other.height else {
                sizes = "\(one.width) x \(one.height) pixels, the golden one \(other.width) x \(other.height)"
                return
            }
            if drawn.pixels == golden { return nil }
            let steps = Self.steps(one, other, highest: drawn.pixels.highest)
            guard steps.contains(where: { $0 > 0 }) else { return nil }
            let boxes = drawn.words.map { Self.cells($0, drawn.cell, one.width, one.height) }
            var isWord = [Bool](repeating: false, count: steps.count)
            for box in boxes {
                for y in box.rows { for x in box.columns { isWord[y * one.width + x] = true } }
            }
            words = drawn.words.count { !Self.isSame($0, steps, one.width, one.height) }
            outside = steps.indices.count { steps[$0] > 0 && !isWord[$0] }
            guard outside > 0 || words > 0 else { return nil }
            let place =
                steps.indices.filter { outside == 0 || !isWord[$0] }.max { steps[$0] < steps[$1] } ?? steps.startIndex
            worst = (place % one.width, place / one.width, steps[place])
            picture = Self.picture(one, steps, isWord)
        }

        /// Whether no square of the line has too many other pixels.
        private static func isSame(_ word: Box, _ steps: [Double], _ width: Int, _ height: Int) -> Bool {
            let (columns, rows) = cells(word, 1, width, height)
            let counts = columns.map { x in rows.count { steps[$0 * width + x] > Golden.step } }
            let side = min(rows.count, counts.count)
            guard side > 0 else { return true }
            let most = max(3, Int(Golden.share * Double(rows.count * side)))
            return (0...(counts.count - side)).allSatisfy { counts[$0..<$0 + side].reduce(0, +) <= most }
        }

        /// The largest difference of a pixel's channels, 0...255.
        private static func steps(_ one: Pixels, _ other: Pixels, highest: Int) -> [Double] {
            (0..<one.width * one.height).map { pixel in
                let at = pixel * 3
                let most = (at..<at + 3).map { abs(Int(one.values[$0]) - Int(other.values[$0])) }.max() ?? 0
                return Double(most) * 255 / Double(highest)
            }
        }

        /// A box with a pixel around it for what is smoothed, out to whole cells, within the picture.
        private static func cells(
            _ box: Box, _ cell: Int, _ width: Int, _ height: Int
        ) -> (columns: Range<Int>, rows: Range<Int>) {
            func span(_ low: Double, _ high: Double, _ end: Int) -> Range<Int> {
                let first = Int((low - 1).rounded(.down)) / cell * cell
                let last = (Int((high + 1).rounded(.up)) + cell - 1) / cell * cell
                return max(0, min(first, end))..<max(0, min(max(first, last), end))
            }
            return (span(box.left, box.right, width), span(box.top, box.bottom, height))
        }

        private static func picture(_ pixels: Pixels, _ steps: [Double], _ isWord: [Bool]) -> Pixels {
            var result = pixels
            result.highest = 255
            for pixel in steps.indices {
                let own = pixels.values[pixel * 3..<pixel * 3 + 3].reduce(0) { $0 + Int($1) } / 3
                let pale = UInt16(190 + own * 65 / pixels.highest)
                let marked: [UInt16] = isWord[pixel] ? [255, 140, 0] : [220, 0, 0]
                for channel in 0..<3 {
                    result.values[pixel * 3 + channel] = steps[pixel] == 0 ? pale : marked[channel]
                }
            }
            return result
        }
    }
}

extension Pixels {
    /// In three channels: programs write a picture without colours as grey.
    fileprivate var coloured: Pixels {
        guard channels == 1 else { return self }
        return Pixels(
            width: width, height: height, channels: 3, values: values.flatMap { [$0, $0, $0] }, highest: highest)
    }
}
