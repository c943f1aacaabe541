/// Where everything of an annotation stands, in pixels of the picture as it is shown.
struct AnnotationLayout {
    /// The picture without the strip.
    let picture: Box
    let strip: Box
    let stripLines: [StripLine]
    let lettering: Lettering
    /// Of a frame in the mildest band.
    let lineWidth: Double
    private(set) var frames: [Frame] = []
    private(set) var labels: [Label] = []

    struct Frame {
        var mark: Annotation.Mark
        /// Closed lines: of a box one, the middle of a line that lies outside it; else what the line is drawn outside of.
        var paths: [[Spot]]
        /// Whether the paths are a defect's own outline, so that a line along their middle would cover some of it.
        var isOutline: Bool
        var style: BandStyle
        var width: Double
        var area: Box
    }

    /// The words of a mark.
    struct Label {
        var mark: Int
        var text: String
        var box: Box
        /// From the box to words that had to stand away from it.
        var leader: [Spot]
    }

    enum StripLine {
        case title(String)
        case text(String)
        case bands([(name: String, rank: Int)])
    }

    /// Words of so many marks at most are placed; the rest stands in the strip as a number.
    static let labelsMax = 300

    /// - Parameters:
    ///   - width: of the picture as it is shown, as `height`.
    ///   - marks: in shown pixels.
    ///   - extends: whether the strip comes below the picture, or over its lower or upper edge.
    ///   - canvas: to measure text on.
    init(
        _ annotation: Annotation, width: Double, height: Double, marks: [(box: Box, rings: [[Spot]])],
        extends: Bool, measuring canvas: borrowing Canvas
    ) {
        // Legible when the whole picture is on a telephone or a quarter of a page.
        let size = max(12, (width * height).squareRoot() / 60)
        lettering = Lettering(size)
        lineWidth = max(2, (size / 7).rounded())
        let padding = (size / 2).rounded()
        var text: [StripLine] = [.title(annotation.title)]
        let words = annotation.legend.map { "\($0.name) \($0.value)" }.joined(separator: "  ·  ")
        text += canvas.lines(words, lettering, width: width - 2 * padding, maximum: 6).map { .text($0) }
        let bands = Self.bands(annotation.marks)
        if !bands.isEmpty { text.append(.bands(bands)) }

        // Room is kept for a line of those whose words found no place; it is empty when all did.
        let wanted = Double(text.count + 1) * lettering.lineHeight + 2 * padding
        let whole = Box(left: 0, top: 0, width: width, height: height)
        picture = whole
        if extends {
            strip = Box(left: 0, top: height, width: width, height: wanted)
        } else {
            let kept = min(wanted, height)
            let edges = [height - kept, 0].map { Box(left: 0, top: $0, width: width, height: kept) }
            // Fewer boxes under it first, then less of them.
            let covered = edges.map { edge in
                (marks.count { $0.box.meets(edge) }, marks.reduce(0) { $0 + $1.box.shared(with: edge) })
            }
            strip = covered[1] < covered[0] ? edges[1] : edges[0]
        }
        stripLines = text
        frames = zip(annotation.marks, marks).map { mark, place in
            frame(mark, place.box, place.rings)
        }
        place(annotation.marks, marks.map(\.box), canvas, extends: extends)
    }

    /// Marks that have no words in the picture, as the strip says them; empty when all have.
    func unplaced(of marks: [Annotation.Mark]) -> String {
        let placed = Set(labels.map(\.mark))
        let rest = marks.indices.filter { !placed.contains($0) }
        guard !rest.isEmpty else { return "" }
        let words = rest.prefix(4).map { "\($0 + 1) \(marks[$0].label)" }.joined(separator: ", ")
        return "No room in the picture for the words of: \(words)"
            + (rest.count > 4 ? " and \(rest.count - 4) more" : "")
    }

    private static func bands(_ marks: [Annotation.Mark]) -> [(name: String, rank: Int)] {
        var found: [(name: String, rank: Int)] = []
        for mark in marks where !mark.band.isEmpty && !found.contains(where: { $0.name == mark.band }) {
            found.append((mark.band, mark.rank))
        }
        return found.sorted { $0.rank < $1.rank }
    }

    private func frame(_ mark: Annotation.Mark, _ box: Box, _ rings: [[Spot]]) -> Frame {
        let style = BandStyle.of(rank: mark.rank)
        let width = (lineWidth * style.width).rounded(.up)
        let outlines = rings.filter { $0.count > 2 }
        if !outlines.isEmpty {
            let area = outlines.joined().reduce(box) { $0.united(with: $1) }
            return Frame(
                mark: mark, paths: outlines, isOutline: true, style: style, width: width, area: area.grown(width))
        }
        let inner = picture.grown(-width / 2)
        let outer = box.grown(width / 2)
        let left = min(max(outer.left, inner.left), inner.right)
        let top = min(max(outer.top, inner.top), inner.bottom)
        let held = Box(
            left: left, top: top, width: max(0, min(outer.right, inner.right) - left),
            height: max(0, min(outer.bottom, inner.bottom) - top))
        return Frame(
            mark: mark, paths: [held.corners], isOutline: false, style: style, width: width, area: held.grown(width / 2)
        )
    }

    // MARK: Words

    private mutating func place(
        _ marks: [Annotation.Mark], _ boxes: [Box], _ canvas: borrowing Canvas, extends: Bool
    ) {
        let free = extends ? picture : freeOfStrip
        let height = (lettering.size * 1.35).rounded()
        var taken: [Box] = []
        for index in marks.indices.prefix(Self.labelsMax) {
            let number = marks.count > 1 ? "\(index + 1) " : ""
            let band = marks[index].band.isEmpty ? "" : ", \(marks[index].band)"
            let text = canvas.fitted("\(number)\(marks[index].label)\(band)", lettering, width: free.width * 0.9)
            let width = (canvas.width(of: text, lettering) + lettering.size * 0.7).rounded(.up)
            guard let found = spot(for: frames[index].area, index, width, height, free, taken, boxes) else { continue }
            taken.append(found)
            labels.append(
                Label(mark: index, text: text, box: found, leader: leader(from: frames[index].area, to: found)))
        }
    }

    private var freeOfStrip: Box {
        strip.top > 0
            ? Box(left: 0, top: 0, width: picture.width, height: strip.top)
            : Box(left: 0, top: strip.bottom, width: picture.width, height: picture.height - strip.bottom)
    }

    /// A place that lies in `free`, off the mark's own area and off the words of others; off the other boxes too where
    /// there is such a one.
    private func spot(
        for area: Box, _ index: Int, _ width: Double, _ height: Double, _ free: Box, _ taken: [Box], _ boxes: [Box]
    ) -> Box? {
        let gap = 1.0
        func box(_ left: Double, _ top: Double) -> Box {
            // Moved along the edge rather than out of the picture.
            Box(
                left: min(max(left, free.left), max(free.left, free.right - width)), top: top, width: width,
                height: height)
        }
        var candidates = [
            box(area.left, area.top - gap - height), box(area.left, area.bottom + gap),
            box(area.right - width, area.top - gap - height), box(area.right - width, area.bottom + gap),
            Box(left: area.right + gap, top: area.top, width: width, height: height),
            Box(left: area.left - gap - width, top: area.top, width: width, height: height),
        ]
        for ring in 1...12 {
            let (across, down) = (Double(ring) * lettering.size * 2, Double(ring) * height * 1.2)
            candidates += [
                box(area.left, area.top - gap - height - down), box(area.left, area.bottom + gap + down),
                Box(left: area.right + across, top: area.top - down / 2, width: width, height: height),
                Box(left: area.left - across - width, top: area.top - down / 2, width: width, height: height),
                box(area.right + across, area.bottom + down), box(area.left - across - width, area.bottom + down),
                box(area.right + across, area.top - height - down),
                box(area.left - across - width, area.top - height - down),
            ]
        }
        let possible = candidates.filter { candidate in
            free.holds(candidate) && !candidate.meets(area) && !taken.contains { $0.meets(candidate) }
        }
        return possible.first { candidate in
            !boxes.indices.contains { $0 != index && boxes[$0].meets(candidate) }
        } ?? possible.first
    }

    /// Nothing where the words touch the frame.
    private func leader(from area: Box, to label: Box) -> [Spot] {
        guard !label.grown(2).meets(area) else { return [] }
        func nearest(_ box: Box, _ spot: Spot) -> Spot {
            Spot(min(max(spot.x, box.left), box.right), min(max(spot.y, box.top), box.bottom))
        }
        let start = nearest(area, label.middle)
        return [start, nearest(label, start)]
    }
}
