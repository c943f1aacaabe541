import AndonConfiguration
import AndonIntake
import AndonLedger
import AndonModel
import Logging
import ServiceLifecycle

/// Keeps what must be kept, and removes what need not be: retention, free space, derived files.
struct Keeping: Sendable {
    let store: Store
    let settings: EvidenceSettings
    let sweeper: Sweeper
    let space: SpaceGuard
    let derived: DerivedFolders
    let logger: Logger

    /// How often the free space is looked at.
    private static let lookEvery: Duration = .seconds(10)

    init(
        store: Store, pictures: PictureStore, settings: EvidenceSettings, derived: [String], gauge: DiskGauge?,
        logger: Logger
    ) {
        self.store = store
        self.settings = settings
        self.logger = logger
        sweeper = Sweeper(store: store, pictures: pictures, retention: settings.retention)
        space = SpaceGuard(
            store: store, sweeper: sweeper, limit: settings.freeSpace,
            gauge: gauge ?? DiskSpace.gauge(of: pictures.folder))
        self.derived = DerivedFolders(derived)
    }

    /// Until cancelled. What was begun before the last end is ended first, by the first sweep.
    func run() async {
        var nextSweep = store.time.uptime()
        repeat {
            await look()
            if store.time.uptime() >= nextSweep {
                await attempt("pictures that are due could not be removed") { _ = try await sweep() }
                nextSweep = store.time.uptime() + settings.sweepEvery
            }
        } while (try? await store.time.sleep(for: Self.lookEvery)) != nil
    }

    /// Removes everything that is due.
    func sweep() async throws -> (pictures: PictureCount, derived: PictureCount) {
        let removed = try await sweeper.sweep()
        let drawn = try await derived.sweep(olderThan: settings.retention.derived, now: store.time.now())
        if removed.count + drawn.count > 0 {
            logger.notice(
                "removed what is not kept any longer",
                metadata: [
                    "pictures": "\(removed.count)", "bytes": "\(removed.bytes)", "derivedFiles": "\(drawn.count)",
                ])
        }
        return (removed, drawn)
    }

    private func look() async {
        await attempt("the free space could not be looked after") {
            let (standing, isNew) = try await space.look()
            guard isNew else { return }
            let words = SpaceGuard.words(standing)
            switch standing.state {
            case .enough: logger.notice("\(words)")
            case .shedding: logger.warning("\(words)", metadata: ["removed": "\(standing.shed.count)"])
            case .exhausted: logger.critical("\(words)", metadata: ["removed": "\(standing.shed.count)"])
            }
        }
    }

    private func attempt(_ words: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            return
        } catch {
            logger.error("\(words)", metadata: ["error": "\(error)"])
        }
    }
}

struct KeepingService: Service {
    let keeping: Keeping

    func run() async throws {
        await cancelWhenGracefulShutdown { await keeping.run() }
    }
}
