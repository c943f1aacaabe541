import AndonConfiguration
import AndonIntake
import AndonLedger
import AndonModel
import Logging
import ServiceLifecycle

/// Keeps what must be kept, and removes what need not be: retention, free space, derived files.
struct Keeping: Sendable {
    let store: Store
    /// As the file has them now: a changed file is in force with the next thing that is asked of them.
    let settings: Latest<EvidenceSettings>
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
        let latest = Latest(settings)
        self.settings = latest
        self.logger = logger
        sweeper = Sweeper(store: store, pictures: pictures, retention: latest.value.retention)
        space = SpaceGuard(
            store: store, sweeper: sweeper, limit: latest.value.freeSpace,
            gauge: gauge ?? DiskSpace.gauge(of: pictures.folder))
        self.derived = DerivedFolders(derived)
    }

    /// Until cancelled. What was begun before the last end is ended first, by the first sweep.
    func run() async {
        var sweptAt: Duration?
        repeat {
            await lookForRoom()
            await look()
            await carrySums()
            if sweptAt.map({ store.time.uptime() >= $0 + settings.value.sweepEvery }) ?? true {
                await attempt("pictures that are due could not be removed") { _ = try await sweep() }
                sweptAt = store.time.uptime()
            }
        } while (try? await store.time.sleep(for: Self.lookEvery)) != nil
    }

    /// Removes everything that is due.
    func sweep() async throws -> (pictures: PictureCount, derived: PictureCount) {
        let removed = try await sweeper.sweep()
        let drawn = try await derived.sweep(olderThan: settings.value.retention.derived, now: store.time.now())
        if removed.count + drawn.count > 0 {
            logger.notice(
                "removed what is not kept any longer",
                metadata: [
                    "pictures": "\(removed.count)", "bytes": "\(removed.bytes)", "derivedFiles": "\(drawn.count)",
                ])
        }
        return (removed, drawn)
    }

    /// Puts changed settings in force, and writes down how long pictures are kept from now on. Nothing goes at once: what is
    /// due by them goes with the next sweep, so that a slip can be seen (`andon pictures`) and mended before.
    func put(_ new: EvidenceSettings) async throws {
        let old = settings.value
        guard new != old else { return }
        if new.retention != old.retention {
            try await store.write { transaction in
                _ = try transaction.record(
                    "retention.changed", of: "pictures", ["was": old.retention.json, "is": new.retention.json])
            }
        }
        settings.put(new)
        logger.notice("retention and free space in force as the file has them now")
    }

    /// While the store has no room this tries to write, so that the end of it shows also when nothing comes in.
    private func lookForRoom() async {
        if let shortage = store.takeShortage() {
            logger.notice("there is room to write again", metadata: ["refused": "\(shortage.refused)"])
            await attempt("the want of room could not be written down") {
                try await store.write { transaction in
                    _ = try transaction.record(
                        "store.was-full", of: "store",
                        .object(present: [
                            "since": .time(shortage.since), "until": shortage.until.map { .time($0) },
                            "refused": .integer(shortage.refused), "reason": .string(shortage.reason.description),
                        ]))
                }
            }
        } else if let error = store.shortage?.error {
            logger.critical("\(error)")
            store.wakeClaimers()
        }
    }

    /// So that what came since is never much. Where little came, nothing is written.
    private func carrySums() async {
        await attempt("the sums of the metrics could not be carried on") {
            let behind = try await store.read { try $0.entriesBehindSums() }
            guard behind > RunningSums.entriesBehindMax else { return }
            try await store.write { try $0.carrySums() }
        }
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

extension Retention {
    /// In days.
    fileprivate var json: JSON {
        func days(_ duration: Duration) -> JSON { .integer(Int(duration / Self.day)) }
        return [
            "orders": days(orders), "recorded": days(recorded), "good": days(good), "derived": days(derived),
        ]
    }
}

struct KeepingService: Service {
    let keeping: Keeping

    func run() async throws {
        await cancelWhenGracefulShutdown { await keeping.run() }
    }
}
