import AndonDecide
import AndonModel
import AndonWeb

/// What a draft would have done, beside the rules in force: counts, and the newest orders with their pictures.
struct ComparisonView {
    let comparison: RulesComparison
    let words: RuleWords
    let names: ClassNames

    /// Pictures are whole ones: a few say what is meant, and the list names the rest.
    private static let picturesMax = 8
    private static let countsMax = 20

    var values: [String: Any] {
        let formats = words.formats
        var values: [String: Any] = [:]
        values["from"] = formats.time(comparison.from)
        values["to"] = formats.time(comparison.to)
        values["detections"] = formats.number(comparison.report.tally.detections)
        values["today"] = formats.number(comparison.today)
        values["candidate"] = formats.number(comparison.candidate)
        values["sides"] = [side("added", comparison.added), side("removed", comparison.removed)]
        values["isSame"] = comparison.added.count == 0 && comparison.removed.count == 0
        values["assumptions"] = comparison.report.assumptions
        return values
    }

    private func side(_ name: String, _ side: RulesComparison.Side) -> [String: Any] {
        let pictured = side.items.filter { $0.picture != nil }.prefix(Self.picturesMax)
        var values: [String: Any] = ["title": words["\(name)-title"], "words": words.count(name, side.count)]
        values["isEmpty"] = side.count == 0
        values["byClass"] = Self.counts(side.byClass, words, named: names.words)
        values["byAsset"] = Self.counts(side.byAsset, words)
        values["pictures"] = pictured.map { item($0) }
        values["items"] = side.items.map { item($0) }
        let further = side.count - side.items.count
        if further > 0 { values["further"] = words.count("further", further) }
        return values
    }

    /// The largest first.
    private static func counts(
        _ counts: [String: Int], _ words: RuleWords, named: (String) -> String = { $0 }
    ) -> [[String: Any]] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(countsMax).map { name, count in
            ["name": named(name), "count": words.formats.number(count)]
        }
    }

    private func item(_ item: RulesComparison.Item) -> [String: Any] {
        var row: [String: Any] = ["inspection": item.inspectionID, "asset": item.asset, "rule": item.rule]
        let defectClass = item.defectClass.map(names.words) ?? words["signal"]
        row["class"] = defectClass
        row["at"] = words.formats.time(item.detectedAt)
        row["confidence"] = item.confidence.map { words.formats.number($0, digits: 2) } ?? "–"
        row["severity"] = item.severity.map { words.formats.number($0, digits: 2) } ?? "–"
        row["priority"] = item.priority
        row["picture"] = item.picture.map { "/pictures/\($0)" } ?? ""
        row["hasPicture"] = item.picture != nil
        row["order"] = item.reference?.text ?? ""
        row["hasOrder"] = item.reference != nil
        row["alt"] = words.text(
            "picture-alt", ["class": defectClass, "asset": item.asset])
        return row
    }
}
