import AndonDecide
import AndonModel

/// Reads the section `rules`; `plant` is read already, so that rules for what it does not have are faults.
final class RulesReader {
    private let plant: Plant
    private let faults: SettingsFaults
    private let secrets: SecretSource
    private var actions: [String] = []
    private(set) var warnings: [SettingsFault] = []

    init(plant: Plant, faults: SettingsFaults, secrets: SecretSource) {
        self.plant = plant
        self.faults = faults
        self.secrets = secrets
    }

    func read(_ reader: SettingsReader) -> Rules {
        var rules = Rules()
        rules.bands = bands(reader)
        rules.severityNames = severityNames(reader)
        rules.criticalities = criticalities(reader)
        rules.priorities = priorities(reader, bands: rules.bands, criticalities: rules.criticalities)
        actions = reader.texts("actions")
        rules.actions = actions
        rules.defaults = reader.section("defaults").map { rule($0) } ?? Rule()
        for entry in reader.entries("classes") {
            rules.classes[entry.key] = defectClass(label: entry.key, reader.sub(entry.value))
        }
        if let section = reader.section("unmapped") {
            rules.unmapped = defectClass(label: "unmapped", section)
        }
        checkDefaultSeverities(rules, reader)
        rules.charts = ChartsReader(
            plant: plant, faults: faults, classes: Set(rules.classes.keys), criticalities: rules.criticalities
        ).read(reader)
        let onCall = OnCallReader(plant: plant, faults: faults)
        rules.routing = onCall.read(reader.section("onCall"), criticalities: rules.criticalities, in: rules.priorities)
        warnings += onCall.warnings
        reader.finish()
        return rules
    }

    // MARK: Bands, ranks and priorities

    private func bands(_ reader: SettingsReader) -> SeverityBands {
        var found = SeverityBands.standard
        let entries = inOrder(reader.entries("bands"))
        if let node = reader.raw("bands") {
            let bands = entries.map { entry in
                SeverityBands.Band(name: entry.key, from: reader.number(of: entry.value, in: 0...1) ?? 0)
            }
            if entries.isEmpty {
                faults.add("should have at least one band, like { minor: 0, major: 0.7 }", at: node)
            } else {
                found = SeverityBands(bands)
            }
            if let first = bands.first, first.from != 0, let entry = entries.first {
                faults.add("the first band should begin at 0, found \(first.from)", at: entry.value)
            }
            for index in bands.indices.dropFirst() where bands[index].from <= bands[index - 1].from {
                faults.add(
                    "should be above \(bands[index - 1].from), where \(bands[index - 1].name) begins; found"
                        + " \(bands[index].from)", at: entries[index].value)
            }
        }
        found.unstated = oneOf(found.bands.map(\.name), "unstatedBand", reader) ?? found.unstated
        return found
    }

    /// A document's members have no order of their own: there the bands' numbers say it.
    private func inOrder(_ entries: [Settings.Entry]) -> [Settings.Entry] {
        guard entries.allSatisfy({ $0.keyLine == 0 }) else { return entries }
        func start(_ entry: Settings.Entry) -> Double {
            if case .scalar(let text, _) = entry.value.value { return Double(text) ?? .infinity }
            return .infinity
        }
        return entries.sorted { (start($0), $0.key) < (start($1), $1.key) }
    }

    private func severityNames(_ reader: SettingsReader) -> [String: Double] {
        var names: [String: Double] = [:]
        for entry in reader.entries("severityNames") {
            guard let value = reader.number(of: entry.value, in: 0...1) else { continue }
            if names.updateValue(value, forKey: entry.key.lowercased()) != nil {
                faults.add("stands here a second time (capitals do not matter); keep one", at: entry)
            }
        }
        return names
    }

    private func criticalities(_ reader: SettingsReader) -> Criticalities {
        var found = Criticalities.standard
        if let node = reader.raw("criticalities") {
            let names = reader.texts("criticalities")
            if Set(names).count < names.count {
                faults.add("names a rank twice; keep one of each", at: node)
            } else if names.isEmpty {
                faults.add("should list at least one rank, the most critical first, like [A, B, C]", at: node)
            } else {
                found = Criticalities(names)
            }
        }
        found.unknown = oneOf(found.names, "unknownCriticality", reader) ?? found.unknown
        return found
    }

    private func oneOf(_ names: [String], _ key: String, _ reader: SettingsReader) -> String? {
        guard let node = reader.raw(key), let text = reader.text(of: node) else { return nil }
        guard names.contains(text) else {
            faults.add("should be one of \(allowed(names)); found \(node.kindName)", at: node)
            return nil
        }
        return text
    }

    private func priorities(
        _ reader: SettingsReader, bands: SeverityBands, criticalities: Criticalities
    ) -> PriorityMatrix {
        let names = bands.bands.map(\.name)
        guard let node = reader.raw("priority") else {
            let standard = PriorityMatrix.standard
            let isComplete = names.allSatisfy { band in
                criticalities.names.allSatisfy { standard.cells[band]?[$0] != nil }
            }
            if !isComplete {
                faults.add(
                    "the option \"priority\" is required here, because the bands or criticalities are not the standard"
                        + " ones: a row for each of \(allowed(names)), a number for each of"
                        + " \(allowed(criticalities.names))", at: reader.node)
            }
            return PriorityMatrix(
                standard.cells.filter { names.contains($0.key) }.mapValues { row in
                    row.filter { criticalities.names.contains($0.key) }
                })
        }
        var cells: [String: [String: Int]] = [:]
        for entry in reader.entries("priority") {
            guard names.contains(entry.key) else {
                faults.add("there is no such band; known are \(allowed(names))", at: entry)
                continue
            }
            let row = reader.sub(entry.value)
            cells[entry.key] = Dictionary(
                uniqueKeysWithValues: criticalities.names.compactMap { name in
                    if row.raw(name) == nil {
                        faults.add(
                            "the priority of \(entry.key) on criticality \(name) is missing; give 1 (most urgent) to"
                                + " \(PriorityMatrix.leastUrgentMax)", at: entry)
                    }
                    return row.integer(name, in: 1...PriorityMatrix.leastUrgentMax).map { (name, $0) }
                })
            row.finish()
        }
        for name in names where cells[name] == nil {
            faults.add("the row for the band \(name) is missing", at: node)
        }
        return PriorityMatrix(cells)
    }

    // MARK: Classes

    private func defectClass(label: String, _ reader: SettingsReader) -> DefectClass {
        var found = DefectClass(label: label, name: reader.text("name"), code: reader.text("code"))
        found.groups = overrides("groups", of: reader, known: Set(plant.assets.values.compactMap(\.group)))
        found.types = overrides("types", of: reader, known: Set(plant.assets.values.compactMap(\.type)))
        found.assets = overrides("assets", of: reader, known: Set(plant.assets.keys))
        found.rule = rule(reader)
        return found
    }

    private func overrides(_ key: String, of reader: SettingsReader, known: Set<String>) -> [String: Rule] {
        var rules: [String: Rule] = [:]
        for entry in reader.entries(key) {
            if !known.contains(entry.key) {
                faults.add(
                    "no asset of the plant has this \(Self.singular[key] ?? key); known are"
                        + " \(allowed(known.sorted()))", at: entry)
            }
            rules[entry.key] = rule(reader.sub(entry.value))
        }
        return rules
    }

    private static let singular = ["groups": "group", "types": "type", "assets": "id"]

    /// Reads the fields of a rule and ends the section.
    private func rule(_ reader: SettingsReader) -> Rule {
        let rule = Rule(
            minConfidence: reader.number("minConfidence", in: 0...1),
            minSeverity: reader.number("minSeverity", in: 0...1),
            frequency: frequency(reader),
            coolDown: reader.duration("coolDown"),
            whileOpen: reader.choice("whileOpen", fallback: .join),
            whenWorse: reader.choice("whenWorse", fallback: .join),
            kind: reader.choice("kind", fallback: .corrective),
            action: action(reader),
            orderType: reader.text("orderType"),
            defaultSeverity: reader.number("defaultSeverity", in: 0...1),
            reopenWithin: reader.duration("reopenWithin"),
            afterCancel: reader.choice("afterCancel", fallback: .raise),
            afterCancelFor: reader.duration("afterCancelFor"),
            whenInControl: reader.choice("whenInControl", fallback: .raise),
            whenOutOfControl: reader.choice("whenOutOfControl", fallback: .check))
        reader.finish()
        return rule
    }

    private func action(_ reader: SettingsReader) -> String? {
        guard let node = reader.raw("action"), let text = reader.text(of: node) else { return nil }
        if !actions.isEmpty, !actions.contains(text) {
            faults.add("should be one of rules.actions: \(allowed(actions)); found \(node.kindName)", at: node)
        }
        return text
    }

    private func frequency(_ reader: SettingsReader) -> Frequency? {
        guard let node = reader.raw("frequency") else { return nil }
        if case .scalar("off", _) = node.value { return .off }
        guard case .map = node.value else {
            faults.add(
                "should be off, { count: 3, within: 30m } or { count: 3, parts: 100 }; found \(node.kindName)", at: node
            )
            return nil
        }
        let section = reader.sub(node)
        defer { section.finish() }
        let before = faults.faults.count
        let count = section.integer("count", in: 1...100_000)
        if section.raw("count") == nil { section.missing("count") }
        let within = section.duration("within", in: .milliseconds(1) ... .seconds(366 * 86_400))
        let parts = section.integer("parts", in: 1...10_000_000)
        guard faults.faults.count == before, let count else { return nil }
        switch (within, parts) {
        case (let within?, nil): return Frequency(count: count, within: .time(within))
        case (nil, let parts?):
            return Frequency(count: count, within: .parts(parts))
        default:
            faults.add("should have either \"within\" (a time) or \"parts\" (a number of parts)", at: node)
            return nil
        }
    }

    /// A default severity below the minimum would hold back every detection that states none, silently.
    private func checkDefaultSeverities(_ rules: Rules, _ reader: SettingsReader) {
        var places: [(DefectClass, Settings.Entry)] = reader.entries("classes").compactMap { entry in
            rules.classes[entry.key].map { ($0, entry) }
        }
        if case .map(let all) = reader.node.value, let entry = all.first(where: { $0.key == "unmapped" }) {
            places.append((rules.unmapped, entry))
        }
        for (found, entry) in places {
            let label = found == rules.unmapped ? "" : found.label
            let spots =
                [("", nil, nil)] + found.groups.keys.sorted().map { ("", nil, $0) }
                + found.types.keys.sorted().map { ("", $0, nil) }
                + found.assets.keys.sorted().map { ($0, plant.assets[$0]?.type, plant.assets[$0]?.group) }
            for (asset, type, group) in spots as [(String, String?, String?)] {
                let rule = rules.effectiveRule(class: label, asset: asset, type: type, group: group)
                guard let value = rule.fields.defaultSeverity, let minimum = rule.fields.minSeverity, value < minimum
                else { continue }
                faults.add(
                    "\(rule.path(of: .defaultSeverity)) (\(value)) is below \(rule.path(of: .minSeverity))"
                        + " (\(minimum)): no detection without a severity would"
                        + " make an order; give at least \(minimum)",
                    at: entry)
                break
            }
        }
    }
}
