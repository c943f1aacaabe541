/// The rules in force, as intake sees them: what they must know, and what they decide.
///
/// Both are pure: the same detection and the same facts give the same decision, today and on replay.
public protocol DecisionMaker: Sendable {
    /// What of the past the decision on this detection needs.
    func factsWanted(for detection: Detection) -> FactsWanted
    func decide(_ detection: Detection, facts: Facts) -> Decision
    /// When a predicted repair is to be done; nil when the data carry no date.
    func repairDate(for prediction: Prediction, at place: Place, stops: [PlannedStop], now: Timestamp) -> RepairDate?
}

extension DecisionMaker {
    public func repairDate(
        for prediction: Prediction, at place: Place, stops: [PlannedStop], now: Timestamp
    ) -> RepairDate? { nil }
}
