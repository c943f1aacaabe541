/// A time in units of 100 ns since 1601-01-01 UTC (Part 6, 5.2.2.5).
///
/// The number is kept as it came, so that what was read is written again. Zero and below mean that there is no time;
/// from the last second of the year 9999 on it means "the latest". Conversions clamp and never trap.
public struct DateTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var ticks: Int64

    public init(ticks: Int64) { self.ticks = ticks }

    /// From microseconds since 1970-01-01 UTC. Times before 1601 become ``null``, times after 9999 ``latest``.
    public init(unixMicroseconds: Int64) {
        guard unixMicroseconds > -Self.epochMicroseconds else {
            self = .null
            return
        }
        let last = Self.latest.ticks / 10 - Self.epochMicroseconds
        self = unixMicroseconds >= last ? .latest : Self(ticks: (unixMicroseconds + Self.epochMicroseconds) * 10)
    }

    public static let null = DateTime(ticks: 0)
    /// 9999-12-31T23:59:59Z.
    public static let latest = DateTime(ticks: 2_650_467_743_990_000_000)

    /// Microseconds from 1601-01-01 to 1970-01-01.
    private static let epochMicroseconds: Int64 = 11_644_473_600_000_000

    public var isNull: Bool { ticks <= 0 }

    /// Microseconds since 1970-01-01 UTC, rounded down; nil for no time, the year 9999 for anything later.
    public var unixMicroseconds: Int64? {
        isNull ? nil : min(ticks, Self.latest.ticks) / 10 - Self.epochMicroseconds
    }

    public static func < (left: DateTime, right: DateTime) -> Bool { left.ticks < right.ticks }

    /// RFC 3339 with seven digits of the second, `-` for no time.
    public var description: String {
        guard !isNull else { return "-" }
        let ticks = min(ticks, Self.latest.ticks)
        let (day, time) = ticks.quotientAndRemainder(dividingBy: 864_000_000_000)
        let (year, month, dayOfMonth) = Self.civil(day: day)
        let seconds = time / 10_000_000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.pad($0, 2) }.joined(separator: ":")
        let fraction = Self.pad(time % 10_000_000, 7)
        return "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(dayOfMonth, 2))T\(clock).\(fraction)Z"
    }

    private static func pad(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Year, month and day of a day since 1601-01-01, on which a cycle of 400 Gregorian years begins.
    private static func civil(day: Int64) -> (Int64, Int64, Int64) {
        // Counting from 1600-03-01 puts the leap day at the end of a year.
        let shifted = day + 306
        let era = shifted / 146_097
        let inEra = shifted % 146_097
        let year = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
        let inYear = inEra - (365 * year + year / 4 - year / 100)
        let month = (5 * inYear + 2) / 153
        let dayOfMonth = inYear - (153 * month + 2) / 5 + 1
        return (1600 + era * 400 + year + (month >= 10 ? 1 : 0), month >= 10 ? month - 9 : month + 3, dayOfMonth)
    }
}

extension DateTime: BinaryCodable {
    public static var smallestByteCount: Int { 8 }

    public init(from reader: inout BinaryReader) throws(CodecError) { ticks = try reader.integer() }

    public func encode(to writer: inout BinaryWriter) { writer.integer(ticks) }
}
