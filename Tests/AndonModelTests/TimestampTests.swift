import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Timestamp")
struct TimestampTests {
    private static let first = Int64(-62_135_596_800) * 1_000_000
    private static let last = Int64(253_402_300_800) * 1_000_000 - 1

    @Test("Any moment of the years 1 to 9999 reads back from its text")
    func roundTrip() {
        var random = SeededRandom(seed: 3339)
        for _ in 0..<50_000 {
            let time = Timestamp(microseconds: Int64.random(in: Self.first...Self.last, using: &random))

            #expect(Timestamp(time.description) == time, "\(time.microseconds)")
        }
    }

    @Test("The order of the texts is the order of the times")
    func order() {
        var random = SeededRandom(seed: 3340)
        for _ in 0..<10_000 {
            let one = Timestamp(microseconds: Int64.random(in: Self.first...Self.last, using: &random))
            let other = Timestamp(microseconds: Int64.random(in: Self.first...Self.last, using: &random))

            #expect((one < other) == (one.description < other.description))
        }
    }

    @Test("Every day of 10,000 years has its number, and the number its day")
    func days() throws {
        var expected = try #require(CivilDate(year: 1, month: 1, day: 1)).daysSinceEpoch
        #expect(expected == -719_162)
        for year in 1...9999 {
            for month in 1...12 {
                var day = 1
                while let date = CivilDate(year: year, month: month, day: day) {
                    guard date.daysSinceEpoch == expected, CivilDate(daysSinceEpoch: expected) == date else {
                        Issue.record("\(date)")
                        return
                    }
                    expected += 1
                    day += 1
                }
            }
        }
        #expect(expected == 2_932_897)
    }

    @Test("Foundation reads the same second")
    func agreesWithFoundation() {
        let formatter = ISO8601DateFormatter()
        var random = SeededRandom(seed: 3341)
        for _ in 0..<500 {
            let second = Int64.random(in: -2_000_000_000...30_000_000_000, using: &random)
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(second)))

            #expect(Timestamp(text)?.microseconds == second * 1_000_000, "\(text)")
        }
    }

    @Test(
        "A time with an offset is the same moment in UTC",
        arguments: [
            ("2026-11-23T21:09:00+01:00", "2026-11-23T20:09:00.000000Z"),
            ("2026-11-23t21:09:00z", "2026-11-23T21:09:00.000000Z"),
            ("2026-11-23 21:09:00Z", "2026-11-23T21:09:00.000000Z"),
            ("2026-11-23T21:09:00.5Z", "2026-11-23T21:09:00.500000Z"),
            ("2026-11-23T21:09:00.123456789Z", "2026-11-23T21:09:00.123456Z"),
            ("2026-01-01T00:30:00+05:45", "2025-12-31T18:45:00.000000Z"),
            ("2026-12-31T23:59:59-12:00", "2027-01-01T11:59:59.000000Z"),
            ("2026-11-23T21:09:00-00:00", "2026-11-23T21:09:00.000000Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
            ("2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00.000000Z"),
            ("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00.000000Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ])
    func reads(text: String, utc: String) {
        #expect(Timestamp(text)?.description == utc)
    }

    @Test(
        "Anything else is refused, a time without an offset above all",
        arguments: [
            "", "2026-11-23", "2026-11-23T21:09:00", "2026-11-23T21:09Z", "2026-11-23T24:00:00Z",
            "2026-11-23T21:60:00Z",
            "2026-11-23T21:09:61Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z", "0000-01-01T00:00:00Z",
            "2026-11-23T21:09:00.Z", "2026-11-23T21:09:00,5Z", "2026-11-23T21:09:00+0100", "2026-11-23T21:09:00+01",
            "2026-11-23T21:09:00+24:00", "2026-11-23T21:09:00+01:60", "2026-11-23T21:09:00Zx", " 2026-11-23T21:09:00Z",
            "2026-11-23T21:09:00Z ", "26-11-23T21:09:00Z", "+2026-11-23T21:09:00Z", "12026-11-23T21:09:00Z",
            "2026-1-1T1:1:1Z", "２026-11-23T21:09:00Z", "1764000000", "now",
        ])
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(
        "An offset that leads out of the years 1 to 9999 is refused, because its text could not be read again",
        arguments: [
            "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
        ])
    func outOfYears(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("Times and durations add up")
    func arithmetic() {
        let time = Timestamp(microseconds: 1_000_000)

        #expect((time + .milliseconds(1500)).microseconds == 2_500_000)
        #expect((time - .seconds(2)).microseconds == -1_000_000)
        #expect(time - Timestamp(microseconds: 250_000) == .milliseconds(750))
        #expect(Duration.milliseconds(-1500).microseconds == -1_500_000)
        #expect(Duration.microseconds(1500).milliseconds == 1.5)
    }
}
