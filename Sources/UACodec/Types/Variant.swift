/// Any value of a built-in type, an array of one type, or a matrix (Part 6, 5.2.2.16).
public enum Variant: Hashable, Sendable {
    case null
    case scalar(Scalar)
    case array(Elements)
    /// Rows one after the other; the product of the dimensions is the number of elements. A matrix without elements
    /// is written and read as an array, since no dimension may be zero on the wire and peers refuse one that is.
    case matrix(Elements, dimensions: [Int32])

    /// One value; a null String or ByteString is a value too.
    public init(_ value: some VariantValue) { self = .scalar(value.scalar) }

    public init<Value: NullableVariantValue>(_ value: Value?) { self = .scalar(Value.scalar(value)) }

    public init(_ text: String) { self = .scalar(.string(text)) }

    public init(_ bytes: ByteString) { self = .scalar(.byteString(bytes)) }

    public init<Value: VariantValue>(_ values: [Value]) { self = .array(Value.elements(values)) }

    public init<Value: NullableVariantValue>(_ values: [Value?]) { self = .array(Value.elements(values)) }

    /// The built-in type of the value or of the elements; nil where there is no value.
    public var type: BuiltInType? {
        switch self {
        case .null: nil
        case .scalar(let scalar): scalar.type
        case .array(let elements), .matrix(let elements, _): elements.type
        }
    }

    /// The number of elements that dimensions give; nil where one is negative or the product is over Int64.
    static func count(of dimensions: [Int32]) -> Int? {
        var product = 1
        for dimension in dimensions {
            let (next, overflow) = product.multipliedReportingOverflow(by: Int(dimension))
            guard dimension >= 0, !overflow else { return nil }
            product = next
        }
        return product
    }
}

extension Variant: BinaryCodable {
    public static var smallestByteCount: Int { 1 }

    private static let isArray: UInt8 = 0x80
    private static let hasDimensions: UInt8 = 0x40

    public init(from reader: inout BinaryReader) throws(CodecError) {
        let mask = try reader.integer(UInt8.self)
        guard mask & 0x3F != 0 else {
            guard mask == 0 else { throw reader.malformed("a Variant has an array of no type") }
            self = .null
            return
        }
        let type = try Self.type(mask & 0x3F, in: reader)
        guard mask & Self.isArray != 0 else {
            guard mask & Self.hasDimensions == 0, type != .variant else {
                throw reader.malformed("a Variant holds a single Variant, or one value with dimensions")
            }
            self = .scalar(try reader.nested { reader throws(CodecError) in try Scalar(type, from: &reader) })
            return
        }
        let found = try reader.length(
            "array length", allowed: reader.limits.arrayLength, smallest: type.smallestByteCount)
        let count = found ?? 0
        let elements = try reader.nested { reader throws(CodecError) in
            try Elements(type, count: count, from: &reader)
        }
        let dimensions = mask & Self.hasDimensions == 0 ? [] : try reader.array(Int32.self)
        guard dimensions.isEmpty || Self.count(of: dimensions) == count else {
            throw reader.malformed("the dimensions \(dimensions) do not give \(count) elements")
        }
        self = dimensions.isEmpty || count == 0 ? .array(elements) : .matrix(elements, dimensions: dimensions)
    }

    /// Types 26...31 are reserved and read as ByteString.
    private static func type(_ code: UInt8, in reader: BinaryReader) throws(CodecError) -> BuiltInType {
        guard let type = code > 25 && code < 32 ? .byteString : BuiltInType(rawValue: code) else {
            throw reader.malformed("a Variant has the type \(code)")
        }
        guard type != .dataValue || !reader.isInsideDataValue else {
            throw reader.malformed("a DataValue holds another")
        }
        return type
    }

    public func encode(to writer: inout BinaryWriter) {
        switch self {
        case .null: writer.integer(UInt8(0))
        case .scalar(.variant): writer.fail(.unwritable("a Variant may not hold a single Variant"))
        case .scalar(let scalar):
            writer.integer(scalar.type.rawValue)
            writer.nested { scalar.encodeContent(to: &$0) }
        case .array(let elements):
            writer.integer(elements.type.rawValue | Self.isArray)
            writer.length(elements.count)
            writer.nested { elements.encodeContent(to: &$0) }
        case .matrix(let elements, let dimensions):
            guard !dimensions.isEmpty, Self.count(of: dimensions) == elements.count else {
                return writer.fail(.unwritable("dimensions \(dimensions) for \(elements.count) elements"))
            }
            guard elements.count > 0 else { return Variant.array(elements).encode(to: &writer) }
            writer.integer(elements.type.rawValue | Self.isArray | Self.hasDimensions)
            writer.length(elements.count)
            writer.nested { elements.encodeContent(to: &$0) }
            writer.array(dimensions)
        }
    }
}
