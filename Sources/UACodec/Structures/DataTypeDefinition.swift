// Made by scripts/opcua/generate; change it or its table, not this file.

/// StructureType: Part 3, 8. A number that has no name here is kept.
public struct StructureType: Enumeration {
    public static let dataTypeId: UInt32 = 98
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let structure = StructureType(rawValue: 0)
    public static let structureWithOptionalFields = StructureType(rawValue: 1)
    public static let union = StructureType(rawValue: 2)
    public static let structureWithSubtypedValues = StructureType(rawValue: 3)
    public static let unionWithSubtypedValues = StructureType(rawValue: 4)
}

/// StructureField: Part 3, 8.
public struct StructureField: Structure {
    public static let dataTypeId: UInt32 = 101
    public static let binaryEncodingId: UInt32 = 14844
    public static let smallestByteCount = 20

    public var name: String?
    public var description: LocalizedText
    public var dataType: NodeId
    public var valueRank: Int32
    public var arrayDimensions: [UInt32]
    public var maxStringLength: UInt32
    public var isOptional: Bool

    public init(
        name: String? = nil, description: LocalizedText = .null, dataType: NodeId = .null, valueRank: Int32 = 0,
        arrayDimensions: [UInt32] = [], maxStringLength: UInt32 = 0, isOptional: Bool = false
    ) {
        self.name = name
        self.description = description
        self.dataType = dataType
        self.valueRank = valueRank
        self.arrayDimensions = arrayDimensions
        self.maxStringLength = maxStringLength
        self.isOptional = isOptional
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        name = try reader.read()
        description = try reader.read()
        dataType = try reader.read()
        valueRank = try reader.read()
        arrayDimensions = try reader.read()
        maxStringLength = try reader.read()
        isOptional = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(name)
        writer.write(description)
        writer.write(dataType)
        writer.write(valueRank)
        writer.write(arrayDimensions)
        writer.write(maxStringLength)
        writer.write(isOptional)
    }
}

/// StructureDefinition: Part 3, 8.
public struct StructureDefinition: Structure {
    public static let dataTypeId: UInt32 = 99
    public static let binaryEncodingId: UInt32 = 122
    public static let smallestByteCount = 12

    public var defaultEncodingId: NodeId
    public var baseDataType: NodeId
    public var structureType: StructureType
    public var fields: [StructureField]

    public init(
        defaultEncodingId: NodeId = .null, baseDataType: NodeId = .null,
        structureType: StructureType = StructureType(rawValue: 0), fields: [StructureField] = []
    ) {
        self.defaultEncodingId = defaultEncodingId
        self.baseDataType = baseDataType
        self.structureType = structureType
        self.fields = fields
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        defaultEncodingId = try reader.read()
        baseDataType = try reader.read()
        structureType = try reader.read()
        fields = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(defaultEncodingId)
        writer.write(baseDataType)
        writer.write(structureType)
        writer.write(fields)
    }
}

/// EnumField: Part 3, 8.
public struct EnumField: Structure {
    public static let dataTypeId: UInt32 = 102
    public static let binaryEncodingId: UInt32 = 14845
    public static let smallestByteCount = 14

    public var value: Int64
    public var displayName: LocalizedText
    public var description: LocalizedText
    public var name: String?

    public init(
        value: Int64 = 0, displayName: LocalizedText = .null, description: LocalizedText = .null, name: String? = nil
    ) {
        self.value = value
        self.displayName = displayName
        self.description = description
        self.name = name
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        value = try reader.read()
        displayName = try reader.read()
        description = try reader.read()
        name = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(value)
        writer.write(displayName)
        writer.write(description)
        writer.write(name)
    }
}

/// EnumDefinition: Part 3, 8.
public struct EnumDefinition: Structure {
    public static let dataTypeId: UInt32 = 100
    public static let binaryEncodingId: UInt32 = 123
    public static let smallestByteCount = 4

    public var fields: [EnumField]

    public init(fields: [EnumField] = []) {
        self.fields = fields
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        fields = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(fields)
    }
}

/// EnumValueType: Part 3, 8.
public struct EnumValueType: Structure {
    public static let dataTypeId: UInt32 = 7594
    public static let binaryEncodingId: UInt32 = 8251
    public static let smallestByteCount = 10

    public var value: Int64
    public var displayName: LocalizedText
    public var description: LocalizedText

    public init(value: Int64 = 0, displayName: LocalizedText = .null, description: LocalizedText = .null) {
        self.value = value
        self.displayName = displayName
        self.description = description
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        value = try reader.read()
        displayName = try reader.read()
        description = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(value)
        writer.write(displayName)
        writer.write(description)
    }
}
