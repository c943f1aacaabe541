import AndonDecide
import AndonModel

/// A past in memory that answers `FactsWanted` to the letter of its documentation, as the store must.
struct History {
    let rules: Rules
    private var seen: [(detection: Detection, part: Int, decision: Decision)] = []
    private var open: [String: Facts.OpenOrder] = [:]
    private var lastRaised: [String: Timestamp] = [:]

    init(rules: Rules) {
        self.rules = rules
    }

    /// Decides and remembers. `part` is the number of the inspected part.
    mutating func take(_ detection: Detection, part: Int = 0) -> Decision {
        let key = "\(detection.defect.defectClass)@\(detection.place.asset)"
        let wanted = rules.factsWanted(for: detection)
        let facts = Facts(
            openOrder: open[key], countInWindow: count(wanted, detection, part), lastRaisedAt: lastRaised[key])
        let decision = rules.decide(detection, facts: facts)
        seen.append((detection, part, decision))
        if decision.outcome == .raised {
            open[key] = Facts.OpenOrder(
                reference: .first, priority: decision.priority, worstSeverity: decision.severity, occurrences: 1)
            lastRaised[key] = detection.detectedAt
        }
        return decision
    }

    private func count(_ wanted: FactsWanted, _ detection: Detection, _ part: Int) -> Int {
        guard let window = wanted.window else { return 0 }
        let all = seen.filter { earlier in
            let age = detection.detectedAt - earlier.detection.detectedAt
            let isInside =
                switch window {
                case .time(let length): age < length
                case .parts(let count): part - earlier.part < count
                }
            return isInside && earlier.detection.defect.defectClass == detection.defect.defectClass
                && earlier.detection.place.asset == detection.place.asset
                && (earlier.detection.defect.confidence ?? 1) >= (wanted.minConfidence ?? 0)
                && (earlier.decision.severity ?? 1) >= (wanted.minSeverity ?? 0)
        }
        return min(all.count, wanted.countMax)
    }
}
