import AndonClose
import AndonDispatch
import AndonLedger
import AndonModel
import AndonSources
import Logging
import ServiceLifecycle

struct DispatchService: Service {
    let dispatcher: Dispatcher

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await dispatcher.run()
        } onGracefulShutdown: {
            dispatcher.stop()
        }
    }
}

struct CloseService: Service {
    let close: CloseStep

    func run() async throws {
        await cancelWhenGracefulShutdown { await close.run() }
        // Without a connector there is nothing to follow, and a service that ends ends the server.
        try? await gracefulShutdown()
    }
}

/// Reads something of every CMMS now and then.
struct ReadingService: Service {
    let read: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await read() }
        // Where no CMMS has it there is nothing to do, and a service that ends ends the server.
        try? await gracefulShutdown()
    }
}

/// Lets the candidate's rules follow the live flow, beside it.
struct ShadowService: Service {
    let shadow: Shadow

    func run() async throws {
        await cancelWhenGracefulShutdown { await shadow.run() }
    }
}

/// Raises the alarm of late reports, and takes it back.
struct AcceptanceService: Service {
    let watch: AcceptanceWatch
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isAlarmed: Bool?
            while (try? await store.time.sleep(for: .seconds(1))) != nil {
                let (figures, isSlow) = watch.look(at: store.time.uptime())
                if isAlarmed != isSlow, await keep(isSlow ? watch.words(figures, of: "the HTTP intake") : nil) {
                    isAlarmed = isSlow
                }
            }
        }
    }

    private func keep(_ words: String?) async -> Bool { await store.keepAlarm("intake-slow", ofIntake: words) }
}

/// Raises the alarm of reports that are told to come again, and takes it back when a minute has gone without one.
struct AdmissionService: Service {
    let admission: Admission
    let store: Store

    private static let calm: Duration = .seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isAlarmed: Bool?
            var refusals = 0
            var lastAt: Duration?
            while (try? await store.time.sleep(for: .seconds(1))) != nil {
                let (count, now) = (admission.standing.refusals, store.time.uptime())
                if count > refusals { (refusals, lastAt) = (count, now) }
                let isOverloaded = lastAt.map { now - $0 < Self.calm } ?? false
                guard isAlarmed != isOverloaded else { continue }
                if await store.keepAlarm("intake-overloaded", ofIntake: isOverloaded ? admission.words : nil) {
                    isAlarmed = isOverloaded
                }
            }
        }
    }
}

extension Store {
    /// - Parameter words: nil where the alarm is over.
    /// - Returns: whether it is durable.
    fileprivate func keepAlarm(_ kind: String, ofIntake words: String?) async -> Bool {
        let done: Void? = try? await write { transaction in
            if let words {
                try transaction.alarm(kind, subject: "intake", words)
            } else {
                try transaction.clearAlarm(kind, subject: "intake")
            }
        }
        return done != nil
    }
}

/// Folds the write-ahead log into the database now and then, beside the writers, and says in the log that the store has stopped.
struct CheckpointService: Service {
    let store: Store
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isSaid = false
            while (try? await store.time.sleep(for: .seconds(2))) != nil {
                await store.checkpoint()
                guard let failure = store.failure, !isSaid else { continue }
                logger.critical("\(failure)")
                isSaid = true
            }
        }
    }
}

/// Reads every page of the database once a day, so that one that went bad is known while there is a backup from before.
struct PageCheckService: Service {
    let store: Store
    let logger: Logger

    /// After the start, which has other things to do.
    private static let first: Duration = .seconds(60)
    private static let every: Duration = .seconds(86_400)
    /// Between two tables: reports go first.
    private static let pause: Duration = .milliseconds(200)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wait = Self.first
            while (try? await store.time.sleep(for: wait)) != nil {
                wait = Self.every
                do {
                    let damage = try await store.checkPages { try await store.time.sleep(for: Self.pause) }
                    if let damage { logger.critical("\(damage)") }
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("the database's pages could not be checked", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
