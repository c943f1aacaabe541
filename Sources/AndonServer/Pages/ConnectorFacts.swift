import AndonLedger
import AndonModel

/// What the store knows of a connector.
struct ConnectorFacts: Sendable {
    var queue: QueueStanding
    var polledAt: Timestamp?
    var registry: (readAt: Timestamp, assets: Int)?
    /// Seconds from the first byte to the last of the newest attempts, ascending.
    var latencies: [Double]
    /// The newest attempt's error, where it had one.
    var lastError: String?

    /// - Parameters:
    ///   - attempts: those that whoever looks may see.
    ///   - hidden: assets whose orders count for nothing here.
    init(_ name: String, _ attempts: [RecentAttempt], hiding hidden: Set<String>, _ reader: Reader) throws {
        queue = try reader.queueStanding(connector: name, hiding: hidden)
        polledAt = try reader.lastPoll(connector: name)
        registry = try reader.registrySize(connector: name)
        latencies = attempts.compactMap { $0.latency.map { Double($0.microseconds) / 1e6 } }.sorted()
        lastError = attempts.first { $0.detail != nil }?.detail
    }

    /// The value that a share of the latencies does not exceed (nearest rank); nil without any.
    func latency(_ share: Double) -> Double? {
        guard !latencies.isEmpty else { return nil }
        let rank = Int((share * Double(latencies.count)).rounded(.up))
        return latencies[min(max(rank, 1), latencies.count) - 1]
    }
}
