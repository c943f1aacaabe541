import AndonSPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Replacing at an age or at failure, whichever comes first, and what that costs in the long run (Barlow and Hunter,
/// Operations Research 8(1), 1960).
struct AgeReplacement {
    let life: Weibull
    /// Of a planned replacement and of a failure, all told; in any money, both above 0.
    let planned: Double
    let failure: Double

    /// Money a day when replaced at `age`; without planned replacement for an infinite age.
    func cost(at age: Double) -> Double {
        let failed = life.cumulative(age)
        return (planned * (1 - failed) + failure * failed) / watched(age)
    }

    /// The age of least cost; nil where every longer one is better: without wear, or where a failure costs no more.
    ///
    /// There the rate of failure times the mean time in service, less the share that fails, is planned / (failure -
    /// planned); its left side rises with the age where the rate does.
    var optimum: Double? {
        guard life.shape > 1, failure > planned, planned > 0 else { return nil }
        let wanted = planned / (failure - planned)
        func excess(_ age: Double) -> Double {
            let rate = life.shape / life.scale * pow(age / life.scale, life.shape - 1)
            return rate * watched(age) - life.cumulative(age) - wanted
        }
        var low = 0.0
        var high = life.scale
        while excess(high) < 0 {
            low = high
            high *= 2
            guard high < 1e6 * life.scale else { return nil }
        }
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if excess(middle) < 0 { low = middle } else { high = middle }
        }
        return high
    }

    /// The mean time in service: the area under the survival curve to `age`.
    private func watched(_ age: Double) -> Double {
        guard age.isFinite else { return life.mean }
        let power = pow(age / life.scale, life.shape)
        return life.mean * ChiSquared(degrees: 2 / life.shape).cumulative(2 * power)
    }

    /// The age of least cost for lives of which only a sample is known, with an interval by the jackknife in groups
    /// (Shao and Tu, The Jackknife and Bootstrap, 1995, section 2.3) on the scale of the logarithm.
    ///
    /// - Returns: nil where any group left out leaves no optimum.
    static func optimum(_ lives: [Lifetime], planned: Double, failure: Double, confidence: Double) -> Estimate? {
        func age(_ lives: [Lifetime]) -> Double? {
            Weibull(fitting: lives).flatMap { AgeReplacement(life: $0, planned: planned, failure: failure).optimum }
        }
        // In the order of the times, so that the groups are alike and the order given is nothing to them.
        let sorted = lives.sorted { ($0.time, $0.isEvent ? 0 : 1) < ($1.time, $1.isEvent ? 0 : 1) }
        let groups = min(20, sorted.count)
        guard groups > 1, let value = age(sorted) else { return nil }
        var logs: [Double] = []
        for group in 0..<groups {
            let rest = sorted.enumerated().filter { $0.offset % groups != group }.map(\.element)
            guard let age = age(rest) else { return nil }
            logs.append(log(age))
        }
        let mean = logs.reduce(0, +) / Double(groups)
        let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * Double(groups - 1) / Double(groups)
        let width = exp(StudentT(degrees: Double(groups - 1)).quantile(0.5 + confidence / 2) * variance.squareRoot())
        return Estimate(value: value, lower: value / width, upper: value * width)
    }
}
