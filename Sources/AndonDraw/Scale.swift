/// An axis of values: where a value lies and what is written beside it.
struct Scale: Hashable, Sendable {
    struct Tick: Hashable, Sendable {
        var value: Double
        var label: String
    }

    var low: Double
    var high: Double
    var ticks: [Tick]

    /// An axis that shows all of `values`, with about `count` ticks at round numbers.
    ///
    /// No values give 0...1; one value, or values that a plot cannot tell apart, get room on both sides. An axis of
    /// values that are never negative does not go below zero.
    init(showing values: [Double], ticks count: Int) {
        let held = values.lazy.filter(\.isFinite).map { min(max($0, -NumberText.largest), NumberText.largest) }
        guard var low = held.min(), var high = held.max() else {
            self.init(0, 1, count)
            return
        }
        let isPositive = low >= 0
        let size = max(abs(low), abs(high))
        // Written with halves: the difference of two huge numbers is infinite.
        let isFlat = size < 1e-290 || high / 2 - low / 2 <= size * 1e-9
        let room = isFlat ? (size < 1e-290 ? 1 : size * 0.1) : (high - low) * 0.04
        low -= room
        high += room
        self.init(isPositive ? max(0, low) : low, high, count)
    }

    private init(_ low: Double, _ high: Double, _ count: Int) {
        self.low = low
        self.high = high
        let step = Self.roundStep((high - low) / Double(max(1, count)))
        let first = Int((low / step).rounded(.up))
        let last = Int((high / step).rounded(.down))
        ticks = (first...max(first, last)).prefix(40).map { index in
            let value = Double(index) * step
            return Tick(value: value, label: Self.label(value, step))
        }
    }

    /// 0 at the low end, 1 at the high end.
    func fraction(_ value: Double) -> Double { (value - low) / (high - low) }

    /// The smallest of 1, 2, 5 times a power of ten that is not below `step`.
    static func roundStep(_ step: Double) -> Double {
        let decade = NumberText.power(NumberText.decade(step))
        return [1, 2, 5].map { $0 * decade }.first { $0 >= step * 0.999_999 } ?? 10 * decade
    }

    private static func label(_ value: Double, _ step: Double) -> String {
        guard value != 0 else { return "0" }
        let place = NumberText.decade(step)
        let top = NumberText.decade(value)
        if place >= -6, top < 7 { return NumberText.fixed(value, decimals: max(0, -place)) }
        return NumberText.significant(value, digits: min(12, max(1, top - place + 1)))
    }
}
