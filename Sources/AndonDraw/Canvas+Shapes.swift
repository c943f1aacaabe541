import CCairo

extension Canvas {
    /// Cairo keeps coordinates in 24 bits of whole pixels; what lies further out is cut here rather than wrapped there.
    private static let reach = 100_000.0

    func fill(_ box: Box, _ colour: Colour) {
        polygon(box.corners, fill: colour)
    }

    /// An open line through `spots`.
    func line(_ spots: [Spot], _ stroke: Stroke) {
        guard spots.count > 1, trace(spots) else { return }
        pull(stroke)
    }

    func line(_ from: Spot, _ to: Spot, _ stroke: Stroke) { line([from, to], stroke) }

    func polygon(_ spots: [Spot], fill: Colour? = nil, stroke: Stroke? = nil) {
        guard spots.count > 2, trace(spots) else { return }
        cairo_close_path(context)
        finish(fill, stroke)
    }

    func circle(_ centre: Spot, radius: Double, fill: Colour? = nil, stroke: Stroke? = nil) {
        guard centre.isFinite, radius.isFinite, radius > 0 else { return }
        let held = Self.held(centre)
        cairo_new_path(context)
        cairo_arc(context, held.x, held.y, min(radius, Self.reach), 0, 2 * .pi)
        cairo_close_path(context)
        finish(fill, stroke)
    }

    /// Draws what `body` draws, but only inside `box`.
    func clipped(to box: Box, _ body: () -> Void) {
        cairo_save(context)
        cairo_new_path(context)
        cairo_rectangle(context, box.left, box.top, max(0, box.width), max(0, box.height))
        cairo_clip(context)
        body()
        cairo_restore(context)
    }

    /// Draws what `body` draws, but only inside the polygon.
    func clipped(to polygon: [Spot], _ body: () -> Void) {
        guard polygon.count > 2, trace(polygon) else { return }
        cairo_save(context)
        cairo_close_path(context)
        cairo_clip(context)
        body()
        cairo_restore(context)
    }

    /// Draws what `body` draws, but only inside `box` and where an even number of the rings lie around the place.
    func clipped(to box: Box, without rings: [[Spot]], _ body: () -> Void) {
        guard rings.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return }
        cairo_save(context)
        cairo_new_path(context)
        cairo_rectangle(context, box.left, box.top, max(0, box.width), max(0, box.height))
        for ring in rings {
            cairo_new_sub_path(context)
            for spot in ring.lazy.map(Self.held) { cairo_line_to(context, spot.x, spot.y) }
            cairo_close_path(context)
        }
        cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD)
        cairo_clip(context)
        body()
        cairo_restore(context)
    }

    /// Fills `box` but for what lies in the polygon.
    func fill(_ box: Box, without polygon: [Spot], _ colour: Colour) {
        guard polygon.count > 2, trace(polygon) else { return }
        cairo_close_path(context)
        cairo_new_sub_path(context)
        cairo_rectangle(context, box.left, box.top, box.width, box.height)
        use(colour)
        cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD)
        cairo_fill(context)
        cairo_set_fill_rule(context, CAIRO_FILL_RULE_WINDING)
    }

    func use(_ colour: Colour) {
        cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, colour.alpha)
    }

    private func finish(_ colour: Colour?, _ stroke: Stroke?) {
        if let colour {
            use(colour)
            cairo_fill_preserve(context)
        }
        if let stroke { pull(stroke) } else { cairo_new_path(context) }
    }

    private func pull(_ stroke: Stroke) {
        use(stroke.colour)
        cairo_set_line_width(context, stroke.width)
        cairo_set_dash(context, stroke.dashes, Int32(stroke.dashes.count), 0)
        cairo_stroke(context)
    }

    private func trace(_ spots: [Spot]) -> Bool {
        guard spots.allSatisfy(\.isFinite) else { return false }
        cairo_new_path(context)
        for spot in spots.lazy.map(Self.held) { cairo_line_to(context, spot.x, spot.y) }
        return true
    }

    private static func held(_ spot: Spot) -> Spot {
        Spot(min(max(spot.x, -reach), reach), min(max(spot.y, -reach), reach))
    }
}
