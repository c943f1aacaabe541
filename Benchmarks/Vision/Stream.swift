import AndonCapture
import AndonConfiguration
import AndonInference
import AndonLedger
import AndonModel
import AndonSources
import AndonVision
import Foundation
import Logging
import Synchronization

/// A camera that sends frames at its own pace through the real stage; the intake only looks at the clock.
struct Stream {
    let setup: Setup

    init(_ setup: Setup) { self.setup = setup }

    func run(rate: Double, seconds: Double) async throws {
        let time = SystemTime()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vision-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let intake = CountingIntake(time: time)
        let setup = setup
        let camera = CameraSource(
            name: "bench", settings: try cameraSettings(card: setup.cardPath),
            source: PacedFrames(frames: setup.frames, rate: rate, count: Int(rate * seconds), time: time),
            store: try Store(folder: folder, time: time), intake: intake,
            environment: CameraEnvironment(
                time: time, random: SystemRandom(), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
                pixelsMax: 100_000_000, defectsMax: 1000,
                load: { _, _ throws(ModelRefusal) in
                    do { return try await setup.loaded() } catch { throw ModelRefusal(["\(error)"]) }
                }))
        await camera.run()
        let standing = camera.board.now
        var line: [String: JSON] = [
            "received": .integer(standing.tally.received), "reported": .integer(standing.tally.reported),
            "good": .integer(standing.tally.good), "dropped": .integer(standing.tally.droppedInAll),
            "toPayload": intake.toPayload,
        ]
        for (stage, figures) in standing.latency {
            line[stage.rawValue] = [
                "p50": .number(figures.p50.milliseconds), "p95": .number(figures.p95.milliseconds),
                "p99": .number(figures.p99.milliseconds),
            ]
        }
        printLine(.object(line))
    }
}

/// Every option at its default.
func cameraSettings(card: String, more: [String: JSON] = [:]) throws -> CameraSettings {
    var written: [String: JSON] = [
        "camera": "CAM-01", "capture": ["from": "push"], "model": ["card": .string(card)],
    ]
    written.merge(more) { $1 }
    let faults = SettingsFaults()
    let reader = SettingsReader(
        Settings(document: .object(written), file: "benchmark"), faults: faults, secrets: .system)
    let settings = CameraSettings(reading: reader)
    guard faults.faults.isEmpty else { throw BenchmarkError("\(faults.faults)") }
    return settings
}

/// Frames at a steady rate, late for none: each is due at its own moment.
private struct PacedFrames: FrameSource {
    let name = "paced"
    let frames: [EncodedPicture]
    let rate: Double
    let count: Int
    let time: any TimeSource
    var keepsWaiting: Bool { false }

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        let start = time.uptime()
        for number in 1...count {
            let due = start + .microseconds(Int(Double(number) / rate * 1_000_000))
            let wait = due - time.uptime()
            if wait > .zero, (try? await time.sleep(for: wait)) == nil { return }
            await deliver(
                Frame(
                    number: number, capturedAt: time.now(), clock: .arrival, arrivedAt: time.uptime(),
                    picture: frames[number % frames.count]))
        }
    }
}

/// Takes everything, at once, and looks how old each report's frame is.
final class CountingIntake: SourceIntake {
    private let time: any TimeSource
    private let times = Mutex(Times())
    private let counted = Mutex(0)

    init(time: any TimeSource) { self.time = time }

    var toPayload: JSON { times.withLock { $0.spread } }
    /// Frames without a defect that were brought as counts.
    var good: Int { counted.withLock { $0 } }

    func isKnown(_ id: String) async throws -> Bool { false }

    func take(_ document: JSON, picture: SourcePicture) async throws -> Taken {
        if let text = document["detectedAt"]?.string, let captured = Timestamp(text) {
            let age = time.now() - captured
            times.withLock { $0.add(age) }
        }
        return .accepted(pictureMissing: nil)
    }

    func count(_ frames: [FrameCount], id: String) async throws -> Taken {
        counted.withLock { $0 += frames.reduce(0) { $0 + $1.inspected } }
        return .accepted(pictureMissing: nil)
    }

    func keep(_ evidence: [EvidenceFrame], of report: String) async throws {}
}
