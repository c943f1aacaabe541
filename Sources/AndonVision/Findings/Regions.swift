import AndonModel

/// Connected cells of a map whose values reach a level; cells that touch at a corner are connected.
struct Regions {
    struct Region {
        /// Cells: the left, top, and the ones just beyond the right and bottom.
        var left: Int
        var top: Int
        var right: Int
        var bottom: Int
        var cells = 0
        var sum = 0.0
        var peak = -Float.infinity
        fileprivate let label: Int32
    }

    let width: Int
    let height: Int
    /// The largest first.
    private(set) var regions: [Region] = []
    /// For each cell 0, or the number of its region.
    private var labels: [Int32]

    /// - Parameters:
    ///   - values: `width * height`, from the top left, row by row.
    ///   - areaMin: cells that a region has at least.
    ///   - regionsMax: how many are kept.
    init(
        _ values: UnsafeBufferPointer<Float>, width: Int, height: Int, level: Float, areaMin: Int, regionsMax: Int
    ) {
        self.width = width
        self.height = height
        labels = Array(repeating: 0, count: width * height)
        var waiting: [Int] = []
        var label: Int32 = 0
        for start in values.indices where values[start] >= level && labels[start] == 0 {
            label += 1
            let region = self.fill(from: start, label, values, level, &waiting)
            if region.cells >= areaMin { regions.append(region) }
        }
        regions.sort { ($1.cells, $0.label) < ($0.cells, $1.label) }
        regions.removeLast(max(0, regions.count - regionsMax))
    }

    private mutating func fill(
        from start: Int, _ label: Int32, _ values: UnsafeBufferPointer<Float>, _ level: Float, _ waiting: inout [Int]
    ) -> Region {
        var region = Region(left: width, top: height, right: 0, bottom: 0, label: label)
        labels[start] = label
        waiting.append(start)
        while let cell = waiting.popLast() {
            let (y, x) = cell.quotientAndRemainder(dividingBy: width)
            region.left = min(region.left, x)
            region.right = max(region.right, x + 1)
            region.top = min(region.top, y)
            region.bottom = max(region.bottom, y + 1)
            region.cells += 1
            region.sum += Double(values[cell])
            region.peak = max(region.peak, values[cell])
            for nearY in max(0, y - 1)...min(height - 1, y + 1) {
                for nearX in max(0, x - 1)...min(width - 1, x + 1) {
                    let near = nearY * width + nearX
                    guard labels[near] == 0, values[near] >= level else { continue }
                    labels[near] = label
                    waiting.append(near)
                }
            }
        }
        return region
    }

    /// The rings around a region in corners of cells: the outer one with the region at its right hand, those of holes too.
    ///
    /// - Returns: exact rings; nil where they have more than `cornersMax` corners in all.
    func rings(of region: Region, cornersMax: Int) -> [[Point]]? {
        let columns = region.right - region.left
        // Every ring goes along the top of some cell of the region; each such edge is passed once.
        var passed = [Bool](repeating: false, count: columns * (region.bottom - region.top))
        var (rings, corners) = ([[Point]](), 0)
        for y in region.top..<region.bottom {
            for x in region.left..<region.right where has(region, x, y) && !has(region, x, y - 1) {
                guard !passed[(y - region.top) * columns + x - region.left] else { continue }
                let ring = self.ring(of: region, x, y) { passed[($1 - region.top) * columns + $0 - region.left] = true }
                corners += ring.count
                guard corners <= cornersMax else { return nil }
                rings.append(ring)
            }
        }
        return rings
    }

    private func has(_ region: Region, _ x: Int, _ y: Int) -> Bool {
        x >= region.left && x < region.right && y >= region.top && y < region.bottom
            && labels[y * width + x] == region.label
    }

    /// Goes around from the top left corner of a cell, along its top first.
    private func ring(of region: Region, _ startX: Int, _ startY: Int, passTop: (Int, Int) -> Void) -> [Point] {
        var (x, y, dx, dy) = (startX, startY, 1, 0)
        var ring: [Point] = []
        repeat {
            if dx == 1 { passTop(x, y) }
            (x, y) = (x + dx, y + dy)
            // The two cells ahead: one at the left hand, one at the right.
            let (leftX, leftY) = (x + (dx + dy - 1) / 2, y + (dy - dx - 1) / 2)
            let (rightX, rightY) = (x + (dx - dy - 1) / 2, y + (dx + dy - 1) / 2)
            if has(region, leftX, leftY) {
                ring.append(Point(x: Double(x), y: Double(y)))
                (dx, dy) = (dy, -dx)
            } else if !has(region, rightX, rightY) {
                ring.append(Point(x: Double(x), y: Double(y)))
                (dx, dy) = (-dy, dx)
            }
        } while x != startX || y != startY || dx != 1
        return ring
    }
}
