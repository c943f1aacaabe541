import AndonTesting
import Foundation
import Testing

@testable import AndonLearn

@Suite("Scrap that repairs avoided")
struct ScrapCountTests {
    private struct Defect {
        var time: Int64
        var parts: Int64
    }

    /// By the definition, each repair for itself.
    private func plain(_ ends: [Int64], _ defects: [Defect], _ parts: Int64) -> [ScrapCount.Effect] {
        func within(_ from: Int64, _ to: Int64) -> [Int64] {
            defects.filter { $0.time >= from && $0.time < to }.map(\.parts)
        }
        // Repairs without a defect between them and the next are one with it.
        let real = ends.indices.filter { index in
            index == ends.count - 1 || !within(ends[index], ends[index + 1]).isEmpty
        }.map { ends[$0] }
        return real.indices.compactMap { index in
            let before = within(index == 0 ? .min : real[index - 1], real[index])
            let isNewest = index == real.count - 1
            let after = within(real[index], isNewest ? .max : real[index + 1])
            guard before.count >= 5, let first = before.min(), let last = before.max(),
                last - first >= 2 * Int64(before.count)
            else { return nil }
            let span = (isNewest ? parts : after.max() ?? 0) - last
            guard span > 0 else { return nil }
            return ScrapCount.Effect(
                repairedAt: real[index], defectsBefore: before.count, partsBefore: last - first,
                defectsAfter: after.count, partsAfter: span, isNewest: isNewest)
        }
    }

    @Test("It is what the definition says", arguments: 1...100)
    func bruteForce(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let times = (0..<random.int(0...60)).map { _ in Int64(random.int(0...100)) }.sorted()
        var parts: Int64 = 0
        let defects = times.map { time in
            parts += Int64(random.int(0...20))
            return Defect(time: time, parts: parts)
        }
        let ends = Set((0..<random.int(1...5)).map { _ in Int64(random.int(0...110)) }).sorted()
        var count = ScrapCount(ends: ends)
        for defect in defects { count.add(at: defect.time, parts: defect.parts) }
        let now = parts + Int64(random.int(0...50))
        #expect(count.effects(upTo: now) == plain(ends, defects, now), "seed \(seed)")
    }

    @Test("A repair that changes nothing avoids nothing, on average over many")
    func unbiased() {
        let seed: UInt64 = 20_261_128
        var random = SeededRandom(seed: seed)
        var (sum, squares, count) = (0.0, 0.0, 0.0)
        for _ in 0..<4000 {
            // Parts pass evenly in time; one in 50,000 is defective, by chance. A repair after one and after two million.
            var scrap = ScrapCount(ends: [1_000_000, 2_000_000])
            var part = 0.0
            while true {
                part -= 50_000 * log(Double(random.int(1...1 << 40)) / Double(1 << 40))
                guard part < 3e6 else { break }
                scrap.add(at: Int64(part), parts: Int64(part))
            }
            let effects = scrap.effects(upTo: 3_000_000)
            guard effects.count == 2 else { continue }
            let avoided = effects.reduce(0) { $0 + $1.avoided }
            (sum, squares, count) = (sum + avoided, squares + avoided * avoided, count + 1)
        }
        let mean = sum / count
        let error = ((squares / count - mean * mean) / count).squareRoot()
        #expect(abs(mean) < 4 * error, "seed \(seed): \(mean) +- \(error)")
        #expect(error < 0.3, "the test would see half a unit: \(error)")
    }

    @Test("A repair that holds avoids what the rate before would have made")
    func formula() {
        var count = ScrapCount(ends: [100])
        for defect in 0..<12 { count.add(at: Int64(defect), parts: 10 + 100 * Int64(defect)) }
        count.add(at: 150, parts: 3000)
        let effects = count.effects(upTo: 5110)
        #expect(effects.count == 1)
        // (12 - 2) / 1,100 x 4,000 - 1 - 1
        let expected: Double = 10 / 1100 * 4000 - 2
        let avoided = effects.first?.avoided ?? 0
        #expect(abs(avoided - expected) < 1e-9)
    }

    @Test("Where good parts are not counted nothing is said")
    func noDenominator() {
        var count = ScrapCount(ends: [100])
        for defect in 0..<12 { count.add(at: Int64(defect), parts: Int64(defect)) }
        #expect(count.effects(upTo: 40).isEmpty)
    }
}
