import AndonModel
import Foundation

/// The clock of EAM's server, and its form of dates. What is written is wall clock, whatever zone a date names; what is
/// given out names the server's offset, and `YEAR` is the start of the year in it (HxGN EAM Rest Web Services 12.3,
/// "Date fields").
struct InforClock {
    let zone: TimeZone

    private static let parts = ["MONTH", "DAY", "HOUR", "MINUTE", "SECOND"]

    /// `2026-11-23 22:09:00` on the server's wall.
    func wall(_ time: Timestamp) -> String {
        String((time + .seconds(offset(at: time))).description.prefix(19)).replacing("T", with: " ")
    }

    func date(_ time: Timestamp) -> JSON {
        let numbers = wall(time).split { !$0.isNumber }.compactMap { Int($0) }
        var members: [String: JSON] = ["SUBSECOND": 0, "qualifier": "OTHER"]
        for (name, number) in zip(Self.parts, numbers.dropFirst()) { members[name] = .integer(number) }
        return told(members, year: numbers.first ?? 1970, offset: offset(at: time))
    }

    /// A date as it is given out; any other value as it is.
    func given(_ value: JSON) -> JSON {
        guard let members = value.object, let year = Self.year(of: value), let wall = Self.wall(of: value, in: year)
        else { return value }
        return told(members, year: year, offset: offset(at: wall - .seconds(offset(at: wall))))
    }

    /// A date as it is kept: the same wall clock, the year by its second day in UTC. Any other value as it is.
    func kept(_ value: JSON) -> JSON {
        guard var members = value.object, let year = Self.year(of: value) else { return value }
        members["YEAR"] = .integer(Self.start(of: year) + 86_400_000)
        members["TIMEZONE"] = "+0000"
        return .object(members)
    }

    private func offset(at time: Timestamp) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.microseconds) / 1e6))
    }

    private func told(_ members: [String: JSON], year: Int, offset: Int) -> JSON {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let minutes = abs(offset) / 60
        var members = members
        members["YEAR"] = .integer(Self.start(of: year) - Int64(offset) * 1000)
        let sign = offset < 0 ? "-" : "+"
        members["TIMEZONE"] = .string("\(sign)\(two(minutes / 60))\(two(minutes % 60))")
        return .object(members)
    }

    /// Milliseconds.
    private static func start(of year: Int) -> Int64 {
        (Timestamp("\(year)-01-01T00:00:00Z")?.microseconds ?? 0) / 1000
    }

    private static func year(of date: JSON) -> Int? {
        guard let milliseconds = date["YEAR"]?.integer, date["MONTH"]?.integer != nil else { return nil }
        let zone = date["TIMEZONE"]?.string ?? "+0000"
        let digits = Int(zone.filter(\.isNumber)) ?? 0
        let seconds = (digits / 100 * 3600 + digits % 100 * 60) * (zone.hasPrefix("-") ? -1 : 1)
        let moment = Timestamp(microseconds: Int64(milliseconds) * 1000) + .seconds(seconds)
        return Int(moment.description.prefix(4))
    }

    /// What the date's wall clock shows, as if it were UTC.
    private static func wall(of date: JSON, in year: Int) -> Timestamp? {
        let texts = parts.map { String("0\(date[$0]?.integer ?? 0)".suffix(2)) }
        return Timestamp("\(year)-\(texts[0])-\(texts[1])T\(texts[2]):\(texts[3]):\(texts[4])Z")
    }
}
