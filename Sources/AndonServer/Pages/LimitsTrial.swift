import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb

/// Limits as they are and as they would be, side by side, over the points that the new ones are made of.
struct LimitsTrial: Sendable {
    let monitor: Monitor
    let answer: LimitsAnswer
    let points: [ChartPointRecord]

    /// Points of a small picture.
    private static let sparkPoints = 60

    func values(_ words: ChartsWords) -> [String: Any] {
        let old = monitor.location?.limits
        var values: [String: Any] = [:]
        let sides: [[String: Any]] = [
            side(words["in-force"], old, monitor.dispersion?.limits, beyond: old.map { beyond($0, []) }, words),
            side(words["tried"], answer.location, answer.dispersion, beyond: answer.beyond, words),
        ]
        values["sides"] = sides
        values["excluded"] = answer.excluded.sorted { $0.key < $1.key }.map { point, reason -> [String: Any] in
            ["point": "\(point)", "reason": reason]
        }
        values["hasExcluded"] = !answer.excluded.isEmpty
        return values
    }

    private func side(
        _ name: String, _ limits: ChartLimits?, _ companion: ChartLimits?, beyond: [Int]?, _ words: ChartsWords
    ) -> [String: Any] {
        var values: [String: Any] = ["name": name]
        guard let limits else {
            values["isNone"] = true
            return values
        }
        let newest = points.last.flatMap { limits.plot(Sample($0.value, of: $0.size)) }
        values["centre"] = words.figure(newest?.centre ?? limits.centre)
        values["lower"] = words.figure(newest?.lower)
        values["upper"] = words.figure(newest?.upper)
        values["dispersion"] = companion.map { words.figure($0.centre) } ?? "–"
        values["baseline"] = words.formats.number(limits.baseline)
        let outside = beyond ?? []
        values["beyond"] = words.formats.number(outside.count)
        if !outside.isEmpty { values["outside"] = outside.prefix(20).map(String.init).joined(separator: ", ") }
        let label = words.texts.text(
            ChartsWords.page, "trial-picture", ["name": name, "count": "\(outside.count)"])
        values["spark"] = Sparkline.svg(spark(limits), label: label)
        return values
    }

    /// Numbers of the points beyond the limits.
    private func beyond(_ limits: ChartLimits, _ excluded: Set<Int>) -> [Int] {
        points.filter { !excluded.contains($0.number) && limits.plot(Sample($0.value, of: $0.size))?.isBeyond == true }
            .map(\.number)
    }

    private func spark(_ limits: ChartLimits) -> [Sparkline.Point] {
        points.suffix(Self.sparkPoints).map { point in
            let plotted = limits.plot(Sample(point.value, of: point.size))
            return Sparkline.Point(
                value: plotted?.value, centre: plotted?.centre, lower: plotted?.lower, upper: plotted?.upper,
                isSignal: plotted?.isBeyond == true)
        }
    }
}
