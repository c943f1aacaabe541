/// A time in which machines stand still by plan, every week or once.
public struct MaintenanceWindow: Hashable, Sendable {
    public var name: String
    /// The assets and lines that it is for; both empty for all.
    public var assets: Set<String>
    public var lines: Set<String>
    public var span: Span

    public enum Span: Hashable, Sendable {
        /// Days from Monday, 0...6; minutes after midnight on the plant's wall clock. An end at or before the start is
        /// on the next day.
        case weekly(days: Set<Int>, from: Int, to: Int)
        case once(from: Timestamp, to: Timestamp)
    }

    public init(name: String, assets: Set<String> = [], lines: Set<String> = [], span: Span) {
        self.name = name
        self.assets = assets
        self.lines = lines
        self.span = span
    }

    public func isFor(_ place: Place) -> Bool {
        (assets.isEmpty && lines.isEmpty) || assets.contains(place.asset) || lines.contains(place.line ?? "")
    }
}

/// One planned stop that lies ahead.
public struct PlannedStop: Hashable, Sendable {
    public var name: String
    public var from: Timestamp
    public var to: Timestamp

    public init(name: String, from: Timestamp, to: Timestamp) {
        self.name = name
        self.from = from
        self.to = to
    }
}
