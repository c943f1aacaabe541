import AndonModel
import Foundation

/// The plant's clock on the wall, turned into moments and back.
///
/// Twice a year the wall clock skips an hour or shows one twice. A wall time that is shown twice means its first
/// showing; one that is skipped means the moment of the skip. Both ends of a shift are turned by the same rule,
/// so a shift that ends where the next begins leaves neither a gap nor an overlap on those days.
struct WallClock: Sendable, Equatable {
    let zone: TimeZone

    /// Nil when the name is not an IANA time zone of this machine.
    init?(identifier: String) {
        guard TimeZone.knownTimeZoneIdentifiers.contains(identifier) || identifier == "UTC" || identifier == "GMT",
            let zone = TimeZone(identifier: identifier)
        else { return nil }
        self.zone = zone
    }

    static let utc = WallClock(zone: .gmt)

    private init(zone: TimeZone) {
        self.zone = zone
    }

    /// Seconds that the wall clock shows since 1970-01-01T00:00:00 on the wall, at the moment `seconds`.
    func wall(at seconds: Int64) -> Int64 {
        seconds + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    /// The first moment at which the wall clock shows `wall` or later.
    func moment(of wall: Int64) -> Int64 {
        // Offsets are less than a day, so one of the two was in force when the clock last showed this time.
        let before = wall - (self.wall(at: wall - 86_400) - (wall - 86_400))
        let after = wall - (self.wall(at: wall + 86_400) - (wall + 86_400))
        var low = min(before, after)
        var high = max(before, after)
        if self.wall(at: low) >= wall { return low }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if self.wall(at: middle) >= wall { high = middle } else { low = middle }
        }
        return high
    }
}
