import AndonLedger

/// What courses can be told apart by.
public enum Dimension: String, Sendable, CaseIterable {
    case defectClass = "class"
    case asset
    /// The corrective action: the closure's remedy code.
    case action
    case cause
    case technician
    /// The crew that the order was given to.
    case crew
    case priority
    case lot
    case supplierLot
    /// A spare part that was used.
    case part
    /// The shift in which the work ended.
    case shift
    /// The calendar month in which the work ended, in UTC: `2026-11`.
    case month
}

/// Which courses a question is about.
public struct CourseFilter: Hashable, Sendable {
    public var defectClass: String?
    public var asset: String?
    /// The assets that whoever asks may see; nil for all, those among them that the plant file does not have.
    public var reach: Set<String>?
    /// Work that ended from here on, and before `until`; for orders without an end, raised.
    public var from: Int64
    public var until: Int64
    public var histories: Histories

    public enum Histories: String, Sendable, CaseIterable {
        /// Orders of Andon alone.
        case own
        /// Imported ones alone.
        case imported
        case both
    }

    /// - Parameters:
    ///   - from: microseconds since 1970 UTC.
    public init(
        defectClass: String? = nil, asset: String? = nil, from: Int64 = .min, until: Int64 = .max,
        histories: Histories = .own, reach: Set<String>? = nil
    ) {
        self.defectClass = defectClass
        self.asset = asset
        self.reach = reach
        self.from = from
        self.until = until
        self.histories = histories
    }

    /// Whether what is of the asset may be counted at all. What is of none is of no site, and counts for who sees all.
    func reaches(_ asset: String?) -> Bool {
        guard let reach else { return true }
        return asset.map { reach.contains($0) } ?? false
    }
}
