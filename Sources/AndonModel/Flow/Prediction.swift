/// A degradation as its chart's points show it, and when it reaches its threshold.
public struct Prediction: Hashable, Sendable, Codable {
    public var chart: String
    public var stratum: String
    /// Number of the newest point, and how many points the estimate rests on.
    public var point: Int
    public var points: Int
    public var standing: Standing
    /// Theil and Sen's slope a day, with its interval; nil for too few points.
    public var slope: Double?
    public var slopeLower: Double?
    public var slopeUpper: Double?
    /// Mann and Kendall's, two-sided, corrected for serial correlation.
    public var significance: Double?
    /// The smoothed level now.
    public var level: Double?
    public var threshold: Double
    public var isRising: Bool
    /// Of the interval from `first` to `last`.
    public var confidence: Double
    /// When the level reaches the threshold: the earliest and the latest moment of the interval, and the expected one.
    public var first: Timestamp?
    public var expected: Timestamp?
    public var last: Timestamp?

    public enum Standing: String, Sendable, Codable, CaseIterable {
        case tooFew = "too-few-points"
        /// No trend that chance does not explain.
        case level
        /// A trend in the harmless direction.
        case away
        /// A sure trend whose crossing cannot be dated, or lies too far ahead.
        case degrading
        /// A sure trend with a date.
        case dated
        /// A sure trend that is faster than it may be.
        case fast
        /// The level is beyond the threshold.
        case crossed
    }

    public init(
        chart: String, stratum: String, point: Int, points: Int, standing: Standing, threshold: Double,
        isRising: Bool, confidence: Double
    ) {
        self.chart = chart
        self.stratum = stratum
        self.point = point
        self.points = points
        self.standing = standing
        self.threshold = threshold
        self.isRising = isRising
        self.confidence = confidence
    }

    /// Whether a repair is to be planned.
    public var calls: Bool { [.dated, .fast, .crossed].contains(standing) }
    /// Whether nothing speaks for a repair.
    public var isCalm: Bool { [.level, .away].contains(standing) }

    /// "edge-chips (asset=MILL-03)".
    public var name: String { stratum.isEmpty ? chart : "\(chart) (\(stratum))" }

    /// One line for people.
    public var sentence: String {
        switch standing {
        case .tooFew: return "\(name): \(points) points are too few for a trend"
        case .level: return "\(name): no trend in \(points) points\(tail)"
        default: break
        }
        var text = "\(name): \(verb) by \(figure(slope?.magnitude)) a day"
        if let slopeLower, let slopeUpper {
            let ends = [slopeLower.magnitude, slopeUpper.magnitude].sorted().map { figure($0) }
            text += " (95 % \(ends.joined(separator: " to ")))"
        }
        text += " over \(points) points\(tail)"
        let limit = "the threshold \(figure(threshold))"
        if standing == .crossed {
            text += "; it is beyond \(limit)"
        } else if let first, let expected, let last {
            let share = ChartPosition.figure(confidence * 100, digits: 3)
            text +=
                "; it reaches \(limit) between \(first.date) and \(last.date) (\(share) %), expected \(expected.date)"
        } else if standing != .away {
            text += "; the data carry no date for \(limit)"
        }
        return text
    }

    private var verb: String { (slope ?? 0) < 0 ? "falls" : "rises" }

    private var tail: String {
        let level = level.map { ", level \(figure($0))" } ?? ""
        return (significance.map { ", Mann-Kendall p \(figure($0, digits: 2))" } ?? "") + level
    }

    private func figure(_ value: Double?, digits: Int = 4) -> String {
        ChartPosition.figure(value ?? 0, digits: digits)
    }

    /// For the ledger and the API.
    public var json: JSON {
        .object(present: [
            "chart": .string(chart), "stratum": stratum.isEmpty ? nil : .string(stratum), "point": .integer(point),
            "points": .integer(points), "standing": .string(standing.rawValue),
            "slopePerDay": slope.map { .number($0) },
            "slopeLower": slopeLower.map { .number($0) }, "slopeUpper": slopeUpper.map { .number($0) },
            "significance": significance.map { .number($0) }, "level": level.map { .number($0) },
            "threshold": .number(threshold), "direction": .string(isRising ? "rising" : "falling"),
            "confidence": .number(confidence), "first": first.map { .time($0) },
            "expected": expected.map { .time($0) }, "last": last.map { .time($0) },
        ])
    }
}

extension Timestamp {
    /// `2026-11-25T06:30:00Z`: what is planned or reckoned is not known to the microsecond.
    public var toTheSecond: String { "\(description.prefix(19))Z" }

    /// `2026-11-25`, in UTC.
    var date: String { String(description.prefix(10)) }
}

/// When a predicted repair is planned for, and why then.
public struct RepairDate: Hashable, Sendable {
    public var at: Timestamp
    /// Half a sentence, for example `3d before the first crossing (criticality A), in the planned stop "Saturday"`.
    public var reason: String

    public init(at: Timestamp, reason: String) {
        self.at = at
        self.reason = reason
    }
}
