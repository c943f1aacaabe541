import AndonModel

/// What a sheet of costs says in words.
struct CostSentences {
    private let sheet: CostSheet
    /// Parts that are named where they have no price.
    private static let namedMax = 5

    init(_ sheet: CostSheet) { self.sheet = sheet }

    private var currency: String { sheet.prices.currency }
    private var labour: LabourCell { sheet.total.labour }

    var all: [Phrase] {
        guard labour.orders > 0 else { return [Phrase("cost-none", "No order has ended in this time.")] }
        return [ended, hours, money, falseAlarms, withoutPrice].compactMap { $0 }
    }

    private var ended: Phrase {
        Phrase(
            "cost-ended", "{orders} ended: {repairs} and {alarms}.",
            [
                "orders": .orders(labour.orders), "repairs": .repairs(labour.repairs),
                "alarms": .falseAlarms(labour.falseAlarms),
            ])
    }

    private var hours: Phrase {
        guard labour.recorded > 0 else {
            return Phrase("cost-no-hours", "None of them says how long the work took.")
        }
        let said = Phrase(
            "cost-hours", "{count} of them say how long the work took: {hours} hours.",
            ["count": .count(labour.recorded), "hours": .atMost(2, labour.hours)])
        let without = labour.orders - labour.recorded
        guard without > 0 else { return said }
        return .together([
            said,
            Phrase(
                "cost-hours-without", "{count} do not, and are in no sum of hours.", ["count": .count(without)]),
        ])
    }

    private var money: Phrase? {
        let total = sheet.total
        let cost = sheet.labourCost(total)
        let values: [String: Phrase.Value] = [
            "parts": amount(total.partsCost), "hours": .atMost(2, labour.hours),
            "rate": .atMost(2, sheet.prices.labourHour ?? 0), "currency": .name(currency), "labour": amount(cost ?? 0),
            "sum": amount(sheet.cost(total)),
        ]
        switch (sheet.prices.labourHour, cost, total.hasPricedParts) {
        case (nil, _, true):
            return Phrase(
                "cost-money-no-rate-parts",
                "An hour has no price (learn.cost.labourHour), so labour stands in hours alone; parts {parts}.", values)
        case (nil, _, false):
            return Phrase(
                "cost-money-no-rate",
                "An hour has no price (learn.cost.labourHour), so labour stands in hours alone.", values)
        case (_?, nil, true): return Phrase("cost-money-parts", "Cost: parts {parts}.", values)
        case (_?, nil, false): return nil
        case (_?, _?, true):
            return Phrase(
                "cost-money-both",
                "Cost: labour {hours} h x {rate} {currency} = {labour}, parts {parts}, together {sum}.", values)
        case (_?, _?, false):
            return Phrase("cost-money-labour", "Cost: labour {hours} h x {rate} {currency} = {labour}.", values)
        }
    }

    private var falseAlarms: Phrase? {
        guard labour.falseAlarmHours > 0 else { return nil }
        var values: [String: Phrase.Value] = ["hours": .atMost(2, labour.falseAlarmHours)]
        guard let rate = sheet.prices.labourHour else {
            return Phrase("cost-false-alarms", "False alarms took {hours} hours of it.", values)
        }
        values["cost"] = amount(rate * labour.falseAlarmHours)
        return Phrase("cost-false-alarms-money", "False alarms took {hours} hours of it, {cost}.", values)
    }

    private var withoutPrice: Phrase? {
        let parts = sheet.parts.filter { $0.price == nil }
        guard !parts.isEmpty else { return nil }
        let named = parts.prefix(Self.namedMax).map { part in
            Phrase(
                "cost-part", "{part} ({quantity})",
                ["part": .name(part.name), "quantity": .atMost(2, part.quantity)])
        }
        let values: [String: Phrase.Value] = [
            "count": .count(parts.count), "parts": .list(named, by: ", "), "more": .count(parts.count - named.count),
        ]
        if parts.count == 1 {
            return Phrase(
                "cost-unpriced.one",
                "{count} part has no price (learn.cost.parts) and is not in the cost: {parts}.", values)
        }
        guard parts.count > Self.namedMax else {
            return Phrase(
                "cost-unpriced.other",
                "{count} parts have no price (learn.cost.parts) and are not in the cost: {parts}.", values)
        }
        return Phrase(
            "cost-unpriced-more",
            "{count} parts have no price (learn.cost.parts) and are not in the cost: {parts} and {more} more.", values)
    }

    /// How few make up 80 percent.
    func pareto(_ groups: Int, _ shares: [Double]) -> Phrase? {
        guard let few = shares.firstIndex(where: { $0 >= 0.8 }) else { return nil }
        return Phrase(
            "cost-few", "{few} of {groups} make up {share} of the {measure}.",
            [
                "few": .count(few + 1), "groups": .streams(groups), "share": .wholePercent(shares[few]),
                "measure": .phrase(sheet.measure.called),
            ])
    }

    private func amount(_ value: Double) -> Phrase.Value {
        .phrase(
            Phrase(
                "amount", "{amount} {currency}", ["amount": .atMost(2, value), "currency": .name(currency)]))
    }
}
