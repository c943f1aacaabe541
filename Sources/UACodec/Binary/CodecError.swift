/// Why bytes could not be read, or a value could not be written: what, where, and the status code to answer with.
///
/// The words are for a log. What goes to a peer is ``status`` alone: an inner reason helps only who attacks.
public struct CodecError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// More bytes were announced than are there.
        case truncated(needed: Int, left: Int)
        /// The bytes break a rule of Part 6; the words name the rule.
        case malformed(String)
        /// A limit of ``CodecLimits`` would be passed; its name, what was asked for, what is allowed.
        case limit(String, asked: Int, allowed: Int)
        /// A message of a type that this library does not know (Bad_ServiceUnsupported).
        case unknownType(NodeId)
        /// A value that has no encoding: an array over 2^31-1, a matrix whose dimensions do not give its length.
        case unwritable(String)
    }

    public var kind: Kind
    /// Bytes from the start of the message to where it went wrong.
    public var offset: Int

    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// The code that Part 4, 7.39 (StatusCode) gives to this fault.
    public var status: StatusCode {
        switch kind {
        case .truncated, .malformed: .badDecodingError
        case .limit: .badEncodingLimitsExceeded
        case .unknownType: .badServiceUnsupported
        case .unwritable: .badEncodingError
        }
    }

    /// Whether a limit stopped the work, so that trying it another way must not be tried.
    public var isLimit: Bool {
        if case .limit = kind { true } else { false }
    }

    public var description: String {
        let words =
            switch kind {
            case .truncated(let needed, let left): "\(needed) bytes were announced and \(left) are left"
            case .malformed(let rule): rule
            case .limit(let name, let asked, let allowed): "\(name) is limited to \(allowed) and \(asked) was asked for"
            case .unknownType(let id): "no message has the encoding \(id)"
            case .unwritable(let reason): reason
            }
        return "\(status.name) at byte \(offset): \(words)"
    }
}
