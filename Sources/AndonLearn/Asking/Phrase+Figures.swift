import AndonSPC

extension Phrase.Value {
    static func count(_ count: Int) -> Self { .figure("\(count)") }

    /// With so many digits behind the point.
    static func number(_ value: Double, _ digits: Int) -> Self { .figure(Words.number(value, digits)) }

    /// With so many decimals at most.
    static func atMost(_ decimals: Int, _ value: Double) -> Self { .figure(Figure.decimals(value, decimals)) }

    /// Two figures for small values, whole ones from 100.
    static func short(_ value: Double) -> Self { .figure(Figure.number(value)) }

    /// In percent with one decimal.
    static func share(_ share: Double) -> Self { .percent(Words.number(share * 100, 1)) }

    /// In whole percent.
    static func wholePercent(_ share: Double) -> Self { .percent(Figure.whole(100 * share)) }

    /// A share with its interval.
    static func share(_ estimate: Estimate) -> Self {
        .phrase(
            Phrase(
                "share-interval", "{share} (95 % interval {lower} to {upper})",
                [
                    "share": .share(estimate.value), "lower": .share(estimate.lower), "upper": .share(estimate.upper),
                ]))
    }

    /// A chance to four decimals.
    static func chance(_ p: Double) -> Self {
        p < 0.0001 ? .phrase(Phrase("below", "below {limit}", ["limit": .figure("0.0001")])) : .number(p, 4)
    }

    /// A chance to two or three decimals.
    static func shortChance(_ p: Double) -> Self {
        guard p >= 0.001 else { return .phrase(Phrase("under", "under {limit}", ["limit": .figure("0.001")])) }
        return .atMost(p < 0.01 ? 3 : 2, p)
    }
}

/// Counted things. Each has its own phrase for one, as languages differ in more than an ending.
extension Phrase.Value {
    fileprivate static func counted(_ figure: String, one: Phrase, other: Phrase) -> Self {
        .phrase((figure == "1" ? one : other).with(["count": .figure(figure)]))
    }

    static func repairs(_ count: Int) -> Self {
        counted(
            "\(count)", one: Phrase("repairs.one", "{count} repair"), other: Phrase("repairs.other", "{count} repairs"))
    }

    static func orders(_ count: Int) -> Self {
        counted("\(count)", one: Phrase("orders.one", "{count} order"), other: Phrase("orders.other", "{count} orders"))
    }

    static func falseAlarms(_ count: Int) -> Self {
        counted(
            "\(count)", one: Phrase("false-alarms.one", "{count} false alarm"),
            other: Phrase("false-alarms.other", "{count} false alarms"))
    }

    static func failures(_ count: Int) -> Self {
        counted(
            "\(count)", one: Phrase("failures.one", "{count} failure"),
            other: Phrase("failures.other", "{count} failures"))
    }

    static func lives(_ count: Int) -> Self {
        counted("\(count)", one: Phrase("lives.one", "{count} life"), other: Phrase("lives.other", "{count} lives"))
    }

    static func assets(_ count: Int) -> Self {
        counted("\(count)", one: Phrase("assets.one", "{count} asset"), other: Phrase("assets.other", "{count} assets"))
    }

    static func classes(_ count: Int) -> Self {
        counted(
            "\(count)", one: Phrase("classes.one", "{count} class"), other: Phrase("classes.other", "{count} classes"))
    }

    static func streams(_ count: Int) -> Self {
        counted(
            "\(count)", one: Phrase("streams.one", "{count} class on an asset"),
            other: Phrase("streams.other", "{count} classes on assets"))
    }

    static func histories(_ count: Int) -> Self {
        counted(
            "\(count)", one: Phrase("histories.one", "{count} history"),
            other: Phrase("histories.other", "{count} histories"))
    }

    static func times(_ count: Int) -> Self {
        switch count {
        case 0: .phrase(Phrase("never", "never"))
        case 1: .phrase(Phrase("once", "once"))
        default: .phrase(Phrase("times", "{count} times", ["count": .count(count)]))
        }
    }
}

/// Spans of days. What stands before one is part of its phrase where languages bend the noun by it.
extension Phrase.Value {
    private static func text(_ days: Double) -> String { days < 10 ? Figure.number(days) : Figure.whole(days) }

    static func days(_ days: Double) -> Self {
        counted(text(days), one: Phrase("days.one", "{count} day"), other: Phrase("days.other", "{count} days"))
    }

    static func withinDays(_ days: Double) -> Self {
        counted(
            text(days), one: Phrase("within-days.one", "within {count} day"),
            other: Phrase("within-days.other", "within {count} days"))
    }

    static func byDays(_ days: Double) -> Self {
        counted(
            text(days), one: Phrase("by-days.one", "by {count} day"), other: Phrase("by-days.other", "by {count} days"))
    }

    static func everyDays(_ days: Double) -> Self {
        counted(
            text(days), one: Phrase("every-days.one", "every {count} day"),
            other: Phrase("every-days.other", "every {count} days"))
    }
}
