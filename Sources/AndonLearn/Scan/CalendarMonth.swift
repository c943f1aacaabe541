import AndonModel

/// Calendar months in UTC by one number.
enum CalendarMonth {
    /// Months since January of the year 0.
    ///
    /// - Parameter time: microseconds since 1970 UTC.
    static func number(at time: Int64) -> Int {
        let date = CivilDate(daysSinceEpoch: Int64((Double(time) / 8.64e10).rounded(.down)))
        return date.year * 12 + date.month - 1
    }

    /// `2026-11`.
    static func text(_ number: Int) -> String {
        let month = number % 12 + 1
        return "\(number / 12)-\(month < 10 ? "0" : "")\(month)"
    }
}
