import AndonDecide
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonTesting
import Foundation
import Testing

@Suite("Control charts in the flow", .serialized)
struct ChartFlowTests {
    private static let quiet = """
        rules:
          defaults: { minSeverity: 0.5 }
          classes:
            edge_chip: {}
            chipping: {}

        """

    @Test("An order says where its detection stands: chart, point, limits, sigma, rule, one-off or part of a shift")
    func position() async throws {
        let bench = try await ChartBench(
            rules: Self.quiet + """
                  charts:
                    chips:
                      kind: u
                      classes: [edge_chip]
                      subgroup: { parts: 10 }
                      baseline: 5
                      limits: { centre: 0.1 }
                      rules: nelson
                      signal: off
                """)
        // Points of ten parts: one chip each, then four; the next chip is severe.
        for point in 0..<3 {
            try await bench.report("calm-\(point)", inspected: 10, defects: 1)
            bench.time.advance(by: .seconds(60))
        }
        try await bench.report("burst", inspected: 10, defects: 6)
        bench.time.advance(by: .seconds(60))
        try await bench.report("severe", inspected: 1, defects: 1, severity: 0.9)
        let order = try #require(try await bench.orders.first)
        let chart = try #require(order.document.charts?.first)
        #expect(chart.chart == "chips" && chart.stratum == "asset=MILL-03" && chart.point == 4)
        #expect(chart.centre == 0.1 && chart.value == 0.6 && chart.limitsVersion == 1 && chart.phase == 2)
        #expect(abs((chart.sigmas ?? 0) - 5) < 1e-9)
        #expect(chart.standing == .isolated && chart.rules == ["beyond-3-sigma"] && chart.points == [4])
        let text = OrderText(order.document).longText
        #expect(text.contains("out of control, an isolated exceedance"), "\(text)")
        #expect(text.contains("+5 sigma") && text.contains("breaks beyond-3-sigma"), "\(text)")
        try await bench.end()
    }

    @Test("A run on one side alone makes an order, although every detection is below its threshold")
    func breachAlone() async throws {
        let bench = try await ChartBench(
            rules: Self.quiet + """
                  charts:
                    chips:
                      kind: u
                      classes: [edge_chip]
                      subgroup: { parts: 10 }
                      limits: { centre: 0.1 }
                      rules: [beyond-3-sigma, run-on-one-side]
                      signal: chipping
                """)
        for point in 1...9 {
            #expect(try await bench.orders.isEmpty)
            try await bench.report("p\(point)", inspected: 10, defects: 2)
            bench.time.advance(by: .seconds(60))
        }
        let order = try #require(try await bench.orders.first)
        #expect(order.defectClass == "chipping" && order.kind == .corrective)
        let chart = try #require(order.document.charts?.first)
        #expect(chart.rules == ["run-on-one-side"] && chart.points == Array(1...9) && chart.standing == .shift)
        #expect(order.document.reason.contains("the control chart signals"), "\(order.document.reason)")
        #expect(order.document.rule == "charts.chips")
        // The next points go on with it, and join.
        try await bench.report("p10", inspected: 10, defects: 2)
        let orders = try await bench.orders
        #expect(orders.count == 1 && orders.first?.occurrences == 2)
        try await bench.end()
    }

    @Test("Two of three beyond two sigma make an order where the rule asks for it, below the severity threshold")
    func twoOfThree() async throws {
        let bench = try await ChartBench(
            rules: """
                rules:
                  classes:
                    thin: { minSeverity: 0.5, whenOutOfControl: raise }
                  charts:
                    thickness:
                      kind: individuals
                      of: thickness
                      limits: { centre: 40, sigma: 1 }
                      rules: [2-of-3-beyond-2-sigma]
                      signal: off
                """)
        func measure(_ id: String, _ value: Double) async throws -> Outcome? {
            bench.time.advance(by: .seconds(10))
            return try await bench.report(
                id, camera: "CAM-2", defects: 1, of: "thin", attributes: ["thickness": .number(value)]
            ).detections.first?.outcome
        }
        #expect(try await measure("a", 40.2) == .recorded)
        #expect(try await measure("b", 42.2) == .recorded)
        #expect(try await measure("c", 40.5) == .recorded)
        #expect(try await measure("d", 42.4) == .raised)
        let order = try #require(try await bench.orders.first)
        #expect(order.document.rule == "classes.thin.whenOutOfControl")
        #expect(order.document.charts?.first?.points == [2, 4])
        try await bench.end()
    }

    @Test(
        "Routine variation makes no order where the rule says so, and a true signal always does", arguments: [11, 12])
    func routine(seed: UInt64) async throws {
        let bench = try await ChartBench(
            rules: """
                rules:
                  classes:
                    edge_chip: { minSeverity: 0, whenInControl: record }
                  charts:
                    chips:
                      kind: c
                      classes: [edge_chip]
                      subgroup: { parts: 100 }
                      limits: { centre: 9 }
                      signal: edge_chip
                """)
        var random = SeededRandom(seed: seed)
        // The first detections belong to no judged point yet: a subgroup without any opens the chart.
        try await bench.report("first", inspected: 100, defects: 9)
        var falseOrders = 0
        for point in 0..<150 {
            bench.time.advance(by: .seconds(60))
            let before = try await bench.orders.count
            try await bench.report("p\(point)", inspected: 100, defects: random.poisson(9))
            let orders = try await bench.orders
            if orders.count > before {
                falseOrders += 1
                try await bench.settle()
                for order in orders where order.state == .open { try await bench.close(order.reference) }
            }
        }
        // P(beyond 0...18) of a Poisson count with mean 9 is 0.0024; six of 150 has a chance below 1 in 10,000.
        #expect(falseOrders <= 5, "seed \(seed): \(falseOrders) false orders")
        var waited = 0
        let before = try await bench.orders.count
        while try await bench.orders.count == before, waited < 40 {
            waited += 1
            bench.time.advance(by: .seconds(60))
            try await bench.report("s\(waited)", inspected: 100, defects: random.poisson(18))
        }
        // Twice the mean is seen at each point with a chance of 0.44: forty in vain have one of 1e-10.
        #expect(waited < 40, "seed \(seed)")
        try await bench.end()
    }

    @Test("Streams go on bit for bit over a restart")
    func restart() async throws {
        let rules =
            Self.quiet + """
                  charts:
                    chips: { kind: u, classes: [edge_chip], subgroup: { parts: 7 }, baseline: 6, rules: nelson, ewma: { lambda: 0.2 } }
                    width: { kind: mean, of: width, subgroup: { parts: 4 }, baseline: 5, by: [asset, lot], specification: { lower: 8, upper: 12 } }
                    rare: { kind: g, classes: [edge_chip], baseline: 4 }
                    gap: { kind: t, classes: [edge_chip], baseline: 4 }
                """
        let whole = try await ChartBench(rules: rules)
        let broken = try await ChartBench(rules: rules)
        var random = SeededRandom(seed: 7)
        for number in 0..<160 {
            let defects = random.poisson(0.4)
            let width = random.normal(10, 0.5)
            for bench in [whole, broken] {
                bench.time.advance(by: .seconds(30))
                // The second intake begins anew with each report: nothing that it needs is in memory alone.
                let accept = bench === whole ? bench.accept : ChartBench.intake(bench.configuration, bench.store)
                let defect = Defect(defectClass: "edge_chip", confidence: 0.9, severity: .score(0.1))
                _ = try await accept.accept(
                    Inspection(
                        id: "i\(number)", detectedAt: Timestamp(microseconds: Int64(number) * 30_000_000),
                        camera: "CAM-1", lot: "L\(number / 80)", defects: Array(repeating: defect, count: defects),
                        attributes: ["width": .number(width)]), picture: nil)
            }
        }
        let streams = try await whole.store.read { try $0.chartStreams() }
        #expect(streams.count == 5 && streams.contains { $0.points > 20 })
        for stream in streams {
            let other = try #require(try await broken.store.read { try $0.chartStream(stream.chart, stream.stratum) })
            #expect(other.state == stream.state && other.filling == stream.filling, "\(stream.name)")
        }
        try await whole.end()
        try await broken.end()
    }

    @Test("Wild numbers, units that nobody looked at and a flood of them are answered like any other")
    func wild() async throws {
        let bench = try await ChartBench(
            rules: Self.quiet + """
                  charts:
                    width: { kind: individuals, of: width, baseline: 5, specification: { lower: 8 } }
                    area: { kind: mean, of: area, subgroup: { parts: 3 } }
                    chips: { kind: p, classes: [edge_chip], subgroup: { parts: 5 }, baseline: 3 }
                    count: { kind: np, classes: [edge_chip], subgroup: { parts: 5 }, baseline: 3 }
                """)
        let values = [1e308, -1e308, 1.7e308, 0, .leastNonzeroMagnitude, 1e308, 10, 10, 10, 10, 10, 10]
        for (number, value) in values.enumerated() {
            bench.time.advance(by: .seconds(1))
            try await bench.report(
                "w\(number)", inspected: number.isMultiple(of: 3) ? 100_000 : 1, defects: number % 3,
                attributes: ["width": .number(value)])
        }
        #expect(try await bench.points("width", "asset=MILL-03").count == values.count)
        try await bench.end()
    }
}
