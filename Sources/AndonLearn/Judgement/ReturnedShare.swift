import AndonSPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many came back within a time, and how sure that is, with those that are still watched counted as such.
///
/// The tests hold for few cases and much censoring, where the band of Kaplan and Meier does not: the survival is taken
/// as a product of beta variables, one for each step, matched by its first two moments (Fay, Brittain and Proschan,
/// Biostatistics 14(4), 2013). Without censoring they are those of Clopper and Pearson.
struct ReturnedShare {
    /// Kaplan and Meier's share that came back by the time; nil where nothing was watched so long.
    let estimate: Double?
    /// Came back by the time.
    let returned: Int
    /// Came back by the time, or were watched to it.
    let followed: Int
    /// Of the survival: the distribution that bounds it from below; nil where it may be 0.
    private let low: Beta?
    /// And from above; nil where it may be 1.
    private let high: Beta?

    init(_ lives: [Lifetime], by time: Double) {
        let sorted = lives.sorted { $0.time < $1.time }
        var survival = 1.0
        var product = Moments()
        var next = 0
        var returned = 0
        while next < sorted.count, sorted[next].time <= time {
            let same = sorted[next...].prefix { $0.time == sorted[next].time }
            let events = same.count(where: \.isEvent)
            if events > 0 {
                let atRisk = sorted.count - next
                survival *= Double(atRisk - events) / Double(atRisk)
                product.multiply(Beta(a: Double(atRisk - events + 1), b: Double(events)))
            }
            returned += events
            next += same.count
        }
        let beyond = sorted.count - next + sorted[..<next].count { !$0.isEvent && $0.time == time }
        self.returned = returned
        followed = returned + beyond
        estimate = followed > 0 && (beyond > 0 || survival < 1) ? 1 - survival : nil
        high = returned > 0 ? product.beta : nil
        if beyond > 0 {
            product.multiply(Beta(a: Double(beyond), b: 1))
            low = product.beta
        } else {
            low = nil
        }
    }

    /// The p-value against `share` or more coming back.
    func chanceOfAtLeast(_ share: Double, circumstances: LogFactor = .one) -> Double {
        guard let low else { return 1 }
        return circumstances.average { factor in low.cumulative(pow(1 - share, factor)) }
    }

    /// The p-value against `share` or less coming back.
    func chanceOfAtMost(_ share: Double, circumstances: LogFactor = .one) -> Double {
        guard let high else { return 1 }
        return circumstances.average { factor in
            Beta(a: high.b, b: high.a).cumulative(1 - pow(1 - share, factor))
        }
    }

    /// The interval of the share, two-sided.
    func interval(confidence: Double) -> ClosedRange<Double> {
        let tail = (1 - confidence) / 2
        let lower = high.map { 1 - $0.quantile(1 - tail) } ?? 0
        let upper = low.map { 1 - $0.quantile(tail) } ?? 1
        return min(lower, upper)...upper
    }
}

/// The first two moments of a product of independent beta variables.
private struct Moments {
    private var first = 1.0
    private var second = 1.0

    mutating func multiply(_ factor: Beta) {
        let sum = factor.a + factor.b
        first *= factor.a / sum
        second *= factor.a * (factor.a + 1) / (sum * (sum + 1))
    }

    /// The beta variable with these moments.
    var beta: Beta? {
        let variance = second - first * first
        guard variance > 0, first > 0, first < 1 else { return nil }
        let size = first * (1 - first) / variance - 1
        return size > 0 ? Beta(a: first * size, b: (1 - first) * size) : nil
    }
}

/// A factor on the rate of return that is itself only known with an error: normal on the scale of its logarithm.
struct LogFactor: Hashable {
    var mean: Double
    var deviation: Double

    static let one = LogFactor(mean: 0, deviation: 0)

    /// The mean of a probability that depends on the factor. Steps of one deviation are exact to nine digits for a
    /// smooth function.
    func average(_ probability: (Double) -> Double) -> Double {
        guard deviation > 0 else { return probability(exp(mean)) }
        var sum = 0.0
        var weights = 0.0
        for step in -4...4 {
            let weight = Normal.density(Double(step))
            weights += weight
            sum += weight * probability(exp(mean + deviation * Double(step)))
        }
        return sum / weights
    }
}
