import AndonSPC
import Foundation
import Testing

@Suite("A stream against frozen limits")
struct StreamTests {
    private let limits = ChartLimits(kind: .individuals, centre: 10, spread: 1)

    private func verdicts(_ values: [Double], _ settings: RunRuleSettings = .nelson) -> [ControlStream.Verdict?] {
        var stream = ControlStream(limits, version: 3, settings: settings)
        return values.enumerated().map { stream.add(Sample($1), at: Int64($0)) }
    }

    @Test("One far point is isolated, points that gather are a shift, a steady rise is a trend")
    func standings() throws {
        #expect(verdicts([10.1, 13.5, 9.9]).map { $0?.standing } == [.inControl, .isolated, .inControl])
        let shift = verdicts([10.1, 9.8] + Array(repeating: 11.2, count: 9))
        #expect(shift.last??.standing == .shift && shift[3]?.standing == .inControl)
        let rise = verdicts((0..<8).map { 8.9 + Double($0) * 0.2 })
        #expect(rise.last??.standing == .trend)
        let saw = verdicts((0..<14).map { $0.isMultiple(of: 2) ? 10.5 : 9.5 })
        #expect(saw.last??.standing == .pattern)
        let far = try #require(verdicts([10, 13.5])[1])
        #expect(far.plotted.z == 3.5 && far.broken == .beyond3 && far.limitsVersion == 3 && far.since == 1)
    }

    @Test("Since when it has been out of control is told until it is back")
    func since() {
        let all = verdicts([10, 14, 14, 10, 10, 14], .rule1)
        #expect(all.map { $0?.since } == [nil, 1, 1, nil, nil, 5])
    }

    @Test("A late sample is judged by the limits alone and breaks no run")
    func late() {
        var stream = ControlStream(limits, version: 1, settings: .westernElectric)
        for time in 0..<7 { _ = stream.add(Sample(10.5), at: Int64(time * 10)) }
        let before = stream
        let late = stream.add(Sample(9), at: 5)
        #expect(late?.isLate == true && late?.standing == .inControl && stream == before)
        let far = stream.add(Sample(20), at: 5)
        #expect(far?.standing == .isolated)
        let eighth = stream.add(Sample(10.5), at: 70)
        #expect(eighth?.broken == .side)
    }

    @Test("What cannot be judged leaves the stream as it was")
    func unjudged() {
        var stream = ControlStream(ChartLimits(kind: .p, centre: 0.1), version: 1)
        _ = stream.add(Sample(5, of: 50), at: 1)
        let before = stream
        let (empty, unknown) = (stream.add(Sample(0, of: 0), at: 2), stream.add(Sample(.nan, of: 5), at: 3))
        #expect(empty == nil && unknown == nil && stream == before)
    }

    @Test("Rules that do not hold for a chart are not asked; limits of another width decide themselves")
    func kinds() {
        var p = ControlStream(ChartLimits(kind: .p, centre: 0.1), version: 1, settings: .nelson)
        #expect(p.settings.rules == .attribute)
        let three = (0..<3).map { p.add(Sample(9, of: 50), at: Int64($0))?.standing }
        #expect(three == [.inControl, .inControl, .inControl])
        var tight = ControlStream(ChartLimits(kind: .individuals, centre: 0, width: 2), version: 1)
        let tightVerdict = tight.add(Sample(2.5), at: 1)
        #expect(tightVerdict?.standing == .isolated)
        var wide = ControlStream(ChartLimits(kind: .individuals, centre: 0, width: 4), version: 1)
        let wideVerdict = wide.add(Sample(3.5), at: 1)
        #expect(wideVerdict?.standing == .inControl)
    }

    @Test("A stream that is kept and read again goes on bit for bit", arguments: ChartKind.allCases)
    func restart(kind: ChartKind) throws {
        var random = SplitMix(seed: 11)
        let samples = (0..<300).map { _ in Sample((random.uniform() * 20).rounded(), of: 100) }
        let limits = ChartLimits(kind: kind, centre: kind == .p || kind == .pPrime ? 0.1 : 3, spread: 1.1, size: 100)
        var whole = ControlStream(limits, version: 1, settings: .nelson)
        let expected = samples.enumerated().map { whole.add($1, at: Int64($0)) }
        var stream = ControlStream(limits, version: 1, settings: .nelson)
        var found: [ControlStream.Verdict?] = []
        for (time, sample) in samples.enumerated() {
            found.append(stream.add(sample, at: Int64(time)))
            if time.isMultiple(of: 37) {
                stream = try JSONDecoder().decode(ControlStream.self, from: JSONEncoder().encode(stream))
            }
        }
        #expect(found == expected && stream == whole)
    }

    @Test("In control, false alarms of 100,000 samples are as rare as rule 1 has them")
    func falseAlarms() {
        var random = SplitMix(seed: 4)
        var stream = ControlStream(limits, version: 1)
        let alarms = (0..<100_000).reduce(0) { sum, time in
            sum + (stream.add(Sample(10 + random.normal()), at: Int64(time))?.standing == .isolated ? 1 : 0)
        }
        // 0.0027 of them: a binomial with mean 270 and standard deviation 16.4.
        #expect(abs(Double(alarms) - 270) < 4 * 16.4, "\(alarms)")
    }

    @Test(
        "A shift of one sigma is seen within the published run lengths",
        arguments: [
            (RunRuleSettings.rule1, 43.9), (.westernElectric, 9.22),
        ])
    func detection(settings: RunRuleSettings, published: Double) {
        // Champ and Woodall, Technometrics 29(4), 1987, table 1.
        var random = SplitMix(seed: 5)
        let runs = 6000
        var points = 0
        for _ in 0..<runs {
            var stream = ControlStream(limits, version: 1, settings: settings)
            var time: Int64 = 0
            while true {
                time += 1
                points += 1
                if stream.add(Sample(11 + random.normal()), at: time)?.broken.isEmpty == false { break }
            }
        }
        let mean = Double(points) / Double(runs)
        #expect(abs(mean - published) < published * 0.06, "\(mean)")
    }
}
