import AndonConfiguration
import AndonIntake
import AndonLedger
import AndonModel
import AndonSites
import Logging
import ServiceLifecycle

struct SitesService: Service {
    let sites: SiteIntake

    func run() async throws {
        await cancelWhenGracefulShutdown { await sites.run() }
    }
}

struct ForwardService: Service {
    let forwarder: Forwarder
    let isOnDuty: @Sendable () -> Bool

    func run() async throws {
        await cancelWhenGracefulShutdown { await forwarder.run(isOnDuty: isOnDuty) }
        // It returns when it is cancelled alone; a service that ends ends the server.
        try? await gracefulShutdown()
    }
}

extension Server {
    /// What takes the records of sites, and what forwards this server's own.
    static func sites(
        _ configuration: Configuration, _ store: Store, _ pictures: PictureStore, wire: any Wire,
        random: any RandomSource, logger: Logger
    ) async throws -> (SiteIntake, Forwarder?) {
        let sites = SiteIntake(
            store: store,
            folder: try SitePictureFolder(
                folder: store.folder + "/pictures-of-sites", bytesMax: configuration.intake.pictureBytesMax),
            settings: configuration.server.sites, logger: logger)
        let upstream = configuration.server.upstream?.settings
        let keeps = upstream?.keepsPictures ?? false
        if try await store.read({ try $0.keepsForUpstream() }) != keeps {
            try await store.write { try $0.keepForUpstream(keeps) }
        }
        guard let upstream else { return (sites, nil) }
        let forwarder = Forwarder(
            upstream, store: store, wire: wire, random: random,
            picture: { [pictures] in try await pictures.file(of: $0) }, logger: logger)
        return (sites, forwarder)
    }
}
