/// Puts a laid-out annotation on a canvas.
struct AnnotationDrawing {
    let annotation: Annotation
    let layout: AnnotationLayout

    /// What is drawn, each with the part of the picture that it may touch.
    var areas: [Box] {
        layout.frames.map { $0.area.grown(layout.lineWidth + 2) }
            + layout.labels.flatMap { [$0.box.grown(2)] + Self.area(of: $0.leader, layout.lineWidth) } + [layout.strip]
    }

    private static func area(of leader: [Spot], _ width: Double) -> [Box] {
        guard let first = leader.first, let last = leader.last else { return [] }
        let (left, top) = (min(first.x, last.x), min(first.y, last.y))
        return [
            Box(left: left, top: top, width: abs(first.x - last.x), height: abs(first.y - last.y)).grown(width + 2)
        ]
    }

    /// Draws what may touch `shown`.
    func draw(on canvas: borrowing Canvas, within shown: Box) {
        for frame in layout.frames where frame.area.grown(layout.lineWidth + 2).meets(shown) { draw(frame, canvas) }
        for label in layout.labels { draw(label, canvas, shown) }
        if layout.strip.meets(shown) { drawStrip(canvas) }
    }

    private func draw(_ frame: AnnotationLayout.Frame, _ canvas: borrowing Canvas) {
        guard frame.isOutline else { return stroke(frame, width: frame.width, canvas) }
        // Twice as wide, and only the half outside is let through: nothing of the defect is under it. At the picture's edge,
        // where there is no outside, the inner half is let through.
        let picture = layout.picture
        canvas.clipped(to: frame.area.grown(1), without: frame.paths) { stroke(frame, width: 2 * frame.width, canvas) }
        guard !picture.grown(-frame.width).holds(frame.area.grown(-frame.width)) else { return }
        canvas.clipped(to: picture, without: [picture.grown(-frame.width).corners]) {
            stroke(frame, width: 2 * frame.width, canvas)
        }
    }

    private func stroke(_ frame: AnnotationLayout.Frame, width: Double, _ canvas: borrowing Canvas) {
        let dashes = frame.style.dashes.map { $0 * frame.width }
        // White under the dashes, and on both sides of a line without gaps: it is there on any ground, grey ones too.
        let seam = dashes.isEmpty ? max(1, (frame.width / 8).rounded()) : 0
        for path in frame.paths { canvas.polygon(path, stroke: Stroke(.paper, width)) }
        for path in frame.paths {
            canvas.polygon(path, stroke: Stroke(frame.style.colour, width - 2 * seam, dashes: dashes))
        }
    }

    private func draw(_ label: AnnotationLayout.Label, _ canvas: borrowing Canvas, _ shown: Box) {
        let style = BandStyle.of(rank: annotation.marks[label.mark].rank)
        if !label.leader.isEmpty { canvas.line(label.leader, Stroke(style.colour, max(1, layout.lineWidth * 0.6))) }
        guard label.box.meets(shown) else { return }
        canvas.fill(label.box, style.colour)
        canvas.fill(label.box.grown(-max(1, layout.lineWidth * 0.4)), .paper)
        let lettering = layout.lettering
        canvas.text(
            label.text, at: Spot(label.box.left + lettering.size * 0.35, label.box.top + lettering.size * 1.02),
            lettering,
            width: label.box.width)
    }

    private func drawStrip(_ canvas: borrowing Canvas) {
        let strip = layout.strip
        let lettering = layout.lettering
        let padding = (lettering.size / 2).rounded()
        canvas.fill(strip, .paper)
        canvas.fill(Box(left: strip.left, top: strip.top, width: strip.width, height: max(1, padding / 5)), .ink)
        var baseline = strip.top + padding + lettering.size
        let rest = layout.unplaced(of: annotation.marks)
        for line in layout.stripLines + (rest.isEmpty ? [] : [.text(rest)]) {
            let spot = Spot(padding, baseline)
            switch line {
            case .title(let text):
                canvas.text(text, at: spot, Lettering(lettering.size, bold: true), width: strip.width - 2 * padding)
            case .text(let text): canvas.text(text, at: spot, lettering, width: strip.width - 2 * padding)
            case .bands(let bands): drawKey(bands, at: spot, canvas)
            }
            baseline += lettering.lineHeight
        }
    }

    /// A piece of each band's line, with the band's name.
    private func drawKey(_ bands: [(name: String, rank: Int)], at spot: Spot, _ canvas: borrowing Canvas) {
        let lettering = layout.lettering
        var x = spot.x
        for (name, rank) in bands {
            let style = BandStyle.of(rank: rank)
            let width = (layout.lineWidth * style.width).rounded(.up)
            let end = x + lettering.size * 3
            guard end + lettering.size < layout.strip.right else { break }
            let y = spot.y - lettering.size * 0.35
            canvas.line(
                Spot(x, y), Spot(end, y),
                Stroke(style.colour, width, dashes: style.dashes.map { $0 * width }))
            let left = end + lettering.size * 0.4
            let shown = canvas.fitted(name, lettering, width: layout.strip.right - left - lettering.size)
            canvas.text(shown, at: Spot(left, spot.y), lettering)
            x = left + canvas.width(of: shown, lettering) + lettering.size * 1.4
        }
    }
}
