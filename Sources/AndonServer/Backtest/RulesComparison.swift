import AndonDecide
import AndonLedger
import AndonModel
import Foundation
import Synchronization

/// What other rules would have done with a stretch of history beside what today's would have done with it: the orders that
/// they add, and those that they would not have raised.
///
/// Both are replayed, so that what differs comes from the rules alone.
public struct RulesComparison: Sendable {
    /// Orders that only one of the two raises.
    public struct Side: Sendable {
        /// All of them.
        public var count = 0
        public var byClass: [String: Int] = [:]
        public var byAsset: [String: Int] = [:]
        /// The newest, at most `listMax`.
        public var items: [Item] = []
    }

    /// The detection, or the chart's signal, that raises the order.
    public struct Item: Sendable {
        /// Of a signal, the report that completed it.
        public var inspectionID: String
        public var asset: String
        /// Nil for a signal of a chart that the replay made itself.
        public var defectClass: String?
        public var detectedAt: Timestamp
        public var confidence: Double?
        public var severity: Double?
        /// SHA-256 of the picture, while it is kept.
        public var picture: String?
        public var isSignal: Bool
        public var priority: Int
        /// The place in the configuration that decides.
        public var rule: String
        /// The real order, where there is one.
        public var reference: Reference?
    }

    public var from: Timestamp
    public var to: Timestamp
    /// Orders that today's rules raise in the replay, and those of the other ones.
    public var today: Int
    public var candidate: Int
    public var added = Side()
    public var removed = Side()
    /// The candidate against what really happened.
    public var report: BacktestReport

    /// Orders that a list names; the counts beside it are of all.
    public static let listMax = 60

    /// Replays a stretch of history through both, in one snapshot of the store.
    ///
    /// - Parameters:
    ///   - candidate: the rules to be tried.
    ///   - today: those in force.
    ///   - from: the first moment; nil for the first report.
    ///   - to: the first moment behind it.
    public init(
        candidate: Rules, today: Rules, plant: Plant, from: Timestamp?, to: Timestamp, in store: Store
    ) throws {
        self = try store.readNow { reader in
            try RulesComparison(candidate, today, plant, from: from, to: to, reader)
        }
    }

    private init(
        _ candidate: Rules, _ today: Rules, _ plant: Plant, from: Timestamp?, to: Timestamp, _ reader: Reader
    ) throws {
        let start = try from ?? reader.firstReceipt() ?? to
        let (before, _) = try Self.replay(today, plant, from: start, to: to, reader)
        let (after, feed) = try Self.replay(candidate, plant, from: start, to: to, reader)
        (self.from, self.to) = (start, to)
        (self.today, self.candidate) = (before.count, after.count)
        report = try Backtest.report(feed, to: to, reader)
        added = try Self.side(after.filter { before[$0.key] == nil }, reader)
        removed = try Self.side(before.filter { after[$0.key] == nil }, reader)
    }

    /// What raises an order: two replays of the same history name it the same.
    private struct Key: Hashable {
        var report: Int64
        var ordinal: Int
        var isSignal: Bool
    }

    private struct Raised: Sendable {
        var priority: Int
        var rule: String
    }

    private static func replay(
        _ rules: Rules, _ plant: Plant, from: Timestamp, to: Timestamp, _ reader: Reader
    ) throws -> (raised: [Key: Raised], feed: HistoryFeed) {
        let found = RaisedOrders()
        var feed = try HistoryFeed(
            rules: rules, plant: plant, from: from, to: to,
            processors: ProcessInfo.processInfo.activeProcessorCount, reader)
        feed.observe { found.note($0) }
        try feed.advance(to: to, reader)
        return (found.all, feed)
    }

    /// Several processors tell at the same time.
    private final class RaisedOrders: Sendable {
        private let orders = Mutex<[Key: Raised]>([:])

        var all: [Key: Raised] { orders.withLock { $0 } }

        func note(_ replayed: Replayed) {
            guard replayed.outcome == .raised else { return }
            let key = Key(report: replayed.report, ordinal: replayed.ordinal, isSignal: replayed.isSignal)
            orders.withLock { $0[key] = Raised(priority: replayed.priority, rule: replayed.rule) }
        }
    }

    private static func side(_ raised: [Key: Raised], _ reader: Reader) throws -> Side {
        var side = Side()
        side.count = raised.count
        let keys = raised.keys.sorted { ($1.report, $1.ordinal) < ($0.report, $0.ordinal) }
        for key in keys {
            guard let raised = raised[key], let item = try item(key, raised, reader) else { continue }
            side.byClass[item.defectClass ?? signalName, default: 0] += 1
            side.byAsset[item.asset, default: 0] += 1
            if side.items.count < listMax { side.items.append(item) }
        }
        return side
    }

    /// What signals of charts are counted under: they have no class in the store.
    private static let signalName = "(signal)"

    private static func item(_ key: Key, _ raised: Raised, _ reader: Reader) throws -> Item? {
        if !key.isSignal, let found = try reader.shownDetection(report: key.report, ordinal: key.ordinal) {
            return Item(
                inspectionID: found.inspectionID, asset: found.asset, defectClass: found.defectClass,
                detectedAt: found.detectedAt, confidence: found.confidence, severity: found.severity,
                picture: found.picture, isSignal: false, priority: raised.priority, rule: raised.rule,
                reference: found.reference)
        }
        guard let report = try reader.shownReport(key.report) else { return nil }
        return Item(
            inspectionID: report.id, asset: report.asset, detectedAt: report.detectedAt, isSignal: key.isSignal,
            priority: raised.priority, rule: raised.rule)
    }
}

// MARK: JSON

extension RulesComparison {
    public var json: JSON {
        [
            "from": .time(from), "to": .time(to),
            "orders": ["today": .integer(today), "candidate": .integer(candidate)],
            "added": added.json, "removed": removed.json, "report": report.json,
        ]
    }
}

extension RulesComparison.Side {
    var json: JSON {
        [
            "count": .integer(count), "byClass": .object(byClass.mapValues { .integer($0) }),
            "byAsset": .object(byAsset.mapValues { .integer($0) }), "orders": .array(items.map(\.json)),
        ]
    }
}

extension RulesComparison.Item {
    var json: JSON {
        .object(present: [
            "inspection": .string(inspectionID), "asset": .string(asset),
            "class": defectClass.map { .string($0) }, "detectedAt": .time(detectedAt),
            "confidence": confidence.map { .number($0) }, "severity": severity.map { .number($0) },
            "picture": picture.map { .string($0) }, "signal": .bool(isSignal), "priority": .integer(priority),
            "rule": .string(rule), "order": reference.map { .string($0.text) },
        ])
    }
}
