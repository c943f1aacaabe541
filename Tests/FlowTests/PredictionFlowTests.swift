import AndonConfiguration
import AndonDecide
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonTesting
import Foundation
import Testing

@Suite("Predictive orders", .serialized)
struct PredictionFlowTests {
    private static func trend(_ more: String = "") -> String {
        """
        rules:
          criticalities: [A, B, C]
          defaults: { minSeverity: 0.5 }
          classes:
            edge_chip: {}
            tool_wear: { name: tool wear, action: Replace tool }
          charts:
            chips:
              kind: u
              classes: [edge_chip]
              subgroup: { parts: 200 }
              baseline: 5
              signal: off
              trend:
                threshold: 0.3
                class: tool_wear
                leadTime: { A: 2d, B: 1d, C: 0s }
                moveBy: 12h
        \(more)

        """
    }

    private static let measured = """
        rules:
          classes: { tool_wear: {} }
          charts:
            flank:
              kind: individuals
              of: flank
              baseline: 5
              signal: off
              trend: { threshold: 0.3, class: tool_wear, leadTime: { A: 2d, B: 1d, C: 0s }, moveBy: 12h }

        """

    /// Measures the flank every four hours.
    private static func measure(
        _ bench: ChartBench, _ shifts: Range<Int>, _ random: inout SeededRandom,
        until stop: (ChartBench) async throws -> Bool, _ level: (Int) -> Double
    ) async throws -> Int {
        for shift in shifts {
            bench.time.advance(by: .seconds(4 * 3600))
            try await bench.report("m\(shift)", attributes: ["flank": .number(random.normal(level(shift), 0.007))])
            if try await stop(bench) { return shift }
        }
        return shifts.upperBound
    }

    /// Plays shifts of 200 parts, four hours apart, whose density of chips is `density`.
    private static func play(
        _ bench: ChartBench, _ shifts: Range<Int>, _ random: inout SeededRandom,
        until stop: (ChartBench) async throws -> Bool, _ density: (Int) -> Double
    ) async throws -> Int {
        for shift in shifts {
            bench.time.advance(by: .seconds(4 * 3600))
            try await bench.report("s\(shift)", inspected: 200, defects: random.poisson(200 * density(shift)))
            if try await stop(bench) { return shift }
        }
        return shifts.upperBound
    }

    private static func predicted(_ bench: ChartBench) async throws -> OrderRecord? {
        try await bench.orders.first { $0.kind == .predictive }
    }

    @Test("Rising edge chipping becomes a tool wear order, planned before the limit is reached and in a planned stop")
    func toolWear() async throws {
        let bench = try await ChartBench(rules: Self.trend())
        var random = SeededRandom(seed: 99)
        // 0.06 chips a part, and 0.012 more a day: the threshold 0.3 is reached after 20 days, shift 120.
        let at = try await Self.play(
            bench, 0..<120, &random, until: { try await Self.predicted($0) != nil }, { 0.06 + 0.002 * Double($0) })
        #expect(at > 8 && at < 110, "an order at shift \(at) of 120")
        let order = try #require(try await Self.predicted(bench))
        #expect(order.defectClass == "tool_wear" && order.document.action == "Replace tool")
        let prediction = try #require(order.document.prediction)
        #expect(prediction.standing == .dated && (prediction.slopeLower ?? 0) > 0)
        let first = try #require(prediction.first)
        let planned = try #require(order.document.scheduledAt)
        #expect(planned <= first - .seconds(2 * 86_400) || planned == order.raisedAt)
        let text = OrderText(order.document).longText
        #expect(text.contains("Prediction: chips (asset=MILL-03): rises by"), "\(text)")
        #expect(text.contains("Planned for: "), "\(text)")
        if order.document.reason.contains("in the planned stop") {
            let stops = bench.configuration.plant.plannedStops(at: order.document.place, after: order.raisedAt)
            #expect(stops.contains { $0.from <= planned && planned < $0.to })
        }
        try await bench.settle()
        #expect(bench.cmms.kept.dates["R-\(order.reference)"]?.first == planned)
        try await bench.end()
    }

    @Test("Thickness that drifts in its scatter and level calls for the applicator", arguments: [3, 4])
    func coating(seed: UInt64) async throws {
        let bench = try await ChartBench(
            rules: """
                rules:
                  classes: { thin: { minSeverity: 0.5 }, applicator: { orderType: PM } }
                  charts:
                    thickness:
                      kind: mean
                      of: thickness
                      subgroup: { parts: 5 }
                      dispersion: standard-deviation
                      baseline: 10
                      signal: off
                      trend: { threshold: 36, direction: falling, class: applicator, leadTime: 1d }
                """)
        var random = SeededRandom(seed: seed)
        var raisedAt: Int?
        for hour in 0..<400 where raisedAt == nil {
            bench.time.advance(by: .seconds(3600))
            for part in 0..<5 {
                // 40 micrometres, thinner by 0.24 a day from the third day on: 36 is crossed at hour 472.
                let level = 40 - 0.01 * Double(max(0, hour - 72))
                try await bench.report(
                    "h\(hour)-\(part)", camera: "CAM-2", attributes: ["thickness": .number(random.normal(level, 0.4))])
            }
            if try await bench.orders.contains(where: { $0.kind == .predictive }) { raisedAt = hour }
        }
        let order = try #require(try await bench.orders.first { $0.kind == .predictive }, "seed \(seed)")
        #expect((raisedAt ?? 0) > 72, "seed \(seed): before anything began")
        #expect(order.defectClass == "applicator" && order.asset == "COAT-01" && order.document.orderType == "PM")
        #expect((order.document.prediction?.slopeUpper ?? 0) < 0)
        try await bench.end()
    }

    @Test("A rising rate of solder anomalies, counted by the hour, calls for the reflow oven")
    func reflow() async throws {
        let bench = try await ChartBench(
            rules: """
                rules:
                  classes: { solder: { minSeverity: 0.9 }, reflow_drift: {} }
                  charts:
                    solder:
                      kind: u-prime
                      classes: [solder]
                      subgroup: { time: 1h }
                      baseline: 8
                      signal: off
                      trend: { threshold: 0.2, class: reflow_drift, leadTime: { A: 12h, B: 6h, C: 1h } }
                """)
        var random = SeededRandom(seed: 21)
        for hour in 0..<120 {
            bench.time.advance(by: .seconds(3600))
            // Good boards come as counts, bad ones as reports: no further input is needed.
            let bad = random.poisson(500 * (0.02 + 0.001 * Double(hour)))
            _ = try await bench.accept.accept(
                FrameCountBatch(
                    id: "f\(hour)",
                    frames: [
                        FrameCount(
                            camera: "CAM-3", from: bench.time.now(), to: bench.time.now() + .seconds(1),
                            inspected: 500)
                    ]))
            if bad > 0 { try await bench.report("b\(hour)", camera: "CAM-3", defects: bad, of: "solder") }
            if try await !bench.orders.isEmpty { break }
        }
        let order = try #require(try await bench.orders.first)
        #expect(order.kind == .predictive && order.defectClass == "reflow_drift" && order.asset == "OVEN-02")
        try await bench.end()
    }

    @Test("A process that stays as it is gets no date", arguments: [1, 2, 3])
    func level(seed: UInt64) async throws {
        let bench = try await ChartBench(rules: Self.trend())
        var random = SeededRandom(seed: seed)
        _ = try await Self.play(bench, 0..<120, &random, until: { _ in false }, { _ in 0.1 })
        #expect(try await bench.orders.isEmpty, "seed \(seed)")
        try await bench.end()
    }

    @Test("The date follows the estimate in the CMMS as well, and small changes leave it where it is")
    func moves() async throws {
        let bench = try await ChartBench(rules: Self.measured)
        var random = SeededRandom(seed: 5)
        let at = try await Self.measure(
            bench, 0..<200, &random, until: { try await Self.predicted($0) != nil }, { 0.06 + 0.001 * Double($0) })
        let reference = try #require(try await Self.predicted(bench)).reference
        try await bench.settle()
        // Now it wears three times as fast.
        let base = 0.06 + 0.001 * Double(at)
        _ = try await Self.measure(
            bench, at + 1..<at + 26, &random, until: { _ in false }, { base + 0.003 * Double($0 - at) })
        try await bench.settle()
        let dates = try #require(bench.cmms.kept.dates["R-\(reference)"]).compactMap { $0 }
        #expect(dates.count > 1 && dates.count < 15, "\(dates.count) dates in 25 points")
        for (before, after) in zip(dates, dates.dropFirst()) {
            #expect((after - before).seconds.magnitude >= 12 * 3600, "\(before) to \(after)")
        }
        let order = try #require(try await bench.store.read { try $0.order(reference) })
        #expect(order.document.scheduledAt == dates.last)
        #expect(bench.cmms.kept.notes.contains("\(reference)/date-1"))
        let entries = try await bench.store.read { try $0.ledgerEntries(of: reference.text) }
        #expect(entries.filter { $0.kind == "order.rescheduled" }.count == dates.count - 1)
        #expect(try await bench.orders.filter { $0.kind == .predictive }.count == 1)
        try await bench.end()
    }

    @Test(
        "An order whose trend is gone is taken back with the reason, unless somebody works on it",
        arguments: [false, true])
    func takenBack(isStarted: Bool) async throws {
        let bench = try await ChartBench(rules: Self.trend("        points: 20\n        calmPoints: 3"))
        var random = SeededRandom(seed: 8)
        let at = try await Self.play(
            bench, 0..<120, &random, until: { try await Self.predicted($0) != nil }, { 0.06 + 0.002 * Double($0) })
        let reference = try #require(try await Self.predicted(bench)).reference
        try await bench.settle()
        if isStarted {
            bench.cmms.set(
                RemoteOrder(remoteID: "R-\(reference)", reference: reference, state: .inProgress, vendorState: "INPRG"))
            await bench.poll()
        }
        _ = try await Self.play(bench, at + 1..<at + 60, &random, until: { _ in false }, { _ in 0.06 })
        try await bench.settle()
        await bench.poll()
        let order = try #require(try await bench.store.read { try $0.order(reference) })
        #expect(order.state == (isStarted ? .inProgress : .cancelled))
        let entries = try await bench.store.read { try $0.ledgerEntries(of: reference.text) }
        let takenBack = entries.filter { $0.kind == "order.taken-back" }
        #expect(takenBack.count == (isStarted ? 0 : 1))
        if let reason = takenBack.first?.body["reason"]?.string {
            #expect(reason.contains("The trend is gone"), "\(reason)")
        }
        try await bench.end()
    }

    @Test("A repair's closure begins the stream anew, and the step back in its level is kept as the repair's effect")
    func repair() async throws {
        let bench = try await ChartBench(rules: Self.trend())
        var random = SeededRandom(seed: 31)
        let at = try await Self.play(
            bench, 0..<120, &random, until: { try await Self.predicted($0) != nil }, { 0.06 + 0.002 * Double($0) })
        let reference = try #require(try await Self.predicted(bench)).reference
        try await bench.settle()
        try await bench.close(reference)
        _ = try await Self.play(bench, at + 1..<at + 8, &random, until: { _ in false }, { _ in 0.05 })
        let stream = try #require(try await bench.store.read { try $0.chartStream("chips", "asset=MILL-03") })
        #expect(stream.begunAt == at + 1)
        let repair = try #require(try await bench.store.read { try $0.chartRepairs("chips", "asset=MILL-03") }.first)
        #expect(repair.reference == reference.text)
        let before = try #require(repair.before)
        let after = try #require(repair.after)
        #expect(before > after && abs(after - 0.05) < 0.04, "\(before) to \(after)")
        let entries = try await bench.store.read { try $0.ledgerEntries(of: reference.text) }
        #expect(entries.contains { $0.kind == "repair.effect" })
        #expect(try await bench.orders.count == 1, "few points after a repair foretell nothing")
        try await bench.end()
    }

    @Test("An order that was closed as a false alarm leaves its stream as it is")
    func falseAlarm() async throws {
        let bench = try await ChartBench(rules: Self.trend())
        var random = SeededRandom(seed: 31)
        let at = try await Self.play(
            bench, 0..<120, &random, until: { try await Self.predicted($0) != nil }, { 0.06 + 0.002 * Double($0) })
        let reference = try #require(try await Self.predicted(bench)).reference
        try await bench.settle()
        try await bench.close(reference, verdict: .falseAlarm)
        _ = try await Self.play(bench, at + 1..<at + 3, &random, until: { _ in false }, { 0.06 + 0.002 * Double($0) })
        #expect(try await bench.store.read { try $0.chartStream("chips", "asset=MILL-03") }?.begunAt == 0)
        try await bench.end()
    }

    @Test("The CMMS's lost answer to a moved date is no second date")
    func lostAnswer() async throws {
        let bench = try await ChartBench(rules: Self.measured)
        var random = SeededRandom(seed: 5)
        let at = try await Self.measure(
            bench, 0..<200, &random, until: { try await Self.predicted($0) != nil }, { 0.06 + 0.001 * Double($0) })
        let reference = try #require(try await Self.predicted(bench)).reference
        try await bench.settle()
        bench.cmms.lose(answers: 6)
        let base = 0.06 + 0.001 * Double(at)
        _ = try await Self.measure(
            bench, at + 1..<at + 26, &random, until: { _ in false }, { base + 0.003 * Double($0 - at) })
        try await bench.settle()
        let dates = try #require(bench.cmms.kept.dates["R-\(reference)"]).compactMap { $0 }
        let order = try #require(try await bench.store.read { try $0.order(reference) })
        #expect(order.document.scheduledAt == dates.last)
        #expect(Set(bench.cmms.kept.notes).count == bench.cmms.kept.notes.count, "each note once")
        try await bench.end()
    }
}
