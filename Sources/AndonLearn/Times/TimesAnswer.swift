import AndonLedger
import AndonModel
import AndonSPC

/// How long orders take, from the detection to the closing of the record, and how many repairs hold at the first time.
struct TimesAnswer {
    private let inquiry: Inquiry
    private let store: Store
    /// Tables of times are kept for so many groups at most.
    static let groupsMax = 200

    init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    private var days: Int { inquiry.settings.recurrenceDays }

    func report() async throws -> Report {
        let context = try await CourseContext(store, reach: inquiry.filter.reach)
        let by = inquiry.by.allSatisfy { $0 == .part } ? [.defectClass] : inquiry.by
        let groups = try await CourseGroups(by, context: context, settings: inquiry.settings, store)
        let choice = CourseChoice(inquiry.filter, context)
        let sizes = try await CourseScan(store).fold(GroupSizes(choice, groups: groups)).result
        let chosen = sizes.largest(min(inquiry.rowsMax, Self.groupsMax))
        let (counted, basis) = try await CourseScan(store).fold(
            TimesFold(choice, groups: groups, chosen: chosen, horizon: Int64(days) * 86_400_000_000))
        let rows = rows(counted.cells, chosen, groups)
        var sections = [summary(rows, sizes, chosen, groups)]
        sections += OrderSpan.allCases.map { section($0, rows, groups) }
        sections.append(firstTime(rows, groups))
        sections.append(try await RunningTimes(inquiry, choice, context, store).section())
        sections.append(
            Report.Section(
                "Start of the work to the cause recorded",
                sentences: [
                    "Not measurable: a closure says which cause was found, not when. A CMMS that stamps the finding would"
                        + " have to send that time."
                ]))
        return Report("How long it takes", definition: definition, basis: basis, sections: sections)
    }

    private var definition: String {
        "Times are Kaplan and Meier's: an order that has not come to the end of a span is counted for as long as it was"
            + " seen and never left out. Cancelled orders are counted until they ended, false alarms until theirs in what a"
            + " repair takes. The mean counts longer times as the time it goes to, the longest watched. An order that is past"
            + " a stamp and does not have it is not measurable and in no figure; neither is one whose stamps contradict"
            + " each other. Orders are chosen by the end of their work, those without an end by when they were raised."
    }

    struct GroupRow {
        var names: [String]
        var cell: TimesCell
    }

    /// All of them first, then the largest groups, then the others.
    private func rows(
        _ cells: [CourseGroups.Key: TimesCell], _ chosen: [CourseGroups.Key], _ groups: CourseGroups
    ) -> [GroupRow] {
        var all = TimesCell()
        for cell in cells.values { all.merge(cell) }
        let named = (chosen + [CourseGroups.others]).compactMap { key in
            cells[key].map { GroupRow(names: groups.words(key), cell: $0) }
        }
        return [GroupRow(names: groups.by.indices.map { $0 == 0 ? "all" : "" }, cell: all)] + named
    }

    private func summary(
        _ rows: [GroupRow], _ sizes: GroupSizes, _ chosen: [CourseGroups.Key], _ groups: CourseGroups
    ) -> Report.Section {
        let all = rows.first?.cell ?? TimesCell()
        var sentences = ["\(all.orders) orders, of which \(all.open) are open."]
        if let others = rows.first(where: { $0.names.first == "others" }), sizes.sizes.count > chosen.count {
            let more = sizes.sizes.count - chosen.count
            let count = sizes.sizes.count < GroupSizes.groupsMax ? "\(more)" : "at least \(more)"
            sentences.append(
                "The \(chosen.count) largest groups are told apart; \(count) more, with \(others.cell.orders) orders, are"
                    + " counted together as others.")
        }
        if inquiry.by.contains(.part) {
            sentences.append("Times are not told apart by part, of which an order may have several.")
        }
        if inquiry.by.count > CourseGroups.dimensionsMax {
            sentences.append("Groups are told apart by the first \(CourseGroups.dimensionsMax) of what was asked for.")
        }
        if groups.by.contains(.shift), inquiry.settings.shifts.isEmpty {
            sentences.append("No shifts are configured, so that none is told.")
        }
        for span in OrderSpan.allCases {
            guard let fit = KaplanMeier(all.lives(span)), !fit.steps.isEmpty else {
                let missing = all.unstamped(span)
                if missing > 0 {
                    sentences.append(
                        "\(span.title): not measurable, because none of \(missing) orders has \(span.stamp).")
                }
                continue
            }
            sentences.append(sentence(span, fit, all))
        }
        return Report.Section("In short", sentences: sentences)
    }

    private func sentence(_ span: OrderSpan, _ fit: KaplanMeier, _ cell: TimesCell) -> String {
        func time(_ value: Double?) -> String {
            value.map { "\(Words.number($0, span.isInSeconds ? 3 : 2)) \(span.unit)" } ?? "not reached"
        }
        let lives = cell.lives(span)
        var text = "\(span.title): median \(time(fit.median)), 90th percentile \(time(fit.quantile(0.9)))"
        if let mean = fit.restrictedMean(to: fit.end) { text += ", mean \(time(mean.mean)) up to \(time(fit.end))" }
        text += ", of \(lives.count) orders with \(lives.censored) that had not come to it when last seen."
        if cell.unstamped(span) > 0 { text += " \(cell.unstamped(span)) orders do not have \(span.stamp)." }
        return text
    }

    private func section(_ span: OrderSpan, _ rows: [GroupRow], _ groups: CourseGroups) -> Report.Section {
        let digits = span.isInSeconds ? 3 : 2
        let unit = span.unit
        return Report.Section(
            span.title,
            table: Report.Table(
                groups.by.map(\.rawValue) + [
                    "orders", "not come to it", "without a stamp", "contradicting stamps", "median, \(unit)", "from",
                    "to",
                    "90th percentile, \(unit)", "mean, \(unit)", "mean up to, \(unit)",
                ],
                rows.map { row in
                    let lives = row.cell.lives(span)
                    let fit = KaplanMeier(lives).flatMap { $0.steps.isEmpty ? nil : $0 }
                    let mean = fit.flatMap { $0.restrictedMean(to: $0.end) }
                    return row.names.map { .text($0) } + [
                        .count(lives.count), .count(lives.censored), .count(row.cell.unstamped(span)),
                        .count(row.cell.contradicted(span)), .number(fit?.median, digits: digits),
                        .number(fit?.medianInterval.lower, digits: digits),
                        .number(fit?.medianInterval.upper, digits: digits),
                        .number(fit?.quantile(0.9), digits: digits), .number(mean?.mean, digits: digits),
                        .number(mean?.to, digits: digits),
                    ]
                }))
    }

    private func firstTime(_ rows: [GroupRow], _ groups: CourseGroups) -> Report.Section {
        let all = rows.first?.cell.repairs ?? RecurrenceCell()
        let followed = Int(all.followed)
        let held = Proportion(hits: followed - Int(all.returned), trials: followed)?.estimate()
        return Report.Section(
            "Fixed at the first time",
            sentences: [
                held.map {
                    "Of \(followed) repairs that could be followed for \(days) days, \(Words.percent($0)) held."
                }
                    ?? "No repair could be followed for \(days) days yet."
            ],
            table: Report.Table(
                groups.by.map(\.rawValue) + ["repairs", "followed", "held", "share", "from", "to"],
                rows.map { row in
                    let repairs = row.cell.repairs
                    let (held, followed) = (Int(repairs.followed - repairs.returned), Int(repairs.followed))
                    let share = Proportion(hits: held, trials: followed)?.estimate()
                    return row.names.map { .text($0) } + [
                        .count(Int(repairs.repairs)), .count(followed), .count(held), .share(share?.value),
                        .share(share?.lower), .share(share?.upper),
                    ]
                }))
    }
}
