import CCairo

/// An annotation as transparent pixels to be laid over a picture's stored pixels, band by band, so that no second picture
/// of the same size is ever in memory.
///
/// Boxes and outlines are in stored pixels; words and strip stand upright in the picture as it is shown. Where the
/// lowest stored row is the lowest one shown, the strip comes below the picture and covers nothing of it; in a turned
/// picture it covers the edge that has fewer boxes under it.
public struct AnnotationOverlay: Sendable {
    public let width: Int
    /// Of the picture.
    public let height: Int
    /// Rows below the picture, for the strip; 0 where it lies in the picture.
    public let stripRows: Int
    private let orientation: Orientation
    let drawing: AnnotationDrawing
    /// Stored rows that something is drawn in.
    private let touched: [Range<Int>]

    /// The highest picture that JPEG takes with the strip, and the longest side that Cairo draws.
    public static let sideMax = 32_000

    /// - Parameters:
    ///   - width: of the stored picture, 1...``sideMax``, as `height`.
    ///   - unit: the picture grows by a multiple of so many rows, counted from the top; 1...64.
    /// - Throws: ``DrawError`` for other sides.
    public init(
        _ annotation: Annotation, width: Int, height: Int, orientation: Orientation = .upright, unit: Int = 1
    ) throws(DrawError) {
        guard (1...Self.sideMax).contains(width), (1...Self.sideMax).contains(height) else {
            throw .size(width: width, height: height)
        }
        let (own, across, down) = (orientation, Double(width), Double(height))
        let sides = own.swapsSides ? (down, across) : (across, down)
        let marks = annotation.marks.map { mark in
            (
                box: Self.shown(mark.box, own, across, down),
                rings: (mark.rings ?? mark.outline.map { [$0] } ?? []).map { ring in
                    ring.compactMap { Self.spot($0, own, across, down) }
                }
            )
        }
        let measuring = try Canvas(.png, width: 100, height: 100)
        let extends = own.keepsBottom && height + 2000 < Self.sideMax
        let layout = AnnotationLayout(
            annotation, width: sides.0, height: sides.1, marks: marks, extends: extends, measuring: measuring)
        self.width = width
        self.height = height
        self.orientation = orientation
        let rows = (height + Int(layout.strip.height.rounded(.up)) + unit - 1) / unit * unit
        stripRows = extends ? rows - height : 0
        drawing = AnnotationDrawing(annotation: annotation, layout: layout)
        touched = drawing.areas.map { Self.rows(of: $0, own, across, down) } + (extends ? [height..<rows] : [])
    }

    private static func shown(_ box: [Double], _ orientation: Orientation, _ width: Double, _ height: Double) -> Box {
        guard box.count == 4, box.allSatisfy(\.isFinite) else { return Box(left: 0, top: 0, width: 0, height: 0) }
        let shown = orientation.shown(box: box, width: width, height: height)
        return Box(left: shown[0], top: shown[1], width: shown[2], height: shown[3])
    }

    private static func spot(
        _ pair: [Double], _ orientation: Orientation, _ width: Double, _ height: Double
    ) -> Spot? {
        guard pair.count == 2, pair.allSatisfy(\.isFinite) else { return nil }
        return orientation.shown(Spot(pair[0], pair[1]), width: width, height: height)
    }

    private static func rows(of box: Box, _ orientation: Orientation, _ width: Double, _ height: Double) -> Range<Int> {
        let matrix = orientation.stored(width: width, height: height)
        let ends = box.corners.map { matrix[3] * $0.x + matrix[4] * $0.y + matrix[5] }
        let limits = (low: ends.min() ?? 0, high: ends.max() ?? 0)
        let low = max(0, min(limits.low, 1e6)).rounded(.down)
        return Int(low)..<Int(max(low, min(limits.high, 1e6)).rounded(.up))
    }

    /// Whether anything is drawn in these stored rows.
    public func touches(_ rows: Range<Int>) -> Bool { touched.contains { $0.overlaps(rows) } }

    /// Draws these stored rows, and hands their pixels to `body`: `width` a row, 0xAARRGGBB with the colours multiplied
    /// by alpha.
    public func draw<Result>(
        _ rows: Range<Int>, _ body: (UnsafeBufferPointer<UInt32>) throws -> Result
    ) throws -> Result {
        let matrix = orientation.stored(width: Double(width), height: Double(height))
        let total = height + stripRows
        let canvas = try Canvas(
            over: (orientation.swapsSides ? total : width, orientation.swapsSides ? width : total),
            storedWidth: width, rows: rows, matrix: matrix)
        if stripRows > 0, rows.upperBound > height {
            canvas.fill(
                Box(left: 0, top: Double(height), width: Double(width), height: Double(stripRows)), .paper)
        }
        drawing.draw(on: canvas, within: shown(rows))
        return try canvas.withPixels(rows: rows.count, body)
    }

    /// The part of the shown picture that these stored rows are.
    private func shown(_ rows: Range<Int>) -> Box {
        Self.shown(
            [0, Double(rows.lowerBound), Double(width), Double(rows.count)], orientation, Double(width), Double(height))
    }
}

extension AnnotationOverlay {
    /// Where the words stand, for whoever looks for overlaps: boxes as left, top, width, height in shown pixels, by the
    /// number of the mark.
    public var labels: [(mark: Int, text: String, box: [Double])] {
        drawing.layout.labels.map { ($0.mark, $0.text, [$0.box.left, $0.box.top, $0.box.width, $0.box.height]) }
    }

    /// Lines of the strip, as drawn.
    public var stripText: [String] {
        drawing.layout.stripLines.map { line in
            switch line {
            case .title(let text), .text(let text): text
            case .bands(let bands): bands.map(\.name).joined(separator: " ")
            }
        } + [drawing.layout.unplaced(of: drawing.annotation.marks)].filter { !$0.isEmpty }
    }
}
