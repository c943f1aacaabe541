import AndonSPC

/// Advice in plain words.
struct AdviceSentence {
    private let advice: PMAdvice

    init(_ advice: PMAdvice) { self.advice = advice }

    var text: String { [head, fit, trend, money].compactMap { $0 }.joined(separator: " ") }

    private var task: String { "\"\(advice.task.name)\" every \(Figure.days(advice.task.interval))" }

    private var target: String {
        guard let days = advice.recommended else { return "" }
        let cut = advice.isCut ? ", the longest that was watched; look again from there" : ""
        return "\(Figure.days(days.value)) (95 % \(Figure.number(days.lower)) to \(Figure.number(days.upper)))\(cut)"
    }

    private var head: String {
        switch advice.reason {
        case .fewFailures:
            "\(task): too few failures to advise anything, at least \(advice.needed) are needed in the lives and in the "
                + "trend test."
        case .forecast:
            "\(task): do it by condition; a measured degradation can be forecast here, which tells the time better than an "
                + "interval."
        case .failuresComeFaster:
            "\(task): keep it for now; the failures come faster and faster, so no interval follows from the lives. Look for "
                + "what has changed."
        case .failuresComeSlower:
            "\(task): keep it for now; the failures come slower and slower, so no interval follows from the lives yet."
        case .wear:
            switch advice.kind {
            case .longer: "\(task): longer, \(target)."
            case .shorter: "\(task): shorter, \(target)."
            default: "\(task): keep it; the data ask for \(target)."
            }
        case .notWatchedLonger:
            "\(task): keep it; the data ask for more, but nothing was watched longer than \(Figure.days(advice.watched))."
        case .cheapFailure: "\(task): let it run to failure; a failure costs no more than the task."
        case .chance:
            "\(task): longer, or drop it; the failures come by chance, so an interval brings nothing, as far as the "
                + "\(Figure.days(advice.watched)) watched show."
        case .shapeUndecided:
            "\(task): keep it; whether there is wear cannot be told yet."
        case .earlyFailure:
            "\(task): keep it, no shorter interval will help; the failures come early after the repair. Look at the "
                + "quality of the repair."
        }
    }

    private var fit: String? {
        guard let shape = advice.shape, advice.reason != .fewFailures else { return nil }
        var text =
            "Weibull shape \(Figure.number(shape.value)) (\(Figure.number(shape.lower)) to \(Figure.number(shape.upper))) "
            + "from \(Figure.count(advice.failures, "failure")) in \(Figure.count(advice.lives, "life", "lives"))"
        if let now = advice.failedNow {
            text += "; \(Figure.percent(now)) fail before the task now"
            if let then = advice.failedThen, advice.kind != .keep { text += ", \(Figure.percent(then)) then" }
        }
        return text + "."
    }

    private var trend: String {
        guard let trend = advice.trend else { return "No trend test: too few failures." }
        let found = trend.beta > 1 ? "faster" : "slower"
        let trended = advice.reason == .failuresComeFaster || advice.reason == .failuresComeSlower
        return "Trend test (MIL-HDBK-189) over \(Figure.count(trend.failures, "failure")) of "
            + "\(Figure.count(trend.assets, "asset")): \(trended ? found : "no trend"), p \(Figure.p(trend.p)), "
            + "beta \(Figure.number(trend.beta))."
    }

    private var money: String? {
        guard let now = advice.costNow, let then = advice.costThen else { return nil }
        return "Cost a day \(Figure.number(now)) now, \(Figure.number(then)) then."
    }
}
