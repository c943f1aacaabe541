import AndonLedger
import AndonModel
import Logging

/// Notices that the wall clock was put back, by a clock that cannot be.
struct ClockWatch {
    private var ahead: Timestamp
    /// What a clock that is only steered does not do in a second.
    private static let tolerance: Duration = .seconds(2)

    /// - Parameters:
    ///   - now: by the wall clock.
    ///   - uptime: at the same moment.
    init(now: Timestamp, uptime: Duration) { ahead = now - uptime }

    /// - Returns: whether it was put back since the last look.
    mutating func wentBack(now: Timestamp, uptime: Duration) -> Bool {
        let before = ahead
        ahead = now - uptime
        return ahead < before - Self.tolerance
    }
}

extension Dispatcher {
    /// What waits for a time that the clock had been close to, and is far from now, would wait for as long as it was put back.
    func clockWentBack(now: Timestamp) async {
        logger.warning("the clock was put back; what waits for its time is brought forward")
        for lane in lanes { lane.clockWentBack(now: now) }
        let latest = lanes.map { lane in
            (lane.settings.name, now + max(lane.settings.retry.cap, lane.settings.queue.noteEvery))
        }
        do {
            try await store.write { transaction in
                for (name, time) in latest { try transaction.bringForward(connector: name, to: time) }
            }
        } catch {
            logger.warning("it could not be brought forward", metadata: ["error": "\(error)"])
        }
        store.wakeClaimers()
    }
}
