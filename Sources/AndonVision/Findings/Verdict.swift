import AndonModel

/// What a model says of one frame.
public struct Verdict: Sendable, Hashable {
    /// The strongest first. Empty of a good frame.
    public var findings: [Finding]
    /// The highest calibrated confidence of any defect, 0...1, also where it stayed below its threshold.
    public var score: Double

    public init(findings: [Finding], score: Double) {
        self.findings = findings
        self.score = score
    }

    public var isGood: Bool { findings.isEmpty }
}
