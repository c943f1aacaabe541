import AndonCapture
import AndonInference
import AndonLedger
import AndonModel
import AndonTesting
import AndonVision
import Logging
import Synchronization

@testable import AndonSources

/// A camera of which the test has everything in hand: frames, engine, intake, time.
final class CameraBench: Sendable {
    let time = TestTime()
    let folder: TemporaryFolder
    let store: Store
    let intake = CollectingIntake()
    let engine = ScriptedEngine()
    let feed: ScriptedFeed
    let camera: CameraSource

    /// - Parameters:
    ///   - earlier: the run before this one, whose store this one goes on with.
    ///   - keepsWaiting: the source waits for each frame, as a folder does.
    ///   - load: in the place of a model with the bench's engine.
    init(
        _ options: [String: JSON] = [:], after earlier: CameraBench? = nil, keepsWaiting: Bool = true, seed: UInt64 = 1,
        load: (@Sendable (String) async throws(ModelRefusal) -> LoadedModel)? = nil
    ) async throws {
        folder = try earlier?.folder ?? TemporaryFolder("andon-camera")
        store =
            try earlier?.store
            ?? Store(folder: try TestDatabase.folder(folder.path), time: time, random: SeededSource(seed: seed))
        feed = ScriptedFeed(keepsWaiting: keepsWaiting)
        let all = Self.options.merging(options) { $1 }
        let faults = SettingsFaults()
        let settings = CameraSettings(
            reading: SettingsReader(
                MapperTests.settings(.object(all), "sources.press"), faults: faults,
                secrets: SecretSource(environment: { _ in nil }, file: { _ in nil })))
        guard faults.faults.isEmpty else { throw Failed(words: "\(faults.faults)") }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let made: @Sendable (String) async throws(ModelRefusal) -> LoadedModel = {
            [engine, time] _ async throws(ModelRefusal) in
            try await Self.model(engine, time: time)
        }
        let make = load ?? made
        camera = CameraSource(
            name: "press", settings: settings, source: feed, store: store, intake: intake,
            environment: CameraEnvironment(
                time: time, random: SeededSource(seed: seed), logger: logger, pixelsMax: 1_000_000, defectsMax: 100,
                load: { (card, _) async throws(ModelRefusal) in try await make(card) }))
    }

    struct Failed: Error { var words: String }

    static let options: [String: JSON] = [
        "camera": "CAM-01", "capture": ["from": "push"], "model": ["card": "models/scratches.yaml"],
        "health": ["watches": ["dead", "black"]],
    ]

    static func card(_ name: String = "scratches", version: String = "1") -> ModelCard {
        ModelCard(
            name: name, version: version, task: .detection, file: "m.onnx", sha256: String(repeating: "a", count: 64),
            input: .init(name: "image", width: 8, height: 8, colour: .grey),
            outputs: .detection(.init(boxes: "boxes", boxForm: .endToEnd)), classes: ["scratch"])
    }

    static func model(
        _ engine: ScriptedEngine, _ card: ModelCard = card(), time: any TimeSource
    ) async throws(ModelRefusal) -> LoadedModel {
        do throws(InferenceError) {
            return try await LoadedModel.load(
                card: card, bytes: nil, sha256: nil, engine: { _, _ in engine }, time: time)
        } catch {
            throw ModelRefusal([error.reason], isWorthTryingAgain: error.isWorthTryingAgain)
        }
    }

    /// A frame that is bright (with a defect, as the scripted engine sees it) or dark.
    func frame(
        _ number: Int, hasDefect: Bool, note: FrameNote = FrameNote(), level: UInt8? = nil
    ) throws -> Frame {
        let base = level ?? (hasDefect ? 200 : 60)
        let samples = (0..<32 * 24).map { base &+ UInt8(($0 * 7 + number) % 5) }
        return Frame(
            number: number, capturedAt: time.now(), clock: .arrival, arrivedAt: time.uptime(),
            picture: try PixelDecoder.encodeJPEG(
                Pixels(width: 32, height: 24, colour: .grey, samples: samples), quality: 90), note: note)
    }

    /// A frame of a scene with edges, which lies off by so many pixels to the right.
    func scene(_ number: Int, off: Int = 0) throws -> Frame {
        var frame = try frame(number, hasDefect: false)
        let samples = (0..<64 * 48).map { index in
            let (x, y) = (index % 64 - off + 64, index / 64)
            let block = (x / 4 * 7 + y / 6 * 13) * 2_654_435_761 % 97
            return UInt8(60 + block + (index * 7 + number) % 3)
        }
        frame.picture = try PixelDecoder.encodeJPEG(
            Pixels(width: 64, height: 48, colour: .grey, samples: samples), quality: 95)
        return frame
    }

    func alarms() async throws -> Set<String> {
        Set(try await store.read { try $0.alarms().filter { $0.subject == "source/press" }.map(\.kind) })
    }

    /// Runs with time going on by itself, half a second a step.
    func whileTimeGoes(_ body: @Sendable () async throws -> Void) async rethrows {
        let clock = Task { [time] in
            while !Task.isCancelled {
                time.advance(by: .milliseconds(500))
                await Task.yield()
            }
        }
        defer { clock.cancel() }
        try await body()
    }
}

/// Hands over the frames that the test gives it.
final class ScriptedFeed: FrameSource {
    let name = "press"
    let keepsWaiting: Bool
    private let frames: AsyncStream<Frame>
    private let sender: AsyncStream<Frame>.Continuation

    init(keepsWaiting: Bool) {
        self.keepsWaiting = keepsWaiting
        (frames, sender) = AsyncStream<Frame>.makeStream()
    }

    func send(_ frame: Frame) { sender.yield(frame) }
    func end() { sender.finish() }

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        for await frame in frames { await deliver(frame) }
    }
}

/// Finds a scratch in bright pictures, and fails as the test says.
final class ScriptedEngine: InferenceEngine {
    let identity = EngineIdentity(kind: "scripted", version: "1", place: "test")
    let inputs = [TensorPort(name: "image", shape: [-1, 1, 8, 8])]
    let outputs = [TensorPort(name: "boxes", shape: [-1, 1, 6])]
    private let state = Mutex<State>(State())

    struct State {
        var calls = 0
        var isClosed = false
        /// Asked at each call.
        var failure: (@Sendable (Int) -> InferenceError?)?
        /// Where the engine waits before it answers.
        var gate: (@Sendable () async -> Void)?
    }

    var calls: Int { state.withLock { $0.calls } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func fail(_ failure: (@Sendable (Int) -> InferenceError?)?) { state.withLock { $0.failure = failure } }
    func wait(_ gate: (@Sendable () async -> Void)?) { state.withLock { $0.gate = gate } }

    func infer(
        _ inputs: [String: Tensor], outputs: [String]
    ) async throws(InferenceError) -> [String: Tensor] {
        let (number, failure, gate) = state.withLock { state in
            state.calls += 1
            return (state.calls, state.failure, state.gate)
        }
        await gate?()
        if let error = failure?(number) { throw error }
        let values = inputs["image"]?.values ?? []
        let mean = values.reduce(0, +) / Float(max(1, values.count))
        return ["boxes": Tensor(shape: [1, 1, 6], values: [2, 2, 6, 5, mean > 0.5 ? 0.9 : 0, 0])]
    }

    func close() async { state.withLock { $0.isClosed = true } }
}

/// Keeps what is brought, once each, and fails as the test says.
final class CollectingIntake: SourceIntake {
    struct State {
        var documents: [JSON] = []
        var pictures: [String: SourcePicture] = [:]
        var batches: [String: [FrameCount]] = [:]
        var evidence: [String: [EvidenceFrame]] = [:]
        var attempts = 0
        var outcome: (@Sendable (Int) throws -> Problem?)?
    }

    private let state = Mutex(State())

    var now: State { state.withLock { $0 } }
    var defects: [JSON] { now.documents.filter { $0["kind"] != "threshold" } }
    var troubles: [String] {
        now.documents.filter { $0["kind"] == "threshold" }.compactMap { $0["defects"]?[0]?["class"]?.string }
    }
    var counted: Int { now.batches.values.flatMap { $0 }.reduce(0) { $0 + $1.inspected } }

    /// - Parameter outcome: throws for no room, answers a problem for a refusal.
    func answer(_ outcome: (@Sendable (Int) throws -> Problem?)?) { state.withLock { $0.outcome = outcome } }

    func isKnown(_ id: String) async throws -> Bool { now.pictures[id] != nil }

    func take(_ document: JSON, picture: SourcePicture) async throws -> Taken {
        try step { state in
            let id = document["id"]?.string ?? ""
            guard state.pictures[id] == nil else { return .repeated }
            state.documents.append(document)
            state.pictures[id] = picture
            return .accepted(pictureMissing: nil)
        }
    }

    func count(_ frames: [FrameCount], id: String) async throws -> Taken {
        try step { state in
            guard state.batches[id] == nil else { return .repeated }
            state.batches[id] = frames
            return .accepted(pictureMissing: nil)
        }
    }

    func keep(_ evidence: [EvidenceFrame], of report: String) async throws {
        state.withLock { $0.evidence[report, default: []] += evidence }
    }

    /// An attempt may fail before it is durable, or after: the sender cannot tell.
    private func step(_ body: (inout State) -> Taken) throws -> Taken {
        let (number, outcome) = state.withLock { state in
            state.attempts += 1
            return (state.attempts, state.outcome)
        }
        if let problem = try outcome?(number) { return .refused(problem) }
        return state.withLock { body(&$0) }
    }
}
