import AndonInference
import AndonLedger
import AndonModel
import AndonSources
import AndonVision

/// What a person asks of a model beside the flow.
public enum VisionTools {
    /// - Throws: every fault of the card at once, with its line.
    public static func card(_ path: String) throws(ModelRefusal) -> ModelCard { try ModelHouse.card(path) }

    /// The same for a card that lies in no file yet.
    public static func card(_ text: [UInt8], file: String) throws(ModelRefusal) -> ModelCard {
        try ModelHouse.card(text, file: file)
    }

    /// Loads a model as a camera does: card and file are held against each other, and it looks at a picture once.
    ///
    /// - Parameters:
    ///   - path: of the card; the model's file lies beside it.
    ///   - isCalibrated: false for the model's own scores, whatever its card says of them.
    public static func load(
        _ path: String, _ engine: CameraSettings.Engine, isCalibrated: Bool = true, time: any TimeSource
    ) async throws(ModelRefusal) -> LoadedModel {
        // The person who typed the address allows it; the list of allowed ones belongs to a configuration.
        let house = ModelHouse(time: time, trustedCertificates: [], address: { $0 })
        return try await house.load(path, engine, isCalibrated: isCalibrated)
    }

    /// A network whose output are features, for `AnomalyTrunk`. Its card has `task: anomaly` and names them as its map.
    public static func backbone(
        _ path: String, library: String?, threads: Int
    ) throws(ModelRefusal) -> (card: ModelCard, bytes: [UInt8], engine: any InferenceEngine) {
        let card = try ModelHouse.card(path)
        do throws(InferenceError) {
            let file = try ModelHouse.model(card, besides: path, .onnxRuntime(library: library, threads: threads))
            let bytes = file ?? []
            guard Hex.sha256(bytes) == card.sha256 else {
                throw InferenceError(.refused, "\(card.file) has not the SHA-256 of its card \(path)")
            }
            let engine = try ONNXRuntimeEngine(
                library: try .open(path: library), model: bytes, name: card.name, threads: threads)
            return (card, bytes, engine)
        } catch {
            throw ModelRefusal([error.reason], isWorthTryingAgain: error.isWorthTryingAgain)
        }
    }
}
