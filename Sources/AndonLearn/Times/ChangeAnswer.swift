import AndonLedger
import AndonModel
import AndonSPC

/// Whether orders are done faster than before: the imported history, or an earlier period, against now.
struct ChangeAnswer {
    private let inquiry: Inquiry
    private let store: Store
    /// Where hardly any order ended.
    private static let yearHours = 8760.0
    private static let spans: [OrderSpan] = [.acknowledgement, .start, .repair, .restoration, .closing]

    init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    func report() async throws -> Report {
        let context = try await CourseContext(store, reach: inquiry.filter.reach)
        let histories = try await store.read { try $0.courseHistories() }
        let (before, now) = filters
        func choice(_ filter: CourseFilter) -> CourseChoice {
            CourseChoice(filter, context)
        }
        let sizes = try await CourseScan(store).fold(
            BothSizes(before: choice(before), now: choice(now), horizon: Int64(days) * 86_400_000_000)
        ).result
        let fold = ChangeFold(
            before: choice(before), now: choice(now), every: sizes.every(ChangeFold.ordersMax), spans: Self.spans)
        let (counted, basis) = try await CourseScan(store).fold(fold)
        var sections = [summary(sizes, counted, histories)]
        sections += Self.spans.enumerated().map { place, span in
            section(span, counted.before[place], counted.now[place], context)
        }
        sections.append(firstTime(sizes))
        return Report("What changed", defined: Self.definition, basis: basis, sections: sections)
    }

    private var filters: (before: CourseFilter, now: CourseFilter) {
        var (before, now) = (inquiry.filter, inquiry.filter)
        now.histories = .own
        if let baseline = inquiry.baseline {
            (before.from, before.until) = (baseline.lowerBound, baseline.upperBound)
        } else {
            (before.from, before.until, before.histories) = (.min, .max, .imported)
        }
        return (before, now)
    }

    private static let definition = Phrase(
        "change-definition",
        "Each class of defects is compared with itself, and the classes are averaged with one set of weights for both"
            + " sides, the share of each in all orders, so that another mix is no change. Orders that had not come to the"
            + " end of a span are counted for as long as they were seen. The reduction is that of the mean, in which orders"
            + " that take longer than 95 % of both sides count as that long, with its 95 % interval. A claimed reduction"
            + " is shown where the whole interval reaches it, refuted"
            + " where the whole interval falls short of it, and cannot be told otherwise. A difference between two times is"
            + " no proof of what made it: other things may have changed as well.")

    private func summary(_ sizes: BothSizes, _ fold: ChangeFold, _ histories: [CourseHistory]) -> Report.Section {
        var sentences = [counts(sizes, histories.count)]
        if sizes.before == 0, inquiry.baseline == nil {
            sentences.append(
                Phrase(
                    "change-nothing",
                    "Nothing is there to compare with: import the CMMS's old orders, or give a period with beforeFrom and"
                        + " beforeUntil."))
        }
        if fold.every > 1 {
            sentences.append(
                Phrase(
                    "change-thinned", "There are so many that every {every}th order by its number is counted.",
                    ["every": .count(Int(fold.every))]))
        }
        let notes = histories.flatMap { $0.document["notes"]?.array ?? [] }.compactMap(\.string)
        if inquiry.baseline == nil {
            // An import's notes were kept as texts.
            for note in notes.map({ Phrase.written($0) })
            where note.english.hasPrefix("No column") && !sentences.contains(note) {
                sentences.append(note)
            }
        }
        return Report.Section(Phrase("change-summary", "The two sides"), said: sentences)
    }

    private func counts(_ sizes: BothSizes, _ histories: Int) -> Phrase {
        var values: [String: Phrase.Value] = ["before": .count(sizes.before), "now": .count(sizes.now)]
        guard let baseline = inquiry.baseline else {
            values["histories"] = .histories(histories)
            return Phrase(
                "change-imported", "Before: {before} orders, imported with {histories}. Now: {now} orders.", values)
        }
        values["until"] = .time(baseline.upperBound)
        guard baseline.lowerBound != .min else {
            return Phrase(
                "change-before",
                "Before: {before} orders, whose work ended before {until}. Now: {now} orders.", values)
        }
        values["from"] = .time(baseline.lowerBound)
        return Phrase(
            "change-period",
            "Before: {before} orders, whose work ended from {from} until before {until}. Now: {now} orders.", values)
    }

    private func section(
        _ span: OrderSpan, _ before: [ChangeFold.Order], _ now: [ChangeFold.Order], _ context: CourseContext
    ) -> Report.Section {
        func period(_ orders: [ChangeFold.Order]) -> TimedPeriod {
            TimedPeriod(
                definition: span.inHours.english,
                orders: orders.map {
                    .init(defect: context.streams[$0.stream]?.defectClass ?? "", life: $0.life)
                })
        }
        guard !before.isEmpty, !now.isEmpty else {
            return Report.Section(
                span.called, said: [Self.none(span, isNoneBefore: before.isEmpty, isNoneNow: now.isEmpty)])
        }
        do throws(MeasuredChangeError) {
            let change = try MeasuredChange(
                before: period(before), after: period(now),
                limits: ChangeLimits(horizon: horizon(before + now), claim: inquiry.claim))
            return Report.Section(
                span.called, said: [change.phrase(of: .phrase(span.inHours))], table: table(change))
        } catch {
            return Report.Section(span.called, said: [error.phrase])
        }
    }

    private static func none(_ span: OrderSpan, isNoneBefore: Bool, isNoneNow: Bool) -> Phrase {
        let values: [String: Phrase.Value] = ["stamp": .phrase(span.missing)]
        if isNoneBefore, isNoneNow {
            return Phrase("change-none", "Not measurable: of either side none has {stamp}.", values)
        }
        return isNoneBefore
            ? Phrase("change-none-before", "Not measurable: of the orders before none has {stamp}.", values)
            : Phrase("change-none-now", "Not measurable: of the orders now none has {stamp}.", values)
    }

    private var days: Int { inquiry.settings.recurrenceDays }

    /// The share of repairs that held, on both sides.
    private func firstTime(_ sizes: BothSizes) -> Report.Section {
        let heading = Phrase("change-first", "First-time fix")
        func share(_ cell: RecurrenceCell) -> Proportion? {
            Proportion(hits: Int(cell.followed - cell.returned), trials: Int(cell.followed))
        }
        guard let before = share(sizes.repairsBefore), let now = share(sizes.repairsNow),
            let (first, second) = before.estimate().flatMap({ one in now.estimate().map { (one, $0) } }),
            let change = now.difference(from: before)
        else {
            return Report.Section(
                heading,
                said: [
                    Phrase(
                        "change-none-followed",
                        "Not measurable: on one side no repair could be followed for {days} days after its end.",
                        ["days": .count(days)])
                ])
        }
        let values: [String: Phrase.Value] = [
            "held": .count(before.hits), "followed": .count(before.trials), "days": .count(days),
            "share": .share(first), "heldNow": .count(now.hits), "followedNow": .count(now.trials),
            "shareNow": .share(second), "change": .number(change.value * 100, 1),
            "lower": .number(change.lower * 100, 1), "upper": .number(change.upper * 100, 1),
            "verdict": .phrase(Self.verdict(change)),
        ]
        var sentences = [
            Phrase(
                "change-held",
                "Before, {held} of {followed} repairs held for {days} days, {share}; now"
                    + " {heldNow} of {followedNow}, {shareNow}. The difference is {change}"
                    + " percentage points (95 % interval {lower} to {upper}): {verdict}.", values),
            Phrase("change-mix", "All classes are counted together: another mix of them is a change here."),
        ]
        if inquiry.baseline == nil {
            sentences.append(
                Phrase(
                    "change-seen",
                    "Before, a return is known only where somebody wrote an order; now a camera sees it. That makes the share"
                        + " before look better than it was."))
        }
        func row(_ name: Phrase, _ share: Proportion, _ estimate: Estimate) -> [Report.Cell] {
            [
                .phrase(name), .count(share.trials), .count(share.hits), .share(estimate.value), .share(estimate.lower),
                .share(estimate.upper),
            ]
        }
        return Report.Section(
            heading, said: sentences,
            table: Report.Table(
                [Heads.side, Heads.followed, Heads.held, Heads.share, Heads.from95, Heads.to95],
                [row(Self.before, before, first), row(Self.now, now, second)]))
    }

    private static let before = Phrase("side-before", "before")
    private static let now = Phrase("side-now", "now")

    private static func verdict(_ change: Estimate) -> Phrase {
        if change.lower > 0 { return Phrase("change-more-hold", "more repairs hold now") }
        if change.upper < 0 { return Phrase("change-fewer-hold", "fewer repairs hold now") }
        return Phrase("change-no-difference", "no difference is shown")
    }

    /// The time by which 95 percent of the orders of both sides together were done: a few that take for ever would
    /// otherwise be all that the mean tells of.
    private func horizon(_ orders: [ChangeFold.Order]) -> Double {
        let fit = KaplanMeier(orders.map(\.life))
        return fit?.quantile(0.95).flatMap { $0 > 0 ? $0 : nil } ?? Self.yearHours
    }

    private func table(_ change: MeasuredChange) -> Report.Table {
        func row(_ name: Phrase, _ side: MeasuredChange.Side) -> [Report.Cell] {
            [
                .phrase(name), .count(side.orders), .count(side.open), .number(side.median, digits: 2),
                .number(side.mean, digits: 2), .none, .none,
            ]
        }
        func ratio(_ name: Phrase, _ value: Estimate?, isMean: Bool) -> [Report.Cell] {
            let cell = Report.Cell.number(value?.value, digits: 3)
            return [
                .phrase(name), .none, .none, isMean ? .none : cell, isMean ? cell : .none,
                .number(value?.lower, digits: 3), .number(value?.upper, digits: 3),
            ]
        }
        return Report.Table(
            [
                Heads.side, Heads.orders, Heads.notCome, Heads.median(Units.hours), Heads.mean(Units.hours), Heads.from,
                Heads.to,
            ],
            [
                row(Self.before, change.before), row(Self.now, change.after),
                ratio(Phrase("change-means", "now over before, means"), change.meanRatio, isMean: true),
                ratio(Phrase("change-medians", "now over before, medians"), change.medianRatio, isMean: false),
            ])
    }
}

/// How many orders each side has, and how many of its repairs came back.
struct BothSizes: CourseFold {
    static let depth = CourseDepth.all

    private var choices: (before: CourseChoice, now: CourseChoice)
    private let horizon: Int64
    private(set) var before = 0
    private(set) var now = 0
    private(set) var repairsBefore = RecurrenceCell()
    private(set) var repairsNow = RecurrenceCell()

    /// - Parameter horizon: microseconds within which a return counts.
    init(before: CourseChoice, now: CourseChoice, horizon: Int64) {
        choices = (before, now)
        self.horizon = horizon
    }

    mutating func begin(watchedUntil end: Int64) {
        choices.before.end = end
        choices.now.end = end
    }

    mutating func add(_ course: CourseRows) {
        if choices.before.takes(course) {
            before += 1
            count(course, choices.before, in: &repairsBefore)
        }
        if choices.now.takes(course) {
            now += 1
            count(course, choices.now, in: &repairsNow)
        }
    }

    private func count(_ course: CourseRows, _ choice: CourseChoice, in cell: inout RecurrenceCell) {
        guard course.isRepair else { return }
        cell.add(choice.lag(course), hasReturned: course.returnedAt > 0, horizon: horizon)
    }

    mutating func merge(_ other: BothSizes) {
        before += other.before
        now += other.now
        repairsBefore.merge(other.repairsBefore)
        repairsNow.merge(other.repairsNow)
    }

    /// So that a side has about `most` orders at most.
    func every(_ most: Int) -> Int64 { Int64(max(1, (max(before, now) + most - 1) / most)) }
}

/// The times of both sides, order by order, as the comparison needs them.
struct ChangeFold: CourseFold {
    static let depth = CourseDepth.all
    /// Of a side: more are thinned out evenly.
    static let ordersMax = 100_000

    struct Order: Sendable {
        var stream: Int64
        /// Hours.
        var life: Lifetime
    }

    private var choices: (before: CourseChoice, now: CourseChoice)
    private let spans: [OrderSpan]
    let every: Int64
    /// By the place of the span.
    private(set) var before: [[Order]]
    private(set) var now: [[Order]]

    init(before: CourseChoice, now: CourseChoice, every: Int64, spans: [OrderSpan]) {
        choices = (before, now)
        self.every = every
        self.spans = spans
        self.before = spans.map { _ in [] }
        self.now = spans.map { _ in [] }
    }

    mutating func begin(watchedUntil end: Int64) {
        choices.before.end = end
        choices.now.end = end
    }

    mutating func add(_ course: CourseRows) {
        guard course.seq % every == 0 else { return }
        if choices.before.takes(course) { Self.add(course, choices.before, spans, to: &before) }
        if choices.now.takes(course) { Self.add(course, choices.now, spans, to: &now) }
    }

    private static func add(
        _ course: CourseRows, _ choice: CourseChoice, _ spans: [OrderSpan], to orders: inout [[Order]]
    ) {
        let (stamps, seen) = (OrderStamps(course), choice.seen(course))
        for (place, span) in spans.enumerated() {
            guard case .life(let time, let isEvent) = stamps.measure(span, seen: seen) else { continue }
            orders[place].append(
                Order(stream: course.stream, life: Lifetime(time: Double(time) / 3.6e9, isEvent: isEvent)))
        }
    }

    mutating func merge(_ other: ChangeFold) {
        for place in spans.indices {
            before[place] += other.before[place]
            now[place] += other.now[place]
        }
    }
}
