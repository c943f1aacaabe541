import AndonModel
import AndonWeb

/// What a chart's trend says of a repair, in a reader's language and with the plant's days. The order's document has the
/// parts; its sentence for CMMSs and for the ledger is ``Prediction/sentence``.
struct PredictionWords {
    let texts: Texts
    let formats: Formats

    func text(_ prediction: Prediction) -> String {
        let counted = ["name": prediction.name, "points": formats.number(prediction.points)]
        switch prediction.standing {
        case .tooFew: return say("too-few", counted)
        case .level: return say("level", counted) + tail(prediction)
        case .away, .degrading, .dated, .fast, .crossed:
            return slope(prediction, counted) + tail(prediction) + crossing(prediction)
        }
    }

    private func say(_ key: String, _ values: [String: String]) -> String {
        texts.text("order", "prediction-\(key)", values)
    }

    private func slope(_ prediction: Prediction, _ counted: [String: String]) -> String {
        let way = (prediction.slope ?? 0) < 0 ? "falls" : "rises"
        var values = counted
        values["slope"] = formats.significant(prediction.slope?.magnitude ?? 0)
        guard let lower = prediction.slopeLower, let upper = prediction.slopeUpper else { return say(way, values) }
        let ends = [lower.magnitude, upper.magnitude].sorted().map { formats.significant($0) }
        (values["lower"], values["upper"]) = (ends[0], ends[1])
        return say("\(way)-band", values)
    }

    private func tail(_ prediction: Prediction) -> String {
        let significance = prediction.significance.map { say("significance", ["p": formats.significant($0)]) }
        let level = prediction.level.map { say("height", ["level": formats.significant($0)]) }
        return (significance ?? "") + (level ?? "")
    }

    private func crossing(_ prediction: Prediction) -> String {
        var values = ["threshold": formats.significant(prediction.threshold)]
        guard prediction.standing != .crossed else { return say("crossed", values) }
        guard let first = prediction.first, let expected = prediction.expected, let last = prediction.last else {
            return prediction.standing == .away ? "" : say("undated", values)
        }
        values["first"] = formats.day(first)
        values["last"] = formats.day(last)
        values["expected"] = formats.day(expected)
        values["share"] = formats.percent(prediction.confidence, digits: 0)
        return say("dated", values)
    }
}
