import AndonModel
import AndonSPC
import AndonTesting
import Testing

@testable import AndonLearn
@testable import AndonLedger

@Suite("Drift of a model's confidence")
struct ConfidenceDriftTests {
    private static let seed: UInt64 = 20_261_128

    private static func detection(_ confidence: Double, _ label: String, at time: Int64 = 0) -> JudgedDetection {
        JudgedDetection(
            asset: "A", defectClass: label, confidence: confidence, detectedAt: time, outcome: .recorded, camera: "C",
            model: "vision", modelVersion: "1")
    }

    @Test("The reference is the first values, the newest the last ones, in whatever number they come")
    func periods() {
        var periods = ConfidencePeriods()
        for number in 0..<249 { periods.add(Double(number), at: Int64(number)) }
        #expect(periods.newest == nil)
        periods.add(249, at: 249)
        #expect(periods.newest?.values.sorted() == (200..<250).map(Double.init))
        for number in 250..<1234 { periods.add(Double(number), at: Int64(number)) }
        #expect(periods.reference.values == (0..<200).map(Double.init))
        #expect(periods.reference.from == 0 && periods.reference.until == 199)
        #expect(periods.newest?.values.sorted() == (1034..<1234).map(Double.init))
        #expect(periods.newest?.from == 1034 && periods.newest?.until == 1233 && periods.count == 1234)
    }

    @Test("A class whose confidence fell is found among forty that did not change")
    func found() {
        var random = SeededRandom(seed: Self.seed)
        var counts = FeedbackCounts()
        for step in 0..<500 {
            for label in 0..<40 {
                let fall = label == 7 && step >= 300 ? 0.15 : 0
                let value = 0.6 + 0.39 * Double(random.int(0...1_000_000)) / 1_000_000 - fall
                counts.add(Self.detection(value, "class-\(label)", at: Int64(step)))
            }
        }
        let drifts = ConfidenceDrift.all(counts.confidences)
        let named = drifts.filter { $0.adjusted < 0.05 }.map(\.stream.defectClass)
        #expect(drifts.count == 40 && named == ["class-7"], "\(named), seed \(Self.seed)")
        #expect((drifts.first?.greater ?? 1) < 0.5)
        #expect(drifts.allSatisfy { $0.adjusted >= $0.test.p })
    }

    @Test("Where nothing changed, no more than the stated share of plants has a finding")
    func error() {
        var random = SeededRandom(seed: Self.seed + 1)
        var findings = 0
        for _ in 0..<200 {
            var counts = FeedbackCounts()
            for step in 0..<260 {
                for label in 0..<4 {
                    // Confidences are written with two digits: many are tied.
                    counts.add(Self.detection(Double(random.int(60...99)) / 100, "class-\(label)", at: Int64(step)))
                }
            }
            if ConfidenceDrift.all(counts.confidences).contains(where: { $0.adjusted < 0.05 }) { findings += 1 }
        }
        // 5 % of 200 is 10; a count above 19 has a chance below 0.003 (binomial).
        #expect(findings <= 19, "\(findings) of 200, seed \(Self.seed + 1)")
    }

    @Test("What joined an open order is the same defect again, and is left out of the comparison")
    func joined() {
        var counts = FeedbackCounts()
        for step in 0..<300 {
            var detection = Self.detection(0.9, "scratch", at: Int64(step))
            detection.outcome = step.isMultiple(of: 2) ? .grouped : .recorded
            counts.add(detection)
        }
        #expect(counts.confidences.values.map(\.count) == [150])
        #expect(counts.months.values.map(\.detections) == [300])
    }
}
