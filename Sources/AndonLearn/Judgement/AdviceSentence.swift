import AndonSPC

/// Advice in plain words.
struct AdviceSentence {
    private let advice: PMAdvice

    init(_ advice: PMAdvice) { self.advice = advice }

    var phrase: Phrase { .together([head, fit, trend, money].compactMap { $0 }) }

    private var task: Phrase {
        Phrase(
            "advice-task", "\"{task}\" {every}",
            ["task": .name(advice.task.name), "every": .everyDays(advice.task.interval)])
    }

    /// The interval that is recommended; a name of nothing without one.
    private var target: Phrase {
        guard let days = advice.recommended else { return .name("") }
        let values: [String: Phrase.Value] = [
            "days": .days(days.value), "lower": .short(days.lower), "upper": .short(days.upper),
        ]
        return advice.isCut
            ? Phrase(
                "advice-target-cut",
                "{days} (95 % {lower} to {upper}), the longest that was watched; look again from there", values)
            : Phrase("advice-target", "{days} (95 % {lower} to {upper})", values)
    }

    private var head: Phrase {
        let values: [String: Phrase.Value] = [
            "task": .phrase(task), "target": .phrase(target), "needed": .count(advice.needed),
            "watched": .days(advice.watched),
        ]
        switch advice.reason {
        case .wear, .shapeUndecided, .chance, .notWatchedLonger, .cheapFailure: return interval(values)
        case .fewFailures:
            return Phrase(
                "advice-few-failures",
                "{task}: too few failures to advise anything, at least {needed} are needed in the lives and in the"
                    + " trend test.", values)
        case .forecast:
            return Phrase(
                "advice-forecast",
                "{task}: do it by condition; a measured degradation can be forecast here, which tells the time better"
                    + " than an interval.", values)
        case .failuresComeFaster:
            return Phrase(
                "advice-faster",
                "{task}: keep it for now; the failures come faster and faster, so no interval follows from the lives."
                    + " Look for what has changed.", values)
        case .failuresComeSlower:
            return Phrase(
                "advice-slower",
                "{task}: keep it for now; the failures come slower and slower, so no interval follows from the lives"
                    + " yet.", values)
        case .earlyFailure:
            return Phrase(
                "advice-early",
                "{task}: keep it, no shorter interval will help; the failures come early after the repair. Look at the"
                    + " quality of the repair.", values)
        }
    }

    /// Where the lives say something of the interval.
    private func interval(_ values: [String: Phrase.Value]) -> Phrase {
        switch (advice.reason, advice.kind) {
        case (.wear, .longer): Phrase("advice-longer", "{task}: longer, {target}.", values)
        case (.wear, .shorter): Phrase("advice-shorter", "{task}: shorter, {target}.", values)
        case (.wear, _): Phrase("advice-keep", "{task}: keep it; the data ask for {target}.", values)
        case (.notWatchedLonger, _):
            Phrase(
                "advice-not-watched",
                "{task}: keep it; the data ask for more, but nothing was watched longer than {watched}.", values)
        case (.cheapFailure, _):
            Phrase(
                "advice-cheap", "{task}: let it run to failure; a failure costs no more than the task.", values)
        case (.chance, _):
            Phrase(
                "advice-chance",
                "{task}: longer, or drop it; the failures come by chance, so an interval brings nothing, as far as the"
                    + " {watched} watched show.", values)
        default:
            Phrase("advice-undecided", "{task}: keep it; whether there is wear cannot be told yet.", values)
        }
    }

    private var fit: Phrase? {
        guard let shape = advice.shape, advice.reason != .fewFailures else { return nil }
        var values: [String: Phrase.Value] = [
            "shape": .short(shape.value), "lower": .short(shape.lower), "upper": .short(shape.upper),
            "failures": .failures(advice.failures), "lives": .lives(advice.lives),
        ]
        guard let now = advice.failedNow else {
            return Phrase(
                "advice-fit", "Weibull shape {shape} ({lower} to {upper}) from {failures} in {lives}.", values)
        }
        values["now"] = .wholePercent(now)
        guard let then = advice.failedThen, advice.kind != .keep else {
            return Phrase(
                "advice-fit-now",
                "Weibull shape {shape} ({lower} to {upper}) from {failures} in {lives};"
                    + " {now} fail before the task now.", values)
        }
        values["then"] = .wholePercent(then)
        return Phrase(
            "advice-fit-then",
            "Weibull shape {shape} ({lower} to {upper}) from {failures} in {lives};"
                + " {now} fail before the task now, {then} then.", values)
    }

    private var trend: Phrase {
        guard let trend = advice.trend else {
            return Phrase("advice-no-trend-test", "No trend test: too few failures.")
        }
        return Phrase(
            "advice-trend",
            "Trend test (MIL-HDBK-189) over {failures} of {assets}: {found}, p {p}, beta {beta}.",
            [
                "failures": .failures(trend.failures), "assets": .assets(trend.assets),
                "found": .phrase(found(trend)), "p": .shortChance(trend.p), "beta": .short(trend.beta),
            ])
    }

    private func found(_ trend: PMAdvice.Trend) -> Phrase {
        guard advice.reason == .failuresComeFaster || advice.reason == .failuresComeSlower else {
            return Phrase("advice-no-trend", "no trend")
        }
        return trend.beta > 1
            ? Phrase("advice-trend-faster", "faster") : Phrase("advice-trend-slower", "slower")
    }

    private var money: Phrase? {
        guard let now = advice.costNow, let then = advice.costThen else { return nil }
        return Phrase(
            "advice-money", "Cost a day {now} now, {then} then.", ["now": .short(now), "then": .short(then)])
    }
}

extension PMAdvice.Kind {
    /// As a table says it.
    var called: Phrase {
        switch self {
        case .longer: Phrase("kind-longer", "longer")
        case .shorter: Phrase("kind-shorter", "shorter")
        case .conditionBased: Phrase("kind-condition-based", "conditionBased")
        case .keep: Phrase("kind-keep", "keep")
        case .tooFew: Phrase("kind-too-few", "tooFew")
        }
    }
}
