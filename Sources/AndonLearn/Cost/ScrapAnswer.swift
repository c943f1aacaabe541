import AndonLedger
import AndonModel

/// Scrap that repairs avoided, of the classes whose unit has a price.
struct ScrapAnswer: Sendable {
    struct Stream: Sendable {
        var stream: CourseStream
        var price: Double
        var repairs: Int
        var effects: [ScrapCount.Effect]

        var avoided: Double { effects.reduce(0) { $0 + $1.avoided } }
    }

    private(set) var streams: [Stream] = []

    init() {}

    /// - Parameter choice: of whose repairs the effect is told; where the spans between end, all repairs say.
    init(_ reader: Reader, _ all: [Int64: CourseStream], _ prices: [String: Double], _ choice: CourseChoice) throws {
        for (id, stream) in all.sorted(by: { $0.key < $1.key }) {
            guard let price = prices[stream.defectClass], choice.streams?.contains(id) ?? true,
                let parts = try reader.partsInspected(asset: stream.asset)
            else { continue }
            var ends: [Int64] = []
            let rows = try reader.courses(asset: stream.asset, defectClass: stream.defectClass, .repairs)
            while try rows.next() { if rows.history == 0 { ends.append(rows.endedAt) } }
            guard !ends.isEmpty else { continue }
            ends.sort()
            var count = ScrapCount(ends: ends)
            let defects = try reader.defective(asset: stream.asset, defectClass: stream.defectClass)
            while try defects.next() { count.add(at: defects.detectedAt, parts: defects.parts) }
            let times = choice.from..<max(choice.from, choice.until)
            streams.append(
                Stream(
                    stream: stream, price: price, repairs: ends.count { times.contains($0) },
                    effects: count.effects(upTo: parts).filter { times.contains($0.repairedAt) }))
        }
    }

    /// Nil where no class has a price.
    func section(_ currency: String, rowsMax: Int) -> Report.Section? {
        let told = streams.filter { !$0.effects.isEmpty }.sorted { $0.avoided * $0.price > $1.avoided * $1.price }
        guard !streams.isEmpty else { return nil }
        let repairs = streams.reduce(0) { $0 + $1.repairs }
        let weighed = told.reduce(0) { $0 + $1.effects.count }
        var sentences = [
            Phrase(
                "scrap-formula",
                "Units = (defects before - 2) / parts before x parts after - defects after, and one less for the newest repair"
                    + " of a class on an asset, added up over the repairs; parts are counted from defect to defect. It takes"
                    + " for granted that the rate before the repair would have gone on: a burst that would have ended by"
                    + " itself counts as avoided as well."),
            Phrase(
                "scrap-weighed",
                "{weighed} of {repairs} can be weighed; the others have fewer than"
                    + " {least} defects before them, or no count of the good parts.",
                [
                    "weighed": .repairs(weighed), "repairs": .count(repairs), "least": .count(ScrapCount.defectsMin),
                ]),
        ]
        sentences += told.prefix(3).compactMap { sentence($0, currency) }
        let table = Report.Table(
            Self.heads(currency),
            told.prefix(rowsMax).map { found in
                [
                    .text(found.stream.defectClass), .text(found.stream.asset), .count(found.effects.count),
                    .count(found.repairs), .number(found.avoided, digits: 1), .number(found.price, digits: 2),
                    .number(found.avoided * found.price, digits: 2),
                ]
            })
        return Report.Section(
            Phrase("scrap", "Scrap avoided"), said: sentences, table: told.isEmpty ? nil : table)
    }

    private static func heads(_ currency: String) -> [Phrase] {
        let currency: [String: Phrase.Value] = ["currency": .name(currency)]
        return [
            Heads.defectClass, Heads.asset, Phrase("scrap-column-weighed", "repairs weighed"),
            Phrase("scrap-column-of", "of"), Phrase("scrap-column-units", "units avoided"),
            Phrase("scrap-column-unit", "{currency} a unit", currency),
            Phrase("scrap-column-avoided", "{currency} avoided", currency),
        ]
    }

    private func sentence(_ found: Stream, _ currency: String) -> Phrase? {
        guard let last = found.effects.last else { return nil }
        let units = found.avoided
        let values: [String: Phrase.Value] = [
            "class": .name(found.stream.defectClass), "asset": .name(found.stream.asset),
            "before": .count(last.defectsBefore), "partsBefore": .figure("\(last.partsBefore)"),
            "partsAfter": .figure("\(last.partsAfter)"), "after": .count(last.defectsAfter),
            "avoided": .atMost(1, last.avoided), "units": .atMost(1, units), "price": .atMost(2, found.price),
            "money": .atMost(2, units * found.price), "currency": .name(currency),
        ]
        return last.isNewest
            ? Phrase(
                "scrap-of-newest",
                "{class} on {asset}: the last of them ({before} - 2) / {partsBefore} x {partsAfter} - {after} - 1 = {avoided};"
                    + " all of them {units} units x {price} {currency} = {money} {currency}.", values)
            : Phrase(
                "scrap-of",
                "{class} on {asset}: the last of them ({before} - 2) / {partsBefore} x {partsAfter} - {after} = {avoided};"
                    + " all of them {units} units x {price} {currency} = {money} {currency}.", values)
    }
}
