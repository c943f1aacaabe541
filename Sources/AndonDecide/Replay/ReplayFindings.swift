import AndonModel
import AndonSPC

/// What a replay has found. Those of several replays that had assets of their own add up to what one would have found
/// that had them all.
public struct ReplayFindings: Sendable {
    public private(set) var tally: ReplayTally
    /// Real orders with a detection that is in an order of the candidate.
    public private(set) var covered: Set<Reference>
    /// Orders of the candidate that hold no detection of a real one, by class.
    public private(set) var newOrders: [String: Int]
    /// Decisions by the place in the configuration that made them.
    public private(set) var byRule: [String: [Outcome: Int]]
    let rules: Rules
    let timeZone: String

    public init(_ replay: Replay) {
        tally = replay.tally
        covered = replay.covered
        newOrders = replay.newOrders
        byRule = replay.byRule
        rules = replay.rules
        timeZone = replay.plant.timeZone
    }

    /// Takes in what a replay of the same rules found on other assets.
    public mutating func add(_ other: ReplayFindings) {
        tally.add(other.tally)
        covered.formUnion(other.covered)
        newOrders.merge(other.newOrders, uniquingKeysWith: +)
        byRule.merge(other.byRule) { $0.merging($1, uniquingKeysWith: +) }
    }

    /// What the replay took for granted, in words.
    var assumptions: [String] {
        var words = [
            "An order of the candidate ends when the real order does that has one of its detections.",
            "Where there is none it ends with the next real order for its class on its asset, or after the median time"
                + " that real orders were open, whichever comes first (\(tally.assumedEnds) ended by that median).",
            "Assets, criticalities and time zone are those of the plant file now.",
        ]
        if !rules.charts.isEmpty {
            words.append(
                "Charts begin with the limits in force at the start where their definition is the same, without the runs"
                    + " of points before it; other charts gather a baseline first.")
        }
        let trends = rules.charts.filter { $0.trend != nil }.map(\.name)
        if !trends.isEmpty {
            words.append(
                "predictive orders of trends are not replayed: a plan follows its order's life in the CMMS, which an"
                    + " order that was never made does not have (\(trends.joined(separator: ", ")))")
        }
        return words
    }
}
