/// The bands that severities fall into, from the mildest to the worst.
public struct SeverityBands: Sendable, Equatable {
    public struct Band: Sendable, Equatable {
        public var name: String
        /// The lowest severity of the band, 0...1: a severity of exactly this value is in it.
        public var from: Double

        public init(name: String, from: Double) {
            self.name = name
            self.from = from
        }
    }

    /// Ascending in `from`, the first from 0.
    public var bands: [Band]
    /// Name of the band for a detection whose severity nobody stated.
    public var unstated: String

    /// `unstated` is the second lowest band when not given: a severity that nobody stated is neither the mildest
    /// nor an alarm.
    public init(_ bands: [Band], unstated: String? = nil) {
        self.bands = bands
        self.unstated = unstated ?? bands.dropFirst().first?.name ?? bands.first?.name ?? ""
    }

    public static let standard = SeverityBands([
        Band(name: "minor", from: 0), Band(name: "moderate", from: 0.4), Band(name: "major", from: 0.7),
        Band(name: "critical", from: 0.9),
    ])

    /// The name of the band that `severity` falls into; a severity below the first band is in the first.
    public func name(for severity: Double?) -> String { place(of: severity).map { bands[$0].name } ?? unstated }

    /// The same band by its place in `bands`; nil for one that nobody stated.
    func place(of severity: Double?) -> Int? {
        guard let severity, !bands.isEmpty else { return nil }
        return bands.lastIndex { severity >= $0.from } ?? 0
    }

    /// The number of a severity name, whatever its case: from `names`, else the lower bound of the band of that name;
    /// nil for a name that neither has.
    func severity(named name: String, _ names: [String: Double]) -> Double? {
        let lowered = name.lowercased()
        return names[lowered] ?? bands.first { $0.name.lowercased() == lowered }?.from
    }
}
