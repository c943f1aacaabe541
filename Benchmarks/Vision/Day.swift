import AndonCapture
import AndonInference
import AndonLedger
import AndonModel
import AndonSources
import AndonTesting
import AndonVision
import Foundation
import Logging
import Synchronization

/// Hours of one camera as fast as the machine goes: the stage, the slot, the ring and the counts are the real ones, the
/// clock is simulated, and the model answers by a seeded throw. What is looked for: memory that grows, sums that drift.
struct Day {
    let hours: Double
    let rate: Double
    /// Shares of frames that have a defect, and that come while the model is busy.
    private static let (defective, hasty) = (0.002, 0.05)

    func run() async throws {
        let time = TestTime()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("day-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let count = Int(hours * 3600 * rate)
        let seed: UInt64 = 20_261_129
        let intake = CountingIntake(time: time)
        let card = try Setup.card(Self.card)
        let engine = ThrownScores(random: SeededSource(seed: seed), defective: Self.defective)
        let frames = SimulatedFrames(
            pictures: try Self.pictures(seed: seed), count: count, step: .microseconds(Int(1_000_000 / rate)),
            time: time, random: SeededSource(seed: seed + 1), hasty: Self.hasty)
        let camera = CameraSource(
            name: "day", settings: try cameraSettings(card: "day.card.yaml"), source: frames,
            store: try Store(folder: folder, time: time), intake: intake,
            environment: CameraEnvironment(
                time: time, random: SeededSource(seed: seed + 2),
                logger: Logger(label: "day") { _ in SwiftLogNoOpLogHandler() }, pixelsMax: 1_000_000, defectsMax: 100,
                load: { _, _ throws(ModelRefusal) in
                    do {
                        return try await LoadedModel.load(
                            card: card, bytes: [], sha256: card.sha256,
                            engine: { _, _ throws(InferenceError) in engine }, time: time)
                    } catch { throw ModelRefusal(["\(error)"]) }
                }))
        frames.board.withLock { $0 = camera.board }
        let start = SystemTime()
        await camera.run()
        let tally = camera.board.now.tally
        let memory = frames.memory.withLock { $0 }
        printLine([
            "frames": .integer(count), "simulatedHours": .number(hours), "seconds": .number(start.uptime().seconds),
            "received": .integer(tally.received), "reported": .integer(tally.reported), "good": .integer(tally.good),
            "goodBrought": .integer(intake.good), "underWay": .integer(tally.underWay),
            "dropped": .object(
                Dictionary(uniqueKeysWithValues: tally.dropped.map { ($0.key.rawValue, .integer($0.value)) })),
            "sumsHold": .bool(
                tally.underWay == 0 && tally.received == count && intake.good == tally.good
                    && tally.received == tally.reported + tally.good + tally.droppedInAll),
            "sumsBrokenOnTheWay": .integer(frames.broken.withLock { $0 }),
            "residentKB": .array(memory.map { .integer($0) }),
            "seed": .integer(Int(seed)),
        ])
    }

    /// Some grain on a still scene, as a camera's: a picture that comes again byte for byte is taken for a frozen camera.
    private static func pictures(seed: UInt64) throws -> [EncodedPicture] {
        let random = SeededSource(seed: seed + 3)
        return try (0..<64).map { _ in
            let samples = (0..<64 * 48 * 3).map { UInt8($0 * 7 % 200) + UInt8(truncatingIfNeeded: random.next() % 40) }
            return try PixelDecoder.encodeJPEG(
                Pixels(width: 64, height: 48, colour: .rgb, samples: samples), quality: 80)
        }
    }

    private static let card: JSON = [
        "schema": "andon.model-card/1", "name": "day", "version": "1", "task": "classification", "file": "day.onnx",
        "sha256": .string(String(repeating: "0", count: 64)), "opset": 17, "licence": "Apache-2.0",
        "trainedOn": "nothing", "commercialUse": true,
        "input": ["name": "image", "width": 32, "height": 32, "colour": "grey"],
        "outputs": ["probabilities": "probabilities"], "classes": ["good", "scratch"], "goodClass": "good",
    ]
}

/// Probabilities by a throw of dice in the place of a network.
private final class ThrownScores: InferenceEngine {
    let identity = EngineIdentity(kind: "simulated", version: "1", place: "this process")
    let inputs = [TensorPort(name: "image", shape: [-1, 1, 32, 32])]
    let outputs = [TensorPort(name: "probabilities", shape: [-1, 2])]
    private let random: SeededSource
    private let defective: Double

    init(random: SeededSource, defective: Double) { (self.random, self.defective) = (random, defective) }

    func infer(
        _ inputs: [String: Tensor], outputs: [String]
    ) async throws(InferenceError) -> [String: Tensor] {
        let score: Float = random.unit() < defective ? 0.95 : 0.02
        return ["probabilities": Tensor(shape: [1, 2], values: [1 - score, score])]
    }

    func close() async {}
}

/// A camera on a simulated clock. Most frames come when the one before has ended; a hasty one does not wait, so that the slot
/// has to drop one of two.
private final class SimulatedFrames: FrameSource {
    let name = "day"
    let keepsWaiting = false
    let board = Mutex<CameraBoard?>(nil)
    /// Resident kilobytes at each twentieth of the way.
    let memory = Mutex<[Int]>([])
    let broken = Mutex(0)
    private let pictures: [EncodedPicture]
    private let count: Int
    private let step: Duration
    private let time: TestTime
    private let random: SeededSource
    private let hasty: Double

    init(
        pictures: [EncodedPicture], count: Int, step: Duration, time: TestTime, random: SeededSource, hasty: Double
    ) {
        (self.pictures, self.count, self.step) = (pictures, count, step)
        (self.time, self.random, self.hasty) = (time, random, hasty)
    }

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        for number in 1...count {
            time.advance(by: step)
            await deliver(
                Frame(
                    number: number, capturedAt: time.now(), clock: .arrival, arrivedAt: time.uptime(),
                    picture: pictures[number % pictures.count]))
            if random.unit() >= hasty { await idle() }
            if number % max(1, count / 20) == 0 { look() }
        }
    }

    private func idle() async {
        while let tally = board.withLock({ $0?.now.tally }), tally.underWay > 0 { await Task.yield() }
    }

    private func look() {
        memory.withLock { $0.append(residentKilobytes()) }
        guard let tally = board.withLock({ $0?.now.tally }) else { return }
        if tally.received != tally.reported + tally.good + tally.droppedInAll + tally.underWay || tally.underWay < 0 {
            broken.withLock { $0 += 1 }
        }
    }
}
