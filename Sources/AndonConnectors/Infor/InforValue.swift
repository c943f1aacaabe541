import AndonModel
import Foundation

/// The forms that EAM gives to dates and numbers.
enum InforValue {
    /// `YEAR` is an instant inside the year: the second of January, so that no zone turns it into the year before.
    /// The other members are the wall clock of the server.
    static func date(_ time: Timestamp, clock: LocalTime) -> JSON {
        let text = clock.text(time)
        let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
        guard parts.count == 6, let year = Timestamp("\(text.prefix(4))-01-02T00:00:00Z") else { return .null }
        return [
            "YEAR": .integer(year.microseconds / 1000), "MONTH": .integer(parts[1]), "DAY": .integer(parts[2]),
            "HOUR": .integer(parts[3]), "MINUTE": .integer(parts[4]), "SECOND": .integer(parts[5]), "SUBSECOND": 0,
            "TIMEZONE": "+0000", "qualifier": "OTHER",
        ]
    }

    /// The year is that of `YEAR` in the offset of `TIMEZONE`; the rest is wall clock in that offset.
    static func time(_ value: JSON?) -> Timestamp? {
        guard let value, let milliseconds = value["YEAR"]?.number, abs(milliseconds) < 1e15,
            let month = value["MONTH"]?.integer, let day = value["DAY"]?.integer
        else { return nil }
        let zone = value["TIMEZONE"]?.string ?? "+0000"
        let offset = seconds(ofZone: zone)
        let year = (Timestamp(microseconds: Int64(milliseconds) * 1000) + .seconds(offset)).description.prefix(4)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let clock = ["HOUR", "MINUTE", "SECOND"].map { two(value[$0]?.integer ?? 0) }.joined(separator: ":")
        return Timestamp("\(year)-\(two(month))-\(two(day))T\(clock)Z").map { $0 - .seconds(offset) }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// A day on the server's clock as a grid's filter takes it: `dd-MMM-yyyy` makes `23-Nov-2026`. That is what CERN's
    /// clients send (cern-eam/eam-components, grids/eam/utils.js); accounts in America write `MM/dd/yyyy`.
    static func day(_ time: Timestamp, format: String, clock: LocalTime) -> String {
        let date = String(clock.text(time).prefix(10))
        let parts = date.split(separator: "-").map { String($0) }
        guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return date }
        let named = format.replacing("yyyy", with: parts[0]).replacing("MMM", with: months[month - 1])
        return named.replacing("MM", with: parts[1]).replacing("dd", with: parts[2])
    }

    private static func seconds(ofZone text: String) -> Int {
        let digits = text.drop { "+-".contains($0) }.filter(\.isNumber)
        guard digits.count == 4, let hours = Int(digits.prefix(2)), let minutes = Int(digits.suffix(2)) else {
            return 0
        }
        return (hours * 3600 + minutes * 60) * (text.hasPrefix("-") ? -1 : 1)
    }

    /// 0.973 is 973 with three decimals.
    static func number(_ value: Double) -> JSON {
        var scaled = value.magnitude
        var decimals = 0
        while decimals < 6, scaled != scaled.rounded() {
            scaled = (value.magnitude * pow(10, Double(decimals + 1)) * 1e6).rounded() / 1e6
            decimals += 1
        }
        return [
            "VALUE": .number(scaled.rounded()), "NUMOFDEC": .integer(decimals), "SIGN": value < 0 ? "-" : "+",
            "UOM": "default", "CURRENCY": "", "DRCR": "", "qualifier": "OTHER",
        ]
    }

    /// A figure of a grid, with its thousands separators.
    static func figure(_ text: String?) -> Double? {
        text.flatMap { Double($0.replacing(",", with: "").trimmingCharacters(in: .whitespaces)) }
            .flatMap { $0.isFinite ? $0 : nil }
    }
}
