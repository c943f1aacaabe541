import CCairo

/// A picture or a page being drawn by Cairo, to become a PNG, SVG or PDF file.
///
/// It owns Cairo's memory and gives it back when it goes out of scope, however the drawing ends. One canvas belongs to
/// one task; any number of canvases may be drawn on at once. Drawing never fails on the way: Cairo remembers its first
/// error and ``bytes(title:description:)`` throws it. Whatever is not finite is not drawn.
public struct Canvas: ~Copyable {
    /// What a side may measure, in pixels; in points of 1/72 inch for a PDF.
    public static let sides = 100...8000

    /// The kind of file that comes out.
    public enum Format: Sendable {
        case png, svg, pdf
    }

    public let width: Int
    public let height: Int
    let context: OpaquePointer
    let surface: OpaquePointer
    /// The words drawn so far, for whoever looks for words cut off or on each other.
    let written: WrittenText
    private let format: Format
    /// Cairo writes here until its surface is gone, so it must outlive the surface: it is released after `deinit` ran.
    private let sink: ByteSink

    /// A white picture.
    ///
    /// - Throws: ``DrawError/size(width:height:)`` outside ``sides``.
    public init(_ format: Format, width: Int, height: Int) throws(DrawError) {
        guard Self.sides.contains(width), Self.sides.contains(height) else {
            throw .size(width: width, height: height)
        }
        let sink = ByteSink()
        guard let surface = Self.surface(format, width, height, sink) else {
            throw .refused(doing: "making a picture", reason: "no surface")
        }
        guard let context = cairo_create(surface) else {
            cairo_surface_destroy(surface)
            throw .refused(doing: "making a picture", reason: "no context")
        }
        self.width = width
        self.height = height
        self.format = format
        self.sink = sink
        written = WrittenText()
        self.surface = surface
        self.context = context
        setUp()
        fill(Box(left: 0, top: 0, width: Double(width), height: Double(height)), .paper)
    }

    /// Transparent pixels over some rows of a picture whose pixels may be stored turned.
    ///
    /// - Parameters:
    ///   - shown: the whole picture's sides as it is shown: what is drawn on.
    ///   - storedWidth: of the stored picture; `rows` are some of its rows.
    ///   - matrix: from shown to stored places, as of ``Orientation/stored(width:height:)``.
    init(
        over shown: (width: Int, height: Int), storedWidth: Int, rows: Range<Int>, matrix: [Double]
    ) throws(DrawError) {
        guard let surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(storedWidth), Int32(rows.count))
        else { throw .refused(doing: "making an overlay", reason: "no surface") }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let context = cairo_create(surface) else {
            cairo_surface_destroy(surface)
            throw .refused(doing: "making an overlay", reason: "no context")
        }
        (width, height) = shown
        format = .png
        sink = ByteSink()
        written = WrittenText()
        self.surface = surface
        self.context = context
        setUp()
        cairo_translate(context, 0, -Double(rows.lowerBound))
        var turn = cairo_matrix_t(matrix)
        cairo_transform(context, &turn)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    private static func surface(_ format: Format, _ width: Int, _ height: Int, _ sink: ByteSink) -> OpaquePointer? {
        switch format {
        case .png:
            return cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
        case .svg:
            let closure = Unmanaged.passUnretained(sink).toOpaque()
            let surface = cairo_svg_surface_create_for_stream(ByteSink.write, closure, Double(width), Double(height))
            cairo_svg_surface_restrict_to_version(surface, CAIRO_SVG_VERSION_1_1)
            cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
            return surface
        case .pdf:
            let closure = Unmanaged.passUnretained(sink).toOpaque()
            return cairo_pdf_surface_create_for_stream(ByteSink.write, closure, Double(width), Double(height))
        }
    }

    /// The system's own wishes for fonts must not change the bytes, so all of them are set here.
    private func setUp() {
        let options = cairo_font_options_create()
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_set_font_options(context, options)
        cairo_font_options_destroy(options)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    }

    /// The finished file. The same drawing gives the same bytes each time with the same Cairo and fonts.
    ///
    /// - Parameters:
    ///   - title: of an SVG or PDF, for people who have it read to them; a PNG carries none.
    ///   - description: as `title`, longer.
    ///   - created: the date that a PDF states, in ISO 8601. It never is the moment of the drawing: that would make other
    ///     bytes each time.
    public consuming func bytes(
        title: String = "", description: String = "", created: String = "1970-01-01T00:00:00Z"
    ) throws(DrawError) -> [UInt8] {
        try Self.check(cairo_status(context), doing: "drawing")
        switch format {
        case .png:
            cairo_surface_flush(surface)
            let closure = Unmanaged.passUnretained(sink).toOpaque()
            try Self.check(
                cairo_surface_write_to_png_stream(surface, ByteSink.write, closure), doing: "writing the PNG")
            return sink.bytes
        case .svg:
            cairo_surface_finish(surface)
            try Self.check(cairo_surface_status(surface), doing: "writing the SVG")
            return SVGText.finished(sink.bytes, title: title, description: description)
        case .pdf:
            let entries = [
                (CAIRO_PDF_METADATA_TITLE, title), (CAIRO_PDF_METADATA_SUBJECT, description),
                (CAIRO_PDF_METADATA_CREATOR, "Andon"), (CAIRO_PDF_METADATA_CREATE_DATE, created),
            ]
            for (name, text) in entries where !text.isEmpty {
                cairo_pdf_surface_set_metadata(surface, name, DrawnText.clean(text))
            }
            cairo_surface_finish(surface)
            try Self.check(cairo_surface_status(surface), doing: "writing the PDF")
            return sink.bytes
        }
    }

    /// The pixels of a canvas over a picture: 0xAARRGGBB, colours multiplied by alpha, without gaps between rows.
    func withPixels<Result>(
        rows: Int, _ body: (UnsafeBufferPointer<UInt32>) throws -> Result
    ) throws -> Result {
        try Self.check(cairo_status(context), doing: "drawing")
        cairo_surface_flush(surface)
        let stride = Int(cairo_image_surface_get_stride(surface)) / 4
        guard let data = cairo_image_surface_get_data(surface) else {
            throw DrawError.refused(doing: "drawing an overlay", reason: "no pixels")
        }
        // Four bytes a pixel: rows of ARGB32 have no gaps in Cairo (cairo_format_stride_for_width aligns to four bytes).
        return try data.withMemoryRebound(to: UInt32.self, capacity: stride * rows) {
            try body(UnsafeBufferPointer(start: $0, count: stride * rows))
        }
    }

    private static func check(_ status: cairo_status_t, doing: String) throws(DrawError) {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        throw .refused(doing: doing, reason: cairo_status_to_string(status).map { String(cString: $0) } ?? "unknown")
    }
}

extension cairo_matrix_t {
    /// - Parameter turn: as of ``Orientation/stored(width:height:)``.
    init(_ turn: [Double]) {
        self.init(xx: turn[0], yx: turn[3], xy: turn[1], yy: turn[4], x0: turn[2], y0: turn[5])
    }
}

/// Each line of text on a canvas with the box of its ink.
final class WrittenText {
    var lines: [(text: String, box: Box)] = []
}

/// What Cairo has written so far.
private final class ByteSink {
    var bytes: [UInt8] = []

    static let write: cairo_write_func_t = { closure, data, count in
        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
        let sink = Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
        sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
    }
}
