import AndonModel
import Foundation

/// Times, numbers and durations as people of a plant and a language write them.
public struct Formats: Sendable {
    public let language: Language
    public let zone: TimeZone

    public init(_ language: Language, zone: TimeZone) { (self.language, self.zone) = (language, zone) }

    /// - Parameter timeZone: IANA name; what is none is UTC.
    public init(_ language: Language, timeZone: String) {
        self.init(language, zone: TimeZone(identifier: timeZone) ?? .gmt)
    }

    /// Date and time to the minute, in the plant's time: `28/11/2026, 14:05` or `28.11.2026, 14:05`.
    public func time(_ time: Timestamp) -> String {
        pattern(time, language == .german ? "dd.MM.yyyy, HH:mm" : "dd/MM/yyyy, HH:mm")
    }

    /// To the second.
    public func second(_ time: Timestamp) -> String {
        pattern(time, language == .german ? "dd.MM.yyyy, HH:mm:ss" : "dd/MM/yyyy, HH:mm:ss")
    }

    public func day(_ time: Timestamp) -> String { pattern(time, language == .german ? "dd.MM.yyyy" : "dd/MM/yyyy") }

    /// The hour and minute alone.
    public func clock(_ time: Timestamp) -> String { pattern(time, "HH:mm") }

    private func pattern(_ time: Timestamp, _ pattern: String) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func two(_ value: Int?) -> String { (value ?? 0) < 10 ? "0\(value ?? 0)" : "\(value ?? 0)" }
        return pattern.replacing("dd", with: two(parts.day)).replacing("MM", with: two(parts.month))
            .replacing("yyyy", with: "\(parts.year ?? 0)").replacing("HH", with: two(parts.hour))
            .replacing("mm", with: two(parts.minute)).replacing("ss", with: two(parts.second))
    }

    /// A text that this program wrote, with each time in it (RFC 3339 in UTC, also where it stands behind a plant's own, as in
    /// `2026-11-24 00:26:57 Europe/Berlin (2026-11-23T23:26:57.000000Z)`) as ``time(_:)`` has it; to the second where the
    /// time is of no whole minute.
    public func localised(_ text: String) -> String {
        let both =
            /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Za-z0-9_\/+\-]+ \((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)\)/
        let alone = /(^|[\s(])(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/
        return text.replacing(both) { local(String($0.output.1)) }
            .replacing(alone) { "\($0.output.1)\(local(String($0.output.2)))" }
    }

    private func local(_ machine: String) -> String {
        guard let at = Timestamp(machine) else { return machine }
        let isWhole = at.microseconds % 60_000_000 < 1_000_000
        return isWhole ? time(at) : second(at)
    }

    /// For `datetime` attributes of `<time>`: RFC 3339 in UTC.
    public static func machine(_ time: Timestamp) -> String { "\(time)" }

    public func number(_ value: Int) -> String { number(Double(value), digits: 0) }

    /// With digits behind the point, and groups of thousands.
    public func number(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return "–" }
        return value.formatted(.number.precision(.fractionLength(digits)).grouping(.automatic).locale(language.locale))
    }

    /// A number that is rounded already and has a point, `1234.50`: with as many digits, as the language writes them. What is
    /// no such number stays as it is.
    public func figure(_ text: String) -> String {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) }
        }
        guard isNumber, let value = Double(text) else { return text }
        return number(value, digits: parts.count > 1 ? parts[1].count : 0)
    }

    public func percent(_ share: Double, digits: Int = 1) -> String {
        let space = language == .german ? "\u{a0}" : ""
        return "\(number(share * 100, digits: digits))\(space)%"
    }

    /// The largest unit that fits, with one further: `12 s`, `3 min 20 s`, `5 h 10 min`, `2 d 4 h`.
    public func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        let sign = seconds < 0 ? "−" : ""
        let value = abs(seconds)
        if value > 0, value < 1 { return "\(sign)\(number(Int((value * 1000).rounded(.up)))) ms" }
        if value < 10 { return "\(sign)\(number(value, digits: 1)) s" }
        let whole = Int(value.rounded())
        let day = language == .german ? "T" : "d"
        switch whole {
        case ..<60: return "\(sign)\(whole) s"
        case ..<3600: return "\(sign)\(whole / 60) min \(whole % 60) s"
        case ..<86_400: return "\(sign)\(whole / 3600) h \(whole % 3600 / 60) min"
        default: return "\(sign)\(number(whole / 86_400)) \(day) \(whole % 86_400 / 3600) h"
        }
    }

    /// Bytes in the unit that fits, by thousands.
    public func bytes(_ count: Int64) -> String {
        var (value, unit) = (Double(count), 0)
        while value >= 1000, unit < 4 { (value, unit) = (value / 1000, unit + 1) }
        return "\(number(value, digits: unit == 0 ? 0 : 1)) \(["B", "kB", "MB", "GB", "TB"][unit])"
    }
}
