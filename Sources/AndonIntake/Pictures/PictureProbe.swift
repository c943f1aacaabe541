import AndonModel

/// What a picture's own bytes say of it, without decoding a pixel.
public struct ProbedPicture: Hashable, Sendable {
    public var mediaType: Picture.MediaType
    public var bytes: Int
    /// Pixels as the header says them; nil when it could not be read or says 0.
    public var size: PixelSize?
    /// What is wrong with the file's structure, in a sentence; nil when it is whole. The picture is kept
    /// nevertheless.
    public var damage: String?

    public init(mediaType: Picture.MediaType, bytes: Int, size: PixelSize? = nil, damage: String? = nil) {
        self.mediaType = mediaType
        self.bytes = bytes
        self.size = size
        self.damage = damage
    }
}

/// Looks at a picture's bytes as they pass: is it JPEG or PNG, how big, and is its structure whole?
///
/// It walks over the file's segments (JPEG, ITU-T T.81 annex B) or chunks (PNG, third edition, section 5) by their
/// lengths and never decodes, so a decompression bomb is only a small file with big numbers in its header. Memory is
/// constant and time linear, whatever the bytes. The colours themselves may still be damaged; only a decoder sees
/// that.
public struct PictureProbe: Sendable {
    /// Bytes that may follow the end of the picture: some cameras pad their files.
    public static let paddingBytesMax = 16 << 10

    private enum Format {
        case unknown
        case jpeg(JPEGWalk)
        case png(PNGWalk)
    }

    private let pixelsMax: Int
    private var format = Format.unknown
    /// The first bytes, until they tell the format.
    private var head: [UInt8] = []
    private var count = 0

    /// Enough to tell every format that is named in a refusal.
    private static let headBytes = 16

    /// - Parameter limits: `picturePixelsMax` is the size from which a picture is noted as not to be decoded.
    public init(limits: IntakeLimits = IntakeLimits()) {
        pixelsMax = limits.picturePixelsMax
    }

    /// Takes the next bytes of the file, however it is cut.
    ///
    /// - Throws: 415 `unsupported-picture` as soon as the first bytes are neither JPEG nor PNG.
    public mutating func feed(_ bytes: some Collection<UInt8>) throws(Problem) {
        let done: Result<Void, Problem>? = bytes.withContiguousStorageIfAvailable { feed(buffer: $0) }
        try (done ?? Array(bytes).withUnsafeBufferPointer { feed(buffer: $0) }).get()
    }

    private mutating func feed(buffer: UnsafeBufferPointer<UInt8>) -> Result<Void, Problem> {
        count += buffer.count
        guard case .unknown = format else {
            walk(buffer)
            return .success(())
        }
        let taken = min(buffer.count, Self.headBytes - head.count)
        head.append(contentsOf: buffer.prefix(taken))
        guard head.count == Self.headBytes else { return .success(()) }
        do throws(Problem) {
            try decide()
        } catch {
            return .failure(error)
        }
        walk(UnsafeBufferPointer(rebasing: buffer[taken...]))
        return .success(())
    }

    private mutating func decide() throws(Problem) {
        switch PictureSignature(head) {
        case .jpeg: format = .jpeg(JPEGWalk())
        case .png: format = .png(PNGWalk())
        case .other(let found): throw Self.unsupported(found)
        }
        head.withUnsafeBufferPointer { walk($0) }
    }

    private mutating func walk(_ bytes: UnsafeBufferPointer<UInt8>) {
        switch format {
        case .unknown: break
        case .jpeg(var walk):
            walk.feed(bytes)
            format = .jpeg(walk)
        case .png(var walk):
            walk.feed(bytes)
            format = .png(walk)
        }
    }

    /// Says that the file ended.
    ///
    /// - Throws: 422 `empty-picture` without a byte; 415 `unsupported-picture` for a short file that is neither JPEG
    ///   nor PNG.
    public mutating func finish() throws(Problem) -> ProbedPicture {
        guard count > 0 else {
            throw Problem(
                status: 422, type: "empty-picture", title: "The picture is empty",
                detail: "The picture has no bytes; send the file itself, or leave the part out.",
                errors: [Problem.Fault(pointer: "/picture", detail: "has no bytes")])
        }
        if case .unknown = format { try decide() }
        switch format {
        case .unknown: throw Self.unsupported("nothing known")
        case .jpeg(let walk): return probed(.jpeg, walk.size, walk.damage)
        case .png(let walk): return probed(.png, walk.size, walk.damage)
        }
    }

    private func probed(_ type: Picture.MediaType, _ size: PixelSize?, _ damage: String?) -> ProbedPicture {
        var picture = ProbedPicture(mediaType: type, bytes: count, size: size, damage: damage)
        guard let size else { return picture }
        if size.width == 0 || size.height == 0 {
            picture.size = nil
            picture.damage = damage ?? "the header says \(size.width) x \(size.height) pixels"
        } else if size.width > pixelsMax / size.height {
            let note = "picture of \(size.width) x \(size.height) pixels: kept as received, will not be decoded"
            picture.damage = damage.map { note + "; " + $0 } ?? note
        }
        return picture
    }

    private static func unsupported(_ found: String) -> Problem {
        Problem(
            status: 415, type: "unsupported-picture", title: "The picture is neither JPEG nor PNG",
            detail: "The picture is \(found); JPEG and PNG are accepted, whatever the file's name says.",
            errors: [Problem.Fault(pointer: "/picture", detail: "should be JPEG or PNG, found \(found)")])
    }
}

/// What the first bytes of a file say it is.
enum PictureSignature: Hashable {
    case jpeg
    case png
    /// What to call it in a refusal.
    case other(String)

    init(_ head: [UInt8]) {
        if head.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else {
            self = .other(Self.description(of: head))
        }
    }

    private static func description(of head: [UInt8]) -> String {
        let known: [(at: Int, String, String)] = [
            (0, "GIF8", "a GIF picture"), (0, "BM", "a BMP picture"), (8, "WEBP", "a WebP picture"),
            (0, "II*\0", "a TIFF picture"), (0, "MM\0*", "a TIFF picture"), (0, "%PDF", "a PDF document"),
            (4, "ftypheic", "a HEIC picture"), (4, "ftypavif", "an AVIF picture"), (4, "ftyp", "a video"),
        ]
        for (offset, mark, name) in known where head.dropFirst(offset).starts(with: mark.utf8) { return name }
        // Whole text is shown as text, cut to eight characters; anything else as hexadecimal digits.
        let start = head.prefix(8)
        if start.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) {
            let text = String(decoding: start.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
            return "not a picture: the bytes begin with \"\(text)\""
        }
        let digits = start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
        return "not a known picture: the bytes begin with \(digits.joined(separator: " "))"
    }
}
