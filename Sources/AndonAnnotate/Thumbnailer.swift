import AndonDraw
import CPixels
import Foundation

/// Small copies of pictures, upright, for pages that show many.
public enum Thumbnailer {
    /// A picture that is much higher than wide is not shown higher than this many times the width.
    private static let heightMax = 4
    private static let quality: Int32 = 82

    /// The same picture and version of this program give the same bytes. A picture that is smaller stays as small.
    ///
    /// - Parameters:
    ///   - file: JPEG or PNG.
    ///   - width: of the copy as it is shown, in pixels, 1 or more.
    ///   - pixelsMax: pictures of more are not decoded.
    /// - Returns: a JPEG file without metadata.
    /// - Throws: ``AnnotateError``.
    public static func thumbnail(_ file: [UInt8], width: Int, pixelsMax: Int = 100_000_000) throws -> [UInt8] {
        let picture = try Cropper.head(file, pixelsMax)
        let size = size(of: picture, width: max(1, width))
        let small =
            try picture.isJPEG ? jpeg(file, picture, size) : png(file, picture, size, pixelsMax: pixelsMax)
        return try encoded(small.turned(picture.orientation))
    }

    /// Of the copy as the picture is stored: a turned one is wide where the copy is high.
    private static func size(of picture: Cropper.Head, width: Int) -> (width: Int, height: Int) {
        let isTurned = picture.orientation.rawValue > 4
        let shown = isTurned ? (picture.height, picture.width) : (picture.width, picture.height)
        let scale = min(1, Double(width) / Double(shown.0), Double(width * heightMax) / Double(shown.1))
        let across = max(1, Int((Double(shown.0) * scale).rounded()))
        let down = max(1, Int((Double(shown.1) * scale).rounded()))
        return isTurned ? (down, across) : (across, down)
    }

    /// The decoder itself scales by 2, 4 or 8, which costs less than decoding all; the rest is averaging.
    private static func jpeg(
        _ file: [UInt8], _ picture: Cropper.Head, _ size: (width: Int, height: Int)
    ) throws -> PixelImage {
        let divisor = [8, 4, 2].first { picture.width / $0 >= size.width && picture.height / $0 >= size.height } ?? 1
        let width = (picture.width + divisor - 1) / divisor
        let height = (picture.height + divisor - 1) / divisor
        var rows = [UInt8](repeating: 0, count: width * height * 3)
        var message = [CChar](repeating: 0, count: 256)
        let status = andon_jpeg_scaled(
            file, file.count, UInt32(divisor), UInt32(width), UInt32(height), &rows, &message)
        guard status == 0 else { throw AnnotateError.damaged(words(message)) }
        var average = AreaAverage(of: (width, height), to: size)
        rows.withUnsafeBufferPointer { all in
            for row in 0..<height {
                average.add(UnsafeBufferPointer(rebasing: all[row * width * 3..<(row + 1) * width * 3]))
            }
        }
        return average.image
    }

    private static func png(
        _ file: [UInt8], _ picture: Cropper.Head, _ size: (width: Int, height: Int), pixelsMax: Int
    ) throws -> PixelImage {
        var average = AreaAverage(of: (picture.width, picture.height), to: size)
        try PNGAnnotator.eachRGBRow(file, pixelsMax: pixelsMax) { average.add($0) }
        return average.image
    }

    private static func encoded(_ image: PixelImage) throws -> [UInt8] {
        var (bytes, count) = (UnsafeMutablePointer<UInt8>?.none, 0)
        var message = [CChar](repeating: 0, count: 256)
        let status = andon_jpeg_encode(
            image.pixels, UInt32(image.width), UInt32(image.height), quality, 1, &bytes, &count, &message)
        guard status == 0, let file = bytes else { throw AnnotateError.failed(words(message)) }
        defer { free(file) }
        return Array(UnsafeBufferPointer(start: file, count: count))
    }

    private static func words(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
