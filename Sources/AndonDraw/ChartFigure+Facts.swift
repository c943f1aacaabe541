extension ChartFigure {
    /// What the picture shows, in words and numbers: for those who cannot see it, and for the order's text.
    public var facts: [String] {
        guard let subject else { return ["no point with a value yet"] + limitFacts(nil) }
        var facts = [positionFact(subject)]
        facts += limitFacts(subject)
        if !subject.signals.isEmpty {
            facts.append("breaks " + subject.signals.joined(separator: ", "))
        } else if subject.centre != nil {
            facts.append("breaks no rule")
        }
        if let newest, newest.number != subject.number {
            facts.append("newest point \(newest.number): \(Self.text(newest.value))")
        }
        return facts + countFacts + forecastFacts
    }

    /// The point that the picture is about: the marked one, else the newest with a value.
    var subject: Point? { points.last { $0.isMarked && $0.value?.isFinite == true } ?? newest }

    var newest: Point? { points.last { $0.value?.isFinite == true } }

    private func positionFact(_ point: Point) -> String {
        let name = point.isMarked ? "this detection, point \(point.number)" : "newest point \(point.number)"
        let when = point.time.map { " at \(CivilTime.date($0)) \(CivilTime.clock($0)) UTC" } ?? ""
        return "\(name)\(when): \(Self.text(point.value)) \(valueLabel)"
    }

    private func limitFacts(_ point: Point?) -> [String] {
        var facts: [String] = []
        if let point {
            let parts = [("LCL", point.lower), ("centre", point.centre), ("UCL", point.upper)].compactMap {
                name, value in
                value.flatMap { $0.isFinite ? "\(name) \(Self.text($0))" : nil }
            }
            // Limits may differ from point to point, and those beside the plot are the newest.
            let whose = point.number == newest?.number ? "" : "its limits: "
            if !parts.isEmpty { facts.append(whose + parts.joined(separator: ", ")) }
            if parts.isEmpty, forecast == nil { facts.append("no limits yet") }
            if let sigmas = sigmas(of: point) { facts.append("\(NumberText.signed(sigmas)) sigma from the centre") }
        }
        if let specification {
            let parts = [("from", specification.lower), ("to", specification.upper)].compactMap { name, value in
                value.flatMap { $0.isFinite ? "\(name) \(Self.text($0))" : nil }
            }
            if !parts.isEmpty { facts.append("specification " + parts.joined(separator: " ")) }
        }
        if let threshold, threshold.isFinite { facts.append("threshold \(Self.text(threshold))") }
        return facts
    }

    private var countFacts: [String] {
        let broken = points.count { !$0.signals.isEmpty }
        let excluded = points.count(where: \.isExcluded)
        let late = points.count(where: \.isLate)
        let parts = [
            points.count == 1 ? "1 point" : "\(points.count) points",
            broken > 0 ? "\(broken) breaking a rule" : nil, excluded > 0 ? "\(excluded) excluded" : nil,
            late > 0 ? "\(late) reported late" : nil,
        ]
        return [parts.compactMap(\.self).joined(separator: ", ")]
    }

    private var forecastFacts: [String] {
        guard let forecast else { return [] }
        let slope = "slope \(NumberText.signed(forecast.slopePerDay)) a day"
        guard let expected = forecast.expected else { return [slope, "no crossing of the threshold can be dated"] }
        let first = forecast.first.map { "first \(CivilTime.date($0))" }
        let last = forecast.last.map { "last \(CivilTime.date($0))" }
        let bounds = [first, last].compactMap(\.self).joined(separator: ", ")
        let percent = NumberText.significant(forecast.confidence * 100, digits: 3)
        return [
            slope,
            "crosses the threshold about \(CivilTime.date(expected))"
                + (bounds.isEmpty ? "" : " (\(bounds); \(percent) % band)"),
        ]
    }

    /// As the point carries it, else from limits that are symmetric or whose lower one was cut at zero.
    func sigmas(of point: Point) -> Double? {
        if let sigmas = point.sigmas { return sigmas.isFinite ? sigmas : nil }
        guard let value = point.value, let centre = point.centre, let sigma = sigma(of: point) else { return nil }
        let distance = (value - centre) / sigma
        return distance.isFinite ? distance : nil
    }

    /// One sigma in plotted units, where the limits are symmetric or the lower one was cut at zero.
    func sigma(of point: Point) -> Double? {
        guard let centre = point.centre, let upper = point.upper, sigmaWidth > 0 else { return nil }
        let sigma = (upper - centre) / sigmaWidth
        guard sigma.isFinite, sigma > 0 else { return nil }
        guard let lower = point.lower, lower != 0 || centre - sigmaWidth * sigma > 0 else { return sigma }
        return abs((upper - centre) - (centre - lower)) <= 1e-6 * (upper - lower) ? sigma : nil
    }

    static func text(_ value: Double?) -> String { value.map { NumberText.significant($0) } ?? "none" }
}
