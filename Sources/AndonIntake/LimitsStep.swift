import AndonDecide
import AndonLedger
import AndonModel
import AndonSPC

/// What a person asks for: limits made of these points, with those left out that have an assignable cause.
public struct LimitsRequest: Sendable {
    public var chart: String
    public var stratum: String
    /// Numbers of the first and the last point.
    public var first: Int
    public var last: Int
    /// Why each point is left out, by its number.
    public var excluded: [Int: String]
    /// Leaves out what lies beyond the limits as well, round for round.
    public var excludesBeyond: Bool
    public var person: String
    public var reason: String
    /// Only says what the limits would be.
    public var isTrial: Bool

    public init(
        chart: String, stratum: String, first: Int, last: Int, excluded: [Int: String] = [:],
        excludesBeyond: Bool = false, person: String, reason: String, isTrial: Bool = false
    ) {
        self.chart = chart
        self.stratum = stratum
        self.first = first
        self.last = last
        self.excluded = excluded
        self.excludesBeyond = excludesBeyond
        self.person = person
        self.reason = reason
        self.isTrial = isTrial
    }
}

/// The limits that were made of a request.
public struct LimitsAnswer: Sendable {
    /// Nil for a trial.
    public var version: Int?
    public var location: ChartLimits
    public var dispersion: ChartLimits?
    public var excluded: [Int: String]
    /// Numbers of the points that are counted and lie beyond.
    public var beyond: [Int]

    public var json: JSON {
        .object(present: [
            "version": version.map { .integer($0) }, "location": location.json, "dispersion": dispersion?.json,
            "excluded": LimitsStep.json(of: excluded), "beyond": .array(beyond.map { .integer($0) }),
        ])
    }
}

/// Puts limits in force that a person asked for: versioned, with who and why, in the ledger. Points that were judged stay
/// as they were judged; runs begin anew.
public struct LimitsStep: Sendable {
    private let store: Store
    private let inForce: @Sendable () -> InForce

    public init(store: Store, inForce: @escaping @Sendable () -> InForce) {
        self.store = store
        self.inForce = inForce
    }

    /// - Throws: `Problem` 404 for a chart or stream that is not there, 422 for points that make no limits.
    public func apply(_ request: LimitsRequest) async throws -> LimitsAnswer {
        guard let charted = inForce().charts.first(where: { $0.chart.name == request.chart }) else {
            throw Self.unknown("chart \"\(request.chart.cut(to: 80))\" in the rules in force")
        }
        try Self.check(request, charted.chart)
        return try await store.write { try Self.apply(request, charted, in: $0) }
    }

    private static func check(_ request: LimitsRequest, _ chart: Chart) throws {
        if chart.given != nil {
            throw refusal("/limits", "The limits of \(chart.name) stand in the configuration; change them there.")
        }
        guard request.first >= 1, request.last > request.first, request.last - request.first < 10_000 else {
            throw refusal("/from", "Name the first and the last of at least 2 and at most 10,000 points.")
        }
        if let outside = request.excluded.keys.sorted().first(where: { !(request.first...request.last).contains($0) }) {
            throw refusal("/exclude", "Point \(outside) is not between \(request.first) and \(request.last).")
        }
        if let bare = request.excluded.sorted(by: { $0.key < $1.key }).first(where: { $0.value.isEmpty }) {
            throw refusal("/exclude", "Say why point \(bare.key) is left out.")
        }
        guard request.isTrial || !(request.person.isEmpty || request.reason.isEmpty) else {
            throw refusal("/reason", "Say who puts the limits in force (by) and why (reason).")
        }
    }

    private static func apply(
        _ request: LimitsRequest, _ charted: Charted, in transaction: Transaction
    ) throws -> LimitsAnswer {
        let chart = charted.chart
        let reader = transaction.reader
        guard var record = try reader.chartStream(chart.name, request.stratum), record.definition == charted.definition
        else { throw unknown("stream \"\(request.stratum.cut(to: 200))\" of the chart \(chart.name)") }
        let points = try reader.chartPoints(
            chart.name, request.stratum, last: 10_000, after: request.first - 1, through: request.last
        ).filter { !$0.isLate }.map(ChartSample.init)
        var answer: LimitsAnswer
        do {
            answer = try limits(chart, points, request)
        } catch let error as SPCError {
            throw refusal("/from", "These points make no limits: \(error.description).")
        }
        guard !request.isTrial else { return answer }
        let version = try reader.chartLimitsVersion(chart.name, request.stratum) + 1
        answer.version = version
        var monitor = try Monitor(record)
        monitor.accept(answer.location, dispersion: answer.dispersion, version: version, of: chart)
        record = try monitor.kept(in: record)
        record.proposal = nil
        try transaction.put(record)
        try transaction.insertLimits(
            chart: chart.name, stratum: request.stratum, version: version, by: request.person, reason: request.reason,
            document: .object(present: [
                "location": answer.location.json, "dispersion": answer.dispersion?.json,
                "from": .integer(request.first), "to": .integer(request.last), "excluded": json(of: answer.excluded),
            ]))
        try transaction.clearAlarm("limits-proposed", subject: record.name)
        return answer
    }

    private static func limits(
        _ chart: Chart, _ points: [ChartSample], _ request: LimitsRequest
    ) throws -> LimitsAnswer {
        let samples = points.map(\.sample)
        let asked = points.indices.compactMap { index in
            request.excluded[points[index].number].map { PhaseOne.Exclusion(index: index, reason: $0) }
        }
        let (made, out) = try PhaseOne.revised(
            samples, excluding: asked, roundsMax: request.excludesBeyond ? 10 : 0, location: { $0.location },
            making: { (left: Set<Int>) throws(SPCError) in
                try Monitor.limits(chart, samples, points.map(\.spread), excluding: left)
            })
        guard samples.contains(where: { made.location.plot($0) != nil }) else {
            throw SPCError("they do not scatter")
        }
        let left = Set(out.map(\.index))
        let beyond = points.indices.filter {
            !left.contains($0) && made.location.plot(samples[$0])?.isBeyond == true
        }
        return LimitsAnswer(
            location: made.location, dispersion: made.dispersion,
            excluded: request.excluded.merging(out.map { (points[$0.index].number, $0.reason) }) { own, _ in own },
            beyond: beyond.map { points[$0].number })
    }

    static func json(of excluded: [Int: String]) -> JSON {
        .array(
            excluded.sorted { $0.key < $1.key }.map { ["point": .integer($0.key), "reason": .string($0.value)] })
    }

    private static func refusal(_ pointer: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-limits", title: "No limits can be made so", detail: detail,
            errors: [.init(pointer: pointer, detail: detail)])
    }

    private static func unknown(_ what: String) -> Problem {
        Problem(status: 404, type: "not-found", title: "Not found", detail: "There is no \(what).")
    }
}
