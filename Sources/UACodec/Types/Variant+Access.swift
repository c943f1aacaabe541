/// A type whose values a Variant can hold.
public protocol VariantValue: BinaryCodable, Hashable, Sendable {
    var scalar: Variant.Scalar { get }

    static func elements(_ values: [Self]) -> Variant.Elements

    static func value(of scalar: Variant.Scalar) -> Self?

    static func values(of elements: Variant.Elements) -> [Self]?
}

/// The same for the types that have a null.
public protocol NullableVariantValue: Nullable {
    static func scalar(_ value: Self?) -> Variant.Scalar

    static func elements(_ values: [Self?]) -> Variant.Elements

    /// Nil for another type, a nil inside for null.
    static func value(of scalar: Variant.Scalar) -> Self??

    static func values(of elements: Variant.Elements) -> [Self?]?
}

extension Variant {
    /// The single value where it is of exactly this type.
    public func value<Value: VariantValue>(as type: Value.Type = Value.self) -> Value? {
        if case .scalar(let scalar) = self { Value.value(of: scalar) } else { nil }
    }

    /// The single value where it is of exactly this type and not null.
    public func value<Value: NullableVariantValue>(as type: Value.Type = Value.self) -> Value? {
        if case .scalar(let scalar) = self { Value.value(of: scalar) ?? nil } else { nil }
    }

    /// The elements of an array, or of a matrix row after row, where they are of exactly this type.
    public func values<Value: VariantValue>(of type: Value.Type = Value.self) -> [Value]? {
        elements.flatMap { Value.values(of: $0) }
    }

    public func values<Value: NullableVariantValue>(of type: Value.Type = Value.self) -> [Value?]? {
        elements.flatMap { Value.values(of: $0) }
    }

    public var elements: Elements? {
        switch self {
        case .null, .scalar: nil
        case .array(let elements), .matrix(let elements, _): elements
        }
    }

    /// Any single number, as a Double; of 64-bit integers the nearest.
    public var number: Double? {
        guard case .scalar(let scalar) = self else { return nil }
        return switch scalar {
        case .float(let value): Double(value)
        case .double(let value): value
        case .uint64(let value): Double(value)
        default: integer.map { Double($0) }
        }
    }

    /// Any single integer that fits.
    public var integer: Int64? {
        guard case .scalar(let scalar) = self else { return nil }
        return switch scalar {
        case .sbyte(let value): Int64(value)
        case .byte(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int64(let value): value
        case .uint64(let value): Int64(exactly: value)
        default: nil
        }
    }
}
