import UACodec

/// The logic of filters: true, false, or not known, which is written null (Part 4, 7.7.3, tables of And and Or).
enum Truth: Hashable, Sendable {
    case yes, no, unknown

    init(_ value: Bool?) { self = value.map { $0 ? .yes : .no } ?? .unknown }

    /// A Boolean as it is; anything that is none is not known.
    init(_ variant: Variant) { self.init(variant.value(as: Bool.self)) }

    var variant: Variant {
        switch self {
        case .yes: Variant(true)
        case .no: Variant(false)
        case .unknown: .null
        }
    }

    static prefix func ! (value: Truth) -> Truth {
        switch value {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }

    /// False where either is, whatever the other.
    static func and(_ left: Truth, _ right: Truth) -> Truth {
        if left == .no || right == .no { return .no }
        return left == .yes && right == .yes ? .yes : .unknown
    }

    /// True where either is, whatever the other.
    static func or(_ left: Truth, _ right: Truth) -> Truth { !and(!left, !right) }
}
