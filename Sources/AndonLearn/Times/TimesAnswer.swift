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
                Phrase("times-cause", "Start of the work to the cause recorded"),
                said: [
                    Phrase(
                        "times-cause-sentence",
                        "Not measurable: a closure says which cause was found, not when. A CMMS that stamps the finding would"
                            + " have to send that time.")
                ]))
        return Report("How long it takes", defined: Self.definition, basis: basis, sections: sections)
    }

    private static let definition = Phrase(
        "times-definition",
        "Times are Kaplan and Meier's: an order that has not come to the end of a span is counted for as long as it was"
            + " seen and never left out. Cancelled orders are counted until they ended, false alarms until theirs in what a"
            + " repair takes. The mean counts longer times as the time it goes to, the longest watched. An order that is past"
            + " a stamp and does not have it is not measurable and in no figure; neither is one whose stamps contradict"
            + " each other. Orders are chosen by the end of their work, those without an end by when they were raised.")

    struct GroupRow {
        /// One for each thing that is told apart.
        var names: [Report.Cell]
        var cell: TimesCell
        /// Counted together, as they have no row of their own.
        var isRest = false
    }

    /// All of them first, then the largest groups, then the others.
    private func rows(
        _ cells: [CourseGroups.Key: TimesCell], _ chosen: [CourseGroups.Key], _ groups: CourseGroups
    ) -> [GroupRow] {
        var all = TimesCell()
        for cell in cells.values { all.merge(cell) }
        let named = (chosen + [CourseGroups.others]).compactMap { key in
            cells[key].map { GroupRow(names: Self.names(key, groups), cell: $0, isRest: key == CourseGroups.others) }
        }
        return [GroupRow(names: Self.together(.all, groups), cell: all)] + named
    }

    private static func names(_ key: CourseGroups.Key, _ groups: CourseGroups) -> [Report.Cell] {
        key == CourseGroups.others ? together(.others, groups) : groups.words(key).map { .named($0) }
    }

    /// What stands in a row of several groups.
    private static func together(_ name: Phrase, _ groups: CourseGroups) -> [Report.Cell] {
        groups.by.indices.map { $0 == 0 ? .phrase(name) : .text("") }
    }

    private func summary(
        _ rows: [GroupRow], _ sizes: GroupSizes, _ chosen: [CourseGroups.Key], _ groups: CourseGroups
    ) -> Report.Section {
        let all = rows.first?.cell ?? TimesCell()
        var sentences = [
            Phrase(
                "times-orders", "{orders} orders, of which {open} are open.",
                ["orders": .count(all.orders), "open": .count(all.open)])
        ]
        sentences += apart(rows, sizes, chosen, groups)
        for span in OrderSpan.allCases {
            guard let fit = KaplanMeier(all.lives(span)), !fit.steps.isEmpty else {
                let missing = all.unstamped(span)
                if missing > 0 {
                    sentences.append(
                        Phrase(
                            "times-not-measurable",
                            "{span}: not measurable, because none of {count} orders has {stamp}.",
                            [
                                "span": .phrase(span.called), "count": .count(missing),
                                "stamp": .phrase(span.missing),
                            ]))
                }
                continue
            }
            sentences.append(sentence(span, fit, all))
        }
        return Report.Section(Phrase("times-summary", "In short"), said: sentences)
    }

    /// What the groups are, and what of the question was left out.
    private func apart(
        _ rows: [GroupRow], _ sizes: GroupSizes, _ chosen: [CourseGroups.Key], _ groups: CourseGroups
    ) -> [Phrase] {
        var sentences: [Phrase] = []
        if let others = rows.first(where: \.isRest), sizes.sizes.count > chosen.count {
            let values: [String: Phrase.Value] = [
                "chosen": .count(chosen.count), "more": .count(sizes.sizes.count - chosen.count),
                "orders": .count(others.cell.orders),
            ]
            sentences.append(
                sizes.sizes.count < GroupSizes.groupsMax
                    ? Phrase(
                        "times-others",
                        "The {chosen} largest groups are told apart; {more} more, with {orders} orders, are"
                            + " counted together as others.", values)
                    : Phrase(
                        "times-others-least",
                        "The {chosen} largest groups are told apart; at least {more} more, with {orders} orders, are"
                            + " counted together as others.", values))
        }
        if inquiry.by.contains(.part) {
            sentences.append(
                Phrase("times-no-parts", "Times are not told apart by part, of which an order may have several."))
        }
        if inquiry.by.count > CourseGroups.dimensionsMax {
            sentences.append(
                Phrase(
                    "times-first-dimensions", "Groups are told apart by the first {most} of what was asked for.",
                    ["most": .count(CourseGroups.dimensionsMax)]))
        }
        if groups.by.contains(.shift), inquiry.settings.shifts.isEmpty {
            sentences.append(Phrase("times-no-shifts", "No shifts are configured, so that none is told."))
        }
        return sentences
    }

    private func sentence(_ span: OrderSpan, _ fit: KaplanMeier, _ cell: TimesCell) -> Phrase {
        func time(_ value: Double?) -> Phrase.Value {
            guard let value else { return .phrase(Phrase("times-not-reached", "not reached")) }
            return .phrase(
                Phrase(
                    "time-with-unit", "{time} {unit}",
                    ["time": .number(value, span.isInSeconds ? 3 : 2), "unit": .phrase(span.unit)]))
        }
        let lives = cell.lives(span)
        var values: [String: Phrase.Value] = [
            "span": .phrase(span.called), "median": time(fit.median), "high": time(fit.quantile(0.9)),
            "orders": .count(lives.count), "censored": .count(lives.censored),
        ]
        var sentences: [Phrase] = []
        if let mean = fit.restrictedMean(to: fit.end) {
            values["mean"] = time(mean.mean)
            values["end"] = time(fit.end)
            sentences.append(
                Phrase(
                    "times-span-mean",
                    "{span}: median {median}, 90th percentile {high}, mean {mean} up to {end},"
                        + " of {orders} orders with {censored} that had not come to it when last seen.", values))
        } else {
            sentences.append(
                Phrase(
                    "times-span",
                    "{span}: median {median}, 90th percentile {high},"
                        + " of {orders} orders with {censored} that had not come to it when last seen.", values))
        }
        if cell.unstamped(span) > 0 {
            sentences.append(
                Phrase(
                    "times-unstamped", "{count} orders do not have {stamp}.",
                    ["count": .count(cell.unstamped(span)), "stamp": .phrase(span.missing)]))
        }
        return .together(sentences)
    }

    private func section(_ span: OrderSpan, _ rows: [GroupRow], _ groups: CourseGroups) -> Report.Section {
        let digits = span.isInSeconds ? 3 : 2
        let unit = span.unit
        let unitValue: [String: Phrase.Value] = ["unit": .phrase(unit)]
        return Report.Section(
            span.called,
            table: Report.Table(
                groups.by.map(\.called) + [
                    Heads.orders, Heads.notCome, Phrase("times-column-unstamped", "without a stamp"),
                    Phrase("times-column-contradicting", "contradicting stamps"), Heads.median(unit), Heads.from,
                    Heads.to, Phrase("times-column-90", "90th percentile, {unit}", unitValue), Heads.mean(unit),
                    Phrase("times-column-mean-to", "mean up to, {unit}", unitValue),
                ],
                rows.map { row in
                    let lives = row.cell.lives(span)
                    let fit = KaplanMeier(lives).flatMap { $0.steps.isEmpty ? nil : $0 }
                    let mean = fit.flatMap { $0.restrictedMean(to: $0.end) }
                    return row.names + [
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
        let sentence =
            held.map { share in
                Phrase(
                    "times-held", "Of {followed} repairs that could be followed for {days} days, {share} held.",
                    ["followed": .count(followed), "days": .count(days), "share": .share(share)])
            }
            ?? Phrase(
                "times-none-followed", "No repair could be followed for {days} days yet.", ["days": .count(days)])
        return Report.Section(
            Phrase("times-first", "Fixed at the first time"), said: [sentence],
            table: Report.Table(
                groups.by.map(\.called) + [
                    Heads.repairs, Heads.followed, Heads.held, Heads.share, Heads.from, Heads.to,
                ],
                rows.map { row in
                    let repairs = row.cell.repairs
                    let (held, followed) = (Int(repairs.followed - repairs.returned), Int(repairs.followed))
                    let share = Proportion(hits: held, trials: followed)?.estimate()
                    return row.names + [
                        .count(Int(repairs.repairs)), .count(followed), .count(held), .share(share?.value),
                        .share(share?.lower), .share(share?.upper),
                    ]
                }))
    }
}
