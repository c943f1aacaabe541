import AndonSPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One action before the plant's error rate is shared out: its evidence, and the p-value of each name.
struct ActionTrial {
    /// Wear is one claim, the share is the other: one that is on one of its two limits cannot pass for the other.
    private static let claims = 2.0
    private static let confidence = 0.95

    let cases: Int
    /// Of the name that has most for it, two claims counted.
    let error: Double
    private let chances: Chances
    private let limits: VerdictLimits
    private let verdict: ActionVerdict

    /// - Parameters:
    ///   - own: the action's repairs; not empty.
    ///   - group: all repairs to compare with, `own` among them.
    ///   - asset: the asset that all of `group` are on, where it is judged alone.
    init(
        _ own: [RepairCase], among group: [RepairCase], circumstances: Circumstances, asset: String?,
        limits: VerdictLimits
    ) {
        self.limits = limits
        cases = own.count
        let lives = own.map(\.ownLife)
        let within = ReturnedShare(lives, by: limits.horizon)
        let action = own[0].action
        let factor = asset.map { circumstances.factor(of: action, on: $0) } ?? circumstances.factor(of: action)
        chances = Self.chances(own, within, factor, circumstances, limits)
        error = min(1, Self.claims * chances.least)
        var evidence = Self.evidence(own, within, factor, limits)
        evidence.comparison = ActionVerdict.Comparison(own, among: group)
        verdict = ActionVerdict(
            defect: own[0].defect, action: own[0].action, asset: asset, name: .undecided, evidence: evidence)
    }

    /// - Parameters:
    ///   - error: of the name, as adjusted for all actions judged with it.
    ///   - errorRate: that of all of them.
    ///   - open: how many of them stay without a name.
    func verdict(error: Double, errorRate: Double, open: Int) -> ActionVerdict {
        var verdict = verdict
        let level = errorRate / Double(max(1, open)) / Self.claims
        let needed = Share.trialsNeeded(share: limits.symptomShare, confidence: 1 - level) ?? 0
        verdict.evidence.error = error
        verdict.evidence.errorRate = errorRate
        verdict.evidence.needed = max(limits.leastFollowed, needed)
        if cases < limits.leastCases || verdict.evidence.followed < limits.leastFollowed {
            verdict.name = .tooFew
        } else if error <= errorRate {
            verdict.name = chances.name(level: level)
        } else if verdict.evidence.followed < needed {
            verdict.name = .tooFew
        }
        return verdict
    }

    private static func chances(
        _ own: [RepairCase], _ within: ReturnedShare, _ factor: LogFactor, _ circumstances: Circumstances,
        _ limits: VerdictLimits
    ) -> Chances {
        let lives = own.map(\.ownLife)
        let adjusted = own.map { circumstances.withoutSeason($0.ownLife, from: $0.ended) }
        let early = ReturnedShare(lives, by: limits.leastHold)
        let cause = max(
            within.chanceOfAtLeast(limits.causeShare),
            within.chanceOfAtLeast(limits.causeShare, circumstances: factor))
        let noWear = min(
            max(
                WearTest.chanceOfAtLeast(limits.wearShape, lives), WearTest.chanceOfAtLeast(limits.wearShape, adjusted)),
            early.chanceOfAtMost(limits.causeShare))
        let symptom = max(
            within.chanceOfAtMost(limits.symptomShare),
            within.chanceOfAtMost(limits.symptomShare, circumstances: factor),
            // Either of two ways will do, so each has half the error.
            min(1, 2 * noWear))
        var wears = 1.0
        // A half that only the last one or two reach is no half.
        if let last = watched(lives, limits.leastFollowed), let median = KaplanMeier(lives)?.median, median <= last {
            wears = max(
                WearTest.chanceOfAtMost(1, lives), WearTest.chanceOfAtMost(1, adjusted),
                early.chanceOfAtLeast(0.5), ReturnedShare(lives, by: last).chanceOfAtMost(limits.causeShare))
        }
        return Chances(cause: cause, symptom: symptom, wears: wears)
    }

    /// The longest time to which so many were watched.
    private static func watched(_ lives: [Lifetime], _ least: Int) -> Double? {
        let times = lives.map(\.time).sorted(by: >)
        return times.count < least ? nil : times[max(0, least - 1)]
    }

    private static func evidence(
        _ own: [RepairCase], _ within: ReturnedShare, _ factor: LogFactor, _ limits: VerdictLimits
    ) -> ActionVerdict.Evidence {
        let lives = own.map(\.ownLife)
        let curve = KaplanMeier(lives, confidence: confidence)
        let band = within.estimate.map { _ in
            let step = curve?.steps.last { $0.time <= limits.horizon }
            return step.flatMap { step in
                step.lower.flatMap { lower in step.upper.map { (1 - $0)...(1 - lower) } }
            } ?? within.interval(confidence: confidence)
        }
        // A return on the day itself came within that day.
        let positive = lives.map { Lifetime(time: $0.isEvent ? max(0.5, $0.time) : $0.time, isEvent: $0.isEvent) }
        let shape = lives.count(where: \.isEvent) > 1 ? WeibullFit(positive)?.shape(confidence: confidence) : nil
        let z = Normal.quantile(0.5 + confidence / 2)
        return ActionVerdict.Evidence(
            cases: own.count, returns: lives.count(where: \.isEvent),
            otherCauses: own.count { $0.isOtherCause && $0.life.isEvent }, followed: within.followed,
            horizon: limits.horizon, share: within.estimate, lower: band?.lowerBound, upper: band?.upperBound,
            median: curve?.median, shape: shape?.value, shapeLower: shape?.lower,
            shapeUpper: shape?.upper, circumstances: exp(factor.mean),
            circumstancesLower: exp(factor.mean - z * factor.deviation),
            circumstancesUpper: exp(factor.mean + z * factor.deviation), error: 1, errorRate: limits.errorRate,
            needed: 0)
    }
}

/// The p-value of each name.
private struct Chances {
    var cause: Double
    var symptom: Double
    var wears: Double

    var least: Double { min(cause, symptom, wears) }

    /// Wear goes first: what holds beyond the horizon and wears out after it is both.
    func name(level: Double) -> ActionVerdict.Name {
        wears <= level ? .wearsOut : cause <= symptom ? .removesCause : .symptomOnly
    }
}
