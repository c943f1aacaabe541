import AndonModel
import Testing

@testable import AndonLearn

@Suite("Calendar months")
struct CalendarMonthTests {
    @Test("A month begins and ends with its days in UTC, before 1970 too")
    func edges() throws {
        for (time, month) in [
            ("2026-11-01T00:00:00Z", "2026-11"), ("2026-10-31T23:59:59.999999Z", "2026-10"),
            ("2024-02-29T12:00:00Z", "2024-02"), ("1970-01-01T00:00:00Z", "1970-01"),
            ("1969-12-31T23:59:59.999999Z", "1969-12"), ("1969-12-01T00:00:00Z", "1969-12"),
        ] {
            let moment = try #require(Timestamp(time)).microseconds
            #expect(CalendarMonth.text(CalendarMonth.number(at: moment)) == month, "\(time)")
        }
    }
}
