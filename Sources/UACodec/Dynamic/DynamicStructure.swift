/// A structure whose type the program learned from its server.
///
/// Its values say all that is needed to write it again, so it outlives the connection whose types read it.
public struct DynamicStructure: Hashable, Sendable {
    public enum Layout: Hashable, Sendable {
        case plain
        /// A mask says which of the optional fields are there.
        case optionalFields
        /// One of the fields, by its number from 1; 0 is none.
        case union(selected: UInt32)
    }

    public struct Field: Hashable, Sendable {
        public var name: String
        /// Nil where an optional field is missing.
        public var value: Value?
        public var isOptional: Bool

        public init(_ name: String, _ value: Value?, isOptional: Bool = false) {
            self.name = name
            self.value = value
            self.isOptional = isOptional
        }
    }

    public enum Value: Hashable, Sendable {
        /// A built-in type, an array or a matrix. A field of type BaseDataType is a Variant within the Variant.
        case builtIn(Variant)
        case structure(StructureValue)
        /// An array; with dimensions a matrix, row after row.
        case structures([StructureValue], dimensions: [Int32])
    }

    /// The id of the encoding.
    public var typeId: NodeId
    public var name: String
    public var layout: Layout
    /// In the order of the definition; of a union only the field that is there.
    public var fields: [Field]

    public init(typeId: NodeId, name: String, layout: Layout = .plain, fields: [Field]) {
        self.typeId = typeId
        self.name = name
        self.layout = layout
        self.fields = fields
    }

    /// The value of a field; nil where it is missing.
    public subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }
}

extension DynamicStructure: BinaryEncodable {
    public func encode(to writer: inout BinaryWriter) {
        switch layout {
        case .plain: break
        case .optionalFields:
            var mask: UInt32 = 0
            for (bit, field) in fields.filter(\.isOptional).enumerated() where field.value != nil {
                guard bit < 32 else { return writer.fail(.unwritable("over 32 optional fields")) }
                mask |= 1 << UInt32(bit)
            }
            writer.integer(mask)
        case .union(let selected): writer.integer(selected)
        }
        writer.nested { writer in
            for field in fields {
                if let value = field.value {
                    value.encode(to: &writer)
                } else if !field.isOptional {
                    writer.fail(.unwritable("the field \(field.name) of \(name) is missing"))
                }
            }
        }
    }
}

extension DynamicStructure.Value: BinaryEncodable {
    /// As a field: without the type, arrays after their length, matrices after their dimensions (Part 6, 5.2.5).
    public func encode(to writer: inout BinaryWriter) {
        switch self {
        case .builtIn(.null): writer.fail(.unwritable("a field without a type"))
        case .builtIn(.scalar(let scalar)): scalar.encodeContent(to: &writer)
        case .builtIn(.array(let elements)):
            writer.length(elements.count)
            elements.encodeContent(to: &writer)
        case .builtIn(.matrix(let elements, let dimensions)):
            guard Variant.count(of: dimensions) == elements.count else {
                return writer.fail(.unwritable("dimensions \(dimensions) for \(elements.count) elements"))
            }
            writer.array(dimensions)
            elements.encodeContent(to: &writer)
        case .structure(let structure): structure.encode(to: &writer)
        case .structures(let structures, let dimensions):
            guard !dimensions.isEmpty else { return writer.array(structures) }
            guard Variant.count(of: dimensions) == structures.count else {
                return writer.fail(.unwritable("dimensions \(dimensions) for \(structures.count) structures"))
            }
            writer.array(dimensions)
            writer.elements(structures)
        }
    }
}
