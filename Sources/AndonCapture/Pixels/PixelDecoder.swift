import AndonModel
import AndonVision
import CPixels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns picture files into pixels, by libjpeg-turbo and libpng.
///
/// A turned picture (EXIF orientation) stays as it is stored: boxes count in the file's own pixels. A damaged picture is
/// refused, as what a decoder makes up for lost data could be taken for a defect.
public struct PixelDecoder: Sendable {
    public init() {}

    /// Decodes a picture whole. JPEG comes as libjpeg's `djpeg` gives it by default; of 16 bits the high eight count;
    /// transparency lies on white; grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
    ///
    /// - Parameter pixelsMax: pictures of more pixels are not decoded.
    /// - Throws: ``CaptureError`` of kind `refused`.
    public func decode(
        _ picture: EncodedPicture, as colour: Pixels.Colour, pixelsMax: Int
    ) throws(CaptureError) -> Pixels {
        switch picture.format {
        case .jpeg: try JPEGFile.decode(picture.bytes, as: colour, pixelsMax: pixelsMax)
        case .png: try PNGFile.decode(picture.bytes, as: colour, pixelsMax: pixelsMax)
        }
    }

    /// Tells a file's format by its first bytes, and looks at its head: both sides are there and the size is sane.
    ///
    /// - Throws: ``CaptureError`` of kind `refused` for anything else than a JPEG or PNG file.
    public static func picture(_ bytes: [UInt8], pixelsMax: Int) throws(CaptureError) -> EncodedPicture {
        guard let format = format(of: bytes) else {
            throw CaptureError(.refused, "the bytes are no JPEG or PNG file; send one of these")
        }
        switch format {
        case .jpeg: _ = try JPEGFile.size(bytes, pixelsMax: pixelsMax)
        case .png: _ = try PNGFile.read(bytes, pixelsMax: pixelsMax) { _, _ in }
        }
        return EncodedPicture(format: format, bytes: bytes)
    }

    /// By the first bytes; nil for anything else.
    static func format(of bytes: [UInt8]) -> EncodedPicture.Format? {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        return bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? .png : nil
    }

    /// Encodes pixels as a JPEG file with colours at half the resolution (4:2:0).
    ///
    /// - Parameter quality: 1...100.
    /// - Throws: ``CaptureError`` of kind `refused` when a side has over 65,500 pixels.
    public static func encodeJPEG(_ pixels: Pixels, quality: Int) throws(CaptureError) -> EncodedPicture {
        let rows = pixels.colour == .rgb ? pixels.samples : pixels.samples.flatMap { [$0, $0, $0] }
        var (file, count) = (UnsafeMutablePointer<UInt8>?.none, 0)
        var message = [CChar](repeating: 0, count: 256)
        let status = andon_jpeg_encode(
            rows, UInt32(pixels.width), UInt32(pixels.height), Int32(quality), 1, &file, &count, &message)
        guard status == 0, let file else { throw Decoding.refusal("the picture cannot be encoded", message) }
        defer { free(file) }
        return EncodedPicture(format: .jpeg, bytes: Array(UnsafeBufferPointer(start: file, count: count)))
    }
}

/// What both formats share.
enum Decoding {
    static func require(_ width: Int, _ height: Int, _ pixelsMax: Int) throws(CaptureError) {
        guard width > 0, height > 0 else { throw CaptureError(.refused, "the picture has no size") }
        guard width * height <= pixelsMax else {
            throw CaptureError(
                .refused, "the picture has \(width) x \(height) pixels, and \(pixelsMax) are taken at most")
        }
    }

    static func refusal(_ what: String, _ message: some Sequence<CChar>) -> CaptureError {
        let words = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return CaptureError(.refused, "\(what): \(String(decoding: words, as: UTF8.self))")
    }
}

enum JPEGFile {
    static func size(_ bytes: [UInt8], pixelsMax: Int) throws(CaptureError) -> (width: Int, height: Int) {
        var info = andon_jpeg_info()
        let message: String? = bytes.withUnsafeBufferPointer { file in
            guard let picture = andon_jpeg_open(file.baseAddress, file.count, &info) else { return "out of memory" }
            defer { andon_jpeg_close(picture) }
            return andon_jpeg_error(picture).map { String(cString: $0) }
        }
        if let message { throw CaptureError(.refused, "the JPEG file cannot be read: \(message)") }
        let (width, height) = (Int(info.width), Int(info.height))
        try Decoding.require(width, height, pixelsMax)
        return (width, height)
    }

    static func decode(_ bytes: [UInt8], as colour: Pixels.Colour, pixelsMax: Int) throws(CaptureError) -> Pixels {
        let (width, height) = try size(bytes, pixelsMax: pixelsMax)
        let count = width * height * colour.rawValue
        var message = [CChar](repeating: 0, count: 256)
        var status: Int32 = 0
        let samples = [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            status = andon_jpeg_decode(
                bytes, bytes.count, colour == .grey ? 1 : 0, UInt32(width), UInt32(height), room.baseAddress, &message)
            filled = status == 0 ? count : 0
        }
        guard status == 0 else { throw Decoding.refusal("the JPEG file cannot be decoded", message) }
        return Pixels(width: width, height: height, colour: colour, samples: samples)
    }
}
