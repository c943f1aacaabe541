#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How long one thing was watched, and whether the watch ended with its event (a failure, the next detection, a closed
/// order) or without it (right censored: still going when last seen).
public struct Lifetime: Codable, Hashable, Sendable {
    /// In any unit, the same for all.
    public var time: Double
    public var isEvent: Bool

    public init(time: Double, isEvent: Bool) {
        self.time = time
        self.isEvent = isEvent
    }

    public static func event(_ time: Double) -> Lifetime { Lifetime(time: time, isEvent: true) }

    public static func censored(_ time: Double) -> Lifetime { Lifetime(time: time, isEvent: false) }

    var isValid: Bool { time.isFinite && time >= 0 }
}

/// Weibull's distribution of a life: P(T > t) = exp(-(t / scale)^shape). A shape below 1 is early failure, about 1
/// chance, above 1 wear.
public struct Weibull: Codable, Hashable, Sendable {
    public var shape: Double
    /// The characteristic life: 63.2 percent have failed by then.
    public var scale: Double

    public init(shape: Double, scale: Double) {
        self.shape = shape
        self.scale = scale
    }

    /// Maximum likelihood for right-censored lives.
    ///
    /// The shape b solves sum t^b ln t / sum t^b - 1/b = mean ln t of the failures, whose left side rises with b; then
    /// scale^b = sum t^b / failures (Cohen, Technometrics 7(4), 1965).
    /// - Returns: nil where the likelihood has no maximum: without a failure, with a failure at 0, where all failures
    ///   happened at one time and nothing outlived it; and for a time that is negative or no finite number.
    public init?(fitting lives: [Lifetime]) {
        guard let rows = LifeTable.rows(of: lives) else { return nil }
        self.init(fitting: rows)
    }

    /// - Parameter rows: by rising time.
    init?(fitting rows: [LifeTable.Row]) {
        // Times are taken relative to the longest, so that no power overflows: their logarithms are 0 at most.
        guard let longest = rows.last?.time, longest > 0 else { return nil }
        let failures = rows.reduce(0) { $0 + Double($1.events) }
        let mean =
            rows.lazy.filter { $0.events > 0 }
            .reduce(0) { $0 + Double($1.events) * logRatio($1.time, longest) } / failures
        guard mean.isFinite, mean < 0 else { return nil }
        // One watched for no time at all says nothing about the life.
        let logs = rows.filter { $0.time > 0 }.map { (count: Double($0.count), log: logRatio($0.time, longest)) }
        shape = Special.root(from: 0, start: 1) { shape in
            var sum = 0.0
            var weighted = 0.0
            for (count, log) in logs {
                let power = count * exp(shape * log)
                sum += power
                weighted += power * log
            }
            return weighted / sum - 1 / shape - mean
        }
        let powers = logs.reduce(0) { [shape] in $0 + $1.count * exp(shape * $1.log) }
        scale = longest * pow(powers / failures, 1 / shape)
        guard shape.isFinite, shape > 0, scale.isFinite, scale > 0 else { return nil }
    }

    /// P(T <= time).
    public func cumulative(_ time: Double) -> Double { time <= 0 ? 0 : -expm1(-pow(time / scale, shape)) }

    /// The time by which the share `p` has failed, for 0...1; NaN outside.
    public func quantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? 0 : p == 1 ? .infinity : .nan }
        return scale * pow(-log1p(-p), 1 / shape)
    }

    public var mean: Double { scale * exp(Special.logGamma(1 + 1 / shape)) }
}

/// The share that survives each age, with those still going counted for as long as they were seen (Kaplan and Meier,
/// Journal of the American Statistical Association 53, 1958).
public struct KaplanMeier: Codable, Hashable, Sendable {
    /// A time at which an event happened.
    public struct Step: Codable, Hashable, Sendable {
        public var time: Double
        /// Still under watch just before `time`; those censored at it included.
        public var atRisk: Int
        public var events: Int
        /// P(T > time), 0..<1.
        public var survival: Double
        /// Of `survival` (Greenwood, Reports on Public Health and Medical Subjects 33, 1926); nil where the survival is
        /// 0, for which the formula has no value. So are the bounds.
        public var variance: Double?
        /// The band of this one time, on the scale of log(-log S), which keeps it between 0 and 1 (Kalbfleisch and
        /// Prentice, The Statistical Analysis of Failure Time Data, 1980).
        public var lower: Double?
        public var upper: Double?
    }

    /// By rising time; empty without an event.
    public var steps: [Step]

    /// The longest time watched, with an event at its end or not; 0 without lives.
    public var end: Double

    /// Takes events before censorings at equal times.
    ///
    /// - Parameter confidence: of the band, two-sided.
    /// - Returns: nil for a time that is negative or no finite number, and for a confidence outside 0 to 1.
    public init?(_ lives: [Lifetime], confidence: Double = 0.95) {
        guard let rows = LifeTable.rows(of: lives) else { return nil }
        self.init(rows, confidence: confidence)
    }

    /// The curve of the times as the table has rounded them.
    ///
    /// - Parameter confidence: of the band, two-sided.
    /// - Returns: nil for a confidence outside 0 to 1.
    public init?(_ table: LifeTable, confidence: Double = 0.95) {
        self.init(table.rows, confidence: confidence)
    }

    /// - Parameter rows: by rising time.
    private init?(_ rows: [LifeTable.Row], confidence: Double) {
        guard confidence > 0, confidence < 1 else { return nil }
        let z = Normal.quantile(0.5 + confidence / 2)
        steps = []
        end = rows.last?.time ?? 0
        var survival = 1.0
        var sum = 0.0
        var atRisk = rows.reduce(0) { $0 + $1.count }
        for row in rows {
            defer { atRisk -= row.count }
            guard row.events > 0 else { continue }
            survival *= Double(atRisk - row.events) / Double(atRisk)
            // Infinite when none is left.
            sum += Double(row.events) / (Double(atRisk) * Double(atRisk - row.events))
            steps.append(
                Step(
                    time: row.time, atRisk: atRisk, events: row.events, survival: survival, logVariance: sum, z: z))
        }
    }

    /// P(T > time): the whole before the first event, NaN for NaN. Beyond the last time watched it is only the last
    /// value known.
    public func survival(at time: Double) -> Double {
        guard !time.isNaN else { return .nan }
        return steps.last { $0.time <= time }?.survival ?? 1
    }

    /// The first time by which the share `p` had its event, for 0 < p <= 1; nil where so many never did while watched.
    public func quantile(_ p: Double) -> Double? {
        guard p > 0, p <= 1 else { return nil }
        // A product of quotients misses a survival of just one half by its last bits.
        return steps.first { $0.survival <= 1 - p + 1e-12 }?.time
    }

    /// nil where less than half had its event.
    public var median: Double? { quantile(0.5) }
}

extension KaplanMeier.Step {
    /// - Parameter logVariance: Greenwood's sum, the variance of log S.
    fileprivate init(time: Double, atRisk: Int, events: Int, survival: Double, logVariance: Double, z: Double) {
        self.init(time: time, atRisk: atRisk, events: events, survival: survival)
        guard survival > 0, logVariance.isFinite else { return }
        variance = survival * survival * logVariance
        let width = exp(z * logVariance.squareRoot() / -log(survival))
        lower = pow(survival, width)
        upper = pow(survival, 1 / width)
    }
}

/// log(a / b) for positive values, also where the quotient has no digits left; -infinity for a = 0.
func logRatio(_ a: Double, _ b: Double) -> Double {
    let ratio = a / b
    // Near 1 the difference of two logarithms would lose what the quotient keeps.
    return ratio > 0.5 && ratio < 2 ? log(ratio) : log(a) - log(b)
}
