import AndonSPC

/// A finished repair as the judgement sees it: what was done, where, when, and how long the class of defect stayed away.
public struct RepairCase: Hashable, Sendable {
    /// The class of the defect, as the detector names it.
    public var defect: String
    /// The corrective action: the remedy code of the closure.
    public var action: String
    public var asset: String
    /// When the repair ended, in days since 1 January of some year; only the season is taken from it.
    ///
    /// Where the end of the work is known, give that and not the closing of the order: an order that is closed late
    /// makes the life look shorter.
    public var ended: Double
    /// Days from `ended` to the return of the class on the asset; censored where it has not come back yet.
    public var life: Lifetime
    /// The class came back, but its order was closed with another cause. Such a case is watched up to the return and
    /// then censored: it says that this repair's cause had not come back by then.
    public var isOtherCause: Bool

    public init(
        defect: String, action: String, asset: String, ended: Double, life: Lifetime, isOtherCause: Bool = false
    ) {
        self.defect = defect
        self.action = action
        self.asset = asset
        self.ended = ended
        self.life = life
        self.isOtherCause = isOtherCause
    }

    var isValid: Bool { ended.isFinite && life.time.isFinite && life.time >= 0 }

    /// The life of this repair's own cause.
    var ownLife: Lifetime { isOtherCause ? .censored(life.time) : life }
}

/// What the verdicts are measured by.
public struct VerdictLimits: Codable, Hashable, Sendable {
    /// Days within which a return counts against the repair.
    public var horizon: Double
    /// Symptom only: more than this share comes back within the horizon.
    public var symptomShare: Double
    /// Removes the cause: less than this share comes back within the horizon.
    public var causeShare: Double
    /// The chance that a plant gets any false name at all, over all actions judged together.
    public var errorRate: Double
    /// Fewer cases than this are not judged.
    public var leastCases: Int
    /// Fewer cases that came back or were watched to the horizon are not judged.
    public var leastFollowed: Int
    /// Days a repair has to hold to be a matter for a planned interval and not only for its symptom.
    public var leastHold: Double
    /// The Weibull shape from which on a life is called wear; 1 is chance.
    public var wearShape: Double
    /// Judge the actions on each asset, too. A fifth of the error rate goes to them then.
    public var judgesAssets: Bool

    public init(
        horizon: Double = 90, symptomShare: Double = 0.5, causeShare: Double = 0.2, errorRate: Double = 0.05,
        leastCases: Int = 8, leastFollowed: Int = 5, leastHold: Double = 14, wearShape: Double = 1.5,
        judgesAssets: Bool = true
    ) {
        self.horizon = horizon
        self.symptomShare = symptomShare
        self.causeShare = causeShare
        self.errorRate = errorRate
        self.leastCases = leastCases
        self.leastFollowed = leastFollowed
        self.leastHold = leastHold
        self.wearShape = wearShape
        self.judgesAssets = judgesAssets
    }
}
