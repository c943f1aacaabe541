import AndonModel
import AndonSPC

extension Plant {
    /// The planned stops of a place that end after `now`, for `days` days ahead, the earliest first.
    public func plannedStops(at place: Place, after now: Timestamp, days: Int = 400) -> [PlannedStop] {
        let clock = WallClock(identifier: timeZone) ?? .utc
        let today = clock.wall(at: now.microseconds / 1_000_000) / 86_400
        let stops = maintenance.filter { $0.isFor(place) }.flatMap { window -> [PlannedStop] in
            switch window.span {
            case .once(let from, let to): return [PlannedStop(name: window.name, from: from, to: to)]
            case .weekly(let weekdays, let from, let to):
                let dates = (today - 1...today + Int64(days)).filter { date in
                    weekdays.contains(OnCallSchedule.Weekday(daysSinceEpoch: date).rawValue)
                }
                return dates.map { date in
                    let end = date + (to <= from ? 1 : 0)
                    func moment(_ date: Int64, _ minutes: Int) -> Timestamp {
                        Timestamp(microseconds: clock.moment(of: date * 86_400 + Int64(minutes) * 60) * 1_000_000)
                    }
                    return PlannedStop(name: window.name, from: moment(date, from), to: moment(end, to))
                }
            }
        }
        return stops.filter { $0.to > now }.sorted { ($0.from, $0.name) < ($1.from, $1.name) }
    }
}

extension Rules {
    /// The date of a predicted repair: the lower bound of the crossing less the lead time of the asset's criticality,
    /// brought forward into a planned stop where there is one before it. What should have begun already is due now.
    ///
    /// - Parameter stops: of the place, that end after `now`, the earliest first.
    /// - Returns: nil when the data carry no date.
    public func repairDate(
        for prediction: Prediction, at place: Place, stops: [PlannedStop], now: Timestamp
    ) -> RepairDate? {
        let criticality = criticalities.rank(place.criticality)
        if prediction.standing == .crossed { return RepairDate(at: now, reason: "the threshold is crossed: due now") }
        guard let first = prediction.first else { return nil }
        let leadTimes = charts.byName[prediction.chart]?.trend?.leadTimes ?? [:]
        let lead = Duration.microseconds(leadTimes[criticality] ?? leadTimes.values.max() ?? 0)
        let wanted = max(first - lead, now)
        let before = "\(Quantity.text(lead)) before the first crossing (criticality \(criticality))"
        guard wanted > now else { return RepairDate(at: now, reason: "\(before) is past: due now") }
        if let stop = stops.last(where: { $0.from <= wanted }) {
            if wanted < stop.to {
                return RepairDate(at: wanted, reason: "\(before), in the planned stop \"\(stop.name)\"")
            }
            return RepairDate(
                at: max(stop.from, now), reason: "in the planned stop \"\(stop.name)\", the last one \(before)")
        }
        let none = stops.isEmpty ? "" : "; no planned stop lies before it"
        return RepairDate(at: wanted, reason: before + none)
    }
}
