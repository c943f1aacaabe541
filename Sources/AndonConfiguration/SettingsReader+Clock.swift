import AndonDecide
import AndonModel

/// Times of day, days of the week and dates, as the plant's clock on the wall has them.
extension SettingsReader {
    /// Minutes after midnight. YAML 1.1 reads 22:00 as a number of base sixty; we take the text as written.
    func timeOfDay(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = raw(key) else {
            missing(key)
            return nil
        }
        guard let text = text(of: node) else { return nil }
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

    /// The option `days` of `what` ("a shift"); all days where it is left out.
    func weekdays(of what: String) -> Set<OnCallSchedule.Weekday> {
        let all = OnCallSchedule.Weekday.allCases
        guard let node = raw("days") else { return Set(all) }
        let listed = list("days")
        if case .list = node.value, listed.isEmpty {
            faults.add("\(what) needs at least one day; leave \"days\" out for every day", at: node)
        }
        return Set(
            listed.compactMap { node in
                guard let text = text(of: node) else { return nil }
                if let day = all.first(where: { $0.name == text.lowercased() }) { return day }
                faults.add("should be one of \(allowed(all.map(\.name))); found \(node.kindName)", at: node)
                return nil
            })
    }

    /// The option `date`, which is required.
    func date() -> CivilDate? {
        guard let node = raw("date") else {
            missing("date")
            return nil
        }
        guard let text = text(of: node) else { return nil }
        // A time makes the date one that RFC 3339 can be asked about.
        guard text.utf8.count == 10, let midnight = Timestamp("\(text)T00:00:00Z") else {
            faults.add("should be a date like 2026-12-24, found \(node.kindName)", at: node)
            return nil
        }
        return CivilDate(daysSinceEpoch: midnight.microseconds / 86_400_000_000)
    }
}
