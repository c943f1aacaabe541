/// A binary mask as the covered pieces of its columns: as much memory as it has pieces, however large the picture is.
struct Mask {
    /// Pixels `top` until before `bottom` of one column.
    struct Piece: Equatable {
        var column: Int
        var top: Int
        var bottom: Int
    }

    let width: Int
    let height: Int
    /// By column and then by `top`; those of one column do not touch.
    private(set) var pieces: [Piece] = []
    /// How many are covered.
    private(set) var pixels = 0

    /// - Parameters:
    ///   - runs: as of ``RunLengths``; they sum to `width * height`.
    ///   - budget: what is left for all masks of the report.
    init(width: Int, height: Int, runs: [Int], budget: MaskBudget) throws(MaskFault) {
        self.width = width
        self.height = height
        var place = 0
        var isCovered = false
        for run in runs {
            if isCovered, run > 0 { try cover(place..<place + run, budget) }
            place += run
            isCovered.toggle()
        }
        guard !pieces.isEmpty else {
            throw MaskFault(
                member: "", detail: "covers no pixel; a mask covers something, leave it out where nothing is known")
        }
    }

    private mutating func cover(_ run: Range<Int>, _ budget: MaskBudget) throws(MaskFault) {
        pixels += run.count
        var place = run.lowerBound
        while place < run.upperBound {
            let (column, top) = place.quotientAndRemainder(dividingBy: height)
            let bottom = min(height, top + run.upperBound - place)
            // A run without length between two of them: they are one.
            if let last = pieces.last, last.column == column, last.bottom == top {
                pieces[pieces.count - 1].bottom = bottom
            } else {
                try budget.spend()
                pieces.append(Piece(column: column, top: top, bottom: bottom))
            }
            place += bottom - top
        }
    }

    /// The smallest upright rectangle around all covered pixels: left, top, right, bottom.
    var bounds: (left: Int, top: Int, right: Int, bottom: Int) {
        var (top, bottom) = (height, 0)
        for piece in pieces { (top, bottom) = (min(top, piece.top), max(bottom, piece.bottom)) }
        return (pieces.first?.column ?? 0, top, (pieces.last?.column ?? -1) + 1, bottom)
    }
}

/// Counts the pieces of all masks of one report: what a report costs is bounded, however many masks it has.
final class MaskBudget {
    private let piecesMax: Int
    private var pieces = 0

    init(piecesMax: Int) { self.piecesMax = piecesMax }

    func spend() throws(MaskFault) {
        guard pieces < piecesMax else {
            throw MaskFault(
                member: "",
                detail: "the masks of one report may have \(piecesMax) pieces of columns in all, and with this one "
                    + "they have more; smooth it, or send its outline as polygons")
        }
        pieces += 1
    }
}
