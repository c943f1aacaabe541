import AndonModel

/// What happened in a period, and what other rules would have made of it, side by side.
public struct BacktestReport: Sendable {
    public var from: Timestamp
    public var to: Timestamp
    public var tally: ReplayTally
    /// The orders that were really raised.
    public var real: OrderTally
    /// Real signals of control charts, by what became of them.
    public var realSignals: [Outcome: Int]
    /// Real orders that no order of the candidate stands for, the confirmed ones first; those of `spared` left out.
    public var missed: [PastOrder]
    /// Real orders whose repair found no fault, and that the candidate would not have raised.
    public var spared: [PastOrder]
    /// Orders of the candidate that nothing real corresponds to.
    public var newOrders: Int
    public var newByClass: [(name: String, count: Int)]
    /// The candidate's decisions by the place in the configuration that made them.
    public var byRule: [String: [Outcome: Int]]
    /// What the replay took for granted, in words.
    public var assumptions: [String]

    /// Orders that a list names; the counts beside it are of all.
    public static let listMax = 50

    /// - Parameter orders: the real ones of the period, as they stand now.
    public init(
        _ found: ReplayFindings, from: Timestamp, to: Timestamp, orders: [PastOrder], signals: [PastFate]
    ) {
        self.from = from
        self.to = to
        tally = found.tally
        var real = OrderTally(timeZone: found.timeZone)
        for order in orders { real.count(order) }
        self.real = real
        realSignals = Dictionary(signals.map { ($0.outcome, 1) }, uniquingKeysWith: +)
        let lost = orders.filter { !found.covered.contains($0.reference) }
        missed = lost.filter { $0.verdict != .falseAlarm }.sorted {
            (Self.rank($0.verdict), $0.seq) < (Self.rank($1.verdict), $1.seq)
        }
        spared = lost.filter { $0.verdict == .falseAlarm }
        newOrders = found.newOrders.values.reduce(0, +)
        newByClass = found.newOrders.map { (name: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
        byRule = found.byRule
        assumptions = found.assumptions
    }

    private static func rank(_ verdict: Closure.Verdict?) -> Int {
        switch verdict {
        case .confirmed: 0
        case .wrongClass: 1
        case nil: 2
        case .falseAlarm: 3
        }
    }

    public var days: Double { max(0, (to - from).seconds / 86_400) }

    /// Orders a day over the whole period.
    func mean(_ tally: OrderTally) -> Double { days > 0 ? Double(tally.total) / days : 0 }
}

// MARK: JSON

extension BacktestReport {
    public var json: JSON {
        .object(present: [
            "from": .time(from), "to": .time(to), "days": .number(days), "detections": .integer(tally.detections),
            "outcomes": .object(
                Dictionary(uniqueKeysWithValues: Outcome.allCases.map { ($0.rawValue, outcome($0)) })),
            "signals": .object(
                Dictionary(
                    uniqueKeysWithValues: Outcome.allCases.map {
                        ($0.rawValue, Self.pair(realSignals[$0] ?? 0, tally.signals[$0] ?? 0))
                    })),
            "orders": [
                "total": Self.pair(real.total, tally.raised.total),
                "byClass": Self.pairs(real.byClass, tally.raised.byClass),
                "byAsset": Self.pairs(real.byAsset, tally.raised.byAsset),
                "byPriority": Self.pairs(
                    real.byPriority.named { String($0) }, tally.raised.byPriority.named { String($0) }),
                "byKind": Self.pairs(
                    real.byKind.named(\.rawValue), tally.raised.byKind.named(\.rawValue)),
                "aDay": ["real": .number(mean(real)), "candidate": .number(mean(tally.raised))],
                "busiestDay": Self.pair(real.busiestDay, tally.raised.busiestDay, perDay: 1),
                "busiestHour": Self.pair(real.busiestHour, tally.raised.busiestHour, perDay: 24),
            ],
            "byRule": .object(
                byRule.mapValues { .object($0.named(\.rawValue).mapValues { .integer($0) }) }),
            "missed": Self.list(missed), "spared": Self.list(spared),
            "new": [
                "count": .integer(newOrders),
                "byClass": .object(
                    Dictionary(newByClass.map { ($0.name, .integer($0.count)) }, uniquingKeysWith: { $1 })),
            ],
            "assumptions": .array(assumptions.map { .string($0) }),
        ])
    }

    /// Of one outcome: how many really, how many by the candidate, and what the candidate makes of the real ones.
    private func outcome(_ outcome: Outcome) -> JSON {
        [
            "real": .integer(tally.really(outcome)), "candidate": .integer(tally.candidate(outcome)),
            "becomes": .object(
                Dictionary(
                    uniqueKeysWithValues: Outcome.allCases.map {
                        ($0.rawValue, .integer(tally.count(really: outcome, candidate: $0)))
                    })),
        ]
    }

    private static func pair(_ real: Int, _ candidate: Int) -> JSON {
        ["real": .integer(real), "candidate": .integer(candidate)]
    }

    private static func pairs(_ real: [String: Int], _ candidate: [String: Int]) -> JSON {
        let names = Set(real.keys).union(candidate.keys)
        return .object(
            Dictionary(uniqueKeysWithValues: names.map { ($0, pair(real[$0] ?? 0, candidate[$0] ?? 0)) }))
    }

    private static func pair(_ real: OrderTally.Peak?, _ candidate: OrderTally.Peak?, perDay: Int) -> JSON {
        func json(_ peak: OrderTally.Peak?) -> JSON? {
            peak.map {
                ["at": .string($0.name), "orders": .integer($0.orders), "aDay": .integer($0.orders * perDay)]
            }
        }
        return .object(present: ["real": json(real), "candidate": json(candidate)])
    }

    private static func list(_ orders: [PastOrder]) -> JSON {
        [
            "count": .integer(orders.count),
            "orders": .array(
                orders.prefix(listMax).map { order in
                    .object(present: [
                        "reference": .string(order.reference.text), "class": .string(order.defectClass),
                        "asset": .string(order.asset), "priority": .integer(order.priority),
                        "raisedAt": .time(order.raisedAt), "verdict": order.verdict.map { .string($0.rawValue) },
                    ])
                }),
        ]
    }
}

extension Dictionary where Value == Int {
    func named(_ name: (Key) -> String) -> [String: Int] {
        [String: Int](map { (name($0.key), $0.value) }, uniquingKeysWith: +)
    }
}
