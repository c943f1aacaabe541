import AndonDecide
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC

/// Streams as the API shows them.
enum ChartView {
    /// One line of the list: the newest point, and whether something is to be done.
    static func summary(_ record: ChartStreamRecord, _ chart: Chart?) throws -> JSON {
        let monitor = try Monitor(record)
        let position = chart.map { ChartPosition($0, record.stratum, monitor, monitor.last) }
        return .object(present: [
            "chart": .string(record.chart), "stream": .string(record.stratum), "points": .integer(record.points),
            "position": position?.json, "inForce": .bool(chart != nil), "planned": plan(record),
            "proposal": record.proposal,
        ])
    }

    /// Most troubled first: out of control, with a plan or a proposal, then the others.
    static func trouble(_ summary: JSON) -> Int {
        let standing = summary["position"]?["standing"]?.string
        if let standing, standing != ChartPosition.Standing.inControl.rawValue { return 0 }
        if summary["planned"]?["reference"] != nil { return 1 }
        return summary["proposal"] != nil ? 2 : 3
    }

    private static func plan(_ record: ChartStreamRecord) -> JSON? {
        guard let plan = record.planned, plan["reference"] != nil else { return nil }
        return plan
    }

    /// Everything that is known of a stream.
    static func stream(_ record: ChartStreamRecord, _ chart: Chart?, points: Int, _ reader: Reader) throws -> JSON {
        let monitor = try Monitor(record)
        let kept = try reader.chartPoints(record.chart, record.stratum, last: points)
        return .object(present: [
            "chart": .string(record.chart), "stream": .string(record.stratum), "definition": chart?.json,
            "phase": .integer(monitor.isPhaseTwo ? 2 : 1), "gathered": .integer(monitor.gatheredCount),
            "points": .array(kept.map(point)),
            "limits": .array(try reader.chartLimits(record.chart, record.stratum).map(limits)),
            "repairs": .array(try reader.chartRepairs(record.chart, record.stratum).map(repair)),
            "capability": chart.flatMap { monitor.capability($0) }.map(capability),
            "prediction": try chart.flatMap { try prediction(record, $0, reader)?.json }, "planned": plan(record),
            "proposal": record.proposal, "advice": chart.flatMap { advice($0, kept) },
        ])
    }

    static func prediction(_ record: ChartStreamRecord, _ chart: Chart, _ reader: Reader) throws -> Prediction? {
        guard let trend = chart.trend else { return nil }
        let points = try reader.chartPoints(record.chart, record.stratum, last: trend.window, after: record.begunAt)
            .filter { !$0.isLate }.compactMap(chart.value)
        return Prediction(chart, record.stratum, trend, number: record.points, points: points)
    }

    private static func advice(_ chart: Chart, _ points: [ChartPointRecord]) -> JSON? {
        PhaseOne.advice(on: chart.kind, points.map { Sample($0.value, of: $0.size) }).map {
            ["kind": .string($0.kind.rawValue), "reason": .string($0.reason)]
        }
    }

    private static func point(_ point: ChartPointRecord) -> JSON {
        .object(present: [
            "number": .integer(point.number), "at": .time(point.at), "value": .number(point.value),
            "size": .number(point.size), "spread": point.spread.map { .number($0) },
            "plotted": point.judged.map { .number($0.plotted) }, "centre": point.judged.map { .number($0.centre) },
            "lower": finite(point.judged?.lower), "upper": finite(point.judged?.upper),
            "sigmas": point.judged.map { .number($0.sigmas) },
            "rules": point.signals.isEmpty ? nil : .array(point.signals.map { .string($0) }),
            "points": point.madeOf.isEmpty ? nil : .array(point.madeOf.map { .integer($0) }),
            "standing": point.standing.map { .string($0) }, "limitsVersion": point.limitsVersion.map { .integer($0) },
            "late": point.isLate ? true : nil,
        ])
    }

    private static func finite(_ value: Double?) -> JSON? {
        value.flatMap { $0.isFinite ? .number($0) : nil }
    }

    private static func limits(_ limits: ChartLimitsRecord) -> JSON {
        [
            "version": .integer(limits.version), "madeAt": .time(limits.madeAt), "by": .string(limits.madeBy),
            "reason": .string(limits.reason), "limits": limits.document,
        ]
    }

    private static func repair(_ repair: ChartRepairRecord) -> JSON {
        .object(present: [
            "behindPoint": .integer(repair.point), "order": .string(repair.reference), "at": .time(repair.at),
            "before": repair.before.map { .number($0) }, "after": repair.after.map { .number($0) },
        ])
    }

    private static func capability(_ study: Monitor.CapabilityStudy) -> JSON {
        func index(_ value: Double?, _ interval: ClosedRange<Double>?) -> JSON? {
            value.map { value in
                .object(present: [
                    "value": .number(value), "lower": interval.map { .number($0.lowerBound) },
                    "upper": interval.map { .number($0.upperBound) },
                ])
            }
        }
        let found = study.capability
        return .object(present: [
            "values": .integer(study.count), "mean": .number(study.mean), "sigmaWithin": .number(study.within),
            "sigmaOverall": .number(study.overall), "cp": index(found.cp, study.cp),
            "cpk": index(found.cpk, study.cpk), "pp": index(found.pp, study.pp), "ppk": index(found.ppk, study.ppk),
            "cpm": found.cpm.map { ["value": .number($0)] }, "confidence": 0.95, "stable": .bool(study.isStable),
            "warning": study.isStable
                ? nil : "The process is out of control: these figures foretell nothing until it is stable.",
        ])
    }
}
