import AndonLedger
import AndonModel
import AndonSPC

/// Which classes come back, how often and how soon, on which assets, and after which corrective action.
struct RecurrenceAnswer {
    private let inquiry: Inquiry
    private let store: Store
    private static let day: Int64 = 86_400_000_000
    /// Fewer repairs than this are no curve.
    private static let curveMin = 5
    /// The mean cumulative function's cost grows with the assets times their orders.
    private static let assetsMax = 2000
    private static let eventsMax = 20_000

    init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    private var days: Int { inquiry.settings.recurrenceDays }

    func report() async throws -> Report {
        let context = try await CourseContext(store, reach: inquiry.filter.reach)
        let choice = CourseChoice(inquiry.filter, context)
        let apart = try await RecurrenceGroups(inquiry, store)
        let (counted, times, basis) = try await folds(choice, apart)
        var sections = [table(apart.groups(counted.cells, context), apart), curves(times, context)]
        if let cumulative = try await cumulative(context, choice) { sections.append(cumulative) }
        return Report(
            "What comes back",
            defined: Phrase(
                "recurrence-definition",
                "A repair is an order whose work is done and that was no false alarm. It returned when the same class"
                    + " was seen on the same asset within {days} days after its end, by a detection that raised an order or"
                    + " joined one. Followed are the repairs that returned, or have been watched for {days} days; the share is"
                    + " of them, with its 95 % interval (Wilson). The rate is returns per 1,000 running hours watched. The"
                    + " curves are Kaplan and Meier's, of times to the next detection however late, with those that have not"
                    + " come back counted for as long as they were watched; bands are of 95 % at each time.",
                ["days": .count(days)]),
            basis: basis, sections: sections)
    }

    private func folds(
        _ choice: CourseChoice, _ apart: RecurrenceGroups
    ) async throws -> (RecurrenceCount, ReturnTimes, Basis) {
        let counting = RecurrenceCount(choice, horizon: Int64(days) * Self.day, clock: apart.clock)
        guard apart.column == .action else {
            let (counted, basis) = try await CourseScan(store, telling: apart.column).fold(counting)
            return (counted, try await CourseScan(store).fold(ReturnTimes(choice)).result, basis)
        }
        let (both, basis) = try await CourseScan(store).fold(BothFolds(counting, ReturnTimes(choice)))
        return (both.first, both.second, basis)
    }

    // MARK: Counts

    private func table(_ groups: [RecurrenceGroups.Group], _ apart: RecurrenceGroups) -> Report.Section {
        let (repairs, returned) = groups.reduce((0, 0)) { ($0.0 + Int($1.cell.repairs), $0.1 + Int($1.cell.returned)) }
        let followed = groups.reduce(0) { $0 + Int($1.cell.followed) }
        var sentences = [summary(repairs: repairs, followed: followed, returned: returned)]
        if apart.column == .part {
            sentences.append(
                Phrase("recurrence-parts", "A repair with several parts is counted once for each of them."))
        }
        if groups.count > inquiry.rowsMax {
            sentences.append(
                Phrase(
                    "recurrence-rows", "The {rows} of {count} rows with the most returns are shown.",
                    ["rows": .count(inquiry.rowsMax), "count": .count(groups.count)]))
        }
        let rate = Phrase("recurrence-column-rate", "returns per 1,000 h")
        return Report.Section(
            Phrase("recurrence-by", "By {dimensions}", ["dimensions": .phrase(.and(apart.heads))]), said: sentences,
            table: Report.Table(
                apart.heads + [
                    Heads.repairs, Heads.followed, Heads.returned, Heads.share, Heads.from95, Heads.to95, rate,
                ],
                groups.prefix(inquiry.rowsMax).map { row($0, apart) }))
    }

    private func summary(repairs: Int, followed: Int, returned: Int) -> Phrase {
        var values: [String: Phrase.Value] = [
            "repairs": .count(repairs), "followed": .count(followed), "days": .count(days),
            "returned": .count(returned),
        ]
        guard let share = Proportion(hits: returned, trials: followed)?.estimate() else {
            return Phrase(
                "recurrence-summary-no-share",
                "{repairs} repairs; of {followed} that could be followed for {days} days, {returned} came back.", values
            )
        }
        values["share"] = .share(share)
        return Phrase(
            "recurrence-summary",
            "{repairs} repairs; of {followed} that could be followed for {days} days, {returned} came back: {share}.",
            values)
    }

    private func row(_ group: RecurrenceGroups.Group, _ apart: RecurrenceGroups) -> [Report.Cell] {
        let cell = group.cell
        let (returned, followed) = (Int(cell.returned), Int(cell.followed))
        let share = Proportion(hits: returned, trials: followed)?.estimate()
        return apart.cells(group) + [
            .count(Int(cell.repairs)), .count(followed), .count(returned), .share(share?.value), .share(share?.lower),
            .share(share?.upper),
            .number(group.runningHours > 0 ? Double(returned) / group.runningHours * 1000 : nil, digits: 2),
        ]
    }

    // MARK: How soon

    private func curves(_ times: ReturnTimes, _ context: CourseContext) -> Report.Section {
        let chosen = times.byAction.filter { $0.value.count >= Self.curveMin }.sorted {
            ($0.value.count, $1.key) > ($1.value.count, $0.key)
        }
        guard !chosen.isEmpty else {
            let none = Phrase(
                "recurrence-no-curve", "No action has {least} repairs yet.", ["least": .count(Self.curveMin)])
            return Report.Section(curvesHeading, said: [none])
        }
        var sentences: [Phrase] = []
        if chosen.count > 1, let test = LogRank(chosen.map(\.value)) {
            sentences.append(Self.sentence(test, actions: chosen.count))
        }
        let fits = chosen.map { ($0.key, $0.value, KaplanMeier($0.value)) }
        return Report.Section(
            curvesHeading, said: sentences,
            table: Report.Table(
                [
                    Heads.action, Heads.repairs, Heads.returned, Heads.median(Units.days), Heads.from95, Heads.to95,
                    Phrase("recurrence-column-30", "not back at 30 d"), Phrase("recurrence-column-90", "at 90 d"),
                    Phrase("recurrence-column-365", "at 365 d"),
                ],
                fits.prefix(inquiry.rowsMax).map { id, table, fit in
                    let interval = fit?.medianInterval
                    func at(_ days: Double) -> Report.Cell {
                        guard let fit, fit.end >= days else { return .none }
                        return .share(fit.survival(at: days))
                    }
                    return [
                        .named(context.action(id)), .count(table.count), .count(table.events),
                        .number(fit?.median, digits: 1), .number(interval?.lower, digits: 1),
                        .number(interval?.upper, digits: 1), at(30), at(90), at(365),
                    ]
                }),
            curves: fits.prefix(6).compactMap { id, _, fit in fit.map { curve(context.actions[id], $0) } })
    }

    private var curvesHeading: Phrase {
        switch (inquiry.filter.defectClass, inquiry.filter.asset) {
        case (nil, nil): Phrase("recurrence-curves-all", "Time to the return, by action, of all classes")
        case (let name?, nil), (nil, let name?):
            Phrase("recurrence-curves-of", "Time to the return, by action, of {name}", ["name": .name(name)])
        case (let name?, let asset?):
            Phrase(
                "recurrence-curves-on", "Time to the return, by action, of {name} on {asset}",
                ["name": .name(name), "asset": .name(asset)])
        }
    }

    private static func sentence(_ test: LogRank, actions: Int) -> Phrase {
        let found = Phrase(
            "recurrence-log-rank",
            "Log-rank test of {actions} actions: chi-squared {chi} with {degrees} degrees of freedom, p {p}.",
            [
                "actions": .count(actions), "chi": .number(test.chiSquared, 2), "degrees": .count(test.degrees),
                "p": .chance(test.p),
            ])
        let means =
            test.p < 0.05
            ? Phrase(
                "recurrence-differ",
                "They do not hold equally long; which, and whether for other reasons than the action, is"
                    + " judged under \"Symptom or cause\".")
            : Phrase("recurrence-no-difference", "No difference is shown.")
        return .together([found, means])
    }

    private func curve(_ action: String?, _ fit: KaplanMeier) -> Report.Curve {
        var points = [Report.Curve.Point(x: 0, y: 1)]
        points += fit.steps.map { .init(x: $0.time, y: $0.survival, lower: $0.lower, upper: $0.upper) }
        if let last = points.last, fit.end > last.x {
            points.append(.init(x: fit.end, y: last.y, lower: last.lower, upper: last.upper))
        }
        return Report.Curve(
            action.map { Phrase.name($0) } ?? Phrase.notRecorded,
            across: Phrase("recurrence-axis-days", "days since the repair"),
            up: Phrase("recurrence-axis-share", "share not back"), points: points)
    }

    // MARK: Of an asset

    private func cumulative(_ context: CourseContext, _ choice: CourseChoice) async throws -> Report.Section? {
        guard Set(context.streams.values.map(\.asset)).count <= Self.assetsMax else { return nil }
        let events = try await CourseScan(store).fold(AssetTimes(choice, context, most: Self.eventsMax)).result
        guard events.count > 0, !events.isFull else { return nil }
        let end = min(events.end, inquiry.filter.until)
        let length = Double(end - events.first) / Double(Self.day)
        let units = events.times.values.map { times in
            RepairHistory(
                events: times.map { Double($0 - events.first) / Double(Self.day) }.filter { $0 <= length }, end: length)
        }
        guard let mean = MeanCumulative(units) else { return nil }
        let z = 1.959963984540054
        let points = mean.steps.map { step in
            let width = z * step.robustVariance.squareRoot()
            return Report.Curve.Point(
                x: step.age, y: step.mean, lower: max(0, step.mean - width), upper: step.mean + width)
        }
        return Report.Section(
            Phrase("recurrence-assets", "Orders of an asset, together"),
            said: [
                Phrase(
                    "recurrence-assets-sentence",
                    "{orders} orders of {assets} assets since {first}: on average"
                        + " {mean} for each asset that had any. A curve that bends upwards"
                        + " says that defects come faster and faster; false alarms and cancelled orders are left out.",
                    [
                        "orders": .count(events.count), "assets": .count(units.count), "first": .time(events.first),
                        "mean": .number(mean.steps.last?.mean ?? 0, 1),
                    ])
            ],
            table: Report.Table(
                [
                    Heads.asset, Heads.orders, Phrase("recurrence-column-30-days", "per 30 days"),
                    Phrase("recurrence-column-first", "first half"),
                    Phrase("recurrence-column-second", "second half"),
                ],
                events.times.sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }.prefix(inquiry.rowsMax).map
                {
                    asset, times in
                    let middle = events.first + (end - events.first) / 2
                    return [
                        .text(asset), .count(times.count),
                        .number(length > 0 ? Double(times.count) / length * 30 : nil, digits: 2),
                        .count(times.count { $0 < middle }), .count(times.count { $0 >= middle }),
                    ]
                }),
            curves: [
                Report.Curve(
                    Phrase("recurrence-mean-curve", "mean of the assets"), across: Units.days,
                    up: Phrase("recurrence-axis-orders", "orders of an asset so far"),
                    points: [.init(x: 0, y: 0)] + points)
            ])
    }
}
