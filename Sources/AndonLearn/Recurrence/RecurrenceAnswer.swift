import AndonLedger
import AndonModel
import AndonSPC

/// Which classes come back, how often, on which assets, and after which corrective action.
struct RecurrenceAnswer {
    private let inquiry: Inquiry
    private let store: Store
    private static let day: Int64 = 86_400_000_000

    init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    func report() async throws -> Report {
        let context = try await CourseContext(store)
        let (counted, basis) = try await counts(context)
        let days = inquiry.settings.recurrenceDays
        return Report(
            "What comes back",
            definition:
                "A repair is an order whose work is done and that was no false alarm. It returned when the same class"
                + " was seen on the same asset within \(days) days after its end, by a detection that raised an order or"
                + " joined one. Followed are the repairs that returned, or have been watched for \(days) days; the share is"
                + " of them, with its 95 % interval (Wilson). The rate is returns per 1,000 running hours watched.",
            basis: basis,
            sections: [section("By class, asset and action", counted, context)])
    }

    private func counts(_ context: CourseContext) async throws -> (RecurrenceCells, Basis) {
        let filter = inquiry.filter
        let start = RecurrenceCount(
            horizon: Int64(inquiry.settings.recurrenceDays) * Self.day, from: filter.from, until: filter.until,
            streams: context.chosen(filter))
        let (result, basis) = try await CourseScan(store).fold(start)
        return (result.cells, basis)
    }

    private func section(_ heading: String, _ cells: RecurrenceCells, _ context: CourseContext) -> Report.Section {
        let rows = cells.all.sorted { ($0.cell.returned, $0.cell.repairs) > ($1.cell.returned, $1.cell.repairs) }
        let table = Report.Table(
            [
                "class", "asset", "action", "repairs", "followed", "returned", "share", "from", "to",
                "returns per 1,000 h",
            ],
            rows.prefix(inquiry.rowsMax).map { row($0.key, $0.cell, context) })
        return Report.Section(heading, table: table)
    }

    private func row(
        _ key: RecurrenceCells.Key, _ cell: RecurrenceCell, _ context: CourseContext
    ) -> [Report.Cell] {
        let stream = context.streams[key.stream]
        let asset = stream?.asset ?? ""
        let hours = inquiry.settings.assetHours[asset] ?? inquiry.settings.hoursPerWeek
        let running = Double(cell.watched) / 3.6e9 * hours / 168
        let (returned, followed) = (Int(cell.returned), Int(cell.followed))
        let share = followed > 0 ? Double(returned) / Double(followed) : nil
        return [
            .text(stream?.defectClass ?? ""), .text(asset), .text(context.action(key.action)),
            .count(Int(cell.repairs)),
            .count(followed), .count(returned), .share(share), .none, .none,
            .number(running > 0 ? Double(returned) / running * 1000 : nil, digits: 2),
        ]
    }
}
