import AndonCapture
import AndonConfiguration
import AndonIntake
import AndonLedger
import AndonModel
import AndonSources
import AndonVision
import Logging

/// Makes a camera's source once the server has a door for it; nil for an entry of another type.
typealias CameraMaker = @Sendable (SourceEntry, _ intake: any SourceIntake, _ store: Store) -> CameraSource?

/// The cameras that the configuration names.
enum CameraKeeping {
    static let type = "camera"

    /// The settings of an entry that was checked when the file was loaded.
    static func settings(_ entry: SourceEntry) -> CameraSettings {
        CameraSettings(reading: entry.reader(faults: SettingsFaults(), secrets: .system))
    }

    static func maker(
        _ configuration: Configuration, network: Network, random: any RandomSource, logger: Logger
    ) -> CameraMaker {
        let house = house(configuration, network)
        let intake = configuration.intake
        return { entry, door, store in
            let settings = settings(entry)
            var environment = environment(house, intake, time: network.time, random: random, logger: logger)
            environment.card = { name in
                // Without an answer the file's own card counts.
                try? await store.read { try $0.cameraModel(of: name, configured: settings.model.card) } ?? nil
            }
            return CameraSource(
                name: entry.name, settings: settings, source: feed(entry.name, settings, network, random), store: store,
                intake: door, environment: environment)
        }
    }

    static func house(_ configuration: Configuration, _ network: Network) -> ModelHouse {
        ModelHouse(
            time: network.time, trustedCertificates: configuration.network.trustedCertificates,
            address: { try await network.address(of: $0) })
    }

    static func environment(
        _ house: ModelHouse, _ intake: IntakeSettings, time: any TimeSource, random: any RandomSource, logger: Logger
    ) -> CameraEnvironment {
        CameraEnvironment(
            time: time, random: random, logger: logger, pixelsMax: intake.picturePixelsMax,
            defectsMax: intake.defectsMax,
            load: { (card, engine) async throws(ModelRefusal) in try await house.load(card, engine) })
    }

    /// What brings the frames; where it cannot be made, something that says why each time it is tried.
    static func feed(
        _ name: String, _ settings: CameraSettings, _ network: Network, _ random: any RandomSource
    ) -> any FrameSource {
        do throws(CaptureError) {
            let source = try settings.capture.source(name: name, time: network.time, random: random)
            guard let host = settings.capture.host else { return source }
            return GuardedFeed(source: source, host: host, allow: { _ = try await network.address(of: $0) })
        } catch {
            return BrokenFeed(name: name, error: error)
        }
    }
}

/// A source at a host, which is only connected to where `network.allowed` says that it may be.
private struct GuardedFeed: FrameSource {
    let source: any FrameSource
    let host: String
    let allow: @Sendable (String) async throws -> Void

    var name: String { source.name }
    var keepsWaiting: Bool { source.keepsWaiting }

    func check() throws(CaptureError) { try source.check() }

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        do { try await allow(host) } catch { throw CaptureError(.refused, "\(error)") }
        try await source.run(deliver)
    }
}

private struct BrokenFeed: FrameSource {
    let name: String
    let error: CaptureError
    let keepsWaiting = false

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) { throw error }
}
