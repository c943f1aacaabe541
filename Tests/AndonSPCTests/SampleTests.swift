import AndonSPC
import Foundation
import Testing

@Suite("Two samples")
struct SampleTests {
    @Test("Samples changed for each other have the same p; a rising change of scale changes nothing")
    func invariance() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for round in 0..<60 {
            let (a, b) = Self.draw(&random, 12, 17, tied: round.isMultiple(of: 2))
            let ranks = try #require(MannWhitney(a, b))
            let turned = try #require(MannWhitney(b, a))
            #expect(agrees(turned.p, ranks.p) && turned.u + ranks.u == 204, "seed \(seed) \(round)")
            #expect(MannWhitney(a.map { exp($0) }, b.map { exp($0) }) == ranks, "seed \(seed) \(round)")
            let apart = try #require(KolmogorovSmirnov(a, b))
            let back = try #require(KolmogorovSmirnov(b, a))
            #expect(back.distance == apart.distance && agrees(back.p, apart.p), "seed \(seed) \(round)")
            #expect(KolmogorovSmirnov(a.map { exp($0) }, b.map { exp($0) }) == apart, "seed \(seed) \(round)")
        }
    }

    @Test("Samples of one distribution are told apart one time in twenty at most, tied or not")
    func size() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for tied in [false, true] {
            var ranks = 0
            var exact = 0
            var limit = 0
            for _ in 0..<2000 {
                let (a, b) = Self.draw(&random, 25, 30, tied: tied)
                if try #require(MannWhitney(a, b)).p <= 0.05 { ranks += 1 }
                if try #require(KolmogorovSmirnov(a, b)).p <= 0.05 { exact += 1 }
                if try #require(KolmogorovSmirnov(a, b, exactPairs: 0)).p <= 0.05 { limit += 1 }
            }
            // 100 expected of the first, standard deviation 10; those of a distance, which has few values, are fewer.
            #expect((50...150).contains(ranks) && (20...150).contains(exact), "seed \(seed): \(ranks) \(exact)")
            #expect(limit <= exact, "seed \(seed): \(limit) \(exact)")
        }
    }

    @Test("A shift is found by both; a change of the spread alone by the distance")
    func power() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let a = (0..<400).map { _ in random.normal() }
        let moved = (0..<400).map { _ in random.normal() + 0.8 }
        let wide = (0..<400).map { _ in 3 * random.normal() }
        #expect(try #require(MannWhitney(moved, a)).share > 0.6, "seed \(seed)")
        #expect(try #require(MannWhitney(a, moved)).p < 1e-6 && #require(KolmogorovSmirnov(a, moved)).p < 1e-6)
        #expect(try #require(KolmogorovSmirnov(a, wide)).p < 1e-6, "seed \(seed)")
    }

    @Test("Three against three, all apart: one in ten of all ways, for what limits give")
    func small() throws {
        let apart = try #require(KolmogorovSmirnov([1, 2, 3], [4, 5, 6]))
        #expect(apart.distance == 1 && agrees(apart.p, 0.1, digits: 12))
        let one = try #require(KolmogorovSmirnov([1], [2]))
        #expect(one.distance == 1 && one.p == 1)
        // Far in the tail the digits hold: 2 of the 40! / (20! 20!) ways.
        let far = try #require(KolmogorovSmirnov((0..<20).map(Double.init), (20..<40).map(Double.init)))
        #expect(agrees(far.p, 2 / 137_846_528_820, digits: 10), "\(far)")
    }

    @Test("All tied: no distance, and no answer of the ranks; an empty sample or a NaN has no answer")
    func nothing() throws {
        let tied = Array(repeating: 0.7, count: 9)
        #expect(MannWhitney(tied, tied) == nil)
        for pairs in [0, 1000] {
            let own = try #require(KolmogorovSmirnov(tied, tied, exactPairs: pairs))
            #expect(own.distance == 0 && own.p == 1)
        }
        for (a, b) in [([], []), ([1], []), ([], [1]), ([1, .nan], [1]), ([1], [.nan])] as [([Double], [Double])] {
            #expect(MannWhitney(a, b) == nil && KolmogorovSmirnov(a, b) == nil)
        }
        // Infinite values have a place in the order.
        #expect(try #require(MannWhitney([-.infinity, 1], [2, .infinity])).u == 0)
        #expect(try #require(KolmogorovSmirnov([-.infinity], [.infinity])).distance == 1)
    }

    @Test("Large samples take the limit, which the exact p comes near to")
    func large() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let a = (0..<2500).map { _ in random.normal() }
        let b = (0..<2000).map { _ in random.normal() + 0.05 }
        #expect(try #require(KolmogorovSmirnov(a, b)).isExact == false)
        let (c, d) = (Array(a.prefix(500)), Array(b.prefix(499)))
        let exact = try #require(KolmogorovSmirnov(c, d))
        let limit = try #require(KolmogorovSmirnov(c, d, exactPairs: 1))
        #expect(exact.isExact && limit.p >= exact.p && limit.p < 1.5 * exact.p, "seed \(seed): \(exact) \(limit)")
    }

    private static func draw(_ random: inout SplitMix, _ n: Int, _ m: Int, tied: Bool) -> ([Double], [Double]) {
        let values = (0..<n + m).map { _ in tied ? (2 * random.normal()).rounded() : random.normal() }
        return (Array(values.prefix(n)), Array(values.suffix(m)))
    }
}
