/// One line of text with its place, worked out before anything is drawn.
struct PlacedText: Hashable, Sendable {
    var text: String
    /// Where the baseline starts.
    var spot: Spot
    var lettering: Lettering
    /// What the line takes, from the top of its letters to below them.
    var box: Box
}

/// Lines of text one below the other in a column, each no wider than it.
struct TextColumn {
    private(set) var lines: [PlacedText] = []
    let left: Double
    let width: Double
    private(set) var y: Double

    init(left: Double, top: Double, width: Double) {
        self.left = left
        self.width = width
        y = top
    }

    mutating func gap(_ height: Double) { y += height }

    /// Goes on at `y`, unless what is there reaches further down.
    mutating func skip(to y: Double) { self.y = max(self.y, y) }

    /// The text in at most `maximum` lines, below what is there.
    mutating func add(_ text: String, _ lettering: Lettering, maximum: Int = 1, on canvas: borrowing Canvas) {
        for line in canvas.lines(text, lettering, width: width, maximum: maximum) {
            let box = Box(left: left, top: y, width: canvas.width(of: line, lettering), height: lettering.lineHeight)
            lines.append(
                PlacedText(text: line, spot: Spot(left, y + lettering.size), lettering: lettering, box: box))
            y += lettering.lineHeight
        }
    }
}

extension [String] {
    /// Names from the large to the small in one text that breaks between them rather than within one.
    var asPath: String {
        map { $0.split(separator: " ").joined(separator: "\u{00A0}") }.joined(separator: " / ")
    }
}

extension Canvas {
    func draw(_ texts: [PlacedText]) {
        for line in texts { text(line.text, at: line.spot, line.lettering) }
    }
}
