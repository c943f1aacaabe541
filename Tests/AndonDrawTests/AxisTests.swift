import Foundation
import Testing

@testable import AndonDraw

@Suite("Axes, numbers and text")
struct AxisTests {
    @Test("Numbers are written as C writes them to the same digits")
    func numbers() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        for _ in 0..<4000 {
            let value = Double.random(in: -1...1, using: &random) * pow(10, Double.random(in: -12...12, using: &random))
            for digits in [3, 4, 6] {
                let own = NumberText.significant(value, digits: digits)
                let decade = NumberText.decade(value)
                // Whole numbers of up to seven digits are written out.
                let shown = (0..<7).contains(decade) ? max(digits, decade + 1) : digits
                let theirs = Double(String(format: "%.\(shown - 1)e", value)) ?? .nan
                let step = pow(10, Double(decade - shown + 1))
                // Halves may be rounded the other way: both are then half a step from the value.
                let miss = abs((Double(own) ?? .nan) - theirs)
                #expect(
                    miss < step * 1e-6 || abs(abs(theirs - value) - step / 2) < step * 1e-6,
                    "seed \(seed): \(value) \(own)")
            }
        }
        let examples: [(Double, String)] = [
            (0, "0"), (-0.0, "0"), (0.2081481, "0.2081"), (19.84615, "19.85"), (28, "28"), (9999.96, "10000"),
            (1_234_567, "1234567"), (12_345_678, "1.235e7"), (9.99996e9, "1e10"), (0.00001, "1e-5"), (-0.05, "-0.05"),
            (.infinity, "infinity"), (.nan, "no number"), (.leastNonzeroMagnitude, "4.941e-324"),
            (1.7976931348623157e308, "1.798e308"),
        ]
        for (value, text) in examples { #expect(NumberText.significant(value) == text) }
        #expect(NumberText.signed(2) == "+2" && NumberText.signed(-2.5) == "-2.5" && NumberText.signed(0) == "0")
        #expect(NumberText.fixed(-0.04, decimals: 1) == "0.0" && NumberText.fixed(1.05, decimals: 0) == "1")
    }

    @Test("An axis shows every value between its ends, with few ticks, in order, that differ as written")
    func scales() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var hostile = Hostile(seed: seed)
        for _ in 0..<3000 {
            let values = (0..<Int.random(in: 0...6, using: &hostile.random)).map { _ in hostile.number() }
            let scale = Scale(showing: values, ticks: 7)
            #expect(scale.low < scale.high && scale.low.isFinite && scale.high.isFinite, "seed \(seed): \(values)")
            #expect((2...10).contains(scale.ticks.count), "seed \(seed): \(values) \(scale)")
            #expect(Set(scale.ticks.map(\.label)).count == scale.ticks.count, "seed \(seed): \(values) \(scale.ticks)")
            #expect(zip(scale.ticks, scale.ticks.dropFirst()).allSatisfy { $0.value < $1.value })
            for value in values where value.isFinite && abs(value) <= 1e300 {
                #expect((0...1).contains(scale.fraction(value)), "seed \(seed): \(value) in \(scale)")
            }
            for tick in scale.ticks { #expect((-0.001...1.001).contains(scale.fraction(tick.value))) }
        }
    }

    @Test("Nothing, one value and zeros have an axis; values that are never negative have none below zero")
    func edges() {
        #expect(Scale(showing: [], ticks: 5).ticks.map(\.label) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(Scale(showing: [0, 0, .nan], ticks: 5).low == 0)
        #expect(Scale(showing: [0.001, 5], ticks: 5).low == 0)
        #expect(Scale(showing: [-1, 5], ticks: 5).low < -1)
        #expect(Scale(showing: [7], ticks: 5).fraction(7) == 0.5)
        #expect(Scale(showing: [4, 28], ticks: 7).ticks.map(\.label) == ["5", "10", "15", "20", "25"])
    }

    @Test("Dates agree with Foundation's calendar over all years of four digits")
    func dates() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        let style = Date.ISO8601FormatStyle(timeZone: .gmt)
        // Foundation turns to the Julian calendar before 1582.
        for _ in 0..<3000 {
            let second = Int64.random(in: -12_000_000_000...253_402_300_799, using: &random)
            let text = Date(timeIntervalSince1970: Double(second)).formatted(style)
            let own = CivilTime.date(second * 1_000_000)
            #expect(text.hasPrefix(own), "seed \(seed): \(second) is \(text), not \(own)")
            #expect(text.dropFirst(11).hasPrefix(CivilTime.clock(second * 1_000_000)), "seed \(seed): \(text)")
            let (year, month, day) = CivilTime.civil(second / 86_400)
            if second >= 0 { #expect(CivilTime.days(year: year, month: month) + day - 1 == second / 86_400) }
        }
        #expect(CivilTime.date(.min) == "0001-01-01" && CivilTime.date(.max) == "9999-12-31")
        #expect(CivilTime.date(-1) == "1969-12-31" && CivilTime.clock(-1) == "23:59:59")
    }

    @Test("Ticks of time are round, in order, within the span, and not more than asked for")
    func times() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        for _ in 0..<3000 {
            let start = Int64.random(in: CivilTime.moments, using: &random)
            let length = pow(10, Double.random(in: 6.5...17.4, using: &random))
            let end = min(CivilTime.moments.upperBound, start + Int64(length))
            let ticks = CivilTime.ticks(from: start, to: end, atMost: 6)
            #expect(ticks.count <= 8, "seed \(seed): \(start) \(end) \(ticks.count)")
            #expect(ticks.allSatisfy { (start...end).contains($0.at) && $0.at % 1_000_000 == 0 })
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.at < $1.at })
        }
        let hours = CivilTime.ticks(from: 1_795_003_600_000_000, to: 1_795_090_000_000_000, atMost: 5)
        #expect(hours.map(\.label) == ["18:00", "00:00", "06:00", "12:00"])
        #expect(hours.map(\.under) == ["2026-11-18", "2026-11-19", nil, nil])
        #expect(CivilTime.ticks(from: .min, to: .max, atMost: 5).count <= 8)
    }

    @Test("What Cairo refuses, what ends a text early and what turns it around is gone; the rest stays")
    func cleaning() throws {
        let refused = try #require(Unicode.Scalar(UInt32(0xFDD0)))
        #expect(DrawnText.clean("a\u{0}b\tc\nd\u{202E}e\(Character(refused))f") == "a b c de\u{FFFD}f")
        #expect(DrawnText.clean("Zażółć 缺陷 №5 ±3σ") == "Zażółć 缺陷 №5 ±3σ")
        let long = DrawnText.clean(String(repeating: "x", count: 5000))
        #expect(long.count == DrawnText.scalarsMax + 1 && long.hasSuffix("…"))
    }

    @Test("Text is shortened to what fits, and broken between words")
    func fitting() throws {
        let canvas = try Canvas(.png, width: 400, height: 100)
        let seed = UInt64.random(in: 0...UInt64.max)
        var hostile = Hostile(seed: seed)
        let lettering = Lettering(20)
        for _ in 0..<300 {
            let text = hostile.text()
            let limit = Double.random(in: 0...300, using: &hostile.random)
            #expect(canvas.width(of: canvas.fitted(text, lettering, width: limit), lettering) <= max(limit, 0))
            let lines = canvas.lines(text, lettering, width: 120, maximum: 3)
            #expect(lines.count <= 3, "seed \(seed)")
            for line in lines where line.count > 1 {
                #expect(canvas.width(of: line, lettering) <= 120, "seed \(seed): \(line)")
            }
        }
        let wrapped = canvas.lines("one two three four five six", lettering, width: 120, maximum: 2)
        #expect(wrapped.count == 2 && wrapped[0] == "one two" && wrapped[1].hasSuffix("…"), "\(wrapped)")
        #expect(canvas.lines("one two", lettering, width: 300, maximum: 2) == ["one two"])
        #expect(canvas.lines("  ", lettering, width: 300, maximum: 2).isEmpty)
        #expect(canvas.fitted("", lettering, width: 10).isEmpty)
    }
}
