import AndonConfiguration
import AndonLedger
import AndonModel
import AndonSources
import AndonWire
import Logging
import NIOPosix
import ServiceLifecycle
import UAClient

/// What the server listens to: vision systems that it follows, those that send their events here, and cameras whose frames
/// it looks at itself.
public struct ListenedSources: Sendable {
    public var systems: [OPCUASource]
    public var events: [EventsSource]
    public var cameras: [CameraSource]

    public init(systems: [OPCUASource] = [], events: [EventsSource] = [], cameras: [CameraSource] = []) {
        (self.systems, self.events, self.cameras) = (systems, events, cameras)
    }

    public var names: [String] { systems.map(\.name) + events.map(\.name) + cameras.map(\.name) }
}

/// Makes the sources once the server has a door for them.
public typealias SourceMaker = @Sendable (_ intake: any SourceIntake, _ store: Store) -> ListenedSources

/// The vision systems that the configuration names.
enum SourceKeeping {
    /// Source types of this version.
    static let types = ["opcua", eventsType, CameraKeeping.type]
    static let eventsType = "events"

    static func check(_ entry: SourceEntry, _ reader: SettingsReader) {
        switch entry.type {
        case "opcua": _ = OPCUASettings(reading: reader)
        case eventsType: _ = EventsSettings(reading: reader)
        case CameraKeeping.type: _ = CameraSettings(reading: reader)
        default:
            reader.faults.add(
                "there is no source type \"\(entry.type)\"; known are \(types.joined(separator: ", "))",
                at: entry.settings)
        }
    }

    /// The settings of an entry that was checked when the file was loaded.
    static func settings(_ entry: SourceEntry) -> OPCUASettings {
        OPCUASettings(reading: entry.reader(faults: SettingsFaults(), secrets: .system))
    }

    static func eventsSettings(_ entry: SourceEntry) -> EventsSettings {
        EventsSettings(reading: entry.reader(faults: SettingsFaults(), secrets: .system))
    }

    static func environment(
        _ configuration: Configuration, network: Network, random: any RandomSource, logger: Logger
    ) async throws -> SourceEnvironment {
        let isProtected = configuration.sources.contains {
            $0.type == "opcua" && settings($0).security.policy != .none
        }
        var application = ClientApplication(applicationUri: network.opcua.applicationURI, name: "Andon")
        if isProtected {
            let own = try await network.opcua.load()
            application = ClientApplication(instance: own.instance, trust: own.trust, name: "Andon")
        }
        return SourceEnvironment(
            group: MultiThreadedEventLoopGroup.singleton, application: application,
            resolve: { try await network.address(of: $0) }, time: network.time, random: random, logger: logger,
            pictureBytesMax: configuration.intake.pictureBytesMax)
    }

    static func maker(
        _ configuration: Configuration, _ environment: SourceEnvironment, cameras: @escaping CameraMaker
    ) -> SourceMaker {
        let entries = configuration.sources
        return { intake, store in
            ListenedSources(
                systems: entries.filter { $0.type == "opcua" }.map { entry in
                    OPCUASource(
                        name: entry.name, settings: settings(entry), store: store, intake: intake,
                        environment: environment)
                },
                events: entries.filter { $0.type == eventsType }.map { entry in
                    EventsSource(
                        name: entry.name, settings: eventsSettings(entry), store: store, intake: intake,
                        time: environment.time, logger: environment.logger,
                        pictureBytesMax: environment.pictureBytesMax)
                },
                cameras: entries.filter { $0.type == CameraKeeping.type }.compactMap { cameras($0, intake, store) })
        }
    }
}

struct SourceService: Service {
    let sources: ListenedSources

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for source in sources.systems { group.addTask { await source.run() } }
                for source in sources.events { group.addTask { await source.run() } }
                for camera in sources.cameras { group.addTask { await camera.run() } }
            }
        }
        // A server without a source has nothing to do here, and a service that ends ends the server.
        try? await gracefulShutdown()
    }
}
