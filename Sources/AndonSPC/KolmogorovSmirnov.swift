#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The test of Kolmogorov and Smirnov of whether two samples come from one distribution, whatever differs: the place, the
/// spread or the form.
public struct KolmogorovSmirnov: Codable, Hashable, Sendable {
    /// The greatest distance of the two empirical distribution functions, 0...1.
    public var distance: Double
    /// P(one so great by chance).
    public var p: Double
    /// Whether `p` is that of all ways to deal the values out to two samples of these sizes, ties and all (Schröer and
    /// Trenkler, Computational Statistics and Data Analysis 20(2), 1995), and not Kolmogorov's limit, which is too great
    /// for small samples and for tied values.
    public var isExact: Bool

    /// - Parameter exactPairs: up to so many pairs of a value of each sample `p` is exact, in time that grows with them.
    /// - Returns: nil without a value in each sample and for one that is NaN.
    public init?(_ a: [Double], _ b: [Double], exactPairs: Int = 4_000_000) {
        guard !a.isEmpty, !b.isEmpty, !a.contains(where: \.isNaN), !b.contains(where: \.isNaN) else { return nil }
        let walk = Walk(a, b)
        let pairs = Double(a.count) * Double(b.count)
        distance = Double(walk.greatest) / pairs
        isExact = pairs <= Double(exactPairs)
        p = isExact ? walk.exactTail() : Self.limit(distance * (pairs / Double(a.count + b.count)).squareRoot())
    }

    /// P(K > x) of Kolmogorov's distribution, by the series that falls fast (Kolmogorov, Giornale dell'Istituto Italiano
    /// degli Attuari 4, 1933).
    static func limit(_ x: Double) -> Double {
        guard x > 0 else { return 1 }
        var sum = 0.0
        if x > 1 {
            for k in 1...10 {
                let term = exp(-2 * Double(k * k) * x * x)
                sum += k.isMultiple(of: 2) ? -term : term
            }
            return 2 * sum
        }
        for k in 1...10 {
            let odd = Double(2 * k - 1) * Double.pi / x
            sum += exp(-odd * odd / 8)
        }
        return max(0, 1 - (2 * Double.pi).squareRoot() / x * sum)
    }
}

/// Both samples as a walk over the sorted values: a step right for one of the first, up for one of the second.
private struct Walk {
    private let width: Int
    private let height: Int
    /// After so many values the next one is greater, so that the functions may be compared there.
    private let isStop: [Bool]
    /// The distance of the walk from the diagonal, times width times height.
    let greatest: Int

    init(_ a: [Double], _ b: [Double]) {
        width = a.count
        height = b.count
        let sorted = (a.map { (value: $0, isFirst: true) } + b.map { (value: $0, isFirst: false) })
            .sorted { $0.value < $1.value }
        var isStop = Array(repeating: true, count: sorted.count + 1)
        var greatest = 0
        var right = 0
        for index in sorted.indices {
            if sorted[index].isFirst { right += 1 }
            let next = index + 1
            isStop[next] = next == sorted.count || sorted[next].value != sorted[index].value
            if isStop[next] { greatest = max(greatest, abs(right * b.count - (next - right) * a.count)) }
        }
        self.isStop = isStop
        self.greatest = greatest
    }

    /// The share of all walks that come so far from the diagonal at some stop: of a place on it, the mean of those of the
    /// two places before it by the walks that come from them. Nothing is subtracted, so a small share keeps its digits.
    func exactTail() -> Double {
        guard greatest > 0 else { return 1 }
        var tail = Array(repeating: 0.0, count: height + 1)
        for right in 0...width {
            for up in 0...height {
                if isStop[right + up], abs(right * height - up * width) >= greatest {
                    tail[up] = 1
                } else if right + up > 0 {
                    let here = right > 0 ? tail[up] * Double(right) : 0
                    let below = up > 0 ? tail[up - 1] * Double(up) : 0
                    tail[up] = (here + below) / Double(right + up)
                }
            }
        }
        return tail[height]
    }
}
