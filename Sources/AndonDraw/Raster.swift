import CCairo

/// A picture of pixels, ready to be put on a canvas. It owns Cairo's memory.
struct Raster: ~Copyable {
    /// Pixels that are decoded at most: four bytes of memory each.
    static let pixelsMax = 40_000_000

    /// As it is seen, its orientation minded.
    let width: Int
    let height: Int
    private let surface: OpaquePointer
    private let stored: (width: Int, height: Int)
    private let turn: Orientation

    /// A PNG file, decoded.
    init(png bytes: [UInt8]) throws(DrawError) {
        guard let size = Self.size(png: bytes) else { throw .picture("is no PNG file") }
        guard size.width <= 32_767, size.height <= 32_767, size.width * size.height <= Self.pixelsMax else {
            throw .picture("has \(size.width) x \(size.height) pixels; at most \(Self.pixelsMax) are drawn")
        }
        var source = Source(bytes: bytes)
        let surface = withUnsafeMutablePointer(to: &source) {
            cairo_image_surface_create_from_png_stream(Source.read, $0)
        }
        guard let surface else { throw .picture("cannot be decoded") }
        let status = cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS else {
            cairo_surface_destroy(surface)
            let reason = cairo_status_to_string(status).map { String(cString: $0) } ?? "unknown"
            throw .picture("cannot be decoded: \(reason)")
        }
        self.surface = surface
        (width, height) = size
        stored = size
        turn = .upright
    }

    /// A JPEG file for a PDF, which takes it as it is: nothing is decoded here, and nothing lost. On another canvas it is
    /// blank.
    init(jpeg bytes: [UInt8]) throws(DrawError) {
        guard let header = JPEGHeader(bytes) else { throw .picture("is no JPEG file, or a damaged one") }
        guard header.isCommon else { throw .picture("is a JPEG file of a kind that no reader of PDF decodes") }
        guard header.width <= 32_767, header.height <= 32_767 else {
            throw .picture("has \(header.width) x \(header.height) pixels; a side has at most 32767")
        }
        // Its pixels are never touched, so the system gives it no memory: only its size counts.
        guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(header.width), Int32(header.height))
        else { throw .picture("is too large for the memory") }
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        let status = cairo_surface_set_mime_data(
            surface, CAIRO_MIME_TYPE_JPEG, copy, UInt(bytes.count), { $0?.deallocate() }, copy)
        guard status == CAIRO_STATUS_SUCCESS else {
            copy.deallocate()
            cairo_surface_destroy(surface)
            throw .picture("is too large for the memory")
        }
        self.surface = surface
        stored = (header.width, header.height)
        turn = header.turn
        (width, height) =
            header.isTurned ? (header.height, header.width) : (header.width, header.height)
    }

    deinit { cairo_surface_destroy(surface) }

    /// Width and height as the header has them; nil beyond what PNG allows (section 7.1: 2^31 - 1).
    static func size(png bytes: [UInt8]) -> (width: Int, height: Int)? {
        guard bytes.count >= 33, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            Array(bytes[12..<16]) == Array("IHDR".utf8)
        else { return nil }
        func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
        let (width, height) = (number(16), number(20))
        let sides = 1...Int(Int32.max)
        return sides.contains(width) && sides.contains(height) ? (width, height) : nil
    }

    /// Fills `box`.
    func draw(in box: Box, on canvas: borrowing Canvas) {
        let context = canvas.context
        cairo_save(context)
        cairo_translate(context, box.left, box.top)
        cairo_scale(context, box.width / Double(width), box.height / Double(height))
        var matrix = upright
        cairo_transform(context, &matrix)
        cairo_set_source_surface(context, surface, 0, 0)
        cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_GOOD)
        cairo_rectangle(context, 0, 0, Double(stored.width), Double(stored.height))
        cairo_fill(context)
        cairo_restore(context)
    }

    /// From a stored pixel to the place where it is seen.
    private var upright: cairo_matrix_t {
        var matrix = cairo_matrix_t(turn.stored(width: Double(stored.width), height: Double(stored.height)))
        cairo_matrix_invert(&matrix)
        return matrix
    }

    /// What the decoder has read so far.
    private struct Source {
        var bytes: [UInt8]
        var position = 0

        static let read: cairo_read_func_t = { closure, data, count in
            guard let source = closure?.assumingMemoryBound(to: Source.self), let data else {
                return CAIRO_STATUS_READ_ERROR
            }
            let start = source.pointee.position
            let count = Int(count)
            guard start + count <= source.pointee.bytes.count else { return CAIRO_STATUS_READ_ERROR }
            source.pointee.bytes.withUnsafeBufferPointer { bytes in
                for index in 0..<count { data[index] = bytes[start + index] }
            }
            source.pointee.position += count
            return CAIRO_STATUS_SUCCESS
        }
    }
}
