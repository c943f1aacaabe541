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
        histories: Histories = .own
    ) {
        self.defectClass = defectClass
        self.asset = asset
        self.from = from
        self.until = until
        self.histories = histories
    }
}
