import AndonSPC

/// Repair times of one period, all measured in one way.
public struct TimedPeriod: Hashable, Sendable {
    public struct Order: Hashable, Sendable {
        /// The class of the defect.
        public var defect: String
        /// Hours, or any unit that both periods share; censored while the order is open.
        public var life: Lifetime

        public init(defect: String, life: Lifetime) {
            self.defect = defect
            self.life = life
        }
    }

    /// From what to what the times were measured, such as "detection to closure".
    public var definition: String
    public var orders: [Order]

    public init(definition: String, orders: [Order]) {
        self.definition = definition
        self.orders = orders
    }
}

/// What a comparison is measured by.
public struct ChangeLimits: Codable, Hashable, Sendable {
    /// Times beyond it count as this long. In the unit of the times.
    public var horizon: Double
    /// The reduction that is claimed, 0..<1.
    public var claim: Double
    /// Of the intervals, two-sided.
    public var confidence: Double
    /// Classes with fewer orders than this in either period are left out.
    public var leastOrders: Int

    public init(horizon: Double, claim: Double = 0.4, confidence: Double = 0.95, leastOrders: Int = 5) {
        self.horizon = horizon
        self.claim = claim
        self.confidence = confidence
        self.leastOrders = leastOrders
    }
}

public enum MeasuredChangeError: Error, Hashable, Sendable, CustomStringConvertible {
    case differentDefinitions(before: String, after: String)
    case noCommonClass(least: Int)
    case noTime(horizon: Double)

    public var description: String { phrase.english }

    var phrase: Phrase {
        switch self {
        case .differentDefinitions(let before, let after):
            Phrase(
                "compare-definitions",
                "The times before are measured from {before}, those after from {after}. Compare times of one definition.",
                ["before": .name(before), "after": .name(after)])
        case .noCommonClass(let least):
            Phrase(
                "compare-no-class",
                "No class of defect has at least {least} orders both before and after. Take longer periods.",
                ["least": .count(least)])
        case .noTime(let horizon):
            Phrase(
                "compare-no-time",
                "Nothing was watched up to a time above 0 and at most {horizon}. Give a horizon above 0, or wait for closures.",
                ["horizon": .figure("\(horizon)")])
        }
    }
}

/// How repair times changed from one period to another, for the same definition and the same mix of classes, with open
/// orders counted for as long as they have been open.
///
/// Each class is compared with itself; the classes' survival curves are averaged with one set of weights for both
/// periods, the share of each in all orders of both (direct standardisation). So a change of the mix is no change.
public struct MeasuredChange: Codable, Hashable, Sendable {
    public enum Verdict: String, Codable, Hashable, Sendable {
        /// The whole interval reaches the claim.
        case shown
        /// The whole interval falls short of it, and half of the orders before were done within the horizon.
        case refuted
        case cannotBeTold
    }

    public struct Side: Codable, Hashable, Sendable {
        public var orders: Int
        /// Of them, still open.
        public var open: Int
        /// Standardised, to the horizon.
        public var mean: Double
        public var median: Double?
    }

    public var definition: String
    /// To which the means go: as asked, or where a class still has open orders, the longest time to which as many of its
    /// orders were watched as a class has to have, or before which no more than a tenth were lost from sight.
    public var horizon: Double
    /// The weight of each class.
    public var mix: [String: Double]
    /// Classes with too few orders in a period, and how many orders they have in both.
    public var leftOut: [String: Int]
    public var before: Side
    public var after: Side
    /// After over before; below 1 is faster.
    public var meanRatio: Estimate
    /// nil where the data do not bound one of the medians.
    public var medianRatio: Estimate?
    /// The reduction that was claimed.
    public var claim: Double
    /// By the ratio of the means.
    public var verdict: Verdict

    /// In plain words, with the figures it rests on.
    public var sentence: String { phrase(of: .name(definition)).english }

    /// - Parameter definition: from what to what was measured, as it is said.
    func phrase(of definition: Phrase.Value) -> Phrase {
        .together([reduction(of: definition), orders])
    }

    private func reduction(of definition: Phrase.Value) -> Phrase {
        let values: [String: Phrase.Value] = [
            "claim": .wholePercent(claim), "definition": definition, "horizon": .short(horizon),
            "before": .short(before.mean), "after": .short(after.mean),
            "reduction": .wholePercent(1 - meanRatio.value), "lower": .wholePercent(1 - meanRatio.upper),
            "upper": .wholePercent(1 - meanRatio.lower),
        ]
        return switch verdict {
        case .shown:
            Phrase(
                "compare-shown",
                "A reduction by {claim} is shown: from {definition}, the mean up to {horizon} went from {before} to {after},"
                    + " a reduction by {reduction} (95 % {lower} to {upper}).", values)
        case .refuted:
            Phrase(
                "compare-refuted",
                "A reduction by {claim} is refuted: from {definition}, the mean up to {horizon} went from {before} to {after},"
                    + " a reduction by {reduction} (95 % {lower} to {upper}).", values)
        case .cannotBeTold:
            Phrase(
                "compare-untold",
                "Whether there is a reduction by {claim} cannot be told: from {definition}, the mean up to {horizon} went"
                    + " from {before} to {after}, a reduction by {reduction} (95 % {lower} to {upper}).", values)
        }
    }

    private var orders: Phrase {
        var values: [String: Phrase.Value] = [
            "before": .orders(before.orders), "openBefore": .count(before.open), "after": .count(after.orders),
            "openAfter": .count(after.open), "classes": .classes(mix.count),
        ]
        guard !leftOut.isEmpty else {
            return Phrase(
                "compare-orders",
                "{before} before ({openBefore} open) and {after} after ({openAfter} open), at one mix of {classes}.",
                values)
        }
        values["leftOut"] = .count(leftOut.count)
        return Phrase(
            "compare-orders-left-out",
            "{before} before ({openBefore} open) and {after} after ({openAfter} open), at one mix of {classes};"
                + " {leftOut} left out for too few orders.", values)
    }
}
