import UACodec

/// Why a connection cannot go on, or a request has no answer. A server tells the other side the status and one plain
/// sentence, and closes.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// How far a client's request came: whether what it asked for may have been done.
    public enum Reach: Hashable, Sendable {
        /// Nothing of it left this side: surely not done.
        case notSent
        /// It left, and no answer came: nobody here can know.
        case sent
        /// The server answered that it will not do it.
        case refused
    }

    public var status: StatusCode
    /// For the log: which rule was broken, and how.
    public var detail: String
    public var reach = Reach.notSent

    public init(_ status: StatusCode, _ detail: String, reach: Reach = .notSent) {
        self.status = status
        self.detail = detail
        self.reach = reach
    }

    init(_ error: CodecError) { self.init(error.status, "\(error)") }

    func reaching(_ reach: Reach) -> TransportError { TransportError(status, detail, reach: reach) }

    /// What the other side may know. Details of security never leave the house: every such fault is
    /// Bad_SecurityChecksFailed to the peer, whoever finds it.
    public var answer: ErrorMessage { ErrorMessage(status, reason: status.name) }

    public var description: String { "\(status.name): \(detail)" }
}
