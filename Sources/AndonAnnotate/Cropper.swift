import AndonDraw
import CPixels

/// The defect enlarged, beside the same place on another picture of the same camera.
public enum Cropper {
    /// How much is shown around the box, as a share of its longer side, and at least so many pixels of the picture.
    private static let margin = 0.6
    private static let sideMin = 96.0

    /// - Parameters:
    ///   - file: JPEG or PNG.
    ///   - box: x, y, width and height in the file's own pixels.
    ///   - good: a picture of the same camera without a defect; left out when its size is another.
    /// - Returns: a PNG file.
    /// - Throws: ``AnnotateError``.
    public static func crop(
        _ file: [UInt8], box: [Double], title: String, good: [UInt8]?, goodTitle: String,
        pixelsMax: Int = 100_000_000
    ) throws -> [UInt8] {
        let picture = try head(file, pixelsMax)
        guard box.count == 4, box.allSatisfy(\.isFinite) else {
            throw AnnotateError.unsupported("a box has four numbers: x, y, width and height")
        }
        let region = Self.region(box, picture)
        let own = try pixels(file, picture, region)
        var panels = [
            CropDrawing.Panel(
                own.turned(picture.orientation), title: title, box: turned(box, region, picture.orientation))
        ]
        // A good picture that cannot be read is no reason to show no defect.
        if let good, let other = try? head(good, pixelsMax), other.width == picture.width,
            other.height == picture.height, let pixels = try? pixels(good, other, region)
        {
            panels.append(CropDrawing.Panel(pixels.turned(picture.orientation), title: goodTitle))
        }
        do {
            return try CropDrawing(panels).png()
        } catch {
            throw AnnotateError.failed("\(error)")
        }
    }

    struct Head {
        var isJPEG: Bool
        var width: Int
        var height: Int
        var orientation: Orientation
    }

    /// Part of a picture in stored pixels.
    struct Region {
        var left: Int
        var top: Int
        var width: Int
        var height: Int
    }

    static func head(_ file: [UInt8], _ pixelsMax: Int) throws -> Head {
        try file.withUnsafeBufferPointer { bytes in
            if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
                let annotator = try JPEGAnnotator(bytes, pixelsMax: pixelsMax)
                return Head(
                    isJPEG: true, width: annotator.size.width, height: annotator.size.height,
                    orientation: Annotator.orientation(of: annotator.segments()))
            }
            guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { throw AnnotateError.unknownType }
            let annotator = try PNGAnnotator(bytes, pixelsMax: pixelsMax)
            return Head(
                isJPEG: false, width: annotator.size.width, height: annotator.size.height,
                orientation: Annotator.orientation(of: PNGChunk.all(in: bytes, isExpanded: false)))
        }
    }

    private static func region(_ box: [Double], _ picture: Head) -> Region {
        func span(_ start: Double, _ length: Double, _ end: Int) -> (Int, Int) {
            let side = max(box[2], box[3])
            let wanted = max(length + 2 * side * margin, sideMin)
            let middle = min(max(start + length / 2, 0), Double(end))
            let low = min(max(middle - wanted / 2, 0), max(0, Double(end) - wanted))
            return (Int(low), max(1, min(Int(wanted.rounded(.up)), end - Int(low))))
        }
        let (left, width) = span(box[0], box[2], picture.width)
        let (top, height) = span(box[1], box[3], picture.height)
        return Region(left: left, top: top, width: width, height: height)
    }

    private static func pixels(_ file: [UInt8], _ picture: Head, _ region: Region) throws -> PixelImage {
        let rows =
            try picture.isJPEG ? jpegRows(file, picture, region) : PNGAnnotator.rgbRows(file, region.top, region.height)
        var cut: [UInt8] = []
        cut.reserveCapacity(region.width * region.height * 3)
        for row in 0..<region.height {
            let start = (row * picture.width + region.left) * 3
            cut += rows[start..<(start + region.width * 3)]
        }
        return PixelImage(width: region.width, height: region.height, pixels: cut)
    }

    private static func jpegRows(_ file: [UInt8], _ picture: Head, _ region: Region) throws -> [UInt8] {
        var rows = [UInt8](repeating: 0, count: picture.width * region.height * 3)
        var message = [CChar](repeating: 0, count: 256)
        guard
            andon_jpeg_pixels(file, file.count, UInt32(region.top), UInt32(region.height), &rows, &message) == 0
        else {
            let words = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw AnnotateError.unsupported(String(decoding: words, as: UTF8.self))
        }
        return rows
    }

    /// The box in the turned region.
    private static func turned(_ box: [Double], _ region: Region, _ orientation: Orientation) -> [Double] {
        let (left, top) = (box[0] - Double(region.left), box[1] - Double(region.top))
        return orientation.shown(
            box: [left, top, box[2], box[3]], width: Double(region.width), height: Double(region.height))
    }
}

extension PixelImage {
    /// As it is shown.
    func turned(_ orientation: Orientation) -> PixelImage {
        guard orientation != .upright else { return self }
        let isTurned = orientation.rawValue > 4
        var result = PixelImage(width: isTurned ? height : width, height: isTurned ? width : height, pixels: pixels)
        for y in 0..<height {
            for x in 0..<width {
                let shown = orientation.shown(
                    box: [Double(x), Double(y), 1, 1], width: Double(width), height: Double(height))
                let (from, to) = ((y * width + x) * 3, (Int(shown[1]) * result.width + Int(shown[0])) * 3)
                for channel in 0..<3 { result.pixels[to + channel] = pixels[from + channel] }
            }
        }
        return result
    }
}
