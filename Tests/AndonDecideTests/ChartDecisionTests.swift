import AndonDecide
import AndonModel
import AndonSPC
import Foundation
import Testing

@Suite("Decisions that ask the control chart")
struct ChartDecisionTests {
    private func rules(_ rule: Rule, chart: Chart) -> Rules {
        Rules(classes: ["scratch": DefectClass(label: "scratch", rule: rule)], charts: [chart])
    }

    private func position(_ standing: ChartPosition.Standing?, phase: Int = 2) -> ChartPosition {
        var position = ChartPosition(chart: "c", stratum: "", kind: "c", point: 7, phase: phase, standing: standing)
        (position.value, position.centre, position.lower, position.upper, position.sigmas) = (9, 4, 0, 10, 2.5)
        return position
    }

    private let chart = Chart(name: "c", kind: .c, quantity: .defects)

    @Test("Only when out of control: routine is recorded, a signal and a stream without limits are not held back")
    func whenInControl() {
        let rules = rules(Rule(whenInControl: .record), chart: chart)
        func outcome(_ positions: [ChartPosition]) -> Outcome {
            rules.decide(.sample(), facts: Facts(charts: positions)).outcome
        }
        #expect(outcome([position(.inControl)]) == .recorded)
        #expect(outcome([position(.isolated)]) == .raised)
        #expect(outcome([position(nil, phase: 1)]) == .raised, "no limits are no proof of control")
        #expect(outcome([]) == .raised)
        #expect(outcome([position(.inControl), position(.shift)]) == .raised, "one chart that signals is enough")
        let decision = rules.decide(.sample(), facts: Facts(charts: [position(.inControl)]))
        #expect(decision.reason.contains("routine variation") && decision.rule == "classes.scratch.whenInControl")
        let open = Facts.OpenOrder(reference: .first, priority: 3, worstSeverity: nil, occurrences: 1)
        #expect(
            rules.decide(.sample(), facts: Facts(openOrder: open, charts: [position(.inControl)])).outcome == .grouped,
            "an order that is open counts routine as well")
    }

    @Test("A process that is out of control passes thresholds and frequency where the rule says so, and only then")
    func whenOutOfControl() {
        let low = Detection.sample(confidence: 0.2, severity: .score(0.1))
        let frequency = Frequency(count: 5, within: .time(.seconds(60)))
        for (choice, standing, expected) in [
            (Rule.WhenOutOfControl.raise, ChartPosition.Standing.shift, Outcome.raised),
            (.raise, .inControl, .recorded), (.check, .shift, .recorded),
        ] {
            let rules = rules(
                Rule(minConfidence: 0.8, minSeverity: 0.5, frequency: frequency, whenOutOfControl: choice), chart: chart
            )
            #expect(rules.decide(low, facts: Facts(charts: [position(standing)])).outcome == expected)
        }
    }

    /// So many parts of one process, each measured; points of five.
    private func play(
        seed: Int, shift: Double, parts: Int, untilFirst: Bool = false
    ) -> (points: Int, orders: Int, first: Int?) {
        let chart = Chart(
            name: "width", kind: .mean, quantity: .measured("w"), subgroup: .units(5),
            given: ChartLimits(kind: .mean, centre: 10, spread: 1 / 5.0.squareRoot(), size: 5), signalClass: "scratch")
        let rules = rules(Rule(minSeverity: 0.99, whenInControl: .record), chart: chart)
        // Neighbouring seeds of this generator are one sequence, a step apart: far seeds are others.
        var random = Seeded(seed &* 7_919_317)
        func normal() -> Double {
            let radius = (-2 * log(Double.random(in: 1e-300..<1, using: &random))).squareRoot()
            return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
        }
        var monitor = Monitor(chart)
        var orders = 0
        var first: Int?
        for part in 0..<parts {
            let value = 10 + shift + normal()
            let step = monitor.add(Chart.Observation(at: Int64(part), units: 1, values: [value]), to: chart)
            guard let point = step.points.first, !point.signals.isEmpty else { continue }
            var signal = Detection.sample(confidence: nil, severity: nil)
            signal.isSignal = true
            let facts = Facts(charts: [ChartPosition(chart, "", monitor, point)])
            guard rules.decide(signal, facts: facts).outcome == .raised else { continue }
            orders += 1
            first = first ?? monitor.count
            if untilFirst { break }
        }
        return (monitor.count, orders, first)
    }

    @Test("A process in control makes no more false orders of 100,000 parts than rule 1 allows", arguments: 1...4)
    func inControl(seed: Int) {
        let (points, orders, _) = play(seed: seed, shift: 0, parts: 100_000)
        // 0.0026998 a point: 54 of 20,000 expected, standard deviation 7.34; four of them are one chance in 30,000.
        #expect(points == 20_000)
        let expected = 0.0026998 * Double(points)
        #expect(abs(Double(orders) - expected) < 4 * expected.squareRoot(), "seed \(seed): \(orders) orders")
    }

    @Test("A shift is answered within the run length of its chart")
    func shifted() {
        // One sigma of the mean: published run length of an Xbar chart 43.9, of one and a half 15.0, of two 6.3.
        for (sigmas, length) in [(1.0, 43.89), (1.5, 14.97), (2, 6.30), (3, 2.0)] {
            var sum = 0
            let runs = 300
            for seed in 0..<runs {
                let first = play(
                    seed: 1000 + seed, shift: sigmas / 5.0.squareRoot(), parts: 5 * 600, untilFirst: true
                ).first
                #expect(first != nil, "seed \(1000 + seed)")
                sum += first ?? 600
            }
            let mean = Double(sum) / Double(runs)
            // Geometric: the standard error is the run length itself by the root of the runs; five of them.
            #expect(
                abs(mean - length) < 5 * length / Double(runs).squareRoot(), "\(sigmas) sigma: \(mean), not \(length)")
        }
    }
}
