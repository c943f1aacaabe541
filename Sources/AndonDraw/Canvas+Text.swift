import CCairo

extension Canvas {
    /// Where a text stands relative to its spot.
    enum Anchor: Sendable {
        case start, middle, end
    }

    /// The width that the text takes, in pixels: the way of the pen, and ink that reaches beyond it on either side.
    func width(of text: String, _ lettering: Lettering) -> Double {
        let extents = extents(of: DrawnText.clean(text), lettering)
        return max(extents.x_advance, extents.x_bearing + extents.width) - min(0, extents.x_bearing)
    }

    private func extents(of clean: String, _ lettering: Lettering) -> cairo_text_extents_t {
        choose(lettering)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, clean, &extents)
        return extents
    }

    /// Sets one line with its baseline at `spot`, shortened to `width` and moved so that it stays in the picture.
    func text(
        _ text: String, at spot: Spot, _ lettering: Lettering, _ anchor: Anchor = .start,
        width limit: Double = .infinity
    ) {
        guard spot.isFinite else { return }
        let shown = fitted(text, lettering, width: min(limit, Double(width) - 4))
        guard !shown.isEmpty else { return }
        let own = width(of: shown, lettering)
        let ink = extents(of: shown, lettering)
        let shift: Double =
            switch anchor {
            case .start: 0
            case .middle: own / 2
            case .end: own
            }
        let x = max(2, min(spot.x - shift, Double(width) - 2 - own))
        let y = max(2 - ink.y_bearing, min(spot.y, Double(height) - 2 - ink.height - ink.y_bearing))
        use(lettering.colour)
        let start = x - min(0, ink.x_bearing)
        written.lines.append(
            (shown, Box(left: start + ink.x_bearing, top: y + ink.y_bearing, width: ink.width, height: ink.height)))
        cairo_move_to(context, start, y)
        cairo_show_text(context, shown)
        cairo_new_path(context)
    }

    /// The text if it is no wider than `width`, else its beginning and an ellipsis; empty where not even that fits.
    func fitted(_ text: String, _ lettering: Lettering, width limit: Double) -> String {
        let clean = DrawnText.clean(text)
        if width(of: clean, lettering) <= limit { return clean }
        let count = longest(Array(clean), lettering, width: limit, tail: "…")
        return count > 0 ? DrawnText.trimmed(clean.prefix(count)) + "…" : ""
    }

    /// The text in at most `maximum` lines, broken between words where it can be, the last shortened.
    func lines(_ text: String, _ lettering: Lettering, width limit: Double, maximum: Int) -> [String] {
        var rest = DrawnText.trimmed(DrawnText.clean(text)[...])
        var lines: [String] = []
        while !rest.isEmpty, lines.count < maximum {
            if lines.count == maximum - 1 || width(of: rest, lettering) <= limit {
                lines.append(fitted(rest, lettering, width: limit))
                break
            }
            let letters = Array(rest)
            let fits = max(1, longest(letters, lettering, width: limit, tail: ""))
            let space = letters.prefix(fits + 1).lastIndex(of: " ") ?? 0
            let cut = space > fits / 2 ? space : fits
            lines.append(DrawnText.trimmed(rest.prefix(cut)))
            rest = DrawnText.trimmed(rest.dropFirst(cut))
        }
        return lines
    }

    /// How many of the first letters, with `tail` after them, are no wider than `limit`.
    private func longest(_ letters: [Character], _ lettering: Lettering, width limit: Double, tail: String) -> Int {
        var fits = 0
        var fails = letters.count + 1
        while fails - fits > 1 {
            let half = (fits + fails) / 2
            if width(of: String(letters[..<half]) + tail, lettering) <= limit { fits = half } else { fails = half }
        }
        return fits
    }

    private func choose(_ lettering: Lettering) {
        cairo_select_font_face(
            context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
            lettering.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, lettering.size)
    }
}
