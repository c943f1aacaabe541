import AndonModel

/// What a sheet of costs says in words.
struct CostSentences {
    private let sheet: CostSheet

    init(_ sheet: CostSheet) { self.sheet = sheet }

    private var currency: String { sheet.prices.currency }
    private var labour: LabourCell { sheet.total.labour }

    var all: [String] {
        guard labour.orders > 0 else { return ["No order has ended in this time."] }
        return [ended, hours, money, falseAlarms, withoutPrice].compactMap { $0 }
    }

    private var ended: String {
        "\(Figure.count(labour.orders, "order")) ended: \(Figure.count(labour.repairs, "repair")) and"
            + " \(Figure.count(labour.falseAlarms, "false alarm"))."
    }

    private var hours: String {
        let without = labour.orders - labour.recorded
        guard labour.recorded > 0 else { return "None of them says how long the work took." }
        return "\(labour.recorded) of them say how long the work took: \(Figure.decimals(labour.hours, 2)) hours."
            + (without > 0 ? " \(without) do not, and are in no sum of hours." : "")
    }

    private var money: String? {
        let parts = sheet.total.hasPricedParts ? "parts \(amount(sheet.total.partsCost))" : nil
        guard let rate = sheet.prices.labourHour else {
            return "An hour has no price (learn.cost.labourHour), so labour stands in hours alone"
                + (parts.map { "; \($0)." } ?? ".")
        }
        guard let cost = sheet.labourCost(sheet.total) else { return parts.map { "Cost: \($0)." } }
        let labourText =
            "labour \(Figure.decimals(labour.hours, 2)) h x \(Figure.decimals(rate, 2)) \(currency) = \(amount(cost))"
        return "Cost: \(labourText)"
            + (parts.map { ", \($0), together \(amount(sheet.cost(sheet.total)))." } ?? ".")
    }

    private var falseAlarms: String? {
        guard labour.falseAlarmHours > 0 else { return nil }
        let cost = sheet.prices.labourHour.map { ", \(amount($0 * labour.falseAlarmHours))" } ?? ""
        return "False alarms took \(Figure.decimals(labour.falseAlarmHours, 2)) hours of it\(cost)."
    }

    private var withoutPrice: String? {
        let parts = sheet.parts.filter { $0.price == nil }
        guard !parts.isEmpty else { return nil }
        let named = parts.prefix(5).map { "\($0.name) (\(Figure.decimals($0.quantity, 2)))" }.joined(separator: ", ")
        return "\(Figure.count(parts.count, "part has", "parts have")) no price (learn.cost.parts) and"
            + " \(parts.count == 1 ? "is" : "are") not in the cost: \(named)"
            + (parts.count > 5 ? " and \(parts.count - 5) more." : ".")
    }

    /// How few make up 80 percent.
    func pareto(_ groups: Int, _ shares: [Double]) -> String? {
        guard let few = shares.firstIndex(where: { $0 >= 0.8 }) else { return nil }
        return "\(few + 1) of \(Figure.count(groups, "class on an asset", "classes on assets")) make up"
            + " \(Figure.percent(shares[few])) of the \(sheet.measure.rawValue)."
    }

    private func amount(_ value: Double) -> String { "\(Figure.decimals(value, 2)) \(currency)" }
}
