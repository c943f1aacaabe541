import AndonVision
import Testing

@Suite("Calibration")
struct CalibrationTests {
    @Test("Fits are those of scikit-learn and SciPy")
    func counterparts() throws {
        for one in try Reference.load().calibration {
            guard case .temperature(let t) = try Calibration.fitTemperature(scores: one.scores, labels: one.labels),
                case .platt(let a, let b) = try Calibration.fitPlatt(scores: one.scores, labels: one.labels)
            else {
                Issue.record("another form came out")
                continue
            }
            #expect(abs(t / one.temperature - 1) < 1e-5, "\(t) and \(one.temperature)")
            #expect(abs(a - one.platt[0]) < 2e-3 && abs(b - one.platt[1]) < 2e-3, "\(a), \(b) and \(one.platt)")
            let isotonic = try Calibration.fitIsotonic(scores: one.scores, labels: one.labels)
            for (score, expected) in zip(one.grid, one.isotonic) {
                #expect(abs(isotonic.confidence(score) - expected) < 1e-6, "at \(score)")
            }
            let error = try #require(Calibration.expectedError(confidences: one.scores, labels: one.labels))
            let brier = try #require(Calibration.brier(confidences: one.scores, labels: one.labels))
            #expect(abs(error - one.error) < 1e-9 && abs(brier - one.brier) < 1e-12)
        }
    }

    @Test("Every fit rises with the score, stays in 0...1, and no temperature is better beside the one found")
    func properties() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        for _ in 0..<40 {
            let scores = (0..<200).map { _ in dice.unit() }
            let labels = scores.map { dice.unit() < $0 * $0 }
            let fits = [
                try Calibration.fitTemperature(scores: scores, labels: labels),
                try Calibration.fitPlatt(scores: scores, labels: labels),
                try Calibration.fitIsotonic(scores: scores, labels: labels),
            ]
            for fit in fits {
                let line = (0...1_000).map { fit.confidence(Double($0) / 1_000) }
                #expect(line.allSatisfy { (0...1).contains($0) })
                #expect(zip(line, line.dropFirst()).allSatisfy { $0 <= $1 + 1e-15 })
            }
        }
    }

    @Test("Without calibration the score stays; σ(2 · logit) and knots are as by hand")
    func byHand() {
        #expect(Calibration.none.confidence(0.37) == 0.37)
        #expect(abs(Calibration.temperature(0.5).confidence(0.8) - 16.0 / 17) < 1e-12)
        #expect(abs(Calibration.platt(a: 2, b: 0).confidence(0.8) - 16.0 / 17) < 1e-12)
        let knots = Calibration.isotonic([.init(score: 0.2, confidence: 0.1), .init(score: 0.6, confidence: 0.5)])
        #expect(knots.confidence(0) == 0.1 && knots.confidence(1) == 0.5)
        #expect(abs(knots.confidence(0.4) - 0.3) < 1e-12)
        #expect((0...1).contains(Calibration.temperature(0.05).confidence(1)))
    }

    @Test("What cannot be fitted says why")
    func refusals() {
        #expect(throws: CalibrationError.self) { try Calibration.fitPlatt(scores: [0.1], labels: []) }
        #expect(throws: CalibrationError.self) { try Calibration.fitPlatt(scores: [0.1, 0.2], labels: [true, true]) }
        #expect(throws: CalibrationError.self) {
            try Calibration.fitIsotonic(scores: [0.1, .nan], labels: [true, false])
        }
        #expect(throws: CalibrationError.self) {
            try Calibration.fitPlatt(scores: [0.1, 0.9, 0.2, 0.8], labels: [true, false, true, false])
        }
        #expect(Calibration.expectedError(confidences: [], labels: []) == nil)
        #expect(Calibration.brier(confidences: [0.5], labels: []) == nil)
    }
}
