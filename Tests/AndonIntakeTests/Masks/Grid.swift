import AndonModel
import AndonTesting

/// A mask as a field of pixels, to judge what the product makes of its runs.
struct Grid: Equatable {
    let width: Int
    let height: Int
    /// Row by row.
    var isCovered: [Bool]

    init(_ width: Int, _ height: Int, _ isCovered: (_ x: Int, _ y: Int) -> Bool = { _, _ in false }) {
        self.width = width
        self.height = height
        self.isCovered = (0..<width * height).map { isCovered($0 % width, $0 / width) }
    }

    subscript(x: Int, y: Int) -> Bool { isCovered[y * width + x] }

    var pixels: Int { isCovered.count { $0 } }

    /// COCO's runs, written down once more from their definition.
    var counts: [Int] {
        var counts = [0]
        var isRun = false
        for x in 0..<width {
            for y in 0..<height {
                if self[x, y] != isRun {
                    counts.append(0)
                    isRun.toggle()
                }
                counts[counts.count - 1] += 1
            }
        }
        return counts
    }

    /// As pycocotools compresses them.
    var text: String {
        let counts = counts
        var letters: [UInt8] = []
        for (index, count) in counts.enumerated() {
            var rest = index > 2 ? count - counts[index - 2] : count
            var isMore = true
            while isMore {
                var letter = rest & 0x1F
                rest >>= 5
                isMore = letter & 0x10 != 0 ? rest != -1 : rest != 0
                if isMore { letter |= 0x20 }
                letters.append(UInt8(letter + 48))
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// Pixels whose middle has an odd number of the rings around it.
    init(_ width: Int, _ height: Int, filling rings: [[Point]]) {
        self.init(width, height)
        for y in 0..<height {
            let level = Double(y) + 0.5
            var cuts: [Double] = []
            for ring in rings {
                for index in ring.indices {
                    let (from, to) = (ring[index], ring[(index + 1) % ring.count])
                    guard (from.y > level) != (to.y > level) else { continue }
                    cuts.append(from.x + (level - from.y) / (to.y - from.y) * (to.x - from.x))
                }
            }
            for x in 0..<width where !cuts.count(where: { $0 > Double(x) + 0.5 }).isMultiple(of: 2) {
                isCovered[y * width + x] = true
            }
        }
    }

    /// Specks, stripes, blobs with holes, all or nearly nothing.
    static func random(_ random: inout SeededRandom) -> Grid {
        let (width, height) = (random.int(1...24), random.int(1...24))
        let kind = random.int(0...3)
        let share = random.pick([3, 30, 50, 80, 97])
        let discs = (0..<random.int(1...4)).map { _ in
            (x: random.int(0...width), y: random.int(0...height), outer: random.int(1...12), inner: random.int(0...6))
        }
        var grid = Grid(width, height) { x, y in
            switch kind {
            case 0: return random.chance(share)
            case 1:
                return discs.contains { disc in
                    let square = (x - disc.x) * (x - disc.x) + (y - disc.y) * (y - disc.y)
                    return square <= disc.outer * disc.outer && square >= disc.inner * disc.inner
                }
            case 2: return (x + y) % 5 < 2 || random.chance(2)
            default: return (x / 3 + y / 2).isMultiple(of: 2)
            }
        }
        if grid.pixels == 0 { grid.isCovered[random.int(0...width * height - 1)] = true }
        return grid
    }
}

extension [Point] {
    /// Positive where it runs clockwise with the origin top left.
    var signedArea: Double {
        indices.reduce(0) { sum, index in
            let (from, to) = (self[index], self[(index + 1) % count])
            return sum + from.x * to.y - to.x * from.y
        } / 2
    }

    /// From a place to the nearest of the ring's edges.
    func distance(to place: Point) -> Double {
        indices.map { index in
            let (from, to) = (self[index], self[(index + 1) % count])
            let (across, down) = (to.x - from.x, to.y - from.y)
            let square = across * across + down * down
            let share = square == 0 ? 0 : ((place.x - from.x) * across + (place.y - from.y) * down) / square
            let held = Swift.min(Swift.max(share, 0), 1)
            let (x, y) = (from.x + held * across - place.x, from.y + held * down - place.y)
            return (x * x + y * y).squareRoot()
        }.min() ?? .infinity
    }
}
