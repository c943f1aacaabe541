extension Trend {
    /// Mann and Kendall's test for values that depend on those before them: the variance of S is multiplied by what the
    /// autocorrelation of the ranks of the detrended values says (Hamed and Rao, Journal of Hydrology 204, 1998).
    ///
    /// - Parameters:
    ///   - times: the axis on which the trend is taken out, by Theil and Sen's slope.
    ///   - lags: how many lags are looked at; all by default, as the authors have it.
    ///   - significance: of an autocorrelation, two-sided; smaller ones count as none.
    /// - Returns: nil where there is no Mann-Kendall test, or no slope.
    public static func hamedRao(
        _ times: [Double], _ values: [Double], lags: Int? = nil, significance: Double = 0.05
    ) -> MannKendall? {
        guard let test = mannKendall(values), let slope = theilSen(times, values)?.slope else { return nil }
        let factor = varianceFactor(times, values, slope: slope, lags: lags, significance: significance)
        return test.corrected(by: factor)
    }

    /// Hamed and Rao's factor n/n*, which multiplies the variance of S. Below 1 where neighbours repel each other; it can
    /// even fall below zero, for it is an estimate.
    static func varianceFactor(
        _ times: [Double], _ values: [Double], slope: Double, lags: Int?, significance: Double
    ) -> Double {
        let n = values.count
        let size = Double(n)
        let centred = ranks(zip(times, values).map { $1 - slope * $0 }).map { $0 - (size + 1) / 2 }
        let total = centred.reduce(0) { $0 + $1 * $1 }
        guard total > 0, n > 2 else { return 1 }
        let bound = Normal.quantile(1 - significance / 2) / size.squareRoot()
        var sum = 0.0
        for lag in 1...max(1, min(lags ?? n - 1, n - 1)) {
            var product = 0.0
            for i in lag..<n { product += centred[i] * centred[i - lag] }
            let correlation = product / total
            guard abs(correlation) > bound else { continue }
            let left = size - Double(lag)
            sum += left * (left - 1) * (left - 2) * correlation
        }
        return 1 + 2 * sum / (size * (size - 1) * (size - 2))
    }

    /// From 1; equal values share the mean of their ranks.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
            for place in start...end { ranks[order[place]] = Double(start + end) / 2 + 1 }
            start = end + 1
        }
        return ranks
    }
}

extension Trend.MannKendall {
    /// The test of the same values with their signs turned.
    var mirrored: Trend.MannKendall {
        var test = self
        (test.s, test.z, test.tau) = (-s, -z, -tau)
        return test
    }

    /// The same score, of another variance; one that is not positive leaves no score to be sure of.
    func corrected(by factor: Double) -> Trend.MannKendall {
        var test = self
        test.variance *= factor
        test.z = s == 0 || test.variance <= 0 ? 0 : (s - (s > 0 ? 1 : -1)) / test.variance.squareRoot()
        test.p = 2 * Normal.cumulative(-abs(test.z))
        return test
    }
}
