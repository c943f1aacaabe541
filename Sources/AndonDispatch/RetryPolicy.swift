import AndonModel

/// When a failed attempt is made again: exponential back-off with full jitter.
///
/// Attempt n waits a uniform part of min(cap, base × 2^(n-1)), and never less than the CMMS asked for. There is no
/// limit to the number of attempts: a plant's network has weekends.
public struct RetryPolicy: Sendable {
    public var base: Duration
    public var cap: Duration
    /// Between two searches for the trace of an attempt without an answer: the first request may still be queued
    /// in the CMMS, and its index may lag.
    public var searchAgainAfter: Duration
    /// Searches without a trace before the effect is sent again.
    public var searchesMax: Int

    public init(
        base: Duration = .seconds(1), cap: Duration = .seconds(300), searchAgainAfter: Duration = .seconds(30),
        searchesMax: Int = 2
    ) {
        self.base = base
        self.cap = cap
        self.searchAgainAfter = searchAgainAfter
        self.searchesMax = searchesMax
    }

    /// `unit` is a random number in 0..<1.
    public func delay(attempt: Int, asked: Duration?, unit: Double) -> Duration {
        let factor = 1 << min(max(attempt - 1, 0), 30)
        let ceiling = min(cap, base * factor)
        let jittered = Duration.microseconds(Int64(Double(ceiling.microseconds) * unit))
        return max(jittered, asked ?? .zero)
    }
}

/// Keeps a connector from knocking at a door that does not open: closed, open after so many failures of the
/// target in a row, half-open with one probe after a while.
public struct CircuitBreaker: Sendable, Equatable {
    public enum State: String, Sendable {
        case closed
        case open
        case halfOpen
    }

    public let failuresMax: Int
    public let probeAfter: Duration
    public private(set) var state = State.closed
    public private(set) var failures = 0
    public private(set) var openUntil: Timestamp?

    public init(failuresMax: Int = 5, probeAfter: Duration = .seconds(30)) {
        self.failuresMax = failuresMax
        self.probeAfter = probeAfter
    }

    /// How many attempts may leave now, when `free` places are free and `underWay` are taken.
    public mutating func admits(free: Int, underWay: Int, now: Timestamp) -> Int {
        switch state {
        case .closed: return free
        case .halfOpen: return underWay == 0 ? min(1, free) : 0
        case .open:
            guard let openUntil, now >= openUntil else { return 0 }
            state = .halfOpen
            return underWay == 0 ? min(1, free) : 0
        }
    }

    public mutating func succeeded() {
        state = .closed
        failures = 0
        openUntil = nil
    }

    /// What it waits for is no further away than it would be of a failure now.
    mutating func clockWentBack(now: Timestamp) {
        openUntil = openUntil.map { min($0, now + probeAfter) }
    }

    public mutating func failed(now: Timestamp) {
        failures += 1
        guard state == .halfOpen || failures >= failuresMax else { return }
        state = .open
        openUntil = now + probeAfter
    }
}
