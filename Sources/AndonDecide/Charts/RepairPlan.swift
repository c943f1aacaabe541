import AndonModel
import AndonSPC

extension Prediction {
    /// What the points of a stream foretell.
    ///
    /// - Parameter points: of the process that runs now, in the order of time.
    public init(_ chart: Chart, _ stratum: String, _ trend: Chart.TrendRule, number: Int, points: [ChartValue]) {
        let settings = trend.forecast
        self.init(
            chart: chart.name, stratum: stratum, point: number, points: points.count, standing: .tooFew,
            threshold: settings.threshold, isRising: settings.rising, confidence: settings.confidence)
        guard let origin = points.first?.at else { return }
        let days = points.map { ($0.at - origin).seconds / 86_400 }
        let forecast = Forecast(times: days, values: points.map(\.value), settings: settings)
        self.points = forecast.count
        slope = forecast.slope?.slope
        slopeLower = forecast.slope?.lower
        slopeUpper = forecast.slope?.upper
        significance = forecast.test?.p
        level = forecast.level
        standing = Self.standing(forecast)
        if let crossing = forecast.crossing {
            func moment(_ days: Double) -> Timestamp { origin + .microseconds(Int64((days * 86_400e6).rounded())) }
            first = moment(crossing.first)
            expected = moment(crossing.expected)
            last = moment(crossing.last)
        }
    }

    private static func standing(_ forecast: Forecast) -> Standing {
        switch forecast.standing {
        case .tooFew: .tooFew
        case .level: .level
        case .away: .away
        case .degrading: forecast.isTooFast ? .fast : .degrading
        case .dated: .dated
        case .crossed: .crossed
        }
    }
}

/// A point of a stream in plotted units.
public struct ChartValue: Hashable, Sendable {
    public var at: Timestamp
    public var value: Double

    public init(at: Timestamp, value: Double) {
        self.at = at
        self.value = value
    }
}

/// The predictive order of a stream, and how its date follows the estimate. Pure: what it says is carried out by others.
public struct RepairPlan: Hashable, Sendable {
    /// The order; nil while there is none.
    public var reference: Reference?
    public var scheduledAt: Timestamp?
    /// Moves of the date so far; the taking back is one too.
    public var changes = 0
    /// Points in a row without a trend.
    public var calm = 0
    /// When an order was last asked for.
    public var askedAt: Timestamp?
    /// Whether the order was taken back and has not ended in the CMMS yet.
    public var isTakenBack = false

    public init() {}

    public enum Step: Hashable, Sendable {
        case wait
        case raise
        case move(to: RepairDate)
        case takeBack(reason: String)
    }

    /// What follows from the newest estimate.
    ///
    /// Against flapping: a date that moves by less than `moveBy` stays, and so does one that is due already; an order is
    /// taken back only after `calmPoints` points in a row without a trend, and never once somebody works on it; one
    /// that was asked for and not raised (a person's cancelling, a cool-down) is asked for again after `moveBy`.
    ///
    /// - Parameters:
    ///   - order: the state of the plan's order in the CMMS; nil when there is none.
    ///   - date: what the rules make of the estimate; nil for no date.
    public mutating func step(
        _ prediction: Prediction, order: OrderState?, date: RepairDate?, trend: Chart.TrendRule, now: Timestamp
    ) -> Step {
        if order?.takesOccurrences != true {
            let asked = askedAt
            self = RepairPlan()
            askedAt = asked
        }
        calm = prediction.isCalm ? calm + 1 : prediction.standing == .tooFew ? calm : 0
        let moveBy = Duration.microseconds(trend.moveBy)
        guard reference != nil else {
            guard prediction.calls else { return .wait }
            if let askedAt, now - askedAt < moveBy { return .wait }
            askedAt = now
            return .raise
        }
        if isTakenBack { return .wait }
        if prediction.isCalm, calm >= trend.calmPoints, order == .open {
            isTakenBack = true
            changes += 1
            return .takeBack(
                reason: "The trend is gone: \(prediction.sentence); \(calm) points in a row without one.")
        }
        guard prediction.calls, let date, isWorthMoving(to: date.at, by: moveBy, now: now) else { return .wait }
        scheduledAt = date.at
        changes += 1
        return .move(to: date)
    }

    private func isWorthMoving(to date: Timestamp, by least: Duration, now: Timestamp) -> Bool {
        guard let scheduledAt else { return true }
        return scheduledAt > now && (date - scheduledAt).distance >= least
    }
}

extension RepairPlan {
    /// As it is kept beside its stream.
    public var json: JSON {
        .object(present: [
            "reference": reference.map { .string($0.text) }, "scheduledAt": scheduledAt.map { .time($0) },
            "changes": .integer(changes), "calm": .integer(calm), "askedAt": askedAt.map { .time($0) },
            "takenBack": isTakenBack ? true : nil,
        ])
    }

    public init(_ json: JSON?) {
        self.init()
        reference = json?["reference"]?.string.flatMap { Reference($0) }
        scheduledAt = json?["scheduledAt"]?.string.flatMap(Timestamp.init)
        changes = json?["changes"]?.integer ?? 0
        calm = json?["calm"]?.integer ?? 0
        askedAt = json?["askedAt"]?.string.flatMap(Timestamp.init)
        isTakenBack = json?["takenBack"]?.bool ?? false
    }
}
