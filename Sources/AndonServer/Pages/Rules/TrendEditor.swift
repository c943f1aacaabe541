import AndonDecide
import AndonModel

/// The form of the charts' trends: from which value on a degradation is a fault, and how far ahead its repair is planned.
struct TrendEditor: RulesEditor {
    static let name = "trends"

    private static let chartsMax = 100
    private static let texts = ["horizon"]
    private static let numbers = ["threshold", "confidence", "significance", "pointsMin"]

    func title(_ ground: EditGround) -> String { ground.words["edit-trends"] }

    /// The charts that have a row, in the order of the rows: the same for who fills a form in and who sends it.
    private func charts(_ ground: EditGround) -> [String] {
        let reach = RulesReach(ground.scope, charts: [])
        let seen = (ground.document["charts"]?.object ?? [:]).filter { reach.isSeen(chart: $0.value) }
        return Array(seen.keys.sorted().prefix(Self.chartsMax))
    }

    private func pointer(_ chart: String) -> String { "/charts/\(JSONPointer.escape(chart))" }

    func values(_ ground: EditGround, _ form: PageForm?, _ faults: [Problem.Fault]) -> [String: Any] {
        let names = charts(ground)
        let rows = names.enumerated().map { index, name -> [String: Any] in
            let chart = ground.document["charts"]?[name]
            let trend = chart?["trend"]
            var row: [String: Any] = ["chart": name, "index": index]
            row["kind"] = RuleWords.plain(chart?["kind"])
            for key in Self.texts + Self.numbers {
                row[key] = form?.typed("\(key)-\(index)") ?? RuleWords.text(trend?[key])
            }
            let direction = form?.typed("direction-\(index)") ?? trend?["direction"]?.string ?? "rising"
            row["directions"] = FormChoice.all(
                ["rising", "falling"].map { FormChoice($0, ground.words[$0]) }, chosen: direction)
            row["leads"] = leads(index, trend?["leadTime"], form, ground)
            row["error"] = faults.words(at: pointer(name))
            return row
        }
        return ["rows": rows, "isEmpty": rows.isEmpty]
    }

    /// One span for all, or one for each rank where the document says so.
    private func leads(_ index: Int, _ said: JSON?, _ form: PageForm?, _ ground: EditGround) -> [[String: Any]] {
        let names = said?.object == nil ? [""] : ground.rules.criticalities.names
        return names.enumerated().map { rank, name -> [String: Any] in
            let field = "lead-\(index)-\(rank)"
            let value = form?.typed(field) ?? RuleWords.text(name.isEmpty ? said : said?[name])
            let label = name.isEmpty ? ground.words["lead"] : ground.words.text("lead-of", ["rank": name])
            return ["field": field, "value": value, "label": label]
        }
    }

    func document(_ form: PageForm, _ ground: EditGround) throws -> JSON {
        var document = ground.document
        for (index, name) in charts(ground).enumerated() {
            let place = "\(pointer(name))/trend"
            let said = document.value(at: place)
            guard said != nil || form["threshold-\(index)"] != nil else { continue }
            guard form["threshold-\(index)"] != nil else {
                document = document.setting(nil, at: place) ?? document
                continue
            }
            let trend = self.trend(index, said?.object ?? [:], form, ground)
            document = document.setting(.object(trend), at: place) ?? document
        }
        return document
    }

    private func trend(
        _ index: Int, _ said: [String: JSON], _ form: PageForm, _ ground: EditGround
    ) -> [String: JSON] {
        var trend = said
        for key in Self.numbers { trend[key] = form.number("\(key)-\(index)", said[key]) }
        for key in Self.texts { trend[key] = form.text("\(key)-\(index)", said[key]) }
        let direction = form["direction-\(index)"] ?? "rising"
        if said["direction"] != nil || direction != "rising" { trend["direction"] = .string(direction) }
        if said["leadTime"]?.object == nil {
            trend["leadTime"] = form.text("lead-\(index)-0", said["leadTime"])
        } else {
            var leads: [String: JSON] = [:]
            for (rank, name) in ground.rules.criticalities.names.enumerated() {
                leads[name] = form.text("lead-\(index)-\(rank)", said["leadTime"]?[name])
            }
            trend["leadTime"] = .object(leads)
        }
        return trend
    }
}
