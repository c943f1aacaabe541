import AndonModel
import Foundation

/// The shift of a time on the plant's wall clock.
struct ShiftClock: Sendable {
    private let shifts: [LearnSettings.Shift]
    private let zone: TimeZone

    /// - Returns: nil without shifts.
    init?(_ settings: LearnSettings) {
        guard !settings.shifts.isEmpty else { return nil }
        shifts = settings.shifts
        zone = TimeZone(identifier: settings.timeZone) ?? .gmt
    }

    /// Its place among the shifts, from 1; 0 outside all of them.
    ///
    /// - Parameter time: microseconds since 1970 UTC.
    func shift(at time: Int64) -> Int64 {
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1e6))
        let day = 1440
        let minute = ((Int(time / 60_000_000) + offset / 60) % day + day) % day
        let place = shifts.firstIndex { shift in
            shift.from < shift.to
                ? (shift.from..<shift.to).contains(minute) : minute >= shift.from || minute < shift.to
        }
        return place.map { Int64($0) + 1 } ?? 0
    }

    var names: [Int64: String] {
        Dictionary(uniqueKeysWithValues: shifts.enumerated().map { (Int64($0) + 1, $1.name) })
    }
}
