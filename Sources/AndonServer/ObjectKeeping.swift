import AndonIntake
import AndonLedger
import AndonModel
import Logging
import ServiceLifecycle

/// Looks after pictures in object storage: whether it is there, what was in the folder before, and the copies here.
struct ObjectKeeping: Sendable {
    let store: Store
    let vault: PictureVault
    let pictures: PictureStore
    let space: SpaceGuard
    /// Room for copies.
    let copiesBytes: Int
    let logger: Logger

    private static let alarm = (kind: "pictures-away", subject: "pictures")
    private static let lookEvery: Duration = .seconds(10)
    private static let tryAgainAfter: Duration = .seconds(60)

    /// Until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await move() }
            var isAway: Bool?
            repeat {
                isAway = await look(isAway)
                await trim()
            } while (try? await store.time.sleep(for: Self.lookEvery)) != nil
            group.cancelAll()
        }
    }

    /// - Parameter before: nil where it was not looked yet.
    /// - Returns: whether it is away.
    private func look(_ before: Bool?) async -> Bool {
        var fault: String?
        do {
            try await vault.objects.probe()
        } catch is CancellationError {
            return before ?? false
        } catch {
            fault = "\(error)"
        }
        guard (fault != nil) != before else { return fault != nil }
        let (kind, subject) = Self.alarm
        do {
            try await store.write { [fault] transaction in
                if let fault {
                    try transaction.alarm(kind, subject: subject, fault)
                } else {
                    try transaction.clearAlarm(kind, subject: subject)
                }
            }
        } catch {
            // The store is away as well: at the next look it is still to be said.
            return before ?? false
        }
        if let fault {
            logger.error("the pictures' object storage does not serve", metadata: ["error": "\(fault)"])
        } else {
            logger.notice("pictures are in object storage", metadata: ["place": "\(vault.objects.place)"])
        }
        return fault != nil
    }

    private func trim() async {
        let standing = space.standing
        let isShort = standing.disk.map { $0.free < standing.limit } ?? false
        do {
            try await pictures.trimCopies(to: isShort ? 0 : copiesBytes, now: store.time.now())
        } catch {
            logger.error("copies of pictures could not be removed", metadata: ["error": "\(error)"])
        }
    }

    /// Brings what is in the data folder into the object storage; goes on where it was broken off.
    private func move() async {
        while !Task.isCancelled {
            do {
                let (moved, altered) = try await pictures.moveFormer()
                if moved.count > 0 {
                    logger.notice("pictures were moved into object storage", metadata: ["pictures": "\(moved.count)"])
                }
                for path in altered {
                    logger.error(
                        "a picture's bytes are not what its name says; it stays", metadata: ["file": "\(path)"])
                }
                return
            } catch is CancellationError {
                return
            } catch {
                logger.warning("the move into object storage waits", metadata: ["error": "\(error)"])
                guard (try? await store.time.sleep(for: Self.tryAgainAfter)) != nil else { return }
            }
        }
    }
}

struct ObjectService: Service {
    let keeping: ObjectKeeping

    func run() async throws {
        await cancelWhenGracefulShutdown { await keeping.run() }
    }
}
