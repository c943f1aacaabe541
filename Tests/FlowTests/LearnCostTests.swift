import AndonIntake
import AndonLearn
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("What repairs cost, and what is advised on planned tasks, over a real store")
struct LearnCostTests {
    private static let rules = """
        rules: { defaults: { minConfidence: 0.5, minSeverity: 0.3 } }

        """

    /// Closes all open orders in the CMMS and brings that back.
    private func close(_ bench: ChartBench, _ closure: (OrderRecord) -> Closure) async throws {
        for order in try await bench.orders where order.state.takesOccurrences {
            bench.cmms.set(
                RemoteOrder(
                    remoteID: "R-\(order.reference)", reference: order.reference, state: .closed, vendorState: "CLOSE",
                    closure: closure(order)))
        }
        await bench.poll()
    }

    // MARK: Cost

    private func live(_ bench: ChartBench, _ random: inout SeededRandom) async throws {
        for step in 0..<40 {
            bench.time.advance(by: .seconds(random.int(3600...200_000)))
            try await bench.report(
                "r-\(step)", camera: "CAM-\(random.int(1...3))", inspected: random.int(1...50), defects: 1,
                of: ["edge_chip", "scratch"][random.int(0...1)], severity: 0.8)
            guard random.int(0...2) > 0 else { continue }
            try await bench.settle()
            let hours: Double? = random.int(0...3) == 0 ? nil : Double(random.int(1...16)) / 4
            let parts = (0..<random.int(0...2)).map {
                Closure.Part(code: "P-\($0 + random.int(1...2))", quantity: Double(random.int(1...4)))
            }
            let closure = Closure(
                technician: "A. Nowak", closedAt: bench.time.now(), labourHours: hours, parts: parts,
                remedyCode: random.int(0...3) == 0 ? nil : ["CLEAN", "REPLACE"][random.int(0...1)],
                verdict: random.int(0...4) == 0 ? .falseAlarm : .confirmed)
            try await close(bench) { _ in closure }
        }
        try await bench.settle()
    }

    /// Added up from the orders themselves.
    private struct Plain {
        var orders = 0
        var falseAlarms = 0
        var without = 0
        var hours = 0.0
        var priced = 0.0
        var unpriced = 0.0

        mutating func add(_ closure: Closure, _ prices: [String: Double]) {
            orders += 1
            if closure.verdict == .falseAlarm { falseAlarms += 1 }
            if let worked = closure.labourHours { hours += worked } else { without += 1 }
            for part in closure.parts {
                if let price = prices[part.code] {
                    priced += price * (part.quantity)
                } else {
                    unpriced += part.quantity
                }
            }
        }

        var cells: [Report.Cell] {
            [.count(orders), .count(falseAlarms), .count(without)]
        }
    }

    private func number(_ cell: Report.Cell) -> Double {
        if case .number(let value, _) = cell { return value }
        if case .share(let value) = cell { return value }
        return 0
    }

    @Test(
        "The sums are those of the orders, by class and asset and by action; an order without hours is not one of 0",
        arguments: [UInt64(1), 2, 3])
    func sums(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bench = try await ChartBench(rules: Self.rules)
        try await live(bench, &random)
        let cost = LearnSettings.Cost(labourHour: 60, parts: ["P-1": 12.5, "P-2": 3])
        let question = try #require(Question.named("cost"))
        let report = try await question.ask(Inquiry(settings: LearnSettings(cost: cost)), bench.store)

        var (streams, actions): ([[String]: Plain], [[String]: Plain]) = ([:], [:])
        for order in try await bench.orders where order.state == .closed {
            guard let closure = order.closure else { continue }
            streams[[order.defectClass, order.asset], default: Plain()].add(closure, cost.parts)
            actions[[closure.remedyCode ?? "not recorded"], default: Plain()].add(closure, cost.parts)
        }
        #expect(streams.count > 2 && actions.count == 3, "seed \(seed)")
        for (heading, plain, names) in [("By class and asset, by cost", streams, 2), ("By action", actions, 1)] {
            let table = try #require(report.sections.first { $0.heading == heading }?.table)
            #expect(table.rows.count == plain.count, "seed \(seed)")
            for row in table.rows {
                let key = row.prefix(names).map { $0.words ?? "" }
                let wanted = try #require(plain[key], "\(key)")
                #expect(Array(row[names..<names + 3]) == wanted.cells, "seed \(seed), \(key)")
                let figures = row[(names + 3)...].prefix(4).map(number)
                let expected = [wanted.hours, wanted.hours * 60, wanted.priced, wanted.unpriced]
                let isNear = zip(figures, expected).allSatisfy { (found: Double, wanted: Double) in
                    abs(found - wanted) < 1e-6
                }
                #expect(isNear, "seed \(seed), \(key): \(figures)")
            }
        }
        // The Pareto: the greatest first, and all of it together is the whole.
        let rows = try #require(report.sections.first { $0.heading.hasPrefix("By class") }?.table?.rows)
        let money = rows.map { number($0[6]) + number($0[7]) }
        #expect(money == money.sorted(by: >), "seed \(seed)")
        let shares = rows.map { number($0[9]) }
        var sum = 0.0
        let whole: Double = money.reduce(0, +)
        for (share, part) in zip(shares, money) {
            sum += part
            let error: Double = share - sum / whole
            #expect(abs(error) < 1e-9, "seed \(seed)")
        }
        try await bench.end()
    }

    @Test("Without prices hours are counted and nothing is reckoned; what has no price is named")
    func withoutPrices() async throws {
        let bench = try await ChartBench(rules: Self.rules)
        for (step, hours) in [2.5, nil, 1.0].enumerated() {
            bench.time.advance(by: .seconds(400_000))
            try await bench.report("r-\(step)", defects: 1, severity: 0.8)
            try await bench.settle()
            let closure = Closure(
                closedAt: bench.time.now(), labourHours: hours, parts: [.init(code: "BLADE", quantity: 2)],
                remedyCode: "REPLACE", verdict: .confirmed)
            try await close(bench) { _ in closure }
        }
        try await bench.settle()
        let question = try #require(Question.named("cost"))
        let report = try await question.ask(Inquiry(), bench.store)
        let sentences = try #require(report.sections.first?.sentences)
        #expect(
            sentences == [
                "3 orders ended: 3 repairs and 0 false alarms.",
                "2 of them say how long the work took: 3.5 hours. 1 do not, and are in no sum of hours.",
                "An hour has no price (learn.cost.labourHour), so labour stands in hours alone.",
                "1 part has no price (learn.cost.parts) and is not in the cost: BLADE (6).",
            ])
        #expect(report.sections.contains { $0.heading == "By class and asset, by hours" })
        #expect(!report.sections.contains { $0.heading == "Scrap avoided" })
        let size = try await bench.store.read { try $0.ledgerHead().size }
        #expect(report.basis.ledgerSize == size)
        try await bench.end()
    }

    @Test(
        "Scrap avoided is the stated formula over what was inspected; a repair that cannot be weighed is counted as such"
    )
    func scrap() async throws {
        let bench = try await ChartBench(rules: Self.rules)
        func repair(_ camera: String, _ id: String) async throws {
            let made = try await bench.report(id, camera: camera, inspected: 100, defects: 2, severity: 0.8)
            try await bench.settle()
            bench.time.advance(by: .seconds(600))
            try await bench.close(try #require(made.detections.first?.reference))
            bench.time.advance(by: .seconds(600))
        }
        for step in 0..<7 {
            try await bench.report("b-\(step)", inspected: 100, defects: 1, severity: 0.8)
            bench.time.advance(by: .seconds(600))
        }
        try await repair("CAM-1", "b-7")
        try await repair("CAM-3", "o-1")
        try await bench.report("good-1", inspected: 5000)
        bench.time.advance(by: .seconds(600))
        try await bench.report("a-1", inspected: 100, defects: 1, severity: 0.8)
        bench.time.advance(by: .seconds(600))
        try await bench.report("good-2", inspected: 1000)
        let settings = LearnSettings(cost: .init(currency: "CHF", scrapUnit: ["edge_chip": 2.5]))
        let report = try await #require(Question.named("cost")).ask(Inquiry(settings: settings), bench.store)
        let section = try #require(report.sections.first { $0.heading == "Scrap avoided" })
        #expect(
            section.sentences.dropFirst() == [
                "1 repair of 2 can be weighed; the others have fewer than 5 defects before them, or no count of the good"
                    + " parts.",
                "edge_chip on MILL-03: the last of them (8 - 2) / 700 x 6100 - 1 - 1 = 50.3; all of them 50.3 units x 2.5"
                    + " CHF = 125.71 CHF.",
            ], "\(section.sentences)")
        #expect(section.table?.rows.count == 1)
        // What lies outside of the question's time is not told.
        var inquiry = Inquiry(settings: settings)
        inquiry.filter.from = bench.time.now().microseconds
        let later = try await #require(Question.named("cost")).ask(inquiry, bench.store)
        #expect(later.sections.first { $0.heading == "Scrap avoided" }?.table == nil)
        try await bench.end()
    }

    // MARK: Advice

    private static let task = LearnSettings.MaintenanceTask(
        name: "Renew the cutter", assets: ["MILL-03"], classes: ["edge_chip"], intervalDays: 60, actions: ["REPLACE"])

    /// A cutter that wears: it lasts 20 days, give or take two, and is replaced each time.
    private func wear(_ bench: ChartBench, _ random: inout SeededRandom, times: Int) async throws {
        for step in 0..<times {
            bench.time.advance(by: .seconds(86_400 * 20 + random.int(-172_800...172_800)))
            try await bench.report("w-\(step)", defects: 1, severity: 0.8)
            try await bench.settle()
            bench.time.advance(by: .seconds(7200))
            let closure = Closure(closedAt: bench.time.now(), remedyCode: "REPLACE", verdict: .confirmed)
            try await close(bench) { _ in closure }
        }
        try await bench.settle()
    }

    @Test("Advice becomes one order by way of the rules, once; nothing else is changed, and all adds up")
    func proposal() async throws {
        let seed: UInt64 = 20_261_128
        var random = SeededRandom(seed: seed)
        let bench = try await ChartBench(rules: Self.rules)
        try await wear(bench, &random, times: 16)
        let inquiry = Inquiry(settings: LearnSettings(tasks: [Self.task]))
        let advised = try #require(try await AdviceAnswer(inquiry, bench.store).advised().first)
        #expect(advised.advice.kind == .shorter && advised.isChange, "seed \(seed): \(advised.sentences)")
        #expect(advised.advice.failures == 15 && advised.advice.lives == 15, "seed \(seed)")
        let report = try await #require(Question.named("advice")).ask(inquiry, bench.store)
        #expect(report.sections.last?.sentences == advised.sentences)
        #expect(report.sections.last?.curves.map(\.name) == ["as watched", "Weibull"])

        let before = bench.cmms.kept.orders.count
        let proposal = MaintenanceProposal(
            task: Self.task.name, asset: "MILL-03", orderClass: "pm-interval", figures: advised.figures,
            advice: advised.sentences.joined(separator: " "), person: "A. Nowak", reason: "three stops in May",
            basis: advised.basis.json)
        let made = try await bench.accept.propose(proposal)
        #expect(made.outcome == .raised, "\(made.reason)")
        let reference = try #require(made.reference)
        try await bench.settle()
        #expect(bench.cmms.kept.orders.count == before + 1)
        let order = try #require(try await bench.store.read { try $0.order(reference) })
        #expect(order.defectClass == "pm-interval" && order.delivery == .acknowledged)
        #expect(order.document.attributes["advice"]?.string == proposal.advice)
        #expect(order.document.attributes["proposedBy"] == "A. Nowak" && order.document.scheduledAt == nil)

        // Days later the advice is the same, and so is the answer.
        bench.time.advance(by: .seconds(86_400))
        try await bench.report("good", inspected: 100)
        let again = try #require(try await AdviceAnswer(inquiry, bench.store).advised().first)
        #expect(again.figures == advised.figures && again.basis != advised.basis)
        let refusal = await #expect(throws: Problem.self) { try await bench.accept.propose(proposal) }
        #expect(
            refusal?.status == 409 && refusal?.detail.contains(reference.text) == true,
            "\(String(describing: refusal))")
        var bare = proposal
        (bare.figures, bare.reason) = ("other", "")
        let nobody = await #expect(throws: Problem.self) { try await bench.accept.propose(bare) }
        #expect(nobody?.status == 422)
        #expect(bench.cmms.kept.orders.count == before + 1)

        // A sender cannot take the name of a proposal.
        await #expect(throws: Problem.self) { try await bench.report("learn:x", defects: 1) }
        #expect(try await bench.store.read { try $0.courseDifferences() } == 0)
        try await bench.end()
    }

    @Test("A repair that was no renewal makes no life, and too few failures no advice")
    func notRenewed() async throws {
        var random = SeededRandom(seed: 7)
        let bench = try await ChartBench(rules: Self.rules)
        try await wear(bench, &random, times: 4)
        var task = Self.task
        task.actions = ["CLEAN"]
        let other = try await AdviceAnswer(Inquiry(settings: LearnSettings(tasks: [task])), bench.store).advised()
        #expect(other.first?.advice.lives == 0 && other.first?.isChange == false)
        let few = try await AdviceAnswer(Inquiry(settings: LearnSettings(tasks: [Self.task])), bench.store).advised()
        #expect(few.first?.advice.kind == .tooFew && few.first?.advice.failures == 3)
        try await bench.end()
    }
}
