/// What describes the places of a picture: a row of `depth` numbers for each place of a grid that lies over all of it.
public struct FeatureMap: Sendable, Hashable {
    public let rows: Int
    public let columns: Int
    public let depth: Int
    /// `[rows, columns, depth]`, the last axis the fastest.
    public let values: [Float]

    /// - Precondition: there are exactly `rows * columns * depth` values, and no side is 0.
    public init(rows: Int, columns: Int, depth: Int, values: [Float]) {
        precondition(rows > 0 && columns > 0 && depth > 0 && values.count == rows * columns * depth)
        self.rows = rows
        self.columns = columns
        self.depth = depth
        self.values = values
    }
}

/// Makes features of pictures. Grids are of one size for all pictures, and cover the whole picture, stretched.
public protocol AnomalyFeatures: Sendable {
    /// Which features these are, with all that changes them. A model says of which it was made, and takes no others.
    var identity: String { get }

    func features(_ pixels: Pixels) async throws -> FeatureMap
}

/// Features without a network: brightness, contrast, the energy of edges in four directions and of the Laplacian, of
/// windows in two or three sizes around each place. Enough for a surface that looks the same everywhere; a trunk that was
/// trained on pictures sees more.
public struct SimpleFeatures: AnomalyFeatures {
    /// Of one window: mean, standard deviation, edges at 0, 45, 90, 135 degrees, Laplacian.
    static let kinds = 7

    /// The picture is stretched to a square of so many pixels.
    public let side: Int
    /// Pixels of that square between one place and the next; the smallest window is as wide.
    public let patch: Int
    /// Each further scale has a window that is twice as wide.
    public let scales: Int

    /// - Parameters:
    ///   - side: 16...1024, cut to a multiple of `patch`.
    ///   - patch: 4...64.
    ///   - scales: 1...4.
    public init(side: Int = 256, patch: Int = 8, scales: Int = 3) {
        self.patch = min(64, max(4, patch))
        self.side = max(self.patch, min(1024, max(16, side)) / self.patch * self.patch)
        self.scales = min(4, max(1, scales))
    }

    public var identity: String { "simple-1/\(side)/\(patch)/\(scales)" }

    public func features(_ pixels: Pixels) -> FeatureMap {
        let grid = side / patch
        let depth = Self.kinds * scales
        var values = [Float](repeating: 0, count: grid * grid * depth)
        var picture = GreyPicture(stretching: pixels, width: side, height: side)
        for scale in 0..<scales {
            if scale > 0 { picture = picture.halved }
            let sums = WindowSums(picture)
            // The windows of the coarser scales lie over each other: their centre stays that of the place.
            let pitch = Double(picture.width) / Double(grid)
            for row in 0..<grid {
                for column in 0..<grid {
                    let y = Self.window(centre: (Double(row) + 0.5) * pitch, patch, picture.height)
                    let x = Self.window(centre: (Double(column) + 0.5) * pitch, patch, picture.width)
                    sums.write(x, y, to: &values, at: (row * grid + column) * depth + scale * Self.kinds)
                }
            }
        }
        return FeatureMap(rows: grid, columns: grid, depth: depth, values: values)
    }

    private static func window(centre: Double, _ width: Int, _ size: Int) -> Range<Int> {
        let first = min(max(0, Int((centre - Double(width) / 2).rounded())), max(0, size - width))
        return first..<min(size, first + width)
    }
}

/// Sums over windows of a picture and of the squares of its derivatives, by tables of sums (Crow 1984): a window costs the
/// same whatever its size.
private struct WindowSums {
    private let width: Int
    private var tables: [[Double]]

    init(_ picture: GreyPicture) {
        width = picture.width + 1
        let (right, bottom) = (picture.width - 1, picture.height - 1)
        let empty = [Double](repeating: 0, count: width * (picture.height + 1))
        tables = [[Double]](repeating: empty, count: SimpleFeatures.kinds)
        for y in 0...bottom {
            var line = [Double](repeating: 0, count: SimpleFeatures.kinds)
            for x in 0...right {
                func at(_ column: Int, _ row: Int) -> Double {
                    Double(picture.values[min(max(row, 0), bottom) * picture.width + min(max(column, 0), right)])
                }
                let value = at(x, y) / 255
                let across = (at(x + 1, y) - at(x - 1, y)) / 510
                let down = (at(x, y + 1) - at(x, y - 1)) / 510
                let curve = (at(x + 1, y) + at(x - 1, y) + at(x, y + 1) + at(x, y - 1)) / 255 - 4 * value
                let terms = [
                    value, value * value, across * across, (across + down) * (across + down) / 2, down * down,
                    (across - down) * (across - down) / 2, curve * curve,
                ]
                for (kind, term) in terms.enumerated() {
                    line[kind] += term
                    tables[kind][(y + 1) * width + x + 1] = tables[kind][y * width + x + 1] + line[kind]
                }
            }
        }
    }

    /// Energies become amplitudes by their roots: these are nearer to a normal distribution.
    func write(_ x: Range<Int>, _ y: Range<Int>, to values: inout [Float], at first: Int) {
        let area = Double(x.count * y.count)
        for (kind, table) in tables.enumerated() {
            let bottom = table[y.upperBound * width + x.upperBound] - table[y.upperBound * width + x.lowerBound]
            let top = table[y.lowerBound * width + x.upperBound] - table[y.lowerBound * width + x.lowerBound]
            let mean = max(0, (bottom - top) / area)
            switch kind {
            case 0: values[first] = Float(mean)
            case 1: values[first + 1] = Float(max(0, mean - Double(values[first] * values[first])).squareRoot())
            default: values[first + kind] = Float(mean.squareRoot())
            }
        }
    }
}
