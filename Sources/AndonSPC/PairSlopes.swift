/// The slopes of all pairs of values, of which Theil and Sen's slope and its interval are three ranks.
struct PairSlopes {
    private var slopes: [Double] = []
    private var middle: Double?

    /// - Parameter times: the real axis; pairs of equal times are left out.
    init(_ times: [Double], _ values: [Double]) {
        slopes.reserveCapacity(values.count * (values.count - 1) / 2)
        times.withUnsafeBufferPointer { times in
            values.withUnsafeBufferPointer { values in
                for i in values.indices {
                    for j in i + 1..<values.count where times[i] != times[j] {
                        slopes.append((values[j] - values[i]) / (times[j] - times[i]))
                    }
                }
            }
        }
    }

    /// The median of the slopes; nil where there are none.
    mutating func median() -> Double? {
        if let middle { return middle }
        guard !slopes.isEmpty else { return nil }
        let count = slopes.count
        let upper = rank(count / 2)
        middle = count.isMultiple(of: 2) ? (rank(count / 2 - 1) + upper) / 2 : upper
        return middle
    }

    /// Sen's interval by ranks, rounded as SciPy's theilslopes has it.
    ///
    /// - Parameter variance: of Mann and Kendall's S.
    mutating func slope(confidence: Double, variance: Double) -> Trend.Slope? {
        guard let median = median() else { return nil }
        let count = Double(slopes.count)
        let half = Normal.quantile(1 - (1 - confidence) / 2) * max(0, variance).squareRoot()
        // Ranks from 1.
        let upper = min(((count + half) / 2).rounded(), count - 1)
        let lower = max(((count - half) / 2).rounded() - 1, 0)
        return Trend.Slope(slope: median, lower: rank(Int(lower)), upper: rank(Int(upper)))
    }

    /// The value of a rank, from 0 (Hoare's quickselect, Communications of the ACM 4, 1961): sorting all the pairs of a
    /// hundred values would cost more than all else that a forecast does.
    private mutating func rank(_ wanted: Int) -> Double {
        slopes.withUnsafeMutableBufferPointer { slopes in
            var (low, high) = (0, slopes.count - 1)
            while low < high {
                let pivot = slopes[low + (high - low) / 2]
                var (i, j) = (low, high)
                while i <= j {
                    while slopes[i] < pivot { i += 1 }
                    while slopes[j] > pivot { j -= 1 }
                    if i <= j {
                        slopes.swapAt(i, j)
                        i += 1
                        j -= 1
                    }
                }
                if wanted <= j {
                    high = j
                } else if wanted >= i {
                    low = i
                } else {
                    break
                }
            }
            return slopes[wanted]
        }
    }
}
