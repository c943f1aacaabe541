import AndonConfiguration
import AndonLedger
import AndonModel
import AndonSources
import AndonWire
import Logging
import NIOPosix
import ServiceLifecycle
import UAClient

/// Makes the sources once the server has a door for them.
public typealias SourceMaker = @Sendable (_ intake: any SourceIntake, _ store: Store) -> [OPCUASource]

/// The vision systems that the configuration names.
enum SourceKeeping {
    /// Source types of this version.
    static let types = ["opcua"]

    static func check(_ entry: SourceEntry, _ reader: SettingsReader) {
        guard types.contains(entry.type) else {
            return reader.faults.add(
                "there is no source type \"\(entry.type)\"; known are \(types.joined(separator: ", "))",
                at: entry.settings)
        }
        _ = OPCUASettings(reading: reader)
    }

    /// The settings of an entry that was checked when the file was loaded.
    static func settings(_ entry: SourceEntry) -> OPCUASettings {
        OPCUASettings(reading: entry.reader(faults: SettingsFaults(), secrets: .system))
    }

    static func environment(
        _ configuration: Configuration, network: Network, random: any RandomSource, logger: Logger
    ) async throws -> SourceEnvironment {
        let isProtected = configuration.sources.contains { settings($0).security.policy != .none }
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

    static func maker(_ configuration: Configuration, _ environment: SourceEnvironment) -> SourceMaker {
        let entries = configuration.sources
        return { intake, store in
            entries.map { entry in
                OPCUASource(
                    name: entry.name, settings: settings(entry), store: store, intake: intake, environment: environment)
            }
        }
    }
}

struct SourceService: Service {
    let sources: [OPCUASource]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for source in sources { group.addTask { await source.run() } }
            }
        }
        // A server without a source has nothing to do here, and a service that ends ends the server.
        try? await gracefulShutdown()
    }
}
