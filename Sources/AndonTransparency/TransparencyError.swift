/// What a reader of proofs, notes, tiles or stamps can say no to.
public enum TransparencyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text or the bytes are not of the format; `what` names it.
    case malformed(_ what: String, String)
    /// Well formed, and not true: a signature, a hash or a size does not fit.
    case untrue(String)

    public var description: String {
        switch self {
        case .malformed(let what, let reason): "the \(what) is malformed: \(reason)"
        case .untrue(let reason): reason
        }
    }
}
