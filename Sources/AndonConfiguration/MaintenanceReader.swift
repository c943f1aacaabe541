import AndonDecide
import AndonModel

/// Reads `plant.maintenance`: when machines stand still by plan.
struct MaintenanceReader {
    let faults: SettingsFaults
    let secrets: SecretSource
    let plant: Plant

    func read(_ node: Settings) -> MaintenanceWindow? {
        let reader = SettingsReader(node, faults: faults, secrets: secrets)
        defer { reader.finish() }
        let name = reader.requiredText("name")
        let span = span(reader)
        let assets = Set(reader.texts("assets"))
        for unknown in assets.subtracting(plant.assets.keys).sorted() {
            faults.add("the asset \(unknown) is not in plant.assets", at: reader.raw("assets") ?? node)
        }
        let lines = Set(reader.texts("lines"))
        let known = Set(plant.assets.values.compactMap(\.line) + plant.zones.values.compactMap(\.line))
        for unknown in lines.subtracting(known).sorted() {
            faults.add(
                "no asset or zone has the line \(unknown); there are \(allowed(known.sorted()))",
                at: reader.raw("lines") ?? node)
        }
        guard let span, !name.isEmpty else { return nil }
        return MaintenanceWindow(name: name, assets: assets, lines: lines, span: span)
    }

    /// Every week on `days`, or once on a `date`; from and to are times of day.
    private func span(_ reader: SettingsReader) -> MaintenanceWindow.Span? {
        let from = reader.timeOfDay("from", in: 0...1439)
        let to = reader.timeOfDay("to", in: 0...1440)
        guard reader.raw("date") != nil else {
            let days = Set(reader.weekdays(of: "a planned stop").map(\.rawValue))
            guard let from, let to else { return nil }
            return .weekly(days: days, from: from, to: to)
        }
        if let node = reader.raw("days") { faults.add("give either \"date\" or \"days\"", at: node) }
        guard let date = reader.date(), let from, let to else { return nil }
        let schedule = OnCallSchedule(timeZone: plant.timeZone)
        return .once(
            from: schedule.moment(of: date, minutes: from),
            to: schedule.moment(of: CivilDate(daysSinceEpoch: date.daysSinceEpoch + (to <= from ? 1 : 0)), minutes: to))
    }
}
