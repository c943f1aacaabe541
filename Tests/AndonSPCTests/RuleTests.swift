import AndonSPC
import Foundation
import Testing

@Suite("Run rules")
struct RuleTests {
    /// Indices from 1 of the points that break `rule`.
    private func flags(_ values: [Double], _ rule: RunRule, _ settings: RunRuleSettings) -> [Int] {
        var rules = RunRules()
        return values.enumerated().compactMap { index, value in
            rules.add(value, z: value, settings).contains(rule) ? index + 1 : nil
        }
    }

    @Test("Western Electric's rules flag what the reference flags")
    func westernElectric() {
        let we = RunRuleSettings.westernElectric
        #expect(flags([0, 3.2, -3.5, 2.9], .beyond3, we) == [2, 3])
        #expect(flags([0, 2.5, 1.0, 2.6, 0], .twoOfThree, we) == [4])
        #expect(flags([0, 1.2, 1.3, 0.2, 1.4, 1.5], .fourOfFive, we) == [6])
        let step = Array(repeating: 0.5, count: 10) + Array(repeating: -0.5, count: 10)
        #expect(flags(step, .side, we) == [8, 9, 10, 18, 19, 20])
        #expect(flags(step, .side, .nelson) == [9, 10, 19, 20])
        let high = Array(repeating: 2.5, count: 7) + [3.2]
        #expect(flags(high, .twoOfThree, we) == Array(3...8))
        #expect(flags(high, .fourOfFive, we) == Array(5...8))
        #expect(flags(high, .side, we) == [8] && flags(high, .beyond3, we) == [8])
    }

    @Test("Nelson's trend and alternation are broken by a tie")
    func trends() {
        let hill: [Double] = [1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1]
        #expect(flags(hill, .trend, .nelson) == [6, 7, 13, 14])
        let saw: [Double] = [1, 3, 2, 4, 3, 5, 4, 6, 5, 7, 6, 8, 7, 9, 8]
        #expect(flags(saw, .alternating, .nelson) == [14, 15])
        #expect(flags(saw.map { $0 == 5 ? 4 : $0 }, .alternating, .nelson).isEmpty)
    }

    @Test("Hugging the centre and mixture need their full runs, and mixture both sides")
    func spread() {
        #expect(flags(Array(repeating: 0.9, count: 16), .hugging, .nelson) == [15, 16])
        #expect(flags(Array(repeating: 1.0, count: 15), .hugging, .nelson) == [15], "on the line is within")
        let mixed = [1.5, -1.5, 1.5, -1.5, 1.5, -1.5, 1.5, -1.5, 1.2]
        #expect(flags(mixed, .mixture, .nelson) == [8, 9])
        #expect(flags(Array(repeating: 1.5, count: 9), .mixture, .nelson).isEmpty)
    }

    @Test("A rule that is off stays silent, a length can be set, and what is no number is passed over")
    func settings() {
        let nine = Array(repeating: 0.5, count: 9)
        #expect(flags(nine, .side, .rule1).isEmpty)
        #expect(flags(nine, .side, .aiag) == [7, 8, 9])
        #expect(flags([0.5, .nan, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], .side, .westernElectric) == [9])
        #expect(flags([0, .infinity, 0], .beyond3, .rule1) == [2])
    }

    @Test("The points that make a signal are named")
    func points() {
        var rules = RunRules()
        for value in [0, 2.5, 1.0, 2.6] { _ = rules.add(value, z: value, .nelson) }
        #expect(rules.points(of: .twoOfThree, .nelson) == [0, 2])
        #expect(rules.points(of: .beyond3, .nelson) == [0])
        for value in [1.0, 2, 3, 4, 5, 6] { _ = rules.add(value, z: 0, .nelson) }
        #expect(rules.points(of: .trend, .nelson) == Array(0...5))
    }

    /// A second writing of the rules, from the whole history and by the text of the definitions.
    private func slow(_ z: [Double], _ settings: RunRuleSettings) -> [RunRule] {
        z.indices.map { i in
            var broken: RunRule = []
            func last(_ n: Int) -> ArraySlice<Double>? { i + 1 >= n ? z[(i - n + 1)...i] : nil }
            if abs(z[i]) > 3 { broken.insert(.beyond3) }
            for sign in [1.0, -1] {
                if let window = last(3), sign * z[i] > 2, window.filter({ sign * $0 > 2 }).count >= 2 {
                    broken.insert(.twoOfThree)
                }
                if let window = last(5), sign * z[i] > 1, window.filter({ sign * $0 > 1 }).count >= 4 {
                    broken.insert(.fourOfFive)
                }
                if last(settings.sideLength)?.allSatisfy({ sign * $0 > 0 }) == true { broken.insert(.side) }
                if let window = last(settings.trendLength),
                    zip(window.dropFirst(), window).allSatisfy({ sign * ($0 - $1) > 0 })
                {
                    broken.insert(.trend)
                }
            }
            if let window = last(settings.alternatingLength).map(Array.init) {
                let steps = zip(window.dropFirst(), window).map { $0 - $1 }
                if zip(steps.dropFirst(), steps).allSatisfy({ $0 * $1 < 0 }) { broken.insert(.alternating) }
            }
            if last(settings.huggingLength)?.allSatisfy({ abs($0) <= 1 }) == true { broken.insert(.hugging) }
            if let window = last(settings.mixtureLength), window.allSatisfy({ abs($0) > 1 }),
                window.contains(where: { $0 > 0 }), window.contains(where: { $0 < 0 })
            {
                broken.insert(.mixture)
            }
            return broken
        }
    }

    @Test("In constant memory the rules say the same as from the whole history", arguments: 0..<60)
    func streaming(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        // Coarse values make ties and points on the lines; a memory makes runs.
        var level = 0.0
        let z = (0..<400).map { _ -> Double in
            level = 0.7 * level + random.normal() * (seed.isMultiple(of: 3) ? 0.4 : 1)
            return seed.isMultiple(of: 2) ? (level * 4).rounded() / 4 : level
        }
        var rules = RunRules()
        let quick = z.map { rules.add($0, z: $0, .nelson) }
        #expect(quick == slow(z, .nelson), "seed \(seed)")
    }

    @Test("Half a stream, kept and taken up again, goes on bit for bit")
    func restart() throws {
        var random = SplitMix(seed: 7)
        let z = (0..<200).map { _ in random.normal() }
        var whole = RunRules()
        let expected = z.map { whole.add($0, z: $0, .nelson) }
        var first = RunRules()
        var found = z.prefix(100).map { first.add($0, z: $0, .nelson) }
        var second = try JSONDecoder().decode(RunRules.self, from: JSONEncoder().encode(first))
        found += z.suffix(100).map { second.add($0, z: $0, .nelson) }
        #expect(found == expected && second == whole)
    }

    @Test("Run lengths in control are those of the published tables")
    func runLengths() {
        // 370.4 by rule 1, about 92 by Western Electric's four, about 74 by Nelson's eight.
        for (settings, expected, tolerance) in [
            (RunRuleSettings.rule1, 370.4, 12.0), (.westernElectric, 92, 4), (.nelson, 74, 4),
        ] {
            var random = SplitMix(seed: 20_261_124)
            let runs = 8000
            var points = 0
            for _ in 0..<runs {
                var rules = RunRules()
                var isQuiet = true
                while isQuiet {
                    let z = random.normal()
                    points += 1
                    isQuiet = rules.add(z, z: z, settings).isEmpty
                }
            }
            let mean = Double(points) / Double(runs)
            #expect(abs(mean - expected) < tolerance, "\(settings.rules.names): \(mean)")
        }
    }
}
