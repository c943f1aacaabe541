import AndonSPC
import Foundation
import Testing

@Suite("A stream from its first unit on")
struct MonitorTests {
    private static let hour: Int64 = 3_600_000_000

    private func seen(_ at: Int64, units: Double = 1, defects: Double = 0, values: [Double] = []) -> Chart.Observation {
        Chart.Observation(at: at, units: units, defects: defects, defectiveUnits: min(units, defects), values: values)
    }

    @Test("The baseline makes the limits, names what lies beyond them, and later points do not move them")
    func phases() {
        let chart = Chart(name: "c", kind: .c, quantity: .defects, subgroup: .units(10), baseline: 10)
        var monitor = Monitor(chart)
        for (number, count) in [9.0, 11, 10, 9, 40, 10, 11, 9, 10].enumerated() {
            let step = monitor.add(seen(Int64(number), units: 10, defects: count), to: chart)
            #expect(step.points.first?.plotted == nil && step.frozen == nil && !monitor.isPhaseTwo)
        }
        let frozen = monitor.add(seen(9, units: 10, defects: 11), to: chart).frozen
        #expect(frozen?.version == 1 && frozen?.location.centre == 13 && frozen?.beyond == [4])
        for number in 10..<200 { _ = monitor.add(seen(Int64(number), units: 10, defects: 30), to: chart) }
        #expect(monitor.location?.limits.centre == 13 && monitor.location?.limitsVersion == 1)
        #expect(monitor.last?.signals == ["beyond-3-sigma"] && monitor.outSince == 10)
    }

    @Test("A baseline without any scatter makes no limits and no signal, however long it lasts")
    func constant() {
        for kind in [ChartKind.c, .u, .p, .np, .individuals] {
            let isMeasured = kind == .individuals
            let chart = Chart(
                name: "x", kind: kind,
                quantity: isMeasured ? .measured("w") : kind == .p || kind == .np ? .defectiveUnits : .defects,
                subgroup: .units(1), baseline: 5)
            var monitor = Monitor(chart)
            for number in 0..<200 {
                let step = monitor.add(seen(Int64(number), values: isMeasured ? [7] : []), to: chart)
                #expect(step.points.allSatisfy { $0.signals.isEmpty } && step.frozen == nil)
            }
            #expect(!monitor.isPhaseTwo && monitor.gatheredCount <= 50, "\(kind): memory stays bounded")
        }
    }

    @Test("Spans of time close with the first unit behind them; late units make a point that no run goes on with")
    func spans() {
        let chart = Chart(
            name: "u", kind: .u, quantity: .defects, subgroup: .time(Self.hour),
            given: ChartLimits(kind: .u, centre: 0.1))
        var monitor = Monitor(chart)
        var points: [Monitor.Point] = []
        func add(_ hours: Double, _ units: Double, _ defects: Double) {
            points += monitor.add(seen(Int64(hours * 3.6e9), units: units, defects: defects), to: chart).points
        }
        add(0.1, 50, 5)
        add(0.9, 50, 5)
        #expect(points.isEmpty)
        add(1.0, 100, 10)
        #expect(points.map(\.sample) == [Sample(10, of: 100)], "an hour ends before its full hour")
        // From the first hour, when the second is open: kept apart until the third begins.
        add(0.5, 20, 20)
        add(2.5, 10, 1)
        #expect(points.count == 3)
        #expect(points[1].isLate && points[1].sample == Sample(20, of: 20) && points[1].signals == ["beyond-3-sigma"])
        #expect(points[1].standing == .isolated && points[1].since == nil)
        #expect(!points[2].isLate && points[2].sample == Sample(10, of: 100) && points[2].signals.isEmpty)
        #expect(monitor.last?.number == 3 && monitor.outSince == nil)
    }

    @Test("A bulk count fills whole subgroups of one size, and what is left opens the next")
    func bulk() {
        let chart = Chart(
            name: "np", kind: .np, quantity: .defectiveUnits, subgroup: .units(50),
            given: ChartLimits(kind: .np, centre: 2, size: 50))
        var monitor = Monitor(chart)
        let step = monitor.add(seen(1, units: 170, defects: 3), to: chart)
        #expect(step.points.count == 3 && step.points.map(\.sample.value).reduce(0, +) == 3)
        #expect(step.points.allSatisfy { $0.sample.size == 50 })
        #expect(monitor.add(seen(2, units: 30), to: chart).points.count == 1)
    }

    @Test("Means of measured values, ranges beside them: the published piston rings signal where they are known to")
    func means() {
        let chart = Chart(
            name: "rings", kind: .mean, quantity: .measured("d"), subgroup: .units(5), dispersion: .standardDeviation,
            baseline: 25)
        var monitor = Monitor(chart)
        var random = SplitMix(seed: 1)
        for number in 0..<26 * 5 {
            _ = monitor.add(seen(Int64(number), values: [74 + 0.01 * random.normal()]), to: chart)
        }
        #expect(monitor.isPhaseTwo && monitor.dispersion != nil && monitor.count == 26)
        // A scatter three times as wide at the same level is the other chart's business.
        var signals: [String] = []
        for number in 200..<400 {
            let value = 74 + (number.isMultiple(of: 2) ? 0.035 : -0.035)
            signals += monitor.add(seen(Int64(number), values: [value]), to: chart).points.flatMap(\.signals)
        }
        #expect(signals.contains("dispersion-beyond-limits"))
    }

    @Test("Whatever comes, nothing traps, state stays small, and it goes on bit for bit when written down")
    func hostile() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        let wild = [0, -1, 1e308, -1e308, .nan, .infinity, -.infinity, Double.leastNonzeroMagnitude, 1, 2, 3]
        let kinds: [ChartKind] = [.p, .np, .c, .u, .pPrime, .uPrime, .g, .t, .individuals, .mean]
        for kind in kinds {
            let counts: [ChartKind: Chart.Quantity] = [.individuals: .measured("x"), .mean: .measured("x")]
            var chart = Chart(
                name: "w", kind: kind,
                quantity: counts[kind] ?? ([.p, .np, .pPrime, .g].contains(kind) ? .defectiveUnits : .defects),
                subgroup: kind == .p || kind == .u ? .time(1000) : .units(kind == .mean ? 3 : 2), baseline: 4,
                rules: .nelson, memory: .ewma(lambda: 0.2, width: 3), specification: .init(lower: 0, upper: 2))
            var monitor = Monitor(chart)
            for round in 0..<400 {
                func one() -> Double { wild[Int(random.next() % UInt64(wild.count))] }
                let at = Int64(bitPattern: random.next()) >> Int64(random.next() % 40)
                let observation = Chart.Observation(
                    at: at, units: one(), defects: one(), defectiveUnits: one(), values: [one(), one()])
                let step = monitor.add(observation, to: chart)
                for point in step.points {
                    if let plotted = point.plotted {
                        #expect(plotted.z.isFinite && plotted.lower.isFinite && plotted.upper.isFinite, "seed \(seed)")
                    }
                }
                _ = monitor.capability(chart)
                if round == 200 { chart.memory = .cusum(allowance: 0.5, decision: 5) }
                if round == 300 { monitor.restart() }
            }
            let encoder = JSONEncoder()
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            #expect(try encoder.encode(monitor).count < 20_000, "\(kind), seed \(seed)")
        }
    }

    @Test("Behind a repair runs begin anew and the limits stay")
    func restart() {
        let chart = Chart(
            name: "c", kind: .c, quantity: .defects, subgroup: .units(1), rules: .westernElectric,
            given: ChartLimits(kind: .c, centre: 9))
        var monitor = Monitor(chart)
        for number in 0..<7 { _ = monitor.add(seen(Int64(number), defects: 10), to: chart) }
        monitor.restart()
        #expect(monitor.add(seen(8, defects: 10), to: chart).points.first?.signals.isEmpty == true)
        for number in 9..<15 { _ = monitor.add(seen(Int64(number), defects: 10), to: chart) }
        #expect(monitor.add(seen(16, defects: 10), to: chart).points.first?.signals == ["run-on-one-side"])
        #expect(monitor.location?.limitsVersion == 1)
    }
}
