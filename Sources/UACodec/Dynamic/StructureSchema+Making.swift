extension StructureSchema {
    /// Why values do not make a structure of this type; the words name the field and what is right.
    public struct Mismatch: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// A structure with these values by the names of their fields, in the order of the definition.
    ///
    /// Whether a value has the type of its field is the caller's to see to: the schema knows only the type's name.
    ///
    /// - Throws: ``Mismatch`` for a name that the type does not have, for a field that must be there and is not, and for
    ///   a union with more than one.
    public func structure(_ values: [String: DynamicStructure.Value]) throws(Mismatch) -> DynamicStructure {
        let names = definition.fields.map { $0.name ?? "" }
        if let unknown = values.keys.sorted().first(where: { !names.contains($0) }) {
            throw Mismatch(description: "\(name) has no field \(unknown); it has \(names.joined(separator: ", "))")
        }
        return isUnion ? try union(values, names) : try sequence(values)
    }

    private func sequence(_ values: [String: DynamicStructure.Value]) throws(Mismatch) -> DynamicStructure {
        var fields: [DynamicStructure.Field] = []
        for field in definition.fields {
            let fieldName = field.name ?? ""
            let isOptional = hasOptionalFields && field.isOptional
            guard values[fieldName] != nil || isOptional else {
                throw Mismatch(description: "\(name) needs a value for \(fieldName)")
            }
            fields.append(.init(fieldName, values[fieldName], isOptional: isOptional))
        }
        return DynamicStructure(
            typeId: encodingId, name: name, layout: hasOptionalFields ? .optionalFields : .plain, fields: fields)
    }

    private func union(
        _ values: [String: DynamicStructure.Value], _ names: [String]
    ) throws(Mismatch) -> DynamicStructure {
        guard values.count <= 1 else {
            throw Mismatch(description: "\(name) is a union and takes one of \(names.joined(separator: ", "))")
        }
        var selected: UInt32 = 0
        var fields: [DynamicStructure.Field] = []
        for (index, fieldName) in names.enumerated() {
            guard let value = values[fieldName], fields.isEmpty else { continue }
            selected = UInt32(index) + 1
            fields = [.init(fieldName, value)]
        }
        return DynamicStructure(typeId: encodingId, name: name, layout: .union(selected: selected), fields: fields)
    }
}
