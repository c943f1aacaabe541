import AndonSPC
import Foundation
import Testing

@Suite("Forecasts of the crossing of a threshold")
struct ForecastTests {
    private static let wear = [2.1, 2.4, 1.9, 2.6, 2.8, 2.5, 3.1, 3.0, 3.4, 3.3, 3.9, 3.7, 4.2, 4.1, 4.6, 4.8]
    private static let days = (0..<16).map(Double.init)

    private func forecast(_ times: [Double], _ values: [Double], _ threshold: Double) -> Forecast {
        Forecast(times: times, values: values, settings: ForecastSettings(threshold: threshold))
    }

    private func noise(_ count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { _ in random.normal() }
    }

    @Test("Sixteen shifts of wear have a date, and the band of the straight line stays the published one")
    func vector() throws {
        let line = try #require(Trend.line(Self.days, Self.wear)?.crossing(6, confidence: 0.95))
        #expect(close(line.expected, 22.688525, 1e-6))
        #expect(close(line.first, 19.465580, 1e-6) && close(line.last, 26.550161, 1e-6))
        let own = Forecast(
            times: Self.days, values: Self.wear, settings: ForecastSettings(threshold: 6, confidence: 0.95))
        let crossing = try #require(own.crossing)
        #expect(own.standing == .dated && own.count == 16 && own.time == 15)
        #expect(close(own.slope?.slope, 0.18, 1e-9) && close(own.slope?.lower, 0.15, 1e-9))
        #expect(close(own.slope?.upper, 0.20, 1e-9) && close(own.test?.p, 3.52957e-6, 1e-11))
        // These values bend upwards, so that the date is earlier than that of the straight line; never later.
        #expect(crossing.first < line.first && crossing.first > 15 && crossing.expected < line.expected)
        #expect(crossing.first < crossing.expected && crossing.expected < crossing.last)
        #expect(close(own.level, 4.7, 0.2) && close(own.trend, 0.2, 0.1) && close(own.sigma, 0.2, 0.05))
    }

    @Test("Values on a line cross where the line does, to the minute, with no band to speak of")
    func exact() throws {
        let times = stride(from: 0.0, to: 20, by: 0.5).map { $0 }
        let own = forecast(times, times.map { 1 + 0.25 * $0 }, 8)
        let crossing = try #require(own.crossing)
        #expect(close(crossing.first, 28, 1e-3) && close(crossing.expected, 28, 1e-3) && close(crossing.last, 28, 1e-3))
        #expect(own.course == .steady && close(own.level, 5.875, 1e-6) && close(own.trend, 0.25, 1e-6))
    }

    @Test("Wear that feeds on itself and wear that began within the data are seen as such, and dated in time")
    func courses() throws {
        let times = (0..<80).map { Double($0) / 4 }
        let small = noise(80, seed: 7).map { $0 * 0.05 }
        let growing = forecast(times, zip(times, small).map { exp($0 / 8) + $1 }, 20)
        #expect(growing.course == .exponential && growing.standing == .dated)
        let truth = 8 * log(20.0)
        let crossing = try #require(growing.crossing)
        #expect(crossing.first < truth && truth < crossing.last && abs(crossing.expected - truth) < 1)
        let begun = forecast(times, zip(times, small).map { 2 + max(0, $0 - 12) * 0.5 + $1 }, 8)
        #expect(begun.course == .begun && begun.standing == .dated)
        let date = try #require(begun.crossing)
        #expect(date.first < 24 && 24 < date.last && date.last - date.first < 4)
    }

    @Test("Noise, a jump and a trend the other way have no date; a level beyond the threshold needs none")
    func none() {
        let times = (0..<60).map(Double.init)
        let values = noise(60, seed: 11)
        #expect(forecast(times, values, 8).standing == .level)
        let jumping = zip(times, values).map { $1 * 0.3 + ($0 > 40 ? 5 : 0) }
        let jump = forecast(times, jumping, 8)
        #expect(jump.standing == .level && jump.course == .stepped && jump.crossing == nil)
        #expect(Trend.mannKendall(jumping).map { $0.p < 0.001 } == true, "the test alone takes a jump for a trend")
        #expect(close(jump.level, 5, 0.6), "the level follows the jump")
        let away = forecast(times, zip(times, values).map { $1 - 0.2 * $0 }, 8)
        #expect(away.standing == .away && away.crossing == nil)
        let beyond = forecast(times, zip(times, values).map { $1 + 0.2 * $0 }, 8)
        #expect(beyond.standing == .crossed && beyond.crossing == nil)
        #expect(forecast(Array(times.prefix(7)), Array(values.prefix(7)), 8).standing == .tooFew)
    }

    @Test("A sure trend without a date: beyond the horizon, or farther away than the data reach")
    func degrading() throws {
        var settings = ForecastSettings(threshold: 6, horizon: 5)
        #expect(Forecast(times: Self.days, values: Self.wear, settings: settings).standing == .degrading)
        settings.horizon = 8
        #expect(Forecast(times: Self.days, values: Self.wear, settings: settings).standing == .dated)
        #expect(forecast(Self.days, Self.wear, 30).standing == .degrading)
    }

    @Test("A slope is too fast only when its whole interval is")
    func tooFast() {
        for (most, expected) in [(0.14, true), (0.16, false), (0.19, false)] {
            let up = ForecastSettings(threshold: 30, slopeMax: most)
            #expect(Forecast(times: Self.days, values: Self.wear, settings: up).isTooFast == expected)
            let down = ForecastSettings(threshold: -30, rising: false, slopeMax: most)
            let mirror = Forecast(times: Self.days, values: Self.wear.map { -$0 }, settings: down)
            #expect(mirror.isTooFast == expected)
            #expect(!Forecast(times: Self.days, values: Self.wear.map { -$0 }, settings: up).isTooFast)
        }
    }

    @Test("Scaled and shifted time, scaled values and mirrored ones give the same forecast, scaled and mirrored")
    func properties() throws {
        let seed: UInt64 = 20_261_125
        var random = SplitMix(seed: seed)
        var dated = 0
        for round in 0..<200 {
            let count = 8 + Int(random.next() % 80)
            var time = 100 * random.uniform()
            let rate = 4 * random.uniform() / Double(count)
            var (times, values): ([Double], [Double]) = ([], [])
            for place in 0..<count {
                time += 0.05 + random.uniform()
                times.append(time)
                values.append(10 + rate * Double(place) + 0.5 * random.normal())
            }
            let threshold = 10 + rate * Double(count) * (0.9 + random.uniform())
            let plain = forecast(times, values, threshold)
            let note: Comment = "seed \(seed), round \(round)"
            if plain.crossing != nil { dated += 1 }
            let falling = Forecast(
                times: times, values: values.map { -$0 },
                settings: ForecastSettings(threshold: -threshold, rising: false))
            #expect(falling.standing == plain.standing && falling.course == plain.course, note)
            #expect(falling.crossing == plain.crossing && falling.level == plain.level.map { -$0 }, note)
            #expect(falling.slope?.lower == plain.slope.map { -$0.upper } && falling.test?.p == plain.test?.p, note)
            // Powers of two: not a bit changes.
            let scaled = forecast(times.map { $0 * 4 }, values.map { $0 * 8 }, threshold * 8)
            #expect(scaled.standing == plain.standing, note)
            #expect(scaled.crossing?.first == plain.crossing.map { $0.first * 4 }, note)
            #expect(scaled.crossing?.last == plain.crossing.map { $0.last * 4 }, note)
            #expect(scaled.slope?.slope == plain.slope.map { $0.slope * 2 }, note)
            #expect(scaled.level == plain.level.map { $0 * 8 } && scaled.sigma == plain.sigma.map { $0 * 8 }, note)
            if let crossing = plain.crossing {
                #expect(crossing.first <= crossing.expected && crossing.expected <= crossing.last, note)
                #expect(try #require(plain.slope).isSure && plain.standing == .dated, note)
            } else {
                #expect(plain.standing != .dated, note)
            }
            var wide = ForecastSettings(threshold: threshold, confidence: 0.99)
            wide.reachMax = 20
            if let outer = Forecast(times: times, values: values, settings: wide).crossing, let inner = plain.crossing {
                #expect(outer.first <= inner.first + 1e-6 && outer.last >= inner.last - 1e-6, note)
            }
        }
        #expect(dated > 40)
    }

    @Test("Of a hundred streams without wear, looked at after each value, few ever have a date")
    func falseDates() {
        let seed: UInt64 = 3
        var random = SplitMix(seed: seed)
        var dates = 0
        for _ in 0..<100 {
            let values = (0..<60).map { _ in random.normal() }
            let times = (0..<60).map(Double.init)
            let found = (8...60).contains {
                forecast(Array(times.prefix($0)), Array(values.prefix($0)), 8).crossing != nil
            }
            if found { dates += 1 }
        }
        #expect(dates <= 5, "seed \(seed): \(dates)")
    }

    @Test("Nothing that can be handed in traps, names a date without a sure slope, or cannot be written as JSON")
    func hostile() throws {
        let seed: UInt64 = 99
        var random = SplitMix(seed: seed)
        let wild = [
            0, -0.0, 1, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
            .leastNonzeroMagnitude, .leastNormalMagnitude, 1e300, 1e-300, -1e154, 1e17,
        ]
        func value(_ share: Double) -> Double {
            random.uniform() < share ? wild[Int(random.next() % UInt64(wild.count))] : 10 * random.normal()
        }
        for round in 0..<3000 {
            let share = [0, 0.05, 0.5, 1][round % 4]
            let count = Int(random.next() % 40)
            var times = (0..<count).map { _ in value(share) }
            if round % 3 == 0 { times.sort() }
            if round % 5 == 0 { times = times.map { $0.rounded() } }
            let constant = value(share)
            let values = (0..<count + round % 2).map { _ in round % 7 == 0 ? constant : value(share) }
            let settings = ForecastSettings(
                threshold: value(share), rising: round % 2 == 0, confidence: share > 0 ? value(share) : 0.9,
                significance: share > 0 ? value(share) : 0.05, pointsMin: share > 0 ? Int(random.next() % 20) - 5 : 8,
                slopeMax: round % 3 == 0 ? value(share) : nil, horizon: round % 4 == 0 ? value(share) : nil,
                reachMax: share > 0 ? value(share) : 3)
            let own = Forecast(times: times, values: values, settings: settings)
            let note: Comment = "seed \(seed), round \(round)"
            #expect((own.crossing != nil) == (own.standing == .dated), note)
            if own.crossing != nil { #expect(own.slope?.isSure == true, note) }
            let data = try JSONEncoder().encode(own)
            #expect(try JSONDecoder().decode(Forecast.self, from: data) == own, note)
        }
        for constant in [0.0, 5, -1e300] {
            let own = forecast(Self.days, Array(repeating: constant, count: 16), 6)
            #expect(own.standing == .level && close(own.level, constant, abs(constant) * 1e-12))
            #expect(own.slope?.slope == 0 && own.crossing == nil)
        }
        #expect(forecast([], [], 6).standing == .tooFew && forecast([], [], 6).level == nil)
        #expect(forecast([1], [3], 6).standing == .tooFew && forecast([1], [3], 6).level == 3)
        let one = forecast(Array(repeating: 4, count: 16), Self.wear, 6)
        #expect(one.standing == .tooFew && one.count == 16 && close(one.level, 3.2, 1e-12))
    }
}
