import AndonModel

/// How one connector's lane stands, for people to see. What it says is of one moment.
public struct LaneStanding: Sendable {
    /// The connector's.
    public var name: String
    public var breaker: CircuitBreaker.State
    /// When the next attempt may leave, where the breaker is open.
    public var openUntil: Timestamp?
    /// Of the system, in a row.
    public var failures: Int
    /// Attempts.
    public var underWay: Int
    public var maxInFlight: Int
}
