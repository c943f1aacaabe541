import AndonModel
import Foundation

/// The clock on an account's wall, for systems that know no zones: `2026-03-01T10:22:05`.
struct LocalTime: Sendable {
    let zone: TimeZone

    func text(_ time: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1e6)
        return String((time + .seconds(zone.secondsFromGMT(for: date))).description.prefix(19))
    }

    /// Reads a text of this clock, with `T` or a blank between date and time; seconds and fractions may be missing.
    /// In the hour that the clock passes twice it is the first.
    func time(_ text: String) -> Timestamp? {
        var plain = text.trimmingCharacters(in: .whitespaces).replacing(" ", with: "T")
        if plain.count == 10 { plain += "T00:00:00" }
        if plain.count == 16 { plain += ":00" }
        guard let asUTC = Timestamp(plain.prefix(19) + "Z") else { return nil }
        // The offset of the moment itself decides; near a change of clocks the first guess is another's.
        let guesses = [0, 86_400, -86_400].map { shift -> Timestamp in
            let moment = Double(asUTC.microseconds) / 1e6 + Double(shift)
            return asUTC - .seconds(zone.secondsFromGMT(for: Date(timeIntervalSince1970: moment)))
        }
        return guesses.filter { self.text($0) == plain.prefix(19) }.min() ?? guesses[0]
    }
}
