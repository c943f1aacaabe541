import AndonModel
import Foundation
import UACodec
import UAModels

extension OPCUAValue {
    /// A value as plain JSON. What stands in a field of any type says its type, so that it can be written again.
    func json(_ variant: Variant?) -> JSON {
        switch variant {
        case nil, .null?: .null
        case .scalar(let scalar)?: json(scalar)
        case .array(let elements)?, .matrix(let elements, _)?: json(elements)
        }
    }

    private func json(_ elements: Variant.Elements) -> JSON {
        .array((0..<elements.count).map { json(elements[$0]) })
    }

    private func json(_ scalar: Variant.Scalar) -> JSON {
        switch scalar {
        case .boolean(let value): return .bool(value)
        case .float(let value): return value.isFinite ? .number(Double("\(value)") ?? Double(value)) : .null
        case .double(let value): return value.isFinite ? .number(value) : .null
        case .int64(let value): return Self.integer(value)
        case .uint64(let value): return Int64(exactly: value).map(Self.integer) ?? .string("\(value)")
        case .string(let text): return text.map { .string($0) } ?? .null
        case .dateTime(let time): return Self.time(time)
        case .guid(let guid): return .string("\(guid)")
        case .byteString(let bytes):
            return bytes.map { ["base64": .string(Data($0.bytes).base64EncodedString())] } ?? .null
        case .xmlElement(let element): return element.map { .string($0.text) } ?? .null
        case .nodeId(let id): return .string(text(id))
        case .expandedNodeId(let id): return .string(id.namespaceUri == nil ? text(id.nodeId) : "\(id)")
        case .statusCode(let code): return .string(code.name)
        case .qualifiedName(let name):
            let uri = Int(name.namespace) < namespaces.count ? namespaces[Int(name.namespace)] : nil
            guard name.namespace != 0, let uri else { return name.name.map { .string($0) } ?? .null }
            return ["name": .string(name.name ?? ""), "namespace": .string(uri)]
        case .localizedText(let text):
            guard let locale = text.locale, !locale.isEmpty else { return text.text.map { .string($0) } ?? .null }
            return .object(present: ["text": text.text.map { .string($0) }, "locale": .string(locale)])
        case .extensionObject(let object): return json(object)
        case .dataValue(let value): return json(value.value)
        case .variant(let variant): return self.typed(variant)
        default: return Variant.scalar(scalar).integer.map(Self.integer) ?? .null
        }
    }

    private static func integer(_ value: Int64) -> JSON {
        abs(value) <= 1 << 53 ? .integer(value) : .string("\(value)")
    }

    private static func time(_ time: DateTime) -> JSON {
        time.unixMicroseconds.map { .time(Timestamp(microseconds: $0)) } ?? .null
    }

    private func text(_ id: NodeId) -> String {
        guard id.namespace > 0, Int(id.namespace) < namespaces.count else { return "\(id)" }
        return "\(ExpandedNodeId(NodeId(namespace: 0, id.identifier), namespaceUri: namespaces[Int(id.namespace)]))"
    }

    /// With its type, since the place takes any.
    private func typed(_ variant: Variant) -> JSON {
        guard let type = variant.type else { return .null }
        guard type != .extensionObject else {
            guard case .scalar(.extensionObject(let object)) = variant, let dynamic = object.dynamic,
                let dataType = modelType(encodedAs: dynamic.typeId)
            else { return json(variant) }
            return ["type": .string(text(dataType)), "value": json(variant)]
        }
        return ["type": .string(type.name), "value": json(variant)]
    }

    /// The data type of a structure that a model has.
    private func modelType(encodedAs id: NodeId) -> NodeId? {
        guard Int(id.namespace) < namespaces.count, case .numeric(let number) = id.identifier else { return nil }
        let model = Model.all.first { $0.uri == namespaces[Int(id.namespace)] }
        let found = model?.structures.first { $0.value.encoding == number }
        return found.map { NodeId($0.key, namespace: id.namespace) }
    }

    // MARK: Structures

    private func json(_ object: ExtensionObject) -> JSON {
        switch object.body {
        case .none: .null
        case .xml(let element): .string(element.text)
        case .binary(let bytes):
            ["encoding": .string(text(object.typeId)), "base64": .string(Data(bytes.bytes).base64EncodedString())]
        case .structure(let structure): json(structure)
        }
    }

    private func json(_ structure: StructureValue) -> JSON {
        switch structure {
        case .dynamic(let dynamic):
            return .object(
                Dictionary(
                    dynamic.fields.compactMap { field in field.value.map { (field.name, json($0)) } },
                    uniquingKeysWith: { first, _ in first }))
        case .known(let known):
            guard let schema = Self.standardSchema(type(of: known)), let bytes = try? known.binary(),
                var reader = try? BinaryReader(bytes, types: Self.modelTypes),
                let dynamic = try? DynamicStructure(schema, from: &reader)
            else { return .null }
            return json(.dynamic(dynamic))
        }
    }

    /// Namespace 0 with the structures of the model in place of the library's own.
    private static let modelTypes: TypeRegistry = {
        var types = TypeRegistry.builtIns
        Model.standard.add(to: &types, namespace: 0)
        return types
    }()

    private func json(_ value: DynamicStructure.Value) -> JSON {
        switch value {
        case .builtIn(let variant): json(variant)
        case .structure(let structure): json(structure)
        case .structures(let structures, _): .array(structures.map { json($0) })
        }
    }
}
