import CCairo
import CRsvg
import Dispatch
import Synchronization

/// A floor plan as its file has it: an SVG, a PNG or a JPEG.
///
/// An SVG is drawn by librsvg, which has no place to look for other files in: what the plan refers to outside itself is
/// left out.
public struct FloorPlan: Sendable, Hashable {
    /// Bytes of a file.
    public static let bytesMax = 4 << 20

    public enum Format: Sendable, Hashable {
        case svg, png, jpeg
    }

    /// The plan's own coordinates: of an SVG its viewBox (or width and height, in pixels), of a PNG or a JPEG its pixels, as
    /// they are seen.
    public struct Frame: Sendable, Hashable {
        public var left: Double
        public var top: Double
        public var width: Double
        public var height: Double

        public init(left: Double, top: Double, width: Double, height: Double) {
            self.left = left
            self.top = top
            self.width = width
            self.height = height
        }
    }

    public let bytes: [UInt8]
    public let format: Format
    public let frame: Frame

    /// - Throws: ``DrawError/picture(_:)`` for what is none of them, too large, damaged, or without a size.
    public init(_ bytes: [UInt8]) throws(DrawError) {
        guard bytes.count <= Self.bytesMax else { throw .picture("is longer than \(Self.bytesMax) bytes") }
        self.bytes = bytes
        if let size = Raster.size(png: bytes) {
            guard size.width * size.height <= Raster.pixelsMax else {
                throw .picture("has \(size.width) x \(size.height) pixels; at most \(Raster.pixelsMax) are drawn")
            }
            format = .png
            frame = Frame(left: 0, top: 0, width: Double(size.width), height: Double(size.height))
        } else if let header = JPEGHeader(bytes) {
            guard header.width * header.height <= Raster.pixelsMax else {
                throw .picture("has \(header.width) x \(header.height) pixels; at most \(Raster.pixelsMax) are drawn")
            }
            guard header.isCommon else { throw .picture("is a JPEG file of a kind that few programs decode") }
            format = .jpeg
            frame = JPEGPlan(header: header, bytes: bytes).frame
        } else {
            format = .svg
            frame = try SVGDocument(bytes).frame
        }
        let sides = 1e-3...1e7
        guard sides.contains(frame.width), sides.contains(frame.height),
            (0.1...10).contains(frame.width / frame.height)
        else { throw .picture("measures \(frame.width) by \(frame.height); one side is at most ten times the other") }
    }

    /// Draws the plan once, to see that it can be drawn.
    ///
    /// A drawing cannot be stopped from outside. One that takes longer than `limit` is left to itself, on a thread of its
    /// own, and its plan is refused: so no plan in force is one that takes long.
    public func tryOut(within limit: Duration = .seconds(15)) throws(DrawError) {
        let end = DispatchSemaphore(value: 0)
        let outcome = Outcome()
        DispatchQueue.global().async { [self] in
            do throws(DrawError) {
                let canvas = try Canvas(.png, width: 1200, height: 1200)
                try draw(in: fitted(into: Box(left: 0, top: 0, width: 1200, height: 1200)), on: canvas)
                _ = try canvas.bytes()
            } catch {
                outcome.fault.withLock { $0 = error }
            }
            end.signal()
        }
        let milliseconds = Int(limit.components.seconds) * 1000
        guard end.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else {
            throw .picture("takes longer than \(limit.components.seconds) s to draw; make it simpler")
        }
        if let fault = outcome.fault.withLock({ $0 }) { throw fault }
    }

    private final class Outcome: Sendable {
        let fault = Mutex<DrawError?>(nil)
    }

    /// The largest box of the plan's own shape in the middle of `box`.
    func fitted(into box: Box) -> Box {
        let scale = min(box.width / frame.width, box.height / frame.height)
        let (width, height) = (frame.width * scale, frame.height * scale)
        return Box(
            left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width: width,
            height: height)
    }

    func draw(in box: Box, on canvas: borrowing Canvas) throws(DrawError) {
        switch format {
        case .png: try Raster(png: bytes).draw(in: box, on: canvas)
        case .svg: try SVGDocument(bytes).draw(in: box, on: canvas)
        case .jpeg:
            guard let header = JPEGHeader(bytes) else { throw .picture("is no JPEG file, or a damaged one") }
            try SVGDocument(JPEGPlan(header: header, bytes: bytes).svg).draw(in: box, on: canvas)
        }
    }
}

/// An SVG file read by librsvg. It owns the library's memory.
private struct SVGDocument: ~Copyable {
    private let handle: UnsafeMutablePointer<RsvgHandle>

    init(_ bytes: [UInt8]) throws(DrawError) {
        guard !bytes.isEmpty else { throw .picture("is empty") }
        var failure: UnsafeMutablePointer<GError>?
        guard let handle = rsvg_handle_new_from_data(bytes, gsize(bytes.count), &failure) else {
            throw .picture("is neither a PNG, a JPEG nor an SVG file: \(Self.words(&failure))")
        }
        self.handle = handle
        rsvg_handle_set_dpi(handle, 96)
    }

    deinit { g_object_unref(handle) }

    var frame: FloorPlan.Frame {
        get throws(DrawError) {
            var (hasWidth, hasHeight, hasBox): (gboolean, gboolean, gboolean) = (0, 0, 0)
            var (width, height, box) = (RsvgLength(), RsvgLength(), RsvgRectangle())
            rsvg_handle_get_intrinsic_dimensions(handle, &hasWidth, &width, &hasHeight, &height, &hasBox, &box)
            if hasBox != 0 { return FloorPlan.Frame(left: box.x, top: box.y, width: box.width, height: box.height) }
            var (across, down) = (0.0, 0.0)
            guard hasWidth != 0, hasHeight != 0, rsvg_handle_get_intrinsic_size_in_pixels(handle, &across, &down) != 0
            else { throw .picture("has no viewBox, and no width and height, so that nothing can be placed on it") }
            return FloorPlan.Frame(left: 0, top: 0, width: across, height: down)
        }
    }

    func draw(in box: Box, on canvas: borrowing Canvas) throws(DrawError) {
        var failure: UnsafeMutablePointer<GError>?
        var viewport = RsvgRectangle(x: box.left, y: box.top, width: box.width, height: box.height)
        cairo_save(canvas.context)
        cairo_new_path(canvas.context)
        cairo_rectangle(canvas.context, box.left, box.top, box.width, box.height)
        cairo_clip(canvas.context)
        let isDrawn = rsvg_handle_render_document(handle, canvas.context, &viewport, &failure)
        cairo_restore(canvas.context)
        guard isDrawn != 0 else { throw .picture("cannot be drawn: \(Self.words(&failure))") }
    }

    private static func words(_ failure: inout UnsafeMutablePointer<GError>?) -> String {
        let text = failure?.pointee.message.map { String(cString: $0) } ?? "unknown"
        g_clear_error(&failure)
        return DrawnText.clean(text)
    }
}
