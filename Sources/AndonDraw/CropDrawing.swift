import CCairo

/// Pixels to be drawn: red, green and blue of 8 bits each, row by row.
public struct PixelImage: Sendable {
    public var width: Int
    public var height: Int
    public var pixels: [UInt8]

    /// - Parameter pixels: `width` times `height` times three.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}

/// The defect enlarged, beside the same place on a picture without one.
public struct CropDrawing: Sendable {
    public struct Panel: Sendable {
        public var image: PixelImage
        /// Words above it.
        public var title: String
        /// Around the defect, in pixels of the image: x, y, width, height; nil draws no frame.
        public var box: [Double]?

        public init(_ image: PixelImage, title: String, box: [Double]? = nil) {
            self.image = image
            self.title = title
            self.box = box
        }
    }

    private let panels: [Panel]
    /// Of a panel, in pixels.
    private static let width = 600.0
    private static let heightMax = 900.0
    private static let lettering = Lettering(17)

    /// - Parameter panels: one or two.
    public init(_ panels: [Panel]) {
        self.panels = panels
    }

    /// A PNG file. The same panels give the same bytes.
    ///
    /// - Throws: ``DrawError`` when Cairo refuses.
    public func png() throws(DrawError) -> [UInt8] { try drawn().bytes() }

    func drawn() throws(DrawError) -> Canvas {
        let scales = panels.map { panel in
            min(Self.width / Double(max(1, panel.image.width)), Self.heightMax / Double(max(1, panel.image.height)))
        }
        let heights = zip(panels, scales).map { Double($0.image.height) * $1 }
        let head = Self.lettering.lineHeight * 2 + 8
        let gap = 12.0
        let canvas = try Canvas(
            .png, width: Int((Self.width + gap) * Double(panels.count) + gap),
            height: max(100, Int(head + (heights.max() ?? 0) + gap)))
        for (index, panel) in panels.enumerated() {
            let left = gap + Double(index) * (Self.width + gap)
            let lines = canvas.lines(panel.title, Self.lettering, width: Self.width, maximum: 2)
            for (row, line) in lines.enumerated() {
                canvas.text(
                    line, at: Spot(left, 6 + Self.lettering.size + Double(row) * Self.lettering.lineHeight),
                    Self.lettering, width: Self.width)
            }
            let place = Box(
                left: left, top: head, width: Double(panel.image.width) * scales[index], height: heights[index])
            canvas.image(panel.image, in: place)
            if let box = panel.box, box.count == 4 { frame(box, scales[index], in: place, canvas) }
        }
        return canvas
    }

    private func frame(_ box: [Double], _ scale: Double, in place: Box, _ canvas: borrowing Canvas) {
        let frame = Box(
            left: place.left + box[0] * scale, top: place.top + box[1] * scale, width: box[2] * scale,
            height: box[3] * scale
        ).grown(2)
        canvas.clipped(to: place) {
            canvas.polygon(frame.corners, stroke: Stroke(.paper, 5))
            canvas.polygon(frame.corners, stroke: Stroke(.signal, 3))
        }
    }
}

extension Canvas {
    /// Draws an image stretched over `box`; enlarged pixels keep their edges, because a smoothed defect is another one.
    func image(_ image: PixelImage, in box: Box) {
        guard image.width > 0, image.height > 0, image.pixels.count == image.width * image.height * 3,
            let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(image.width), Int32(image.height))
        else { return }
        defer { cairo_surface_destroy(surface) }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface)
        else { return }
        let stride = Int(cairo_image_surface_get_stride(surface)) / 4
        data.withMemoryRebound(to: UInt32.self, capacity: stride * image.height) { target in
            for row in 0..<image.height {
                for column in 0..<image.width {
                    let place = (row * image.width + column) * 3
                    target[row * stride + column] =
                        UInt32(image.pixels[place]) << 16 | UInt32(image.pixels[place + 1]) << 8
                        | UInt32(image.pixels[place + 2])
                }
            }
        }
        cairo_surface_mark_dirty(surface)
        cairo_save(context)
        cairo_translate(context, box.left, box.top)
        cairo_scale(context, box.width / Double(image.width), box.height / Double(image.height))
        cairo_set_source_surface(context, surface, 0, 0)
        cairo_pattern_set_filter(
            cairo_get_source(context), box.width > Double(image.width) ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD)
        cairo_rectangle(context, 0, 0, Double(image.width), Double(image.height))
        cairo_fill(context)
        cairo_restore(context)
    }
}
