import AndonVision

/// How often a shadow model, which runs beside the live one and decides nothing, says the same of the same frames.
public struct ShadowComparison: Sendable, Hashable {
    /// Frames that both looked at.
    public private(set) var frames = 0
    /// Both found nothing, or both found the same classes.
    public private(set) var agreed = 0
    /// Both found something, and not the same classes.
    public private(set) var otherClasses = 0
    public private(set) var onlyLive = 0
    public private(set) var onlyShadow = 0
    /// Frames on which the shadow failed.
    public private(set) var failed = 0
    private var differences = 0.0

    public init() {}

    /// The shadow's score less the live one's, in the mean; nil before the first frame.
    public var meanScoreDifference: Double? { frames == 0 ? nil : differences / Double(frames) }

    /// - Parameter shadow: nil where it failed.
    public mutating func add(live: Verdict, shadow: Verdict?) {
        guard let shadow else {
            failed += 1
            return
        }
        frames += 1
        differences += shadow.score - live.score
        let (lives, shadows) = (Set(live.findings.map(\.defectClass)), Set(shadow.findings.map(\.defectClass)))
        if lives == shadows {
            agreed += 1
        } else if shadows.isEmpty {
            onlyLive += 1
        } else if lives.isEmpty {
            onlyShadow += 1
        } else {
            otherClasses += 1
        }
    }
}
