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
            definition:
                "A repair is an order whose work is done and that was no false alarm. It returned when the same class"
                + " was seen on the same asset within \(days) days after its end, by a detection that raised an order or"
                + " joined one. Followed are the repairs that returned, or have been watched for \(days) days; the share is"
                + " of them, with its 95 % interval (Wilson). The rate is returns per 1,000 running hours watched. The"
                + " curves are Kaplan and Meier's, of times to the next detection however late, with those that have not"
                + " come back counted for as long as they were watched; bands are of 95 % at each time.",
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
        var sentences = [
            "\(repairs) repairs; of \(followed) that could be followed for \(days) days, \(returned) came back"
                + (Proportion(hits: returned, trials: followed)?.estimate().map { ": \(Words.percent($0))." } ?? ".")
        ]
        if apart.column == .part {
            sentences.append("A repair with several parts is counted once for each of them.")
        }
        if groups.count > inquiry.rowsMax {
            sentences.append("The \(inquiry.rowsMax) of \(groups.count) rows with the most returns are shown.")
        }
        return Report.Section(
            "By \(apart.words)", sentences: sentences,
            table: Report.Table(
                apart.columns
                    + ["repairs", "followed", "returned", "share", "95 % from", "95 % to", "returns per 1,000 h"],
                groups.prefix(inquiry.rowsMax).map(row)))
    }

    private func row(_ group: RecurrenceGroups.Group) -> [Report.Cell] {
        let cell = group.cell
        let (returned, followed) = (Int(cell.returned), Int(cell.followed))
        let share = Proportion(hits: returned, trials: followed)?.estimate()
        return group.names.map { .text($0) } + [
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
        let of = [inquiry.filter.defectClass, inquiry.filter.asset].compactMap { $0 }.joined(separator: " on ")
        let heading = "Time to the return, by action" + (of.isEmpty ? ", of all classes" : ", of \(of)")
        guard !chosen.isEmpty else {
            return Report.Section(heading, sentences: ["No action has \(Self.curveMin) repairs yet."])
        }
        var sentences: [String] = []
        if chosen.count > 1, let test = LogRank(chosen.map(\.value)) {
            sentences.append(
                "Log-rank test of \(chosen.count) actions: chi-squared \(Words.number(test.chiSquared, 2)) with \(test.degrees)"
                    + " degrees of freedom, p \(Words.p(test.p)). "
                    + (test.p < 0.05
                        ? "They do not hold equally long; which, and whether for other reasons than the action, is"
                            + " judged under \"Symptom or cause\"."
                        : "No difference is shown."))
        }
        let fits = chosen.map { ($0.key, $0.value, KaplanMeier($0.value)) }
        return Report.Section(
            heading, sentences: sentences,
            table: Report.Table(
                [
                    "action", "repairs", "returned", "median, days", "95 % from", "95 % to", "not back at 30 d",
                    "at 90 d",
                    "at 365 d",
                ],
                fits.prefix(inquiry.rowsMax).map { id, table, fit in
                    let interval = fit?.medianInterval
                    func at(_ days: Double) -> Report.Cell {
                        guard let fit, fit.end >= days else { return .none }
                        return .share(fit.survival(at: days))
                    }
                    return [
                        .text(context.action(id)), .count(table.count), .count(table.events),
                        .number(fit?.median, digits: 1), .number(interval?.lower, digits: 1),
                        .number(interval?.upper, digits: 1), at(30), at(90), at(365),
                    ]
                }),
            curves: fits.prefix(6).compactMap { id, _, fit in fit.map { curve(context.action(id), $0) } })
    }

    private func curve(_ name: String, _ fit: KaplanMeier) -> Report.Curve {
        var points = [Report.Curve.Point(x: 0, y: 1)]
        points += fit.steps.map { .init(x: $0.time, y: $0.survival, lower: $0.lower, upper: $0.upper) }
        if let last = points.last, fit.end > last.x {
            points.append(.init(x: fit.end, y: last.y, lower: last.lower, upper: last.upper))
        }
        return Report.Curve(name, across: "days since the repair", up: "share not back", points: points)
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
            "Orders of an asset, together",
            sentences: [
                "\(events.count) orders of \(units.count) assets since \(Timestamp(microseconds: events.first)): on average"
                    + " \(Words.number(mean.steps.last?.mean ?? 0, 1)) for each asset that had any. A curve that bends upwards"
                    + " says that defects come faster and faster; false alarms and cancelled orders are left out."
            ],
            table: Report.Table(
                ["asset", "orders", "per 30 days", "first half", "second half"],
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
                    "mean of the assets", across: "days", up: "orders of an asset so far",
                    points: [.init(x: 0, y: 0)] + points)
            ])
    }
}
