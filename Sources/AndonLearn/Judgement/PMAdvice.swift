import AndonSPC

/// A task of planned maintenance that is done every so many days.
public struct TimedTask: Codable, Hashable, Sendable {
    public var name: String
    /// Days.
    public var interval: Double
    /// The classes of defect and the assets that it is for.
    public var defects: [String]
    public var assets: [String]
    /// Of doing it, and of a failure that it would have prevented, all told and in the same money; nil where not given.
    public var plannedCost: Double?
    public var failureCost: Double?

    public init(
        name: String, interval: Double, defects: [String], assets: [String], plannedCost: Double? = nil,
        failureCost: Double? = nil
    ) {
        self.name = name
        self.interval = interval
        self.defects = defects
        self.assets = assets
        self.plannedCost = plannedCost
        self.failureCost = failureCost
    }
}

/// What is known of what a task is to prevent.
public struct TaskRecord: Hashable, Sendable {
    /// Days from each last task or repair to the next defect of its classes on the asset; censored where the next task
    /// or the end of the watch came first.
    public var lives: [Lifetime]
    /// The failures of each asset.
    public var processes: [FailureProcess]
    /// A measured value degrades towards a limit on these assets, so that a failure can be forecast.
    public var hasForecast: Bool

    public init(lives: [Lifetime], processes: [FailureProcess], hasForecast: Bool) {
        self.lives = lives
        self.processes = processes
        self.hasForecast = hasForecast
    }
}

/// What advice is measured by.
public struct AdviceLimits: Codable, Hashable, Sendable {
    /// Of the intervals, two-sided, and of the tests: 1 less it is their level.
    public var confidence: Double
    /// Without costs: the share that may have failed by the time of the task.
    public var failedShare: Double
    /// Fewer failures than this advise nothing.
    public var leastFailures: Int
    /// A shape whose interval stays below this, and includes 1, is chance and not undecided.
    public var wearShape: Double

    public init(
        confidence: Double = 0.95, failedShare: Double = 0.1, leastFailures: Int = 10, wearShape: Double = 1.5
    ) {
        self.confidence = confidence
        self.failedShare = failedShare
        self.leastFailures = leastFailures
        self.wearShape = wearShape
    }
}

/// Whether a task's interval fits the lives it is to prevent the end of. A proposal: nothing is changed by it.
public struct PMAdvice: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case longer, shorter, conditionBased, keep, tooFew
    }

    public enum Reason: String, Codable, Hashable, Sendable, CaseIterable {
        /// Too few failures for a trend test or a fit.
        case fewFailures
        /// A degradation that can be forecast tells the time better than an interval.
        case forecast
        /// The failures come faster or slower, so the lives are not of one kind and no interval follows from them.
        case failuresComeFaster, failuresComeSlower
        /// The shape is above 1: an interval follows, from the costs or from the share that may fail.
        case wear
        /// There is wear, but nothing was watched long enough to go beyond the present interval.
        case notWatchedLonger
        /// A failure costs no more than the task.
        case cheapFailure
        /// The shape's interval includes 1 and is narrow: an interval brings nothing.
        case chance
        /// The shape's interval includes 1 and wear.
        case shapeUndecided
        /// The shape is below 1: look at the quality of the repair.
        case earlyFailure
    }

    /// The test of MIL-HDBK-189 for a trend, over all assets, and the power law's exponent (Crow-AMSAA).
    public struct Trend: Codable, Hashable, Sendable {
        public var failures: Int
        public var assets: Int
        public var statistic: Double
        public var degrees: Int
        /// Two-sided.
        public var p: Double
        /// Above 1 failures come faster, below 1 slower.
        public var beta: Double
    }

    public var task: TimedTask
    public var kind: Kind
    public var reason: Reason
    /// nil where there were too few failures for it; no interval is recommended then.
    public var trend: Trend?
    public var lives: Int
    public var failures: Int
    /// The longest life watched, in days.
    public var watched: Double
    public var shape: Estimate?
    /// Days, with their interval; nil where none is recommended.
    public var recommended: Estimate?
    /// The share that fails before the task at the present interval and at the recommended one.
    public var failedNow: Double?
    public var failedThen: Double?
    /// Money a day at the present interval and at the recommended one.
    public var costNow: Double?
    public var costThen: Double?
    /// The interval that the data ask for lies beyond what was watched, and was cut to that.
    public var isCut: Bool
    /// Failures that are needed.
    public var needed: Int

    /// In plain words, with the figures it rests on.
    public var sentence: String { phrase.english }
    var phrase: Phrase { AdviceSentence(self).phrase }
}
