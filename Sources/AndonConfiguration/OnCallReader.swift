import AndonDecide
import AndonModel

/// Reads the section `rules.onCall`.
final class OnCallReader {
    private let plant: Plant
    private let faults: SettingsFaults
    private(set) var warnings: [SettingsFault] = []

    init(plant: Plant, faults: SettingsFaults) {
        self.plant = plant
        self.faults = faults
    }

    /// Without the section nobody is ever on call, and no order asks for it.
    func read(_ reader: SettingsReader?, criticalities: Criticalities, in matrix: PriorityMatrix) -> Routing {
        let empty = OnCallSchedule(timeZone: plant.timeZone)
        guard let reader else { return Routing(priorities: [], schedule: empty) }
        var routing = Routing(schedule: empty)
        if reader.raw("priorities") != nil {
            routing.priorities = Set(reader.list("priorities").compactMap { priority($0, upTo: matrix.leastUrgent) })
        }
        if reader.raw("criticalities") != nil {
            routing.criticalities = Set(
                reader.list("criticalities").compactMap { node in
                    guard let text = reader.text(of: node) else { return nil }
                    if !criticalities.names.contains(text) {
                        faults.add("should be one of \(allowed(criticalities.names)); found \(node.kindName)", at: node)
                    }
                    return text
                })
        }
        for node in reader.list("shifts") {
            if let shift = shift(reader.sub(node)) { routing.schedule.shifts.append(shift) }
        }
        let names = Set(routing.schedule.shifts.map(\.name))
        for node in reader.list("overrides") {
            if let override = override(reader.sub(node), shifts: names) { routing.schedule.overrides.append(override) }
        }
        warnOfEmptyDays(routing.schedule, at: reader)
        reader.finish()
        return routing
    }

    private func priority(_ node: Settings, upTo least: Int) -> Int? {
        guard case .scalar(let text, false) = node.value, let value = Int(text), (1...max(1, least)).contains(value)
        else {
            faults.add("should be a priority from 1 to \(least), found \(node.kindName)", at: node)
            return nil
        }
        return value
    }

    private func shift(_ reader: SettingsReader) -> OnCallSchedule.Shift? {
        let name = reader.requiredText("name")
        let assignee = reader.requiredText("assignee")
        let from = time("from", reader, in: 0...1439)
        let to = time("to", reader, in: 0...1440)
        let days = days(reader)
        reader.finish()
        guard !name.isEmpty, !assignee.isEmpty, let from, let to else { return nil }
        return OnCallSchedule.Shift(name: name, days: days, from: from, to: to, assignee: assignee)
    }

    private func days(_ reader: SettingsReader) -> Set<OnCallSchedule.Weekday> {
        let all = OnCallSchedule.Weekday.allCases
        guard let node = reader.raw("days") else { return Set(all) }
        let listed = reader.list("days")
        if case .list = node.value, listed.isEmpty {
            faults.add("a shift needs at least one day; leave \"days\" out for every day", at: node)
        }
        return Set(
            listed.compactMap { node in
                guard let text = reader.text(of: node) else { return nil }
                if let day = all.first(where: { $0.name == text.lowercased() }) { return day }
                faults.add("should be one of \(allowed(all.map(\.name))); found \(node.kindName)", at: node)
                return nil
            })
    }

    /// Minutes after midnight. YAML 1.1 reads 22:00 as a number of base sixty; we take the text as written.
    private func time(_ key: String, _ reader: SettingsReader, in range: ClosedRange<Int>) -> Int? {
        guard let node = reader.raw(key) else {
            reader.missing(key)
            return nil
        }
        guard let text = reader.text(of: node) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), minutes < 60, range.contains(hours * 60 + minutes)
        {
            return hours * 60 + minutes
        }
        faults.add("should be a time of day like 06:00 or 22:30, found \(node.kindName)", at: node)
        return nil
    }

    private func override(_ reader: SettingsReader, shifts: Set<String>) -> OnCallSchedule.Override? {
        let date = date(reader)
        let shift = reader.text("shift")
        if let shift, !shifts.contains(shift), let node = reader.raw("shift") {
            faults.add("should be one of the shifts \(allowed(shifts.sorted())); found \(node.kindName)", at: node)
        }
        let assignee = reader.requiredText("assignee")
        reader.finish()
        guard let date, !assignee.isEmpty else { return nil }
        return OnCallSchedule.Override(date: date, shift: shift, assignee: assignee == "nobody" ? nil : assignee)
    }

    private func date(_ reader: SettingsReader) -> CivilDate? {
        guard let node = reader.raw("date") else {
            reader.missing("date")
            return nil
        }
        guard let text = reader.text(of: node) else { return nil }
        // A time makes the date one that RFC 3339 can be asked about.
        guard text.utf8.count == 10, let midnight = Timestamp("\(text)T00:00:00Z") else {
            faults.add("should be a date like 2026-12-24, found \(node.kindName)", at: node)
            return nil
        }
        return CivilDate(daysSinceEpoch: midnight.microseconds / 86_400_000_000)
    }

    /// A day of the week without a shift may be meant, so it does not stop the server.
    private func warnOfEmptyDays(_ schedule: OnCallSchedule, at reader: SettingsReader) {
        let covered = schedule.shifts.reduce(into: Set<OnCallSchedule.Weekday>()) { $0.formUnion($1.days) }
        let empty = OnCallSchedule.Weekday.allCases.filter { !covered.contains($0) }
        guard !empty.isEmpty else { return }
        warnings.append(
            SettingsFault(
                line: reader.node.line, column: reader.node.column, path: reader.node.path,
                message:
                    "no shift begins on \(allowed(empty.map(\.name))): urgent orders then go to the backlog with an"
                    + " alarm"))
    }
}
