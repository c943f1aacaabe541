import AndonModel
import AndonVision
import Synchronization

/// What becomes of a source.
public enum CaptureEvent: Sendable, Hashable {
    /// The first frame of a run is here; for a source that waits, that it can begin.
    case connected
    case lost(CaptureError)
    /// The next attempt, on the clock that never jumps.
    case waiting(until: Duration)
}

/// Runs a source again whenever it breaks.
public struct CaptureSupervisor: Sendable {
    /// How long to wait before another attempt: `first`, then twice as long each time, up to `most`; each by a factor of
    /// 0.5 to 1 by chance, so that twenty cameras behind one switch do not come back at one instant.
    public struct BackOff: Sendable, Hashable {
        public var first: Duration
        public var most: Duration
        /// A run that delivered for so long begins the count anew.
        public var healthyAfter: Duration

        public init(
            first: Duration = .seconds(1), most: Duration = .seconds(60), healthyAfter: Duration = .seconds(30)
        ) {
            self.first = first
            self.most = most
            self.healthyAfter = healthyAfter
        }

        /// - Parameters:
        ///   - attempt: failures before, from 0.
        ///   - chance: 0..<1.
        func wait(_ attempt: Int, chance: Double) -> Duration {
            min(most, first * (1 << min(attempt, 20))) * (0.5 + chance / 2)
        }
    }

    let source: any FrameSource
    let time: any TimeSource
    let random: any RandomSource
    let backOff: BackOff

    public init(
        source: any FrameSource, time: any TimeSource, random: any RandomSource, backOff: BackOff = BackOff()
    ) {
        self.source = source
        self.time = time
        self.random = random
        self.backOff = backOff
    }

    /// Until the source comes to its end or the task is cancelled.
    public func run(
        report: @escaping @Sendable (CaptureEvent) async -> Void, deliver: @escaping @Sendable (Frame) async -> Void
    ) async {
        var failures = 0
        while !Task.isCancelled {
            let connected = Moment()
            do throws(CaptureError) {
                try await runOnce(connected, report, deliver)
                return
            } catch {
                // A source that ends because of the cancelling may say so by an error.
                if Task.isCancelled { return }
                await report(.lost(error))
            }
            if let since = connected.value, time.uptime() - since >= backOff.healthyAfter { failures = 0 }
            let wait = backOff.wait(failures, chance: random.unit())
            failures += 1
            await report(.waiting(until: time.uptime() + wait))
            if (try? await time.sleep(for: wait)) == nil { return }
        }
    }

    private func runOnce(
        _ connected: Moment, _ report: @escaping @Sendable (CaptureEvent) async -> Void,
        _ deliver: @escaping @Sendable (Frame) async -> Void
    ) async throws(CaptureError) {
        try source.check()
        if source.keepsWaiting, connected.set(time.uptime()) { await report(.connected) }
        try await source.run { [time] frame in
            if connected.set(time.uptime()) { await report(.connected) }
            await deliver(frame)
        }
    }
}

/// When something happened first.
private final class Moment: Sendable {
    private let state = Mutex<Duration?>(nil)

    var value: Duration? { state.withLock { $0 } }

    /// - Returns: whether this was the first time.
    func set(_ now: Duration) -> Bool {
        state.withLock { state in
            if state != nil { return false }
            state = now
            return true
        }
    }
}
