import UACodec

/// Why a connection cannot go on. The other side is told the status and one plain sentence, and it is closed.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    public var status: StatusCode
    /// For the log: which rule was broken, and how.
    public var detail: String

    public init(_ status: StatusCode, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    init(_ error: CodecError) { self.init(error.status, "\(error)") }

    /// What the other side may know. Details of security never leave the house: every such fault is
    /// Bad_SecurityChecksFailed to the peer, whoever finds it.
    public var answer: ErrorMessage { ErrorMessage(status, reason: status.name) }

    public var description: String { "\(status.name): \(detail)" }
}
