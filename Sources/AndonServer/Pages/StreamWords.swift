import AndonDecide
import AndonIntake
import AndonModel
import AndonSPC
import AndonWeb
import Foundation

/// A stream of a chart in words: `Stamping press 7 (PRESS-07) · shift early · Scratch`. By what it is told from the chart's
/// other streams comes first, then what the chart counts.
struct StreamWords: Sendable {
    private let texts: Texts
    private let plant: Plant
    private let classes: [String: DefectClass]

    private static let classesShown = 3

    init(_ texts: Texts, _ current: InForce) {
        self.texts = texts
        plant = current.plant
        classes = (current.rules as? Rules)?.classes ?? [:]
    }

    /// Nil where there is nothing to say: the one stream of a chart that counts all classes.
    ///
    /// - Parameters:
    ///   - stratum: as `Chart.stream(of:shift:)` writes it: `asset=PRESS-07, shift=early`.
    ///   - chart: nil for one that is in force no more.
    func text(_ stratum: String, of chart: Chart?) -> String? {
        let said = Self.parts(stratum).map(words) + classNames(chart)
        return said.isEmpty ? nil : said.joined(separator: " · ")
    }

    private typealias Part = (kind: Chart.Stratum, value: String)

    /// A value may have the separator in it: what does not begin as a part goes on with the one before.
    private static func parts(_ stratum: String) -> [Part] {
        var parts: [Part] = []
        for piece in stratum.components(separatedBy: ", ") {
            let halves = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if halves.count == 2, let kind = Chart.Stratum(rawValue: halves[0]) {
                parts.append((kind, halves[1]))
            } else if !parts.isEmpty {
                parts[parts.count - 1].value += ", \(piece)"
            }
        }
        return parts
    }

    private func words(_ part: Part) -> String {
        if part.value == Chart.unstated {
            return texts.text(
                ChartsWords.page, "stream-\(part.kind.rawValue)", ["value": texts[ChartsWords.page, "stream-unstated"]])
        }
        let name =
            switch part.kind {
            case .asset: plant.assets[part.value]?.name
            case .zone: plant.zones[part.value]?.name
            case .camera, .lot, .shift, .product, .model: String?.none
            }
        let value = name.map { $0 == part.value ? $0 : "\($0) (\(part.value))" } ?? part.value
        return texts.text(ChartsWords.page, "stream-\(part.kind.rawValue)", ["value": value])
    }

    /// What the chart counts; nothing for one that counts all classes.
    private func classNames(_ chart: Chart?) -> [String] {
        let labels = (chart?.classes ?? []).sorted()
        guard !labels.isEmpty else { return [] }
        let shown = labels.prefix(Self.classesShown).map { classes[$0]?.name ?? $0 }.joined(separator: ", ")
        return [labels.count > Self.classesShown ? "\(shown), …" : shown]
    }
}
