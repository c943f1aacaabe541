/// The weights of one axis of an antialiased bilinear resize, as Pillow computes them (`precompute_coeffs` and
/// `normalize_coeffs_8bpc` of its Resample.c): a triangle, as wide as the shrinking, in fixed point.
struct ResizeFilter {
    /// 32 bits less 8 for the sample and 2 for safety.
    static let precision: UInt32 = 32 - 8 - 2

    /// For each output sample the first input sample; those after it follow without a gap.
    let firsts: [Int]
    /// Where the weights of an output sample begin; one more entry than there are samples.
    let offsets: [Int]
    /// In units of 2^-22. None is negative, and those of a sample sum to 2^22 but for their rounding, so that a sum over
    /// 8-bit samples stays below 2^31.
    let weights: [UInt32]

    /// - Precondition: `0 <= from < to <= length`, and `output` is at least 1.
    init(length: Int, from: Float, to: Float, output: Int) {
        let scale = Double(to - from) / Double(output)
        let support = max(scale, 1)
        var (firsts, offsets, weights) = ([Int](), [0], [UInt32]())
        firsts.reserveCapacity(output)
        offsets.reserveCapacity(output + 1)
        for index in 0..<output {
            let centre = Double(from) + (Double(index) + 0.5) * scale
            let first = max(Int(centre - support + 0.5), 0)
            let end = min(Int(centre + support + 0.5), length)
            let raw = (first..<end).map { max(0, 1 - abs((Double($0) - centre + 0.5) * (1 / support))) }
            let sum = raw.reduce(0, +)
            let fixed = raw.map { UInt32(0.5 + (sum == 0 ? $0 : $0 / sum) * Double(1 << Self.precision)) }
            // Weights of zero at the ends change nothing and cost time.
            let lead = fixed.prefix { $0 == 0 }.count
            let kept = fixed.dropFirst(lead).reversed().drop { $0 == 0 }.reversed()
            firsts.append(first + lead)
            weights += kept
            offsets.append(weights.count)
        }
        (self.firsts, self.offsets, self.weights) = (firsts, offsets, weights)
    }

    /// The input samples that any output sample looks at.
    var reach: Range<Int> {
        var (low, high) = (Int.max, 0)
        for index in firsts.indices where offsets[index + 1] > offsets[index] {
            low = min(low, firsts[index])
            high = max(high, firsts[index] + offsets[index + 1] - offsets[index])
        }
        return min(low, high)..<high
    }
}
