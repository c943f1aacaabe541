/// The values that can be used, in the order of time, and the same put on axes on which no number is large: times from -1
/// to 0, values within -1...1, wear upwards.
struct ForecastSeries {
    struct Scaled {
        var x: [Double]
        var y: [Double]
        /// In days.
        var span: Double
        fileprivate var last: Double
        fileprivate var unit: Double
        var isMirrored: Bool

        private var sign: Double { isMirrored ? -1 : 1 }

        /// Infinite for a threshold that is no number or out of all proportion: such a one is never reached.
        func scale(_ value: Double) -> Double {
            let scaled = sign * value / unit
            return scaled.isFinite ? scaled : value.isFinite && scaled < 0 ? -.greatestFiniteMagnitude : .infinity
        }

        func value(_ y: Double) -> Double { Self.finite(sign * y * unit) }
        func size(_ y: Double) -> Double { Self.finite(y * unit) }
        func time(_ x: Double) -> Double { Self.finite(last + x * span) }
        /// A day.
        func rate(_ slope: Double) -> Double { Self.finite(sign * slope * unit / span) }

        func slope(_ slope: Trend.Slope) -> Trend.Slope {
            let ends = [rate(slope.lower), rate(slope.upper)].sorted()
            return Trend.Slope(slope: rate(slope.slope), lower: ends[0], upper: ends[1])
        }

        /// JSON has no infinity.
        private static func finite(_ value: Double) -> Double {
            value.isNaN ? 0 : min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
        }
    }

    private let pairs: [(time: Double, value: Double)]
    private let rising: Bool

    init(_ times: [Double], _ values: [Double], rising: Bool) {
        let usable = zip(times, values).filter { $0.isFinite && $1.isFinite }
        let isOrdered = zip(usable, usable.dropFirst()).allSatisfy { $0.0 <= $1.0 }
        pairs = (isOrdered ? usable : usable.sorted { $0.0 < $1.0 }).map { (time: $0.0, value: $0.1) }
        self.rising = rising
    }

    var count: Int { pairs.count }
    var last: Double? { pairs.last?.time }

    var median: Double? { pairs.map(\.value).median }

    /// nil for fewer than three times, or an axis too long for a number.
    var scaled: Scaled? {
        guard let first = pairs.first?.time, let last, last > first, (last - first).isFinite,
            pairs.contains(where: { $0.time > first && $0.time < last })
        else { return nil }
        let span = last - first
        let largest = pairs.reduce(0) { max($0, abs($1.value)) }
        let unit = largest > 0 ? largest : 1
        return Scaled(
            x: pairs.map { ($0.time - last) / span }, y: pairs.map { (rising ? $0.value : -$0.value) / unit },
            span: span, last: last, unit: unit, isMirrored: !rising)
    }
}

extension [Double] {
    /// Nil when there is none.
    public var median: Double? {
        let sorted = sorted()
        guard let middle = sorted.indices.dropFirst(sorted.count / 2).first else { return nil }
        return sorted.count.isMultiple(of: 2) ? sorted[middle - 1] / 2 + sorted[middle] / 2 : sorted[middle]
    }
}
