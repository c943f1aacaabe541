/// A line's name and number at the right edge of the plot.
struct EdgeLabel {
    var text: String
    var value: Double
    var stroke: Colour

    /// From the top down.
    static func all(_ figure: ChartFigure, _ abscissa: Abscissa, _ scale: Scale) -> [EdgeLabel] {
        let newest = abscissa.points.last { $0.centre ?? $0.upper ?? $0.lower != nil }
        let wanted: [(String, Double?, Colour)] = [
            ("threshold", figure.threshold, .ink), ("USL", figure.specification?.upper, .specification),
            ("UCL", newest?.upper, .limit), ("CL", newest?.centre, .centre), ("LCL", newest?.lower, .limit),
            ("LSL", figure.specification?.lower, .specification),
        ]
        let labels = wanted.compactMap { name, value, colour -> EdgeLabel? in
            guard let value, value.isFinite else { return nil }
            let arrow = value > scale.high ? " ↑" : value < scale.low ? " ↓" : ""
            return EdgeLabel(text: "\(name) \(ChartFigure.text(value))\(arrow)", value: value, stroke: colour)
        }
        // Of equal values the one first named stands above.
        return labels.enumerated().sorted { ($0.element.value, -$0.offset) > ($1.element.value, -$1.offset) }
            .map(\.element)
    }

    /// Heights for labels that want to be at `wanted` (in order from the top), `gap` apart, inside `low...high`.
    static func spread(_ wanted: [Double], gap: Double, in range: ClosedRange<Double>) -> [Double] {
        var places = wanted
        for index in places.indices {
            places[index] = max(places[index], index == 0 ? range.lowerBound : places[index - 1] + gap)
        }
        for index in places.indices.reversed() {
            let below = index == places.count - 1 ? range.upperBound : places[index + 1] - gap
            places[index] = min(places[index], below)
        }
        return places
    }
}
