import AndonDecide
import AndonModel

/// One class: every option with what each level says of it, and what counts on each asset.
struct ClassView {
    let rules: Rules
    let plant: Plant
    let scope: SiteScope
    let label: String
    /// The asset that the options are shown for; nil for any.
    let asset: String?
    /// The asset that the last page of the list ended with.
    let after: String
    let words: RuleWords

    private static let assetsMax = 100

    private var found: DefectClass { rules.classes[label] ?? rules.unmapped }

    private func inheritance(_ id: String?) -> RuleInheritance {
        let place = id.flatMap { plant.assets[$0] }
        return RuleInheritance(rules, class: label, asset: id, type: place?.type, group: place?.group)
    }

    var values: [String: Any] {
        let own = inheritance(scope.seen(asset))
        var values: [String: Any] = ["label": label, "name": found.name, "code": found.code ?? "–"]
        values["isUnknown"] = rules.classes[label] == nil
        values["asset"] = asset ?? ""
        values["isAsset"] = asset != nil
        values["options"] = Rule.Field.allCases.map { option($0, own) }
        values["columns"] = RulesOverview.main.map { words.name($0) }
        let (rows, next) = assets
        values["rows"] = rows
        values["hasRows"] = !rows.isEmpty
        values["next"] = next.map {
            "/rules/class?name=\(RulesOverview.escaped(label))&after=\(RulesOverview.escaped($0))"
        }
        return values
    }

    private func option(_ field: Rule.Field, _ inheritance: RuleInheritance) -> [String: Any] {
        let said = inheritance.words(on: field)
        var row: [String: Any] = ["name": words.name(field), "option": field.rawValue]
        row["value"] = words.value(field, said.first?.value)
        row["from"] = said.first.map { words.level($0.level) } ?? words["level-none"]
        row["wider"] = said.dropFirst().map { word -> [String: Any] in
            ["level": words.level(word.level), "value": words.value(field, word.value)]
        }
        return row
    }

    /// The assets of the plant, a page of them.
    private var assets: (rows: [[String: Any]], next: String?) {
        let ids = plant.assets.keys.filter { $0 > after && scope.sees(asset: $0) }.sorted()
        let shown = ids.prefix(Self.assetsMax)
        let overview = RulesOverview(rules: rules, plant: plant, scope: scope, asset: nil, words: words)
        let rows = shown.map { id -> [String: Any] in
            let own = inheritance(id)
            let place = plant.assets[id]
            var row: [String: Any] = ["id": id, "name": place?.name ?? ""]
            row["place"] = [place?.group, place?.type].compactMap(\.self).joined(separator: ", ")
            row["address"] =
                "/rules/class?name=\(RulesOverview.escaped(label))&asset=\(RulesOverview.escaped(id))"
            row["cells"] = RulesOverview.main.map { overview.cell($0, own) }
            return row
        }
        return (rows, ids.count > shown.count ? shown.last : nil)
    }
}
