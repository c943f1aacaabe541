import UACodec

/// Equality and order of values in filters (Part 4, 7.7.3).
enum Comparison {
    /// Not known where either is null; false where the types have nothing in common.
    static func equals(_ left: Variant, _ right: Variant) -> Truth {
        guard !isNull(left), !isNull(right) else { return .unknown }
        guard case .scalar = left, case .scalar = right else { return left == right ? .yes : .no }
        guard let (one, other) = Conversion.common(left, right) else { return .no }
        return one == other ? .yes : .no
    }

    /// Whether the first stands before the second; not known where either is null or they have no order.
    static func less(_ left: Variant, _ right: Variant) -> Truth {
        Truth(order(left, right).map { $0 < 0 })
    }

    static func greater(_ left: Variant, _ right: Variant) -> Truth {
        Truth(order(left, right).map { $0 > 0 })
    }

    static func lessOrEqual(_ left: Variant, _ right: Variant) -> Truth {
        Truth(order(left, right).map { $0 <= 0 })
    }

    static func greaterOrEqual(_ left: Variant, _ right: Variant) -> Truth {
        Truth(order(left, right).map { $0 >= 0 })
    }

    static func isNull(_ value: Variant) -> Bool {
        switch value {
        case .null, .scalar(.string(nil)), .scalar(.byteString(nil)), .scalar(.xmlElement(nil)): true
        case .scalar(.nodeId(let id)): id.isNull
        default: false
        }
    }

    private static func order(_ left: Variant, _ right: Variant) -> Int? {
        guard !isNull(left), !isNull(right), let (one, other) = Conversion.common(left, right),
            case .scalar(let first) = one, case .scalar(let second) = other
        else { return nil }
        switch (first, second) {
        case (.double(let a), .double(let b)): return a.isNaN || b.isNaN ? nil : sign(a, b)
        case (.float(let a), .float(let b)): return a.isNaN || b.isNaN ? nil : sign(a, b)
        case (.uint64(let a), .uint64(let b)): return sign(a, b)
        case (.string(let a?), .string(let b?)): return sign(a, b)
        case (.dateTime(let a), .dateTime(let b)): return sign(a, b)
        case (.statusCode(let a), .statusCode(let b)): return sign(a.rawValue, b.rawValue)
        default:
            guard let a = one.integer, let b = other.integer else { return nil }
            return sign(a, b)
        }
    }

    private static func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left == right ? 0 : 1
    }
}
