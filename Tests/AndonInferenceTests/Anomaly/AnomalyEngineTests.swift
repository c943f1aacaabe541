import AndonInference
import AndonModel
import AndonTesting
import AndonVision
import Synchronization
import Testing

@Suite("Models learned from good pictures, as engines")
struct AnomalyEngineTests {
    private static let side = 96
    private static let card = ModelCard(
        name: "surface", version: "1", task: .anomaly, file: "surface.anomaly",
        sha256: String(repeating: "a", count: 64), input: AnomalyTrunk.simple(side: side).input,
        outputs: .anomaly(.init(map: AnomalyEngine.mapName, regionLevel: 0.5)), classes: ["stain"])

    /// Two planes of features for each quarter of a picture: its mean and its first sample.
    private final class Quarters: InferenceEngine {
        let identity = EngineIdentity(kind: "stand-in", version: "1", place: "here")
        let inputs = [TensorPort(name: "x", shape: [-1, 1, 4, 4])]
        let outputs = [TensorPort(name: "f", shape: [-1, 2, 2, 2])]
        let isClosed = Mutex(false)

        func infer(_ inputs: [String: Tensor], outputs: [String]) async throws(InferenceError) -> [String: Tensor] {
            guard let x = inputs["x"] else { throw InferenceError(.refused, "no x") }
            var values: [Float] = []
            for row in 0..<x.shape[0] {
                let quarters = [0, 2, 8, 10].map { first in
                    [0, 1, 4, 5].map { x.values[row * 16 + first + $0] }
                }
                values += quarters.map { $0.reduce(0, +) / 4 } + quarters.map { $0[0] }
            }
            return ["f": Tensor(shape: [x.shape[0], 2, 2, 2], values: values)]
        }

        func close() async { isClosed.withLock { $0 = true } }
    }

    private static func picture(_ random: SeededSource, side: Int, isStained: Bool = false) -> Pixels {
        let samples = (0..<side * side).map { index -> UInt8 in
            let isIn = isStained && (index % side) >= side / 2 && (index / side) >= side / 2
            return UInt8(110 + 20 * random.unit() + (isIn ? 90 : 0))
        }
        return Pixels(width: side, height: side, colour: .grey, samples: samples)
    }

    private static func learned(
        _ trunk: AnomalyTrunk, _ random: SeededSource, side: Int, smoothing: Double = 1
    ) async throws -> AnomalyFile {
        let pictures = (0..<40).map { _ in picture(random, side: side) }
        var learning = AnomalyLearning()
        learning.smoothing = smoothing
        let result = try await learning.learn(
            count: pictures.count, features: trunk, random: random, picture: { pictures[$0] })
        return AnomalyFile(model: result.model, threshold: result.threshold)
    }

    @Sendable private static func noBackbone(_ onnx: [UInt8]) async throws(InferenceError) -> any InferenceEngine {
        throw InferenceError(.unavailable, "no library")
    }

    private static func load(_ file: AnomalyFile, _ card: ModelCard = card) async throws -> LoadedModel {
        let bytes = try file.encode()
        return try await LoadedModel.load(
            card: card, bytes: bytes, sha256: card.sha256,
            engine: { (_, bytes) async throws(InferenceError) in
                try await AnomalyEngine.load(bytes ?? [], backbone: noBackbone)
            })
    }

    @Test("Behind a card it finds a stain where it is, and says of good pictures what the detector says")
    func findsStain() async throws {
        let random = SeededSource(seed: 11)
        let trunk = AnomalyTrunk.simple(side: Self.side)
        let file = try await Self.learned(trunk, random, side: 64)
        let model = try await Self.load(file)
        let detector = try AnomalyDetector(model: file.model, features: trunk, threshold: file.threshold)
        for index in 0..<20 {
            let picture = Self.picture(random, side: 64, isStained: index % 2 == 0)
            let verdict = try await model.look(picture).verdict
            #expect(abs(verdict.score - (try await detector.look(picture).score)) < 1e-6, "seed 11, picture \(index)")
            #expect(verdict.isGood == (verdict.score < 0.5))
            if index % 2 == 0 {
                let box = try #require(verdict.findings.first?.box, "seed 11, picture \(index)")
                #expect(box.x + box.width / 2 > 32 && box.y + box.height / 2 > 32, "seed 11, picture \(index): \(box)")
            }
        }
    }

    @Test("A batch gives what its pictures give alone")
    func batches() async throws {
        let random = SeededSource(seed: 12)
        let file = try await Self.learned(.simple(side: Self.side), random, side: Self.side)
        let engine = try await AnomalyEngine.load(file.encode(), backbone: Self.noBackbone)
        let names = [AnomalyEngine.scoreName, AnomalyEngine.mapName]
        let rows = (0..<3).map { Self.picture(random, side: Self.side, isStained: $0 == 1).samples.map(Float.init) }
        let shape = [1, Self.side, Self.side]
        let together = try await engine.infer(
            ["picture": Tensor(shape: [3] + shape, values: rows.flatMap { $0 })], outputs: names)
        for (index, row) in rows.enumerated() {
            let alone = try await engine.infer(
                ["picture": Tensor(shape: [1] + shape, values: row)], outputs: [AnomalyEngine.scoreName])
            #expect(alone.keys.sorted() == ["score"])
            #expect(alone["score"]?.values.first == together["score"]?.values[index])
        }
        #expect(together["map"]?.shape == [3, 1, 12, 12])
        let broken = Tensor(shape: [1] + shape, values: rows[0].map { _ in .nan })
        await #expect(throws: InferenceError.self) {
            _ = try await engine.infer(["picture": broken], outputs: names)
        }
    }

    @Test("With a backbone its features are those that the model was learned with, and it is closed with the engine")
    func backbone() async throws {
        let random = SeededSource(seed: 13)
        let network = Quarters()
        let card = ModelCard(
            name: "quarters", version: "1", task: .anomaly, file: "q.onnx", sha256: String(repeating: "b", count: 64),
            input: .init(name: "x", width: 4, height: 4, colour: .grey), outputs: .anomaly(.init(map: "f")),
            classes: ["anomaly"])
        let trunk = try AnomalyTrunk.backbone(card, network)
        var file = try await Self.learned(trunk, random, side: 4, smoothing: 0)
        file.backbone = .init(bytes: [1, 2, 3], output: "f")
        #expect(try AnomalyFile(decoding: file.encode()) == file)

        var own = Self.card
        own.input = trunk.input
        let loaded = try await LoadedModel.load(
            card: own, bytes: try file.encode(), sha256: own.sha256,
            engine: { (_, bytes) async throws(InferenceError) in
                try await AnomalyEngine.load(bytes ?? []) { onnx async throws(InferenceError) in
                    #expect(onnx == [1, 2, 3])
                    return network
                }
            })
        let stained = try await loaded.look(Self.picture(random, side: 4, isStained: true)).verdict
        #expect(stained.findings.first?.box == Box(x: 2, y: 2, width: 2, height: 2))
        await loaded.engine.close()
        #expect(network.isClosed.withLock { $0 })
    }

    @Test("Any bytes are refused with a reason, or give a model that looks at pictures")
    func mutations() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        let file = try await Self.learned(.simple(side: 16), SeededSource(seed: 14), side: 16)
        let good = try file.encode()
        #expect(try AnomalyFile(decoding: good) == file)
        var random = SeededRandom(seed: seed)
        var taken = 0
        for _ in 0..<1_500 {
            var bytes = good
            for _ in 0...random.int(0...3) {
                bytes[random.int(0...min(400, bytes.count - 1))] = UInt8(random.int(0...255))
            }
            if random.chance(20) { bytes.removeLast(random.int(1...bytes.count)) }
            guard
                let engine = try? await AnomalyEngine.load(
                    bytes, backbone: { _ async throws(InferenceError) in Quarters() })
            else { continue }
            taken += 1
            let shape = engine.inputs[0].shape.map { max(1, $0) }
            let picture = Tensor(shape: shape, values: [Float](repeating: 120, count: shape.reduce(1, *)))
            let outputs = try? await engine.infer(["picture": picture], outputs: ["score", "map"])
            #expect(
                outputs?.values.allSatisfy { $0.values.allSatisfy { (0...1).contains($0) } } ?? true, "seed \(seed)")
        }
        print("\(taken) of 1500 changed files were still models")
    }
}
