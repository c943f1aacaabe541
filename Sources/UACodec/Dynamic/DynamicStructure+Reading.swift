extension DynamicStructure {
    /// Reads a body of that many bytes. Nil, with nothing read, where the bytes do not follow the definition.
    ///
    /// Fields that allow subtypes should travel as ExtensionObjects or Variants (Part 6, 5.2.6), and some servers send
    /// them inline nevertheless; so a body that cannot be read the one way is tried the other.
    ///
    /// - Throws: Bad_EncodingLimitsExceeded; what was spent on a failed try counts too.
    static func body(
        _ schema: StructureSchema, bytes count: Int, from reader: inout BinaryReader
    ) throws(CodecError) -> DynamicStructure? {
        let start = reader
        for inline in [reader.readsSubtypesInline, !reader.readsSubtypesInline] {
            reader.readsSubtypesInline = inline
            defer { reader.readsSubtypesInline = start.readsSubtypesInline }
            do throws(CodecError) {
                return try reader.body(count) { reader throws(CodecError) in
                    try DynamicStructure(schema, from: &reader)
                }
            } catch {
                guard !error.isLimit else { throw error }
                reader.rewind(to: start)
            }
        }
        return nil
    }

    /// Memory that a structure is charged with: none of them is free, so that types which refer to one another without
    /// taking a byte from the message come to an end.
    private static let chargeBytes = 128

    /// - Throws: Bad_DecodingError where the bytes do not follow the definition, or a field's type is not known.
    public init(_ schema: StructureSchema, from reader: inout BinaryReader) throws(CodecError) {
        try reader.charge(bytes: Self.chargeBytes + schema.definition.fields.count * MemoryLayout<Field>.stride)
        self = try reader.nested { reader throws(CodecError) in
            if schema.isUnion { return try Self.union(schema, from: &reader) }
            return try Self.sequence(schema, from: &reader)
        }
    }

    private static func union(
        _ schema: StructureSchema, from reader: inout BinaryReader
    ) throws(CodecError) -> DynamicStructure {
        let selected = try reader.integer(UInt32.self)
        let fields = schema.definition.fields
        guard selected <= fields.count else { throw reader.malformed("\(schema.name) has no field \(selected)") }
        var union = DynamicStructure(
            typeId: schema.encodingId, name: schema.name, layout: .union(selected: selected), fields: [])
        if selected > 0 {
            let field = fields[Int(selected) - 1]
            union.fields = [Field(field.name ?? "", try value(of: field, in: schema, from: &reader))]
        }
        return union
    }

    private static func sequence(
        _ schema: StructureSchema, from reader: inout BinaryReader
    ) throws(CodecError) -> DynamicStructure {
        var mask = schema.hasOptionalFields ? try reader.integer(UInt32.self) : 0
        var structure = DynamicStructure(
            typeId: schema.encodingId, name: schema.name, layout: schema.hasOptionalFields ? .optionalFields : .plain,
            fields: [])
        structure.fields.reserveCapacity(schema.definition.fields.count)
        for field in schema.definition.fields {
            let isOptional = schema.hasOptionalFields && field.isOptional
            var isThere = true
            if isOptional {
                isThere = mask & 1 != 0
                mask >>= 1
            }
            let value = isThere ? try value(of: field, in: schema, from: &reader) : nil
            structure.fields.append(Field(field.name ?? "", value, isOptional: isOptional))
        }
        guard mask == 0 else { throw reader.malformed("\(schema.name) has fewer optional fields than its mask") }
        return structure
    }

    // MARK: Fields

    private static func value(
        of field: StructureField, in schema: StructureSchema, from reader: inout BinaryReader
    ) throws(CodecError) -> Value {
        let kind = try kind(of: field, in: schema, reader)
        switch field.valueRank {
        case -1: return try scalar(kind, from: &reader)
        case 1: return try array(kind, from: &reader)
        case 2...: return try matrix(kind, from: &reader)
        default:
            throw reader.malformed("the field \(field.name ?? "") of \(schema.name) has the rank \(field.valueRank)")
        }
    }

    private static func kind(
        of field: StructureField, in schema: StructureSchema, _ reader: BinaryReader
    ) throws(CodecError) -> TypeRegistry.Kind {
        guard let kind = reader.types.kind(of: field.dataType) else {
            throw reader.malformed("the type \(field.dataType) of a field of \(schema.name) is not known")
        }
        guard schema.hasSubtypedValues, field.isOptional, !reader.readsSubtypesInline else { return kind }
        return switch kind {
        case .builtIn(.extensionObject), .structure, .schema: .builtIn(.extensionObject)
        case .builtIn, .enumeration: .builtIn(.variant)
        }
    }

    private static func scalar(
        _ kind: TypeRegistry.Kind, from reader: inout BinaryReader
    ) throws(CodecError) -> Value {
        switch kind {
        case .builtIn(let type): .builtIn(.scalar(try Variant.Scalar(type, from: &reader)))
        case .enumeration: .builtIn(.scalar(try Variant.Scalar(.int32, from: &reader)))
        case .structure(let type): .structure(try StructureValue(type, from: &reader))
        case .schema(let schema): .structure(.dynamic(try DynamicStructure(schema, from: &reader)))
        }
    }

    private static func array(
        _ kind: TypeRegistry.Kind, from reader: inout BinaryReader
    ) throws(CodecError) -> Value {
        let smallest = smallestByteCount(kind)
        let found = try reader.length("array length", allowed: reader.limits.arrayLength, smallest: smallest)
        return try elements(kind, count: found ?? 0, dimensions: [], from: &reader)
    }

    private static func matrix(
        _ kind: TypeRegistry.Kind, from reader: inout BinaryReader
    ) throws(CodecError) -> Value {
        let dimensions = try reader.array(Int32.self)
        guard let count = Variant.count(of: dimensions) else {
            throw reader.malformed("dimensions \(dimensions)")
        }
        guard !dimensions.isEmpty else { return try elements(kind, count: 0, dimensions: [0], from: &reader) }
        guard count <= reader.limits.arrayLength else {
            throw reader.limit("array length", count, reader.limits.arrayLength)
        }
        guard count * smallestByteCount(kind) <= reader.left else {
            throw reader.malformed("\(count) elements in \(reader.left) bytes")
        }
        return try elements(kind, count: count, dimensions: dimensions, from: &reader)
    }

    private static func elements(
        _ kind: TypeRegistry.Kind, count: Int, dimensions: [Int32], from reader: inout BinaryReader
    ) throws(CodecError) -> Value {
        switch kind {
        case .builtIn(let type): return try builtIn(type, count: count, dimensions: dimensions, from: &reader)
        case .enumeration: return try builtIn(.int32, count: count, dimensions: dimensions, from: &reader)
        case .structure, .schema: break
        }
        try reader.charge(count, of: StructureValue.self)
        var structures: [StructureValue] = []
        structures.reserveCapacity(count)
        for _ in 0..<count {
            guard case .structure(let structure) = try scalar(kind, from: &reader) else { break }
            structures.append(structure)
        }
        return .structures(structures, dimensions: dimensions)
    }

    private static func builtIn(
        _ type: BuiltInType, count: Int, dimensions: [Int32], from reader: inout BinaryReader
    ) throws(CodecError) -> Value {
        let elements = try Variant.Elements(type, count: count, from: &reader)
        return .builtIn(dimensions.isEmpty ? .array(elements) : .matrix(elements, dimensions: dimensions))
    }

    /// A structure may take no byte at all; its charge bounds it.
    private static func smallestByteCount(_ kind: TypeRegistry.Kind) -> Int {
        switch kind {
        case .builtIn(let type): type.smallestByteCount
        case .enumeration: 4
        case .structure(let type): type.smallestByteCount
        case .schema: 0
        }
    }
}
