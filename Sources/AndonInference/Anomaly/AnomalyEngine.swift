import AndonModel
import AndonVision

/// Runs a model that was learned from good pictures alone, behind the same interface as any other.
///
/// Its input `picture` is what `AnomalyTrunk.input` says; its outputs are `score`, `[batch, 1]`, and `map`,
/// `[batch, 1, rows, columns]`, both 0...1 with the threshold at 0.5. In the map only the cores of regions lie above it.
public struct AnomalyEngine: InferenceEngine {
    public static let scoreName = "score"
    public static let mapName = "map"

    public let identity: EngineIdentity
    public let inputs: [TensorPort]
    public let outputs: [TensorPort]
    private let file: AnomalyFile
    private let maker: AnomalyTrunk.Maker
    private let ports: Ports

    /// - Parameters:
    ///   - bytes: the model's file, as `AnomalyFile` has it.
    ///   - make: makes the engine of the backbone; not called for a model without one.
    public static func load(
        _ bytes: [UInt8],
        backbone make: (_ onnx: [UInt8]) async throws(InferenceError) -> any InferenceEngine
    ) async throws(InferenceError) -> AnomalyEngine {
        let file: AnomalyFile
        do throws(AnomalyModelError) { file = try AnomalyFile(decoding: bytes) } catch {
            throw InferenceError(.refused, error.reason)
        }
        if let backbone = file.backbone {
            let engine = try await make(backbone.bytes)
            do throws(InferenceError) {
                return try AnomalyEngine(file, .backbone(engine, output: backbone.output), engine.inputs.first?.shape)
            } catch {
                await engine.close()
                throw error
            }
        }
        guard let maker = AnomalyTrunk.Maker.simple(identity: file.model.identity), case .simple(let features) = maker
        else {
            throw InferenceError(
                .refused,
                "the anomaly model wants the features \(file.model.identity), which this program does not make")
        }
        return try AnomalyEngine(file, maker, [-1, 1, features.side, features.side])
    }

    private init(_ file: AnomalyFile, _ maker: AnomalyTrunk.Maker, _ shape: [Int]?) throws(InferenceError) {
        (self.file, self.maker) = (file, maker)
        identity = EngineIdentity(kind: "andon-anomaly", version: "1", place: file.model.identity)
        inputs = [TensorPort(name: AnomalyTrunk.inputName, shape: shape ?? [])]
        outputs = [
            TensorPort(name: Self.scoreName, shape: [-1, 1]),
            TensorPort(name: Self.mapName, shape: [-1, 1, file.model.rows, file.model.columns]),
        ]
        ports = try Ports(model: identity.place, inputs: inputs, outputs: outputs)
    }

    public func infer(
        _ inputs: [String: Tensor], outputs: [String]
    ) async throws(InferenceError) -> [String: Tensor] {
        try ports.check(inputs, outputs: outputs)
        guard let picture = inputs[AnomalyTrunk.inputName] else { return [:] }
        var (scores, places) = ([Float](), [Float]())
        let maps = try await maker.features(of: picture)
        for features in maps {
            let map: AnomalyMap
            do throws(AnomalyModelError) { map = try file.model.map(features) } catch {
                throw InferenceError(.refused, error.reason)
            }
            scores.append(Float(file.threshold.normalised(map.score)))
            places += cores(of: map)
        }
        let all = [
            Self.scoreName: Tensor(shape: [maps.count, 1], values: scores),
            Self.mapName: Tensor(shape: [maps.count, 1, file.model.rows, file.model.columns], values: places),
        ]
        return all.filter { outputs.contains($0.key) }
    }

    /// The map as it is read with one level for all regions: what smoothing spread around the core of a region is taken
    /// below the threshold, so that a strong defect has no larger box than a weak one.
    private func cores(of map: AnomalyMap) -> [Float] {
        let boxes = AnomalyRegions().find(
            in: map, above: file.threshold.score, width: map.columns, height: map.rows
        ).map(\.box)
        return map.values.enumerated().map { index, value in
            let (x, y) = (Double(index % map.columns), Double(index / map.columns))
            let isCore = boxes.contains { box in
                (box.x..<box.x + box.width).contains(x) && (box.y..<box.y + box.height).contains(y)
            }
            let share = Float(file.threshold.normalised(Double(value)))
            return isCore ? share : min(share, Float(0.5).nextDown)
        }
    }

    public func close() async {
        if case .backbone(let engine, _) = maker { await engine.close() }
    }
}
