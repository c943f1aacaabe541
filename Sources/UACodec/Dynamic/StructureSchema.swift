/// A structure as a server describes it in the attribute DataTypeDefinition (Part 3, 8.48).
public struct StructureSchema: Hashable, Sendable {
    /// The node of the data type.
    public var dataType: NodeId
    public var name: String
    public var definition: StructureDefinition

    public init(dataType: NodeId, name: String, definition: StructureDefinition) {
        self.dataType = dataType
        self.name = name
        self.definition = definition
    }

    /// What stands before the structure in an ExtensionObject.
    public var encodingId: NodeId { definition.defaultEncodingId }

    var isUnion: Bool { [.union, .unionWithSubtypedValues].contains(definition.structureType) }

    var hasOptionalFields: Bool { definition.structureType == .structureWithOptionalFields }

    /// With subtyped values, the flag of a field says that it may be of a subtype, not that it may be missing.
    var hasSubtypedValues: Bool {
        [.structureWithSubtypedValues, .unionWithSubtypedValues].contains(definition.structureType)
    }
}
