import AndonModel

/// Reads the section `learn`.
final class LearnReader {
    private let plant: Plant
    private let classes: Set<String>
    private let faults: SettingsFaults
    /// What is allowed and probably not meant: orders of former times may be of assets and classes that are no longer
    /// there, and a CMMS's registry has assets of its own.
    private(set) var warnings: [SettingsFault] = []

    private static let hours = 0...168.0
    private static let prices = 0...1e9
    private static let days: ClosedRange<Duration> = .seconds(86_400) ... .seconds(3660 * 86_400)

    init(plant: Plant, classes: Set<String>, faults: SettingsFaults) {
        self.plant = plant
        self.classes = classes
        self.faults = faults
    }

    func read(_ reader: SettingsReader) -> LearnSettings {
        var settings = LearnSettings()
        settings.hoursPerWeek = reader.raw("hoursPerWeek").flatMap(hours) ?? settings.hoursPerWeek
        for entry in reader.entries("assetHours") {
            warnUnlessKnown(entry.key, in: plant.assets.keys, "plant.assets", at: entry.value)
            settings.assetHours[entry.key] = hours(entry.value)
        }
        settings.recurrenceDays = days("recurrenceWithin", reader) ?? settings.recurrenceDays
        if let section = reader.section("cost") { settings.cost = cost(section) }
        settings.shifts = shifts(reader)
        settings.tasks = tasks(reader)
        settings.proposalClass = reader.text("proposalClass", default: settings.proposalClass)
        if let section = reader.section("verdict") { settings.verdict = verdict(section) }
        reader.finish()
        return settings
    }

    private func hours(_ node: Settings) -> Double? {
        guard case .scalar(let text, false) = node.value, let found = Double(text), found > 0,
            Self.hours.contains(found)
        else {
            faults.add("should be hours a week, more than 0 and at most 168; found \(node.kindName)", at: node)
            return nil
        }
        return found
    }

    /// A span of whole days.
    private func days(_ key: String, _ reader: SettingsReader) -> Int? {
        guard let found = reader.duration(key, in: Self.days) else { return nil }
        let day: Int64 = 86_400_000_000
        if found.microseconds % day != 0, let node = reader.raw(key) {
            faults.add("should be whole days like 30d, found \(node.kindName)", at: node)
        }
        return Int(found.microseconds / day)
    }

    // MARK: Prices

    private func cost(_ reader: SettingsReader) -> LearnSettings.Cost {
        var cost = LearnSettings.Cost()
        cost.currency = reader.text("currency", default: cost.currency)
        cost.labourHour = reader.number("labourHour", in: Self.prices)
        cost.parts = prices("parts", reader)
        cost.scrapUnit = prices("scrapUnit", reader) { [self] entry in
            warnUnlessKnown(entry.key, in: classes, "rules.classes", at: entry.value)
        }
        reader.finish()
        return cost
    }

    private func prices(
        _ key: String, _ reader: SettingsReader, _ look: (Settings.Entry) -> Void = { _ in }
    ) -> [String: Double] {
        var found: [String: Double] = [:]
        for entry in reader.entries(key) {
            look(entry)
            found[entry.key] = reader.number(of: entry.value, in: Self.prices)
        }
        return found
    }

    // MARK: Shifts

    /// A moment belongs to one shift at most.
    private func shifts(_ reader: SettingsReader) -> [LearnSettings.Shift] {
        var taken: [LearnSettings.Shift] = []
        for node in reader.list("shifts") {
            let reader = reader.sub(node)
            let name = reader.requiredText("name")
            let from = reader.timeOfDay("from", in: 0...1439)
            let to = reader.timeOfDay("to", in: 0...1440)
            reader.finish()
            guard !name.isEmpty, let from, let to else { continue }
            let shift = LearnSettings.Shift(name: name, from: from, to: to)
            if taken.contains(where: { $0.name == name }), let node = reader.raw("name") {
                faults.add("there is a shift \(name) already; keep one", at: node)
            } else if let other = taken.first(where: { $0.overlaps(shift) }) {
                faults.add(
                    "\(name) overlaps \(other.name): a moment belongs to one shift, so let one end where the other begins",
                    at: node)
            }
            taken.append(shift)
        }
        return taken
    }

    // MARK: Tasks

    private func tasks(_ reader: SettingsReader) -> [LearnSettings.MaintenanceTask] {
        var names: Set<String> = []
        return reader.list("tasks").compactMap { node in
            let reader = reader.sub(node)
            let task = task(reader)
            if let task, !names.insert(task.name).inserted, let node = reader.raw("name") {
                faults.add("there is a task \(task.name) already; keep one", at: node)
            }
            return task
        }
    }

    private func task(_ reader: SettingsReader) -> LearnSettings.MaintenanceTask? {
        let name = reader.requiredText("name")
        if reader.raw("every") == nil { reader.missing("every") }
        let every = reader.duration("every", in: Self.days)
        let assets = known("assets", in: plant.assets.keys, "plant.assets", reader)
        let classes = known("classes", in: classes, "rules.classes", reader)
        let planned = reader.number("plannedCost", in: Self.prices)
        let failure = reader.number("failureCost", in: Self.prices)
        let actions = Set(reader.texts("actions"))
        if (planned == nil) != (failure == nil) {
            faults.add(
                "the costs of a task are weighed against each other: give plannedCost and failureCost, or neither",
                at: reader.node)
        }
        reader.finish()
        guard !name.isEmpty, let every, !assets.isEmpty, !classes.isEmpty else { return nil }
        return LearnSettings.MaintenanceTask(
            name: name, assets: assets, classes: classes, intervalDays: Double(every.microseconds) / 86_400e6,
            actions: actions, plannedCost: planned, failureCost: failure)
    }

    /// At least one name.
    private func known(
        _ key: String, in names: some Collection<String>, _ place: String, _ reader: SettingsReader
    ) -> Set<String> {
        guard let node = reader.raw(key) else {
            reader.missing(key)
            return []
        }
        let nodes = reader.list(key)
        if case .list = node.value, nodes.isEmpty { faults.add("should name at least one", at: node) }
        return Set(
            nodes.compactMap { node in
                guard let text = reader.text(of: node) else { return nil }
                warnUnlessKnown(text, in: names, place, at: node)
                return text
            })
    }

    private func warnUnlessKnown(
        _ name: String, in names: some Collection<String>, _ place: String, at node: Settings
    ) {
        guard !names.contains(name) else { return }
        warnings.append(
            SettingsFault(
                line: node.line, column: node.column, path: node.path,
                message: "\"\(name)\" is not in \(place); nothing is found for it unless orders have that name"))
    }

    // MARK: Verdicts

    private func verdict(_ reader: SettingsReader) -> LearnSettings.Verdict {
        var verdict = LearnSettings.Verdict()
        verdict.horizonDays = days("horizon", reader).map(Double.init) ?? verdict.horizonDays
        verdict.symptomShare = reader.number("symptomShare", in: 0...1) ?? verdict.symptomShare
        verdict.causeShare = reader.number("causeShare", in: 0...1) ?? verdict.causeShare
        verdict.errorRate = reader.number("errorRate", in: 0.0001...0.5) ?? verdict.errorRate
        verdict.casesMin = reader.integer("casesMin", in: 3...1000) ?? verdict.casesMin
        if verdict.causeShare >= verdict.symptomShare {
            faults.add(
                "causeShare, \(verdict.causeShare), should be below symptomShare, \(verdict.symptomShare): between them"
                    + " nothing is said", at: reader.raw("causeShare") ?? reader.node)
        }
        reader.finish()
        return verdict
    }
}

extension LearnSettings.Shift {
    /// Minutes of the day, in one stretch or two; a shift that ends where it begins is the whole day.
    private var stretches: [Range<Int>] { to > from ? [from..<to] : [from..<1440, 0..<to] }

    fileprivate func overlaps(_ other: LearnSettings.Shift) -> Bool {
        stretches.contains { mine in other.stretches.contains { mine.overlaps($0) } }
    }
}
