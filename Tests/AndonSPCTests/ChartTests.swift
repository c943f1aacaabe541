import AndonSPC
import Testing

@Suite("Charts against published and computed examples")
struct ChartTests {
    private func samples(_ text: String, of size: Double = 1) -> [Sample] {
        text.split(separator: " ").compactMap { Double($0) }.map { Sample($0, of: size) }
    }

    private func beyond(_ limits: ChartLimits, _ samples: [Sample]) -> [Int] {
        samples.indices.filter { limits.plot(samples[$0])?.isBeyond == true }.map { $0 + 1 }
    }

    private func expect(
        _ limits: ChartLimits, _ centre: Double, _ lower: Double, _ upper: Double, size: Double = 1,
        tolerance: Double = 1e-6, _ place: SourceLocation = #_sourceLocation
    ) throws {
        let plotted = try #require(limits.plot(Sample(limits.kind == .np ? centre : 0.5 * size, of: size)))
        #expect(close(plotted.centre, centre, tolerance), "\(plotted)", sourceLocation: place)
        #expect(close(plotted.lower, lower, tolerance), "\(plotted)", sourceLocation: place)
        #expect(close(plotted.upper, upper, tolerance), "\(plotted)", sourceLocation: place)
    }

    private static let juice =
        "12 15 8 10 4 7 16 9 14 10 5 6 17 12 22 8 10 5 13 11 20 18 24 15 9 12 7 13 9 6"
    private static let juiceLater = "9 6 12 5 6 4 6 3 7 6 2 4 3 6 5 4 8 5 6 7 5 6 3 5"

    @Test("W1: a p chart, revised by leaving out what lies beyond, then frozen for later samples")
    func p() throws {
        let first = samples(Self.juice, of: 50)
        let raw = try PhaseOne.limits(.p, first)
        try expect(raw, 0.2313333, 0.0524275, 0.4102391, size: 50, tolerance: 1e-7)
        #expect(beyond(raw, first) == [15, 23])
        let once = try PhaseOne.limits(.p, first, excluding: [14, 22])
        try expect(once, 0.2150000, 0.0407028, 0.3892972, size: 50, tolerance: 1e-7)
        #expect(beyond(once, first) == [15, 21, 23])
        let (revised, excluded) = try PhaseOne.revised(.p, first)
        try expect(revised, 0.2081481, 0.0359040, 0.3803923, size: 50, tolerance: 1e-7)
        #expect(excluded.map(\.index).sorted() == [14, 20, 22])
        #expect(excluded.first { $0.index == 20 }?.reason == "beyond the limits of round 2")
        let later = samples(Self.juiceLater, of: 50)
        #expect(beyond(once, later) == [11] && beyond(revised, later).isEmpty)
        var rules = RunRules()
        let flagged = later.enumerated().compactMap { index, sample -> Int? in
            guard let point = once.plot(sample) else { return nil }
            return rules.add(point.value, z: point.z, .westernElectric).contains(.side) ? index + 31 : nil
        }
        #expect(flagged == Array(41...54))
    }

    @Test("W2 to W5: np, c and u; a point exactly on a limit is not beyond")
    func counts() throws {
        try expect(
            try PhaseOne.limits(.np, samples(Self.juice, of: 50)), 11.56667, 2.621377, 20.51196, size: 50,
            tolerance: 1e-5)
        let wafers = samples("16 14 28 16 12 20 10 12 10 17 19 17 14 16 15 13 14 16 11 20 11 19 16 31 13")
        let c = try PhaseOne.limits(.c, wafers)
        try expect(c, 16, 4, 28, tolerance: 0)
        #expect(beyond(c, wafers) == [24])
        let boards = samples("21 24 16 12 15 5 28 20 31 25 20 24 16 19 10 17 13 22 18 39 30 24 16 19 17 15")
        let circuit = try PhaseOne.limits(.c, boards)
        try expect(circuit, 19.84615, 6.481447, 33.21086, tolerance: 1e-5)
        #expect(beyond(circuit, boards) == [6, 20])
        try expect(
            try PhaseOne.limits(.c, boards, excluding: [5, 19]), 19.66667, 6.362532, 32.97080, tolerance: 1e-5)
        let computers = samples("10 12 8 14 10 16 11 7 10 15 9 5 7 11 12 6 8 10 7 5", of: 5)
        let u = try PhaseOne.limits(.u, computers)
        try expect(u, 1.93, 0.0661331, 3.793867, size: 5)
        #expect(beyond(u, computers).isEmpty)
    }

    @Test("W6: sizes that vary, and Laney's limits for counts that scatter more than chance")
    func laney() throws {
        let defects = samples("14 19 19 24 15 16 38 40 21 32 40 25 39 36 17 19 4 9 12 26").map(\.value)
        let sizes = samples(
            "125 200 188 200 200 250 390 360 250 250 395 300 310 200 300 185 55 90 130 300"
        ).map(\.value)
        let both = zip(defects, sizes).map { Sample($0, of: $1) }
        let p = try PhaseOne.limits(.p, both)
        try expect(p, 0.0994015, 0.03593, 0.16287, size: 200, tolerance: 1e-5)
        try expect(p, 0.0994015, 0, 0.22043, size: 55, tolerance: 1e-5)
        try expect(p, 0.0994015, 0.01912, 0.17969, size: 125, tolerance: 1e-5)
        #expect(beyond(p, both) == [14])
        let prime = try PhaseOne.limits(.pPrime, both)
        #expect(close(prime.spread, 1.377674, 1e-6))
        try expect(prime, 0.0994015, 0.01196, 0.18684, size: 200, tolerance: 1e-5)
        try expect(prime, 0.0994015, 0, 0.26614, size: 55, tolerance: 1e-5)
        #expect(beyond(prime, both).isEmpty)
    }

    private static let pistonMeans: [Double] = [
        10.2, 0.6, 8.0, 3.0, 3.4, -4.4, 0.0, -3.2, 4.2, -2.0, -5.8, 1.4, -1.6, -9.8, 6.0, -3.4, 0.8, 7.4, -1.8, 9.2,
        -0.2, 1.6, 2.4, 5.2, -1.8, 8.6, 2.2, -7.8, 3.6, -2.6, 7.2, 5.6, -2.2, 11.2, 12.6, 4.0, 16.6, 19.6, 23.4, 12.8,
    ].map { 74 + $0 / 1000 }
    private static let pistonRanges: [Double] = [
        38, 19, 36, 22, 26, 24, 12, 30, 14, 17, 8, 11, 29, 39, 16, 21, 26, 18, 21, 20, 21, 19, 25, 22, 35, 44, 25, 15,
        19, 17, 26, 23, 14, 25, 30, 34, 19, 25, 23, 29,
    ].map { $0 / 1000 }

    @Test("W7: means and ranges of subgroups, and the runs of the means")
    func subgroups() throws {
        let made = try PhaseOne.limits(
            means: Array(Self.pistonMeans.prefix(25)), dispersions: Array(Self.pistonRanges.prefix(25)), by: .range,
            n: 5)
        #expect(close(made.sigma, 0.009785338, 1e-9))
        try expect(made.location, 74.001176, 73.9880476, 74.0143044, tolerance: 1e-7)
        let range = try #require(made.dispersion.plot(Sample(0.02)))
        #expect(close(range.upper, 0.0481260, 1e-7) && range.lower == 0 && close(range.centre, 0.02276, 1e-9))
        let means = Self.pistonMeans.map { Sample($0) }
        #expect(beyond(made.location, means) == [37, 38, 39])
        #expect(beyond(made.dispersion, Self.pistonRanges.map { Sample($0) }).isEmpty)
        func flags(_ rule: RunRule, _ settings: RunRuleSettings) -> [Int] {
            var rules = RunRules()
            return means.enumerated().compactMap { index, sample in
                guard let point = made.location.plot(sample) else { return nil }
                return rules.add(point.value, z: point.z, settings).contains(rule) ? index + 1 : nil
            }
        }
        #expect(flags(.twoOfThree, .westernElectric) == [35, 37, 38, 39, 40])
        #expect(flags(.fourOfFive, .westernElectric) == [35, 38, 39, 40])
        #expect(flags(.side, .westernElectric).isEmpty && flags(.side, .nelson).isEmpty)
        let published = 0.02276 / 2.326
        #expect(close(made.sigma, published, 5e-7), "published with d2 rounded")
        let s = try PhaseOne.limits(
            means: [74.001176], dispersions: [0.009240037], by: .standardDeviation, n: 5)
        #expect(close(s.sigma, 0.009829977, 1e-9))
        try expect(s.location, 74.001176, 73.9879877, 74.0143643, tolerance: 1e-7)
        #expect(close(s.dispersion.plot(Sample(0.01))?.upper, 0.01930242, 1e-8))
    }

    @Test("W8: single values and their moving ranges")
    func individuals() throws {
        let flow = samples("49.6 47.6 49.9 51.3 47.8 51.2 52.6 52.4 53.6 52.1")
        let values = try PhaseOne.limits(.individuals, flow)
        try expect(values, 50.81, 45.817588, 55.802412)
        #expect(beyond(values, flow).isEmpty)
        let ranges = try PhaseOne.limits(.movingRange, flow)
        #expect(close(ranges.centre, 1.877778, 1e-6) && close(ranges.plot(Sample(1))?.upper, 6.133821, 1e-6))
    }

    @Test("W9: an EWMA, with limits that widen")
    func ewma() throws {
        let data = samples(
            "52.0 47.0 53.0 49.3 50.1 47.0 51.0 50.1 51.2 50.5 49.6 47.6 49.9 51.3 47.8 51.2 52.6 52.4 53.6 52.1")
        let published = [
            50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05, 49.38,
            49.92, 50.73, 51.23, 51.94, 51.99,
        ]
        var chart = try #require(EWMA(target: 50, sigma: 2.0539, lambda: 0.3))
        let points = data.compactMap { chart.add($0.value) }
        for (point, expected) in zip(points, published) { #expect(close(point.value, expected, 0.0051)) }
        #expect(points.count == 20 && !points.contains(where: \.isBeyond))
        #expect(close(points[0].lower, 48.15149, 1e-5) && close(points[0].upper, 51.84851, 1e-5))
        #expect(close(points[1].lower, 47.743606, 1e-6) && close(points[1].upper, 52.256394, 1e-6))
        #expect(close(chart.steady.upper, 52.588432, 1e-6) && close(chart.steady.lower, 47.411568, 1e-6))
        #expect(close(chart.steady.upper, 52.5884, 1e-4) && chart.add(.nan) == nil && chart.count == 20)
    }

    @Test("W10: a CUSUM, with the point where the shift began")
    func cusum() throws {
        let data = samples(
            "324.925 324.675 324.725 324.350 325.350 325.225 324.125 324.525 325.225 324.600 324.625 325.150 328.325 327.250 327.825 328.500 326.675 327.775 326.875 328.350"
        )
        var chart = try #require(CUSUM(target: 325, allowance: 0.3175, decision: 4.1959))
        var sums: [Double] = []
        var signals: [Int] = []
        var lowest = 0.0
        for (index, sample) in data.enumerated() {
            if chart.add(sample.value) == .high { signals.append(index + 1) }
            sums.append(chart.high)
            lowest = max(lowest, chart.low)
        }
        #expect(signals == Array(14...20) && chart.highRun == 8)
        for (sum, expected) in zip(sums.suffix(8), [3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.00, 19.04]) {
            #expect(close(sum, expected, 0.0051))
        }
        #expect(close(sums[4], 0.03, 0.0051) && close(lowest, 0.72, 0.0051))
    }

    @Test("W11: a g chart of conforming units between defects; a t chart of times between them")
    func rare() throws {
        let between = samples("12 31 4 22 57 9 18 3 41 26 15 7")
        let g = try PhaseOne.limits(.g, between)
        try expect(g, 20.41667, 0, 83.14874, tolerance: 1e-5)
        #expect(beyond(g, between).isEmpty)
        let t = try PhaseOne.limits(.t, between)
        let point = try #require(t.plot(Sample(1000)))
        #expect(point.isBeyond && point.z > 3 && point.value == 1000 && point.lower < point.centre)
        #expect(t.plot(Sample(0)) == nil)
    }

    @Test("Constants of subgroups agree with the reference table to six digits")
    func constants() throws {
        for (n, a2, c4, d2, d3, d4) in [
            (2, 1.87997, 0.797885, 1.128379, 0.852502, 3.26653), (5, 0.57682, 0.939986, 2.325929, 0.864082, 2.11450),
            (10, 0.30826, 0.972659, 3.077505, 0.797051, 1.77698), (17, 0.20280, 0.984506, 3.587884, 0.744052, 1.62214),
            (25, 0.15265, 0.989640, 3.930629, 0.708441, 1.54071),
        ] {
            let own = try #require(ControlConstants(n))
            #expect(close(own.a2, a2, 6e-6) && close(own.d4, d4, 6e-6), "n = \(n)")
            #expect(close(own.c4, c4, 6e-7) && close(own.d2, d2, 6e-7) && close(own.d3, d3, 6e-7), "n = \(n)")
        }
        let ten = try #require(ControlConstants(10))
        #expect(close(ten.b3, 0.28371, 6e-6) && close(ten.b4, 1.71629, 6e-6) && close(ten.d3Lower, 0.22302, 6e-6))
        #expect(ControlConstants(1) == nil && ControlConstants(1001) == nil && ControlConstants(40) != nil)
    }

    @Test("Nothing inspected, nothing wrong, one value, constant data and no number have defined answers")
    func edges() throws {
        let perfect = try PhaseOne.limits(.p, [Sample(0, of: 50), Sample(0, of: 50)])
        #expect(perfect.plot(Sample(0, of: 50)) == nil, "limits without width judge nothing")
        let p = try PhaseOne.limits(.p, [Sample(5, of: 50)])
        #expect(p.plot(Sample(0, of: 0)) == nil && p.plot(Sample(.nan, of: 50)) == nil)
        #expect(p.plot(Sample(0, of: 50))?.isBeyond == false)
        let flat = try PhaseOne.limits(.individuals, [Sample(3), Sample(3), Sample(3)])
        #expect(flat.plot(Sample(3)) == nil && flat.plot(Sample(4)) == nil)
        #expect(throws: SPCError.self) { try PhaseOne.limits(.p, []) }
        #expect(throws: SPCError.self) { try PhaseOne.limits(.individuals, [Sample(3)]) }
        #expect(throws: SPCError.self) { try PhaseOne.limits(.p, [Sample(.nan, of: 3)]) }
        #expect(throws: SPCError.self) { try PhaseOne.limits(.p, [Sample(4, of: 3)]) }
        #expect(throws: SPCError.self) { try PhaseOne.limits(.np, [Sample(1, of: 3), Sample(1, of: 4)]) }
        #expect(try PhaseOne.limits(.uPrime, [Sample(0, of: 3), Sample(0, of: 3)]).spread.isFinite)
        #expect(EWMA(target: 0, sigma: 0) == nil && CUSUM(target: 0, allowance: 1, decision: 0) == nil)
    }

    @Test("The right chart is advised for rare defects, for large samples and for sizes that differ")
    func advice() {
        #expect(PhaseOne.advice(on: .p, [Sample(1, of: 5000), Sample(0, of: 5000)])?.kind == .g)
        #expect(PhaseOne.advice(on: .p, [Sample(100, of: 5000), Sample(90, of: 5000)])?.kind == .pPrime)
        #expect(PhaseOne.advice(on: .np, [Sample(10, of: 50), Sample(9, of: 60)])?.kind == .p)
        #expect(PhaseOne.advice(on: .c, [Sample(10, of: 1), Sample(9, of: 2)])?.kind == .u)
        #expect(PhaseOne.advice(on: .p, [Sample(10, of: 50), Sample(9, of: 50)]) == nil)
    }
}
