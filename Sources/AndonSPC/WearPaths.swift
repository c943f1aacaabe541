#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The ways in which a stream may go on, each with its weight.
///
/// Every way is a straight line by least squares on a time axis of its own: time as it is (steady wear), its exponential
/// (wear that feeds on itself), or time from an onset (wear that began within the data). The weights are posterior ones:
/// prior times likelihood, the variance put in at its best value; no way pays for its shape, because the shape is given
/// and not fitted. Averaging over the ways (Hoeting, Madigan, Raftery and Volinsky, Statistical Science 14, 1999) keeps
/// the date early while the data cannot tell them apart: choosing one by its fit does not.
struct WearPaths {
    enum Axis: Hashable {
        case straight
        /// Exponential growth, by this power of e in one span of the data.
        case exponential(Double)
        /// Level up to this time, in spans of the data before the last value.
        case onset(Double)

        func place(_ x: Double) -> Double {
            switch self {
            case .straight: x
            case .exponential(let rate): (exp(rate * x) - 1) / rate
            case .onset(let start): max(x, start)
            }
        }
    }

    struct Path {
        var axis: Axis
        var weight = 0.0
        var mean: Double
        var slope: Double
        var meanAxis: Double
        var spread: Double
        /// Sum of squares.
        var residual: Double

        func level(at x: Double) -> Double { mean + slope * (axis.place(x) - meanAxis) }
    }

    /// Shapes of one kind, equally probable beforehand by their place in the list.
    private struct Family {
        var prior: Double
        var shapes: [Double]
        var axis: (Double) -> Axis

        /// At a place between two shapes, the shape between them.
        func axis(at place: Double) -> Axis {
            let whole = min(Int(place), shapes.count - 2)
            let part = place - Double(whole)
            return axis(shapes[whole] * (1 - part) + shapes[whole + 1] * part)
        }
    }

    /// The shares are those that cover best in the simulations: 1 for steady wear, 1.5 for wear that feeds on itself, and
    /// 0.75 for wear that began.
    private static var families: [Family] {
        [
            Family(prior: 1.5, shapes: [1, 2, 3, 4.5, 6], axis: Axis.exponential),
            Family(prior: 0.75, shapes: [-0.85, -0.7, -0.55, -0.4, -0.28, -0.18], axis: Axis.onset),
        ]
    }

    /// A way that is less likely than this says nothing.
    private static let weightMin = 1e-3
    private static let roundsOfRefinement = 5

    /// The heaviest first.
    private(set) var paths: [Path] = []
    /// One level before a jump and another one after it explain the values better than any wear.
    private(set) var isStep = false
    /// How much serial correlation blows up the variance of a mean: (1 + r) / (1 - r) of an autoregression.
    private let inflation: Double
    private let degrees: Double
    private let size: Double

    /// - Parameters:
    ///   - x: -1...0, rising, at least five.
    ///   - y: of moderate size.
    /// - Returns: nil where the values are all one.
    init?(_ x: [Double], _ y: [Double]) {
        let n = Double(x.count)
        let total = Self.squares(y)
        // What is left of a perfect fit is rounding.
        let floor = total * 1e-16
        guard total > 0, x.count > 4, let line = Path(.straight, weight: 1, x, y, floor: floor) else { return nil }
        var all = [line]
        for family in Self.families { all += Self.refined(family, x, y, floor: floor) }
        guard let best = all.min(by: { $0.residual < $1.residual }) else { return nil }
        let correlation = Self.correlation(zip(x, y).map { $1 - best.level(at: $0) })
        inflation = (1 + correlation) / (1 - correlation)
        let effective = max(4, n / inflation)
        (size, degrees) = (n, effective - 2)
        for place in all.indices { all[place].weight *= pow(best.residual / all[place].residual, effective / 2) }
        let sum = all.reduce(0) { $0 + $1.weight }
        for place in all.indices { all[place].weight /= sum }
        paths = all.filter { $0.weight > Self.weightMin }.sorted { $0.weight > $1.weight }
        isStep = Self.isStep(y, total: total, floor: floor, best: best, line: line.residual, effective: effective)
    }

    /// All shapes of a family, and ever closer ones about the best: values of little noise tell shapes apart that are
    /// closer than those of the list, and none of which would be right.
    private static func refined(_ family: Family, _ x: [Double], _ y: [Double], floor: Double) -> [Path] {
        var found: [(place: Double, path: Path)] = []
        func look(_ place: Double) {
            guard let path = Path(family.axis(at: place), weight: family.prior, x, y, floor: floor) else { return }
            found.insert((place, path), at: found.firstIndex { $0.place > place } ?? found.count)
        }
        for place in family.shapes.indices { look(Double(place)) }
        for _ in 0..<roundsOfRefinement {
            guard let best = found.indices.min(by: { found[$0].path.residual < found[$1].path.residual }) else { break }
            let centre = found[best].place
            let beside = [best - 1, best + 1].filter(found.indices.contains).map { found[$0].place }
            for place in beside { look((centre + place) / 2) }
        }
        let (before, after) = (found.first.map { $0.place - 0.5 } ?? 0, found.last.map { $0.place + 0.5 } ?? 0)
        for place in found.indices {
            let low = place > 0 ? (found[place - 1].place + found[place].place) / 2 : before
            let high = place + 1 < found.count ? (found[place].place + found[place + 1].place) / 2 : after
            found[place].path.weight *= (high - low) / Double(family.shapes.count)
        }
        return found.map(\.path)
    }

    private static func squares(_ y: [Double]) -> Double {
        let mean = PhaseOne.mean(y)
        return y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }

    /// Of neighbours, 0...0.95, corrected for what fitting a line takes from it.
    private static func correlation(_ residuals: [Double]) -> Double {
        let n = Double(residuals.count)
        let total = residuals.reduce(0) { $0 + $1 * $1 }
        guard total > 0 else { return 0 }
        let product = zip(residuals.dropFirst(), residuals).reduce(0) { $0 + $1.0 * $1.1 }
        return min(0.95, max(0, (n * product / total + 2) / (n - 4)))
    }

    /// By the Bayesian information criterion: two levels and the place of the jump against the best way of wear.
    private static func isStep(
        _ y: [Double], total: Double, floor: Double, best: Path, line: Double, effective: Double
    ) -> Bool {
        let mean = PhaseOne.mean(y)
        var gain = 0.0
        var sum = y[0] - mean
        for place in 1..<y.count - 2 {
            sum += y[place] - mean
            let before = Double(place + 1)
            gain = max(gain, sum * sum * (1 / before + 1 / (Double(y.count) - before)))
        }
        func criterion(_ residual: Double, parameters: Double) -> Double {
            effective * log(max(residual, floor)) + parameters * log(effective)
        }
        let wear = min(criterion(line, parameters: 2), criterion(best.residual, parameters: 3))
        return criterion(total - gain, parameters: 3) < wear
    }

    /// Residual standard deviation of the heaviest path.
    var sigma: Double { (paths[0].residual / (size - 2)).squareRoot() }

    func level(at x: Double) -> Double { paths.reduce(0) { $0 + $1.weight * $1.level(at: x) } }

    /// When the edges of the prediction band of one further value, and its middle, rise to `threshold`.
    ///
    /// - Parameters:
    ///   - confidence: of the band.
    ///   - reach: how far the band is followed, in spans of the data after the last value.
    /// - Returns: in spans of the data from the last value, -1 at the earliest; nil where the band does not close within
    ///   `reach`.
    func crossing(_ threshold: Double, confidence: Double, reach: Double) -> Trend.Crossing? {
        let tail = (1 - confidence) / 2
        guard let last = time(threshold, 1 - tail, reach: reach), let expected = time(threshold, 0.5, reach: last),
            let first = time(threshold, tail, reach: expected)
        else { return nil }
        return Trend.Crossing(first: first, expected: expected, last: last)
    }

    /// How probable it is that a value at `x` lies beyond the threshold.
    private func probability(_ threshold: Double, at x: Double) -> Double {
        var sum = 0.0
        for path in paths {
            let away = path.axis.place(x) - path.meanAxis
            let variance =
                path.residual / (size - 2) * (1 + inflation * (1 / size + away * away / path.spread))
            let t = (path.mean + path.slope * away - threshold) / variance.squareRoot()
            sum += path.weight * student(t)
        }
        return sum
    }

    /// Student's t by Wallace's normal approximation (Annals of Mathematical Statistics 30, 1959), to about a thousandth.
    private func student(_ t: Double) -> Double {
        let z = (degrees * log1p(t * t / degrees)).squareRoot() * (8 * degrees + 1) / (8 * degrees + 3)
        return Normal.cumulative(t < 0 ? -z : z)
    }

    /// When that probability reaches `wanted`: by the Illinois variant of the false position (Dowell and Jarratt, BIT 11,
    /// 1971).
    private func time(_ threshold: Double, _ wanted: Double, reach: Double) -> Double? {
        var (low, high) = (-1.0, reach)
        var below = probability(threshold, at: low) - wanted
        guard below < 0 else { return low }
        var above = probability(threshold, at: high) - wanted
        guard above >= 0 else { return nil }
        var moved = 0
        for _ in 0..<100 {
            guard high - low > 1e-9 else { break }
            let middle = moved.magnitude > 2 ? (low + high) / 2 : high - above * (high - low) / (above - below)
            let value = probability(threshold, at: middle) - wanted
            if value < 0 {
                (low, below) = (middle, value)
                if moved < 0 { above /= 2 }
                moved = min(moved, 0) - 1
            } else {
                (high, above) = (middle, value)
                if moved > 0 { below /= 2 }
                moved = max(moved, 0) + 1
            }
        }
        return high
    }
}

extension WearPaths.Path {
    init?(_ axis: WearPaths.Axis, weight: Double, _ x: [Double], _ y: [Double], floor: Double) {
        let places = x.map(axis.place)
        let (meanAxis, mean) = (PhaseOne.mean(places), PhaseOne.mean(y))
        var (spread, product, total) = (0.0, 0.0, 0.0)
        for place in y.indices {
            let (dx, dy) = (places[place] - meanAxis, y[place] - mean)
            spread += dx * dx
            product += dx * dy
            total += dy * dy
        }
        guard spread > 0 else { return nil }
        self.init(
            axis: axis, weight: weight, mean: mean, slope: product / spread, meanAxis: meanAxis, spread: spread,
            residual: max(floor, total - product / spread * product))
    }
}
