import AndonDecide
import AndonLedger
import AndonModel
import Foundation

/// What other rules would have done with what is in the store.
public enum Backtest {
    /// Replays a period through other rules.
    ///
    /// - Parameters:
    ///   - from: the first moment of the period; nil for the first report.
    ///   - to: the first moment behind it; nil for now.
    ///   - processors: how many may decide side by side; the report does not depend on it.
    public static func run(
        rules: Rules, plant: Plant, from: Timestamp?, to: Timestamp?,
        processors: Int = ProcessInfo.processInfo.activeProcessorCount, in store: Store
    ) throws -> BacktestReport {
        try store.readNow { reader in
            try reader.requireHistory()
            let end = to ?? store.time.now()
            let start = try from ?? reader.firstReceipt() ?? end
            var feed = try HistoryFeed(
                rules: rules, plant: plant, from: start, to: end, processors: processors, reader)
            try feed.advance(to: end, reader)
            return try report(feed, to: end, reader)
        }
    }

    /// Shares and confidences that a threshold can be found for.
    public static let shares = 0.001...0.999
    public static let confidences = 0.5...0.9999

    /// The thresholds that the closed orders of a period speak for.
    public static func tune(
        share: Double, confidence: Double, from: Timestamp?, to: Timestamp?, in store: Store
    ) throws -> Tuning {
        let (judged, silent) = try store.readNow { reader in
            try reader.judgedOrders(from: from ?? Timestamp(microseconds: 0), to: to ?? store.time.now())
        }
        return Tuning(judged, silent: silent, share: share, confidence: confidence)
    }

    static func report(_ feed: HistoryFeed, to end: Timestamp, _ reader: Reader) throws -> BacktestReport {
        let first = try reader.firstReport(from: feed.from)
        return BacktestReport(
            feed.findings, from: feed.from, to: end, orders: try reader.pastOrders(from: feed.from, to: end),
            signals: try reader.pastSignals(first..<max(first, feed.next)).values.flatMap { $0 })
    }
}
