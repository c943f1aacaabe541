import AndonModel
import Testing

@testable import AndonVision

@Suite("Thresholds, regions and features")
struct AnomalyPartsTests {
    @Test("With 50 good pictures one per cent is not claimed; with 300 it is, and what is needed is said")
    func claims() throws {
        let random = Seeded(4)
        let few = try AnomalyThreshold(scores: (0..<50).map { _ in 5 + random.normal() })
        #expect(!few.isShown && few.above == 0 && abs(few.rateAtMost - 0.0582) < 1e-4)
        #expect(few.claim.contains("at most 5.82 %") && few.claim.contains("299 pictures"), "\(few.claim)")
        let many = try AnomalyThreshold(scores: (0..<300).map { _ in 5 + random.normal() })
        #expect(many.isShown && many.above == 0 && many.rateAtMost <= 0.01)
        let scores = (1...1_000).map { Double($0) }
        let loose = try AnomalyThreshold(scores: scores, falseAlarms: 0.05)
        #expect(loose.isShown && loose.above == 38 && loose.score == 962, "\(loose)")
    }

    @Test("Over 400 sets of 100 scores the true rate exceeds the claim no more often than the confidence allows")
    func coverage() throws {
        let random = Seeded(11)
        var broken = 0
        for _ in 0..<400 {
            let scores = (0..<100).map { _ in random.unit() }
            let threshold = try AnomalyThreshold(scores: scores, falseAlarms: 0.05, confidence: 0.9)
            if 1 - threshold.score > threshold.rateAtMost { broken += 1 }
        }
        #expect(Binomial.atMost(broken - 1, of: 400, rate: 0.1) < 0.9999, "\(broken) of 400, seed 11")
    }

    @Test("The threshold is 0.5, the order of scores is kept, and none leaves 0...1")
    func normalisation() throws {
        for scores in [(0..<40).map { 2 + 0.1 * Double($0) }, [Double](repeating: 3, count: 9)] {
            let threshold = try AnomalyThreshold(scores: scores)
            #expect(abs(threshold.normalised(threshold.score) - 0.5) < 1e-12)
            let values = stride(from: -10.0, to: 60, by: 0.01).map { threshold.normalised($0) }
            #expect(values == values.sorted() && values.allSatisfy { (0...1).contains($0) })
        }
        #expect(throws: AnomalyModelError.self) { try AnomalyThreshold(scores: [1, 2, .nan, 3]) }
        #expect(throws: AnomalyModelError.self) { try AnomalyThreshold(scores: [1, 2, 3, 4], falseAlarms: 0) }
    }

    @Test("Regions hang together over corners, come from the highest down, and lie in pixels of the frame")
    func regions() {
        let map = AnomalyMap(
            rows: 4, columns: 5,
            values: [
                9, 0, 0, 0, 0,
                0, 8, 0, 0, 3,
                0, 0, 0, 0, 4,
                0, 0, 0, 0, 1,
            ])
        let found = AnomalyRegions(peakShare: 0.5).find(in: map, above: 2, width: 500, height: 200)
        #expect(found.map(\.peak) == [9, 4])
        #expect(
            found.map(\.box) == [
                Box(x: 0, y: 0, width: 200, height: 100), Box(x: 400, y: 50, width: 100, height: 100),
            ])
        let narrow = AnomalyRegions(peakShare: 0.9, regionsMax: 1).find(in: map, above: 2, width: 500, height: 200)
        #expect(narrow.map(\.box) == [Box(x: 0, y: 0, width: 100, height: 50)])
        #expect(AnomalyRegions(placesMin: 3).find(in: map, above: 2, width: 5, height: 4).isEmpty)
        #expect(AnomalyRegions().find(in: map, above: 9, width: 5, height: 4).isEmpty)
    }

    @Test("A picture that is even has its brightness and nothing else; edges fall into their own direction")
    func features() {
        let even = Pixels(width: 30, height: 20, colour: .rgb, samples: [UInt8](repeating: 51, count: 1800))
        let features = SimpleFeatures(side: 32, patch: 8, scales: 2).features(even)
        #expect(features.rows == 4 && features.columns == 4 && features.depth == 14)
        for place in 0..<16 {
            #expect(abs(features.values[place * 14] - 0.2) < 1e-5)
            #expect(features.values[(place * 14 + 1)..<(place * 14 + 7)].allSatisfy { $0 < 1e-3 })
        }
        let stripes = (0..<1024).map { UInt8($0 % 32 / 4 % 2 * 255) }
        let upright = SimpleFeatures(side: 32, patch: 8, scales: 1)
            .features(Pixels(width: 32, height: 32, colour: .grey, samples: stripes))
        #expect(upright.values[2] > 0.2 && upright.values[4] == 0 && upright.values[3] > 0)
    }

    @Test("A stretched copy keeps the mean, up and down, and pictures of any size have features")
    func stretching() {
        let random = Seeded(2)
        for (width, height) in [(1, 1), (3, 100), (40, 8), (33, 57)] {
            let samples = random.bytes(width * height)
            let pixels = Pixels(width: width, height: height, colour: .grey, samples: samples)
            let copy = GreyPicture(stretching: pixels, width: 16, height: 16)
            let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
            let copied = copy.values.reduce(0.0) { $0 + Double($1) } / 256
            #expect(abs(mean - copied) < 0.01, "\(width) by \(height)")
            let features = SimpleFeatures(side: 20, patch: 7, scales: 4).features(pixels)
            #expect(features.values.allSatisfy { $0.isFinite })
        }
    }
}
