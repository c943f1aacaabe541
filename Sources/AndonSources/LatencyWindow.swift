import AndonModel

/// The last so many times of one kind, for percentiles. A value of fixed size.
struct LatencyWindow: Sendable {
    private var times: [Duration] = []
    private var next = 0
    private let size: Int

    init(size: Int = 1000) { self.size = size }

    mutating func add(_ time: Duration) {
        if times.count < size {
            times.append(time)
        } else {
            times[next] = time
        }
        next = (next + 1) % size
    }

    /// Nil before the first time.
    var figures: LatencyFigures? {
        guard !times.isEmpty else { return nil }
        let sorted = times.sorted()
        // The smallest time that this share of all is not above (nearest rank).
        func rank(_ share: Double) -> Duration { sorted[max(0, Int((Double(sorted.count) * share).rounded(.up)) - 1)] }
        return LatencyFigures(p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), count: sorted.count)
    }
}

/// Percentiles by nearest rank over the last frames, at most 1,000.
public struct LatencyFigures: Sendable, Hashable {
    public var p50: Duration
    public var p95: Duration
    public var p99: Duration
    public var count: Int
}

/// Says when a figure has been over its limit for a while, and when it is below again for as long.
struct SlowWatch: Sendable {
    let limit: Duration
    let patience: Duration
    private(set) var isSlow = false
    /// Since when the figure is on the other side.
    private var turnedAt: Duration?

    init(limit: Duration, patience: Duration = .seconds(60)) {
        self.limit = limit
        self.patience = patience
    }

    /// - Parameter figure: nil while there is none: a camera that stands still is not slow.
    mutating func look(_ figure: Duration?, at uptime: Duration) {
        let isOver = (figure ?? .zero) > limit
        guard isOver != isSlow else {
            turnedAt = nil
            return
        }
        guard let since = turnedAt else {
            turnedAt = uptime
            return
        }
        guard uptime - since >= patience else { return }
        isSlow = isOver
        turnedAt = nil
    }
}
