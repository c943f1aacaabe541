import AndonDraw
import CPixels

/// Draws on a PNG picture row by row (PNG, third edition). Every pixel without a mark keeps its value, 16 bits included;
/// palettes become colours, because a mark has colours that the palette lacks.
final class PNGAnnotator {
    private let picture: OpaquePointer
    private let info: andon_png_info

    /// Rows that the overlay is drawn for at once.
    private static let bandRows = 64

    /// - Parameter bytes: must live as long as the annotator.
    init(_ bytes: UnsafeBufferPointer<UInt8>, pixelsMax: Int) throws {
        var info = andon_png_info()
        guard let picture = andon_png_open(bytes.baseAddress, bytes.count, &info) else {
            throw AnnotateError.failed("no memory for the picture")
        }
        self.picture = picture
        self.info = info
        try check()
        try AnnotateError.require(size, within: pixelsMax)
    }

    deinit { andon_png_close(picture) }

    private func check() throws {
        guard let words = andon_png_error(picture) else { return }
        throw AnnotateError.damaged(String(cString: words))
    }

    var size: (width: Int, height: Int) { (Int(info.width), Int(info.height)) }
    /// Whether chunks that explain a palette or its transparency have lost their meaning.
    var isExpanded: Bool { info.is_expanded != 0 }

    /// The annotated file.
    func annotated(_ overlay: AnnotationOverlay, _ chunks: [PNGChunk]) throws -> [UInt8] {
        let total = size.height + overlay.stripRows
        try require(andon_png_begin(picture, UInt32(total)))
        for chunk in chunks where chunk.isBeforePixels { try put(chunk) }
        let bytesARow = size.width * Int(info.channels) * Int(info.bits) / 8
        var empty = [UInt8](repeating: 0, count: bytesARow)
        for first in stride(from: 0, to: total, by: Self.bandRows) {
            let band = first..<min(total, first + Self.bandRows)
            guard overlay.touches(band) else {
                for _ in band { try require(andon_png_write(picture, try nextRow())) }
                continue
            }
            try overlay.draw(band) { pixels in
                for row in band {
                    let line = UnsafeBufferPointer(
                        rebasing: pixels[(row - first) * size.width..<(row - first + 1) * size.width])
                    if row < size.height {
                        let own = try nextRow()
                        blend(line, over: own)
                        try require(andon_png_write(picture, own))
                    } else {
                        for index in empty.indices { empty[index] = 0 }
                        try empty.withUnsafeMutableBufferPointer {
                            guard let base = $0.baseAddress else { return }
                            blend(line, over: base)
                            try require(andon_png_write(picture, base))
                        }
                    }
                }
            }
        }
        for chunk in chunks where !chunk.isBeforePixels { try put(chunk) }
        var count = 0
        guard let file = andon_png_finish(picture, &count) else {
            try check()
            throw AnnotateError.failed("the copy cannot be written")
        }
        return Array(UnsafeBufferPointer(start: file, count: count))
    }

    /// Rows of a file as red, green and blue of 8 bits; on white where they are transparent.
    static func rgbRows(_ file: [UInt8], _ top: Int, _ height: Int) throws -> [UInt8] {
        try file.withUnsafeBufferPointer { bytes in
            let picture = try PNGAnnotator(bytes, pixelsMax: .max)
            var rows: [UInt8] = []
            rows.reserveCapacity(picture.size.width * height * 3)
            for index in 0..<min(top + height, picture.size.height) {
                let row = try picture.nextRow()
                if index >= top { picture.append(row, to: &rows) }
            }
            return rows
        }
    }

    /// Hands out all rows, one by one, as red, green and blue of 8 bits; on white where they are transparent.
    static func eachRGBRow(
        _ file: [UInt8], pixelsMax: Int, _ body: (_ row: UnsafeBufferPointer<UInt8>) -> Void
    ) throws {
        try file.withUnsafeBufferPointer { bytes in
            let picture = try PNGAnnotator(bytes, pixelsMax: pixelsMax)
            var colours: [UInt8] = []
            colours.reserveCapacity(picture.size.width * 3)
            for _ in 0..<picture.size.height {
                colours.removeAll(keepingCapacity: true)
                picture.append(try picture.nextRow(), to: &colours)
                colours.withUnsafeBufferPointer(body)
            }
        }
    }

    private func append(_ row: UnsafeMutablePointer<UInt8>, to rows: inout [UInt8]) {
        let (channels, bytes) = (Int(info.channels), Int(info.bits) / 8)
        for column in 0..<size.width {
            // The high byte of 16 bits comes first.
            func value(_ channel: Int) -> Int { Int(row[(column * channels + channel) * bytes]) }
            let alpha = channels % 2 == 0 ? value(channels - 1) : 255
            for channel in 0..<3 {
                let own = value(channels < 3 ? 0 : channel)
                rows.append(UInt8((own * alpha + 255 * (255 - alpha)) / 255))
            }
        }
    }

    private func nextRow() throws -> UnsafeMutablePointer<UInt8> {
        guard let row = andon_png_row(picture) else {
            try check()
            throw AnnotateError.failed("a row cannot be read")
        }
        return row
    }

    private func put(_ chunk: PNGChunk) throws {
        try require(
            chunk.bytes.withUnsafeBufferPointer { andon_png_chunk(picture, chunk.name, $0.baseAddress, $0.count) })
    }

    private func require(_ status: Int32) throws {
        guard status != 0 else { return }
        try check()
        throw AnnotateError.failed("the copy cannot be written")
    }

    private func blend(_ line: UnsafeBufferPointer<UInt32>, over row: UnsafeMutablePointer<UInt8>) {
        let (channels, wide) = (Int(info.channels), info.bits == 16)
        for column in line.indices {
            let pixel = line[column]
            let alpha = Float(pixel >> 24) / 255
            guard alpha > 0 else { continue }
            let red = Float(pixel >> 16 & 0xFF) / 255
            let green = Float(pixel >> 8 & 0xFF) / 255
            let blue = Float(pixel & 0xFF) / 255
            let grey = 0.299 * red + 0.587 * green + 0.114 * blue
            for channel in 0..<channels {
                let drawn: Float =
                    switch (channels, channel) {
                    case (1, 0), (2, 0): grey
                    // What is drawn is opaque where it is drawn.
                    case (2, 1), (4, 3): alpha
                    case (_, 0): red
                    case (_, 1): green
                    default: blue
                    }
                let place = (column * channels + channel) * (wide ? 2 : 1)
                if wide {
                    let own = Float(Int(row[place]) << 8 | Int(row[place + 1])) / 65_535
                    let value = Int(((own * (1 - alpha) + drawn) * 65_535).rounded())
                    let held = min(max(value, 0), 65_535)
                    (row[place], row[place + 1]) = (UInt8(held >> 8), UInt8(held & 0xFF))
                } else {
                    let own = Float(row[place]) / 255
                    row[place] = UInt8(min(max(((own * (1 - alpha) + drawn) * 255).rounded(), 0), 255))
                }
            }
        }
    }
}

/// A chunk of a PNG file that is neither its head, its pixels nor its end.
struct PNGChunk {
    /// Four letters.
    var name: String
    var bytes: [UInt8]
    var isBeforePixels: Bool

    static let internationalText = "iTXt"

    /// The chunks of a file as they stand in it.
    ///
    /// - Parameter isExpanded: leaves out those that explain colours which the copy does not have.
    static func all(in file: UnsafeBufferPointer<UInt8>, isExpanded: Bool) -> [PNGChunk] {
        var found: [PNGChunk] = []
        var at = 8
        var isBeforePixels = true
        while at + 12 <= file.count {
            let count = (0..<4).reduce(0) { $0 << 8 | Int(file[at + $1]) }
            guard count <= file.count - at - 12 else { break }
            let name = String(decoding: file[(at + 4)..<(at + 8)], as: UTF8.self)
            if name == "IDAT" { isBeforePixels = false }
            if keeps(name, isExpanded: isExpanded) {
                found.append(
                    PNGChunk(
                        name: name, bytes: Array(file[(at + 8)..<(at + 8 + count)]), isBeforePixels: isBeforePixels))
            }
            at += 12 + count
        }
        return found
    }

    private static func keeps(_ name: String, isExpanded: Bool) -> Bool {
        let known = name.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) }
        // Upper case begins what is needed to decode: the copy has its own. Animations would show other pictures.
        guard known, let first = name.utf8.first, first >= 97, !["acTL", "fcTL", "fdAT"].contains(name) else {
            return false
        }
        return !(isExpanded && ["tRNS", "bKGD", "hIST", "sBIT", "sPLT"].contains(name)) && name != "tRNS"
    }
}
