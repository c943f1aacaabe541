import AndonAnnotate
import AndonDraw
import Foundation
import Testing

@Suite("A picture that is not what it seems")
struct HostileTests {
    @Test("Cut off, altered, of another type or too large: it says why, and nothing else happens")
    func refused() throws {
        let jpeg = try Tool.jpeg(.noisy(320, 240))
        let png = try Tool.png(.noisy(320, 240))
        func error(_ file: [UInt8], pixelsMax: Int = 1_000_000) -> AnnotateError? {
            #expect(throws: AnnotateError.self) {
                _ = try Annotator.annotate(file, .sample(320, 240), pixelsMax: pixelsMax)
            }
        }
        #expect(error([]) == .unknownType && error(Array("GIF89a".utf8)) == .unknownType)
        #expect(error(Array(jpeg.prefix(jpeg.count / 2)))?.description.contains("damaged") == true)
        #expect(error(Array(png.prefix(png.count / 2)))?.description.contains("damaged") == true)
        #expect(error(jpeg, pixelsMax: 76_799) == .tooLarge(width: 320, height: 240, pixelsMax: 76_799))
        #expect(error(png, pixelsMax: 76_799) == .tooLarge(width: 320, height: 240, pixelsMax: 76_799))
        // A small file that says it is as large as can be.
        var bomb = jpeg
        let frame = try #require((0..<jpeg.count - 1).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        for index in 5...8 { bomb[frame + index] = 0xF0 }
        if case .tooLarge = error(bomb) {} else { Issue.record("\(String(describing: error(bomb)))") }
        var altered = png
        altered[png.count / 2] ^= 0x55
        #expect(error(altered)?.description.contains("damaged") == true)
        var sixteen = jpeg
        sixteen[frame + 4] = 12
        #expect(error(sixteen) != nil)
    }

    @Test("Thousands of random alterations are drawn on or refused")
    func alterations() throws {
        let originals = [
            try Tool.jpeg(.noisy(64, 48)), try Tool.jpeg(.noisy(64, 48), ["-progressive"]),
            try Tool.jpeg(.noisy(64, 48), ["-arithmetic", "-restart", "2B"]), try Tool.png(.noisy(64, 48)),
            try Tool.png(.noisy(64, 48, channels: 1, highest: 65_535), ["-interlace"]),
        ]
        var (drawn, refused) = (0, 0)
        for seed in 1...2000 {
            var random = SplitMix(seed: UInt64(seed))
            var file = originals[seed % originals.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<file.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: file[place] = UInt8.random(in: 0...255, using: &random)
                case 1: file.remove(at: place)
                case 2: file.insert(UInt8.random(in: 0...255, using: &random), at: place)
                default: file.removeLast(min(file.count - 1, Int.random(in: 0...40, using: &random)))
                }
            }
            do {
                _ = try Annotator.annotate(file, .sample(64, 48), pixelsMax: 1_000_000)
                drawn += 1
            } catch is AnnotateError {
                refused += 1
            }
        }
        #expect(drawn > 20 && refused > 500, "\(drawn) \(refused)")
    }

    @Test("Boxes that are no boxes, and texts without end, do no harm")
    func figures() throws {
        let jpeg = try Tool.jpeg(.noisy(64, 48))
        let odd: [[Double]] = [
            [], [1], [.nan, 1, 2, 3], [-1e300, -1e300, 1e308, 1e308], [0, 0, 0, 0], [1e9, 1e9, 5, 5],
        ]
        let annotation = Annotation(
            marks: odd.map {
                .init(
                    box: $0, outline: [$0, $0, [1, 2]], label: String(repeating: "x\u{202E}\0", count: 2000),
                    band: "<b>",
                    rank: -4)
            }, title: String(repeating: "<&>\u{7}", count: 30_000), legend: [.init("", "\u{FFFF}")])
        let result = try Annotator.annotate(jpeg, annotation)
        #expect(result.height > 48)
        _ = try Tool.decoded(jpeg: result.bytes)
    }
}
