import AndonModel
import Testing

@testable import AndonVision

@Suite("From a model's outputs to findings")
struct PostprocessorTests {
    static func card(
        _ outputs: ModelCard.OutputSpec, classes: [String], good: String? = nil, thresholds: [String: Double] = [:],
        calibration: Calibration = .none, side: Int = 100
    ) -> ModelCard {
        let task: ModelCard.Task =
            switch outputs {
            case .classification: .classification
            case .detection: .detection
            case .segmentation: .segmentation
            case .anomaly: .anomaly
            }
        return ModelCard(
            name: "m", version: "1", task: task, file: "m.onnx", sha256: String(repeating: "0", count: 64),
            input: .init(name: "x", width: side, height: side, resize: .letterbox), outputs: outputs, classes: classes,
            goodClass: good, thresholds: thresholds, calibration: calibration)
    }

    /// A frame of 200 by 100 in the middle of 100 by 100: two pixels for one of the model, bars of 25 above and below.
    static let placement = Placement(
        frameWidth: 200, frameHeight: 100, origin: Point(x: 0, y: -50), scaleX: 2, scaleY: 2)

    static func verdict(_ card: ModelCard, _ outputs: [String: Tensor], row: Int = 0) throws -> Verdict {
        try Postprocessor(card).findings(outputs, row: row, placement: placement)
    }

    // MARK: Classification

    @Test("Softmax is SciPy's, and the strongest defect is the finding where it reaches its threshold")
    func softmax() throws {
        let reference = try Reference.load().softmax
        let values = reference.logits.flatMap { $0 }
        let card = Self.card(
            .classification(.init(probabilities: "p", activation: .softmax)), classes: ["a", "b", "c", "d", "good"],
            good: "good")
        for (row, probabilities) in reference.probabilities.enumerated() {
            let verdict = try Self.verdict(card, ["p": Tensor(shape: [6, 5], values: values)], row: row)
            let highest = probabilities.dropLast().max() ?? 0
            #expect(abs(verdict.score - highest) < 1e-6)
            #expect(verdict.isGood == (highest < 0.5))
            if let found = verdict.findings.first {
                #expect(card.classes.firstIndex(of: found.defectClass) == probabilities.firstIndex { $0 == highest })
                #expect(found.box == nil && !found.isCalibrated && found.confidence == found.score)
            }
        }
    }

    @Test("One output is the probability of the one defect; the threshold holds after calibration")
    func single() throws {
        let card = Self.card(
            .classification(.init(probabilities: "p", activation: .sigmoid)), classes: ["good", "crack"], good: "good",
            thresholds: ["crack": 0.6], calibration: .temperature(2))
        for (logit, isGood) in [(0.8, true), (0.82, false), (-3, true)] as [(Float, Bool)] {
            let verdict = try Self.verdict(card, ["p": Tensor(shape: [1, 1], values: [logit])])
            #expect(verdict.isGood == isGood, "\(logit)")
            #expect(abs(verdict.score - Calibration.sigmoid(Double(logit) / 2)) < 1e-9)
            if let found = verdict.findings.first {
                #expect(found.defectClass == "crack" && found.isCalibrated)
                #expect(abs(found.score - Calibration.sigmoid(Double(logit))) < 1e-9)
            }
        }
    }

    @Test("Classes beside each other are several findings, the strongest first")
    func severalLabels() throws {
        let card = Self.card(
            .classification(.init(probabilities: "p", activation: .sigmoid)), classes: ["a", "b", "c"])
        let verdict = try Self.verdict(card, ["p": Tensor(shape: [1, 3], values: [0.4, -1, 3])])
        #expect(verdict.findings.map(\.defectClass) == ["c", "a"])
    }

    // MARK: Detection

    @Test("The three forms of boxes give the same findings, with the letterbox undone")
    func forms() throws {
        let boxes: [(Float, Float, Float, Float, Float, Int)] = [(20, 40, 10, 20, 0.9, 0), (80, 60, 10, 10, 0.7, 1)]
        let last = boxes.flatMap { [$0.0, $0.1, $0.2, $0.3, $0.5 == 0 ? $0.4 : 0.1, $0.5 == 1 ? $0.4 : 0.1] }
        let first = (0..<6).flatMap { field in boxes.indices.map { last[$0 * 6 + field] } }
        let corners = boxes.flatMap { box -> [Float] in
            let (x, y, width, height, score, index) = box
            return [x - width / 2, y - height / 2, x + width / 2, y + height / 2, score, Float(index)]
        }
        let ready = corners + [0, 0, 0, 0, 0, -1]
        let tensors: [(ModelCard.OutputSpec.BoxForm, Tensor)] = [
            (.centreFirst, Tensor(shape: [1, 6, 2], values: first)),
            (.centreLast, Tensor(shape: [1, 2, 6], values: last)),
            (.endToEnd, Tensor(shape: [1, 3, 6], values: ready)),
        ]
        for (form, tensor) in tensors {
            let card = Self.card(.detection(.init(boxes: "b", boxForm: form)), classes: ["crack", "dent"])
            let verdict = try Self.verdict(card, ["b": tensor])
            #expect(verdict.findings.map(\.defectClass) == ["crack", "dent"])
            #expect(verdict.findings.first?.box == Box(x: 30, y: 10, width: 20, height: 40))
            #expect(verdict.findings.last?.box == Box(x: 150, y: 60, width: 20, height: 20))
            #expect(abs(verdict.score - 0.9) < 1e-6)
        }
    }

    @Test("A good class is no finding, a box in the bars is nowhere, and a threshold holds for its class")
    func leftOut() throws {
        let card = Self.card(
            .detection(.init(boxes: "b", boxForm: .endToEnd)), classes: ["screw", "crack", "dent"], good: "screw",
            thresholds: ["dent": 0.8])
        let rows: [[Float]] = [
            [0, 30, 10, 40, 0.99, 0], [0, 0, 10, 20, 0.95, 1], [0, 30, 10, 40, 0.75, 2], [0, 30, 10, 40, 0.6, 1],
        ]
        let verdict = try Self.verdict(card, ["b": Tensor(shape: [1, 4, 6], values: rows.flatMap { $0 })])
        #expect(verdict.findings.count == 1 && verdict.findings.first?.defectClass == "crack")
        #expect(abs(verdict.score - 0.95) < 1e-6)
    }

    @Test("Suppression keeps what a naive one keeps: the strongest that is left, then all it overlaps go")
    func suppression() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        for round in 0..<100 {
            let candidates = (0..<60).map { _ in
                let (x, y) = (dice.unit() * 60, dice.unit() * 60)
                return Postprocessor.Candidate(
                    left: x, top: y, right: x + 5 + dice.unit() * 30, bottom: y + 5 + dice.unit() * 30,
                    score: dice.unit(), classIndex: .random(in: 0...2, using: &dice))
            }.sorted { $0.score > $1.score }
            let perClass = round.isMultiple(of: 2)
            var (left, naive) = (candidates, [Postprocessor.Candidate]())
            while let strongest = left.max(by: { $0.score < $1.score }) {
                naive.append(strongest)
                left.removeAll {
                    $0 == strongest
                        || (!perClass || $0.classIndex == strongest.classIndex) && Self.grid($0, strongest) > 0.45
                }
            }
            let kept = Postprocessor.suppressed(candidates, iou: 0.45, perClass: perClass, max: 300)
            #expect(kept == naive)
            #expect(
                Postprocessor.suppressed(candidates, iou: 0.45, perClass: perClass, max: 3) == Array(naive.prefix(3)))
        }
    }

    /// Intersection over union from the lengths of unions, another way than the code's.
    private static func grid(_ one: Postprocessor.Candidate, _ other: Postprocessor.Candidate) -> Double {
        let across =
            (one.right - one.left) + (other.right - other.left) - max(one.right, other.right)
            + min(one.left, other.left)
        let down =
            (one.bottom - one.top) + (other.bottom - other.top) - max(one.bottom, other.bottom)
            + min(one.top, other.top)
        let common = max(0, across) * max(0, down)
        let area = { (box: Postprocessor.Candidate) in (box.right - box.left) * (box.bottom - box.top) }
        return common / (area(one) + area(other) - common)
    }

    // MARK: Refusals

    @Test("A wrong shape, a missing output, or a number that is none is refused with what the card says and what came")
    func refusals() {
        let detection = Self.card(.detection(.init(boxes: "b", boxForm: .centreFirst)), classes: ["a", "b"])
        let ready = Self.card(.detection(.init(boxes: "b", boxForm: .endToEnd)), classes: ["a", "b"])
        let classes = Self.card(.classification(.init(probabilities: "p")), classes: ["a", "b"])
        let mask = Self.card(.segmentation(.init(mask: "m")), classes: ["a", "b"])
        let anomaly = Self.card(.anomaly(.init(score: "s", map: "m")), classes: ["odd"])
        let one = Tensor(shape: [1, 1], values: [0.9])
        let cases: [(ModelCard, [String: Tensor], String)] = [
            (detection, [:], "b"), (detection, ["c": one], "c"),
            (detection, ["b": Tensor(shape: [1, 5, 2], values: .init(repeating: 0, count: 10))], "[1, 5, 2]"),
            (detection, ["b": Tensor(shape: [1, 6, 1], values: [1, 1, 1, 1, 7, 0])], "7"),
            (ready, ["b": Tensor(shape: [1, 1, 6], values: [0, 0, 1, 1, 0.9, 2])], "2.0"),
            (ready, ["b": Tensor(shape: [1, 1, 6], values: [0, 0, .nan, 1, 0.9, 0])], "NaN"),
            (ready, ["b": Tensor(shape: [0, 1, 6], values: [])], "picture 0"),
            (classes, ["p": Tensor(shape: [1, 2], values: [.infinity, 0])], "infinite"),
            (classes, ["p": Tensor(shape: [1, 2], values: [3, -2])], "activation"),
            (classes, ["p": Tensor(shape: [1, 3], values: [0, 0, 0])], "[1, 3]"),
            (classes, ["p": one], "[1, 1]"), (mask, ["m": one], "[1, 1]"),
            (mask, ["m": Tensor(shape: [1, 2, 0, 4], values: [])], "[1, 2, 0, 4]"),
            (anomaly, ["s": Tensor(shape: [1, 2], values: [0, 0]), "m": one], "[1, 2]"),
            (anomaly, ["s": one, "m": Tensor(shape: [1, 2, 1, 1], values: [0, 0])], "[1, 2, 1, 1]"),
        ]
        for (card, outputs, said) in cases {
            let error = #expect(throws: InferenceError.self) { try Self.verdict(card, outputs) }
            #expect(error?.kind == .refused && error?.reason.contains(said) == true, "\(error?.reason ?? "")")
        }
    }

    @Test("No numbers and no shape stop the reader: it answers within the frame, or refuses")
    func strangeOutputs() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        let cards = [
            Self.card(.detection(.init(boxes: "o", boxForm: .centreFirst)), classes: ["a", "b"]),
            Self.card(.detection(.init(boxes: "o", boxForm: .centreLast)), classes: ["a", "b"]),
            Self.card(.detection(.init(boxes: "o", boxForm: .endToEnd)), classes: ["a", "b"]),
            Self.card(.classification(.init(probabilities: "o", activation: .softmax)), classes: ["a", "b"]),
            Self.card(.segmentation(.init(mask: "o", activation: .sigmoid)), classes: ["a", "b"]),
            Self.card(.anomaly(.init(map: "o")), classes: ["a"]),
        ]
        let strange: [Float] = [0, -0.0, 0.5, 1, -1, 1e30, -1e30, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 2]
        for _ in 0..<3_000 {
            let shape = (0..<Int.random(in: 1...4, using: &dice)).map { _ in
                [0, 1, 1, 2, 5, 6].randomElement(using: &dice) ?? 1
            }
            let values = (0..<shape.reduce(1, *)).map { _ in strange.randomElement(using: &dice) ?? 0 }
            let card = try #require(cards.randomElement(using: &dice))
            guard let verdict = try? Self.verdict(card, ["o": Tensor(shape: shape, values: values)]) else { continue }
            #expect((0...1).contains(verdict.score))
            for box in verdict.findings.compactMap(\.box) {
                #expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 200 && box.y + box.height <= 100)
            }
        }
    }
}
