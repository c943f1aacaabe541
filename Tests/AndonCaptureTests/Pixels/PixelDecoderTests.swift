import AndonVision
import Foundation
import Testing

@testable import AndonCapture

private func program(_ name: String) -> String? {
    ["/usr/bin/\(name)", "/usr/local/bin/\(name)"].first { FileManager.default.isExecutableFile(atPath: $0) }
}

@Suite("Pictures to pixels")
struct PixelDecoderTests {
    private let decoder = PixelDecoder()

    /// What another program writes to its standard output, which is PGM or PPM (netpbm): the samples behind the head.
    private func samples(_ name: String, _ arguments: [String], _ count: Int) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(program(name), "\(name) is not installed"))
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return Array(bytes.suffix(count))
    }

    private func decoded(_ file: String, _ colour: Pixels.Colour) throws -> Pixels {
        let picture = try PixelDecoder.picture(try Pictures.bytes(file), pixelsMax: 1_000_000)
        return try decoder.decode(picture, as: colour, pixelsMax: 1_000_000)
    }

    @Test("A JPEG file gives djpeg's bytes, in colour and in grey", arguments: Pictures.names)
    func likeDjpeg(_ name: String) throws {
        for (colour, option) in [(Pixels.Colour.rgb, "-rgb"), (.grey, "-grayscale")] {
            let pixels = try decoded("\(name).jpg", colour)
            let other = try samples("djpeg", [option, Pictures.path("\(name).jpg")], pixels.samples.count)
            #expect(pixels.samples == other, "\(option)")
        }
    }

    @Test("A PNG file gives pngtopnm's bytes", arguments: ["colour", "grey", "interlaced", "palette"])
    func likePngtopnm(_ name: String) throws {
        let colour = name == "grey" ? Pixels.Colour.grey : .rgb
        let pixels = try decoded("\(name).png", colour)
        let other = try samples(
            "pngtopnm", ["-mix", "-background=white", Pictures.path("\(name).png")], pixels.samples.count)
        #expect(pixels.samples.count == other.count)
        // Transparent pixels are mixed with other rounding there.
        #expect(zip(pixels.samples, other).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }

    @Test("Grey of a PNG in colour is within one step of BT.601; 16 bits give their high eight")
    func grey() throws {
        let (colour, grey) = (try decoded("colour-16.png", .rgb), try decoded("colour-16.png", .grey))
        for pixel in grey.samples.indices {
            let (red, green, blue) = (
                Double(colour.samples[pixel * 3]), Double(colour.samples[pixel * 3 + 1]),
                Double(colour.samples[pixel * 3 + 2])
            )
            #expect(abs(0.299 * red + 0.587 * green + 0.114 * blue - Double(grey.samples[pixel])) <= 1)
        }
    }

    @Test("Pixels come back from the JPEG file that they are encoded as, within its loss")
    func encodes() throws {
        let (width, height) = (61, 37)
        let ramp = (0..<width * height).map { UInt8($0 % width * 4) }
        for colour in [Pixels.Colour.grey, .rgb] {
            let pixels = Pixels(
                width: width, height: height, colour: colour,
                samples: colour == .grey ? ramp : ramp.flatMap { [$0, $0, $0] })
            let picture = try PixelDecoder.encodeJPEG(pixels, quality: 95)
            let again = try decoder.decode(picture, as: colour, pixelsMax: 10_000)
            #expect(again.width == width && again.height == height)
            #expect(zip(again.samples, pixels.samples).allSatisfy { abs(Int($0) - Int($1)) < 12 })
        }
    }

    @Test("More pixels than are allowed are refused by the head alone")
    func limits() throws {
        for file in ["baseline-420.jpg", "colour.png"] {
            let picture = try PixelDecoder.picture(try Pictures.bytes(file), pixelsMax: 1_000_000)
            #expect { try decoder.decode(picture, as: .rgb, pixelsMax: 10) } throws: {
                ($0 as? CaptureError)?.reason.contains("10 are taken at most") == true
            }
        }
    }

    @Test("A picture that is cut off is refused")
    func truncated() throws {
        for file in ["baseline-420.jpg", "progressive.jpg", "colour.png", "interlaced.png"] {
            let bytes = try Pictures.bytes(file)
            let picture = EncodedPicture(
                format: file.hasSuffix("png") ? .png : .jpeg, bytes: Array(bytes.prefix(bytes.count * 2 / 3)))
            #expect(throws: CaptureError.self) { try decoder.decode(picture, as: .rgb, pixelsMax: 1_000_000) }
        }
    }

    @Test("3,000 altered pictures are decoded or refused, and never more")
    func mutated() throws {
        let seed: UInt64 = 20_261_129
        print("seed \(seed)")
        var dice = Dice(seed: seed)
        let jpegs = try Pictures.names.map { try Pictures.bytes("\($0).jpg") }
        let pngs = try Pictures.pngNames.map { try Pictures.bytes("\($0).png") }
        var refused = 0
        for round in 0..<3000 {
            let isPNG = round % 3 == 0
            var bytes = isPNG ? pngs[dice.below(pngs.count)] : jpegs[dice.below(jpegs.count)]
            for _ in 0...dice.below(8) {
                let place = dice.below(2) == 0 ? dice.below(min(700, bytes.count)) : dice.below(bytes.count)
                switch dice.below(3) {
                case 0: bytes[place] = UInt8(dice.below(256))
                case 1: bytes[place] ^= 1 << UInt8(dice.below(8))
                default: bytes.removeSubrange(place..<min(bytes.count, place + dice.below(5)))
                }
            }
            let picture = EncodedPicture(format: isPNG ? .png : .jpeg, bytes: bytes)
            do {
                let pixels = try decoder.decode(picture, as: round % 2 == 0 ? .rgb : .grey, pixelsMax: 1 << 17)
                #expect(pixels.width * pixels.height <= 1 << 17)
            } catch {
                refused += 1
                #expect(error.kind == .refused && error.reason.utf8.count < 500)
            }
        }
        #expect(refused > 500 && refused < 3000)
    }
}
