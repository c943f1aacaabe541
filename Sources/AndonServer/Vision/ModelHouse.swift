import AndonConfiguration
import AndonInference
import AndonLedger
import AndonModel
import AndonSources
import AndonVision
import Foundation

/// Reads model cards and makes what runs their models. Cameras with the same model on the same engine share one, so that their
/// frames go together.
actor ModelHouse {
    /// A card is a page of text, and a model is held in memory twice while it is loaded.
    private static let cardBytesMax = 1 << 20
    private static let modelBytesMax = 2 << 30

    private let time: any TimeSource
    private let trustedCertificates: [String]
    private let address: AddressCheck
    private var shared: [Key: Shared] = [:]

    struct Key: Hashable, Sendable {
        /// A model on a server goes by its name.
        var name: String
        var sha256: String
        var engine: CameraSettings.Engine
    }

    private struct Shared {
        var engine: Task<any InferenceEngine, any Error>
        var users: Int
    }

    /// - Parameter address: an address of a host that a connection may be opened to, or why not.
    init(
        time: any TimeSource, trustedCertificates: [String],
        address: @escaping @Sendable (_ host: String) async throws -> String
    ) {
        (self.time, self.trustedCertificates) = (time, trustedCertificates)
        self.address = { host, _ async throws(InferenceError) in
            do { return try await address(host) } catch { throw InferenceError(.unavailable, "\(error)") }
        }
    }

    /// A model that was held against its card and has looked at a picture.
    ///
    /// - Parameter isCalibrated: false for the model's own scores, whatever its card says of them.
    /// - Throws: every fault of the card at once, or why the model does not run.
    func load(
        _ path: String, _ engine: CameraSettings.Engine, isCalibrated: Bool = true
    ) async throws(ModelRefusal) -> LoadedModel {
        var card = try Self.card(path)
        if !isCalibrated { card.calibration = .none }
        do throws(InferenceError) {
            let bytes = try Self.model(card, besides: path, engine)
            return try await LoadedModel.load(
                card: card, bytes: bytes, sha256: bytes.map { Hex.sha256($0) },
                engine: { (card, bytes) async throws(InferenceError) in
                    try await self.engine(Key(name: card.name, sha256: card.sha256, engine: engine), card, bytes)
                }, time: time)
        } catch {
            throw ModelRefusal([error.reason], isWorthTryingAgain: error.isWorthTryingAgain)
        }
    }

    // MARK: Files

    static func card(_ path: String) throws(ModelRefusal) -> ModelCard {
        guard let bytes = bytes(path, max: cardBytesMax) else {
            throw ModelRefusal(["the model card \(path) cannot be read, or has more than \(cardBytesMax) bytes"])
        }
        return try card(bytes, file: path)
    }

    /// - Parameter path: what faults call it.
    static func card(_ bytes: [UInt8], file path: String) throws(ModelRefusal) -> ModelCard {
        let faults = SettingsFaults()
        let settings: Settings
        do throws(SettingsFault) {
            settings = try YAMLDocument.settings(String(decoding: bytes, as: UTF8.self), file: path)
        } catch {
            throw ModelRefusal(["\(path): \(error)"])
        }
        let card = ModelCard(reading: SettingsReader(settings, faults: faults, secrets: .system))
        guard faults.faults.isEmpty else { throw ModelRefusal(faults.faults.map { "\(path): \($0)" }) }
        return card
    }

    /// The bytes beside the card; nil for a model that a server has.
    static func model(
        _ card: ModelCard, besides path: String, _ engine: CameraSettings.Engine
    ) throws(InferenceError) -> [UInt8]? {
        guard case .onnxRuntime = engine else { return nil }
        let file = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(card.file).path
        guard let bytes = bytes(file, max: modelBytesMax) else {
            throw InferenceError(
                .refused, "the model's file \(file) cannot be read, or has more than \(modelBytesMax) bytes")
        }
        return bytes
    }

    private static func bytes(_ path: String, max: Int) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: max + 1), data.count <= max else { return nil }
        return Array(data)
    }

    // MARK: Engines

    private func engine(
        _ key: Key, _ card: ModelCard, _ bytes: [UInt8]?
    ) async throws(InferenceError) -> any InferenceEngine {
        let making =
            shared[key]?.engine
            ?? Task { [time, trustedCertificates, address] in
                try await Self.make(key.engine, card, bytes, time, trustedCertificates, address)
            }
        shared[key, default: Shared(engine: making, users: 0)].users += 1
        do {
            return SharedEngine(try await making.value, release: { await self.release(key) })
        } catch {
            await release(key)
            throw error as? InferenceError ?? InferenceError(.unavailable, "\(error)")
        }
    }

    private func release(_ key: Key) async {
        shared[key]?.users -= 1
        guard let last = shared[key], last.users <= 0 else { return }
        shared[key] = nil
        await (try? last.engine.value)?.close()
    }

    private static func make(
        _ engine: CameraSettings.Engine, _ card: ModelCard, _ bytes: [UInt8]?, _ time: any TimeSource,
        _ trustedCertificates: [String], _ address: @escaping AddressCheck
    ) async throws(InferenceError) -> any InferenceEngine {
        switch engine {
        case .onnxRuntime(let library, let threads):
            let onnx = { (bytes: [UInt8]) throws(InferenceError) -> any InferenceEngine in
                try ONNXRuntimeEngine(
                    library: try .open(path: library), model: bytes, name: card.name, threads: threads)
            }
            let bytes = bytes ?? []
            return try AnomalyFile.isOne(bytes) ? await AnomalyEngine.load(bytes, backbone: onnx) : onnx(bytes)
        case .openInference(let remote):
            guard let url = URL(string: remote.url), let host = url.host else {
                throw InferenceError(.refused, "\(remote.url) is no address of a server")
            }
            let usesTLS = url.scheme == "https"
            let server = OpenInferenceServer(
                host: host, port: url.port ?? (usesTLS ? 443 : 80), usesTLS: usesTLS, model: remote.model ?? card.name,
                deadline: remote.timeout, readyWithin: .seconds(5), trustedCertificates: trustedCertificates)
            let connected: any InferenceEngine =
                switch remote.form {
                case .http: try await OpenInferenceHTTP.connect(to: server, connect: address, time: time)
                case .grpc: try await OpenInferenceGRPC.connect(to: server, connect: address, time: time)
                }
            return BatchingEngine(
                connected, batchMax: remote.batchMax, gather: remote.gather, overlap: remote.overlap, time: time)
        }
    }
}

/// One camera's part of an engine that several share: it is closed when the last one lets go.
private final class SharedEngine: InferenceEngine {
    private let engine: any InferenceEngine
    private let release: Once

    var identity: EngineIdentity { engine.identity }
    var inputs: [TensorPort] { engine.inputs }
    var outputs: [TensorPort] { engine.outputs }

    init(_ engine: any InferenceEngine, release: @escaping @Sendable () async -> Void) {
        self.engine = engine
        self.release = Once(body: release)
    }

    func infer(_ inputs: [String: Tensor], outputs: [String]) async throws(InferenceError) -> [String: Tensor] {
        try await engine.infer(inputs, outputs: outputs)
    }

    func close() async { await release.run() }

    private actor Once {
        private var body: (@Sendable () async -> Void)?

        init(body: @escaping @Sendable () async -> Void) { self.body = body }

        func run() async {
            let mine = body
            body = nil
            await mine?()
        }
    }
}
