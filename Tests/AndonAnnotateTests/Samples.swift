import AndonDraw
import CPixels
import Foundation
import Testing

/// Pixels as other programs read and write them (netpbm): 8 or 16 bits, 1 or 3 channels.
struct Pixels: Equatable {
    var width: Int
    var height: Int
    var channels: Int
    var values: [UInt16]
    var highest = 255

    subscript(x: Int, y: Int) -> [UInt16] {
        let at = (y * width + x) * channels
        return Array(values[at..<(at + channels)])
    }

    /// A shaded picture with noise, so that no two blocks are alike.
    static func noisy(_ width: Int, _ height: Int, channels: Int = 3, highest: Int = 255, seed: UInt64 = 5) -> Pixels {
        var random = SplitMix(seed: seed)
        var values: [UInt16] = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<channels {
                    let shade = 0.5 + 0.3 * sin(Double(x) / 40 + Double(channel)) * cos(Double(y) / 30)
                    let noise = Double(random.next() % 1000) / 1000 * 0.08
                    values.append(UInt16((shade + noise) * Double(highest)))
                }
            }
        }
        return Pixels(width: width, height: height, channels: channels, values: values, highest: highest)
    }

    static func flat(_ width: Int, _ height: Int, _ value: UInt16 = 128) -> Pixels {
        Pixels(
            width: width, height: height, channels: 3,
            values: [UInt16](repeating: value, count: width * height * 3))
    }

    var netpbm: [UInt8] {
        let head = Array("P\(channels == 1 ? 5 : 6)\n\(width) \(height)\n\(highest)\n".utf8)
        return head
            + (highest > 255
                ? values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } : values.map { UInt8(truncatingIfNeeded: $0) })
    }

    init(width: Int, height: Int, channels: Int, values: [UInt16], highest: Int = 255) {
        self.width = width
        self.height = height
        self.channels = channels
        self.values = values
        self.highest = highest
    }

    init(netpbm bytes: [UInt8]) throws {
        var at = 0
        func word() -> String {
            while at < bytes.count, bytes[at] <= 32 { at += 1 }
            let start = at
            while at < bytes.count, bytes[at] > 32 { at += 1 }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        let kind = word()
        try #require(kind == "P5" || kind == "P6", "\(kind)")
        width = try #require(Int(word()))
        height = try #require(Int(word()))
        highest = try #require(Int(word()))
        channels = kind == "P5" ? 1 : 3
        let rest = bytes[(at + 1)...]
        let count = width * height * channels
        let start = rest.startIndex
        if highest > 255 {
            try #require(rest.count == count * 2)
            values = (0..<count).map { UInt16(rest[start + $0 * 2]) << 8 | UInt16(rest[start + $0 * 2 + 1]) }
        } else {
            try #require(rest.count == count)
            values = rest.map { UInt16($0) }
        }
    }
}

/// Programs of others: libjpeg-turbo's, netpbm's, exiftool.
enum Tool {
    static func run(_ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-annotate-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, out) = (folder.appendingPathComponent("in"), folder.appendingPathComponent("out"))
        try Data(input).write(to: file)
        try Data().write(to: out)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments) ended with \(process.terminationStatus)")
        return Array(try Data(contentsOf: out))
    }

    static func jpeg(_ pixels: Pixels, _ options: [String] = []) throws -> [UInt8] {
        try run(["cjpeg", "-quality", "88"] + options, pixels.netpbm)
    }

    /// Each component's samples repeated, not smoothed: a pixel then depends on the blocks over it alone.
    static func decoded(jpeg: [UInt8]) throws -> Pixels {
        try Pixels(netpbm: run(["djpeg", "-nosmooth", "-pnm"], jpeg))
    }

    static func png(_ pixels: Pixels, _ options: [String] = []) throws -> [UInt8] {
        try run(["pnmtopng", "-force"] + options, pixels.netpbm)
    }

    static func decoded(png: [UInt8]) throws -> Pixels { try Pixels(netpbm: run(["pngtopnm"], png)) }

    static func exif(_ file: [UInt8]) throws -> [String: String] {
        let text = String(decoding: try run(["exiftool", "-s", "-a", "-"], file), as: UTF8.self)
        return Dictionary(
            text.split(separator: "\n").compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (
                    line[..<colon].trimmingCharacters(in: .whitespaces),
                    line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                )
            }, uniquingKeysWith: { first, _ in first })
    }
}

/// A picture's blocks, by component and row, without those beyond its edge that fill up a unit: nobody sees them, and
/// libjpeg writes its own.
func coefficients(_ jpeg: [UInt8]) throws -> [[[Int16]]] {
    try jpeg.withUnsafeBufferPointer { bytes in
        var info = andon_jpeg_info()
        let picture = try #require(andon_jpeg_open(bytes.baseAddress, bytes.count, &info))
        defer { andon_jpeg_close(picture) }
        try #require(andon_jpeg_read(picture, 0) == 0)
        let factors = [info.v.0, info.v.1, info.v.2, info.v.3]
        let factorsAcross = [info.h.0, info.h.1, info.h.2, info.h.3]
        return try (0..<info.components).map { component in
            let high = 8 * Int(info.v_max) / Int(factors[Int(component)])
            let wide = 8 * Int(info.h_max) / Int(factorsAcross[Int(component)])
            let across = (Int(info.width) + wide - 1) / wide
            return try (0..<(Int(info.height) + high - 1) / high).map { row in
                let blocks = try #require(andon_jpeg_blocks(picture, component, UInt32(row)))
                return Array(UnsafeBufferPointer(start: blocks, count: across * 64))
            }
        }
    }
}

extension Annotation {
    /// Three marks of different bands, one of them an outline.
    static func sample(_ width: Int, _ height: Int) -> Annotation {
        let (across, down) = (Double(width), Double(height))
        return Annotation(
            marks: [
                Mark(
                    box: [across * 0.1, down * 0.2, across * 0.3, down * 0.25], label: "scratch 0.97", band: "critical",
                    rank: 0),
                Mark(
                    box: [across * 0.6, down * 0.5, across * 0.2, down * 0.2], label: "dent 0.81", band: "moderate",
                    rank: 2),
                Mark(
                    box: [across * 0.2, down * 0.7, across * 0.2, down * 0.2],
                    outline: [
                        [across * 0.2, down * 0.7], [across * 0.4, down * 0.75], [across * 0.3, down * 0.9],
                    ], label: "blister 0.7", band: "minor", rank: 3),
            ], title: "A7K2M9QX3F", legend: [Entry("asset", "PRESS-07"), Entry("zone", "Z1")])
    }
}

/// Whether anything is drawn at a stored pixel.
func drawn(_ annotation: Annotation, _ width: Int, _ height: Int, _ orientation: Orientation = .upright) throws
    -> (isDrawn: [Bool], rows: Int)
{
    let overlay = try AnnotationOverlay(annotation, width: width, height: height, orientation: orientation)
    let rows = height + overlay.stripRows
    return (try overlay.draw(0..<rows) { $0.map { $0 >> 24 != 0 } }, rows)
}

/// Seeded values.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
