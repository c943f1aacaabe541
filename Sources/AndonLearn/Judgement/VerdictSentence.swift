/// A verdict in plain words.
struct VerdictSentence {
    private let verdict: ActionVerdict
    private var evidence: ActionVerdict.Evidence { verdict.evidence }

    init(_ verdict: ActionVerdict) { self.verdict = verdict }

    var phrase: Phrase { .together([head, counts] + [hold, comparison, circumstances].compactMap { $0 }) }

    private var subject: Phrase {
        var values: [String: Phrase.Value] = ["action": .name(verdict.action), "class": .name(verdict.defect)]
        guard let asset = verdict.asset else { return Phrase("verdict-subject", "\"{action}\" for {class}", values) }
        values["asset"] = .name(asset)
        return Phrase("verdict-subject-on", "\"{action}\" for {class} on {asset}", values)
    }

    private var head: Phrase {
        var values: [String: Phrase.Value] = ["subject": .phrase(subject), "days": .days(evidence.horizon)]
        switch verdict.name {
        case .removesCause:
            return Phrase("verdict-removes-cause", "{subject} removes the cause, as far as {days} show.", values)
        case .symptomOnly: return Phrase("verdict-symptom-only", "{subject} treats the symptom only.", values)
        case .wearsOut:
            values["median"] = .days(evidence.median ?? 0)
            return Phrase(
                "verdict-wears-out",
                "{subject} holds for about {median} and then wears out: a matter for a planned interval.", values)
        case .undecided:
            return Phrase(
                "verdict-undecided", "{subject} cannot be judged yet: the evidence fits more than one verdict.", values)
        case .tooFew:
            values["followed"] = .count(evidence.followed)
            values["needed"] = .count(evidence.needed)
            return Phrase(
                "verdict-too-few",
                "{subject} has too few cases to be judged: {followed} came back or were watched for {days},"
                    + " at least {needed} are needed.", values)
        }
    }

    private var counts: Phrase {
        let values: [String: Phrase.Value] = ["returned": .phrase(returned), "share": .phrase(share)]
        return evidence.share == nil
            ? Phrase("verdict-counts", "{returned}.", values)
            : Phrase("verdict-counts-share", "{returned}, {share}.", values)
    }

    private var returned: Phrase {
        var values: [String: Phrase.Value] = ["repairs": .repairs(evidence.cases), "times": .times(evidence.returns)]
        guard evidence.otherCauses > 0 else {
            return Phrase("verdict-returned", "After {repairs} it came back {times}", values)
        }
        values["otherTimes"] = .times(evidence.otherCauses)
        return Phrase(
            "verdict-returned-other",
            "After {repairs} it came back {times} (and {otherTimes} with another cause)", values)
    }

    private var share: Phrase {
        var values: [String: Phrase.Value] = [
            "share": .wholePercent(evidence.share ?? 0), "within": .withinDays(evidence.horizon),
        ]
        guard let lower = evidence.lower, let upper = evidence.upper else {
            return Phrase("verdict-share", "{share} {within}", values)
        }
        values["lower"] = .wholePercent(lower)
        values["upper"] = .wholePercent(upper)
        return Phrase("verdict-share-band", "{share} {within} (95 % band {lower} to {upper})", values)
    }

    private var hold: Phrase? {
        guard let median = evidence.median else { return nil }
        var values: [String: Phrase.Value] = ["by": .byDays(median)]
        guard let shape = evidence.shape else { return Phrase("verdict-hold", "Half were back {by}.", values) }
        values["shape"] = .short(shape)
        guard let lower = evidence.shapeLower, let upper = evidence.shapeUpper else {
            return Phrase("verdict-hold-shape", "Half were back {by}; Weibull shape {shape}.", values)
        }
        values["lower"] = .short(lower)
        values["upper"] = .short(upper)
        return Phrase(
            "verdict-hold-shape-band", "Half were back {by}; Weibull shape {shape} ({lower} to {upper}).", values)
    }

    private var comparison: Phrase? {
        guard let comparison = evidence.comparison else { return nil }
        let values: [String: Phrase.Value] = [
            "others": .repairs(comparison.others), "expected": .short(comparison.expected),
            "own": .count(comparison.own), "observed": .count(comparison.observed), "p": .shortChance(comparison.p),
        ]
        guard comparison.isByAsset, verdict.asset == nil else {
            return Phrase(
                "verdict-beside",
                "Beside {others} by other actions in the same seasons, {expected} returns would be expected"
                    + " after {own} of these, and {observed} came (p {p}).", values)
        }
        return Phrase(
            "verdict-beside-assets",
            "Beside {others} by other actions on the same assets and in the same seasons, {expected} returns would be"
                + " expected after {own} of these, and {observed} came (p {p}).", values)
    }

    /// Said only where the action had it easier or harder than usual.
    private var circumstances: Phrase? {
        guard evidence.circumstances < 0.8 || evidence.circumstances > 1.25 else { return nil }
        return Phrase(
            "verdict-circumstances",
            "It was used where and when the class comes back {factor} times as fast as usual ({lower} to {upper}).",
            [
                "factor": .short(evidence.circumstances), "lower": .short(evidence.circumstancesLower),
                "upper": .short(evidence.circumstancesUpper),
            ])
    }
}
