import AndonModel

/// Who is on call when, by shifts in the plant's own time.
///
/// A shift belongs to the date on which it starts, also when it ends on the next. Where shifts overlap, the first
/// in the list counts.
public struct OnCallSchedule: Sendable, Equatable {
    public struct Shift: Sendable, Equatable {
        public var name: String
        /// The days on which the shift starts.
        public var days: Set<Weekday>
        /// Minutes after midnight on the wall clock, 0...1439. The start is inside.
        public var from: Int
        /// Minutes after midnight, 0...1440. The end is outside; at or before `from` it is on the next day.
        public var to: Int
        /// The person or crew by its code in the CMMS.
        public var assignee: String

        public init(name: String, days: Set<Weekday> = Set(Weekday.allCases), from: Int, to: Int, assignee: String) {
            self.name = name
            self.days = days
            self.from = from
            self.to = to
            self.assignee = assignee
        }
    }

    /// Another person, or nobody, for the shifts that start on one date.
    public struct Override: Sendable, Equatable {
        public var date: CivilDate
        /// The shift by its name, which then runs on this date whatever its days; nil for all that run.
        public var shift: String?
        /// Nil: nobody.
        public var assignee: String?

        public init(date: CivilDate, shift: String? = nil, assignee: String?) {
            self.date = date
            self.shift = shift
            self.assignee = assignee
        }
    }

    public enum Weekday: Int, Sendable, CaseIterable {
        case mon, tue, wed, thu, fri, sat, sun

        /// 1970-01-01 was a Thursday.
        public init(daysSinceEpoch: Int64) {
            let index = Int(((daysSinceEpoch + 3) % 7 + 7) % 7)
            self = Weekday.allCases[index]
        }

        public var name: String { String(describing: self) }
    }

    /// Who is on call, and by which shift.
    public struct Duty: Sendable, Equatable {
        public var shift: String
        public var assignee: String
    }

    /// IANA name.
    public let timeZone: String
    public var shifts: [Shift]
    /// The first that fits counts.
    public var overrides: [Override]
    private let clock: WallClock

    /// A `timeZone` that this machine does not know is taken as UTC; the configuration refuses it before.
    public init(timeZone: String, shifts: [Shift] = [], overrides: [Override] = []) {
        self.timeZone = timeZone
        self.shifts = shifts
        self.overrides = overrides
        clock = WallClock(identifier: timeZone) ?? .utc
    }

    /// Whether `name` is a time zone that this machine knows.
    public static func isTimeZone(_ name: String) -> Bool { WallClock(identifier: name) != nil }

    /// Who is on call at `time`; nil for nobody.
    public func duty(at time: Timestamp) -> Duty? {
        let seconds = Self.floored(time.microseconds, by: 1_000_000)
        let today = Self.floored(clock.wall(at: seconds), by: 86_400)
        for shift in shifts {
            // Yesterday's shift may reach into today, and on the day of a skipped midnight today's into yesterday.
            for date in [today, today - 1] {
                guard let assignee = assignee(of: shift, startingOn: date) else { continue }
                let lastDay = date + (shift.to <= shift.from ? 1 : 0)
                let start = clock.moment(of: date * 86_400 + Int64(shift.from) * 60)
                let end = clock.moment(of: lastDay * 86_400 + Int64(shift.to) * 60)
                if start <= seconds, seconds < end { return Duty(shift: shift.name, assignee: assignee) }
            }
        }
        return nil
    }

    /// The wall clock's date and time at `time`, to the minute, for people.
    public func localText(_ time: Timestamp) -> String {
        let wall = clock.wall(at: Self.floored(time.microseconds, by: 1_000_000))
        let text = Timestamp(microseconds: wall * 1_000_000).description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }

    /// The moment of a time on the wall clock; minutes after the date's midnight.
    public func moment(of date: CivilDate, minutes: Int) -> Timestamp {
        Timestamp(microseconds: clock.moment(of: date.daysSinceEpoch * 86_400 + Int64(minutes) * 60) * 1_000_000)
    }

    private func assignee(of shift: Shift, startingOn date: Int64) -> String? {
        let runs = shift.days.contains(Weekday(daysSinceEpoch: date))
        let override = overrides.first {
            $0.date.daysSinceEpoch == date && ($0.shift == shift.name || ($0.shift == nil && runs))
        }
        if let override { return override.assignee }
        return runs ? shift.assignee : nil
    }

    private static func floored(_ value: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
