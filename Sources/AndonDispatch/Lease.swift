import AndonLedger
import AndonModel
import Synchronization

/// How long a server that says nothing keeps what it has under way.
public struct LeaseSettings: Sendable, Equatable {
    public var length: Duration

    public init(length: Duration = .seconds(60)) { self.length = length }

    /// How often a server says that it lives.
    var renewEvery: Duration { length / 6 }
    /// With less than this left nothing is begun: a call that is cut short is a call whose answer nobody saw.
    var least: Duration { length / 8 }
    /// How long others wait beyond the end. Clocks run at rates that differ by much less, and bytes that left in the last
    /// moment have arrived by then.
    var margin: Duration { max(length / 4, .seconds(1)) }
}

/// A server's right to send what it has claimed.
///
/// It is measured by this process's own clock, which goes on while the process or its machine is paused (`uptime`, on Linux
/// `CLOCK_BOOTTIME`), from before the renewal was asked for. The database counts from when it carried the renewal out, which
/// is later, and others wait a margin besides: whoever takes the work finds this lease ended. Where no other process can
/// write to the store, the lease never ends.
public final class Lease: Sendable {
    private let time: any TimeSource
    let settings: LeaseSettings
    /// In `uptime`; nil before the first renewal. Unused where nobody shares the store.
    private let end = Mutex<Duration?>(nil)
    private let isShared: Bool

    public init(time: any TimeSource, settings: LeaseSettings, isShared: Bool) {
        (self.time, self.settings, self.isShared) = (time, settings, isShared)
    }

    /// - Parameter asked: when the renewal was asked for, in `uptime`.
    func renewed(askedAt asked: Duration) {
        end.withLock { $0 = max($0 ?? .zero, asked + settings.length) }
    }

    /// What may be begun now may take so long; nothing may be begun when it is zero or less.
    public var left: Duration {
        guard isShared else { return .seconds(Int64.max / 4) }
        guard let end = end.withLock({ $0 }) else { return .zero }
        return end - time.uptime() - settings.least
    }

    var isHeld: Bool { left > .zero }

    /// For requests of one attempt.
    var permit: SendPermit { SendPermit(left: { self.left }) }
}

/// A wire over which nothing leaves without a lease.
struct LeasedWire: Wire {
    let wire: any Wire
    let permit: SendPermit

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        try permit.check()
        var request = request
        request.permit = permit
        return try await wire.exchange(request)
    }

    func now() -> Timestamp { wire.now() }
}
