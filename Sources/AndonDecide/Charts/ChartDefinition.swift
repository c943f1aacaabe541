import AndonModel
import AndonSPC

extension [Chart] {
    public var byName: [String: Chart] { Dictionary(map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }) }
}

extension Chart {
    /// What makes the points and the limits of the chart comparable: with another definition its streams begin anew.
    /// Run rules, memory and signals may change while the limits stay.
    public var definition: JSON {
        let others: Set = [
            "rules", "runLengths", "memory", "signal", "baseline", "specification", "trend", "resetBy",
        ]
        return .object((json.object ?? [:]).filter { !others.contains($0.key) })
    }

    /// The whole chart.
    public var json: JSON {
        .object(present: [
            "kind": .string(kind.rawValue), "of": .string(quantity.text), "classes": .sorted(classes),
            "assets": .sorted(assets), "cameras": .sorted(cameras), "zones": .sorted(zones),
            "by": .array(strata.map { .string($0.rawValue) }), "subgroup": subgroup.json,
            "dispersion": .string(dispersion.rawValue), "baseline": .integer(baseline), "width": .number(width),
            "rules": .array(rules.rules.names.map { .string($0) }),
            "runLengths": .array(
                [
                    rules.sideLength, rules.trendLength, rules.alternatingLength, rules.huggingLength,
                    rules.mixtureLength,
                ].map { .integer($0) }),
            "memory": memory?.json,
            "limits": given.map {
                [
                    "centre": .number($0.centre), "sigma": .number($0.spread), "size": .number($0.size),
                    "width": .number($0.width),
                ]
            }, "signal": signalClass.map { .string($0) }, "specification": specification?.json,
            "trend": trend?.json, "resetBy": .string(resetBy.rawValue),
        ])
    }
}

extension Chart.Quantity {
    /// As the configuration writes it.
    public var text: String {
        switch self {
        case .defects: "defects"
        case .defectiveUnits: "defective-units"
        case .measured(let name): name
        case .confidence: "confidence"
        case .severity: "severity"
        case .area: "area"
        }
    }
}

extension Chart.Specification {
    public var json: JSON {
        .object(present: [
            "lower": lower.map { .number($0) }, "upper": upper.map { .number($0) },
            "target": target.map { .number($0) },
        ])
    }
}

extension Chart.TrendRule {
    var json: JSON {
        .object(present: [
            "threshold": .number(forecast.threshold), "rising": .bool(forecast.rising),
            "confidence": .number(forecast.confidence), "significance": .number(forecast.significance),
            "pointsMin": .integer(forecast.pointsMin), "slopeMax": forecast.slopeMax.map { .number($0) },
            "horizonDays": forecast.horizon.map { .number($0) }, "points": .integer(window),
            "class": .string(orderClass), "leadSeconds": .object(leadTimes.mapValues { .number(Double($0) / 1e6) }),
            "moveBySeconds": .number(Double(moveBy) / 1e6), "calmPoints": .integer(calmPoints),
        ])
    }
}

extension Chart.Subgroup {
    var json: JSON {
        switch self {
        case .units(let count): ["parts": .integer(count)]
        case .time(let length): ["seconds": .number(Double(length) / 1e6)]
        }
    }
}

extension Chart.Memory {
    var json: JSON {
        switch self {
        case .ewma(let lambda, let width): ["lambda": .number(lambda), "width": .number(width)]
        case .cusum(let allowance, let decision): ["k": .number(allowance), "h": .number(decision)]
        }
    }
}

extension JSON {
    fileprivate static func sorted(_ names: Set<String>) -> JSON { .array(names.sorted().map { .string($0) }) }
}
