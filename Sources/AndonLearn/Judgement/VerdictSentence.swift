/// A verdict in plain words.
struct VerdictSentence {
    private let verdict: ActionVerdict
    private var evidence: ActionVerdict.Evidence { verdict.evidence }

    init(_ verdict: ActionVerdict) { self.verdict = verdict }

    var text: String { ([head, counts] + [hold, comparison, circumstances].compactMap { $0 }).joined(separator: " ") }

    private var subject: String {
        let place = verdict.asset.map { " on \($0)" } ?? ""
        return "\"\(verdict.action)\" for \(verdict.defect)\(place)"
    }

    private var days: String { Figure.days(evidence.horizon) }

    private var head: String {
        switch verdict.name {
        case .removesCause: "\(subject) removes the cause, as far as \(days) show."
        case .symptomOnly: "\(subject) treats the symptom only."
        case .wearsOut:
            "\(subject) holds for about \(Figure.days(evidence.median ?? 0)) and then wears out: a matter for a planned "
                + "interval."
        case .undecided: "\(subject) cannot be judged yet: the evidence fits more than one verdict."
        case .tooFew:
            "\(subject) has too few cases to be judged: \(evidence.followed) came back or were watched for \(days), "
                + "at least \(evidence.needed) are needed."
        }
    }

    private var counts: String {
        var text = "After \(Figure.count(evidence.cases, "repair")) it came back \(Figure.times(evidence.returns))"
        if evidence.otherCauses > 0 { text += " (and \(Figure.times(evidence.otherCauses)) with another cause)" }
        if let share = evidence.share {
            text += ", \(Figure.percent(share)) within \(days)"
            if let lower = evidence.lower, let upper = evidence.upper {
                text += " (95 % band \(Figure.percent(lower)) to \(Figure.percent(upper)))"
            }
        }
        return text + "."
    }

    private var hold: String? {
        guard let median = evidence.median else { return nil }
        var text = "Half were back by \(Figure.days(median))"
        if let shape = evidence.shape {
            text += "; Weibull shape \(Figure.number(shape))"
            if let lower = evidence.shapeLower, let upper = evidence.shapeUpper {
                text += " (\(Figure.number(lower)) to \(Figure.number(upper)))"
            }
        }
        return text + "."
    }

    private var comparison: String? {
        evidence.comparison.map {
            let place = ($0.isByAsset && verdict.asset == nil ? "on the same assets and " : "") + "in the same seasons"
            return
                "Beside \(Figure.count($0.others, "repair")) by other actions \(place), \(Figure.number($0.expected)) "
                + "returns would be expected after \($0.own) of these, and \($0.observed) came (p \(Figure.p($0.p)))."
        }
    }

    /// Said only where the action had it easier or harder than usual.
    private var circumstances: String? {
        guard evidence.circumstances < 0.8 || evidence.circumstances > 1.25 else { return nil }
        let interval = "\(Figure.number(evidence.circumstancesLower)) to \(Figure.number(evidence.circumstancesUpper))"
        return "It was used where and when the class comes back \(Figure.number(evidence.circumstances)) times as fast "
            + "as usual (\(interval))."
    }
}
