import AndonSPC

/// What the data says of one corrective action on one class of defect, with the evidence it says it from.
public struct ActionVerdict: Codable, Hashable, Sendable {
    public enum Name: String, Codable, Hashable, Sendable, CaseIterable {
        /// The class stays away.
        case removesCause
        /// The class soon comes back.
        case symptomOnly
        /// It holds for a time and then comes back: a matter for a planned interval.
        case wearsOut
        /// The interval is too wide, or lies between the limits.
        case undecided
        /// No outcome of so few cases could name the action.
        case tooFew
    }

    public var defect: String
    public var action: String
    /// The asset it was judged on; nil for the class as a whole.
    public var asset: String?
    public var name: Name
    public var evidence: Evidence

    /// In plain words, with the figures it rests on.
    public var sentence: String { phrase.english }
    var phrase: Phrase { VerdictSentence(self).phrase }
}

extension ActionVerdict {
    public struct Evidence: Codable, Hashable, Sendable {
        public var cases: Int
        /// Repairs whose cause came back, at any time.
        public var returns: Int
        /// Repairs after which the class came back with another cause; no returns.
        public var otherCauses: Int
        /// Repairs whose cause came back within the horizon, or that were watched to it.
        public var followed: Int
        /// Days.
        public var horizon: Double
        /// Kaplan and Meier's share that comes back within the horizon; nil where nothing was watched so long.
        public var share: Double?
        /// Its band of 95 percent: on the scale of log(-log S), as other programs print it, or where that has no value
        /// (none or all came back) the exact one.
        public var lower: Double?
        public var upper: Double?
        /// Days by which half came back; nil where less than half did.
        public var median: Double?
        /// The shape of Weibull's distribution and its interval of 95 percent; nil with less than two returns.
        public var shape: Double?
        public var shapeLower: Double?
        public var shapeUpper: Double?
        /// How much faster than usual this class comes back on the assets and in the seasons in which the action was
        /// used, whatever is done; 1 is as usual.
        public var circumstances: Double
        public var circumstancesLower: Double
        public var circumstancesUpper: Double
        /// With the class's other actions; nil where there is none on the same assets and in the same seasons.
        public var comparison: Comparison?
        /// The chance to find evidence like this for the best-supported name were it false, raised so that it stands for
        /// all actions judged together; 1 at most.
        public var error: Double
        /// What `error` has to stay at or under for a name: the plant's error rate, or its part for single assets.
        public var errorRate: Double
        /// Cases that came back or were watched to the horizon which are needed before an action can be named at all.
        public var needed: Int
    }

    /// Like with like, by the log-rank test.
    public struct Comparison: Codable, Hashable, Sendable {
        /// Compared only with repairs on the same asset. Not so where hardly any asset saw this action and another.
        public var isByAsset: Bool
        /// The action's repairs that others can be compared with; and these: those that ended in the same quarter of the
        /// year.
        public var own: Int
        public var others: Int
        /// Returns after these repairs of the action.
        public var observed: Int
        /// Returns were the action as the others.
        public var expected: Double
        /// Two-sided, for this comparison alone.
        public var p: Double
    }
}
