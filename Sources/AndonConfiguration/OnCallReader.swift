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
        let from = reader.timeOfDay("from", in: 0...1439)
        let to = reader.timeOfDay("to", in: 0...1440)
        let days = reader.weekdays(of: "a shift")
        reader.finish()
        guard !name.isEmpty, !assignee.isEmpty, let from, let to else { return nil }
        return OnCallSchedule.Shift(name: name, days: days, from: from, to: to, assignee: assignee)
    }

    private func override(_ reader: SettingsReader, shifts: Set<String>) -> OnCallSchedule.Override? {
        let date = reader.date()
        let shift = reader.text("shift")
        if let shift, !shifts.contains(shift), let node = reader.raw("shift") {
            faults.add("should be one of the shifts \(allowed(shifts.sorted())); found \(node.kindName)", at: node)
        }
        let assignee = reader.requiredText("assignee")
        reader.finish()
        guard let date, !assignee.isEmpty else { return nil }
        return OnCallSchedule.Override(date: date, shift: shift, assignee: assignee == "nobody" ? nil : assignee)
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
                    + " alarm", file: reader.node.file))
    }
}
