/// How a camera showed its scene when all was well. It can be kept, so that a camera that was moved while nobody looked is
/// found after a restart.
public struct CameraReference: Sendable, Hashable, Codable {
    /// Of the reduced copy; a reference of another size does not count.
    public var width: Int
    public var height: Int
    /// Median variance of the Laplacian over the squared mean brightness.
    public var sharpness: Double
    /// Median strength of the upright edges in each column of the still zone, and of the level ones in each row.
    public var columns: [Float]
    public var rows: [Float]
    /// How well a frame of those that were learned is like the reference: the lower tenth of the correlations, -1...1.
    public var likeness: Double

    init(_ views: [SceneView]) {
        width = views.first?.width ?? 0
        height = views.first?.height ?? 0
        sharpness = Self.quantile(views.map(\.sharpness), 0.5)
        columns = Self.medians(views.map(\.columns))
        rows = Self.medians(views.map(\.rows))
        likeness = 0
        likeness = Self.quantile(views.map { $0.shift(against: self, by: 0, by: 0).correlation }, 0.1)
    }

    /// Whether this can be a reference for frames whose views are such as this one.
    func fits(_ view: SceneView) -> Bool {
        width == view.width && height == view.height && columns.count == view.columns.count
            && rows.count == view.rows.count && sharpness.isFinite && likeness.isFinite
    }

    static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private static func medians(_ profiles: [[Float]]) -> [Float] {
        guard let first = profiles.first else { return [] }
        return first.indices.map { index in Float(quantile(profiles.map { Double($0[index]) }, 0.5)) }
    }
}

/// What is judged of one frame: brightness, sharpness, and where its edges lie.
struct SceneView: Sendable {
    /// Where the scene lies against the reference, in pixels of the reduced copy, and how like it is there, -1...1.
    struct Shift: Sendable {
        var across = 0
        var down = 0
        var correlation = 0.0
    }

    let width: Int
    let height: Int
    /// Mean brightness, and the values that 5 and 95 of 100 pixels do not exceed.
    let mean: Double
    let low: Double
    let high: Double
    let sharpness: Double
    let columns: [Float]
    let rows: [Float]

    /// - Parameter zone: in shares of the sides.
    init(_ picture: GreyPicture, zone: PictureZone) {
        width = picture.width
        height = picture.height
        var counts = [Int](repeating: 0, count: 256)
        for value in picture.values { counts[min(255, Int(value))] += 1 }
        mean = Double(picture.values.reduce(0, +)) / Double(picture.values.count)
        low = Self.percentile(counts, 0.05, of: picture.values.count)
        high = Self.percentile(counts, 0.95, of: picture.values.count)
        let edges = Edges(picture, x: zone.columns(of: picture.width), y: zone.rows(of: picture.height))
        // Twice the light gives four times the variance: over the squared mean, light that drifts does not count.
        sharpness = edges.laplacianVariance / max(1, mean * mean)
        columns = edges.columns
        rows = edges.rows
    }

    private static func percentile(_ counts: [Int], _ share: Double, of total: Int) -> Double {
        var seen = 0
        for (level, count) in counts.enumerated() {
            seen += count
            if Double(seen) >= share * Double(total) { return Double(level) }
        }
        return 255
    }

    /// The shift, at most so many pixels to each side, at which the edges lie best on those of the reference: normalised
    /// correlation of the profiles, which light does not change. Columns and rows are matched each for itself.
    func shift(against reference: CameraReference, by across: Int, by down: Int) -> Shift {
        let (x, alike) = Self.best(columns, reference.columns, by: across)
        let (y, alikeDown) = Self.best(rows, reference.rows, by: down)
        return Shift(across: x, down: y, correlation: min(alike, alikeDown))
    }

    private static func best(_ profile: [Float], _ reference: [Float], by limit: Int) -> (Int, Double) {
        var best = (0, correlation(profile, reference, shifted: 0))
        for shift in 1..<max(2, min(limit + 1, profile.count / 2)) where limit > 0 {
            for signed in [-shift, shift] {
                let found = correlation(profile, reference, shifted: signed)
                if found > best.1 + 1e-9 { best = (signed, found) }
            }
        }
        return best
    }

    /// Pearson's correlation of the part in which both lie on each other; 0 when one of them is even.
    private static func correlation(_ profile: [Float], _ reference: [Float], shifted: Int) -> Double {
        let range = max(0, shifted)..<min(profile.count, profile.count + shifted)
        guard range.count > 2 else { return 0 }
        var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for index in range {
            let (a, b) = (Double(profile[index]), Double(reference[index - shifted]))
            x += a
            y += b
            xx += a * a
            yy += b * b
            xy += a * b
        }
        let n = Double(range.count)
        let spread = (xx - x * x / n) * (yy - y * y / n)
        return spread > 1e-12 ? (xy - x * y / n) / spread.squareRoot() : 0
    }
}

/// A part of a picture in shares of its sides.
struct PictureZone: Sendable {
    var left = 0.0
    var top = 0.0
    var right = 1.0
    var bottom = 1.0

    func columns(of width: Int) -> Range<Int> { Self.cut(left, right, width) }
    func rows(of height: Int) -> Range<Int> { Self.cut(top, bottom, height) }

    private static func cut(_ from: Double, _ to: Double, _ size: Int) -> Range<Int> {
        let first = min(max(0, Int((from * Double(size)).rounded())), size - 1)
        return first..<max(first + 1, min(size, Int((to * Double(size)).rounded())))
    }
}

/// Edges in a part of a picture.
private struct Edges {
    var laplacianVariance = 0.0
    var columns: [Float]
    var rows: [Float]

    init(_ picture: GreyPicture, x: Range<Int>, y: Range<Int>) {
        columns = [Float](repeating: 0, count: x.count)
        rows = [Float](repeating: 0, count: y.count)
        let (width, values) = (picture.width, picture.values)
        var (sum, squares, count) = (0.0, 0.0, 0.0)
        for row in y where row > 0 && row < picture.height - 1 {
            for column in x where column > 0 && column < width - 1 {
                let at = row * width + column
                let (left, right, above, below) = (
                    values[at - 1], values[at + 1], values[at - width], values[at + width]
                )
                columns[column - x.lowerBound] += abs(right - left)
                rows[row - y.lowerBound] += abs(below - above)
                let curve = Double(left + right + above + below - 4 * values[at])
                sum += curve
                squares += curve * curve
                count += 1
            }
        }
        if count > 0 { laplacianVariance = max(0, squares / count - (sum / count) * (sum / count)) }
    }
}
