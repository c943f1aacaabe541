/// What a stream is forecast against.
public struct ForecastSettings: Codable, Hashable, Sendable {
    /// In the unit of the values.
    public var threshold: Double
    /// Whether wear drives the level up to the threshold, or down to it.
    public var rising: Bool
    /// Of the prediction band of the crossing; 0.5...0.999.
    public var confidence: Double
    /// Of the trend, two-sided, and of the interval of its slope; 1e-6...0.5.
    public var significance: Double
    /// Fewer values have no forecast; at least 5.
    public var pointsMin: Int
    /// A rate a day in the bad direction that is too fast in itself; > 0.
    public var slopeMax: Double?
    /// Days after the last value beyond which no date is named.
    public var horizon: Double?
    /// How far after the last value the whole band must have closed, in spans of the data: a date that rests on more
    /// extrapolation than this is none. It is what keeps chance from naming dates while a stream is looked at again and
    /// again.
    public var reachMax: Double

    public init(
        threshold: Double, rising: Bool = true, confidence: Double = 0.9, significance: Double = 0.05,
        pointsMin: Int = 8, slopeMax: Double? = nil, horizon: Double? = nil, reachMax: Double = 3
    ) {
        self.threshold = threshold
        self.rising = rising
        self.confidence = confidence
        self.significance = significance
        self.pointsMin = pointsMin
        self.slopeMax = slopeMax
        self.horizon = horizon
        self.reachMax = reachMax
    }

    /// The same with every number in its range; one that is no number takes its default.
    var sound: ForecastSettings {
        func within(_ value: Double, _ range: ClosedRange<Double>, _ other: Double) -> Double {
            value.isNaN ? other : min(max(value, range.lowerBound), range.upperBound)
        }
        var sound = self
        sound.confidence = within(confidence, 0.5...0.999, 0.9)
        sound.significance = within(significance, 1e-6...0.5, 0.05)
        sound.pointsMin = max(5, pointsMin)
        sound.reachMax = within(reachMax, 0.01...20, 3)
        return sound
    }
}

/// Where a stream stands on its way to a threshold, and when it will cross it.
///
/// Chosen by playing simulated wear of known truth point by point (`Benchmarks/RESULTS.md`):
///
/// - Whether there is a trend: Mann and Kendall's test with Hamed and Rao's correction for serial correlation, and Sen's
///   interval of the slope by the same variance. No date while that interval holds zero.
/// - When: the prediction band averaged over steady, exponential and begun wear (see `WearPaths`). At 90 % of a life of
///   exponential wear the 90 % band of one straight line held the crossing in a quarter of the runs, that of a local linear
///   trend in six of ten, the average in nearly all; on steady wear all three held it.
/// - A jump from one level to another is no wear: it has no date.
/// - Where the level is now: a local linear trend, which follows a jump within a few values.
///
/// The band is that of one further value, so that it holds the crossing of the level itself more often than it says.
/// A cycle (the time of day, a shift) is not modelled: it counts as noise, and makes the band wider. Fewer values than a
/// cycle has must not be forecast.
public struct Forecast: Codable, Hashable, Sendable {
    public enum Standing: String, Codable, Sendable, CaseIterable {
        /// Fewer values or times than a forecast needs.
        case tooFew
        /// No significant trend, or a jump between two levels.
        case level
        /// A trend in the harmless direction.
        case away
        /// A sure trend towards the threshold, but no date: the band does not close within reach, or the expected crossing
        /// lies beyond the horizon.
        case degrading
        case dated
        /// The level is beyond the threshold.
        case crossed
    }

    /// What the values look like; the likeliest of them.
    public enum Course: String, Codable, Sendable, CaseIterable {
        case steady, exponential
        /// Level first, then steady wear.
        case begun
        /// One level, a jump, another level.
        case stepped
    }

    /// Of the values that are numbers.
    public private(set) var count = 0
    /// Of the last value, in days.
    public private(set) var time: Double?
    /// A day, with its interval.
    public private(set) var slope: Trend.Slope?
    /// Corrected for serial correlation.
    public private(set) var test: Trend.MannKendall?
    /// Smoothed, at the time of the last value.
    public private(set) var level: Double?
    /// Of the smoothed level, a day.
    public private(set) var trend: Double?
    /// Of a value about the likeliest course.
    public private(set) var sigma: Double?
    public private(set) var course: Course?
    /// In days, on the axis of the times; nil where no date can be named. `first` may lie before the last value.
    public private(set) var crossing: Trend.Crossing?
    public private(set) var standing = Standing.tooFew
    /// The slope is surely greater than `slopeMax` in the bad direction.
    public private(set) var isTooFast = false

    /// Whatever is given, an answer is made: values and times that are no numbers are left out, pairs are put in the order
    /// of time, and all that comes out is finite.
    ///
    /// - Parameters:
    ///   - times: in days; where there are not as many as values, the shorter of both counts.
    ///   - values: since the last repair: what was before it is another life.
    public init(times: [Double], values: [Double], settings: ForecastSettings) {
        let settings = settings.sound
        let data = ForecastSeries(times, values, rising: settings.rising)
        count = data.count
        time = data.last
        guard let scaled = data.scaled else {
            level = data.median
            return
        }
        let local = LocalTrend(scaled.x, scaled.y)
        let paths = WearPaths(scaled.x, scaled.y)
        let now = local?.level ?? paths?.level(at: 0) ?? scaled.y[scaled.y.count - 1]
        level = scaled.value(now)
        trend = scaled.rate(local?.slope ?? 0)
        guard count >= settings.pointsMin else { return }
        sigma = paths.map { scaled.size($0.sigma) } ?? 0
        course = paths.flatMap(Self.course)
        let threshold = scaled.scale(settings.threshold)
        look(at: scaled, significance: settings.significance)
        if let most = settings.slopeMax, let slope { isTooFast = (settings.rising ? slope.lower : -slope.upper) > most }
        stand(settings, isBeyond: now >= threshold, isStep: paths?.isStep ?? false)
        guard standing == .degrading, let paths else { return }
        date(paths, scaled, threshold, settings)
    }

    /// Slope and test.
    private mutating func look(at scaled: ForecastSeries.Scaled, significance: Double) {
        var pairs = PairSlopes(scaled.x, scaled.y)
        guard let median = pairs.median(), var test = Trend.mannKendall(scaled.y) else { return }
        let factor = Trend.varianceFactor(scaled.x, scaled.y, slope: median, lags: nil, significance: 0.05)
        // Values that repel each other never make a trend surer than independent ones would.
        test = test.corrected(by: max(1, factor))
        slope = pairs.slope(confidence: 1 - significance, variance: test.variance).map(scaled.slope)
        self.test = scaled.isMirrored ? test.mirrored : test
    }

    private mutating func stand(_ settings: ForecastSettings, isBeyond: Bool, isStep: Bool) {
        standing = .level
        if isBeyond {
            standing = .crossed
        } else if let test, let slope, test.p < settings.significance, slope.isSure {
            let isBad = (slope.slope > 0) == settings.rising
            standing = !isBad ? .away : isStep ? .level : .degrading
        }
    }

    private mutating func date(
        _ paths: WearPaths, _ scaled: ForecastSeries.Scaled, _ threshold: Double, _ settings: ForecastSettings
    ) {
        guard threshold.isFinite,
            let ahead = paths.crossing(threshold, confidence: settings.confidence, reach: settings.reachMax),
            ahead.expected * scaled.span <= settings.horizon ?? .infinity
        else { return }
        crossing = Trend.Crossing(
            first: scaled.time(ahead.first), expected: scaled.time(ahead.expected), last: scaled.time(ahead.last))
        standing = .dated
    }

    private static func course(_ paths: WearPaths) -> Course? {
        if paths.isStep { return .stepped }
        var weights: [Course: Double] = [:]
        for path in paths.paths {
            switch path.axis {
            case .straight: weights[.steady, default: 0] += path.weight
            case .exponential: weights[.exponential, default: 0] += path.weight
            case .onset: weights[.begun, default: 0] += path.weight
            }
        }
        return Course.allCases.max { weights[$0, default: 0] < weights[$1, default: 0] }
    }
}
