import AndonModel

/// Hours and parts with their prices.
struct CostSheet: Sendable {
    /// What the greatest is the greatest of.
    enum Measure: Sendable {
        case cost, hours

        /// Within a sentence.
        var called: Phrase {
            switch self {
            case .cost: Phrase("measure-cost", "cost")
            case .hours: Phrase("measure-hours", "hours")
            }
        }
    }

    struct Line: Sendable {
        var labour = LabourCell()
        /// Of the parts that have a price.
        var partsCost = 0.0
        var hasPricedParts = false
        /// Pieces of parts that have none.
        var unpriced = 0.0
    }

    struct Part: Sendable {
        var name: String
        var orders: Int
        var quantity: Double
        var price: Double?
        var cost: Double? { price.map { $0 * quantity } }
    }

    let prices: LearnSettings.Cost
    let lines: [ActionKey: Line]
    /// The dearest first, those without a price last.
    let parts: [Part]
    let measure: Measure
    let total: Line

    init(
        _ labour: [ActionKey: LabourCell], _ parts: PartCount, _ names: [Int64: String], _ prices: LearnSettings.Cost
    ) {
        self.prices = prices
        var lines = labour.mapValues { Line(labour: $0) }
        var used: [Int64: Part] = [:]
        // In one order, so that a sum of money is the same each time.
        for (key, cell) in parts.cells.sorted(by: { $0.key.isBefore($1.key) }) {
            let name = names[key.part] ?? ""
            let price = prices.parts[name]
            var line = lines[key.group] ?? Line()
            if let price {
                line.partsCost += price * cell.quantity
                line.hasPricedParts = true
            } else {
                line.unpriced += cell.quantity
            }
            lines[key.group] = line
            var part = used[key.part] ?? Part(name: name, orders: 0, quantity: 0, price: price)
            part.orders += cell.orders
            part.quantity += cell.quantity
            used[key.part] = part
        }
        self.lines = lines
        self.parts = used.values.sorted {
            ($0.cost ?? -1, $0.quantity, $1.name) > ($1.cost ?? -1, $1.quantity, $0.name)
        }
        total = Self.sum(lines.sorted { $0.key.isBefore($1.key) }.map(\.value))
        measure = prices.labourHour == nil && total.labour.hours > 0 || !total.isPriced(prices) ? .hours : .cost
    }

    /// Nil without a price of an hour, and where no hours were recorded.
    func labourCost(_ line: Line) -> Double? {
        prices.labourHour.flatMap { line.labour.recorded > 0 ? $0 * line.labour.hours : nil }
    }

    func cost(_ line: Line) -> Double { (labourCost(line) ?? 0) + line.partsCost }

    func weight(_ line: Line) -> Double { measure == .cost ? cost(line) : line.labour.hours }

    /// Lines of one stream, or of one action, together; the greatest first.
    func grouped(by key: (ActionKey) -> Int64) -> [(key: Int64, line: Line)] {
        Dictionary(grouping: lines.sorted { $0.key.isBefore($1.key) }) { key($0.key) }
            .map { (key: $0.key, line: Self.sum($0.value.map(\.value))) }
            .sorted {
                (weight($0.line), $0.line.labour.orders, $1.key) > (weight($1.line), $1.line.labour.orders, $0.key)
            }
    }

    /// The share of the whole that the first, the first two, … have; nothing where the whole is nothing.
    func cumulated(_ lines: [Line]) -> [Double] {
        let whole = lines.reduce(0) { $0 + weight($1) }
        guard whole > 0 else { return [] }
        var sum = 0.0
        return lines.map { line in
            sum += weight(line)
            return min(1, sum / whole)
        }
    }

    private static func sum(_ lines: [Line]) -> Line {
        lines.reduce(into: Line()) { sum, line in
            sum.labour.merge(line.labour)
            sum.partsCost += line.partsCost
            sum.hasPricedParts = sum.hasPricedParts || line.hasPricedParts
            sum.unpriced += line.unpriced
        }
    }
}

extension CostSheet.Line {
    fileprivate func isPriced(_ prices: LearnSettings.Cost) -> Bool {
        hasPricedParts || prices.labourHour != nil && labour.recorded > 0
    }
}

extension ActionKey {
    fileprivate func isBefore(_ other: ActionKey) -> Bool { (stream, action) < (other.stream, other.action) }
}

extension PartCount.Key {
    fileprivate func isBefore(_ other: PartCount.Key) -> Bool {
        (group.stream, group.action, part) < (other.group.stream, other.group.action, other.part)
    }
}
