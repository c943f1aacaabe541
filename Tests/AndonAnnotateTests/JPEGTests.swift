import AndonAnnotate
import AndonDraw
import Foundation
import Testing

@Suite("An annotated JPEG")
struct JPEGTests {
    /// A kind of file, as cjpeg makes it, with its sampling.
    struct Kind: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var options: [String]
        var across = 2
        var down = 2
        var channels = 3
        var size = (width: 331, height: 251)
        var method = Annotator.Method.bits
    }

    static let kinds = [
        Kind(testDescription: "4:2:0", options: []),
        Kind(testDescription: "4:2:2", options: ["-sample", "2x1"], down: 1),
        Kind(testDescription: "4:4:0", options: ["-sample", "1x2"], across: 1),
        Kind(testDescription: "4:4:4", options: ["-sample", "1x1"], across: 1, down: 1),
        Kind(testDescription: "4:1:1", options: ["-sample", "4x1"], across: 4, down: 1),
        Kind(testDescription: "grey", options: [], across: 1, down: 1, channels: 1),
        Kind(
            testDescription: "grey with factors of two", options: ["-sample", "2x2"], across: 1, down: 1, channels: 1),
        Kind(testDescription: "RGB", options: ["-rgb", "-sample", "1x1"], across: 1, down: 1),
        Kind(testDescription: "progressive", options: ["-progressive"], method: .coefficients),
        Kind(
            testDescription: "progressive 4:2:2", options: ["-progressive", "-sample", "2x1"], down: 1,
            method: .coefficients),
        Kind(testDescription: "arithmetic", options: ["-arithmetic"], method: .coefficients),
        Kind(testDescription: "restart markers", options: ["-restart", "3B"]),
        Kind(testDescription: "optimised", options: ["-optimize"], method: .coefficients),
        Kind(testDescription: "whole blocks", options: [], size: (320, 256)),
        Kind(testDescription: "half a unit left", options: [], size: (328, 248)),
    ]

    @Test("Only blocks under a mark are others; all else is the original bit for bit", arguments: kinds)
    func lossless(_ kind: Kind) throws {
        let (width, height) = kind.size
        let original = try Tool.jpeg(.noisy(width, height, channels: kind.channels), kind.options)
        let annotation = Annotation.sample(width, height)
        let result = try Annotator.annotate(original, annotation)
        #expect(result.method == kind.method && result.width == width && result.height > height)
        let (isDrawn, rows) = try drawn(annotation, width, height)
        #expect(rows <= result.height)

        func touches(_ left: Int, _ top: Int, _ across: Int, _ down: Int) -> Bool {
            (top..<top + down).contains { y in
                y >= height || (left..<left + across).contains { $0 < width && isDrawn[y * width + $0] }
            }
        }
        let (before, after) = (try coefficients(original), try coefficients(result.bytes))
        var (kept, changed) = (0, 0)
        for component in before.indices {
            let across = component == 0 || kind.options.contains("-rgb") ? 8 : 8 * kind.across
            let down = component == 0 || kind.options.contains("-rgb") ? 8 : 8 * kind.down
            for row in before[component].indices {
                for block in 0..<(width + across - 1) / across {
                    let part = block * 64..<(block + 1) * 64
                    let isSame = before[component][row][part] == after[component][row][part]
                    kept += isSame ? 1 : 0
                    changed += isSame ? 0 : 1
                    // Outlines are drawn over their whole cell of eight by eight; nothing else may change.
                    if !isSame {
                        #expect(touches(block * across, row * down, across, down), "\(component) \(row) \(block)")
                    }
                }
            }
        }
        #expect(kept > changed && changed > 50, "\(kept) \(changed)")

        let (one, other) = (try Tool.decoded(jpeg: original), try Tool.decoded(jpeg: result.bytes))
        #expect(other.width == width && other.height == result.height && other.channels == one.channels)
        let (cellAcross, cellDown) = (8 * kind.across, 8 * kind.down)
        var same = 0
        for top in stride(from: 0, to: height, by: cellDown) {
            for left in stride(from: 0, to: width, by: cellAcross) where !touches(left, top, cellAcross, cellDown) {
                for y in top..<min(top + cellDown, height) {
                    for x in left..<min(left + cellAcross, width) {
                        same += 1
                        if one[x, y] != other[x, y] { Issue.record("\(x) \(y): \(one[x, y]) \(other[x, y])") }
                    }
                }
            }
        }
        #expect(same > width * height / 4, "\(same)")
    }

    @Test("A frame's inner edge is the box, and the defect in it is not drawn on")
    func edges() throws {
        let original = try Tool.jpeg(.flat(400, 300), ["-sample", "1x1"])
        let annotation = Annotation(
            marks: [.init(box: [104, 88, 120, 96], label: "dent 0.9", band: "critical", rank: 0)], title: "T",
            legend: [])
        let decoded = try Tool.decoded(jpeg: try Annotator.annotate(original, annotation).bytes)
        func isLine(_ x: Int, _ y: Int) -> Bool {
            let pixel = decoded[x, y].map(Int.init)
            return abs(pixel[0] - pixel[2]) > 60
        }
        for y in stride(from: 100, to: 170, by: 7) {
            #expect(isLine(102, y) && !isLine(105, y) && isLine(225, y) && !isLine(222, y), "\(y)")
        }
        for x in stride(from: 130, to: 210, by: 7) {
            #expect(isLine(x, 86) && !isLine(x, 89) && isLine(x, 185) && !isLine(x, 182), "\(x)")
        }
        for x in stride(from: 112, to: 216, by: 8) { #expect(decoded[x, 130] == [128, 128, 128], "\(x)") }
    }

    @Test("Its metadata stays, and the annotation is declared in it as another program reads it")
    func metadata() throws {
        var original = try Tool.jpeg(.noisy(320, 240))
        original = try Tool.run(
            [
                "exiftool", "-Make=Basler", "-Orientation#=6", "-XMP-dc:Creator=Line 3", "-Comment=kept", "-o", "-",
                "-",
            ], original)
        let result = try Annotator.annotate(original, .sample(320, 240))
        let found = try Tool.exif(result.bytes)
        #expect(found["Make"] == "Basler" && found["Creator"] == "Line 3" && found["Comment"] == "kept")
        #expect(found["Orientation"]?.contains("90") == true)
        #expect(found["Annotated"] == "True" && found["Method"] == "bits")
        #expect(found["OriginalSHA256"]?.count == 64 && found["Marks"]?.contains("scratch 0.97") == true)
        let plain = try Tool.exif(try Annotator.annotate(try Tool.jpeg(.noisy(320, 240)), .sample(320, 240)).bytes)
        #expect(plain["Annotated"] == "True" && plain["Title"] == "A7K2M9QX3F")
    }

    @Test("Four colours are drawn on as well", arguments: [true, false])
    func fourColours(hasAdobe: Bool) throws {
        let original = try JPEGMaker.fourColours(320, 240, hasAdobe: hasAdobe)
        let annotation = Annotation(
            marks: [.init(box: [80, 60, 100, 80], label: "dent", band: "critical", rank: 0)], title: "T", legend: [])
        let result = try Annotator.annotate(original, annotation)
        #expect(result.method == .coefficients, "its tables know no other value")
        let (before, after) = (try coefficients(original), try coefficients(result.bytes))
        #expect(before.count == 4 && after.count == 4)
        // The strip is white: no ink in any of the four, whichever way they are stored.
        let white: Int16 = hasAdobe ? 1 : -1
        for component in 0..<4 {
            let row = try #require(after[component].last)
            #expect(row[64 * 38] * white > 0, "\(component)")
        }
        #expect(before[0][15][64 * 15..<64 * 16] == after[0][15][64 * 15..<64 * 16])
    }

    @Test("Colours sampled by fractions are drawn on by nobody's decoder, and it says so")
    func fractions() throws {
        var original = try Tool.jpeg(.noisy(320, 240), ["-sample", "2x1"])
        let frame = try #require((0..<original.count - 1).first { original[$0] == 0xFF && original[$0 + 1] == 0xC0 })
        // The first component three times as fine, the second twice.
        (original[frame + 11], original[frame + 14]) = (0x31, 0x21)
        #expect(throws: AnnotateError.unsupported("its colours are sampled by fractions")) {
            _ = try Annotator.annotate(original, .sample(320, 240))
        }
    }

    @Test("The same picture gives the same bytes")
    func deterministic() throws {
        let original = try Tool.jpeg(.noisy(400, 300))
        let (one, other) = (
            try Annotator.annotate(original, .sample(400, 300)), try Annotator.annotate(original, .sample(400, 300))
        )
        #expect(one.bytes == other.bytes)
    }
}
