import AndonModel
import Foundation

/// A way to write a date: `yyyy`, `yy`, `MM`, `M`, `dd`, `d`, `HH`, `H`, `hh`, `h`, `mm`, `ss` and `a` (AM or PM), the
/// rest as it stands. Where a part has one letter, it may have one digit or two.
struct DatePattern {
    private enum Part {
        case number(Character, least: Int, most: Int)
        case half
        case letter(UInt8)
    }

    private var parts: [Part] = []

    init?(_ pattern: String) {
        var letters = Array(pattern)[...]
        var seen: Set<Character> = []
        while let first = letters.first {
            let length = letters.prefix { $0 == first }.count
            switch first {
            case "y" where length == 4 || length == 2, "M" where length <= 2, "d" where length <= 2,
                "H" where length <= 2, "h" where length <= 2, "m" where length == 2, "s" where length == 2:
                guard seen.insert(first).inserted else { return nil }
                parts.append(.number(first, least: length, most: max(2, length)))
                letters = letters.dropFirst(length)
            case "a":
                parts.append(.half)
                seen.insert("a")
                letters = letters.dropFirst(length)
            default:
                guard !first.isLetter || first == "T", let ascii = first.asciiValue else { return nil }
                parts.append(.letter(ascii))
                letters = letters.dropFirst()
            }
        }
        guard seen.isSuperset(of: ["y", "M", "d"]), !(seen.contains("h") && !seen.contains("a")) else { return nil }
    }

    /// - Returns: the time on the wall clock as if it were UTC, in seconds since 1970; nil for another text.
    func read(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        var index = 0
        var values: [Character: Int] = [:]
        var isAfternoon: Bool?
        for part in parts {
            switch part {
            case .letter(let letter):
                guard index < bytes.count, bytes[index] == letter else { return nil }
                index += 1
            case .half:
                guard index + 1 < bytes.count,
                    let half = ["am": false, "pm": true][
                        String(decoding: bytes[index...index + 1], as: UTF8.self).lowercased()]
                else { return nil }
                isAfternoon = half
                index += 2
            case .number(let name, let least, let most):
                var (value, digits) = (0, 0)
                while index < bytes.count, digits < most, (48...57).contains(bytes[index]) {
                    value = value * 10 + Int(bytes[index]) - 48
                    (index, digits) = (index + 1, digits + 1)
                }
                guard digits >= least else { return nil }
                values[name] = name == "y" && least == 2 ? value + 2000 : value
            }
        }
        guard index == bytes.count else { return nil }
        return Self.seconds(values, isAfternoon)
    }

    private static func seconds(_ values: [Character: Int], _ isAfternoon: Bool?) -> Int? {
        let (year, month, day) = (values["y"] ?? 0, values["M"] ?? 0, values["d"] ?? 0)
        var hour = values["H"] ?? 0
        if let twelve = values["h"], let isAfternoon {
            guard (1...12).contains(twelve) else { return nil }
            hour = twelve % 12 + (isAfternoon ? 12 : 0)
        }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (minute, second) = (values["m"] ?? 0, values["s"] ?? 0)
        // The reader of times knows how long months are.
        guard (1000...9999).contains(year), second < 60,
            let time = Timestamp("\(year)-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second))Z")
        else { return nil }
        return Int(time.microseconds / 1_000_000)
    }
}

/// Reads the times of a file.
struct HistoryDates {
    private let patterns: [DatePattern]
    private let zone: TimeZone
    private static let iso = [
        "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd",
        // No other order of day and month is written with points.
        "d.M.yyyy H:mm:ss", "d.M.yyyy H:mm", "d.M.yyyy",
    ].compactMap { DatePattern($0) }

    init(_ mapping: HistoryMapping) {
        patterns = mapping.dates.compactMap { DatePattern($0) } + Self.iso
        zone = TimeZone(identifier: mapping.timeZone) ?? .gmt
    }

    /// - Returns: microseconds since 1970 UTC. A time that a change of the clock skips is read as the hour after it, one
    ///   that it repeats as one of both.
    func read(_ text: String) -> Int64? {
        if let time = Timestamp(text) ?? Timestamp(text.replacing(" ", with: "T")) { return time.microseconds }
        for pattern in patterns {
            guard let local = pattern.read(text) else { continue }
            let first = local - zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(local)))
            let second = local - zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(first)))
            return Int64(second) * 1_000_000
        }
        return nil
    }
}
