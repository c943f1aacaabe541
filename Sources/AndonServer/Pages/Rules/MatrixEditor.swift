import AndonDecide
import AndonModel

/// The form of the priority matrix: a row for each severity band with where it begins, a column for each criticality.
struct MatrixEditor: RulesEditor {
    static let name = "matrix"

    func title(_ ground: EditGround) -> String { ground.words["edit-matrix"] }

    private func cell(_ band: Int, _ rank: Int) -> String { "cell-\(band)-\(rank)" }

    func values(_ ground: EditGround, _ form: PageForm?, _ faults: [Problem.Fault]) -> [String: Any] {
        let (bands, ranks) = (ground.rules.bands, ground.rules.criticalities)
        var values: [String: Any] = ["ranks": ranks.names, "least": PriorityMatrix.leastUrgentMax]
        var rows: [[String: Any]] = []
        for (index, band) in bands.bands.enumerated().reversed() {
            let place = JSONPointer.escape(band.name)
            var row: [String: Any] = ["band": band.name, "field": "from-\(index)", "isFirst": index == 0]
            row["from"] = form?.typed("from-\(index)") ?? RuleWords.plain(.number(band.from))
            let words = [faults.words(at: "/bands/\(place)"), faults.words(at: "/priority/\(place)")]
            row["error"] = words.compactMap(\.self).first
            row["cells"] = ranks.names.enumerated().map { rank, name -> [String: Any] in
                let field = cell(index, rank)
                let label = ground.words.text("priority-of", ["band": band.name, "rank": name])
                let value = form?.typed(field) ?? "\(ground.rules.priorities[band.name, name])"
                return ["field": field, "label": label, "value": value]
            }
            rows.append(row)
        }
        values["rows"] = rows
        let unstated = form?.typed("unstated") ?? bands.unstated
        values["bands"] = FormChoice.all(bands.bands.map { FormChoice($0.name) }, chosen: unstated)
        let unknown = form?.typed("unknown") ?? ranks.unknown
        values["rankChoices"] = FormChoice.all(ranks.names.map { FormChoice($0) }, chosen: unknown)
        return values
    }

    /// What is as it would be without a word stays unsaid.
    func document(_ form: PageForm, _ ground: EditGround) throws -> JSON {
        let (bands, ranks) = (ground.rules.bands, ground.rules.criticalities)
        var members = ground.document.object ?? [:]
        var starts: [String: JSON] = [:]
        var priorities: [String: JSON] = [:]
        for (index, band) in bands.bands.enumerated() {
            starts[band.name] = form.number("from-\(index)", members["bands"]?[band.name]) ?? .number(band.from)
            var row: [String: JSON] = [:]
            for (rank, name) in ranks.names.enumerated() {
                row[name] = form.number(cell(index, rank), members["priority"]?[band.name]?[name])
            }
            priorities[band.name] = .object(row)
        }
        let isMoved = bands.bands.contains { starts[$0.name] != .number($0.from) }
        if isMoved || members["bands"] != nil { members["bands"] = .object(starts) }
        let isOther = bands.bands.contains { band in
            ranks.names.contains { name in
                priorities[band.name]?[name] != .integer(ground.rules.priorities[band.name, name])
            }
        }
        if isOther || members["priority"] != nil { members["priority"] = .object(priorities) }
        if let unstated = form["unstated"], unstated != bands.unstated { members["unstatedBand"] = .string(unstated) }
        if let unknown = form["unknown"], unknown != ranks.unknown { members["unknownCriticality"] = .string(unknown) }
        return .object(members)
    }
}
