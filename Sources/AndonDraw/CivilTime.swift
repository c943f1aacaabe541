/// Moments in UTC for an axis of time. A moment is microseconds since 1970-01-01T00:00:00Z, years 1...9999.
enum CivilTime {
    static let second: Int64 = 1_000_000
    static let day: Int64 = 86_400_000_000
    static let moments: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_000_000

    struct Tick: Hashable, Sendable {
        var at: Int64
        var label: String
        /// The day, where the label is an hour and the day is a new one.
        var under: String?
    }

    /// Days since 1970 as year, month and day (Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013).
    static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let slot = (5 * ofYear + 2) / 153
        let month = slot < 10 ? slot + 3 : slot - 9
        return (year + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * slot + 2) / 5 + 1)
    }

    /// The reverse of ``civil(_:)`` for the first of a month.
    static func days(year: Int64, month: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    /// `2026-11-23`
    static func date(_ moment: Int64) -> String {
        let at = held(moment)
        let (year, month, day) = civil(floored(at, by: Self.day))
        return "\(padded(year, 4))-\(padded(month))-\(padded(day))"
    }

    /// `21:09`, or `21:09:30` where the seconds are not zero.
    static func clock(_ moment: Int64) -> String {
        let at = held(moment)
        let seconds = (at - floored(at, by: day) * day) / second
        let text = "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60))"
        return seconds % 60 == 0 ? text : text + ":\(padded(seconds % 60))"
    }

    /// Ticks at round moments, at most `count` of them.
    static func ticks(from start: Int64, to end: Int64, atMost count: Int) -> [Tick] {
        let first = held(start)
        let last = max(first, held(end))
        let room = max(1, (last - first) / Int64(max(1, count)))
        let steps: [Int64] =
            [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200].map { $0 * second }
            + [1, 2, 7, 14].map { $0 * day }
        if let step = steps.first(where: { $0 >= room }) { return even(first, last, step) }
        let months = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12_000, 60_000]
        let step = months.first { Int64($0) * 28 * day >= room } ?? 120_000
        return monthly(first, last, Int64(step))
    }

    private static func even(_ first: Int64, _ last: Int64, _ step: Int64) -> [Tick] {
        var at = (floored(first, by: step) + (first % step == 0 ? 0 : 1)) * step
        var ticks: [Tick] = []
        var before: String?
        while at <= last, ticks.count < 64 {
            let date = date(at)
            let isClock = step < day
            ticks.append(Tick(at: at, label: isClock ? clock(at) : date, under: isClock && date != before ? date : nil))
            before = date
            at += step
        }
        return ticks
    }

    private static func monthly(_ first: Int64, _ last: Int64, _ step: Int64) -> [Tick] {
        let (year, month, _) = civil(floored(first, by: day))
        var count = ((year * 12 + month - 1) / step) * step
        var ticks: [Tick] = []
        while ticks.count < 64 {
            let at = days(year: count / 12, month: count % 12 + 1) * day
            if at > last { break }
            if at >= first {
                let name = padded(count / 12, 4) + (step < 12 ? "-" + padded(count % 12 + 1) : "")
                ticks.append(Tick(at: at, label: name))
            }
            count += step
        }
        return ticks
    }

    /// The moment, or the nearest of those that have a date of four digits.
    static func held(_ at: Int64) -> Int64 { min(max(at, moments.lowerBound), moments.upperBound) }

    private static func floored(_ at: Int64, by span: Int64) -> Int64 { (at >= 0 ? at : at - span + 1) / span }

    private static func padded(_ value: Int64, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
