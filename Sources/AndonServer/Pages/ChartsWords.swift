import AndonDecide
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb

/// What the pages of charts say, in one language.
struct ChartsWords: Sendable {
    let texts: Texts
    let formats: Formats

    static let page = "charts"

    subscript(key: String) -> String { texts[Self.page, key] }

    /// A word for a name of the program; the name itself where there is none.
    func word(_ group: String, _ name: String) -> String {
        let word = self["\(group)-\(name)"]
        return word.hasPrefix("«") ? name : word
    }

    func rules(_ names: [String]) -> String { names.map { word("rule", $0) }.joined(separator: ", ") }

    func figure(_ value: Double?) -> String { value.map { formats.significant($0) } ?? "–" }

    /// What the values of a chart are.
    func valueLabel(_ chart: Chart) -> String {
        switch chart.kind {
        case .p, .pPrime: self["value-share"]
        case .np: self["value-defectives"]
        case .c: self["value-defects"]
        case .u, .uPrime: self["value-rate"]
        case .g: self["value-good-units"]
        case .t: self["value-hours"]
        case .individuals where !chart.isMeasured: self["value-rate"]
        case .mean: texts.text(Self.page, "value-mean", ["name": chart.quantity.text])
        default: chart.quantity.text
        }
    }

    /// An index of capability with its interval.
    func index(_ value: Double, _ interval: ClosedRange<Double>?) -> String {
        let shown = formats.number(value, digits: 2)
        guard let interval else { return shown }
        let (from, to) = (
            formats.number(interval.lowerBound, digits: 2), formats.number(interval.upperBound, digits: 2)
        )
        return texts.text(Self.page, "interval", ["value": shown, "from": from, "to": to])
    }

    /// The index that a small chart shows.
    func capability(_ study: Monitor.CapabilityStudy?) -> String? {
        guard let study else { return nil }
        if let cpk = study.capability.cpk { return "Cpk \(index(cpk, study.cpk))" }
        return study.capability.ppk.map { "Ppk \(index($0, study.ppk))" }
    }
}
