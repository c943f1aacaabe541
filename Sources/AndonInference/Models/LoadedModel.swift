import AndonModel
import AndonVision

/// How long each stage of a look took.
public struct ModelTimes: Sendable, Hashable {
    public var preprocess: Duration
    public var infer: Duration
    public var postprocess: Duration

    public init(preprocess: Duration, infer: Duration, postprocess: Duration) {
        self.preprocess = preprocess
        self.infer = infer
        self.postprocess = postprocess
    }
}

/// Makes the engine for a card; the bytes are those of its file, nil for a model that a server has.
public typealias EngineMaker =
    @Sendable (_ card: ModelCard, _ bytes: [UInt8]?) async throws(InferenceError) -> any InferenceEngine

/// A model that was held against its card and has looked at a picture.
public struct LoadedModel: Sendable {
    public let card: ModelCard
    /// Of the file that was loaded; the card's for a model that a server has.
    public let sha256: String
    /// Whether the bytes have this hash, or only the card says so, as nobody sees what a server has loaded.
    public let isHashChecked: Bool
    public let engine: any InferenceEngine
    public let preprocessor: Preprocessor
    public let postprocessor: Postprocessor
    private let time: any TimeSource

    /// Makes the engine, compares its inputs and outputs with the card, and looks at a picture once.
    ///
    /// - Parameters:
    ///   - bytes: the model's file, nil for a model that a server has.
    ///   - sha256: of `bytes`, as the caller computed it, in hexadecimal.
    ///   - warmUp: a picture like those of the camera; nil for a grey one.
    /// - Throws: `.refused` for a model that is not what its card says, whatever the engine throws otherwise. The engine
    ///   is closed then.
    public static func load(
        card: ModelCard, bytes: [UInt8]?, sha256: String?, engine make: EngineMaker, warmUp: Pixels? = nil,
        time: any TimeSource = SystemTime()
    ) async throws(InferenceError) -> LoadedModel {
        guard (bytes == nil) == (sha256 == nil) else {
            throw refusal(card, "its bytes and their hash go together; one of them was not given")
        }
        if let sha256, sha256.lowercased() != card.sha256.lowercased() {
            throw refusal(
                card, "\(card.file) has the SHA-256 \(sha256), its card says \(card.sha256): not the file of this card")
        }
        let engine = try await make(card, bytes)
        let model = LoadedModel(card, engine, isHashChecked: sha256 != nil, time)
        do {
            try model.checkPorts()
            try await model.warmUp(with: warmUp)
            return model
        } catch {
            await engine.close()
            throw error
        }
    }

    private init(_ card: ModelCard, _ engine: any InferenceEngine, isHashChecked: Bool, _ time: any TimeSource) {
        (self.card, self.engine, self.time) = (card, engine, time)
        (sha256, self.isHashChecked) = (card.sha256.lowercased(), isHashChecked)
        preprocessor = Preprocessor(card.input)
        postprocessor = Postprocessor(card)
    }

    /// Looks at one picture.
    public func look(_ pixels: Pixels) async throws(InferenceError) -> (verdict: Verdict, times: ModelTimes) {
        let start = time.uptime()
        let prepared = preprocessor.prepare(pixels)
        let isPrepared = time.uptime()
        let outputs = try await engine.infer(
            [card.input.name: prepared.tensor], outputs: postprocessor.outputNames)
        let isInferred = time.uptime()
        let verdict = try postprocessor.findings(outputs, row: 0, placement: prepared.placement)
        let times = ModelTimes(
            preprocess: isPrepared - start, infer: isInferred - isPrepared, postprocess: time.uptime() - isInferred)
        return (verdict, times)
    }

    private func checkPorts() throws(InferenceError) {
        guard engine.inputs.count == 1, let input = engine.inputs.first, input.name == card.input.name else {
            throw Self.refusal(
                card, "its card has the one input '\(card.input.name)', the model has \(Ports.names(engine.inputs))")
        }
        guard input.takes(card.input.shape) else {
            throw Self.refusal(
                card,
                "its card gives '\(input.name)' \(Ports.text(card.input.shape)), the model takes \(Ports.text(input.shape))"
            )
        }
        for name in postprocessor.outputNames {
            guard let output = engine.outputs.first(where: { $0.name == name }) else {
                throw Self.refusal(
                    card, "its card reads the output '\(name)', the model has \(Ports.names(engine.outputs))")
            }
            guard TensorBytes.width(of: output.datatype) != nil else {
                throw Self.refusal(card, "its output '\(name)' is \(output.datatype), and not numbers")
            }
        }
    }

    private func warmUp(with picture: Pixels?) async throws(InferenceError) {
        let (width, height, colour) = (card.input.width, card.input.height, card.input.colour)
        let grey = [UInt8](repeating: 128, count: width * height * colour.rawValue)
        let prepared = preprocessor.prepare(
            picture ?? Pixels(width: width, height: height, colour: colour, samples: grey))
        let outputs = try await engine.infer(
            [card.input.name: prepared.tensor], outputs: postprocessor.outputNames)
        if let odd = outputs.first(where: { !$0.value.values.allSatisfy(\.isFinite) }) {
            throw Self.refusal(card, "its output '\(odd.key)' has numbers that are not finite for the first picture")
        }
        _ = try postprocessor.findings(outputs, row: 0, placement: prepared.placement)
    }

    private static func refusal(_ card: ModelCard, _ words: String) -> InferenceError {
        InferenceError(.refused, "model \(card.name) \(card.version): \(words)")
    }
}
