import AndonLedger
import AndonModel

/// What the repairs cost in hours and parts, and where prices are given in money.
struct CostAnswer {
    private let inquiry: Inquiry
    private let store: Store

    init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    private struct Rest: Sendable {
        var parts: PartCount
        var scrap: ScrapAnswer
    }

    func report() async throws -> Report {
        let context = try await CourseContext(store, reach: inquiry.filter.reach)
        let choice = CourseChoice(inquiry.filter, context)
        let prices = inquiry.settings.cost
        let (labour, rest, basis) = try await CourseScan(store).fold(LabourCount(choice)) { reader in
            Rest(
                parts: try PartCount(reader, choice),
                scrap: prices.scrapUnit.isEmpty
                    ? ScrapAnswer() : try ScrapAnswer(reader, context.streams, prices.scrapUnit, choice))
        }
        let names = try await store.read { try $0.courseNames(.part) }
        let sheet = CostSheet(labour.cells, rest.parts, names, prices)
        return Report(
            "What it costs",
            defined: Phrase(
                "cost-definition",
                "Counted are orders whose work ended, as a repair or as a false alarm. Hours and parts are those that their"
                    + " closures recorded; an order without hours counts as not recorded, and not as 0. Labour costs hours x"
                    + " learn.cost.labourHour, a part its pieces x its price in learn.cost.parts; what has no price is"
                    + " counted and not reckoned. The share is of the whole, added up from the greatest on."),
            basis: basis,
            sections: [
                Report.Section(Phrase("cost-all", "In all"), said: CostSentences(sheet).all), pareto(sheet, context),
                actions(sheet, context), parts(sheet),
                rest.scrap.section(prices.currency, rowsMax: inquiry.rowsMax),
            ].compactMap { $0 })
    }

    /// By class and asset, the greatest first.
    private func pareto(_ sheet: CostSheet, _ context: CourseContext) -> Report.Section {
        let groups = sheet.grouped { $0.stream }
        let shares = sheet.cumulated(groups.map(\.line))
        let currency = sheet.prices.currency
        let rows = zip(groups, shares).prefix(inquiry.rowsMax).map { group, share -> [Report.Cell] in
            let stream = context.streams[group.key]
            return [.text(stream?.defectClass ?? ""), .text(stream?.asset ?? "")]
                + cells(group.line, sheet) + [.share(share)]
        }
        let measure: [String: Phrase.Value] = ["measure": .phrase(sheet.measure.called)]
        let curve = Report.Curve(
            Phrase("cost-curve", "cumulated share of {measure}", measure),
            across: Phrase("cost-axis-streams", "classes on assets, the greatest first"),
            up: Phrase("cost-axis-share", "share of {measure}", measure),
            points: thinned(shares).map { Report.Curve.Point(x: Double($0.rank), y: $0.share) })
        return Report.Section(
            Phrase("cost-pareto", "By class and asset, by {measure}", measure),
            said: [CostSentences(sheet).pareto(groups.count, shares)].compactMap { $0 },
            table: Report.Table(
                [Heads.defectClass, Heads.asset] + Self.heads(currency) + [
                    Phrase("cost-column-cumulated", "cumulated share")
                ], rows),
            curves: shares.isEmpty ? [] : [curve], pareto: shares.isEmpty ? nil : drawn(groups, shares, sheet, context))
    }

    /// Bars of a picture.
    private static let barsMax = 20

    private func drawn(
        _ groups: [(key: Int64, line: CostSheet.Line)], _ shares: [Double], _ sheet: CostSheet, _ context: CourseContext
    ) -> Report.Pareto {
        let bars = zip(groups, shares).prefix(Self.barsMax).map { group, share -> Report.Pareto.Bar in
            let stream = context.streams[group.key]
            return Report.Pareto.Bar(
                name: "\(stream?.defectClass ?? ""), \(stream?.asset ?? "")", value: sheet.weight(group.line),
                cumulated: share)
        }
        let unit: Phrase = sheet.measure == .cost ? .name(sheet.prices.currency) : Units.hours
        let measure = Phrase(
            "cost-measure", "{measure}, {unit}",
            ["measure": .phrase(sheet.measure.called), "unit": .phrase(unit)])
        return Report.Pareto(measure: measure, bars: Array(bars))
    }

    private func actions(_ sheet: CostSheet, _ context: CourseContext) -> Report.Section {
        let rows = sheet.grouped { $0.action }.prefix(inquiry.rowsMax).map { group -> [Report.Cell] in
            [.named(context.action(group.key))] + cells(group.line, sheet) + [
                .number(
                    group.line.labour.recorded > 0
                        ? group.line.labour.hours / Double(group.line.labour.recorded) : nil, digits: 2)
            ]
        }
        return Report.Section(
            Phrase("cost-actions", "By action"),
            table: Report.Table(
                [Heads.action] + Self.heads(sheet.prices.currency) + [
                    Phrase("cost-column-hours-of-order", "hours of an order, where recorded")
                ], rows))
    }

    private func parts(_ sheet: CostSheet) -> Report.Section? {
        guard !sheet.parts.isEmpty else { return nil }
        let currency = sheet.prices.currency
        return Report.Section(
            Phrase("cost-parts", "Parts"),
            table: Report.Table(
                [
                    Heads.part, Heads.orders, Phrase("cost-column-pieces", "pieces"),
                    Phrase("cost-column-piece", "{currency} a piece", ["currency": .name(currency)]), .name(currency),
                ],
                sheet.parts.prefix(inquiry.rowsMax).map { part in
                    [
                        .text(part.name), .count(part.orders), .number(part.quantity, digits: 2),
                        .number(part.price, digits: 2), .number(part.cost, digits: 2),
                    ]
                }))
    }

    private static func heads(_ currency: String) -> [Phrase] {
        let currency: [String: Phrase.Value] = ["currency": .name(currency)]
        return [
            Heads.orders, Heads.falseAlarms, Phrase("cost-column-without", "without hours"),
            Phrase("cost-column-hours", "hours"), Phrase("cost-column-labour", "labour, {currency}", currency),
            Phrase("cost-column-parts", "parts, {currency}", currency),
            Phrase("cost-column-unpriced", "parts without a price"),
        ]
    }

    private func cells(_ line: CostSheet.Line, _ sheet: CostSheet) -> [Report.Cell] {
        let labour = line.labour
        return [
            .count(labour.orders), .count(labour.falseAlarms), .count(labour.orders - labour.recorded),
            .number(labour.hours, digits: 2), .number(sheet.labourCost(line), digits: 2),
            .number(line.hasPricedParts ? line.partsCost : nil, digits: 2),
            .number(line.unpriced, digits: 2),
        ]
    }

    /// At most 500 points of a curve, the first and the last among them.
    private func thinned(_ shares: [Double]) -> [(rank: Int, share: Double)] {
        let step = max(1, (shares.count + 499) / 500)
        return shares.enumerated().filter { $0.offset % step == 0 || $0.offset == shares.count - 1 }
            .map { ($0.offset + 1, $0.element) }
    }
}
