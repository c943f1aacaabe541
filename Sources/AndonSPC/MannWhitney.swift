/// The test of Mann and Whitney of whether values of one sample tend to be greater than those of another (Annals of
/// Mathematical Statistics 18(1), 1947), by the normal approximation with the correction for ties and for continuity
/// (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd edition, section 4.1). Of use from some eight
/// values a sample.
public struct MannWhitney: Codable, Hashable, Sendable {
    /// Pairs of a value of each sample in which the first sample's is the greater; equal ones count as a half.
    public var u: Double
    /// `u` as a share of all pairs: 0.5 where neither tends to be greater.
    public var share: Double
    /// Two-sided.
    public var p: Double

    /// - Returns: nil without a value in each sample, for values that are all equal, and for one that is NaN.
    public init?(_ a: [Double], _ b: [Double]) {
        guard !a.isEmpty, !b.isEmpty, !a.contains(where: \.isNaN), !b.contains(where: \.isNaN) else { return nil }
        let sorted = (a.map { (value: $0, isFirst: true) } + b.map { (value: $0, isFirst: false) })
            .sorted { $0.value < $1.value }
        var ranks = 0.0
        var ties = 0.0
        var next = 0
        while next < sorted.count {
            let same = sorted[next...].prefix { $0.value == sorted[next].value }
            let size = Double(same.count)
            ranks += Double(same.count(where: \.isFirst)) * (Double(next) + (size + 1) / 2)
            ties += size * (size - 1) * (size + 1)
            next += same.count
        }
        let (own, others, all) = (Double(a.count), Double(b.count), Double(sorted.count))
        u = ranks - own * (own + 1) / 2
        share = u / (own * others)
        let variance = own * others / 12 * (all + 1 - ties / (all * (all - 1)))
        // All equal.
        guard variance > all * all * all * 1e-12 else { return nil }
        let distance = abs(u - own * others / 2) - 0.5
        p = min(1, 2 * Normal.cumulative(-distance / variance.squareRoot()))
    }
}
