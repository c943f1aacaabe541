import AndonVision

/// Makes the features of an anomaly model: without a network, or by a backbone. The same code makes them while a model is
/// learned and while it runs, so that both see the same.
public struct AnomalyTrunk: AnomalyFeatures {
    /// The input of every anomaly model.
    static let inputName = "picture"

    enum Maker: Sendable {
        case simple(SimpleFeatures)
        case backbone(any InferenceEngine, output: String)
    }

    public let identity: String
    /// What a card says of the input.
    public let input: ModelCard.InputSpec
    let maker: Maker
    private let preprocessor: Preprocessor

    private init(_ identity: String, _ input: ModelCard.InputSpec, _ maker: Maker) {
        (self.identity, self.input, self.maker) = (identity, input, maker)
        preprocessor = Preprocessor(input)
    }

    /// - Parameter side: the picture is stretched to a grey square of so many pixels.
    public static func simple(side: Int) -> AnomalyTrunk {
        let simple = SimpleFeatures(side: side)
        let input = ModelCard.InputSpec(
            name: inputName, width: simple.side, height: simple.side, colour: .grey, scale: 1)
        return AnomalyTrunk(simple.identity, input, .simple(simple))
    }

    /// - Parameters:
    ///   - card: of the backbone; its first output are the features, `[1, depth, rows, columns]`.
    ///   - engine: runs it.
    public static func backbone(_ card: ModelCard, _ engine: any InferenceEngine) throws(InferenceError) -> AnomalyTrunk
    {
        guard let output = card.outputs.names.first else {
            throw InferenceError(.refused, "the card of the backbone \(card.name) names no output")
        }
        var input = card.input
        input.name = inputName
        return AnomalyTrunk("backbone-1/\(card.sha256)/\(output)", input, .backbone(engine, output: output))
    }

    public func features(_ pixels: Pixels) async throws -> FeatureMap {
        guard let map = try await maker.features(of: preprocessor.prepare(pixels).tensor).first else {
            throw InferenceError(.refused, "the features \(identity) came without a picture; check the backbone")
        }
        return map
    }
}

extension AnomalyTrunk.Maker {
    /// The maker of a model that says of which features it was learned; nil for features that this program does not make.
    static func simple(identity: String) -> Self? {
        let parts = identity.split(separator: "/").dropFirst().compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        let features = SimpleFeatures(side: parts[0], patch: parts[1], scales: parts[2])
        return features.identity == identity ? .simple(features) : nil
    }

    /// - Parameter tensor: `[batch, ...]`; of `SimpleFeatures` with grey samples of 0...255.
    /// - Returns: a map for each picture of the batch.
    func features(of tensor: Tensor) async throws(InferenceError) -> [FeatureMap] {
        switch self {
        case .simple(let features):
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw InferenceError(.refused, "the picture has numbers that are none; check the card's scale and std")
            }
            let (height, width) = (tensor.shape[2], tensor.shape[3])
            return (0..<tensor.shape[0]).map { row in
                let picture = tensor.values[row * width * height..<(row + 1) * width * height]
                let samples = picture.map { UInt8(min(max($0, 0), 255).rounded()) }
                return features.features(Pixels(width: width, height: height, colour: .grey, samples: samples))
            }
        case .backbone(let engine, let output):
            guard let input = engine.inputs.first, engine.inputs.count == 1 else {
                throw InferenceError(.refused, "the backbone has \(engine.inputs.count) inputs; one picture is given")
            }
            let outputs = try await engine.infer([input.name: tensor], outputs: [output])
            return try Self.maps(outputs[output], output)
        }
    }

    /// Planes of features, as networks give them, to rows of features for each place.
    private static func maps(_ tensor: Tensor?, _ output: String) throws(InferenceError) -> [FeatureMap] {
        guard let tensor, tensor.shape.count == 4, tensor.shape.allSatisfy({ $0 > 0 }) else {
            throw InferenceError(
                .refused,
                "the backbone's output '\(output)' should be [1, depth, rows, columns], found "
                    + Ports.text(tensor?.shape ?? []))
        }
        let (depth, places) = (tensor.shape[1], tensor.shape[2] * tensor.shape[3])
        return (0..<tensor.shape[0]).map { row in
            var values = [Float](repeating: 0, count: depth * places)
            for index in 0..<depth {
                let plane = (row * depth + index) * places
                for place in 0..<places { values[place * depth + index] = tensor.values[plane + place] }
            }
            return FeatureMap(rows: tensor.shape[2], columns: tensor.shape[3], depth: depth, values: values)
        }
    }
}
