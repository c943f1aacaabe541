import AndonSPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension MeasuredChange {
    /// - Throws: where the periods cannot be compared.
    public init(
        before: TimedPeriod, after: TimedPeriod, limits: ChangeLimits
    ) throws(MeasuredChangeError) {
        guard before.definition == after.definition else {
            throw .differentDefinitions(before: before.definition, after: after.definition)
        }
        let all = [before, after].map { period in
            Dictionary(grouping: period.orders.filter { $0.life.time.isFinite && $0.life.time >= 0 }, by: \.defect)
        }
        let classes = Set(all[0].keys).union(all[1].keys)
        let counts = Dictionary(uniqueKeysWithValues: classes.map { name in (name, all.map { $0[name]?.count ?? 0 }) })
        let kept = counts.filter { $0.value.allSatisfy { $0 >= limits.leastOrders } }
        let sum = Double(kept.values.reduce(0) { $0 + $1[0] + $1[1] })
        guard sum > 0 else { throw .noCommonClass(least: limits.leastOrders) }
        let mix = kept.mapValues { Double($0[0] + $0[1]) / sum }
        leftOut = counts.filter { kept[$0.key] == nil }.mapValues { $0[0] + $0[1] }
        let sides = all.map { groups in
            StandardisedCurve(
                kept.keys.sorted().map { (weight: mix[$0] ?? 0, lives: groups[$0]?.map(\.life) ?? []) })
        }
        let horizon = sides.map { $0.watched(by: limits.leastOrders) }.reduce(limits.horizon, min)
        guard horizon > 0, let first = sides[0].mean(to: horizon), let second = sides[1].mean(to: horizon),
            let ratio = second.ratio(to: first, confidence: limits.confidence)
        else { throw .noTime(horizon: limits.horizon) }
        self.mix = mix
        self.horizon = horizon
        definition = before.definition
        claim = limits.claim
        meanRatio = ratio
        medianRatio = sides[1].medianRatio(to: sides[0], confidence: limits.confidence)
        // Up to a time by which hardly any order was done before, both means are that time: no sign of no change.
        let isTold = sides[0].survival(at: horizon) <= 0.5
        verdict =
            ratio.upper <= 1 - claim ? .shown : ratio.lower > 1 - claim && isTold ? .refuted : .cannotBeTold
        self.before = Side(sides[0], mean: first.value)
        self.after = Side(sides[1], mean: second.value)
    }
}

extension MeasuredChange.Side {
    fileprivate init(_ curve: StandardisedCurve, mean: Double) {
        self.init(orders: curve.orders, open: curve.open, mean: mean, median: curve.median)
    }
}

/// The survival curves of several classes, averaged with given weights.
private struct StandardisedCurve {
    struct Mean {
        var value: Double
        var variance: Double
        /// Of the variance, by Welch and Satterthwaite.
        var degrees: Double

        /// On the scale of the logarithm.
        func ratio(to other: Mean, confidence: Double) -> Estimate? {
            guard value > 0, other.value > 0, confidence > 0, confidence < 1 else { return nil }
            let own = variance / (value * value)
            let others = other.variance / (other.value * other.value)
            let spread = own * own / degrees + others * others / other.degrees
            let degrees = spread > 0 ? (own + others) * (own + others) / spread : 1e6
            let width = exp(StudentT(degrees: degrees).quantile(0.5 + confidence / 2) * (own + others).squareRoot())
            return Estimate(
                value: value / other.value, lower: value / other.value / width, upper: value / other.value * width)
        }
    }

    private struct Part {
        var weight: Double
        var count: Double
        var curve: KaplanMeier
        /// By falling time; empty where all closed.
        var times: [Double]
        /// The time before which a tenth of the orders were lost from sight; infinite where fewer ever were.
        var followed: Double

        /// A curve is known where enough orders are still watched, and also where few are because the others closed.
        func watched(by least: Int) -> Double {
            times.isEmpty ? .infinity : max(times[min(max(1, least), times.count) - 1], min(followed, curve.end))
        }
    }

    /// A time at which any class had an event.
    private struct Point {
        var time: Double
        var survival: Double
        var variance: Double
    }

    let orders: Int
    let open: Int
    private let parts: [Part]
    private let points: [Point]

    init(_ classes: [(weight: Double, lives: [Lifetime])]) {
        orders = classes.reduce(0) { $0 + $1.lives.count }
        open = classes.reduce(0) { $0 + $1.lives.count { !$0.isEvent } }
        parts = classes.compactMap { weight, lives in
            let times = lives.allSatisfy(\.isEvent) ? [] : lives.map(\.time).sorted(by: >)
            let open = lives.filter { !$0.isEvent }.map(\.time).sorted()
            let lost = lives.count / 10
            return KaplanMeier(lives).map {
                Part(
                    weight: weight, count: Double(lives.count), curve: $0, times: times,
                    followed: lost < open.count ? open[lost] : .infinity)
            }
        }
        points = Self.points(parts)
    }

    private static func points(_ parts: [Part]) -> [Point] {
        let steps = parts.enumerated()
            .flatMap { number, part in part.curve.steps.map { (part: number, step: $0) } }
            .sorted { $0.step.time < $1.step.time }
        var survivals = parts.map(\.weight)
        var variances = parts.map { _ in 0.0 }
        var points: [Point] = []
        for (number, step) in steps {
            survivals[number] = parts[number].weight * step.survival
            variances[number] = parts[number].weight * parts[number].weight * (step.variance ?? 0)
            if points.last?.time == step.time { points.removeLast() }
            points.append(
                Point(time: step.time, survival: survivals.reduce(0, +), variance: variances.reduce(0, +)))
        }
        return points
    }

    /// The time to which so many orders of every class were watched; infinite where all closed. Beyond it the curve
    /// hangs on one or two, and its variance is too small.
    func watched(by least: Int) -> Double { parts.map { $0.watched(by: least) }.min() ?? 0 }

    func mean(to time: Double) -> Mean? {
        var mean = Mean(value: 0, variance: 0, degrees: 0)
        var spread = 0.0
        for part in parts {
            guard let own = part.curve.restrictedMean(to: time) else { return nil }
            mean.value += part.weight * own.mean
            // As of a sample's variance: Greenwood's divides by the count.
            let variance = part.weight * part.weight * own.variance * part.count / max(1, part.count - 1)
            mean.variance += variance
            spread += variance * variance / max(1, part.count - 1)
        }
        mean.degrees = spread > 0 ? mean.variance * mean.variance / spread : 1e6
        return mean
    }

    func survival(at time: Double) -> Double { points.last { $0.time <= time }?.survival ?? 1 }

    var median: Double? { points.first { $0.survival <= 0.5 + 1e-12 }?.time }

    /// The interval from those of both medians (Zou and Donner, Statistics in Medicine 27, 2008), on the scale of the
    /// logarithm.
    func medianRatio(to other: StandardisedCurve, confidence: Double) -> Estimate? {
        guard let own = medianEstimate(confidence), let others = other.medianEstimate(confidence) else { return nil }
        let value = log(own.value / others.value)
        func length(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
        let down = length(log(own.value / own.lower), log(others.upper / others.value))
        let up = length(log(own.upper / own.value), log(others.value / others.lower))
        return Estimate(value: exp(value), lower: exp(value - down), upper: exp(value + up))
    }

    /// The times at which the curve's band, on the scale of log(-log S), passes one half (Brookmeyer and Crowley,
    /// Biometrics 38(1), 1982).
    private func medianEstimate(_ confidence: Double) -> Estimate? {
        guard let median, median > 0 else { return nil }
        let z = Normal.quantile(0.5 + confidence / 2)
        var lower: Double?
        for point in points where point.survival > 0 && point.survival < 1 {
            let width = exp(z * point.variance.squareRoot() / (point.survival * -log(point.survival)))
            if lower == nil, pow(point.survival, width) <= 0.5 { lower = point.time }
            if pow(point.survival, 1 / width) <= 0.5, let lower, lower > 0 {
                return Estimate(value: median, lower: min(lower, median), upper: max(median, point.time))
            }
        }
        return nil
    }
}
