import AndonSPC

/// Judges all corrective actions of a plant together.
///
/// A name is given only where its chance of being false is so small that the whole plant has a false name with at most
/// the stated error rate. The actions share that rate by Holm's step-down (Scandinavian Journal of Statistics 6(2),
/// 1979), which holds however the actions depend on each other, as Bonferroni's does, and never names less. Within an
/// action half goes to the share that comes back, half to wear. What is counted is how many actions have enough cases,
/// which does not depend on how they turned out.
///
/// What a name asks for:
/// - removes the cause: less than `causeShare` comes back within the horizon;
/// - symptom only: more than `symptomShare` does, and it is no wear: the shape is below `wearShape`, or more than
///   `causeShare` is back before `leastHold` days;
/// - wears out: the shape is above 1, half is back later than `leastHold`, and more than `causeShare` comes back while
///   watched.
///
/// A share has to pass as it was seen and as it would be on the class's usual mix of assets over a whole year
/// (`Circumstances`); the shape, in days and in days without the season.
public struct ActionJudge: Sendable {
    /// Of the error rate: what the actions on single assets get, which are many and have few cases.
    private static let assetsPart = 0.2

    public var limits: VerdictLimits

    public init(_ limits: VerdictLimits = VerdictLimits()) { self.limits = limits }

    /// - Parameter repairs: all of a plant, in any order. A time that is negative or no finite number is left out.
    /// - Returns: by defect, action and asset, the class as a whole first.
    public func verdicts(_ repairs: [RepairCase]) -> [ActionVerdict] {
        var whole: [ActionTrial] = []
        var single: [ActionTrial] = []
        let classes = Dictionary(grouping: repairs.filter(\.isValid), by: \.defect)
        for (_, group) in classes.sorted(by: { $0.key < $1.key }) {
            let circumstances = Circumstances(group, horizon: limits.horizon)
            let actions = Dictionary(grouping: group, by: \.action)
            whole += actions.values.map { trial($0, among: group, circumstances, asset: nil) }
            guard limits.judgesAssets, Set(group.map(\.asset)).count > 1 else { continue }
            for (asset, here) in Dictionary(grouping: group, by: \.asset) {
                for own in Dictionary(grouping: here, by: \.action).values where own.count >= limits.leastCases {
                    single.append(trial(own, among: here, circumstances, asset: asset))
                }
            }
        }
        let part = single.isEmpty ? 0 : Self.assetsPart
        let verdicts =
            judge(whole, errorRate: limits.errorRate * (1 - part)) + judge(single, errorRate: limits.errorRate * part)
        return verdicts.sorted {
            ($0.defect, $0.action, $0.asset ?? "") < ($1.defect, $1.action, $1.asset ?? "")
        }
    }

    private func trial(
        _ own: [RepairCase], among group: [RepairCase], _ circumstances: Circumstances, asset: String?
    ) -> ActionTrial {
        ActionTrial(own, among: group, circumstances: circumstances, asset: asset, limits: limits)
    }

    private func judge(_ trials: [ActionTrial], errorRate: Double) -> [ActionVerdict] {
        let judged = trials.indices.filter { trials[$0].cases >= limits.leastCases }
        var errors = Array(repeating: 1.0, count: trials.count)
        let adjusted = Holm.adjusted(judged.map { trials[$0].error }) ?? []
        for (index, error) in zip(judged, adjusted) { errors[index] = error }
        let open = adjusted.count { $0 > errorRate }
        return zip(trials, errors).map { $0.verdict(error: $1, errorRate: errorRate, open: open) }
    }
}
