import AndonLearn
import AndonWeb
import Foundation

/// What drawings of charts as SVG have in common: places in a picture, and text that is safe in it.
enum Plot {
    struct Place: Hashable, Sendable {
        var x: Double
        var y: Double
    }

    /// A path through the places, with a gap where there is none. A place alone is a short line, or it would not be seen.
    static func path(_ places: [Place?]) -> String {
        places.split(whereSeparator: { $0 == nil }).map { run in
            let known = run.compactMap(\.self)
            guard known.count > 1 else { return known.map(short).joined() }
            return known.enumerated().map { "\($0.offset == 0 ? "M" : "L")\(pair($0.element))" }.joined()
        }.joined()
    }

    private static func short(_ place: Place) -> String {
        "M\((place.x - 3).fixed(1)) \(place.y.fixed(1))h6"
    }

    static func pair(_ place: Place) -> String { "\(place.x.fixed(1)) \(place.y.fixed(1))" }

    /// A diamond around a place: the mark of a signal, which is no matter of colour alone.
    static func diamond(_ place: Place, _ size: Double, _ name: String) -> String {
        let (half, all) = (size.fixed(1), (-size).fixed(1))
        let top = pair(Place(x: place.x, y: place.y - size))
        return "<path class=\"\(name)\" d=\"M\(top)l\(half) \(half) \(all) \(half) \(all) \(all)z\"/>"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

/// From values to shares of a picture's height. Differences are taken of halves: values may lie at both ends of the numbers.
struct PlotScale: Sendable {
    let least: Double
    let greatest: Double

    /// - Parameter values: those that are no finite number are left out.
    /// - Returns: nil when no value is left.
    init?(_ values: [Double]) {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max() else { return nil }
        (self.least, self.greatest) = (least, greatest)
    }

    /// 0 for the least value, 1 for the greatest, one half where all are the same.
    func share(_ value: Double) -> Double {
        let span = greatest / 2 - least / 2
        guard span > 0 else { return 0.5 }
        return min(1, max(0, (value / 2 - least / 2) / span))
    }

    /// Round values from the least to the greatest, seven at most.
    var ticks: [Double] {
        let span = greatest - least
        guard span.isFinite, span > 0 else { return least == greatest ? [least] : [least, greatest] }
        let power = pow(10, (log10(span / 6)).rounded(.down))
        let steps: [Double] = [power, 2 * power, 5 * power, 10 * power]
        let step = steps.first { span / $0 <= 6 } ?? span
        let first = (least / step).rounded(.up)
        let last = (greatest / step).rounded(.down)
        guard first.isFinite, last.isFinite, last - first <= 7, last >= first else { return [least, greatest] }
        return (0...Int(last - first)).map { (first + Double($0)) * step }
    }
}

extension Formats {
    /// Four figures that count, as the language writes them; thousands are whole.
    func significant(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let size = abs(value)
        if size >= 1e9 || size > 0 && size < 1e-5 {
            return value.formatted(
                .number.notation(.scientific).precision(.significantDigits(1...4)).locale(language.locale))
        }
        if size >= 1000 { return number(value, digits: 0) }
        return value.formatted(.number.precision(.significantDigits(1...4)).locale(language.locale))
    }
}
