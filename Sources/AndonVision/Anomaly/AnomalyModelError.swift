/// Why an anomaly model cannot be learned, read or used: what was wrong, where, and what to do.
public struct AnomalyModelError: Error, Sendable, Hashable, CustomStringConvertible {
    public var reason: String

    public init(_ reason: String) {
        self.reason = reason
    }

    public var description: String { reason }
}
