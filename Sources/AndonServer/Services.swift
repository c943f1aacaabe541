import AndonClose
import AndonDispatch
import AndonLedger
import AndonModel
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

/// Folds the write-ahead log into the database now and then, beside the writers.
struct CheckpointService: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await store.time.sleep(for: .seconds(2))) != nil { await store.checkpoint() }
        }
    }
}
