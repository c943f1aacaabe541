/// Where a detection stands in its control chart: the newest point of the stream that it belongs to.
public struct ChartPosition: Hashable, Sendable, Codable {
    public var chart: String
    /// What tells the stream from the chart's others, for example `asset=PRESS-07`; empty where there is one stream.
    public var stratum: String
    /// The chart's kind by its name in the configuration, for example `u`.
    public var kind: String
    /// Number of the point in its stream, from 1; 0 before the first.
    public var point: Int
    public var at: Timestamp?
    /// In plotted units; nil before the first judged point.
    public var value: Double?
    public var size: Double?
    public var centre: Double?
    public var lower: Double?
    public var upper: Double?
    /// Distance from the centre line in the point's own sigma.
    public var sigmas: Double?
    /// 1 while the baseline is gathered, 2 once limits are in force.
    public var phase: Int
    /// Samples of the baseline so far, and wanted; in phase I only.
    public var gathered: Int?
    public var baseline: Int?
    public var limitsVersion: Int?
    /// The rules that the point breaks, by their names.
    public var rules: [String]
    /// Numbers of the points that make the first of them.
    public var points: [Int]
    public var standing: Standing?
    /// Since when the stream has been out of control without a break.
    public var since: Timestamp?

    /// A one-off or part of something.
    public enum Standing: String, Sendable, Codable, CaseIterable {
        case inControl = "in-control"
        case isolated, shift, trend, pattern

        /// For people.
        public var words: String {
            switch self {
            case .inControl: "in control"
            case .isolated: "out of control, an isolated exceedance"
            case .shift: "out of control, part of a shift"
            case .trend: "out of control, part of a trend"
            case .pattern: "out of control, an unusual pattern"
            }
        }
    }

    public init(
        chart: String, stratum: String, kind: String, point: Int = 0, phase: Int, rules: [String] = [],
        points: [Int] = [], standing: Standing? = nil
    ) {
        self.chart = chart
        self.stratum = stratum
        self.kind = kind
        self.point = point
        self.phase = phase
        self.rules = rules
        self.points = points
        self.standing = standing
    }

    public var isOut: Bool { standing.map { $0 != .inControl } ?? false }
    public var isIn: Bool { standing == .inControl }

    /// "press-scratches (asset=PRESS-07)".
    public var name: String { stratum.isEmpty ? chart : "\(chart) (\(stratum))" }

    /// One line for an order's text.
    public var sentence: String {
        guard phase == 2 else {
            return "\(name): no limits yet, \(gathered ?? 0) of the \(baseline ?? 0) samples of the baseline are there"
        }
        guard let standing, let value, let centre, let lower, let upper, let sigmas else {
            return "\(name): no point was judged yet (limits version \(limitsVersion ?? 0))"
        }
        var text =
            "\(name): \(standing.words); \(kind) point \(point) at \(Self.figure(value)), centre \(Self.figure(centre)),"
            + " limits \(Self.figure(lower)) to \(Self.figure(upper)) (version \(limitsVersion ?? 0)),"
            + " \(sigmas < 0 ? "" : "+")\(Self.figure(sigmas, digits: 2)) sigma"
        if !rules.isEmpty {
            text += "; breaks \(rules.joined(separator: ", "))"
            if points.count > 1, let first = points.first, let last = points.last {
                text += points.count == last - first + 1 ? " (points \(first) to \(last))" : " (points \(list))"
            }
        }
        if let since { text += "; out of control since \(since.toTheSecond)" }
        return text
    }

    private var list: String { points.map(String.init).joined(separator: ", ") }

    /// Four figures that count.
    static func figure(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite, value != 0 else { return JSON.ecmaScriptText(of: value.isFinite ? value : 0) }
        var scale = 1.0
        var size = value.magnitude
        while size < 1, scale < 1e12 { (size, scale) = (size * 10, scale * 10) }
        let places = (0..<digits).reduce(1.0) { power, _ in power * 10 } * scale / 10
        return JSON.ecmaScriptText(of: (value * places).rounded() / places)
    }
}

extension ChartPosition {
    /// Out of control before in control before no limits; then by the distance from the centre line.
    static func tellsMore(_ one: ChartPosition, than other: ChartPosition) -> Bool {
        func rank(_ position: ChartPosition) -> Int { position.isOut ? 0 : position.isIn ? 1 : 2 }
        guard rank(one) == rank(other) else { return rank(one) < rank(other) }
        let distances = [one, other].map { $0.sigmas?.magnitude ?? 0 }
        return distances[0] == distances[1] ? one.name < other.name : distances[0] > distances[1]
    }
}

extension ChartPosition {
    /// For the ledger and the API.
    public var json: JSON {
        .object(present: [
            "chart": .string(chart), "stratum": stratum.isEmpty ? nil : .string(stratum), "kind": .string(kind),
            "point": .integer(point), "at": at.map { .time($0) }, "value": value.map { .number($0) },
            "size": size.map { .number($0) }, "centre": centre.map { .number($0) },
            "lower": lower.map { .number($0) }, "upper": upper.map { .number($0) },
            "sigmas": sigmas.map { .number($0) }, "phase": .integer(phase),
            "gathered": gathered.map { .integer($0) }, "baseline": baseline.map { .integer($0) },
            "limitsVersion": limitsVersion.map { .integer($0) },
            "rules": rules.isEmpty ? nil : .array(rules.map { .string($0) }),
            "points": points.isEmpty ? nil : .array(points.map { .integer($0) }),
            "standing": standing.map { .string($0.rawValue) }, "since": since.map { .time($0) },
        ])
    }
}

extension [ChartPosition] {
    /// The position to decide by.
    public var mostTelling: ChartPosition? { self.min(by: ChartPosition.tellsMore) }
}
