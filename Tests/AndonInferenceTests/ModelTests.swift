import AndonInference
import AndonVision
import Synchronization
import Testing

@Suite("Models in their slots")
struct ModelTests {
    /// Says how defective a picture of 2 grey pixels is.
    final class Scorer: InferenceEngine {
        let identity = EngineIdentity(kind: "stand-in", version: "1", place: "here")
        let inputs: [TensorPort]
        let outputs = [TensorPort(name: "p", shape: [-1, 1])]
        let isClosed = Mutex(false)
        private let score: Float
        private let gate: Gate?

        init(score: Float, shape: [Int] = [-1, 1, 1, 2], gate: Gate? = nil) {
            inputs = [TensorPort(name: "image", shape: shape)]
            (self.score, self.gate) = (score, gate)
        }

        func infer(_ inputs: [String: Tensor], outputs: [String]) async throws(InferenceError) -> [String: Tensor] {
            await gate?.pass()
            if isClosed.withLock({ $0 }) { throw InferenceError(.unavailable, "closed") }
            return ["p": Tensor(shape: [1, 1], values: [score])]
        }

        func close() async { isClosed.withLock { $0 = true } }
    }

    private static let card = ModelCard(
        name: "blots", version: "3", task: .classification, file: "blots.onnx",
        sha256: String(repeating: "a", count: 64),
        input: .init(name: "image", width: 2, height: 1, colour: .grey),
        outputs: .classification(.init(probabilities: "p")), classes: ["blot"])
    private static let picture = Pixels(width: 2, height: 1, colour: .grey, samples: [0, 255])

    private func load(
        _ engine: any InferenceEngine, card: ModelCard = card, bytes: [UInt8]? = [1],
        sha256: String? = card.sha256
    ) async throws -> LoadedModel {
        try await LoadedModel.load(card: card, bytes: bytes, sha256: sha256, engine: { _, _ in engine })
    }

    @Test("A model that is what its card says looks at pictures, with the time of each stage")
    func looks() async throws {
        let model = try await load(Scorer(score: 0.9))
        let (verdict, times) = try await model.look(Self.picture)
        #expect(verdict.findings.map(\.defectClass) == ["blot"] && abs(verdict.score - 0.9) < 1e-6)
        #expect(times.preprocess > .zero && times.infer > .zero && times.postprocess > .zero)
        #expect(model.isHashChecked)
        #expect(try await load(Scorer(score: 0.9), bytes: nil, sha256: nil).isHashChecked == false)
    }

    @Test("A model is refused for its hash, its inputs, its outputs and numbers that are none, and closed")
    func refuses() async throws {
        let hash = await failure {
            _ = try await load(Scorer(score: 0), sha256: String(repeating: "b", count: 64))
        }
        #expect(hash?.reason.contains("not the file of this card") == true)
        let shaped = Scorer(score: 0, shape: [-1, 3, 1, 2])
        let shape = await failure { _ = try await load(shaped) }
        #expect(shape?.reason.contains("[1, 1, 1, 2], the model takes [any, 3, 1, 2]") == true)
        #expect(shaped.isClosed.withLock { $0 })
        var other = Self.card
        other.outputs = .classification(.init(probabilities: "q"))
        let output = await failure { [other] in _ = try await load(Scorer(score: 0), card: other) }
        #expect(output?.reason.contains("reads the output 'q', the model has 'p'") == true)
        let endless = await failure { _ = try await load(Scorer(score: .nan)) }
        #expect(endless?.reason.contains("not finite") == true)
        for error in [hash, shape, output, endless] { #expect(error?.kind == .refused) }
    }

    @Test("A model that is swapped out ends its looks and is closed after the last; no look is lost")
    func swaps() async throws {
        let gate = Gate()
        let old = Scorer(score: 0.1, gate: gate)
        await gate.open()
        let held = Gate()
        let slot = ModelSlot(try await load(old))
        let look = Task {
            try await slot.use { model throws(InferenceError) in
                await held.pass()
                return try await model.look(Self.picture).verdict.score
            }
        }
        await held.waitForOne()
        let new = Scorer(score: 0.7)
        await slot.swap(to: try await load(new))
        #expect(!old.isClosed.withLock { $0 })
        let score = try await slot.use { model throws(InferenceError) in
            try await model.look(Self.picture).verdict.score
        }
        #expect(abs(score - 0.7) < 1e-6)
        await held.open()
        #expect(abs(try await look.value - 0.1) < 1e-6)
        #expect(old.isClosed.withLock { $0 } && !new.isClosed.withLock { $0 })
        await slot.swap(to: nil)
        #expect(new.isClosed.withLock { $0 })
        let empty = await failure { try await slot.use { _ throws(InferenceError) in } }
        #expect(empty?.kind == .unavailable)
    }

    @Test("Hundreds of looks beside swaps all have a verdict, and every model but the last is closed")
    func manySwaps() async throws {
        let models = (0..<20).map { _ in Scorer(score: 0.5) }
        let slot = ModelSlot(try await load(models[0]))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<400 {
                group.addTask {
                    _ = try await slot.use { model throws(InferenceError) in try await model.look(Self.picture).verdict
                    }
                }
            }
            for model in models.dropFirst() { await slot.swap(to: try await load(model)) }
            try await group.waitForAll()
        }
        #expect(models.map { model in model.isClosed.withLock { $0 } } == Array(repeating: true, count: 19) + [false])
    }

    @Test("A shadow is counted where it agrees and where not")
    func shadows() {
        func verdict(_ classes: [String], _ score: Double) -> Verdict {
            Verdict(
                findings: classes.map {
                    Finding(defectClass: $0, score: score, confidence: score, isCalibrated: false)
                },
                score: score)
        }
        var comparison = ShadowComparison()
        #expect(comparison.meanScoreDifference == nil)
        comparison.add(live: verdict([], 0.1), shadow: verdict([], 0.3))
        comparison.add(live: verdict(["blot"], 0.9), shadow: verdict(["blot"], 0.9))
        comparison.add(live: verdict(["blot"], 0.9), shadow: verdict(["crack"], 0.9))
        comparison.add(live: verdict(["blot"], 0.9), shadow: verdict([], 0.1))
        comparison.add(live: verdict([], 0.1), shadow: verdict(["crack"], 0.6))
        comparison.add(live: verdict([], 0.1), shadow: nil)
        #expect(comparison.frames == 5 && comparison.agreed == 2 && comparison.otherClasses == 1)
        #expect(comparison.onlyLive == 1 && comparison.onlyShadow == 1 && comparison.failed == 1)
        #expect(abs((comparison.meanScoreDifference ?? 9) - (0.2 - 0.8 + 0.5) / 5) < 1e-12)
    }
}
