import AndonAnnotate
import AndonDraw
import Foundation
import Testing

@Suite("An annotated PNG")
struct PNGTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var channels = 3
        var highest = 255
        var options: [String] = []
    }

    static let kinds = [
        Kind(testDescription: "colour"), Kind(testDescription: "grey", channels: 1),
        Kind(testDescription: "colour, 16 bits", highest: 65_535),
        Kind(testDescription: "grey, 16 bits", channels: 1, highest: 65_535),
        Kind(testDescription: "interlaced", options: ["-interlace"]),
        Kind(testDescription: "grey, 16 bits, interlaced", channels: 1, highest: 65_535, options: ["-interlace"]),
    ]

    @Test("Every pixel without a mark has its value", arguments: kinds)
    func lossless(_ kind: Kind) throws {
        let pixels = Pixels.noisy(333, 257, channels: kind.channels, highest: kind.highest)
        let original = try Tool.png(pixels, kind.options)
        let annotation = Annotation.sample(333, 257)
        let result = try Annotator.annotate(original, annotation)
        #expect(result.method == .pixels)
        let decoded = try Tool.decoded(png: result.bytes)
        #expect(decoded.channels == kind.channels && decoded.highest == kind.highest)
        #expect(decoded.height == result.height && result.height > 257)
        let (isDrawn, _) = try drawn(annotation, 333, 257)
        var (kept, changed) = (0, 0)
        for y in 0..<257 {
            for x in 0..<333 {
                let isSame = decoded[x, y] == pixels[x, y]
                if isDrawn[y * 333 + x] { changed += isSame ? 0 : 1 } else { kept += 1 }
                if !isDrawn[y * 333 + x], !isSame { Issue.record("\(x) \(y)") }
            }
        }
        #expect(kept > 333 * 257 / 2 && changed > 500)
    }

    @Test("A palette becomes colours, and marks have theirs")
    func palette() throws {
        // Netpbm writes few colours as a palette, or as fewer than eight bits.
        var pixels = Pixels.flat(320, 240, 200)
        for index in 0..<3000 { pixels.values[index] = 30 }
        let result = try Annotator.annotate(try Tool.png(pixels), .sample(320, 240))
        let decoded = try Tool.decoded(png: result.bytes)
        #expect(decoded.channels == 3 && decoded[300, 20] == [200, 200, 200])
        #expect(Set(decoded.values).count > 20)
    }

    @Test("Its metadata stays, and the annotation is declared in it")
    func metadata() throws {
        var original = try Tool.png(.noisy(320, 240))
        original = try Tool.run(["exiftool", "-PNG:Author=Line 3", "-XMP-dc:Creator=Line 3", "-o", "-", "-"], original)
        let found = try Tool.exif(try Annotator.annotate(original, .sample(320, 240)).bytes)
        #expect(found["Author"] == "Line 3" && found["Creator"] == "Line 3")
        #expect(found["Annotated"] == "True" && found["Method"] == "pixels")
        #expect(found["Warning"] == nil, "\(found)")
    }
}
