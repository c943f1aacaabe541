/// The border of a mask, followed exactly along the edges of its pixels (crack following: Rosenfeld and Kak, "Digital
/// Picture Processing", 2nd edition 1982, section 11.2).
///
/// Pixels that meet at a corner belong together, so that a scratch that is one pixel wide is one ring. Rings run clockwise
/// around covered pixels and the other way around holes, as seen with the origin top left: the sum of their signed areas
/// is the number of covered pixels, and filling them by even and odd gives the mask back.
struct MaskBorder {
    /// A corner of pixels: `x` 0...width, `y` 0...height.
    struct Corner: Comparable {
        var x: Int
        var y: Int

        static func < (one: Corner, other: Corner) -> Bool { one.x == other.x ? one.y < other.y : one.x < other.x }
    }

    private enum Direction: Int {
        case east, south, west, north

        var left: Direction { Direction(rawValue: (rawValue + 3) % 4) ?? self }
    }

    /// A straight part of the border, with the covered pixels on its right.
    private struct Crack {
        var from: Corner
        var to: Corner
        var direction: Direction
    }

    private var cracks: [Crack] = []

    /// Every ring, with straight parts as one: no three corners in turn lie on one line.
    static func rings(of mask: Mask) -> [[Corner]] {
        var border = MaskBorder()
        border.addHorizontal(mask)
        border.addVertical(mask)
        return border.joined()
    }

    private mutating func add(_ from: Corner, _ to: Corner, _ direction: Direction) {
        cracks.append(Crack(from: from, to: to, direction: direction))
    }

    private mutating func addHorizontal(_ mask: Mask) {
        for piece in mask.pieces {
            let (left, right) = (piece.column, piece.column + 1)
            add(Corner(x: left, y: piece.top), Corner(x: right, y: piece.top), .east)
            add(Corner(x: right, y: piece.bottom), Corner(x: left, y: piece.bottom), .west)
        }
    }

    /// Between each column and the next, where only one of them is covered.
    private mutating func addVertical(_ mask: Mask) {
        let pieces = mask.pieces
        var before = pieces[0..<0]
        var start = 0
        while start < pieces.count {
            let column = pieces[start].column
            let end = pieces[start...].firstIndex { $0.column != column } ?? pieces.count
            let own = pieces[start..<end]
            if let last = before.first, last.column != column - 1 {
                addVertical(at: last.column + 1, before, pieces[0..<0])
                before = pieces[0..<0]
            }
            addVertical(at: column, before, own)
            (before, start) = (own, end)
        }
        if let last = before.first { addVertical(at: last.column + 1, before, pieces[0..<0]) }
    }

    private mutating func addVertical(
        at x: Int, _ left: ArraySlice<Mask.Piece>, _ right: ArraySlice<Mask.Piece>
    ) {
        var ends = (left: Ends(left), right: Ends(right))
        var (isLeft, isRight) = (false, false)
        var above = 0
        while ends.left.next < .max || ends.right.next < .max {
            let y = min(ends.left.next, ends.right.next)
            if isLeft, !isRight { add(Corner(x: x, y: above), Corner(x: x, y: y), .south) }
            if isRight, !isLeft { add(Corner(x: x, y: y), Corner(x: x, y: above), .north) }
            if ends.left.pass(y) { isLeft.toggle() }
            if ends.right.pass(y) { isRight.toggle() }
            above = y
        }
    }

    /// The places in a column where covered and uncovered change, from the top.
    private struct Ends {
        private var rest: ArraySlice<Mask.Piece>
        private var isInside = false

        init(_ pieces: ArraySlice<Mask.Piece>) { rest = pieces }

        /// The largest number where there is none.
        var next: Int {
            guard let piece = rest.first else { return .max }
            return isInside ? piece.bottom : piece.top
        }

        mutating func pass(_ y: Int) -> Bool {
            guard next == y else { return false }
            if isInside { rest.removeFirst() }
            isInside.toggle()
            return true
        }
    }

    private func joined() -> [[Corner]] {
        let next = following()
        var isUsed = [Bool](repeating: false, count: cracks.count)
        var rings: [[Corner]] = []
        for start in cracks.indices where !isUsed[start] {
            var ring: [Corner] = []
            var (index, direction) = (start, Direction?.none)
            while !isUsed[index] {
                isUsed[index] = true
                if cracks[index].direction != direction { ring.append(cracks[index].from) }
                direction = cracks[index].direction
                index = next[index]
            }
            if cracks[start].direction == direction { ring.removeFirst() }
            rings.append(ring)
        }
        return rings
    }

    /// For each part the one that goes on where it ends. As many arrive at a corner as leave it, so that in the order of their
    /// corners those that leave stand beside those that arrive. Where two pixels meet at a corner only, two of each do: the
    /// way to the left leads around both pixels.
    private func following() -> [Int] {
        let leaving = cracks.indices.sorted { cracks[$0].from < cracks[$1].from }
        let arriving = cracks.indices.sorted { cracks[$0].to < cracks[$1].to }
        var next = [Int](repeating: 0, count: cracks.count)
        var place = 0
        while place < leaving.count {
            let (one, other) = (leaving[place], leaving[min(place + 1, leaving.count - 1)])
            guard one != other, cracks[one].from == cracks[other].from else {
                next[arriving[place]] = one
                place += 1
                continue
            }
            for index in arriving[place...place + 1] {
                next[index] = cracks[one].direction == cracks[index].direction.left ? one : other
            }
            place += 2
        }
        return next
    }
}
