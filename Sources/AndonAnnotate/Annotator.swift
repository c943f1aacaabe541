import AndonDraw
import Crypto
import Foundation

/// Makes the annotated copy of a picture.
public enum Annotator {
    /// How the part of the picture without marks was kept.
    public enum Method: String, Codable, Sendable {
        /// JPEG: every unit of blocks without a mark has the original's very bits.
        case bits
        /// JPEG: every block without a mark has the original's coefficients, in other codes.
        case coefficients
        /// PNG: every pixel without a mark has the original's value.
        case pixels
    }

    public struct Result: Sendable {
        public var bytes: [UInt8]
        public var method: Method
        public var width: Int
        public var height: Int
    }

    /// The same picture, annotation and version of this program give the same bytes.
    ///
    /// - Parameters:
    ///   - file: JPEG or PNG.
    ///   - pixelsMax: pictures of more are not decoded.
    /// - Throws: ``AnnotateError``.
    public static func annotate(
        _ file: [UInt8], _ annotation: Annotation, pixelsMax: Int = 100_000_000
    ) throws -> Result {
        let digest = SHA256.hash(data: file).map { String(format: "%02x", $0) }.joined()
        return try file.withUnsafeBufferPointer { bytes in
            do {
                if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return try jpeg(bytes, annotation, digest, pixelsMax) }
                if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
                    return try png(bytes, annotation, digest, pixelsMax)
                }
            } catch let error as DrawError {
                throw AnnotateError.failed("\(error)")
            }
            throw AnnotateError.unknownType
        }
    }

    static func orientation(of segments: [JPEGSegment]) -> Orientation {
        let exif = segments.first { $0.code == JPEGSegment.app1 && $0.bytes.starts(with: Exif.head) }
        return exif.map { Exif.orientation(tiff: $0.bytes.dropFirst(Exif.head.count)) } ?? .upright
    }

    static func orientation(of chunks: [PNGChunk]) -> Orientation {
        chunks.first { $0.name == "eXIf" }.map { Exif.orientation(tiff: $0.bytes) } ?? .upright
    }

    // MARK: JPEG

    private static func jpeg(
        _ bytes: UnsafeBufferPointer<UInt8>, _ annotation: Annotation, _ digest: String, _ pixelsMax: Int
    ) throws -> Result {
        let annotator = try JPEGAnnotator(bytes, pixelsMax: pixelsMax)
        let segments = annotator.segments()
        let orientation = orientation(of: segments)
        let overlay = try AnnotationOverlay(
            annotation, width: annotator.size.width, height: annotator.size.height, orientation: orientation,
            unit: annotator.unit)
        let copy = try annotator.annotated(overlay) { method in
            declare(XMP(annotation, original: digest, method: method.rawValue), in: segments)
        }
        return Result(
            bytes: copy.bytes, method: copy.method, width: overlay.width, height: overlay.height + overlay.stripRows)
    }

    /// The declaration goes into the picture's own packet, else into one behind the Exif data, else into a comment.
    private static func declare(_ xmp: XMP, in segments: [JPEGSegment]) -> [JPEGSegment] {
        var segments = segments
        let comment = JPEGSegment(code: JPEGSegment.comment, bytes: Array(xmp.comment.utf8.prefix(65_000)))
        func fits(_ packet: String) -> [UInt8]? {
            packet.utf8.count <= XMP.bytesMax ? XMP.head + Array(packet.utf8) : nil
        }
        if let place = segments.firstIndex(where: { $0.code == JPEGSegment.app1 && $0.bytes.starts(with: XMP.head) }) {
            let existing = String(decoding: segments[place].bytes.dropFirst(XMP.head.count), as: UTF8.self)
            guard let bytes = xmp.packet(in: existing).flatMap(fits) else { return segments + [comment] }
            segments[place].bytes = bytes
            return segments
        }
        guard let bytes = xmp.packet().flatMap(fits) else { return segments + [comment] }
        let exif = segments.firstIndex { $0.code == JPEGSegment.app1 && $0.bytes.starts(with: Exif.head) }
        segments.insert(JPEGSegment(code: JPEGSegment.app1, bytes: bytes), at: exif.map { $0 + 1 } ?? 0)
        return segments
    }

    // MARK: PNG

    private static func png(
        _ bytes: UnsafeBufferPointer<UInt8>, _ annotation: Annotation, _ digest: String, _ pixelsMax: Int
    ) throws -> Result {
        let annotator = try PNGAnnotator(bytes, pixelsMax: pixelsMax)
        var chunks = PNGChunk.all(in: bytes, isExpanded: annotator.isExpanded)
        let orientation = orientation(of: chunks)
        let overlay = try AnnotationOverlay(
            annotation, width: annotator.size.width, height: annotator.size.height, orientation: orientation)
        declare(XMP(annotation, original: digest, method: Method.pixels.rawValue), in: &chunks)
        return Result(
            bytes: try annotator.annotated(overlay, chunks), method: .pixels, width: overlay.width,
            height: overlay.height + overlay.stripRows)
    }

    private static func declare(_ xmp: XMP, in chunks: inout [PNGChunk]) {
        // Keyword, its end, no compression, no language, no translated keyword (PNG, section 11.3.3.4).
        let head = XMP.keyword + [0, 0, 0, 0, 0]
        if let place = chunks.firstIndex(where: { $0.name == PNGChunk.internationalText && $0.bytes.starts(with: head) }
        ),
            let packet = xmp.packet(in: String(decoding: chunks[place].bytes.dropFirst(head.count), as: UTF8.self))
        {
            chunks[place].bytes = head + Array(packet.utf8)
        } else if !chunks.contains(where: { $0.bytes.starts(with: XMP.keyword + [0]) }), let packet = xmp.packet() {
            chunks.append(
                PNGChunk(name: PNGChunk.internationalText, bytes: head + Array(packet.utf8), isBeforePixels: true))
        } else {
            chunks.append(
                PNGChunk(
                    name: PNGChunk.internationalText,
                    bytes: Array("Comment\0\0\0\0\0".utf8) + Array(xmp.comment.utf8), isBeforePixels: true))
        }
    }
}
