import AndonModel
import UACodec
import UAModels

/// Converts between JSON and the types that a server declares.
struct OPCUAValue: Sendable {
    /// The server's types and the models that this program knows, with the indices of this session.
    var types: TypeRegistry
    var namespaces: [String]
    /// Bytes of one ByteString that the server takes; 0 where it names no limit.
    var byteStringMax = 0

    /// Why a value does not fit; the words name the place.
    struct Mismatch: Error, Hashable, Sendable {
        var words: String
        var isTooLarge = false
    }

    /// - Parameters:
    ///   - rank: the ValueRank (Part 3, 8.6): −1 single, 1 an array, −2 any, −3 single or array, 0 any array.
    ///   - name: of the argument or the node, for the words.
    func variant(
        _ json: JSON, _ dataType: NodeId, rank: Int32, named name: String
    ) throws(Mismatch) -> Variant {
        guard let kind = types.kind(of: dataType) else {
            throw Mismatch(words: "\(name) is of the type \(dataType), which the server does not describe")
        }
        if json == .null { return rank == -1 ? Self.nothing(kind.builtIn).map { .scalar($0) } ?? .null : .null }
        switch (json, rank) {
        case (.array(let elements), 0), (.array(let elements), 1), (.array(let elements), -2),
            (.array(let elements), -3):
            return .array(try array(elements, kind, name))
        case (.array, _): throw Mismatch(words: "\(name) takes one value and was given a list")
        case (_, 1), (_, 0): return .array(try array([json], kind, name))
        case (_, 2...): throw Mismatch(words: "\(name) is a matrix of \(rank) dimensions, which cannot be written here")
        default: return try single(json, kind, name)
        }
    }

    private func single(_ json: JSON, _ kind: TypeRegistry.Kind, _ name: String) throws(Mismatch) -> Variant {
        switch kind {
        case .builtIn(.variant): return try anything(json, name)
        default: return .scalar(try scalar(json, kind, name))
        }
    }

    func array(_ elements: [JSON], _ kind: TypeRegistry.Kind, _ name: String) throws(Mismatch) -> Variant.Elements {
        var scalars: [Variant.Scalar] = []
        for (place, element) in elements.enumerated() {
            let each = "\(name)[\(place)]"
            if case .builtIn(.variant) = kind {
                scalars.append(.variant(try anything(element, each)))
            } else {
                scalars.append(try scalar(element, kind, each))
            }
        }
        guard let all = Variant.Elements(scalars, of: kind.builtIn) else {
            throw Mismatch(words: "\(name) holds values of several types")
        }
        return all
    }

    func scalar(_ json: JSON, _ kind: TypeRegistry.Kind, _ name: String) throws(Mismatch) -> Variant.Scalar {
        switch kind {
        case .builtIn(let type): return try builtIn(json, type, name)
        case .enumeration: return try builtIn(json, .int32, name)
        case .structure(let type):
            guard let schema = Self.standardSchema(type) else {
                throw Mismatch(words: "\(name) is a \(type), which cannot be written here")
            }
            return .extensionObject(ExtensionObject(try structure(json, schema, name)))
        case .schema(let schema): return .extensionObject(ExtensionObject(try structure(json, schema, name)))
        }
    }

    static func standardSchema(_ type: any Structure.Type) -> StructureSchema? {
        guard type.namespaceUri == Model.standard.uri else { return nil }
        return Model.standard.schema(of: type.dataTypeId, namespace: 0)
    }

    // MARK: Structures

    func structure(
        _ json: JSON, _ schema: StructureSchema, _ name: String
    ) throws(Mismatch) -> DynamicStructure {
        guard let members = json.object else {
            throw Mismatch(words: "\(name) is a \(schema.name), and was given \(json.kindName)")
        }
        var values: [String: DynamicStructure.Value] = [:]
        for field in schema.definition.fields {
            let fieldName = field.name ?? ""
            guard let value = members[fieldName] ?? Self.empty(field, schema) else { continue }
            values[fieldName] = try self.field(value, field, schema, "\(name).\(fieldName)")
        }
        for unknown in members.keys.sorted() where !schema.definition.fields.contains(where: { $0.name == unknown }) {
            values[unknown] = .builtIn(.null)
        }
        do throws(StructureSchema.Mismatch) { return try schema.structure(values) } catch {
            throw Mismatch(words: "\(name): \(error)")
        }
    }

    /// What a field that must be there holds when nothing was said of it: an empty list.
    private static func empty(_ field: StructureField, _ schema: StructureSchema) -> JSON? {
        let mayBeMissing = schema.definition.structureType == .structureWithOptionalFields && field.isOptional
        return field.valueRank == 1 && !mayBeMissing ? .array([]) : nil
    }

    private func field(
        _ json: JSON, _ field: StructureField, _ schema: StructureSchema, _ name: String
    ) throws(Mismatch) -> DynamicStructure.Value {
        guard let kind = types.kind(of: field.dataType) else {
            throw Mismatch(words: "\(name) is of the type \(field.dataType), which the server does not describe")
        }
        let mayBeSubtype =
            [.structureWithSubtypedValues, .unionWithSubtypedValues].contains(schema.definition.structureType)
            && field.isOptional
        let isStructure = kind.builtIn == .extensionObject
        switch field.valueRank {
        case 1:
            guard let elements = json.array else { throw Mismatch(words: "\(name) takes a list") }
            if isStructure, !mayBeSubtype { return .structures(try structures(elements, kind, name), dimensions: []) }
            return .builtIn(.array(try array(elements, kind, name)))
        case -1:
            if case .builtIn(.variant) = kind { return .builtIn(.scalar(.variant(try anything(json, name)))) }
            let value = try scalar(json, kind, name)
            guard isStructure, !mayBeSubtype, case .extensionObject(let object) = value,
                let dynamic = object.dynamic
            else { return .builtIn(.scalar(value)) }
            return .structure(.dynamic(dynamic))
        default: throw Mismatch(words: "\(name) has the rank \(field.valueRank), which cannot be written here")
        }
    }

    private func structures(
        _ elements: [JSON], _ kind: TypeRegistry.Kind, _ name: String
    ) throws(Mismatch) -> [StructureValue] {
        var all: [StructureValue] = []
        for (place, element) in elements.enumerated() {
            guard case .extensionObject(let object) = try scalar(element, kind, "\(name)[\(place)]"),
                let dynamic = object.dynamic
            else { continue }
            all.append(.dynamic(dynamic))
        }
        return all
    }
}
