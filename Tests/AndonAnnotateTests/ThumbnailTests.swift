import AndonAnnotate
import AndonDraw
import Foundation
import Testing

@Suite("A small copy of a picture")
struct ThumbnailTests {
    private static func mean(_ pixels: Pixels, _ xs: Range<Int>, _ ys: Range<Int>, _ channel: Int) -> Double {
        var sum = 0.0
        for y in ys { for x in xs { sum += Double(pixels[x, y][min(channel, pixels.channels - 1)]) } }
        return sum / Double(xs.count * ys.count)
    }

    struct Size: Sendable {
        var picture: (Int, Int)
        var asked: Int
        var copy: (Int, Int)
    }

    static let sizes = [
        Size(picture: (1280, 960), asked: 320, copy: (320, 240)),
        Size(picture: (333, 257), asked: 160, copy: (160, 123)),
        Size(picture: (100, 80), asked: 320, copy: (100, 80)), Size(picture: (30, 3000), asked: 160, copy: (6, 640)),
    ]

    @Test("It is as wide as asked for, keeps the shape, and a picture that is smaller stays as it is", arguments: sizes)
    func size(_ size: Size) throws {
        let pixels = Pixels.noisy(size.picture.0, size.picture.1)
        for file in [try Tool.jpeg(pixels), try Tool.png(pixels)] {
            let copy = try Tool.decoded(jpeg: Thumbnailer.thumbnail(file, width: size.asked))
            #expect(copy.width == size.copy.0 && copy.height == size.copy.1, "\(copy.width) x \(copy.height)")
        }
    }

    @Test("Each part shows what the picture shows there")
    func averages() throws {
        let pixels = Pixels.noisy(1000, 700)
        for file in [try Tool.jpeg(pixels), try Tool.png(pixels), try Tool.png(pixels, ["-interlace"])] {
            let copy = try Tool.decoded(jpeg: Thumbnailer.thumbnail(file, width: 320))
            for (column, row) in [(0, 0), (7, 3), (12, 9), (19, 12)] {
                // Sixteenths of the copy, and the same place of the picture.
                let (x, y) = (column * 16, row * 16)
                let scale = 1000.0 / 320
                func span(_ start: Int) -> Range<Int> { Int(Double(start) * scale)..<Int(Double(start + 16) * scale) }
                for channel in 0..<3 {
                    let wanted = Self.mean(pixels, span(x), span(y), channel)
                    let found = Self.mean(copy, x..<x + 16, y..<y + 16, channel)
                    #expect(abs(wanted - found) < 4, "\(column) \(row) \(channel): \(found) for \(wanted)")
                }
            }
        }
    }

    @Test(
        "Grey, 16 bits and every kind of JPEG come out", arguments: [["-grayscale"], ["-progressive"], ["-arithmetic"]])
    func kinds(_ options: [String]) throws {
        let jpeg = try Tool.decoded(
            jpeg: Thumbnailer.thumbnail(Tool.jpeg(.flat(400, 300, 90), options), width: 160))
        #expect(jpeg.width == 160 && abs(Self.mean(jpeg, 0..<160, 0..<120, 0) - 90) < 2)
        let deep = Pixels.noisy(200, 200, channels: 1, highest: 65_535)
        let png = try Tool.decoded(jpeg: Thumbnailer.thumbnail(Tool.png(deep), width: 100))
        let wanted = Self.mean(deep, 0..<200, 0..<200, 0) / 257
        #expect(abs(Self.mean(png, 0..<100, 0..<100, 0) - wanted) < 2)
    }

    @Test("A picture that is stored turned is shown upright", arguments: Orientation.allCases)
    func turned(_ orientation: Orientation) throws {
        // White in the left upper quarter as it is stored.
        var pixels = Pixels.flat(640, 320, 0)
        for y in 0..<160 {
            for x in 0..<320 { for channel in 0..<3 { pixels.values[(y * 640 + x) * 3 + channel] = 255 } }
        }
        let plain = try Tool.jpeg(pixels)
        let stored = try Tool.run(["exiftool", "-Orientation#=\(orientation.rawValue)", "-o", "-", "-"], plain)
        let copy = try Tool.decoded(jpeg: Thumbnailer.thumbnail(stored, width: 160))
        let isTurned = orientation.rawValue > 4
        #expect(copy.width == 160 && copy.height == (isTurned ? 320 : 80))
        // TIFF 6.0, "Orientation": where the first row and column of what is stored are shown.
        let isRight = [2, 3, 6, 7].contains(orientation.rawValue)
        let isLower = [3, 4, 7, 8].contains(orientation.rawValue)
        for (right, lower) in [(false, false), (true, false), (false, true), (true, true)] {
            let x = right ? copy.width * 3 / 4 : copy.width / 4
            let y = lower ? copy.height * 3 / 4 : copy.height / 4
            let isWhite = Self.mean(copy, x - 4..<x + 4, y - 4..<y + 4, 0) > 127
            #expect(isWhite == (right == isRight && lower == isLower), "\(orientation) \(right) \(lower)")
        }
    }

    @Test("Cut off, altered, too large or no picture at all: it says why")
    func hostile() throws {
        let jpeg = try Tool.jpeg(.noisy(320, 240))
        let png = try Tool.png(.noisy(320, 240))
        func error(_ file: [UInt8], pixelsMax: Int = 1_000_000) -> AnnotateError? {
            #expect(throws: AnnotateError.self) {
                _ = try Thumbnailer.thumbnail(file, width: 160, pixelsMax: pixelsMax)
            }
        }
        #expect(error([]) == .unknownType && error(Array("GIF89a".utf8)) == .unknownType)
        #expect(error(Array(jpeg.prefix(jpeg.count / 2)))?.description.contains("damaged") == true)
        #expect(error(Array(png.prefix(png.count / 2)))?.description.contains("damaged") == true)
        #expect(error(jpeg, pixelsMax: 76_799) == .tooLarge(width: 320, height: 240, pixelsMax: 76_799))
        #expect(error(png, pixelsMax: 76_799) == .tooLarge(width: 320, height: 240, pixelsMax: 76_799))
    }

    @Test("Thousands of random alterations come out or are refused")
    func alterations() throws {
        let originals = [
            try Tool.jpeg(.noisy(64, 48)), try Tool.jpeg(.noisy(64, 48), ["-progressive"]),
            try Tool.png(.noisy(64, 48)),
        ]
        for seed in 1...1500 {
            var random = SplitMix(seed: UInt64(seed))
            var file = originals[seed % originals.count]
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let place = Int.random(in: 0..<file.count, using: &random)
                file[place] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let copy = try Thumbnailer.thumbnail(file, width: 32, pixelsMax: 1_000_000)
                #expect(copy.starts(with: [0xFF, 0xD8, 0xFF]), "seed \(seed)")
            } catch is AnnotateError {}
        }
    }
}
