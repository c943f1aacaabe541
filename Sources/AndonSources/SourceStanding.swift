import AndonLedger
import AndonModel
import Synchronization

/// How a source stands, for people.
public struct SourceStanding: Sendable, Hashable {
    public enum State: String, Sendable {
        case connecting, connected, waiting, stopped
    }

    public var state = State.connecting
    /// Since when it is in this state.
    public var since: Timestamp
    /// The server's ApplicationUri, once it is known.
    public var server: String?
    /// Policy and mode of the connection.
    public var security: String?
    /// What was found there: vision systems, an event type, a trigger.
    public var watches: [String] = []
    public var lastEventAt: Timestamp?
    /// Reports taken in since the start.
    public var received = 0
    /// Deliveries of what had been taken in before.
    public var repeated = 0
    /// Reports that went in without the picture that they should have.
    public var withoutPicture = 0
    /// What is no report, by reason: partial results, simulated ones.
    public var skipped: [String: Int] = [:]
    /// Refusals since the start.
    public var refused = 0
    /// Reports that were fetched because their event was missed.
    public var fetched = 0
    public var gaps = 0
    public var lastGap: SourceGap?
    public var lastError: String?
    /// From the sender's stamp to acceptance, of the last reports; nil where the sender has no clock of its own.
    public var latency: LatencyFigures?
    /// Of the last reports most are over their limit for a minute.
    public var isSlow = false

    public init(since: Timestamp) { self.since = since }
}

/// A source's standing, written by the source and read by many.
public final class SourceBoard: Sendable {
    private let standing: Mutex<SourceStanding>

    public init(at now: Timestamp) { standing = Mutex(SourceStanding(since: now)) }

    public var now: SourceStanding { standing.withLock { $0 } }

    func update(_ change: (inout SourceStanding) -> Void) { standing.withLock { change(&$0) } }

    /// - Parameter reason: why it is not connected.
    func enter(_ state: SourceStanding.State, at time: Timestamp, _ reason: String? = nil) {
        standing.withLock { standing in
            if standing.state != state { standing.since = time }
            standing.state = state
            if let reason { standing.lastError = reason.cut(to: 500).asOneLine }
        }
    }
}
