import AndonLedger
import AndonModel
import AndonSPC

/// The mean running time between defects of each asset, where it means something: where they come neither faster nor
/// slower than before.
struct RunningTimes {
    private let inquiry: Inquiry
    private let choice: CourseChoice
    private let context: CourseContext
    private let store: Store
    /// A smaller chance than this that a constant rate looks so is a trend, and there is no mean.
    private static let trendMax = 0.05

    init(_ inquiry: Inquiry, _ choice: CourseChoice, _ context: CourseContext, _ store: Store) {
        (self.inquiry, self.choice, self.context, self.store) = (inquiry, choice, context, store)
    }

    func section() async throws -> Report.Section {
        let events = try await CourseScan(store).fold(AssetTimes(choice, context, most: AssetTimes.eventsMax)).result
        let heading = Phrase("running", "Mean running time between defects")
        guard !events.isFull else {
            return Report.Section(
                heading,
                said: [
                    Phrase(
                        "running-too-many",
                        "There are more than {most} orders: choose an asset, a class or a shorter time.",
                        ["most": .count(AssetTimes.eventsMax)])
                ])
        }
        let from = inquiry.filter.from == .min ? events.first : inquiry.filter.from
        let last = inquiry.filter.histories == .imported ? choice.ends.values.max() ?? events.end : events.end
        let until = min(last, inquiry.filter.until)
        let names = events.times.keys.sorted { (events.times[$1]?.count ?? 0, $0) < (events.times[$0]?.count ?? 0, $1) }
        let rows = names.prefix(inquiry.rowsMax).map { asset in
            row(asset, events.times[asset] ?? [], from: from, until: until)
        }
        var sentences = [Self.means(from: from, until: until)]
        if events.times.isEmpty {
            sentences = [Phrase("running-none", "No asset has an order in this time.")]
        }
        if names.count > rows.count {
            sentences.append(
                Phrase(
                    "running-rows", "The {rows} of {count} assets with most are shown.",
                    ["rows": .count(rows.count), "count": .count(names.count)]))
        }
        return Report.Section(
            heading, said: sentences,
            table: Report.Table(
                [
                    Heads.asset, Phrase("running-column-defects", "defects"),
                    Phrase("running-column-hours", "running hours"), Heads.mean(Units.hours), Heads.from, Heads.to,
                    Phrase("running-column-trend", "trend"), Heads.p,
                    Phrase("running-column-shape", "power law's shape"),
                ], rows))
    }

    private static func means(from: Int64, until: Int64) -> Phrase {
        Phrase(
            "running-means",
            "Running hours are those of the configuration, from {from} to"
                + " {until}, for the number of orders in which a defect was raised; false alarms"
                + " and cancelled orders are none. Where Laplace's or the power law's test finds a trend (p below"
                + " {limit}), the mean would hide it and is not given.",
            ["from": .time(from), "until": .time(until), "limit": .figure("\(trendMax)")])
    }

    private func row(_ asset: String, _ times: [Int64], from: Int64, until: Int64) -> [Report.Cell] {
        let share = (inquiry.settings.assetHours[asset] ?? inquiry.settings.hoursPerWeek) / 168
        let hours = Double(max(0, until - from)) / 3.6e9 * share
        let inside = times.filter { $0 >= from && $0 <= until }.map { Double($0 - from) / 3.6e9 * share }
        let process = FailureProcess(times: inside, ending: .time(hours))
        let laplace = process.flatMap { Laplace($0) }
        let power = process.flatMap { PowerLawTest($0) }.map { 2 * min($0.upperTail, 1 - $0.upperTail) }
        let p = [laplace?.p, power].compactMap { $0 }.min()
        let hasTrend = p.map { $0 < Self.trendMax } ?? false
        let count = Double(inside.count)
        func mean(_ divisor: Double) -> Report.Cell {
            hasTrend || inside.isEmpty ? .none : .number(hours / divisor, digits: 1)
        }
        let comes =
            (laplace?.u ?? 0) > 0
            ? Phrase("running-faster", "defects come faster") : Phrase("running-slower", "defects come slower")
        let trend = hasTrend ? comes : Phrase("running-no-trend", "none shown")
        return [
            .text(asset), .count(inside.count), .number(hours, digits: 0), mean(count),
            mean(ChiSquared(degrees: 2 * count + 2).quantile(0.975) / 2),
            mean(ChiSquared(degrees: 2 * count).quantile(0.025) / 2), .phrase(trend), .number(p, digits: 4),
            .number(process.flatMap { CrowAMSAA($0) }?.beta, digits: 2),
        ]
    }
}
